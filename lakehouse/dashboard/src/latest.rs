//! The table at the end of a section: every group and every metric in the newest period.

use crate::html::Markup;
use crate::kpis::{Metric, Series};
use crate::number;
use crate::view::View;

/// Rows beyond this are counted and left out.
const ROWS: usize = 250;

/// The newest period of all groups.
pub(crate) fn table(view: &View<'_>) -> Markup {
    let mut html = Markup::default();
    let groups = view.ranking.names();
    html.raw("<div class=\"panel\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Latest period\">");
    html.raw("<table class=\"latest\"><caption>Latest period: ").text(view.newest_name()).raw("</caption>");
    html.raw("<thead><tr><th scope=\"col\">").name(if groups.is_empty() { "" } else { view.dimension() });
    for metric in &view.section.metrics {
        html.raw("<th scope=\"col\">").name(&metric.name);
    }
    html.raw("<tbody>");
    if view.section.metrics.iter().any(|metric| metric.total.is_some()) {
        row(&mut html, view, "All", |metric| metric.total.as_ref());
    }
    for group in groups.iter().take(ROWS) {
        row(&mut html, view, group, |metric| series_of(metric, group));
    }
    html.raw("</table></div>");
    if groups.len() > ROWS {
        html.raw("<p class=\"note\">")
            .text(groups.len() - ROWS)
            .raw(" smaller ones are in the table itself.</p>");
    }
    html.raw("</div>");
    html
}

fn row<'a>(
    html: &mut Markup,
    view: &View<'a>,
    name: &str,
    series: impl Fn(&'a Metric) -> Option<&'a Series>,
) {
    html.raw("<tr><th scope=\"row\">").name(name);
    for metric in &view.section.metrics {
        let value = series(metric).and_then(|series| series.values.get(view.newest()).copied().flatten());
        html.raw("<td>").text(value.map_or_else(|| "–".to_owned(), number::full));
    }
}

/// The groups of a metric are in the order of their names, as the table was read.
fn series_of<'a>(metric: &'a Metric, name: &str) -> Option<&'a Series> {
    metric.groups.iter().find(|group| group.name == name)
}
