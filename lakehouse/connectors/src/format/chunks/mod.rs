//! Reading text: from the store, through decompression, cut into chunks of whole records.
//!
//! One thread per open file does all three, a few MiB ahead of whoever takes the chunks: the memory it holds is a
//! small multiple of the chunk size, whatever the size of the file, of a line, or of what an archive expands to.

mod codec;
mod cut;
mod expand;
mod stored;

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use model::ByteSize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use self::cut::Cutter;
use self::stored::Stored;
use super::options::Options;
use super::{Chunk, FormatError, Payload, SourceFile};

pub(super) use self::codec::Codec;

/// How many bytes of an overlong or malformed record are kept.
pub(crate) const KEPT_OF_A_RECORD: usize = 64 * 1024;

/// How far reading goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limits {
    /// About how long a chunk is, in bytes.
    pub(super) chunk: usize,
    /// The longest record, in bytes without its line break; a longer one is passed over.
    pub(super) record: usize,
    /// The longest that a compressed file may become, in bytes.
    pub(super) expanded: u64,
    /// The most bytes that one stored byte may become, measured once the file has become longer than [`Self::FREE`].
    pub(super) ratio: u64,
}

impl Limits {
    /// Small files of one letter compress a thousandfold; that harms nobody.
    const FREE: u64 = 64 << 20;

    /// The limits with what `options` say about them.
    pub(super) fn new(options: &Options) -> Result<Self, FormatError> {
        let size = |name| options.parsed::<ByteSize>(name);
        let default = Self::default();
        let record = size("maxRecordBytes")?
            .map_or(default.record, |size| usize::try_from(size.0).unwrap_or(usize::MAX));
        let expanded = size("maxExpandedBytes")?.map_or(default.expanded, |size| size.0);
        Ok(Self { record: record.max(1), expanded, ..default })
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { chunk: 4 << 20, record: 16 << 20, expanded: 8 << 30, ratio: 200 }
    }
}

/// What a format of text knows about where its records end. It is fed the bytes of a file once, in order.
pub(super) trait Records: Send + 'static {
    /// Reads on over `fresh` up to the first end of a record, and answers with the place behind it.
    fn first_end(&mut self, fresh: &[u8]) -> Option<usize>;

    /// Reads on over all of `fresh` and answers with the place behind the last end of a record.
    fn last_end(&mut self, fresh: &[u8]) -> Option<usize>;

    /// Makes the payload of whole records, and says how many bytes at their front are none. An error
    /// says in words why the file as a whole cannot be read.
    fn payload(&mut self, records: Bytes) -> Result<(usize, Payload), String> {
        Ok((0, Payload::Text(records)))
    }

    /// Whether the next record may be passed over for its length.
    fn can_skip(&self) -> bool {
        true
    }
}

/// Records that are lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines;

impl Records for Lines {
    fn first_end(&mut self, fresh: &[u8]) -> Option<usize> {
        memchr::memchr(b'\n', fresh).map(|at| at + 1)
    }

    fn last_end(&mut self, fresh: &[u8]) -> Option<usize> {
        memchr::memrchr(b'\n', fresh).map(|at| at + 1)
    }
}

/// Reads `file` and cuts it into chunks.
///
/// Where the file cannot be read on, the records that are whole come first, then an error that names the place.
pub(super) async fn open(
    file: Arc<SourceFile>,
    limits: Limits,
    records: impl Records,
) -> Result<BoxStream<'static, Result<Chunk, FormatError>>, FormatError> {
    let codec = Codec::of_name(&file.display)?;
    if file.meta.size == 0 {
        return Ok(stream::empty().boxed());
    }
    let stored = Stored::open(&file).await?;
    let (sender, receiver) = mpsc::channel(1);
    let reader = tokio::task::spawn_blocking(move || {
        Cutter::run(&file, stored, codec, limits, records, |chunk| sender.blocking_send(chunk).is_ok());
    });
    Ok(received(receiver, reader))
}

/// What the reading thread sends. A thread that panics must not look like the end of the file.
pub(super) fn received(
    receiver: mpsc::Receiver<Result<Chunk, FormatError>>,
    reader: JoinHandle<()>,
) -> BoxStream<'static, Result<Chunk, FormatError>> {
    let next = |(mut receiver, reader): (mpsc::Receiver<_>, Option<JoinHandle<()>>)| async move {
        if let Some(chunk) = receiver.recv().await {
            return Some((chunk, (receiver, reader)));
        }
        let error = reader?.await.err()?;
        let error = FormatError::Internal { format: "reader", reason: error.to_string() };
        Some((Err(error), (receiver, None)))
    };
    stream::unfold((receiver, Some(reader)), next).boxed()
}

#[cfg(test)]
mod tests;
