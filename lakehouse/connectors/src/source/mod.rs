//! Sources: where the rows of a stream come from.
//!
//! A source answers three questions: what is there ([`Source::look`]), how far the next batch goes
//! ([`Source::next_offset`]), and which rows lie in a range ([`Source::read`]). The promise that makes a batch
//! repeatable: for one range, `read` gives the same rows whenever it is asked, or fails; and what it needs for that is
//! durable once [`Source::record`] has returned.

mod delta;
mod error;
mod files;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::TableProvider;
use model::{BatchId, Offset, OffsetRange, Quarantined, ReadLimits};
use tokio::sync::mpsc::Sender;

pub use delta::{DeltaSnapshot, DeltaStream};
pub use error::SourceError;
pub use files::{FileSource, Listing};

/// One end of a flow: rows, in order, with a position.
#[async_trait]
pub trait Source: fmt::Debug + Send + Sync {
    /// What the source is, in words, for progress and errors.
    fn description(&self) -> String;

    /// Looks for data: what there is now is all that [`Source::next_offset`] plans with until the next look.
    ///
    /// `from` is the position up to which batches have been begun.
    async fn look(&mut self, from: Option<&Offset>) -> Result<(), SourceError>;

    /// The end of a batch that begins after `from` and stays within `limits`; nothing when there is nothing new.
    async fn next_offset(
        &mut self,
        from: Option<&Offset>,
        limits: &ReadLimits,
        batch: BatchId,
    ) -> Result<Option<Offset>, SourceError>;

    /// Makes durable what `batch`'s offset stands for. Called before the batch's intent is written.
    async fn record(&mut self, batch: BatchId, to: &Offset) -> Result<(), SourceError>;

    /// The rows of `range`.
    async fn read(&mut self, range: &OffsetRange, context: &ReadContext) -> Result<SourceRows, SourceError>;

    /// Tells that `batch` is done: what was kept for running it again may be tidied up. A failure is not fatal.
    async fn finished(&mut self, batch: BatchId) -> Result<(), SourceError>;

    /// How much there is to read after `from`, as seen by the last look.
    fn backlog(&self) -> Backlog;
}

/// What a source still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Files that no batch has begun.
    pub files: u64,
    /// Their bytes, as stored.
    pub bytes: u64,
}

/// What a read may use and must tell.
#[derive(Debug, Clone)]
pub struct ReadContext {
    /// The batch's time in milliseconds since 1970; the same when the batch is run again.
    pub timestamp_ms: i64,
    /// How many parts of the rows are decoded at once.
    pub parallelism: usize,
    /// Where records that cannot be parsed go.
    pub quarantine: Sender<Vec<Quarantined>>,
}

/// The rows of a range, to be scanned once.
#[derive(Debug)]
pub struct SourceRows {
    /// The rows.
    pub table: Arc<dyn TableProvider>,
    /// How many files they lie in.
    pub files: u64,
    /// The files' bytes, as stored.
    pub bytes: u64,
    /// How many records there are; known when the scan has ended.
    pub records: Arc<AtomicU64>,
}

impl SourceRows {
    /// The columns of the rows.
    pub fn schema(&self) -> SchemaRef {
        self.table.schema()
    }
}
