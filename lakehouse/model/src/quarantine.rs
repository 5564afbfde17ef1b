//! The shape of every quarantine table.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// A quarantine table is named after the table whose rows it holds, with this at the end.
pub const QUARANTINE_SUFFIX: &str = "_quarantine";

/// The columns of a quarantine table, the same for records that could not be parsed and rows that broke a rule.
///
/// | column | holds |
/// |---|---|
/// | `_reason` | what is wrong, in words |
/// | `_rules` | the names of the expectations that the row broke; empty for a record that could not be parsed |
/// | `_raw` | the record as it stood in the file, or the row as JSON; invalid UTF-8 is replaced |
/// | `_source_file` | the file's path or URL, where the record came from a file |
/// | `_line` | its line, counted from 1 |
/// | `_byte_offset` | where it begins in the (decompressed) file, counted from 0 |
/// | `_flow`, `_batch_id` | the flow and the batch that met it |
/// | `_quarantined_at` | when, in UTC microseconds |
pub fn quarantine_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let rule = Field::new("element", DataType::Utf8, true);
        Arc::new(Schema::new(vec![
            Field::new("_reason", DataType::Utf8, true),
            Field::new("_rules", DataType::List(Arc::new(rule)), true),
            Field::new("_raw", DataType::Utf8, true),
            Field::new("_source_file", DataType::Utf8, true),
            Field::new("_line", DataType::Int64, true),
            Field::new("_byte_offset", DataType::Int64, true),
            Field::new("_flow", DataType::Utf8, true),
            Field::new("_batch_id", DataType::Int64, true),
            Field::new(
                "_quarantined_at",
                DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
                true,
            ),
        ]))
    });
    SCHEMA.clone()
}

/// A record or row on its way to the quarantine table. The flow, the batch and the time are added where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quarantined {
    /// What is wrong, in words.
    pub reason: String,
    /// The names of the expectations that the row broke.
    pub rules: Vec<String>,
    /// The record as it stood in the file, or the row as JSON.
    pub raw: String,
    /// The file it came from.
    pub source_file: Option<Arc<str>>,
    /// Its line, counted from 1.
    pub line: Option<u64>,
    /// Where it begins in the (decompressed) file, counted from 0.
    pub byte_offset: Option<u64>,
}
