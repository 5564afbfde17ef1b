//! File formats: how the bytes of a file become rows, and what becomes of the records that do not.
//!
//! A format does its work in two halves, so that the cores stay busy whatever the number of files. [`FileFormat::open`]
//! reads a file once, in order, and cuts it into [`Chunk`]s of whole records: cheap work, done by one task per file. A
//! [`Decoder`] turns one chunk into rows: the dear work, done on every core, without regard to order.
//!
//! The promise that every format keeps, and that the conformance tests check: each record of a file ends in exactly one
//! of two places, as a row of [`Decoded::batch`] or in [`Decoded::rejects`]. A value that does not fit its column is never
//! altered: the column is NULL and the value stands, as text, in `_rescued_data`.

mod chunks;
mod csv;
mod error;
pub mod json;
mod ndjson;
mod options;
mod overlong;
mod parquet;
mod rescue;
mod sample;

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use model::suggest;
use object_store::{ObjectMeta, ObjectStore};

use self::csv::Csv;
use self::ndjson::Ndjson;
use self::parquet::Parquet;
use crate::columns::{self, Column};

pub use self::error::FormatError;
pub use self::options::Options;

/// The name of the column that keeps what did not fit, as the JSON text of an object, or NULL.
pub const RESCUED_DATA: &str = "_rescued_data";

/// A file to read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Its store.
    pub store: Arc<dyn ObjectStore>,
    /// Its place, size and time of change, as listed.
    pub meta: ObjectMeta,
    /// Its URL or path as people and `_source_file` know it.
    pub display: Arc<str>,
}

/// A run of whole records of one file.
#[derive(Debug)]
pub struct Chunk {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The line of the first record, counted from 1; for formats without lines the row's number.
    pub first_line: u64,
    /// Where the chunk begins in the (decompressed) file, counted from 0.
    pub byte_offset: u64,
    /// The records.
    pub payload: Payload,
}

/// The records of a chunk.
#[derive(Debug)]
pub enum Payload {
    /// Text that ends with a whole record.
    Text(Bytes),
    /// Text that ends with a whole record, of a file that names its columns once.
    Table {
        /// The columns in the order of the file.
        header: Arc<[String]>,
        /// The records.
        text: Bytes,
    },
    /// One record that is longer than the limit: it was passed over, and all that is kept of it is its beginning.
    Overlong {
        /// How it begins.
        head: Bytes,
        /// How long it is, in bytes.
        length: u64,
    },
    /// Rows of a format that has types of its own.
    Rows(RecordBatch),
}

/// What became of a chunk.
#[derive(Debug)]
pub struct Decoded {
    /// The rows: the columns of the schema in its order, then [`RESCUED_DATA`] (text).
    pub batch: RecordBatch,
    /// The records that could not be parsed at all.
    pub rejects: Vec<Reject>,
}

/// A record that could not be parsed at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Its line, counted from 1.
    pub line: Option<u64>,
    /// Where it begins in the (decompressed) file, counted from 0.
    pub byte_offset: u64,
    /// What is wrong with it, in words, with the column (character) where that is known.
    pub reason: String,
    /// The record as it stands; for a very long one its beginning.
    pub raw: Vec<u8>,
}

/// A way to write rows into files.
#[async_trait]
pub trait FileFormat: fmt::Debug + Send + Sync {
    /// The schema that fits a sample of `files`, without [`RESCUED_DATA`].
    async fn infer(&self, files: &[Arc<SourceFile>]) -> Result<SchemaRef, FormatError>;

    /// Reads `file` and cuts it into chunks, in the order of the file.
    ///
    /// A file that cannot be read on (a truncated archive, no such codec) ends the stream with an error that names the place.
    async fn open(
        &self,
        file: Arc<SourceFile>,
    ) -> Result<BoxStream<'static, Result<Chunk, FormatError>>, FormatError>;

    /// A decoder into `schema`; each core has its own.
    fn decoder(&self, schema: SchemaRef) -> Result<Box<dyn Decoder>, FormatError>;
}

/// Turns chunks into rows.
pub trait Decoder: Send {
    /// Decodes one chunk. Only a fault of ours is an error; a bad record is a [`Reject`].
    fn decode(&mut self, chunk: &Chunk) -> Result<Decoded, FormatError>;
}

/// The names of the formats, also as endings of files.
const NAMES: [&str; 6] = ["json", "ndjson", "jsonl", "csv", "tsv", "parquet"];

/// The format called `name` or, where none is named, the one that the ending of `file_name` tells, with what `options` say about it.
///
/// Options that the format does not know are left to [`Options::refuse_unused`], for others may know them.
pub fn format_for(
    name: Option<&str>,
    file_name: &str,
    options: &Options,
) -> Result<Arc<dyn FileFormat>, FormatError> {
    let given = name.unwrap_or_default().to_lowercase();
    let word = if given.is_empty() { ending(file_name) } else { given.clone() };
    Ok(match word.as_str() {
        "json" | "ndjson" | "jsonl" => Arc::new(Ndjson::new(options)?),
        "csv" => Arc::new(Csv::new(options, b',')?),
        "tsv" => Arc::new(Csv::new(options, b'\t')?),
        "parquet" => Arc::new(Parquet),
        _ => {
            let suggestion = suggest(&word, NAMES).map(str::to_owned);
            return Err(FormatError::UnknownFormat { name: given, file: file_name.to_owned(), suggestion });
        }
    })
}

/// The ending of a file's name that tells its format; one that tells a compression is looked through.
fn ending(file_name: &str) -> String {
    let path = Path::new(file_name);
    let ending = |path: &Path| path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    match ending(path).as_str() {
        "gz" | "gzip" | "zst" | "zstd" => ending(Path::new(path.file_stem().unwrap_or_default())),
        other => other.to_owned(),
    }
}

/// The columns of a decoder's batches: those of `schema`, nullable in all depths because a file can promise nothing,
/// and [`RESCUED_DATA`].
fn output_schema(schema: &SchemaRef) -> Result<SchemaRef, FormatError> {
    let rescued = Arc::new(Field::new(RESCUED_DATA, DataType::Utf8, true));
    let fields: Vec<_> = columns::nullable(schema.fields()).iter().cloned().chain([rescued]).collect();
    let mut seen = HashSet::new();
    match fields.iter().find(|field| !seen.insert(field.name().to_lowercase())) {
        None => Ok(Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))),
        Some(twice) => Err(FormatError::Schema {
            column: twice.name().clone(),
            reason: "there are two columns of this name (case does not count)".to_owned(),
        }),
    }
}

/// Empty columns for all fields of `output` but the rescue column.
fn build_columns(output: &SchemaRef) -> Result<Vec<Column>, FormatError> {
    let fields = output.fields().iter().filter(|field| field.name() != RESCUED_DATA);
    let unsupported = |error: columns::Unsupported| FormatError::Schema {
        column: error.column,
        reason: format!("no text can fill the type {}", error.data_type),
    };
    fields.map(|field| Column::new(field).map_err(unsupported)).collect()
}

#[cfg(test)]
mod conformance;
