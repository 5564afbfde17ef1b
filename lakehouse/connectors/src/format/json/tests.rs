//! The rules of the module's documentation, one by one, and all at once against the reference.

mod differential;
mod rules;
mod torture;

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use bytes::Bytes;
use object_store::ObjectMeta;
use object_store::memory::InMemory;

use super::reference::{Value, held};
use super::*;
use crate::format::{Chunk, Decoded, Decoder, Payload, SourceFile};

const FILE: &str = "memory:///in \"quotes\"/events.json";

fn chunk(text: &[u8], first_line: u64, byte_offset: u64) -> Chunk {
    let meta = ObjectMeta {
        location: "events.json".into(),
        last_modified: chrono::DateTime::UNIX_EPOCH,
        size: text.len() as u64,
        e_tag: None,
        version: None,
    };
    let file = Arc::new(SourceFile { store: Arc::new(InMemory::new()), meta, display: FILE.into() });
    Chunk { file, first_line, byte_offset, payload: Payload::Text(Bytes::copy_from_slice(text)) }
}

fn schema(fields: Vec<(&str, DataType)>) -> SchemaRef {
    let fields: Fields =
        fields.into_iter().map(|(name, data_type)| Field::new(name, data_type, true)).collect();
    Arc::new(Schema::new(fields))
}

fn structure(fields: Vec<(&str, DataType)>) -> DataType {
    DataType::Struct(schema(fields).fields().clone())
}

fn list(element: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("element", element, true)))
}

fn map(value: DataType) -> DataType {
    let entries = vec![Field::new("key", DataType::Utf8, false), Field::new("value", value, true)];
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entries.into()), false)), false)
}

fn decode(schema: &SchemaRef, text: impl AsRef<[u8]>) -> Decoded {
    let mut decoder = JsonDecoder::new(schema.clone(), JsonOptions::default()).unwrap();
    decoder.decode(&chunk(text.as_ref(), 1, 0)).unwrap()
}

/// The values of a row, without the rescue column.
fn row(decoded: &Decoded, row: usize) -> Vec<Value> {
    let columns = decoded.batch.columns();
    columns[..columns.len() - 1].iter().map(|column| held(column, row)).collect()
}

fn rescued(decoded: &Decoded, row: usize) -> Option<String> {
    let column = decoded.batch.columns().last().unwrap().as_string::<i32>();
    column.is_valid(row).then(|| column.value(row).to_owned())
}

fn scalar(text: &str) -> Value {
    Value::Scalar(text.to_owned())
}

fn every_scalar() -> Vec<DataType> {
    vec![
        DataType::Utf8,
        DataType::Int64,
        DataType::Float64,
        DataType::Boolean,
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Float32,
        DataType::Decimal128(10, 2),
        DataType::Decimal128(38, 0),
        DataType::Date32,
        DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Timestamp(TimeUnit::Microsecond, None),
    ]
}
