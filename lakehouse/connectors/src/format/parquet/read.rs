//! Reading a file, on a thread that may wait, whatever the parser makes of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::errors::ParquetError;
use thiserror::Error;

use super::window::Opened;
use crate::format::{Chunk, FormatError, Payload, SourceFile};

/// Why a file cannot be read on.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Store(#[from] object_store::Error),
    #[error(transparent)]
    System(#[from] std::io::Error),
    #[error(transparent)]
    Parser(#[from] ParquetError),
    #[error(transparent)]
    Rows(#[from] ArrowError),
    #[error("its parser panicked")]
    Panic,
}

impl Failure {
    fn of(self, file: &SourceFile, byte_offset: u64) -> FormatError {
        let file = file.display.to_string();
        match self {
            Self::Store(source) => FormatError::Read { file, byte_offset, source },
            Self::System(error) => {
                let source = object_store::Error::Generic { store: "local file", source: Box::new(error) };
                FormatError::Read { file, byte_offset, source }
            }
            other => {
                FormatError::Damaged { file, byte_offset, reason: format!("not valid Parquet: {other}") }
            }
        }
    }
}

/// Runs a step of the parser, which panics on some damaged files.
fn guarded<T>(step: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(step)).unwrap_or(Err(Failure::Panic))
}

/// The columns of a file.
pub(super) async fn schema(file: Arc<SourceFile>) -> Result<SchemaRef, FormatError> {
    let opened = Opened::open(&file).await?;
    let read = move || metadata(&file, &opened).map(|metadata| metadata.schema().clone());
    let joined = tokio::task::spawn_blocking(read).await;
    joined.map_err(|error| FormatError::Internal { format: "parquet", reason: error.to_string() })?
}

fn metadata(file: &SourceFile, opened: &Opened) -> Result<ArrowReaderMetadata, FormatError> {
    guarded(|| opened.metadata()).map_err(|failure| failure.of(file, 0))
}

/// Reads all rows and sends them, until `send` says that nobody listens any more.
pub(super) fn run(
    file: &Arc<SourceFile>,
    opened: &Opened,
    send: impl Fn(Result<Chunk, FormatError>) -> bool,
) {
    let outcome = metadata(file, opened).and_then(|metadata| {
        let mut row = 1;
        for (index, group) in metadata.metadata().row_groups().iter().enumerate() {
            let at = group.file_offset().and_then(|at| u64::try_from(at).ok()).unwrap_or_default();
            let rows = row_group(opened, &metadata, index, |rows| {
                let first_line = row;
                row += rows.num_rows() as u64;
                send(Ok(Chunk {
                    file: file.clone(),
                    first_line,
                    byte_offset: at,
                    payload: Payload::Rows(rows),
                }))
            });
            if !rows.map_err(|failure| failure.of(file, at))? {
                break;
            }
        }
        Ok(())
    });
    if let Err(error) = outcome {
        send(Err(error));
    }
}

/// Reads one row group; answers whether anybody listens still.
fn row_group(
    opened: &Opened,
    metadata: &ArrowReaderMetadata,
    index: usize,
    mut send: impl FnMut(RecordBatch) -> bool,
) -> Result<bool, Failure> {
    let mut reader = guarded(|| opened.row_group(metadata, index))?;
    while let Some(rows) = guarded(|| Ok(reader.next().transpose()?))? {
        if !send(rows) {
            return Ok(false);
        }
    }
    Ok(true)
}
