//! Columns whose values have parts.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, MapArray, NullBufferBuilder, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use arrow::error::ArrowError;

use super::offsets::Offsets;
use super::{Column, TextColumn, Unsupported};

/// A column of structs.
///
/// A value is appended by appending one value to each field and then calling [`StructColumn::close`].
#[derive(Debug)]
pub(crate) struct StructColumn {
    definition: Fields,
    fields: Vec<Column>,
    validity: NullBufferBuilder,
}

impl StructColumn {
    /// An empty column.
    pub(crate) fn new(definition: &Fields) -> Result<Self, Unsupported> {
        let fields = definition.iter().map(|field| Column::new(field)).collect::<Result<_, _>>()?;
        Ok(Self { definition: definition.clone(), fields, validity: NullBufferBuilder::new(0) })
    }

    /// The number of values so far.
    pub(crate) fn len(&self) -> usize {
        self.validity.len()
    }

    /// The columns of the fields, in the order of the definition.
    #[inline]
    pub(crate) fn fields(&mut self) -> &mut [Column] {
        &mut self.fields
    }

    /// Makes the newest values of the fields the next value.
    #[inline]
    pub(crate) fn close(&mut self) {
        self.validity.append_non_null();
    }

    /// Appends a NULL.
    pub(crate) fn append_null(&mut self) {
        self.fields.iter_mut().for_each(Column::append_null);
        self.validity.append_null();
    }

    /// Takes back all values from the `len`th on, and those of the fields that have not become one.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.fields.iter_mut().for_each(|field| field.truncate(len));
        if len < self.validity.len() {
            self.validity.truncate(len);
        }
    }

    /// The values so far as an array.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let (len, nulls) = (self.validity.len(), self.validity.finish());
        Ok(Arc::new(self.finish_fields(len, nulls)?))
    }

    fn finish_fields(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<StructArray, ArrowError> {
        let arrays = self.fields.iter_mut().map(Column::finish).collect::<Result<_, _>>()?;
        StructArray::try_new_with_length(self.definition.clone(), arrays, nulls, len)
    }
}

/// A column of lists.
///
/// A value is appended by appending its elements and then calling [`ListColumn::close`].
#[derive(Debug)]
pub(crate) struct ListColumn {
    definition: FieldRef,
    elements: Column,
    offsets: Offsets,
    validity: NullBufferBuilder,
}

impl ListColumn {
    /// An empty column.
    pub(crate) fn new(definition: &FieldRef) -> Result<Self, Unsupported> {
        let (elements, offsets) = (Column::new(definition)?, Offsets::default());
        Ok(Self { definition: definition.clone(), elements, offsets, validity: NullBufferBuilder::new(0) })
    }

    /// The number of values so far.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len()
    }

    /// The column of the elements.
    #[inline]
    pub(crate) fn elements(&mut self) -> &mut Column {
        &mut self.elements
    }

    /// Makes the elements since the last value the next one.
    #[inline]
    pub(crate) fn close(&mut self) {
        self.offsets.push(self.elements.len());
        self.validity.append_non_null();
    }

    /// Appends a NULL, in place of the elements since the last value.
    pub(crate) fn append_null(&mut self) {
        self.elements.truncate(self.offsets.last());
        self.offsets.push(self.offsets.last());
        self.validity.append_null();
    }

    /// Takes back all values from the `len`th on, and the elements that have not become one.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.offsets.truncate(len);
        self.validity.truncate(len);
        self.elements.truncate(self.offsets.last());
    }

    /// The values so far as an array.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let offsets = self.offsets.finish(self.elements.len())?;
        let elements = self.elements.finish()?;
        Ok(Arc::new(ListArray::try_new(self.definition.clone(), offsets, elements, self.validity.finish())?))
    }
}

/// A column of maps from texts.
///
/// A value is appended by appending its keys and values and then calling [`MapColumn::close`].
#[derive(Debug)]
pub(crate) struct MapColumn {
    definition: FieldRef,
    entries: Fields,
    keys: TextColumn,
    values: Column,
    offsets: Offsets,
    validity: NullBufferBuilder,
}

impl MapColumn {
    /// An empty column; `definition` is the field of the entries, a struct of key and value.
    pub(crate) fn new(definition: &FieldRef) -> Result<Self, Unsupported> {
        let unsupported = |field: &Field| Unsupported {
            column: field.name().clone(),
            data_type: field.data_type().clone(),
        };
        let (entries, key, value) = match definition.data_type() {
            DataType::Struct(entries) if entries.len() == 2 => (entries, &entries[0], &entries[1]),
            _ => return Err(unsupported(definition)),
        };
        if key.data_type() != &DataType::Utf8 {
            return Err(unsupported(key));
        }
        Ok(Self {
            definition: definition.clone(),
            entries: entries.clone(),
            keys: TextColumn::default(),
            values: Column::new(value)?,
            offsets: Offsets::default(),
            validity: NullBufferBuilder::new(0),
        })
    }

    /// The number of values so far.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len()
    }

    /// The column of the keys.
    pub(crate) fn keys(&mut self) -> &mut TextColumn {
        &mut self.keys
    }

    /// The column of the values.
    pub(crate) fn values(&mut self) -> &mut Column {
        &mut self.values
    }

    /// Whether two of the entries since the last map have the same key.
    pub(crate) fn has_duplicate(&self) -> bool {
        let from = self.offsets.last();
        let mut seen = HashSet::new();
        self.keys.len() - from > 1 && !self.keys.values_from(from).all(|key| seen.insert(key))
    }

    /// Makes the entries since the last value the next one.
    pub(crate) fn close(&mut self) {
        self.offsets.push(self.keys.len());
        self.validity.append_non_null();
    }

    /// Appends a NULL, in place of the entries since the last value.
    pub(crate) fn append_null(&mut self) {
        self.keys.truncate(self.offsets.last());
        self.values.truncate(self.offsets.last());
        self.offsets.push(self.offsets.last());
        self.validity.append_null();
    }

    /// Takes back all values from the `len`th on, and the entries that have not become one.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.offsets.truncate(len);
        self.validity.truncate(len);
        self.keys.truncate(self.offsets.last());
        self.values.truncate(self.offsets.last());
    }

    /// The values so far as an array.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let offsets = self.offsets.finish(self.keys.len())?;
        let arrays = vec![self.keys.finish()?, self.values.finish()?];
        let entries = StructArray::try_new(self.entries.clone(), arrays, None)?;
        Ok(Arc::new(MapArray::try_new(
            self.definition.clone(),
            offsets,
            entries,
            self.validity.finish(),
            false,
        )?))
    }
}
