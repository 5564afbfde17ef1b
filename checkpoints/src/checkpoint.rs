//! The directory as a whole.

use futures::TryStreamExt;
use std::collections::BTreeSet;

use model::{BatchId, Definition, FlowName};
use storage::Directory;
use uuid::Uuid;

use crate::metadata::{self, Metadata};
use crate::{CheckpointError, Finished, Intent, Progress, RecoveryError, lines};

/// So many batches are kept in `offsets` and `commits`, as Spark keeps them (`minBatchesToRetain`).
const RETAINED: u64 = 100;

/// What a stream intends and what it has done, in a directory of its own.
///
/// A start reads four small files and the names in two directories of at most a hundred. One run at a time is the
/// caller's affair; should two write all the same, one gets [`CheckpointError::Conflict`].
#[derive(Debug)]
pub struct Checkpoint {
    dir: Directory,
    offsets: Directory,
    commits: Directory,
    metadata: Metadata,
    flow: FlowName,
    definition: Definition,
}

impl Checkpoint {
    /// The checkpoint in `dir`; none when there is none yet. A directory that lost its `metadata` is damaged.
    pub async fn open(dir: Directory) -> Result<Option<Self>, CheckpointError> {
        if let Some(content) = dir.read(metadata::FILE).await? {
            let metadata = Metadata::decode(&dir, &content)?;
            return Self::new(dir, metadata).map(Some);
        }
        if dir.child("offsets").names().await?.is_empty() {
            return Ok(None);
        }
        Err(CheckpointError::damaged(&dir, metadata::FILE, "it is missing although there are offsets"))
    }

    /// Makes a checkpoint with a new id. [`CheckpointError::Conflict`] when somebody else made one meanwhile.
    pub async fn create(
        dir: Directory,
        flow: &FlowName,
        definition: &Definition,
    ) -> Result<Self, CheckpointError> {
        let metadata = Metadata::new(flow, definition);
        lines::create(&dir, metadata::FILE, metadata.encode(&dir)?).await?;
        Self::new(dir, metadata)
    }

    fn new(dir: Directory, metadata: Metadata) -> Result<Self, CheckpointError> {
        let (offsets, commits) = (dir.child("offsets"), dir.child("commits"));
        let file = || dir.location().child(metadata::FILE);
        let ours = metadata.flow_and_definition();
        let (flow, definition) = ours.ok_or_else(|| CheckpointError::Foreign { file: file() })?;
        let (flow, definition) = (flow.clone(), definition.clone());
        Ok(Self { dir, offsets, commits, metadata, flow, definition })
    }

    /// The checkpoint's id, for ever; a new checkpoint has another.
    pub fn id(&self) -> Uuid {
        self.metadata.id
    }

    /// The flow whose checkpoint this is.
    pub fn flow(&self) -> &FlowName {
        &self.flow
    }

    /// What defined the flow when it last ran.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Refuses a definition that is not the stored one, naming the differences, unless they are accepted.
    pub fn compare_definition(&self, now: &Definition, accept_changes: bool) -> Result<(), RecoveryError> {
        let changes = now.changes_since(&self.definition);
        if changes.is_empty() || accept_changes {
            return Ok(());
        }
        Err(RecoveryError::DefinitionChanged { flow: self.flow.clone(), changes })
    }

    /// Like [`compare_definition`](Self::compare_definition), and stores a change that is accepted.
    pub async fn check_definition(
        &mut self,
        now: &Definition,
        accept_changes: bool,
    ) -> Result<(), CheckpointError> {
        self.compare_definition(now, accept_changes)?;
        if *now == self.definition { Ok(()) } else { self.redefine(now).await }
    }

    /// Stores another definition.
    pub async fn redefine(&mut self, definition: &Definition) -> Result<(), CheckpointError> {
        let metadata = self.metadata.with_definition(definition);
        self.dir.write(metadata::FILE, metadata.encode(&self.dir)?).await?;
        (self.metadata, self.definition) = (metadata, definition.clone());
        Ok(())
    }

    /// The newest `offsets/N` and `commits/N`. What cannot be the trace of any run is refused.
    ///
    /// So is a damaged newest `offsets/N` without a `commits/N`, although the batch may never have gone any further:
    /// the file is written whole and synced before the batch reads a row, so damage means that the disk did not keep
    /// what it was told to, and then it may well have kept the batch's commit in the table. Planned anew, the batch
    /// could get other files; the table would answer that it is already written, and their rows would be lost.
    pub async fn progress(&self) -> Result<Progress, CheckpointError> {
        let (offsets, commits) = futures::try_join!(self.offsets.names(), self.commits.names())?;
        let (offsets, commits) = (batches(&offsets), batches(&commits));
        self.check_traces(&offsets, &commits)?;
        let begun = match offsets.last() {
            Some(&newest) => Some((BatchId(newest), self.intent(BatchId(newest)).await?)),
            None => None,
        };
        let finished = match commits.last() {
            Some(&newest) => Some((BatchId(newest), self.finished(BatchId(newest)).await?)),
            None => None,
        };
        Ok(Progress { begun, finished })
    }

