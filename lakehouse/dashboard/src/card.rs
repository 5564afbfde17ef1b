//! Headline cards: where each metric stands now.

use crate::chart::spark;
use crate::html::Markup;
use crate::kpis::{Metric, Series};
use crate::number;
use crate::view::View;

/// The cards of a section.
pub(crate) fn cards(view: &View<'_>) -> Markup {
    let mut html = Markup::default();
    html.raw("<div class=\"cards\">");
    for metric in &view.section.metrics {
        if let Some(series) = headline(view, metric) {
            card(&mut html, view, metric, series);
        }
    }
    html.raw("</div>");
    html
}

/// The total, or the largest group where a table has no totals.
fn headline<'a>(view: &View<'_>, metric: &'a Metric) -> Option<&'a Series> {
    let largest = || metric.groups.iter().find(|group| Some(group.name.as_str()) == view.ranking.first());
    metric.total.as_ref().or_else(largest).or_else(|| metric.groups.first())
}

fn card(html: &mut Markup, view: &View<'_>, metric: &Metric, series: &Series) {
    html.raw("<article class=\"card\"><h3>").name(&metric.name).raw("</h3>");
    if metric.total.is_none() {
        html.raw("<p class=\"of\">")
            .name(&series.name)
            .raw(", the largest ")
            .text(view.dimension())
            .raw("</p>");
    }
    match series.values.get(view.newest()).copied().flatten() {
        Some(value) => {
            html.raw("<p class=\"big\"")
                .attr("title", number::full(value))
                .raw(">")
                .text(number::human(value));
            html.raw("</p><p class=\"change\">").append(&change(view, series, value)).raw("</p>");
        }
        None => {
            html.raw("<p class=\"big none\">no value</p><p class=\"change\">")
                .append(&last_known(view, series))
                .raw("</p>");
        }
    }
    html.append(&spark::draw(&view.section.axis, &series.values));
    html.raw("<p class=\"when\">").text(view.newest_name()).raw("</p></article>");
}

/// The change against the period before; the arrow has no colour of judgement, as more is not always better.
fn change(view: &View<'_>, series: &Series, value: f64) -> Markup {
    let mut html = Markup::default();
    let Some(at) = view.newest().checked_sub(1) else {
        html.raw("the first period");
        return html;
    };
    match series.values.get(at).copied().flatten() {
        Some(before) => {
            let arrow = if value > before {
                "▲ "
            } else if value < before {
                "▼ "
            } else {
                ""
            };
            html.raw("<b><span aria-hidden=\"true\">")
                .raw(arrow)
                .raw("</span>")
                .text(number::change(before, value));
            html.raw("</b> from ").text(number::human(before)).raw(" (").text(view.period(at)).raw(")");
        }
        None => {
            html.raw("no value for ").text(view.period(at));
        }
    }
    html
}

fn last_known(view: &View<'_>, series: &Series) -> Markup {
    let mut html = Markup::default();
    match series.last() {
        Some((at, value)) => {
            html.raw("last ").text(number::human(value)).raw(" (").text(view.period(at)).raw(")");
        }
        None => {
            html.raw("none in any period");
        }
    }
    html
}
