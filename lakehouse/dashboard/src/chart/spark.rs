//! The small curve of a headline card.

use crate::chart::axis::TimeAxis;
use crate::chart::line::{Canvas, stretched};
use crate::chart::sample::places;
use crate::chart::scale::Scale;
use crate::html::Markup;

const HEIGHT: f64 = 40.0;
const MARGIN: f64 = 3.0;

/// Values over time without axes. It says nothing that the card's text does not say, so readers of text skip it.
pub(crate) fn draw(axis: &TimeAxis, values: &[Option<f64>]) -> Markup {
    let mut svg = Markup::default();
    if values.iter().flatten().count() < 2 {
        return svg;
    }
    let scale = Scale::over(values.iter().copied().flatten());
    let canvas = Canvas { axis, scale: &scale, height: HEIGHT - 2.0 * MARGIN };
    let places = places(axis, 160);
    let (curve, dots) = canvas.curve(values, &places);
    let mut curves = Markup::default();
    if scale.has_zero() {
        curves.raw("<path class=\"area\"").attr("d", canvas.area(values, &places)).raw("/>");
    }
    curves.raw("<path class=\"s0\"").attr("d", curve).raw("/>");
    if axis.len() > 40 {
        curves.raw("<path class=\"s0 dot\"").attr("d", dots).raw("/>");
    }
    svg.raw("<svg class=\"spark\" aria-hidden=\"true\" width=\"100%\"").attr("height", HEIGHT).raw(">");
    svg.append(&stretched(MARGIN, HEIGHT - 2.0 * MARGIN, &curves)).raw("</svg>");
    svg
}
