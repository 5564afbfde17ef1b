//! Parquet.
//!
//! A file is read row group by row group, in batches of rows. Columns are matched by name:
//!
//! | value | becomes |
//! |---|---|
//! | of the column's type, or of another type in which it is the same value | the value |
//! | any other | NULL, and it is rescued as JSON |
//! | of a column that the schema lacks, also where only the case differs | rescued as JSON |
//! | of a column that the file lacks | NULL |
//!
//! Texts become values of other types by the rules of CSV, and anything becomes a text. A struct with parts that do not
//! fit holds the rest and is rescued whole; an array or map with such parts is NULL and rescued whole.
//!
//! A file that is damaged ends in an error that names it; so does one that makes the parser panic.

mod decoder;
mod fit;
mod infer;
mod json_text;
mod read;
mod window;

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use model::{Classify, ErrorKind};
use tokio::sync::mpsc;

use self::decoder::ParquetDecoder;
use self::window::Opened;
use super::chunks::{Codec, received};
use super::{Chunk, Decoder, FileFormat, FormatError, SourceFile, sample};

/// Files of Parquet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parquet;

#[async_trait]
impl FileFormat for Parquet {
    async fn infer(&self, files: &[Arc<SourceFile>]) -> Result<SchemaRef, FormatError> {
        let mut found = Schema::empty();
        for file in sample::files(files).filter(|file| file.meta.size > 0) {
            match read::schema(file.clone()).await {
                Err(error) if error.kind() == ErrorKind::Data => {}
                schema => {
                    let schema = schema?;
                    found = infer::merge(&found, &schema);
                }
            }
        }
        sample::schema(found)
    }

    async fn open(
        &self,
        file: Arc<SourceFile>,
    ) -> Result<BoxStream<'static, Result<Chunk, FormatError>>, FormatError> {
        if Codec::of_name(&file.display)? != Codec::Plain {
            return Err(FormatError::UnsupportedFile {
                file: file.display.to_string(),
                reason: "Parquet is compressed within, not as a whole".to_owned(),
                hint: "decompress the file",
            });
        }
        if file.meta.size == 0 {
            return Ok(stream::empty().boxed());
        }
        let opened = Opened::open(&file).await?;
        let (sender, receiver) = mpsc::channel(1);
        let reader = tokio::task::spawn_blocking(move || {
            read::run(&file, &opened, |chunk| sender.blocking_send(chunk).is_ok());
        });
        Ok(received(receiver, reader))
    }

    fn decoder(&self, schema: SchemaRef) -> Result<Box<dyn Decoder>, FormatError> {
        Ok(Box::new(ParquetDecoder::new(&schema)?))
    }
}

#[cfg(test)]
mod tests;
