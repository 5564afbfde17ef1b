//! Chunks of lines into batches.

use std::collections::HashSet;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Fields, SchemaRef};
use arrow::error::ArrowError;

use super::JsonOptions;
use super::cursor::Cursor;
use super::fault::{Fault, LONGEST_TEXT, What};
use super::record::Reader;
use super::rescue::Rescue;
use super::shape::ObjectShape;
use crate::columns::{Column, TextColumn};
use crate::format::{Chunk, Decoded, Decoder, FormatError, Payload, Reject, build_columns, output_schema};

const FORMAT: &str = "json";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The beginning of a rejected line that is kept.
const KEPT_OF_A_REJECT: usize = 64 << 10;
/// Beyond this depth the stack of a thread could overflow.
const DEEPEST_NESTING: usize = 512;

/// Decodes lines of JSON; see the module for what becomes of each value.
#[derive(Debug)]
pub struct JsonDecoder {
    options: JsonOptions,
    schema: SchemaRef,
    shape: ObjectShape,
    columns: Vec<Column>,
    rescued: TextColumn,
    rescue: Rescue,
    scratch: Vec<u8>,
}

impl JsonDecoder {
    /// A decoder into the columns of `schema`. All of them are taken as nullable, in all depths.
    ///
    /// Fails when a column has a type that JSON cannot fill, a name that comes twice, or the name of the rescue column,
    /// and when an option is out of range.
    pub fn new(schema: SchemaRef, options: JsonOptions) -> Result<Self, FormatError> {
        if !(1..=DEEPEST_NESTING).contains(&options.max_nesting) {
            return Err(FormatError::InvalidOption {
                option: "maxNesting".to_owned(),
                value: options.max_nesting.to_string(),
                reason: format!("expected 1 to {DEEPEST_NESTING}"),
            });
        }
        check_nested(schema.fields())?;
        let output = output_schema(&schema)?;
        Ok(Self {
            options,
            shape: ObjectShape::new(schema.fields()),
            columns: build_columns(&output)?,
            schema: output,
            rescued: TextColumn::default(),
            rescue: Rescue::default(),
            scratch: Vec::new(),
        })
    }

    /// The schema of the batches: the columns, then the rescue column.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Reads the record at `at` and answers with the place behind its line. On a fault the columns keep a part of it.
    fn record(&mut self, text: &[u8], at: usize) -> Result<usize, Fault> {
        let mut cursor = Cursor::new(text);
        cursor.go_to(at);
        if cursor.peek() != Some(b'{') {
            return Err(Fault::new(at, What::NotAnObject));
        }
        self.rescue.clear();
        let mut reader = Reader { cursor, rescue: &mut self.rescue, scratch: &mut self.scratch };
        reader.object(&mut self.columns, &mut self.shape, self.options.max_nesting)?;
        let mut cursor = reader.cursor;
        cursor.skip_blanks();
        match cursor.peek() {
            None => Ok(cursor.at()),
            Some(b'\n') => Ok(cursor.at() + 1),
            Some(_) => Err(Fault::new(cursor.at(), What::MoreAfterTheObject)),
        }
    }

    fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let mut arrays: Vec<ArrayRef> =
            self.columns.iter_mut().map(Column::finish).collect::<Result<_, _>>()?;
        arrays.push(self.rescued.finish()?);
        RecordBatch::try_new(self.schema.clone(), arrays)
    }

    /// Forgets everything after a failure of ours, so that the next chunk starts clean.
    fn reset(&mut self) {
        self.columns.iter_mut().for_each(|column| column.truncate(0));
        self.rescued.truncate(0);
    }
}

impl Decoder for JsonDecoder {
    fn decode(&mut self, chunk: &Chunk) -> Result<Decoded, FormatError> {
        let Payload::Text(text) = &chunk.payload else {
            return Err(internal("a chunk of rows instead of text"));
        };
        if text.len() > LONGEST_TEXT {
            return Err(internal("a chunk of more than 1 GiB"));
        }
        let mut rejects = Vec::new();
        Lines::new(self, chunk, text).read(&mut rejects);
        match self.finish() {
            Ok(batch) => Ok(Decoded { batch, rejects }),
            Err(error) => {
                self.reset();
                Err(internal(&error.to_string()))
            }
        }
    }
}