    /// Every batch begins after the one before it has ended, so `commits` ends where `offsets` ends or one before; and
    /// only batches older than the last hundred are forgotten, so none of those is missing.
    fn check_traces(&self, offsets: &BTreeSet<u64>, commits: &BTreeSet<u64>) -> Result<(), CheckpointError> {
        let missing = |dir: &Directory, batch: u64, witness: &str| {
            let reason = format!("it is missing although there is {witness}");
            Err(CheckpointError::damaged(dir, &batch.to_string(), reason))
        };
        let (begun, finished) = (offsets.last(), commits.last());
        if let (Some(finished), true) = (finished, finished > begun) {
            return missing(&self.offsets, *finished, &format!("commits/{finished}"));
        }
        let Some(&begun) = begun else { return Ok(()) };
        let recent = |batches: &BTreeSet<u64>, end: u64| {
            (begun.saturating_sub(RETAINED - 1)..end).rev().find(|batch| !batches.contains(batch))
        };
        if let Some(gap) = recent(offsets, begun) {
            return missing(&self.offsets, gap, &format!("offsets/{begun}"));
        }
        match recent(commits, begun) {
            Some(gap) => missing(&self.commits, gap, &format!("offsets/{begun}")),
            None => Ok(()),
        }
    }

    /// What batch `batch` reads. The last hundred are kept.
    pub async fn intent(&self, batch: BatchId) -> Result<Intent, CheckpointError> {
        let name = batch.to_string();
        let content = self.offsets.read(&name).await?;
        let content =
            content.ok_or_else(|| CheckpointError::damaged(&self.offsets, &name, "it is missing"))?;
        Intent::decode(&self.offsets, &name, &content)
    }

    async fn finished(&self, batch: BatchId) -> Result<Finished, CheckpointError> {
        let name = batch.to_string();
        let content = self.commits.read(&name).await?;
        let content =
            content.ok_or_else(|| CheckpointError::damaged(&self.commits, &name, "it is missing"))?;
        Finished::decode(&self.commits, &name, &content)
    }

    /// Writes the intent of a batch. It is fine when it is there already and says the same.
    pub async fn begin(&self, batch: BatchId, intent: &Intent) -> Result<(), CheckpointError> {
        let name = batch.to_string();
        lines::create(&self.offsets, &name, intent.encode(&self.offsets, &name)?).await
    }

    /// Writes that a batch is done, then forgets the one a hundred before it.
    pub async fn finish(&self, batch: BatchId, finished: &Finished) -> Result<(), CheckpointError> {
        let name = batch.to_string();
        lines::create(&self.commits, &name, finished.encode(&self.commits, &name)?).await?;
        if let Some(old) = batch.0.checked_sub(RETAINED) {
            self.forget(&old.to_string()).await;
        }
        Ok(())
    }

    /// What is not forgotten takes up space and does no harm.
    async fn forget(&self, name: &str) {
        for dir in [&self.commits, &self.offsets] {
            if let Err(error) = dir.delete(name).await {
                tracing::warn!(%error, "an old batch stays in the checkpoint");
            }
        }
    }

    /// Removes the checkpoint, for one that no batch was ever committed from. Its name goes last, so that a removal that
    /// was cut off is taken up again.
    pub async fn discard(self) -> Result<(), CheckpointError> {
        let start = self.dir.prefix().as_ref().len() + 1;
        let files: Vec<_> = self.dir.list().try_collect().await?;
        let names = files.iter().filter_map(|file| file.location.as_ref().get(start..));
        for name in names.filter(|name| *name != metadata::FILE) {
            self.dir.delete(name).await?;
        }
        Ok(self.dir.delete(metadata::FILE).await?)
    }

    /// The directory of the source with this index, where it may keep a [`crate::FileLog`] and a [`crate::SchemaLog`].
    pub fn source_dir(&self, index: usize) -> Directory {
        self.dir.child("sources").child(&index.to_string())
    }
}

/// The batches that have a file; other names are none of ours.
fn batches(names: &BTreeSet<String>) -> BTreeSet<u64> {
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

#[cfg(test)]
#[path = "checkpoint_tests.rs"]
mod tests;
