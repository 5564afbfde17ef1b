//! Typed columns under construction, for the formats that are text: JSON and CSV.
//!
//! A [`Column`] takes one value after the other and becomes an Arrow array. Two promises make it fit for input that
//! nobody has checked:
//!
//! - a value is stored exactly or not at all: each `append_text` answers with a [`Fit`], and a misfit leaves a NULL behind;
//! - [`Column::truncate`] takes back the newest values, also half-finished nested ones, so that a record which turns
//!   out to be malformed in its middle leaves no trace.

mod base64;
mod boolean;
mod decimal;
mod float;
mod nested;
mod number;
mod offsets;
mod primitive;
mod temporal;
mod text;

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{
    DataType, Date32Type, Field, FieldRef, Fields, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimeUnit,
};
use arrow::error::ArrowError;

pub(crate) use boolean::BooleanColumn;
pub(crate) use decimal::DecimalColumn;
pub(crate) use nested::{ListColumn, MapColumn, StructColumn};
pub(crate) use number::Number;
pub(crate) use primitive::PrimitiveColumn;
pub(crate) use temporal::TimestampColumn;
pub(crate) use text::{BinaryColumn, TextColumn};

/// Whether a value could be stored in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Fit {
    /// The column holds it, exactly.
    Whole,
    /// The column holds it but for parts that it has no place for, such as an unknown field of a list's element.
    Partly,
    /// It does not fit: the column holds a NULL in its place.
    Misfit,
}

/// A type that no column can be built for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unsupported {
    /// The column; parts of nested ones are joined by dots.
    pub(crate) column: String,
    /// Its type.
    pub(crate) data_type: DataType,
}

/// A column of any supported type.
#[derive(Debug)]
pub(crate) enum Column {
    /// BOOLEAN
    Boolean(BooleanColumn),
    /// TINYINT
    Int8(PrimitiveColumn<Int8Type>),
    /// SMALLINT
    Int16(PrimitiveColumn<Int16Type>),
    /// INT
    Int32(PrimitiveColumn<Int32Type>),
    /// BIGINT
    Int64(PrimitiveColumn<Int64Type>),
    /// FLOAT
    Float32(PrimitiveColumn<Float32Type>),
    /// DOUBLE
    Float64(PrimitiveColumn<Float64Type>),
    /// DECIMAL(p, s)
    Decimal(DecimalColumn),
    /// DATE
    Date(PrimitiveColumn<Date32Type>),
    /// TIMESTAMP and TIMESTAMP_NTZ
    Timestamp(TimestampColumn),
    /// STRING
    Text(TextColumn),
    /// BINARY
    Binary(BinaryColumn),
    /// STRUCT
    Struct(StructColumn),
    /// ARRAY
    List(Box<ListColumn>),
    /// MAP
    Map(Box<MapColumn>),
}

/// Calls the same method whatever the type of the column.
macro_rules! each {
    ($column:expr, $inner:ident => $call:expr) => {
        match $column {
            Column::Boolean($inner) => $call,
            Column::Int8($inner) => $call,
            Column::Int16($inner) => $call,
            Column::Int32($inner) => $call,
            Column::Int64($inner) => $call,
            Column::Float32($inner) => $call,
            Column::Float64($inner) => $call,
            Column::Decimal($inner) => $call,
            Column::Date($inner) => $call,
            Column::Timestamp($inner) => $call,
            Column::Text($inner) => $call,
            Column::Binary($inner) => $call,
            Column::Struct($inner) => $call,
            Column::List($inner) => $call,
            Column::Map($inner) => $call,
        }
    };
}

