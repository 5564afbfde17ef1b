//! The page: one file of HTML that asks nobody for anything.

use arrow::array::RecordBatch;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::html::Markup;
use crate::kpis::{Kpis, Skipped, read};
use crate::view::View;
use crate::{DashboardError, card, figure, latest};

const THEME: &str = include_str!("theme.css");
const SCRIPT: &str = include_str!("script.js");

/// Sections and metrics beyond this are counted and left out: nobody reads them, and a mail must stay small.
const MOST_METRICS: usize = 40;

/// What stands around the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The heading, also the title of the browser's tab.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// When the page was made. A newest period that has not ended by then is marked "so far".
    pub generated_at: DateTime<Utc>,
    /// The Delta tables behind the page, each with its version.
    pub sources: Vec<(String, u64)>,
    /// Metrics in the order in which to show them; those not named follow by name.
    pub metrics: Vec<String>,
}

/// Draws a KPI table as one page of HTML.
///
/// The batches have the columns `period TIMESTAMP`, `grain STRING`, `group_key STRING` (such as `carrier=AA`; NULL for
/// everything), `metric STRING` and `value DOUBLE`, in any order of rows; other columns are ignored. Of several rows for
/// the same period, group and metric the last one counts. The same input gives the same bytes.
///
/// # Errors
/// A column is missing or of another kind. Odd values are no error: the page says how many it left out.
pub fn render(page: &Page, kpis: &[RecordBatch]) -> Result<String, DashboardError> {
    let kpis = read(kpis, &page.metrics)?;
    let mut html = Markup::default();
    head(&mut html, page);
    header(&mut html, page, &kpis);
    html.raw("<main>");
    if kpis.sections.is_empty() {
        html.raw("<p class=\"empty\">The KPI table holds no rows yet.</p>");
    }
    for (number, section) in kpis.sections.iter().enumerate() {
        html.append(&body(&View::new(section, number, page.generated_at)));
    }
    html.raw("</main>");
    footer(&mut html, page, kpis.skipped);
    html.raw("<script>").raw(SCRIPT).raw("</script></body></html>\n");
    Ok(html.finish())
}

/// Nothing may be fetched, and only this very style and this very script count: even if a name found its way into the
/// markup, a browser would not run it.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        hash(THEME),
        hash(SCRIPT)
    )
}

fn head(html: &mut Markup, page: &Page) {
    html.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.raw("<meta http-equiv=\"Content-Security-Policy\"").attr("content", policy()).raw(">");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    html.raw(
        "<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" content=\"no-referrer\">",
    );
    html.raw("<link rel=\"icon\" href=\"data:,\"><title>").text(&page.title).raw("</title>");
    html.raw("<style>").raw(THEME).raw("</style></head><body>");
}

fn header(html: &mut Markup, page: &Page, kpis: &Kpis) {
    html.raw("<header><div><h1 dir=\"auto\">").text(&page.title).raw("</h1>");
    if !page.subtitle.is_empty() {
        html.raw("<p class=\"subtitle\" dir=\"auto\">").text(&page.subtitle).raw("</p>");
    }
    let periods = || kpis.sections.iter().flat_map(|section| section.axis.periods());
    if let (Some(first), Some(last)) = (periods().min(), periods().max()) {
        html.raw("<p class=\"span\">").append(&day(*first));
        if first.date_naive() != last.date_naive() {
            html.raw(" to ").append(&day(*last));
        }
        html.raw("</p>");
    }
    html.raw("</div><button type=\"button\" id=\"theme\" hidden>Dark</button></header>");
}

fn day(at: DateTime<Utc>) -> Markup {
    let mut html = Markup::default();
    html.raw("<time")
        .attr("datetime", at.format("%Y-%m-%d"))
        .raw(">")
        .text(at.format("%-d %b %Y"))
        .raw("</time>");
    html
}

fn body(view: &View<'_>) -> Markup {
    let mut html = Markup::default();
    html.raw("<section>");
    if !view.section.grain.is_empty() {
        html.raw("<h2>By ").name(&view.grain()).raw("</h2>");
    }
    html.append(&view.hover_axis()).append(&card::cards(view)).raw("<div class=\"metrics\">");
    for (at, metric) in view.section.metrics.iter().take(MOST_METRICS).enumerate() {
        html.append(&figure::figures(view, metric, &format!("f{}-{at}", view.number)));
    }
    html.raw("</div>");
    if view.section.metrics.len() > MOST_METRICS {
        let more = view.section.metrics.len() - MOST_METRICS;
        html.raw("<p class=\"note\">").text(more).raw(" more metrics are shown as numbers only.</p>");
    }
    html.append(&latest::table(view)).raw("</section>");
    html
}

fn footer(html: &mut Markup, page: &Page, skipped: Skipped) {
    html.raw("<footer>");
    for (count, what) in [
        (skipped.unplaced, " rows without a period or a metric were left out."),
        (skipped.not_finite, " values that are not finite numbers were left out."),
        (skipped.repeated, " rows were replaced by a later row for the same period, group and metric."),
    ] {
        if count > 0 {
            html.raw("<p class=\"skipped\">").text(count).raw(what).raw("</p>");
        }
    }
    html.raw("<p>Made ")
        .raw("<time")
        .attr("datetime", page.generated_at.format("%Y-%m-%dT%H:%M:%SZ"))
        .raw(">");
    html.text(page.generated_at.format("%-d %b %Y %H:%M:%S UTC")).raw("</time>");
    for (at, (name, version)) in page.sources.iter().enumerate() {
        html.raw(if at == 0 { " from " } else { ", " }).name(name).raw(" version ").text(version);
    }
    html.raw(". All times are UTC.</p></footer>");
}
