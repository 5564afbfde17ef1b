//! Values over time, a line per series.

use std::fmt::Write;
use std::ops::Range;

use crate::chart::axis::{self, TimeAxis};
use crate::chart::sample::{extremes, places};
use crate::chart::scale::Scale;
use crate::chart::{BOTTOM, HEIGHT, TOP, percent};
use crate::html::Markup;

/// The grid of the curves: finer than a screen's pixels, coarse enough for short numbers in paths.
const WIDE: f64 = 2_000.0;
const FINE: f64 = 5.0;

/// Points of all curves of a plot together; it bounds the page's size whatever the table's.
const POINTS: usize = 3_600;

/// Up to this many periods each value gets a dot.
const DOTTED: usize = 40;

/// One curve. A `None` is a gap.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    /// The class that gives it its colour.
    pub(crate) class: &'static str,
    pub(crate) values: &'a [Option<f64>],
}

/// The span between two curves, drawn behind the lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Band<'a> {
    pub(crate) low: &'a [Option<f64>],
    pub(crate) high: &'a [Option<f64>],
}

/// What a plot shows.
#[derive(Debug, Clone)]
pub(crate) struct Plot<'a> {
    pub(crate) axis: &'a TimeAxis,
    pub(crate) lines: Vec<Line<'a>>,
    pub(crate) band: Option<Band<'a>>,
    /// The ids of the elements that hold the plot's title and its summary in words.
    pub(crate) described_by: (&'a str, &'a str),
}

/// The value axis and the plot, as two drawings side by side.
pub(crate) fn draw(plot: &Plot<'_>) -> Markup {
    let scale = Scale::over(all_values(plot));
    let (title, summary) = plot.described_by;
    let mut svg = axis::values(&scale);
    svg.raw("<svg class=\"plot\" role=\"img\" width=\"100%\"").attr("height", HEIGHT);
    svg.attr("aria-labelledby", title).attr("aria-describedby", summary).raw(">");
    svg.append(&axis::grid(&scale)).append(&plot.axis.svg());
    svg.append(&stretched(TOP, BOTTOM - TOP, &curves(plot, &scale))).append(&last_values(plot, &scale));
    svg.raw("</svg>");
    svg
}

fn all_values<'a>(plot: &'a Plot<'_>) -> impl Iterator<Item = f64> + 'a {
    let lines = plot.lines.iter().flat_map(|line| line.values);
    let band = plot.band.iter().flat_map(|band| band.low.iter().chain(band.high));
    lines.chain(band).copied().flatten()
}

fn curves(plot: &Plot<'_>, scale: &Scale) -> Markup {
    let places = places(plot.axis, (POINTS / plot.lines.len().max(1)).min(800));
    let canvas = Canvas { axis: plot.axis, scale, height: BOTTOM - TOP };
    let mut svg = Markup::default();
    if let Some(band) = plot.band {
        path(&mut svg, "band", &canvas.band(band, &places));
    }
    if let ([only], true) = (plot.lines.as_slice(), scale.has_zero()) {
        path(&mut svg, "area", &canvas.area(only.values, &places));
    }
    // The first line is the most important one: it is drawn last, above the others.
    for line in plot.lines.iter().rev() {
        let (curve, dots) = canvas.curve(line.values, &places);
        path(&mut svg, line.class, &curve);
        if !dots.is_empty() {
            svg.raw("<path").attr("class", format_args!("{} dot", line.class)).attr("d", dots).raw("/>");
        }
    }
    svg
}

/// A round mark at the end of each line; it lies outside the stretched part and stays round.
fn last_values(plot: &Plot<'_>, scale: &Scale) -> Markup {
    let mut svg = Markup::default();
    let Some(last) = plot.axis.len().checked_sub(1) else {
        return svg;
    };
    for line in plot.lines.iter().rev() {
        if let Some(value) = line.values.get(last).copied().flatten() {
            svg.raw("<circle r=\"3.5\"").attr("class", line.class).attr("cx", percent(plot.axis.share(last)));
            svg.attr("cy", super::height_of(scale, value)).raw("/>");
        }
    }
    svg
}

fn path(svg: &mut Markup, class: &str, d: &str) {
    if !d.is_empty() {
        svg.raw("<path").attr("class", class).attr("d", d).raw("/>");
    }
}

/// A nested drawing of curves that takes whatever width there is.
pub(super) fn stretched(top: f64, height: f64, curves: &Markup) -> Markup {
    let mut svg = Markup::default();
    svg.raw("<svg class=\"curves\" preserveAspectRatio=\"none\" overflow=\"visible\" width=\"100%\"")
        .attr("y", top);
    svg.attr("height", height).attr("viewBox", format_args!("0 0 {WIDE} {}", height * FINE));
    svg.raw(">").append(curves).raw("</svg>");
    svg
}

/// Where values land on the grid of the curves.
pub(super) struct Canvas<'a> {
    pub(super) axis: &'a TimeAxis,
    pub(super) scale: &'a Scale,
    pub(super) height: f64,
}

type Spot = (i64, i64);

