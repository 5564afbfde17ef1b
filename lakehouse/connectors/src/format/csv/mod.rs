//! CSV and its kin.
//!
//! # Records
//!
//! A record is a line; with `multiLine` a field in quotes may hold line breaks. Blank lines and, with `comment`, lines
//! that begin with that mark are skipped. The first record of each file names its columns, as the Auto Loader assumes it
//! while it infers; `header = false` (Spark's default elsewhere) names them `_c0`, `_c1` ... and matches them by place.
//! With a header, columns are matched by name, so that their order may differ from file to file.
//!
//! Within quotes both ways of writing a quote are understood: `""` (RFC 4180) and `\"` (Spark's default). Where a
//! backslash is to be a character like any other, set `escape` to `"`. Only blanks may follow a closing quote; a field
//! that goes on behind it is taken as it stands, with its quotes.
//!
//! # What becomes of a field
//!
//! | field | becomes |
//! |---|---|
//! | nothing, without quotes; the text `nullValue` | NULL |
//! | nothing, in quotes | `emptyValue` (by default an empty text) in a column of texts, NULL in others |
//! | a value that fits its column exactly | the value |
//! | a value that does not | NULL, and it is rescued under the column's name |
//! | a field that no column is named after, also where only the case differs | rescued under its own name |
//! | a field behind those that the header names | rescued as `_c<N>` |
//! | a missing field | NULL |
//!
//! A record with a quote that is not closed, with more than 20,480 fields, or that is not UTF-8 is rejected.

mod decoder;
mod dialect;
mod ends;
mod fields;
mod header;
mod infer;
mod records;

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use futures::stream::BoxStream;

use self::decoder::CsvDecoder;
use self::dialect::Dialect;
use self::ends::{Ends, WithHeader};
use super::chunks::{self, Limits};
use super::options::Options;
use super::overlong::RejectOverlong;
use super::{Chunk, Decoder, FileFormat, FormatError, SourceFile, sample};

/// Options that Spark has for CSV and that are not built yet.
const LATER: [&str; 8] = [
    "columnNameOfCorruptRecord",
    "dateFormat",
    "enforceSchema",
    "locale",
    "samplingRatio",
    "timestampFormat",
    "timestampNTZFormat",
    "unescapedQuoteHandling",
];

/// Files of CSV.
#[derive(Debug, Clone)]
pub(super) struct Csv {
    dialect: Arc<Dialect>,
    has_header: bool,
    infers_types: bool,
    pub(super) limits: Limits,
}

impl Csv {
    /// CSV as `options` describe it; `separator` where they name none.
    pub(super) fn new(options: &Options, separator: u8) -> Result<Self, FormatError> {
        LATER.iter().try_for_each(|name| options.refuse(name, "this option is not built yet"))?;
        options.only_permissive_utf8()?;
        let (schema, columns) = (options.flag("inferSchema")?, options.flag("inferColumnTypes")?);
        Ok(Self {
            dialect: Arc::new(Dialect::new(options, separator)?),
            has_header: options.flag("header")?.unwrap_or(true),
            infers_types: schema.or(columns).unwrap_or(true),
            limits: Limits::new(options)?,
        })
    }

    async fn read(&self, file: Arc<SourceFile>, limits: Limits) -> Result<sample::Chunks, FormatError> {
        match self.has_header {
            true => chunks::open(file, limits, WithHeader::new(self.dialect.clone())).await,
            false => chunks::open(file, limits, Ends::new(self.dialect.clone())).await,
        }
    }
}

#[async_trait]
impl FileFormat for Csv {
    async fn infer(&self, files: &[Arc<SourceFile>]) -> Result<SchemaRef, FormatError> {
        let sample = sample::chunks(files, self.limits, |file, limits| self.read(file, limits)).await?;
        sample::schema(infer::infer(&self.dialect, &sample, self.infers_types))
    }

    async fn open(
        &self,
        file: Arc<SourceFile>,
    ) -> Result<BoxStream<'static, Result<Chunk, FormatError>>, FormatError> {
        self.read(file, self.limits).await
    }

    fn decoder(&self, schema: SchemaRef) -> Result<Box<dyn Decoder>, FormatError> {
        RejectOverlong::before(CsvDecoder::new(&schema, self.dialect.clone())?, &schema, self.limits)
    }
}

#[cfg(test)]
mod tests;
