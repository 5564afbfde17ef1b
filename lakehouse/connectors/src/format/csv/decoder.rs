//! Chunks of CSV into batches.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};

use super::dialect::Dialect;
use super::fields::Span;
use super::header::nameless;
use super::records::{Reader, Record};
use crate::columns::{Column, Fit};
use crate::format::chunks::KEPT_OF_A_RECORD;
use crate::format::rescue::Rescued;
use crate::format::{Chunk, Decoded, Decoder, FormatError, Payload, Reject, build_columns, output_schema};

/// Decodes CSV; see the module for what becomes of each value.
#[derive(Debug)]
pub(super) struct CsvDecoder {
    dialect: Arc<Dialect>,
    /// The columns and the rescue column.
    output: SchemaRef,
    columns: Vec<Target>,
    rescued: Rescued,
    layout: Layout,
    scratch: String,
}

/// A column and what the decoder needs to know of it.
#[derive(Debug)]
struct Target {
    column: Column,
    is_text: bool,
}

/// Which field of a file belongs into which column.
#[derive(Debug, Default)]
struct Layout {
    /// The header that it was made for.
    header: Option<Arc<[String]>>,
    /// For each column its field.
    fields: Vec<Option<usize>>,
    /// The fields that have no column, of those that the header names.
    strangers: Vec<usize>,
    /// From here on a field has neither a name nor a column.
    named: usize,
}

impl CsvDecoder {
    pub(super) fn new(schema: &SchemaRef, dialect: Arc<Dialect>) -> Result<Self, FormatError> {
        let output = output_schema(schema)?;
        let target = |(column, index): (Column, usize)| {
            let is_text = output.field(index).data_type() == &DataType::Utf8;
            Target { column, is_text }
        };
        let columns = build_columns(&output)?.into_iter().zip(0..).map(target).collect();
        let (rescued, layout, scratch) = (Rescued::default(), Layout::default(), String::new());
        let mut decoder = Self { dialect, output, columns, rescued, layout, scratch };
        decoder.layout = decoder.by_position();
        Ok(decoder)
    }

    /// The names of the columns, without the rescue column.
    fn names(&self) -> impl Iterator<Item = &String> {
        self.output.fields().iter().map(|field| field.name()).take(self.columns.len())
    }

    fn by_position(&self) -> Layout {
        let fields: Vec<_> = (0..self.columns.len()).map(Some).collect();
        Layout { header: None, named: fields.len(), fields, strangers: Vec::new() }
    }

    fn by_name(&self, header: &Arc<[String]>) -> Layout {
        let mut places: HashMap<&str, usize> = header.iter().map(String::as_str).zip(0..).collect();
        let fields = self.names().map(|name| places.remove(name.as_str())).collect();
        let mut strangers: Vec<usize> = places.into_values().collect();
        strangers.sort_unstable();
        Layout { header: Some(header.clone()), fields, strangers, named: header.len() }
    }

    /// Sets the layout for a chunk; the chunks of one file share their header.
    fn lay_out(&mut self, header: &Arc<[String]>) {
        if !self.layout.header.as_ref().is_some_and(|known| Arc::ptr_eq(known, header)) {
            self.layout = self.by_name(header);
        }
    }

    /// Appends the record's fields to the columns.
    #[inline]
    fn row(&mut self, text: &str, fields: &[Span]) {
        let names = self.output.fields();
        for (index, target) in self.columns.iter_mut().enumerate() {
            let field = self.layout.fields[index].and_then(|field| fields.get(field));
            let value =
                field.and_then(|field| self.dialect.value(text, field, target.is_text, &mut self.scratch));
            match value {
                None => target.column.append_null(),
                Some(value) => {
                    if target.column.append_text(value) == Fit::Misfit {
                        self.rescued.text(names[index].name(), value);
                    }
                }
            }
        }
    }

    /// Rescues the fields that have no column. NULLs need no rescue.
    #[inline]
    fn strangers(&mut self, text: &str, fields: &[Span]) {
        let header = self.layout.header.as_deref().unwrap_or_default();
        for index in &self.layout.strangers {
            let field = fields.get(*index);
            if let Some(value) =
                field.and_then(|field| self.dialect.value(text, field, true, &mut self.scratch))
            {
                self.rescued.text(&header[*index], value);
            }
        }
        for (index, field) in fields.iter().enumerate().skip(self.layout.named) {
            if let Some(value) = self.dialect.value(text, field, true, &mut self.scratch) {
                self.rescued.text(&nameless(index), value);
            }
        }
    }

    fn records(&mut self, chunk: &Chunk, text: &[u8]) -> Vec<Reject> {
        let dialect = self.dialect.clone();
        let mut reader = Reader::new(&dialect, text);
        let (mut fields, mut rejects) = (Vec::new(), Vec::new());
        // Checking all of the text at once is much cheaper than record by record.
        let whole = str::from_utf8(text).ok();
        while let Some(record) = reader.next(&mut fields) {
            let readable = match whole {
                Some(whole) => Some(whole),
                // Fields are places in the text, so the record keeps its place.
                None => str::from_utf8(&text[record.range.clone()]).ok(),
            };
            match (record.fault, readable) {
                (None, Some(readable)) => {
                    if whole.is_none() {
                        fields.iter_mut().for_each(|field| field.rebase(record.range.start));
                    }
                    self.row(readable, &fields);
                    self.strangers(readable, &fields);
                    self.rescued.end_row(&chunk.file.display);
                }
                _ => rejects.push(reject(chunk, text, &record, dialect.multi_line)),
            }
        }
        rejects
    }

    fn finish(&mut self) -> Result<RecordBatch, FormatError> {
        let finish = |target: &mut Target| target.column.finish();
        let mut arrays: Vec<ArrayRef> = self.columns.iter_mut().map(finish).collect::<Result<_, _>>()?;
        arrays.push(self.rescued.finish()?);
        Ok(RecordBatch::try_new(self.output.clone(), arrays)?)
    }
}

impl Decoder for CsvDecoder {
    fn decode(&mut self, chunk: &Chunk) -> Result<Decoded, FormatError> {
        let text = match &chunk.payload {
            Payload::Text(text) => text,
            Payload::Table { header, text } => {
                self.lay_out(header);
                text
            }
            Payload::Rows(_) | Payload::Overlong { .. } => {
                return Err(FormatError::Internal {
                    format: "csv",
                    reason: "a chunk that is no text".to_owned(),
                });
            }
        };
        let rejects = self.records(chunk, text);
        Ok(Decoded { batch: self.finish()?, rejects })
    }
}

fn reject(chunk: &Chunk, text: &[u8], record: &Record, multi_line: bool) -> Reject {
    let raw = &text[record.range.clone()];
    let reason = match record.fault {
        Some(fault) => fault.reason(raw, record.range.start, multi_line),
        None => "not valid UTF-8".to_owned(),
    };
    Reject {
        line: Some(chunk.first_line + record.line),
        byte_offset: chunk.byte_offset + record.range.start as u64,
        reason,
        raw: raw[..raw.len().min(KEPT_OF_A_RECORD)].to_vec(),
    }
}
