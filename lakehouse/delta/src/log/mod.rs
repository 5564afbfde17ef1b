//! The log read directly, commit by commit.
//!
//! Guarantees: a read costs what the commit holds, whatever the table's size; no directory is listed as long as the
//! versions that are asked for are there; a commit that no writer can have written is an error, never an empty commit.

mod checkpoint;
mod commit;
mod history;

use chrono::Utc;
use object_store::ObjectStoreExt as _;
use storage::Directory;

pub use commit::{Commit, MetadataChange, ProtocolChange, RemovedFile};

use crate::DeltaError;

/// The name of the log's directory below the table's.
pub(crate) const LOG_DIRECTORY: &str = "_delta_log";

/// The commits of one table.
#[derive(Clone)]
pub struct CommitLog {
    pub(crate) directory: Directory,
    /// The table's location, for messages.
    pub(crate) table: String,
}

/// The name of a commit's file.
pub(crate) fn file_name(version: u64) -> String {
    format!("{version:020}.json")
}

impl CommitLog {
    pub(crate) fn of(table: &Directory) -> Self {
        Self { directory: table.child(LOG_DIRECTORY), table: table.location().to_string() }
    }

    /// Reads one commit. `None`: the log holds no such version.
    ///
    /// # Errors
    /// [`DeltaError::Damaged`] for an empty, torn or zero-filled file.
    pub async fn read(&self, version: u64) -> Result<Option<Commit>, DeltaError> {
        let path = self.directory.path(&file_name(version));
        let found = match self.directory.store().get(&path).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(source) => {
                return Err(DeltaError::store(&self.table, format!("read version {version}"))(source));
            }
        };
        let modified = found.meta.last_modified.with_timezone(&Utc).timestamp_millis();
        let bytes =
            found.bytes().await.map_err(DeltaError::store(&self.table, format!("read version {version}")))?;
        let commit = Commit::parse(version, modified, &bytes)
            .map_err(|reason| self.damaged(&file_name(version), reason))?;
        Ok(Some(commit))
    }

    /// The newest version, given one that is or was there. It asks for single files; a log that has grown by `n` costs
    /// about two times log2 `n` requests, and one that has not grown costs one.
    ///
    /// # Errors
    /// [`DeltaError::VersionGone`] when `known` is not in the log and nothing follows it: the log was cleaned up past it,
    /// or the table was deleted or made anew.
    pub async fn latest_from(&self, known: u64) -> Result<u64, DeltaError> {
        if self.exists(known + 1).await? {
            return self.gallop(known + 1).await;
        }
        if self.exists(known).await? {
            return Ok(known);
        }
        let (earliest, latest) = self.listed_range().await?;
        Err(DeltaError::VersionGone { table: self.table.clone(), version: known, earliest, latest })
    }

    /// The newest version after `found`, which is there. The protocol forbids gaps, so that steps may double.
    async fn gallop(&self, found: u64) -> Result<u64, DeltaError> {
        let (mut there, mut step) = (found, 1);
        while self.exists(there + step).await? {
            there += step;
            step *= 2;
        }
        let mut absent = there + step;
        while absent - there > 1 {
            let middle = there + (absent - there) / 2;
            if self.exists(middle).await? { there = middle } else { absent = middle }
        }
        Ok(there)
    }

    pub(crate) async fn exists(&self, version: u64) -> Result<bool, DeltaError> {
        match self.directory.store().head(&self.directory.path(&file_name(version))).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(DeltaError::store(&self.table, format!("look for version {version}"))(source)),
        }
    }

    fn damaged(&self, file: &str, reason: String) -> DeltaError {
        DeltaError::Damaged { table: self.table.clone(), file: file.to_owned(), reason }
    }
}
