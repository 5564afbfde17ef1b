//! Columns of fixed-width values.

use std::fmt;
use std::sync::Arc;

use arrow::array::NullBufferBuilder;
use arrow::array::{ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{Int8Type, Int16Type, Int32Type, Int64Type};
use arrow::error::ArrowError;

use super::{Fit, Number};

/// A column of fixed-width values.
pub(crate) struct PrimitiveColumn<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
    validity: NullBufferBuilder,
}

/// The integer types.
pub(crate) trait Integer: ArrowPrimitiveType {
    /// The value as this type, if it is in its range.
    fn from_i64(value: i64) -> Option<Self::Native>;
}

macro_rules! integer {
    ($($type:ty),*) => {
        $(impl Integer for $type {
            #[inline]
            fn from_i64(value: i64) -> Option<Self::Native> {
                value.try_into().ok()
            }
        })*
    };
}

integer!(Int8Type, Int16Type, Int32Type, Int64Type);

impl<T: ArrowPrimitiveType> Default for PrimitiveColumn<T> {
    fn default() -> Self {
        Self { values: Vec::new(), validity: NullBufferBuilder::new(0) }
    }
}

impl<T: ArrowPrimitiveType> fmt::Debug for PrimitiveColumn<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}[{}]", T::DATA_TYPE, self.values.len())
    }
}

impl<T: ArrowPrimitiveType> PrimitiveColumn<T> {
    /// The number of values so far.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Appends a value.
    #[inline]
    pub(crate) fn append_value(&mut self, value: T::Native) {
        self.values.push(value);
        self.validity.append_non_null();
    }

    /// Appends a NULL.
    pub(crate) fn append_null(&mut self) {
        self.values.push(T::Native::default());
        self.validity.append_null();
    }

    /// Appends a value that fits, or a NULL.
    #[inline]
    pub(crate) fn append_option(&mut self, value: Option<T::Native>) -> Fit {
        match value {
            Some(value) => {
                self.append_value(value);
                Fit::Whole
            }
            None => {
                self.append_null();
                Fit::Misfit
            }
        }
    }

    /// Takes back all values from the `len`th on.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.values.truncate(len);
        self.validity.truncate(len);
    }

    /// The values so far as an array.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let (values, nulls) = self.take();
        Ok(Arc::new(PrimitiveArray::<T>::try_new(values.into(), nulls)?))
    }

    /// The values so far and which of them are not NULL. Room is kept for as many again.
    pub(super) fn take(&mut self) -> (Vec<T::Native>, Option<NullBuffer>) {
        let room = Vec::with_capacity(self.values.len());
        (std::mem::replace(&mut self.values, room), self.validity.finish())
    }
}

impl<T: Integer> PrimitiveColumn<T> {
    /// Appends an integer in the type's range.
    #[inline]
    pub(crate) fn append_integer(&mut self, value: Option<i64>) -> Fit {
        self.append_option(value.and_then(T::from_i64))
    }

    /// Appends the integer whose digits are `text`.
    pub(crate) fn append_integer_text(&mut self, text: &str) -> Fit {
        self.append_integer(Number::parse_text(text).and_then(|(number, _)| number.to_i64()))
    }
}
