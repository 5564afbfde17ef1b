//! Newline-delimited JSON as a file format: lines for the decoder in [`json`](super::json).

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use futures::stream::BoxStream;

use super::chunks::{self, Limits, Lines};
use super::json::{self, JsonDecoder, JsonOptions};
use super::options::{Options, invalid};
use super::overlong::RejectOverlong;
use super::{Chunk, Decoder, FileFormat, FormatError, Payload, SourceFile, sample};

/// Files of newline-delimited JSON.
#[derive(Debug, Clone)]
pub(super) struct Ndjson {
    options: JsonOptions,
    infers_types: bool,
    pub(super) limits: Limits,
}

impl Ndjson {
    /// JSON as `options` describe it.
    pub(super) fn new(options: &Options) -> Result<Self, FormatError> {
        if options.flag("multiLine")? == Some(true) {
            return Err(invalid("multiLine", "true", "only one record per line is built"));
        }
        options.only_permissive_utf8()?;
        let plain = JsonOptions::default();
        let nesting = |text: &str| text.parse().map_err(|_| invalid("maxNesting", text, "expected a number"));
        let limits = Limits::new(options)?;
        let (schema, columns) = (options.flag("inferSchema")?, options.flag("inferColumnTypes")?);
        let infers_types = schema.or(columns).unwrap_or(true);
        let options = JsonOptions {
            max_nesting: options.get("maxNesting").map_or(Ok(plain.max_nesting), nesting)?,
            // The reader has passed over longer ones; what it counts leaves out the line break.
            max_line_bytes: limits.record.saturating_add(2),
            primitives_as_string: options.flag("primitivesAsString")?.unwrap_or(plain.primitives_as_string),
        };
        Ok(Self { options, infers_types, limits })
    }
}

/// The same columns, all of them STRING.
fn as_text(schema: &Schema) -> Schema {
    let text = |field: &Arc<Field>| field.as_ref().clone().with_data_type(DataType::Utf8);
    Schema::new(schema.fields().iter().map(text).collect::<Vec<_>>())
}

#[async_trait]
impl FileFormat for Ndjson {
    async fn infer(&self, files: &[Arc<SourceFile>]) -> Result<SchemaRef, FormatError> {
        let open = |file, limits| chunks::open(file, limits, Lines);
        let sample = sample::chunks(files, self.limits, open).await?;
        let texts = sample.iter().filter_map(|chunk| match &chunk.payload {
            Payload::Text(text) => Some(text.as_ref()),
            _ => None,
        });
        let inferred = json::infer(texts, &self.options);
        sample::schema(if self.infers_types { inferred } else { as_text(&inferred) })
    }

    async fn open(
        &self,
        file: Arc<SourceFile>,
    ) -> Result<BoxStream<'static, Result<Chunk, FormatError>>, FormatError> {
        chunks::open(file, self.limits, Lines).await
    }

    fn decoder(&self, schema: SchemaRef) -> Result<Box<dyn Decoder>, FormatError> {
        RejectOverlong::before(JsonDecoder::new(schema.clone(), self.options.clone())?, &schema, self.limits)
    }
}
