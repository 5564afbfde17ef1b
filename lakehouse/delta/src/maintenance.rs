//! What keeps a table quick to open, apart from any commit.
//!
//! Nothing here is ever part of a commit: a failure leaves the table as it was, and the next run tries again.

use crate::{DeltaError, Table};

/// After how many commits the log gets a checkpoint. Opening a table reads the commits since the last one (about 0.1 ms
/// each on a local disk); writing one reads the whole log and costs about 1 ms per thousand live files.
pub const COMMITS_PER_CHECKPOINT: u64 = 100;

/// Whether a checkpoint is due once `version` is committed.
pub fn is_due(version: u64) -> bool {
    version > 0 && version.is_multiple_of(COMMITS_PER_CHECKPOINT)
}

/// Writes the checkpoint of `version`, a Parquet file that stands for the log up to there, and points `_last_checkpoint`
/// to it. No file of the log is deleted. A checkpoint that is there already is left alone.
///
/// # Errors
/// What the store or the kernel says. The table is as readable as before.
pub async fn checkpoint_log(table: &Table, version: u64) -> Result<(), DeltaError> {
    table.kernel()?.checkpoint(version).await.map_err(DeltaError::failed(&table.name(), "write a checkpoint"))
}
