//! Writing one version, and finding out what came of it.

use std::time::Duration;

use bytes::Bytes;
use rand::Rng as _;
use storage::{Created, StorageError};
use tokio::time::Instant;

use super::content::Content;
use super::request::CommitRequest;
use crate::log::file_name;
use crate::{Commit, DeltaError, Table};

/// Who made a version.
pub(super) enum Written {
    /// This commit.
    Ours,
    /// Somebody else, or this commit through a request whose answer was lost.
    Theirs(Box<Commit>),
}

/// Writes `version` if it is not there. Whatever the store answers, the log has the last word.
pub(super) async fn write(
    table: &Table,
    version: u64,
    content: &Content,
    request: &CommitRequest,
    backoff: &mut Backoff,
) -> Result<Written, DeltaError> {
    let entry = content.entry(table, version, request)?;
    loop {
        let failure = match create(table, version, entry.clone()).await {
            Ok(Created::Yes) => return Ok(Written::Ours),
            Ok(Created::AlreadyExists) => None,
            Err(error) => Some(error),
        };
        match (table.log().read(version).await, failure) {
            (Ok(Some(winner)), _) => return Ok(Written::Theirs(Box::new(winner))),
            (Err(damage @ DeltaError::Damaged { .. }), _) => return Err(damage),
            // Not there, or not to be known: the same version is tried again, which is harmless either way.
            (Ok(None), Some(error)) => backoff.failed(error.into()).await?,
            (Err(error), _) => backoff.failed(error).await?,
            (Ok(None), None) => backoff.failed(vanished(table, version)).await?,
        }
    }
}

async fn create(table: &Table, version: u64, entry: Bytes) -> Result<Created, StorageError> {
    table.log().directory.create(&file_name(version), entry).await
}

fn vanished(table: &Table, version: u64) -> DeltaError {
    let reason = format!("the store says that version {version} exists, and that it does not");
    DeltaError::Conflict { table: table.name(), reason }
}

/// How long to wait, and how long to go on.
pub(super) struct Backoff {
    deadline: Instant,
    tries: u32,
}

impl Backoff {
    pub(super) fn until(deadline: Instant) -> Self {
        Self { deadline, tries: 0 }
    }

    /// Somebody else was faster. The next version is free with good luck, so that the wait is short.
    pub(super) async fn lost(&mut self, table: &Table, version: u64) -> Result<(), DeltaError> {
        let reason =
            format!("others were faster {} times, the last time at version {version}", self.tries + 1);
        let conflict = DeltaError::Conflict { table: table.name(), reason };
        self.wait(Duration::from_millis(2), Duration::from_millis(250), conflict).await
    }

    /// The store failed with `error`; it is the answer once the deadline has passed.
    async fn failed(&mut self, error: DeltaError) -> Result<(), DeltaError> {
        tracing::debug!(%error, "commit is tried again");
        self.wait(Duration::from_millis(50), Duration::from_secs(5), error).await
    }

    /// Waits up to `first` doubled with each try, at most `most`; a random part of it, so that rivals part ways.
    async fn wait(&mut self, first: Duration, most: Duration, error: DeltaError) -> Result<(), DeltaError> {
        let longest = first.saturating_mul(1_u32 << self.tries.min(16)).min(most);
        self.tries += 1;
        let pause = longest.mul_f64(rand::rng().random_range(0.1..1.0));
        if Instant::now() + pause > self.deadline {
            return Err(error);
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }
}
