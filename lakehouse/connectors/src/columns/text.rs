//! Columns of texts and byte strings.

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, GenericByteArray, NullBufferBuilder};
use arrow::datatypes::{BinaryType, ByteArrayType, Utf8Type};
use arrow::error::ArrowError;

use super::offsets::Offsets;
use super::{Fit, base64};

/// A column of values of varying length.
pub(crate) struct BytesColumn<T: ByteArrayType<Offset = i32>> {
    values: Vec<u8>,
    offsets: Offsets,
    validity: NullBufferBuilder,
    kind: std::marker::PhantomData<T>,
}

/// A column of texts.
pub(crate) type TextColumn = BytesColumn<Utf8Type>;

/// A column of byte strings.
pub(crate) type BinaryColumn = BytesColumn<BinaryType>;

impl<T: ByteArrayType<Offset = i32>> Default for BytesColumn<T> {
    fn default() -> Self {
        let (values, offsets, validity) = (Vec::new(), Offsets::default(), NullBufferBuilder::new(0));
        Self { values, offsets, validity, kind: std::marker::PhantomData }
    }
}

impl<T: ByteArrayType<Offset = i32>> fmt::Debug for BytesColumn<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}[{}]", T::DATA_TYPE, self.len())
    }
}

impl<T: ByteArrayType<Offset = i32>> BytesColumn<T> {
    /// The number of values so far.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Where the bytes of the next value are to be appended, before [`Self::close`] makes them one.
    #[inline]
    pub(crate) fn open(&mut self) -> &mut Vec<u8> {
        &mut self.values
    }

    /// Makes what has been appended to [`Self::open`] since the last value the next one.
    #[inline]
    pub(crate) fn close(&mut self) {
        self.offsets.push(self.values.len());
        self.validity.append_non_null();
    }

    /// Appends a NULL, in place of what has been appended to [`Self::open`] since the last value.
    pub(crate) fn append_null(&mut self) {
        self.values.truncate(self.offsets.last());
        self.offsets.push(self.values.len());
        self.validity.append_null();
    }

    /// Takes back all values from the `len`th on, and what has been appended to [`Self::open`].
    pub(crate) fn truncate(&mut self, len: usize) {
        self.offsets.truncate(len);
        self.validity.truncate(len);
        self.values.truncate(self.offsets.last());
    }

    /// The values so far as an array. Fails when they are longer than 2 GiB, or are to be text and are not.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let offsets = self.offsets.finish(self.values.len())?;
        let room = Vec::with_capacity(self.values.len());
        let values = std::mem::replace(&mut self.values, room);
        Ok(Arc::new(GenericByteArray::<T>::try_new(offsets, values.into(), self.validity.finish())?))
    }
}

impl TextColumn {
    /// Appends a text.
    pub(crate) fn append_text(&mut self, text: &str) -> Fit {
        self.values.extend_from_slice(text.as_bytes());
        self.close();
        Fit::Whole
    }

    /// The bytes of the values from the `from`th on.
    pub(super) fn values_from(&self, from: usize) -> impl Iterator<Item = &[u8]> {
        self.offsets.pairs_from(from).map(|(begin, end)| &self.values[begin..end])
    }
}

impl BinaryColumn {
    /// Appends the bytes that the base64 text stands for.
    pub(crate) fn append_base64(&mut self, text: &[u8]) -> Fit {
        if base64::decode(text, &mut self.values) {
            self.close();
            return Fit::Whole;
        }
        self.append_null();
        Fit::Misfit
    }
}