impl Column {
    /// An empty column for `field`.
    pub(crate) fn new(field: &Field) -> Result<Self, Unsupported> {
        Ok(match field.data_type() {
            DataType::Boolean => Self::Boolean(BooleanColumn::default()),
            DataType::Int8 => Self::Int8(PrimitiveColumn::default()),
            DataType::Int16 => Self::Int16(PrimitiveColumn::default()),
            DataType::Int32 => Self::Int32(PrimitiveColumn::default()),
            DataType::Int64 => Self::Int64(PrimitiveColumn::default()),
            DataType::Float32 => Self::Float32(PrimitiveColumn::default()),
            DataType::Float64 => Self::Float64(PrimitiveColumn::default()),
            DataType::Decimal128(precision, scale) => Self::Decimal(DecimalColumn::new(*precision, *scale)),
            DataType::Date32 => Self::Date(PrimitiveColumn::default()),
            DataType::Timestamp(TimeUnit::Microsecond, zone) if is_utc(zone.as_deref()) => {
                Self::Timestamp(TimestampColumn::new(zone.clone()))
            }
            DataType::Utf8 => Self::Text(TextColumn::default()),
            DataType::Binary => Self::Binary(BinaryColumn::default()),
            DataType::Struct(fields) => Self::Struct(StructColumn::new(fields).map_err(|e| e.below(field))?),
            DataType::List(element) => {
                Self::List(Box::new(ListColumn::new(element).map_err(|e| e.below(field))?))
            }
            DataType::Map(entries, _) => {
                Self::Map(Box::new(MapColumn::new(entries).map_err(|e| e.below(field))?))
            }
            other => return Err(Unsupported { column: field.name().clone(), data_type: other.clone() }),
        })
    }

    /// The number of values so far.
    pub(crate) fn len(&self) -> usize {
        each!(self, inner => inner.len())
    }

    /// Appends a NULL.
    pub(crate) fn append_null(&mut self) {
        each!(self, inner => inner.append_null());
    }

    /// Appends the value whose text form is `text`, or a NULL where it is none.
    ///
    /// Numbers may have a sign and leading zeros; floats also `NaN`, `Inf`, `-Inf` and `Infinity`; booleans are `true`
    /// and `false` in any case; dates and timestamps are ISO 8601; binary is base64. Blanks are not trimmed. Nested
    /// columns have no text form.
    pub(crate) fn append_text(&mut self, text: &str) -> Fit {
        match self {
            Self::Boolean(column) => column.append_text(text),
            Self::Int8(column) => column.append_integer_text(text),
            Self::Int16(column) => column.append_integer_text(text),
            Self::Int32(column) => column.append_integer_text(text),
            Self::Int64(column) => column.append_integer_text(text),
            Self::Float32(column) => column.append_float_text(text),
            Self::Float64(column) => column.append_float_text(text),
            Self::Decimal(column) => column.append_text(text),
            Self::Date(column) => column.append_option(temporal::parse_date(text.as_bytes())),
            Self::Timestamp(column) => column.append_text(text.as_bytes()),
            Self::Text(column) => column.append_text(text),
            Self::Binary(column) => column.append_base64(text.as_bytes()),
            Self::Struct(_) | Self::List(_) | Self::Map(_) => {
                self.append_null();
                Fit::Misfit
            }
        }
    }

    /// Takes back all values from the `len`th on, and what an unfinished value has left behind.
    pub(crate) fn truncate(&mut self, len: usize) {
        each!(self, inner => inner.truncate(len));
    }

    /// The values so far as an array; the column is empty afterwards and ready for more.
    ///
    /// Fails when the column holds more than 2 GiB of text.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        each!(self, inner => inner.finish())
    }
}

impl Unsupported {
    /// The same below a parent.
    fn below(self, parent: &Field) -> Self {
        Self { column: format!("{}.{}", parent.name(), self.column), data_type: self.data_type }
    }
}

fn is_utc(zone: Option<&str>) -> bool {
    zone.is_none_or(|zone| matches!(zone, "UTC" | "+00:00" | "Z" | "Etc/UTC"))
}

/// The same fields with everything nullable in all depths, as Spark treats the schema of a file: a file can promise nothing.
///
/// Only the entries and the keys of a map stay as Arrow demands them.
pub(crate) fn nullable(fields: &Fields) -> Fields {
    fields.iter().map(|field| nullable_field(field)).collect()
}

fn nullable_field(field: &Field) -> FieldRef {
    let data_type = match field.data_type() {
        DataType::Struct(fields) => DataType::Struct(nullable(fields)),
        DataType::List(element) => DataType::List(nullable_field(element)),
        DataType::Map(entries, sorted) => DataType::Map(nullable_entries(entries), *sorted),
        other => other.clone(),
    };
    Arc::new(field.clone().with_data_type(data_type).with_nullable(true))
}

fn nullable_entries(entries: &FieldRef) -> FieldRef {
    match entries.data_type() {
        DataType::Struct(fields) if fields.len() == 2 => {
            let fields = Fields::from(vec![fields[0].clone(), nullable_field(&fields[1])]);
            Arc::new(entries.as_ref().clone().with_data_type(DataType::Struct(fields)))
        }
        _ => entries.clone(),
    }
}

#[cfg(test)]
mod tests;
