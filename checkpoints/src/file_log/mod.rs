//! Which files a source has read.

mod compact;
mod entry;
mod index;

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use model::BatchId;
use storage::Directory;

pub use entry::{FileEntry, FileVersion};

use crate::CheckpointError;
use compact::Row;
use index::Index;

/// Which files a source has read: `sources/I/N` for the newest batches, one Parquet file `N.compact` for all up to N.
///
/// Batches are numbered without gaps, as the `logOffset` of Spark's file source; a batch may have no files. A batch is
/// added before its `offsets/N` is written. One that never got that far is not in the log: it is passed over when the
/// log is opened, and overwritten when it is planned again.
///
/// In memory a file is a hash of its path (128 bits of XXH3), its time and its size: 32 bytes. A million of them are
/// opened in a fraction of a second, a few small batches in a fraction of a millisecond.
#[derive(Debug)]
pub struct FileLog {
    dir: Directory,
    compacted: Option<Compacted>,
    /// The batches that are not compacted, with their numbers of files.
    batches: BTreeMap<u64, usize>,
    recent: HashMap<u128, FileVersion>,
}

#[derive(Debug)]
struct Compacted {
    through: u64,
    index: Index,
}

const COMPACT: &str = ".compact";

/// So many batches wait before they are compacted (Spark's `fileLog.compactInterval`), or so many files.
const COMPACT_BATCHES: usize = 10;
const COMPACT_FILES: usize = 10_000;

/// A log whose new part is less than this fraction of it waits longer, up to this many batches: a compaction rewrites
/// the whole log.
const WORTHWHILE: usize = 10;
const WAIT_BATCHES: usize = 100;

/// How many small files are read at the same time.
const READERS: usize = 16;

impl FileLog {
    /// The log in the directory of a source, up to the batch `up_to`: the newest one that is begun and in which the
    /// source has an offset; none where it never had one. A batch that should be there and is not is refused.
    pub async fn open(dir: Directory, up_to: Option<BatchId>) -> Result<Self, CheckpointError> {
        let names = dir.names().await?;
        let compacted = names.iter().filter_map(|name| name.strip_suffix(COMPACT)?.parse::<u64>().ok()).max();
        let Some(BatchId(up_to)) = up_to.filter(|up_to| compacted.is_none_or(|through| through <= up_to.0))
        else {
            return Self::unbegun(dir, compacted).await;
        };
        let newer = |batch: &u64| compacted.is_none_or(|through| *batch > through) && *batch <= up_to;
        let mut batches: Vec<u64> = names.iter().filter_map(|name| name.parse().ok()).filter(newer).collect();
        batches.sort_unstable();
        check_sequence(&dir, compacted, &batches, up_to)?;
        let mut log = Self { dir, compacted: None, batches: BTreeMap::new(), recent: HashMap::new() };
        if let Some(through) = compacted {
            log.compacted = Some(Compacted { through, index: log.load(through).await? });
        }
        log.read_recent(&batches).await?;
        Ok(log)
    }

    /// The log of a source that has begun nothing, or less than what is compacted; but that was begun and finished.
    async fn unbegun(dir: Directory, compacted: Option<u64>) -> Result<Self, CheckpointError> {
        let log = Self { dir, compacted: None, batches: BTreeMap::new(), recent: HashMap::new() };
        match compacted {
            Some(through) if log.load(through).await?.len() > 0 => {
                let reason = "it holds batches that the checkpoint has not begun";
                Err(CheckpointError::damaged(&log.dir, &compact_name(through), reason))
            }
            _ => Ok(log),
        }
    }

    async fn load(&self, through: u64) -> Result<Index, CheckpointError> {
        compact::load_index(&self.dir, &compact_name(through)).await
    }

    async fn read_recent(&mut self, batches: &[u64]) -> Result<(), CheckpointError> {
        let dir = self.dir.clone();
        let contents = stream::iter(batches.to_vec()).map(|batch| read_small(&dir, batch)).buffered(READERS);
        let mut contents = std::pin::pin!(contents);
        while let Some((batch, content)) = contents.try_next().await? {
            let lines = entry::decode(&self.dir, batch, &content)?;
            self.batches.insert(batch, lines.len());
            self.recent.extend(lines.iter().map(|line| (entry::hash(&line.path), line.version())));
        }
        Ok(())
    }

