//! The table behind a stream, and proof that it is still the same one.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use delta::{DataFile, DeltaError, Snapshot, Table};
use storage::Directory;

use crate::source::{SourceError, SourceRows};

/// A table that a stream reads.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) table: Table,
    pub(super) location: String,
}

impl Origin {
    pub(super) fn new(dir: Directory) -> Self {
        Self { location: dir.location().to_string(), table: Table::at(dir) }
    }

    /// The newest version.
    pub(super) async fn snapshot(&self) -> Result<Snapshot, SourceError> {
        self.table.snapshot().await?.ok_or_else(|| self.no_table())
    }

    /// The table as it was at `version`.
    pub(super) async fn snapshot_at(&self, version: u64) -> Result<Snapshot, SourceError> {
        self.table.snapshot_at(version).await?.ok_or_else(|| self.no_table())
    }

    /// Fails when the table is not the one with id `was`.
    ///
    /// The id stands in the first commit; only where that is gone is a snapshot opened for it.
    pub(super) async fn check_identity(&self, was: &str) -> Result<(), SourceError> {
        let first = self.table.log().read(0).await?;
        let now = match first.and_then(|commit| commit.metadata) {
            Some(metadata) => metadata.table_id,
            None => self.snapshot().await?.table_id().to_owned(),
        };
        match now == was {
            true => Ok(()),
            false => {
                Err(SourceError::Recreated { location: self.location.clone(), was: was.to_owned(), now })
            }
        }
    }

    /// The newest version when all before `next` are known.
    pub(super) async fn latest_before(&self, next: u64) -> Result<u64, SourceError> {
        Ok(self.table.log().latest_from(next.saturating_sub(1)).await?)
    }

    /// The rows of `files`, which lie in the table as it is in `snapshot`.
    pub(super) fn rows(&self, snapshot: &Snapshot, files: &[DataFile]) -> Result<SourceRows, DeltaError> {
        let records = files.iter().map(|file| file.num_records.unwrap_or(0)).sum();
        Ok(SourceRows {
            table: snapshot.scan(files)?,
            files: files.len() as u64,
            bytes: files.iter().map(|file| file.size).sum(),
            records: Arc::new(AtomicU64::new(records)),
        })
    }

    fn no_table(&self) -> SourceError {
        SourceError::NoTable { location: self.location.clone() }
    }
}
