//! Columns of floating-point values: what their text forms may be.

use arrow::datatypes::{Float32Type, Float64Type};

use super::{Fit, Number, PrimitiveColumn};

/// The texts that Spark and most programs write for values that are not numbers.
fn special(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Inf" | "+Inf" | "Infinity" | "+Infinity" => Some(f64::INFINITY),
        "-Inf" | "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

impl PrimitiveColumn<Float64Type> {
    /// Appends the number that `text` is.
    pub(crate) fn append_float_text(&mut self, text: &str) -> Fit {
        let number = Number::parse_text(text).and_then(|(number, text)| number.to_f64(&text));
        self.append_option(number.or_else(|| special(text)))
    }
}

impl PrimitiveColumn<Float32Type> {
    /// Appends the number that `text` is.
    pub(crate) fn append_float_text(&mut self, text: &str) -> Fit {
        let number = Number::parse_text(text).and_then(|(number, text)| number.to_f32(&text));
        self.append_option(number.or_else(|| special(text).map(|value| value as f32)))
    }
}
