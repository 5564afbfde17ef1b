//! Drawings: pure functions from numbers to SVG.
//!
//! A plot stretches with the page while its text and strokes keep their size: heights are pixels, widths are shares,
//! and only the curves live in a nested drawing that is stretched. So one drawing serves a phone, a screen and paper,
//! without a script. Colours come from classes alone; the theme decides what they look like.

pub(crate) mod axis;
pub(crate) mod bar;
pub(crate) mod line;
pub(crate) mod sample;
pub(crate) mod scale;
pub(crate) mod spark;

use scale::Scale;

/// The height of a whole plot, and where its values begin and end, in pixels from the top.
const HEIGHT: f64 = 256.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 216.0;

/// Where `value` lies in the plot, in pixels from the top.
fn height_of(scale: &Scale, value: f64) -> f64 {
    tenths(BOTTOM - scale.share(value) * (BOTTOM - TOP))
}

/// A share of the width as SVG writes it.
fn percent(share: f64) -> String {
    format!("{}%", (share * 10_000.0).round() / 100.0)
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
