//! The schema that fits Parquet files.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Schema, TimeUnit};

use crate::format::RESCUED_DATA;

/// `found` and the columns of one more file; what both have takes the wider type, or else the first one.
pub(super) fn merge(found: &Schema, file: &Schema) -> Schema {
    let mut fields: Vec<FieldRef> = found.fields().to_vec();
    for field in file.fields().iter().filter(|field| field.name() != RESCUED_DATA) {
        let data_type = storable(field.data_type());
        match fields.iter_mut().find(|known| known.name().eq_ignore_ascii_case(field.name())) {
            None => fields.push(Arc::new(Field::new(field.name(), data_type, true))),
            Some(known) if known.name() == field.name() => {
                let wider = wider(known.data_type(), &data_type);
                *known = Arc::new(Field::new(known.name(), wider, true));
            }
            Some(_) => {}
        }
    }
    Schema::new(fields)
}

fn wider(a: &DataType, b: &DataType) -> DataType {
    use DataType as T;
    let width = |kind: &T| [T::Int8, T::Int16, T::Int32, T::Int64].iter().position(|known| known == kind);
    match (a, b) {
        (T::Float32, T::Float64) => T::Float64,
        (T::Float32 | T::Float64, other) if width(other).is_some() => T::Float64,
        (other, T::Float32 | T::Float64) if width(other).is_some() => T::Float64,
        _ if width(a).is_some() && width(a) < width(b) => b.clone(),
        _ => a.clone(),
    }
}

/// The type in which Delta stores what Parquet has as `kind`; a text where there is none.
fn storable(kind: &DataType) -> DataType {
    use DataType as T;
    let nested = |field: &FieldRef, name: &str, nullable: bool| {
        Arc::new(Field::new(name, storable(field.data_type()), nullable))
    };
    match kind {
        T::Boolean | T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::Float32 | T::Float64 => kind.clone(),
        T::Utf8 | T::Binary | T::Date32 | T::Decimal128(_, 0..) => kind.clone(),
        T::UInt8 => T::Int16,
        T::UInt16 => T::Int32,
        T::UInt32 => T::Int64,
        T::UInt64 => T::Decimal128(20, 0),
        T::Float16 => T::Float32,
        T::FixedSizeBinary(_) => T::Binary,
        T::Timestamp(_, zone) => T::Timestamp(TimeUnit::Microsecond, zone.as_ref().map(|_| "UTC".into())),
        T::List(element) => T::List(nested(element, "element", true)),
        T::Struct(fields) => {
            T::Struct(fields.iter().map(|field| nested(field, field.name(), true)).collect())
        }
        T::Map(entries, _) => match entries.data_type() {
            T::Struct(parts) if parts.len() == 2 => {
                let parts = vec![nested(&parts[0], "key", false), nested(&parts[1], "value", true)];
                T::Map(Arc::new(Field::new("key_value", T::Struct(parts.into()), false)), false)
            }
            _ => T::Utf8,
        },
        _ => T::Utf8,
    }
}