impl Canvas<'_> {
    fn spot(&self, at: usize, value: f64) -> Spot {
        let x = self.axis.share(at) * WIDE;
        let y = (1.0 - self.scale.share(value)) * self.height * FINE;
        (x.round() as i64, y.round() as i64)
    }

    /// Unbroken stretches of a line.
    fn runs(&self, values: &[Option<f64>], places: &[Range<usize>]) -> Vec<Vec<Spot>> {
        let mut runs = vec![Vec::new()];
        for place in places {
            match (extremes(values, place.clone()), runs.last_mut()) {
                (Some(pair), Some(run)) => run.extend(pair.map(|(at, value)| self.spot(at, value))),
                _ => runs.push(Vec::new()),
            }
        }
        runs.iter_mut().for_each(Vec::dedup);
        runs.retain(|run| !run.is_empty());
        runs
    }

    /// The path of a line, and the one of its dots: every value of a short line, else those without a neighbour.
    pub(super) fn curve(&self, values: &[Option<f64>], places: &[Range<usize>]) -> (String, String) {
        let (mut curve, mut dots) = (String::new(), String::new());
        for run in self.runs(values, places) {
            if run.len() > 1 {
                polyline(&mut curve, &run);
            }
            if run.len() == 1 || self.axis.len() <= DOTTED {
                dots.extend(run.iter().map(|(x, y)| format!("M{x} {y}h0")));
            }
        }
        (curve, dots)
    }

    /// The path of the area between a line and the base of the scale.
    pub(super) fn area(&self, values: &[Option<f64>], places: &[Range<usize>]) -> String {
        let base = self.spot(0, self.scale.base()).1;
        let mut area = String::new();
        for mut run in self.runs(values, places) {
            if let (Some(first), Some(last)) = (run.first().copied(), run.last().copied()) {
                run.extend([(last.0, base), (first.0, base)]);
                polyline(&mut area, &run);
                area.push('z');
            }
        }
        area
    }

    fn band(&self, band: Band<'_>, places: &[Range<usize>]) -> String {
        let mut path = String::new();
        let mut run: Vec<(Spot, Spot)> = Vec::new();
        for place in places.iter().chain([&(0..0)]) {
            match (self.extreme(band.low, place, f64::min), self.extreme(band.high, place, f64::max)) {
                (Some(low), Some(high)) => run.push((low, high)),
                _ => closed(&mut path, &std::mem::take(&mut run)),
            }
        }
        path
    }

    fn extreme(
        &self,
        values: &[Option<f64>],
        place: &Range<usize>,
        pick: fn(f64, f64) -> f64,
    ) -> Option<Spot> {
        let value = place.clone().filter_map(|at| values.get(at).copied().flatten()).reduce(pick)?;
        Some(self.spot(place.start, value))
    }
}

fn closed(path: &mut String, run: &[(Spot, Spot)]) {
    if run.is_empty() {
        return;
    }
    let outline: Vec<Spot> =
        run.iter().map(|(_, high)| *high).chain(run.iter().rev().map(|(low, _)| *low)).collect();
    polyline(path, &outline);
    path.push('z');
}

/// A path through `spots` in relative steps, which are shorter than absolute ones.
fn polyline(path: &mut String, spots: &[Spot]) {
    let mut before: Option<Spot> = None;
    for (x, y) in spots {
        // Writing to a String cannot fail.
        let _ = match before {
            None => write!(path, "M{x} {y}"),
            Some((px, py)) if y - py < 0 => write!(path, "l{}{}", x - px, y - py),
            Some((px, py)) => write!(path, "l{} {}", x - px, y - py),
        };
        before = Some((*x, *y));
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::grain::{Grain, at};

    fn days(count: i64) -> TimeAxis {
        let start = at("2024-01-01T00:00:00Z");
        TimeAxis::new(Some(Grain::Day), (0..count).map(|day| start + TimeDelta::days(day)).collect())
    }

    fn curve(values: &[Option<f64>]) -> (String, String) {
        let axis = days(values.len() as i64);
        let scale = Scale::over(values.iter().copied().flatten());
        Canvas { axis: &axis, scale: &scale, height: 100.0 }.curve(values, &places(&axis, 400))
    }

    #[test]
    fn a_null_is_a_gap_and_a_lone_value_a_dot() {
        let (line, dots) = curve(&[Some(0.0), Some(100.0), None, Some(50.0), None, Some(0.0), Some(100.0)]);
        assert_eq!(line, "M0 500l333-500M1667 500l333-500");
        assert_eq!(dots.matches('M').count(), 5);
        assert!(dots.contains("M1000 250h0"), "{dots}");
        assert_eq!(curve(&[None, None]), (String::new(), String::new()));
    }

    #[test]
    fn ten_thousand_periods_stay_a_short_path_that_keeps_the_peak() {
        let values: Vec<_> =
            (0..10_000).map(|at| Some(if at == 4_321 { 1_000.0 } else { f64::from(at % 10) })).collect();
        let (line, dots) = curve(&values);
        assert!(line.len() < 8_000, "{}", line.len());
        assert!(dots.is_empty());
        assert_eq!(line.matches("-500l").count(), 1, "{line}");
    }

    #[test]
    fn the_band_breaks_where_there_is_nothing() {
        let axis = days(5);
        let low = [Some(1.0), Some(2.0), None, Some(1.0), Some(1.0)];
        let high = [Some(3.0), Some(4.0), None, Some(3.0), Some(2.0)];
        let scale = Scale::over([0.0, 4.0]);
        let canvas = Canvas { axis: &axis, scale: &scale, height: 100.0 };
        let path = canvas.band(Band { low: &low, high: &high }, &places(&axis, 400));
        assert_eq!((path.matches('M').count(), path.matches('z').count()), (2, 2), "{path}");
    }
}
