//! The borders between the values of a column of varying length.

use arrow::buffer::OffsetBuffer;
use arrow::error::ArrowError;

/// Where the first value begins and where each value ends.
#[derive(Debug)]
pub(super) struct Offsets {
    borders: Vec<i32>,
}

impl Default for Offsets {
    fn default() -> Self {
        Self { borders: vec![0] }
    }
}

impl Offsets {
    pub(super) fn len(&self) -> usize {
        self.borders.len() - 1
    }

    /// Where the last value ends and the next one begins.
    pub(super) fn last(&self) -> usize {
        self.borders.last().map_or(0, |border| border.cast_unsigned() as usize)
    }

    /// Begin and end of each value from the `from`th on.
    pub(super) fn pairs_from(&self, from: usize) -> impl Iterator<Item = (usize, usize)> {
        let index = |border: i32| border.cast_unsigned() as usize;
        self.borders.windows(2).skip(from).map(move |pair| (index(pair[0]), index(pair[1])))
    }

    /// Closes a value. A column that has grown too large is noticed by [`Self::finish`].
    #[inline]
    pub(super) fn push(&mut self, end: usize) {
        self.borders.push(i32::try_from(end).unwrap_or(i32::MAX));
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.borders.truncate(len.saturating_add(1));
    }

    /// The borders in Arrow's form; `total` is the length of what they divide.
    pub(super) fn finish(&mut self, total: usize) -> Result<OffsetBuffer<i32>, ArrowError> {
        if i32::try_from(total).is_err() {
            return Err(ArrowError::OffsetOverflowError(total));
        }
        let mut next = Vec::with_capacity(self.borders.len());
        next.push(0);
        Ok(OffsetBuffer::new(std::mem::replace(&mut self.borders, next).into()))
    }
}
