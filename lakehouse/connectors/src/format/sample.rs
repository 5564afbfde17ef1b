//! What a schema is inferred from.

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use futures::stream::{BoxStream, StreamExt};
use model::{Classify, ErrorKind};

use super::chunks::Limits;
use super::{Chunk, FormatError, Payload, SourceFile};

/// The chunks of one file.
pub(super) type Chunks = BoxStream<'static, Result<Chunk, FormatError>>;

/// The most files that are looked into.
const FILES: usize = 64;

/// About how many bytes of text are looked at in all.
const BYTES: usize = 16 << 20;

/// The files to look into: all of them, or 64 that are spread evenly over the list, so that changes over time are seen.
pub(super) fn files(all: &[Arc<SourceFile>]) -> impl Iterator<Item = &Arc<SourceFile>> {
    let count = all.len().min(FILES);
    (0..count).map(move |index| &all[index * all.len() / count])
}

/// The beginnings of the files to look into, 16 MiB in all, each file with the same share.
///
/// A damaged file has no say: it will be met again when it is read.
pub(super) async fn chunks<F>(
    all: &[Arc<SourceFile>],
    limits: Limits,
    open: impl Fn(Arc<SourceFile>, Limits) -> F,
) -> Result<Vec<Chunk>, FormatError>
where
    F: Future<Output = Result<Chunks, FormatError>>,
{
    let limits = Limits { chunk: BYTES / all.len().clamp(1, FILES), ..limits };
    let mut sample = Vec::new();
    for file in files(all) {
        match first_text(open(file.clone(), limits).await?).await {
            Err(error) if error.kind() == ErrorKind::Data => {}
            chunk => sample.extend(chunk?),
        }
    }
    Ok(sample)
}

async fn first_text(mut chunks: Chunks) -> Result<Option<Chunk>, FormatError> {
    while let Some(chunk) = chunks.next().await.transpose()? {
        if !matches!(chunk.payload, Payload::Overlong { .. }) {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}

/// The schema that a sample gave. One without columns is none.
pub(super) fn schema(inferred: Schema) -> Result<SchemaRef, FormatError> {
    if inferred.fields().is_empty() {
        let reason = "none was given, and the files hold no records to infer one from".to_owned();
        return Err(FormatError::Schema { column: "*".to_owned(), reason });
    }
    Ok(Arc::new(inferred))
}