/// The lines of a chunk on their way into the columns.
struct Lines<'a> {
    decoder: &'a mut JsonDecoder,
    chunk: &'a Chunk,
    text: &'a [u8],
    /// The file's path as JSON.
    file_path: String,
    line: u64,
    rows: usize,
}

impl<'a> Lines<'a> {
    fn new(decoder: &'a mut JsonDecoder, chunk: &'a Chunk, text: &'a [u8]) -> Self {
        let file_path = serde_json::Value::from(&*chunk.file.display).to_string();
        Self { decoder, chunk, text, file_path, line: chunk.first_line, rows: 0 }
    }

    fn read(&mut self, rejects: &mut Vec<Reject>) {
        let has_mark = self.chunk.byte_offset == 0 && self.text.starts_with(BYTE_ORDER_MARK);
        let mut begin = if has_mark { BYTE_ORDER_MARK.len() } else { 0 };
        while begin < self.text.len() {
            begin = self.line(begin, rejects);
            self.line += 1;
        }
    }

    /// Reads the line that begins at `begin` and answers with the beginning of the next one.
    #[inline]
    fn line(&mut self, begin: usize, rejects: &mut Vec<Reject>) -> usize {
        let mut cursor = Cursor::new(self.text);
        cursor.go_to(begin);
        cursor.skip_blanks();
        if matches!(cursor.peek(), None | Some(b'\n')) {
            return cursor.at() + 1;
        }
        let outcome = self.decoder.record(self.text, cursor.at());
        match outcome {
            Ok(end) if end - begin <= self.decoder.options.max_line_bytes => {
                self.keep();
                end
            }
            Ok(_) => self.reject(begin, Fault::new(begin, What::TooLong), rejects),
            Err(fault) => self.reject(begin, fault, rejects),
        }
    }

    /// Makes the record a row.
    #[inline]
    fn keep(&mut self) {
        self.rows += 1;
        let rescued = &mut self.decoder.rescued;
        if self.decoder.rescue.is_empty() {
            rescued.append_null();
        } else {
            self.decoder.rescue.write(self.text, &self.file_path, rescued.open());
            rescued.close();
        }
    }

    /// Takes back what the columns have of the line.
    #[cold]
    fn reject(&mut self, begin: usize, fault: Fault, rejects: &mut Vec<Reject>) -> usize {
        self.decoder.columns.iter_mut().for_each(|column| column.truncate(self.rows));
        let rest = &self.text[begin..];
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..len];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        rejects.push(Reject {
            line: Some(self.line),
            byte_offset: self.chunk.byte_offset + begin as u64,
            reason: reason(line, fault.at() - begin, fault.what()),
            raw: line[..line.len().min(KEPT_OF_A_REJECT)].to_vec(),
        });
        begin + len + 1
    }
}

fn reason(line: &[u8], at: usize, what: What) -> String {
    let before = &line[..at.min(line.len())];
    // All bytes of a character but its first begin with the bits 10.
    let characters = before.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    format!("character {}: {what}", characters + 1)
}

/// Refuses names that come twice in a nested column, where two that differ only by case are the same, as in Delta.
fn check_nested(fields: &Fields) -> Result<(), FormatError> {
    fields.iter().try_for_each(|field| match field.data_type() {
        DataType::Struct(parts) => check_struct(parts),
        DataType::List(part) | DataType::Map(part, _) => check_nested(&Fields::from(vec![part.clone()])),
        _ => Ok(()),
    })
}

fn check_struct(fields: &Fields) -> Result<(), FormatError> {
    let mut seen = HashSet::new();
    if let Some(twice) = fields.iter().find(|field| !seen.insert(field.name().to_lowercase())) {
        let reason = "there are two fields of this name in one struct (case does not count)".to_owned();
        return Err(FormatError::Schema { column: twice.name().clone(), reason });
    }
    check_nested(fields)
}

fn internal(reason: &str) -> FormatError {
    FormatError::Internal { format: FORMAT, reason: reason.to_owned() }
}
