//! How a run goes on from where the last one stopped, whatever stopped it.
//!
//! The checkpoint says what was intended, the `txn` in the table's log what was done. Most pairs of the two are the
//! trace of a run that was cut off at some step, and for each of them there is one right way on. The rest cannot both
//! be true: a file was lost, a table was made anew, a backup was brought back. Those are refused with the words of what
//! contradicts what. Nothing is guessed, for a wrong guess loses rows or doubles them.

use model::{BatchId, Change, Classify, ErrorKind, FlowName};
use thiserror::Error;

use crate::{CommittedAt, Intent, Progress};

/// What the target table says of the flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// The commit that the checkpoint names for the last finished batch is in the table's log and is that batch's. Only
    /// to be said where no batch is begun and unfinished.
    AsRecorded,
    /// There is no table.
    NoTable {
        /// Where it should be.
        location: String,
    },
    /// There is a table.
    Table {
        /// Where it is.
        location: String,
        /// Its id.
        table_id: String,
        /// Its newest version.
        version: u64,
        /// The version of the flow's `txn`, that is its last batch in the table; none where it never wrote.
        txn: Option<i64>,
    },
}

/// How a run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resume {
    /// Nothing ever happened: plan batch 0.
    Fresh,
    /// Everything that was begun is done: plan this batch.
    NextBatch(BatchId),
    /// This batch was begun and perhaps committed: run it again, with the same intent. The table answers that it is
    /// already written where it is.
    Rerun(BatchId, Intent),
}

/// The checkpoint and what surrounds it cannot both be true.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecoveryError {
    /// The table knows the flow, and there is no checkpoint.
    #[error("{location} holds the flow {flow} up to batch {batch}, but the flow has no checkpoint")]
    CheckpointLost {
        /// The flow.
        flow: FlowName,
        /// The table.
        location: String,
        /// The last batch in the table.
        batch: i64,
    },
    /// The table is ahead of the checkpoint: an old copy of it was brought back, or a part of it was lost.
    #[error("{location} holds batch {batch} of this flow, but the checkpoint has begun {}", none_or(begun.as_ref()))]
    CheckpointBehind {
        /// The table.
        location: String,
        /// The last batch in the table.
        batch: i64,
        /// The last batch in the checkpoint.
        begun: Option<BatchId>,
    },
    /// The table is gone.
    #[error("the checkpoint has batch {batch} as written to {location}, but there is no table")]
    TableLost {
        /// Where the table was.
        location: String,
        /// The last batch that is done.
        batch: BatchId,
    },
    /// The table is another one.
    #[error("the checkpoint wrote to the table {was} at {location}, but the table there is now {now}")]
    TableRecreated {
        /// The table.
        location: String,
        /// The id that the checkpoint knows.
        was: String,
        /// The id that the table has.
        now: String,
    },
    /// The table is behind the checkpoint: an old version or copy of it was brought back.
    #[error(
        "the checkpoint has batch {batch} as written to {location}{}, but the table at version {version} holds {}",
        at.map_or(String::new(), |at| format!(" at version {at}")),
        none_or(txn.as_ref())
    )]
    TableRestored {
        /// The table.
        location: String,
        /// The last batch that is done.
        batch: BatchId,
        /// The version at which it was committed.
        at: Option<u64>,
        /// The table's newest version.
        version: u64,
        /// The last batch of the flow in the table.
        txn: Option<i64>,
    },
    /// The flow is defined otherwise than when it last ran.
    #[error("the flow {flow} is not the one that its checkpoint belongs to: {}", sentence(changes))]
    DefinitionChanged {
        /// The flow.
        flow: FlowName,
        /// What is different.
        changes: Vec<Change>,
    },
}

fn none_or(batch: Option<&impl std::fmt::Display>) -> String {
    batch.map_or("none".to_owned(), |batch| format!("batch {batch}"))
}

fn sentence(changes: &[Change]) -> String {
    changes.iter().map(Change::to_string).collect::<Vec<_>>().join("; ")
}

