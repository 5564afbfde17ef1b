//! The files of a batch on their way to the decoders.

use std::sync::Arc;

use futures::{StreamExt, stream};
use model::{Classify, ErrorKind, Quarantined};
use object_store::ObjectStoreExt;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::format::{Chunk, FileFormat, FormatError, SourceFile};
use crate::source::SourceError;

/// How many files are read at once. Reading and cutting is cheap; more only costs memory.
const READERS: usize = 2;

/// How many chunks may wait for a decoder.
const WAITING: usize = 4;

type Item = Result<Chunk, SourceError>;

/// Reads files and hands out their chunks to whoever asks next. Dropping it stops the reading.
#[derive(Debug)]
pub(super) struct ChunkQueue {
    chunks: Mutex<mpsc::Receiver<Item>>,
    _reader: JoinSet<()>,
}

impl ChunkQueue {
    /// Starts to read `files`, in order.
    pub(super) fn start(
        files: Vec<Arc<SourceFile>>,
        format: Arc<dyn FileFormat>,
        quarantine: mpsc::Sender<Vec<Quarantined>>,
    ) -> Self {
        let (sender, chunks) = mpsc::channel(WAITING);
        let mut reader = JoinSet::new();
        reader.spawn(async move {
            let read = |file| read_file(file, format.clone(), sender.clone(), quarantine.clone());
            stream::iter(files).for_each_concurrent(READERS, read).await;
        });
        Self { chunks: Mutex::new(chunks), _reader: reader }
    }

    /// The next chunk; nothing when all files are read.
    pub(super) async fn next(&self) -> Option<Item> {
        self.chunks.lock().await.recv().await
    }
}

async fn read_file(
    file: Arc<SourceFile>,
    format: Arc<dyn FileFormat>,
    chunks: mpsc::Sender<Item>,
    quarantine: mpsc::Sender<Vec<Quarantined>>,
) {
    let outcome = match forward(&file, format.as_ref(), &chunks).await {
        Err(SourceError::Format(error)) if error.kind() == ErrorKind::Data => {
            // A file that is damaged from here on loses no other file, and what was whole of it is kept.
            quarantine.send(vec![unreadable(&file, &error)]).await.ok();
            Ok(())
        }
        outcome => outcome,
    };
    if let Err(error) = outcome {
        chunks.send(Err(error)).await.ok();
    }
}

async fn forward(
    file: &Arc<SourceFile>,
    format: &dyn FileFormat,
    chunks: &mpsc::Sender<Item>,
) -> Result<(), SourceError> {
    let mut stream = format.open(file.clone()).await?;
    while let Some(chunk) = stream.next().await {
        if chunks.send(Ok(chunk?)).await.is_err() {
            return Ok(());
        }
    }
    check_unchanged(file).await
}

/// A file that was replaced or grew while it was read is read again in the next try.
async fn check_unchanged(file: &SourceFile) -> Result<(), SourceError> {
    let failed =
        |source| FormatError::Read { file: file.display.to_string(), byte_offset: file.meta.size, source };
    let now = file.store.head(&file.meta.location).await.map_err(failed)?;
    match now.size == file.meta.size && now.last_modified == file.meta.last_modified {
        true => Ok(()),
        false => Err(SourceError::FileChanged { file: file.display.to_string() }),
    }
}

fn unreadable(file: &SourceFile, error: &FormatError) -> Quarantined {
    Quarantined {
        reason: format!("the file cannot be read on: {error}"),
        source_file: Some(file.display.clone()),
        ..Quarantined::default()
    }
}
