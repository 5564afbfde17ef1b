//! Columns of exact decimal numbers.

use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array};
use arrow::datatypes::Decimal128Type;
use arrow::error::ArrowError;

use super::{Fit, Number, PrimitiveColumn};

/// A column of decimal numbers with a fixed number of digits.
#[derive(Debug)]
pub(crate) struct DecimalColumn {
    values: PrimitiveColumn<Decimal128Type>,
    precision: u8,
    scale: i8,
}

impl DecimalColumn {
    /// An empty column of numbers with at most `precision` digits, `scale` of them behind the point.
    pub(crate) fn new(precision: u8, scale: i8) -> Self {
        Self { values: PrimitiveColumn::default(), precision, scale }
    }

    /// The number of values so far.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Appends a number; `text` is what it was read from.
    pub(crate) fn append_number(&mut self, number: Number, text: &[u8]) -> Fit {
        self.values.append_option(number.to_decimal(text, self.precision, self.scale))
    }

    /// Appends the number that `text` is.
    pub(crate) fn append_text(&mut self, text: &str) -> Fit {
        match Number::parse_text(text) {
            Some((number, text)) => self.append_number(number, &text),
            None => self.values.append_option(None),
        }
    }

    /// Appends a NULL.
    pub(crate) fn append_null(&mut self) {
        self.values.append_null();
    }

    /// Takes back all values from the `len`th on.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.values.truncate(len);
    }

    /// The values so far as an array.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let (values, nulls) = self.values.take();
        let array = Decimal128Array::try_new(values.into(), nulls)?;
        Ok(Arc::new(array.with_precision_and_scale(self.precision, self.scale)?))
    }
}