impl RecoveryError {
    /// The table at `location` holds `flow` up to `batch`, written from a checkpoint that is not there any more.
    pub fn checkpoint_lost(flow: &FlowName, location: &str, batch: i64) -> Self {
        Self::CheckpointLost { flow: flow.clone(), location: location.to_owned(), batch }
    }
}

impl Classify for RecoveryError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::User
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::CheckpointLost { .. } => {
                "bring the checkpoint back, or rebuild the table from its source with --full-refresh"
            }
            Self::CheckpointBehind { .. } => {
                "bring back the checkpoint that belongs to the table, or rebuild the table with --full-refresh"
            }
            Self::TableLost { .. } => {
                "bring the table back, or rebuild it from its source with --full-refresh"
            }
            Self::TableRecreated { .. } => "rebuild the table from its source with --full-refresh",
            Self::TableRestored { .. } => {
                "bring back the checkpoint of that time as well, or rebuild the table with --full-refresh"
            }
            Self::DefinitionChanged { .. } => {
                "pass --accept-changes to go on with new rows only, or --full-refresh to rebuild the table"
            }
        };
        Some(hint.to_owned())
    }
}

/// How to go on from `progress` when the table says `observed`.
pub fn resume(progress: &Progress, observed: &Observed) -> Result<Resume, RecoveryError> {
    match observed {
        Observed::AsRecorded => {}
        Observed::NoTable { location } => check_never_written(progress, location)?,
        Observed::Table { location, table_id, version, txn } => {
            check_same_table(progress, location, table_id)?;
            check_not_behind(progress, location, *txn)?;
            check_not_restored(progress, location, *version, *txn)?;
        }
    }
    Ok(match (&progress.begun, &progress.finished) {
        (None, _) => Resume::Fresh,
        (Some((begun, _)), Some((finished, _))) if begun == finished => Resume::NextBatch(begun.next()),
        (Some((begun, intent)), _) => Resume::Rerun(*begun, intent.clone()),
    })
}

fn check_never_written(progress: &Progress, location: &str) -> Result<(), RecoveryError> {
    match &progress.finished {
        Some((batch, _)) => Err(RecoveryError::TableLost { location: location.to_owned(), batch: *batch }),
        None => Ok(()),
    }
}

/// Where the last finished batch went. A table that was moved together with its checkpoint is still the same.
fn recorded<'a>(progress: &'a Progress, location: &str) -> Option<&'a CommittedAt> {
    let (_, finished) = progress.finished.as_ref()?;
    let only = || finished.targets.values().next().filter(|_| finished.targets.len() == 1);
    finished.targets.get(location).or_else(only)
}

fn check_same_table(progress: &Progress, location: &str, table_id: &str) -> Result<(), RecoveryError> {
    match recorded(progress, location) {
        Some(at) if at.table_id != table_id => Err(RecoveryError::TableRecreated {
            location: location.to_owned(),
            was: at.table_id.clone(),
            now: table_id.to_owned(),
        }),
        _ => Ok(()),
    }
}

fn check_not_behind(progress: &Progress, location: &str, txn: Option<i64>) -> Result<(), RecoveryError> {
    let begun = progress.begun.as_ref().map(|(batch, _)| *batch);
    match txn {
        Some(batch) if begun.is_none_or(|begun| begun.txn_version() < batch) => {
            Err(RecoveryError::CheckpointBehind { location: location.to_owned(), batch, begun })
        }
        _ => Ok(()),
    }
}

fn check_not_restored(
    progress: &Progress,
    location: &str,
    version: u64,
    txn: Option<i64>,
) -> Result<(), RecoveryError> {
    let Some((batch, _)) = &progress.finished else { return Ok(()) };
    let at = recorded(progress, location).map(|at| at.version);
    let holds_batch = txn.is_some_and(|txn| txn >= batch.txn_version());
    if holds_batch && at.is_none_or(|at| at <= version) {
        return Ok(());
    }
    Err(RecoveryError::TableRestored { location: location.to_owned(), batch: *batch, at, version, txn })
}

#[cfg(test)]
#[path = "recovery_tests.rs"]
mod tests;
