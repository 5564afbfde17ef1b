//! One plot with everything that makes it readable without eyes, without colours and without a script: a title, a
//! summary in words, a legend with values, and the numbers as a table.

use crate::chart::bar::{self, Bar};
use crate::chart::line::{self, Band, Line, Plot};
use crate::html::Markup;
use crate::kpis::{Metric, Series};
use crate::number;
use crate::ranking::{Rest, SHOWN};
use crate::view::View;

/// The classes of the palette; the total has the accent.
const COLOURS: [&str; SHOWN] = ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"];
const ACCENT: &str = "s0";
const OTHER: &str = "so";

/// Rows of a plot's table. A mail must stay small; the Delta table itself has them all.
const ROWS: usize = 100;

/// The figures of a metric: over everything, and by group.
pub(crate) fn figures(view: &View<'_>, metric: &Metric, id: &str) -> Markup {
    let mut html = Markup::default();
    // A single total is on its card already; one bar beside its own parts would only take their room.
    let needs_total = view.periods.len() > 1 || metric.groups.is_empty();
    let total = metric.total.iter().filter(|_| needs_total);
    let total: Vec<Entry<'_>> = total.map(|series| Entry::one(ACCENT, series)).collect();
    let (lines, rest) = view.ranking.split(metric);
    let rest = Rest::of(metric, &rest);
    let mut groups: Vec<Entry<'_>> =
        lines.into_iter().map(|(slot, series)| Entry::one(COLOURS[slot], series)).collect();
    groups.extend(rest.as_ref().map(Entry::rest));
    let paired = if total.is_empty() || groups.is_empty() { "metric" } else { "metric paired" };
    html.raw("<div").attr("class", paired).raw(">");
    for (entries, by_group) in
        [(total, false), (groups, true)].into_iter().filter(|(entries, _)| !entries.is_empty())
    {
        let id = format!("{id}{}", if by_group { "g" } else { "t" });
        html.append(&Figure { view, metric, entries, by_group, id }.html());
    }
    html.raw("</div>");
    html
}

/// A line of the plot, a row of the legend, a column of the table.
#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    class: &'static str,
    name: &'a str,
    low: &'a [Option<f64>],
    /// The upper end, for a range.
    high: Option<&'a [Option<f64>]>,
}

impl<'a> Entry<'a> {
    fn one(class: &'static str, series: &'a Series) -> Self {
        Self { class, name: &series.name, low: &series.values, high: None }
    }

    fn rest(rest: &'a Rest) -> Self {
        match rest {
            Rest::Sum(series) => Self::one(OTHER, series),
            Rest::Range { name, low, high } => Self { class: "band", name, low, high: Some(high) },
        }
    }

    fn value(&self, at: usize) -> Option<f64> {
        self.low.get(at).copied().flatten()
    }

    /// The value at `at` as `write` puts it; nothing where there is none.
    fn text(&self, at: usize, write: fn(f64) -> String) -> Option<String> {
        let low = self.value(at)?;
        let high = self.high.and_then(|high| high.get(at).copied().flatten());
        Some(high.map_or_else(|| write(low), |high| format!("{} to {}", write(low), write(high))))
    }
}

struct Figure<'a> {
    view: &'a View<'a>,
    metric: &'a Metric,
    entries: Vec<Entry<'a>>,
    by_group: bool,
    id: String,
}

