//! Columns of truth values.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, BooleanBufferBuilder, NullBufferBuilder};
use arrow::error::ArrowError;

use super::Fit;

/// A column of truth values.
#[derive(Debug)]
pub(crate) struct BooleanColumn {
    values: BooleanBufferBuilder,
    validity: NullBufferBuilder,
}

impl Default for BooleanColumn {
    fn default() -> Self {
        Self { values: BooleanBufferBuilder::new(0), validity: NullBufferBuilder::new(0) }
    }
}

impl BooleanColumn {
    /// The number of values so far.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Appends a value.
    #[inline]
    pub(crate) fn append_value(&mut self, value: bool) {
        self.values.append(value);
        self.validity.append_non_null();
    }

    /// Appends a NULL.
    pub(crate) fn append_null(&mut self) {
        self.values.append(false);
        self.validity.append_null();
    }

    /// Appends `true` or `false` in upper, lower or mixed case, as Spark reads them.
    pub(crate) fn append_text(&mut self, text: &str) -> Fit {
        let value = text.eq_ignore_ascii_case("true");
        if value || text.eq_ignore_ascii_case("false") {
            self.append_value(value);
            return Fit::Whole;
        }
        self.append_null();
        Fit::Misfit
    }

    /// Takes back all values from the `len`th on.
    pub(crate) fn truncate(&mut self, len: usize) {
        if len < self.values.len() {
            self.values.truncate(len);
            self.validity.truncate(len);
        }
    }

    /// The values so far as an array.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(BooleanArray::new(self.values.finish(), self.validity.finish())))
    }
}
