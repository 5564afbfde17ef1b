//! A Delta table read as a whole, at one version a batch.

use async_trait::async_trait;
use futures::TryStreamExt;
use model::{BatchId, Offset, OffsetRange, ReadLimits};
use storage::Directory;

use super::offset::DeltaOffset;
use super::origin::Origin;
use crate::source::{Backlog, ReadContext, Source, SourceError, SourceRows};

/// All rows of a table at its newest version. There is something new when a commit has changed them.
#[derive(Debug)]
pub struct DeltaSnapshot {
    origin: Origin,
    newest: Option<DeltaOffset>,
}

impl DeltaSnapshot {
    /// A source over the table in `dir`.
    pub fn new(dir: Directory) -> Self {
        Self { origin: Origin::new(dir), newest: None }
    }

    /// Whether any commit in `from..=to` changed rows; one that only rearranged them (OPTIMIZE) did not.
    async fn rows_changed(&self, from: u64, to: u64) -> Result<bool, SourceError> {
        let log = self.origin.table.log();
        for version in from..=to {
            let Some(commit) = log.read(version).await? else {
                return Ok(true);
            };
            let changed = commit.adds.iter().any(|file| file.data_change)
                || commit.removes.iter().any(|file| file.data_change)
                || commit.metadata.is_some();
            if changed {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[async_trait]
impl Source for DeltaSnapshot {
    fn description(&self) -> String {
        format!("Delta table {}", self.origin.location)
    }

    async fn look(&mut self, from: Option<&Offset>) -> Result<(), SourceError> {
        self.newest = Some(match from.map(DeltaOffset::read).transpose()? {
            None => {
                let snapshot = self.origin.snapshot().await?;
                DeltaOffset::before(snapshot.table_id(), snapshot.version() + 1, false)
            }
            Some(known) => {
                self.origin.check_identity(&known.reservoir_id).await?;
                let latest = self.origin.latest_before(known.reservoir_version).await?;
                let newest = DeltaOffset::before(&known.reservoir_id, latest + 1, false);
                match self.rows_changed(known.reservoir_version, latest).await? {
                    true => newest,
                    false => known,
                }
            }
        });
        Ok(())
    }

    async fn next_offset(
        &mut self,
        from: Option<&Offset>,
        _limits: &ReadLimits,
        _batch: BatchId,
    ) -> Result<Option<Offset>, SourceError> {
        let newest = self.newest.as_ref().map(DeltaOffset::write);
        Ok(newest.filter(|newest| from != Some(newest)))
    }

    async fn record(&mut self, _batch: BatchId, _to: &Offset) -> Result<(), SourceError> {
        Ok(())
    }

    async fn read(&mut self, range: &OffsetRange, _context: &ReadContext) -> Result<SourceRows, SourceError> {
        let to = DeltaOffset::read(&range.to)?;
        let snapshot = self.origin.snapshot_at(to.reservoir_version.saturating_sub(1)).await?;
        let files: Vec<_> = snapshot.files().try_collect().await?;
        Ok(self.origin.rows(&snapshot, &files)?)
    }

    async fn finished(&mut self, _batch: BatchId) -> Result<(), SourceError> {
        Ok(())
    }

    fn backlog(&self) -> Backlog {
        Backlog::default()
    }
}
