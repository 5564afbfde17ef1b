//! One commit: data files, progress note and an id of ours, all or nothing, exactly once.
//!
//! Guarantees: a batch of an application is in the table at most once, whatever happens to the process or the store's
//! answers; [`commit`] reports what the log says, not what a request returned; an append never reads the list of files.

mod attempt;
mod content;
mod request;

use tokio::time::Instant;

pub use request::{CommitOutcome, CommitRequest, Committed};

use crate::protocol::Access;
use crate::{Commit, DeltaError, Snapshot, Table};
use attempt::{Backoff, Written};
use content::Content;
use model::OutputMode;

/// Commits `request` to `table`.
///
/// The progress note of the request's application is read from the very version that the commit is written against, and
/// again from every commit that gets in between. When others are faster, the commit is tried at the next version; after
/// any error the log is asked whether the commit is there before anything is decided.
///
/// # Errors
/// [`DeltaError::Schema`] or [`DeltaError::Unsupported`] when the rows or the table do not allow it;
/// [`DeltaError::Conflict`] when the table became another, or others were faster until the deadline; the store's error
/// when it failed until the deadline. Nothing was committed then, as far as the log could be read.
pub async fn commit(table: &Table, request: CommitRequest) -> Result<Committed, DeltaError> {
    let mut base = match &request.base {
        Some(base) => Some(still_there(base, table).await?),
        None => table.snapshot().await?,
    };
    if let Some(done) = already_written(&base, &request).await? {
        return Ok(done);
    }
    let mut content = Content::against(&base, table, &request).await?;
    let mut backoff = Backoff::until(Instant::now() + request.deadline);
    loop {
        let version = base.as_ref().map_or(0, |base| base.version() + 1);
        let winner = match attempt::write(table, version, &content, &request, &mut backoff).await? {
            Written::Ours => return Ok(content.committed(base, version, table, &request)),
            Written::Theirs(winner) => winner,
        };
        if winner.commit_id.as_deref() == Some(&request.commit_id.to_string()) {
            return Ok(content.committed(base, version, table, &request));
        }
        let next = followed(base, table, &winner).await?;
        if already_in(&winner, &request) {
            return Ok(Committed::at(next, CommitOutcome::AlreadyWritten));
        }
        content = content.rebased(&next, &winner, table, &request).await?;
        base = Some(next);
        backoff.lost(table, version).await?;
    }
}

/// A base that was kept for long may belong to a table that was made anew since; to commit after it would leave a gap.
async fn still_there(base: &Snapshot, table: &Table) -> Result<Snapshot, DeltaError> {
    if table.log().exists(base.version()).await? {
        return Ok(base.clone());
    }
    let reason = format!("version {}, which the run is based on, is no longer in the log", base.version());
    Err(DeltaError::Conflict { table: table.name(), reason })
}

/// What the base version says about the request's batch.
async fn already_written(
    base: &Option<Snapshot>,
    request: &CommitRequest,
) -> Result<Option<Committed>, DeltaError> {
    let Some(base) = base else { return Ok(None) };
    let noted = base.txn_version(&request.app_id).await?;
    let written = noted.is_some_and(|noted| noted >= request.batch.txn_version());
    Ok(written.then(|| Committed::at(base.clone(), CommitOutcome::AlreadyWritten)))
}

/// Whether a commit that got in between holds the request's batch, written by an earlier run or a rival.
fn already_in(winner: &Commit, request: &CommitRequest) -> bool {
    winner.txn_version(&request.app_id).is_some_and(|noted| noted >= request.batch.txn_version())
}

/// The version that `winner` made; another table in the place of ours is a conflict.
async fn followed(base: Option<Snapshot>, table: &Table, winner: &Commit) -> Result<Snapshot, DeltaError> {
    let Some(base) = base else {
        return table.snapshot().await?.ok_or_else(|| DeltaError::Missing { table: table.name() });
    };
    let id = base.table_id().to_owned();
    let next = base.followed_by(winner)?;
    if next.table_id() == id {
        return Ok(next);
    }
    let reason = format!("version {} made it another table, with the id {}", next.version(), next.table_id());
    Err(DeltaError::Conflict { table: table.name(), reason })
}

fn access(mode: OutputMode) -> Access {
    if mode == OutputMode::Complete { Access::Replace } else { Access::Append }
}
