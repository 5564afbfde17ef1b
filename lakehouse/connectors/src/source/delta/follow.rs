//! A Delta table followed commit by commit.
//!
//! The rules are Structured Streaming's for a Delta source: each file that a commit adds with `dataChange` is read once;
//! commits that only rearrange rows (OPTIMIZE) are passed over; a commit that deletes or updates rows stops the stream
//! unless the user said otherwise. A stream that begins at the latest version begins with a batch without rows: it
//! makes the position durable.

use std::collections::BTreeMap;

use async_trait::async_trait;
use delta::{Commit, DataFile};
use futures::TryStreamExt;
use model::{BatchId, DeltaSourceSpec, Offset, OffsetRange, ReadLimits, StartingPoint};
use storage::Directory;

use super::offset::DeltaOffset;
use super::origin::Origin;
use crate::source::{Backlog, ReadContext, Source, SourceError, SourceRows};

/// The new rows of a table, commit by commit.
#[derive(Debug)]
pub struct DeltaStream {
    origin: Origin,
    spec: DeltaSourceSpec,
    seen: Option<Seen>,
}

/// What the last look found.
#[derive(Debug)]
struct Seen {
    /// Where a stream without a checkpoint begins.
    start: DeltaOffset,
    /// The newest version.
    latest: u64,
    /// The new files of each version that was opened since, in the order of their index.
    files: BTreeMap<(u64, bool), Vec<DataFile>>,
}

impl DeltaStream {
    /// A stream over the table in `dir`.
    pub fn new(dir: Directory, spec: DeltaSourceSpec) -> Self {
        Self { origin: Origin::new(dir), spec, seen: None }
    }

    async fn first_look(&self) -> Result<(DeltaOffset, u64), SourceError> {
        let snapshot = self.origin.snapshot().await?;
        let (id, latest) = (snapshot.table_id(), snapshot.version());
        let start = match self.spec.starting {
            StartingPoint::Snapshot => DeltaOffset::before(id, latest, true),
            StartingPoint::Latest => DeltaOffset::before(id, latest + 1, false),
            StartingPoint::Version(version) => DeltaOffset::before(id, self.within(version, latest)?, false),
            StartingPoint::Timestamp(ms) => {
                let version = self.origin.table.log().version_at(ms).await?;
                let version =
                    version.ok_or_else(|| self.option("startingTimestamp is after the newest commit"))?;
                DeltaOffset::before(id, version, false)
            }
        };
        Ok((start, latest))
    }

    fn within(&self, version: u64, latest: u64) -> Result<u64, SourceError> {
        match version <= latest + 1 {
            true => Ok(version),
            false => {
                Err(self.option(&format!("startingVersion {version} is after the newest version {latest}")))
            }
        }
    }

    fn option(&self, reason: &str) -> SourceError {
        SourceError::Option { source_name: self.description(), reason: reason.to_owned(), hint: None }
    }

    /// The files of `position`'s version, in the order of their index.
    async fn files_at(&mut self, position: &DeltaOffset) -> Result<Vec<DataFile>, SourceError> {
        let key = (position.reservoir_version, position.is_starting_version);
        if let Some(files) = self.seen.as_ref().and_then(|seen| seen.files.get(&key)) {
            return Ok(files.clone());
        }
        let files = match position.is_starting_version {
            true => self.files_of_snapshot(position.reservoir_version).await?,
            false => self.files_of_commit(position.reservoir_version).await?,
        };
        if let Some(seen) = &mut self.seen {
            seen.files.insert(key, files.clone());
        }
        Ok(files)
    }

    /// All files of the table at `version`, oldest first, as Delta orders an initial snapshot.
    async fn files_of_snapshot(&self, version: u64) -> Result<Vec<DataFile>, SourceError> {
        let snapshot = self.origin.snapshot_at(version).await?;
        let mut files: Vec<DataFile> = snapshot.files().try_collect().await?;
        files.sort_by(|a, b| (a.modification_time_ms, &a.path).cmp(&(b.modification_time_ms, &b.path)));
        Ok(files)
    }

    async fn files_of_commit(&self, version: u64) -> Result<Vec<DataFile>, SourceError> {
        let log = self.origin.table.log();
        match log.read(version).await? {
            Some(commit) => self.new_files(commit),
            None => {
                let location = self.origin.location.clone();
                Err(SourceError::LogCleaned { location, version, oldest: log.earliest().await? })
            }
        }
    }

