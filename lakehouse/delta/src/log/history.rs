//! Where the log begins and ends, and which version a time belongs to.

use super::CommitLog;
use crate::DeltaError;

impl CommitLog {
    /// The first version that is still in the log. One request for a log that was never cleaned up, else one listing.
    ///
    /// # Errors
    /// [`DeltaError::Missing`] when the log holds no commit at all.
    pub async fn earliest(&self) -> Result<u64, DeltaError> {
        if self.exists(0).await? {
            return Ok(0);
        }
        self.listed_range().await?.0.ok_or_else(|| DeltaError::Missing { table: self.table.clone() })
    }

    /// The newest version. It starts from the checkpoint that `_last_checkpoint` names, so that nothing is listed.
    ///
    /// # Errors
    /// [`DeltaError::Missing`] when the log holds no commit at all.
    pub async fn latest(&self) -> Result<u64, DeltaError> {
        let hint = self.checkpoint_hint().await?;
        let known = match hint {
            Some(version) if self.exists(version).await? => version,
            _ => self.earliest().await?,
        };
        self.latest_from(known).await
    }

    /// The first version that was committed at `timestamp_ms` (milliseconds since 1970) or later; `None` when all were
    /// before it. Commits carry their time themselves; it is taken to ascend, as Delta's own time travel takes it.
    ///
    /// # Errors
    /// [`DeltaError::Missing`] when the log holds no commit at all.
    pub async fn version_at(&self, timestamp_ms: i64) -> Result<Option<u64>, DeltaError> {
        let (mut low, latest) = (self.earliest().await?, self.latest().await?);
        let mut high = latest + 1;
        while low < high {
            let middle = low + (high - low) / 2;
            let commit = self.read(middle).await?.ok_or_else(|| self.gone(middle))?;
            if commit.timestamp_ms < timestamp_ms { low = middle + 1 } else { high = middle }
        }
        Ok((low <= latest).then_some(low))
    }

    /// First and last version, by listing the directory: the way that costs most, for when versions are missing.
    pub(crate) async fn listed_range(&self) -> Result<(Option<u64>, Option<u64>), DeltaError> {
        let names = self.directory.names().await?;
        let versions = || names.iter().filter_map(|name| version_of(name));
        Ok((versions().min(), versions().max()))
    }

    pub(crate) fn gone(&self, version: u64) -> DeltaError {
        DeltaError::VersionGone { table: self.table.clone(), version, earliest: None, latest: None }
    }
}

/// The version of a commit's file name; `None` for any other file.
fn version_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".json")?;
    (digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}
