//! What the log says about its checkpoints, and whether they are whole.

use super::CommitLog;
use crate::DeltaError;

const HINT: &str = "_last_checkpoint";
const PARQUET: &[u8] = b"PAR1";

impl CommitLog {
    /// The version that `_last_checkpoint` names. An unreadable hint is no hint (the protocol says so).
    pub(crate) async fn checkpoint_hint(&self) -> Result<Option<u64>, DeltaError> {
        #[derive(serde::Deserialize)]
        struct Hint {
            version: u64,
        }
        let bytes = self.directory.read(HINT).await?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).map(|hint: Hint| hint.version))
    }

    /// Refuses a log whose last checkpoint is not there or cut off. It is asked only when the log cannot be opened.
    ///
    /// # Errors
    /// [`DeltaError::Damaged`] with the file's name.
    pub(crate) async fn check_last_checkpoint(&self) -> Result<(), DeltaError> {
        let Some(version) = self.checkpoint_hint().await? else { return Ok(()) };
        let beginning = format!("{version:020}.checkpoint");
        let names = self.directory.names().await?;
        let parts: Vec<&String> = names.iter().filter(|name| name.starts_with(&beginning)).collect();
        if parts.is_empty() {
            return Err(
                self.damaged(HINT, format!("names a checkpoint of version {version}, and there is none"))
            );
        }
        for part in parts {
            if part.ends_with(".parquet") && !self.is_whole_parquet(part).await? {
                return Err(self.damaged(part, "is empty, cut off or overwritten".to_owned()));
            }
        }
        Ok(())
    }

    async fn is_whole_parquet(&self, name: &str) -> Result<bool, DeltaError> {
        let size = self.directory.size(name).await?.unwrap_or(0);
        if size < 12 {
            return Ok(false);
        }
        let ends = self.directory.read_ranges(name, &[0..4, size - 4..size]).await?;
        Ok(ends.iter().all(|end| end.as_ref() == PARQUET))
    }
}