impl Figure<'_> {
    fn html(&self) -> Markup {
        let mut html = Markup::default();
        html.raw("<figure").attr("data-axis", self.view.number).raw("><h3").attr("id", &self.id).raw(">");
        html.append(&self.title()).raw("</h3><p class=\"summary\"").attr("id", self.summary_id()).raw(">");
        html.append(&self.summary()).raw("</p>");
        if self.has_values() {
            html.append(&self.plot()).append(&self.table());
        }
        html.raw("</figure>");
        html
    }

    fn has_values(&self) -> bool {
        self.entries.iter().any(|entry| entry.low.iter().any(Option::is_some))
    }

    fn summary_id(&self) -> String {
        format!("{}s", self.id)
    }

    fn title(&self) -> Markup {
        let mut html = Markup::default();
        html.name(&self.metric.name);
        self.view.per(&mut html);
        if self.by_group {
            html.raw(" by ").name(self.view.dimension());
        }
        html
    }

    fn summary(&self) -> Markup {
        match (self.has_values(), self.by_group, self.entries.first()) {
            (true, true, _) => self.summary_of_groups(),
            (true, false, Some(entry)) => self.summary_of_total(entry),
            _ => {
                let mut html = Markup::default();
                html.raw("No values in any period.");
                html
            }
        }
    }

    fn summary_of_total(&self, entry: &Entry<'_>) -> Markup {
        let mut html = Markup::default();
        let present = || entry.low.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?)));
        let low = present().min_by(|a, b| a.1.total_cmp(&b.1));
        let high = present().max_by(|a, b| a.1.total_cmp(&b.1));
        if let (Some((low_at, low)), Some((high_at, high))) = (low, high) {
            if low == high {
                html.text(number::full(high)).raw(" throughout");
            } else {
                self.extreme(&mut html, "Highest ", high_at, high);
                self.extreme(&mut html, ", lowest ", low_at, low);
            }
        }
        let missing = entry.low.len() - present().count();
        if missing > 0 {
            html.raw(". No value in ").text(missing).raw(" of ").text(entry.low.len()).raw(" periods");
        }
        html.raw(".");
        html
    }

    fn extreme(&self, html: &mut Markup, word: &'static str, at: usize, value: f64) {
        html.raw(word).text(number::full(value)).raw(" (").text(self.view.period(at)).raw(")");
    }

    fn summary_of_groups(&self) -> Markup {
        let newest = self.view.newest();
        let mut html = Markup::default();
        let count = self.metric.groups.len();
        html.text(count).raw(if count == 1 { " value of " } else { " values of " });
        html.name(self.view.dimension());
        html.raw(". ").text(capitalised(&self.view.newest_name())).raw(": ");
        let leading: Vec<_> =
            self.by_latest().into_iter().filter(|entry| COLOURS.contains(&entry.class)).take(3).collect();
        for (at, entry) in leading.iter().enumerate() {
            html.raw(if at > 0 { ", " } else { "" }).name(entry.name).raw(" ");
            html.text(entry.text(newest, number::human).unwrap_or_else(|| "no value".to_owned()));
        }
        html.raw(".");
        html
    }

    /// The legend stands in the order of the lines' ends, so that a reader finds a line by its height as well.
    fn by_latest(&self) -> Vec<Entry<'_>> {
        let newest = self.view.newest();
        let mut entries = self.entries.clone();
        let is_rest = |entry: &Entry<'_>| !COLOURS.contains(&entry.class);
        entries.sort_by(|a, b| {
            let value = |entry: &Entry<'_>| entry.value(newest).unwrap_or(f64::NEG_INFINITY);
            is_rest(a).cmp(&is_rest(b)).then(value(b).total_cmp(&value(a)))
        });
        entries
    }

    fn plot(&self) -> Markup {
        if self.view.periods.len() < 2 {
            return self.bars();
        }
        let band = self.entries.iter().find_map(|entry| Some(Band { low: entry.low, high: entry.high? }));
        let lines = self.entries.iter().filter(|entry| entry.high.is_none());
        let lines = lines.map(|entry| Line { class: entry.class, values: entry.low }).collect();
        let summary = self.summary_id();
        let axis = &self.view.section.axis;
        let plot = Plot { axis, lines, band, described_by: (&self.id, &summary) };
        let mut html = Markup::default();
        html.raw("<div class=\"frame\">").append(&line::draw(&plot)).append(&self.legend()).raw("</div>");
        html
    }

    fn bars(&self) -> Markup {
        let entries = self.by_latest();
        let single = entries.iter().filter(|entry| entry.high.is_none());
        let bars: Vec<_> =
            single.map(|entry| Bar { class: entry.class, name: entry.name, value: entry.value(0) }).collect();
        let mut html = bar::draw(&bars);
        for entry in entries.iter().filter(|entry| entry.high.is_some()) {
            html.raw("<p class=\"note\">").text(capitalised(entry.name)).raw(": ");
            html.text(entry.text(0, number::human).unwrap_or_else(|| "no value".to_owned())).raw("</p>");
        }
        html
    }

    fn legend(&self) -> Markup {
        let mut html = Markup::default();
        html.raw(if self.by_group { "<ul class=\"legend\">" } else { "<ul class=\"legend\" hidden>" });
        for entry in self.by_latest() {
            let values = self.view.hovered().map(|at| entry.text(at, number::human).unwrap_or_default());
            html.raw("<li").attr("class", entry.class).attr("data-v", values.collect::<Vec<_>>().join("|"));
            html.raw("><svg aria-hidden=\"true\" width=\"22\" height=\"10\"><path d=\"M1 5h20\"")
                .attr("class", entry.class);
            html.raw("/></svg><span class=\"name\"").attr("title", crate::html::shorten(entry.name)).raw(">");
            html.name(entry.name).raw("</span><span class=\"n\">");
            html.text(entry.text(self.view.newest(), number::human).unwrap_or_else(|| "–".to_owned()));
            html.raw("</span></li>");
        }
        html.raw("</ul>");
        html
    }

    /// The numbers, newest first. End tags of rows and cells are left out, as HTML allows: they would be a third of the page.
    fn table(&self) -> Markup {
        let mut html = Markup::default();
        let count = self.view.periods.len();
        html.raw("<details><summary>Numbers<span class=\"unseen\"> of ")
            .append(&self.title())
            .raw("</span></summary>");
        html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\"").attr("aria-labelledby", &self.id);
        html.raw("><table><thead><tr><th scope=\"col\">Period");
        for entry in &self.entries {
            html.raw("<th scope=\"col\">").name(entry.name);
        }
        html.raw("<tbody>");
        for at in (0..count).rev().take(ROWS) {
            html.raw("<tr><th scope=\"row\">").text(self.view.period(at));
            for entry in &self.entries {
                html.raw("<td>").text(entry.text(at, number::full).unwrap_or_else(|| "–".to_owned()));
            }
        }
        html.raw("</table></div>");
        if count > ROWS {
            html.raw("<p class=\"note\">The newest ").text(ROWS).raw(" of ").text(count).raw(" periods.</p>");
        }
        html.raw("</details>");
        html
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