    /// Whether a file of this path was read.
    pub fn contains(&self, path: &str) -> bool {
        self.find(path).is_some()
    }

    /// The file of this path as it was when it was read last.
    pub fn find(&self, path: &str) -> Option<FileVersion> {
        let hash = entry::hash(path);
        let old = || self.compacted.as_ref()?.index.find(hash);
        self.recent.get(&hash).copied().or_else(old)
    }

    /// The newest batch in the log.
    pub fn newest(&self) -> Option<BatchId> {
        let compacted = self.compacted.as_ref().map(|compacted| compacted.through);
        self.batches.keys().next_back().copied().or(compacted).map(BatchId)
    }

    /// How many files the log has, counting one that was read again each time.
    pub fn len(&self) -> usize {
        self.compacted.as_ref().map_or(0, |compacted| compacted.index.len()) + self.pending()
    }

    /// Whether the log has no file.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn pending(&self) -> usize {
        self.batches.values().sum()
    }

    /// Writes the files of the next batch, durably. Their `batch_id` is taken to be `batch`. A source may come in late;
    /// from then on it takes part in every batch, perhaps without files.
    pub async fn add(&mut self, batch: BatchId, files: Vec<FileEntry>) -> Result<(), CheckpointError> {
        let name = batch.to_string();
        if let Some(newest) = self.newest().filter(|newest| newest.next() != batch) {
            let reason = format!("it cannot be written after batch {newest}");
            return Err(CheckpointError::damaged(&self.dir, &name, reason));
        }
        if let (None, Some(before)) = (self.newest(), batch.0.checked_sub(1)) {
            self.begin_late(before).await?;
        }
        self.dir.write(&name, entry::encode(&self.dir, batch.0, &files)?).await?;
        self.batches.insert(batch.0, files.len());
        self.recent.extend(files.iter().map(|file| (entry::hash(&file.path), file.version())));
        Ok(())
    }

    /// Writes an empty compact file for the batches without this source, so that a log always begins with batch 0 or a
    /// compact file, and the loss of its beginning is noticed.
    async fn begin_late(&mut self, before: u64) -> Result<(), CheckpointError> {
        let name = compact_name(before);
        self.dir.write(&name, compact::merge(&self.dir, &name, None, Vec::new())?).await?;
        self.compacted = Some(Compacted { through: before, index: Index::default() });
        Ok(())
    }

    /// The files of one batch; those of a batch that is compacted in the order of their paths.
    pub async fn files_of(&self, batch: BatchId) -> Result<Vec<FileEntry>, CheckpointError> {
        if self.batches.contains_key(&batch.0) {
            let (_, content) = read_small(&self.dir, batch.0).await?;
            return entry::entries(&self.dir, batch.0, &content);
        }
        self.compacted_files(|entry| entry.batch_id == batch.0).await
    }

    /// The files of all batches up to `batch`, in the order of batches.
    pub async fn files_up_to(&self, batch: BatchId) -> Result<Vec<FileEntry>, CheckpointError> {
        let mut files = self.compacted_files(|entry| entry.batch_id <= batch.0).await?;
        let small = self.batches.range(..=batch.0).map(|(batch, _)| *batch).collect::<Vec<_>>();
        let mut contents =
            std::pin::pin!(stream::iter(small).map(|n| read_small(&self.dir, n)).buffered(READERS));
        while let Some((batch, content)) = contents.try_next().await? {
            files.extend(entry::entries(&self.dir, batch, &content)?);
        }
        Ok(files)
    }

    async fn compacted_files(
        &self,
        wanted: impl Fn(&FileEntry) -> bool,
    ) -> Result<Vec<FileEntry>, CheckpointError> {
        let Some(compacted) = &self.compacted else { return Ok(Vec::new()) };
        let name = compact_name(compacted.through);
        let content = read(&self.dir, &name).await?;
        let mut files = Vec::new();
        for row in compact::rows(&self.dir, &name, content)? {
            files.extend(Some(row?.entry(&self.dir, &name)?).filter(&wanted));
        }
        files.sort_unstable_by(|a, b| (a.batch_id, &a.path).cmp(&(b.batch_id, &b.path)));
        Ok(files)
    }

    /// Merges the small files into one when there are enough of them. To be called when all batches in the log are
    /// finished. A failure leaves a log that says the same; so does a crash at any point.
    pub async fn compact(&mut self) -> Result<(), CheckpointError> {
        let Some(BatchId(through)) = self.newest().filter(|_| self.is_compaction_due()) else {
            return Ok(());
        };
        let content = self.merged().await?;
        let name = compact_name(through);
        self.dir.write(&name, content.clone()).await?;
        let index = compact::index_of(&self.dir, &name, content)?;
        self.compacted = Some(Compacted { through, index });
        self.batches.clear();
        self.recent = HashMap::new();
        self.remove_merged(through).await
    }

    fn is_compaction_due(&self) -> bool {
        let (batches, files) = (self.batches.len(), self.pending());
        let known = self.compacted.as_ref().map_or(0, |compacted| compacted.index.len());
        (batches >= COMPACT_BATCHES || files >= COMPACT_FILES)
            && (files * WORTHWHILE >= known || batches >= WAIT_BATCHES)
    }

    async fn merged(&self) -> Result<Bytes, CheckpointError> {
        let mut rows = Vec::with_capacity(self.pending());
        for batch in self.batches.keys() {
            let (_, content) = read_small(&self.dir, *batch).await?;
            let lines = entry::decode(&self.dir, *batch, &content)?;
            rows.extend(lines.into_iter().map(|line| Row::from(FileEntry::from(line))));
        }
        let old = self.compacted.as_ref().map(|compacted| compact_name(compacted.through));
        let content = match &old {
            Some(name) => Some(read(&self.dir, name).await?),
            None => None,
        };
        let (dir, name) = (self.dir.clone(), old.unwrap_or_default());
        let merged = tokio::task::spawn_blocking(move || compact::merge(&dir, &name, content, rows)).await;
        merged.map_err(|error| CheckpointError::damaged(&self.dir, COMPACT, error.to_string()))?
    }

    /// Only once what holds their entries is durable. What stays is passed over, and removed the next time.
    async fn remove_merged(&self, through: u64) -> Result<(), CheckpointError> {
        for name in self.dir.names().await? {
            let small = name.parse::<u64>().is_ok_and(|batch| batch <= through);
            let older = name
                .strip_suffix(COMPACT)
                .and_then(|name| name.parse().ok())
                .is_some_and(|n: u64| n < through);
            if small || older {
                self.dir.delete(&name).await?;
            }
        }
        Ok(())
    }
}

/// A log lost nothing if its small files go on where the compacted one ends, without gaps, up to `up_to`.
fn check_sequence(
    dir: &Directory,
    compacted: Option<u64>,
    small: &[u64],
    up_to: u64,
) -> Result<(), CheckpointError> {
    let first = compacted.map_or(0, |through| through + 1);
    let mut found = small.iter().copied();
    match (first..=up_to).find(|expected| found.next() != Some(*expected)) {
        None => Ok(()),
        Some(lost) => {
            let reason = format!("it is missing although batch {up_to} was begun");
            Err(CheckpointError::damaged(dir, &lost.to_string(), reason))
        }
    }
}

fn compact_name(through: u64) -> String {
    format!("{through}{COMPACT}")
}

async fn read_small(dir: &Directory, batch: u64) -> Result<(u64, Bytes), CheckpointError> {
    Ok((batch, read(dir, &batch.to_string()).await?))
}

async fn read(dir: &Directory, name: &str) -> Result<Bytes, CheckpointError> {
    let content = dir.read(name).await?;
    content.ok_or_else(|| CheckpointError::damaged(dir, name, "it is missing"))
}

#[cfg(test)]
mod tests;