    fn new_files(&self, commit: Commit) -> Result<Vec<DataFile>, SourceError> {
        let removed = commit.removes.iter().find(|file| file.data_change);
        let added: Vec<DataFile> = commit.adds.into_iter().filter(|file| file.data_change).collect();
        let Some(removed) = removed else {
            return Ok(added);
        };
        let only_deletes = added.is_empty();
        match self.spec.skip_change_commits || (only_deletes && self.spec.ignore_deletes) {
            true => Ok(Vec::new()),
            false => Err(SourceError::Changed {
                location: self.origin.location.clone(),
                version: commit.version,
                what: if only_deletes { "deletes rows" } else { "updates rows" },
                file: removed.path.clone(),
            }),
        }
    }

    /// The files after `from`, up to and with `to`.
    async fn files_between(
        &mut self,
        from: DeltaOffset,
        to: &DeltaOffset,
    ) -> Result<Vec<DataFile>, SourceError> {
        let (mut position, mut files) = (from, Vec::new());
        while position.reservoir_version < to.reservoir_version {
            files.extend(self.files_at(&position).await?.into_iter().skip(position.files_read()));
            position = position.after_version();
        }
        if to.files_read() > position.files_read() {
            let last = self.files_at(to).await?;
            files.extend(last.into_iter().take(to.files_read()).skip(position.files_read()));
        }
        Ok(files)
    }

    /// Where the range begins that ends at `to`. Without an earlier offset, that is where the stream was told to begin.
    async fn beginning(&self, to: &DeltaOffset) -> Result<DeltaOffset, SourceError> {
        if to.is_starting_version {
            return Ok(DeltaOffset::before(&to.reservoir_id, to.reservoir_version, true));
        }
        match self.spec.starting {
            StartingPoint::Snapshot => {
                Ok(DeltaOffset::before(&to.reservoir_id, to.reservoir_version.saturating_sub(1), true))
            }
            StartingPoint::Latest => Ok(to.clone()),
            StartingPoint::Version(_) | StartingPoint::Timestamp(_) => Ok(self.first_look().await?.0),
        }
    }
}

#[async_trait]
impl Source for DeltaStream {
    fn description(&self) -> String {
        format!("stream of Delta table {}", self.origin.location)
    }

    async fn look(&mut self, from: Option<&Offset>) -> Result<(), SourceError> {
        let (start, latest) = match from.map(DeltaOffset::read).transpose()? {
            None => self.first_look().await?,
            Some(known) => {
                self.origin.check_identity(&known.reservoir_id).await?;
                let latest = self.origin.latest_before(known.reservoir_version).await?;
                (known, latest)
            }
        };
        self.seen = Some(Seen { start, latest, files: BTreeMap::new() });
        Ok(())
    }

    async fn next_offset(
        &mut self,
        from: Option<&Offset>,
        limits: &ReadLimits,
        _batch: BatchId,
    ) -> Result<Option<Offset>, SourceError> {
        let Some((start, latest)) = self.seen.as_ref().map(|seen| (seen.start.clone(), seen.latest)) else {
            return Ok(None);
        };
        if from.is_none() && self.spec.starting == StartingPoint::Latest {
            return Ok(Some(start.write()));
        }
        let mut position = from.map(DeltaOffset::read).transpose()?.unwrap_or(start);
        let (mut files, mut bytes) = (0, 0);
        while position.reservoir_version <= latest {
            let here = self.files_at(&position).await?;
            for (index, file) in here.iter().enumerate().skip(position.files_read()) {
                if !limits.admit(files, bytes, file.size) {
                    return Ok(Some(position.write()));
                }
                (files, bytes) = (files + 1, bytes + file.size);
                position = position.at_index(index);
            }
            position = position.after_version();
        }
        Ok((files > 0).then(|| position.write()))
    }

    async fn record(&mut self, _batch: BatchId, _to: &Offset) -> Result<(), SourceError> {
        Ok(())
    }

    async fn read(&mut self, range: &OffsetRange, _context: &ReadContext) -> Result<SourceRows, SourceError> {
        let to = DeltaOffset::read(&range.to)?;
        let from = match &range.from {
            Some(from) => DeltaOffset::read(from)?,
            None => self.beginning(&to).await?,
        };
        self.origin.check_identity(&to.reservoir_id).await?;
        let files = self.files_between(from, &to).await?;
        let version =
            if to.index < 0 { to.reservoir_version.saturating_sub(1) } else { to.reservoir_version };
        let snapshot = self.origin.snapshot_at(version).await?;
        Ok(self.origin.rows(&snapshot, &files)?)
    }

    async fn finished(&mut self, _batch: BatchId) -> Result<(), SourceError> {
        if let Some(seen) = &mut self.seen {
            seen.files.clear();
        }
        Ok(())
    }

    fn backlog(&self) -> Backlog {
        Backlog::default()
    }
}
