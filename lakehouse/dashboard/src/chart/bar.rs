//! One value per name: what a plot is when there is a single period.

use crate::chart::percent;
use crate::chart::scale::Scale;
use crate::html::Markup;
use crate::number;

/// One bar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bar<'a> {
    /// The class that gives it its colour.
    pub(crate) class: &'static str,
    pub(crate) name: &'a str,
    pub(crate) value: Option<f64>,
}

/// Bars below each other from a common zero, each with its name before it and its value behind it.
pub(crate) fn draw(bars: &[Bar<'_>]) -> Markup {
    // Zero belongs on the scale of bars always, or their lengths would lie.
    let scale = Scale::over(bars.iter().filter_map(|bar| bar.value).chain([0.0]));
    let mut html = Markup::default();
    html.raw("<div class=\"bars\">");
    for bar in bars {
        html.raw("<span class=\"name\"")
            .attr("title", crate::html::shorten(bar.name))
            .raw(">")
            .name(bar.name);
        html.raw("</span><svg aria-hidden=\"true\" width=\"100%\" height=\"18\">").append(&rect(bar, &scale));
        html.raw("</svg><span class=\"n\">")
            .text(bar.value.map_or("no value".to_owned(), number::human))
            .raw("</span>");
    }
    html.raw("</div>");
    html
}

fn rect(bar: &Bar<'_>, scale: &Scale) -> Markup {
    let mut svg = Markup::default();
    let zero = scale.share(0.0);
    if let Some(value) = bar.value {
        let end = scale.share(value);
        svg.raw("<rect y=\"2\" height=\"14\" rx=\"2\"").attr("class", bar.class);
        svg.attr("x", percent(zero.min(end))).attr("width", percent((end - zero).abs())).raw("/>");
    }
    let x = percent(zero);
    svg.raw("<line class=\"zero\" y2=\"18\"").attr("x1", &x).attr("x2", &x).raw("/>");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_start_at_zero_and_go_both_ways() {
        let bar = |value| Bar { class: "s1", name: "a", value };
        let html = draw(&[bar(Some(75.0)), bar(Some(-25.0)), bar(None)]);
        let html = html.as_str();
        assert!(html.contains("x=\"33.33%\" width=\"62.5%\""), "75 of -40 to 80: {html}");
        assert!(html.contains("x=\"12.5%\" width=\"20.83%\""), "25 the other way: {html}");
        assert_eq!(html.matches("<rect").count(), 2);
        assert!(html.contains("no value"));
    }
}
