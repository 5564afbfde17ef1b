//! A flow at the start of a run: locked, checked against its table, its sources open.

use checkpoints::{Checkpoint, Intent, Observed, Progress, Resume, resume};
use connectors::source::Source;
use delta::{Snapshot, Table};
use model::{BatchId, Offset, OffsetRange, ReadLimits};
use plan::Extent;
use storage::{Directory, RunLock, probe};

use super::batch::Batch;
use super::{Engine, Update};
use crate::{EngineError, Flow};

/// The file in a flow's directory that says which of its numbered checkpoints is in use; absent for the first.
const CURRENT: &str = "current";

/// A flow that is being run.
pub(super) struct OpenFlow<'a> {
    pub(super) engine: &'a Engine,
    pub(super) flow: &'a Flow,
    pub(super) update: &'a Update,
    pub(super) limits: ReadLimits,
    pub(super) checkpoint: Checkpoint,
    pub(super) sources: Vec<Box<dyn Source>>,
    pub(super) table: Table,
    /// The table as it was at the last look or commit; nothing while it does not exist.
    pub(super) snapshot: Option<Snapshot>,
    /// What identifies this flow's writes in the table's log.
    pub(super) app_id: String,
    /// Whether the first batch replaces what the table holds: a full refresh.
    pub(super) replaces: bool,
    /// The last batch that is begun, and where it ends.
    pub(super) last: Option<(BatchId, Vec<Option<Offset>>)>,
    unfinished: Option<Batch>,
    pub(super) lock: &'a RunLock,
}

impl<'a> OpenFlow<'a> {
    /// Opens or makes the checkpoint, and compares it with the table.
    pub(super) async fn open(
        engine: &'a Engine,
        flow: &'a Flow,
        update: &'a Update,
        lock: &'a RunLock,
    ) -> Result<Self, EngineError> {
        let dir = engine.checkpoints.child(flow.name.as_str());
        let table = Table::at(engine.stores.directory(&flow.output.location)?);
        let choice = choose(&dir, &table, update.full_refresh).await?;
        let checkpoint = open_checkpoint(&choice, flow, update, &table).await?;
        let app_id = app_id(flow, &checkpoint);
        let progress = checkpoint.progress().await?;
        let observed = observe(&table, &app_id, &progress).await?;
        let resume = resume(&progress, &observed)?;
        let sources =
            open_sources(engine, flow, &|index| checkpoint.source_dir(index), progress.begun.as_ref())
                .await?;
        Ok(Self {
            engine,
            flow,
            update,
            limits: Engine::limits(update),
            sources,
            table,
            snapshot: None,
            app_id,
            replaces: choice.number > 0,
            last: progress.begun.map(|(batch, intent)| (batch, intent.offsets)),
            unfinished: match resume {
                Resume::Rerun(batch, intent) => Some(begun_batch(&checkpoint, flow, batch, intent).await?),
                Resume::Fresh | Resume::NextBatch(_) => None,
            },
            checkpoint,
            lock,
        })
    }

    /// The batch that an earlier run began and did not finish, with the very ranges it had.
    pub(super) fn unfinished(&mut self) -> Option<Batch> {
        self.unfinished.take()
    }

    /// Lets every source look for data.
    pub(super) async fn look(&mut self) -> Result<(), EngineError> {
        for (index, source) in self.sources.iter_mut().enumerate() {
            let from = self.last.as_ref().and_then(|(_, offsets)| offsets.get(index)?.as_ref());
            source.look(from).await?;
        }
        Ok(())
    }

    /// Where the source of this index stands.
    pub(super) fn offset(&self, index: usize) -> Option<&Offset> {
        self.last.as_ref().and_then(|(_, offsets)| offsets.get(index)?.as_ref())
    }

    /// Whether a batch sees all rows of its sources rather than the new ones.
    pub(super) fn reads_all(&self) -> bool {
        self.flow.query.extent == Extent::All
    }
}

/// The numbered checkpoint of a flow that a run uses. Each full refresh begins a new one, and its first batch replaces
/// the table's rows; so a refresh that was cut off goes on as one.
pub(super) struct Choice {
    pub(super) number: u64,
    pub(super) dir: Directory,
}

impl Choice {
    pub(super) async fn current(dir: &Directory) -> Result<Self, EngineError> {
        let text = dir.read(CURRENT).await?;
        let number = text.and_then(|text| std::str::from_utf8(&text).ok()?.trim().parse().ok()).unwrap_or(0);
        Ok(Self { number, dir: dir.child(&number.to_string()) })
    }
}

async fn choose(dir: &Directory, table: &Table, full_refresh: bool) -> Result<Choice, EngineError> {
    let current = Choice::current(dir).await?;
    if !full_refresh {
        return Ok(current);
    }
    let checkpoint = Checkpoint::open(current.dir.clone()).await?;
    let used = checkpoint.is_some() || table.snapshot().await?.is_some();
    let under_way = match checkpoint {
        Some(checkpoint) if current.number > 0 => checkpoint.progress().await?.finished.is_none(),
        _ => false,
    };
    // A refresh that was cut off before its first batch was done is the one that is asked for.
    if !used || under_way {
        return Ok(current);
    }
    let number = current.number + 1;
    dir.write(CURRENT, number.to_string().into()).await?;
    Ok(Choice { number, dir: dir.child(&number.to_string()) })
}

async fn open_checkpoint(
    choice: &Choice,
    flow: &Flow,
    update: &Update,
    table: &Table,
) -> Result<Checkpoint, EngineError> {
    let definition = flow.definition();
    match Checkpoint::open(choice.dir.clone()).await? {
        Some(checkpoint)
            if *checkpoint.definition() != definition
                && never_committed(&checkpoint, flow, table).await? =>
        {
            // Nothing depends on it yet: a first try that failed must not stand in the way of the corrected one.
            checkpoint.discard().await?;
            Ok(Checkpoint::create(choice.dir.clone(), &flow.name, &definition).await?)
        }
        Some(mut checkpoint) => {
            if update.accept_changes && *checkpoint.definition() != definition {
                check_nothing_unfinished(&checkpoint).await?;
            }
            checkpoint.check_definition(&definition, update.accept_changes).await?;
            Ok(checkpoint)
        }
        None => {
            probe(&choice.dir).await?;
            check_first_run(choice, flow, table).await?;
            Ok(Checkpoint::create(choice.dir.clone(), &flow.name, &definition).await?)
        }
    }
}

/// Whether no batch of this checkpoint is in the table.
async fn never_committed(checkpoint: &Checkpoint, flow: &Flow, table: &Table) -> Result<bool, EngineError> {
    if checkpoint.progress().await?.finished.is_some() {
        return Ok(false);
    }
    match table.snapshot().await? {
        None => Ok(true),
        Some(snapshot) => Ok(snapshot.txn_version(&app_id(flow, checkpoint)).await?.is_none()),
    }
}

/// A batch that was begun under one definition must not be finished under another.
async fn check_nothing_unfinished(checkpoint: &Checkpoint) -> Result<(), EngineError> {
    let progress = checkpoint.progress().await?;
    let finished = progress.finished.map(|(batch, _)| batch);
    match progress.begun {
        Some((batch, _)) if Some(batch) != finished => Err(EngineError::Unfinished { batch }),
        _ => Ok(()),
    }
}

/// A flow without a checkpoint must not have written to its table before; nor may it replace what others wrote.
async fn check_first_run(choice: &Choice, flow: &Flow, table: &Table) -> Result<(), EngineError> {
    if choice.number > 0 {
        return Ok(());
    }
    let Some(snapshot) = table.snapshot().await? else {
        return Ok(());
    };
    let prefix = app_id_prefix(flow);
    let written = snapshot.txn_ids().await?.into_iter().find(|(app_id, _)| app_id.starts_with(&prefix));
    if let Some((_, batch)) = written {
        let location = flow.output.location.to_string();
        return Err(checkpoints::RecoveryError::checkpoint_lost(&flow.name, &location, batch).into());
    }
    match flow.query.mode {
        model::OutputMode::Append => Ok(()),
        _ => Err(EngineError::ForeignTable { location: flow.output.location.to_string() }),
    }
}

/// The batch that `intent` stands for: from where the batch before it ended to its own end.
async fn begun_batch(
    checkpoint: &Checkpoint,
    flow: &Flow,
    number: BatchId,
    intent: Intent,
) -> Result<Batch, EngineError> {
    let before = match number.0.checked_sub(1) {
        Some(before) if flow.query.extent == Extent::New => checkpoint.intent(BatchId(before)).await?.offsets,
        _ => vec![None; intent.offsets.len()],
    };
    let range = |(from, to): (Option<Offset>, &Option<Offset>)| to.clone().map(|to| OffsetRange { from, to });
    let ranges = before.into_iter().zip(&intent.offsets).map(range).collect();
    Ok(Batch { number, ranges, intent, rerun: true })
}

/// The `appId` of a flow's `txn` actions: the flow and the checkpoint's id, so that a new checkpoint is a new writer.
fn app_id(flow: &Flow, checkpoint: &Checkpoint) -> String {
    format!("{}{}", app_id_prefix(flow), checkpoint.id())
}

fn app_id_prefix(flow: &Flow) -> String {
    format!("lakesmith/{}/", flow.name)
}

/// What the table says of this flow, as cheaply as can be known.
///
/// After a clean end the last batch's commit is where the checkpoint says it is, and reading that one commit is all.
/// Otherwise the table's newest version is asked.
async fn observe(table: &Table, app_id: &str, progress: &Progress) -> Result<Observed, EngineError> {
    let Some((batch, finished)) = &progress.finished else {
        return snapshot_of(table, app_id).await;
    };
    let clean = progress.begun.as_ref().is_none_or(|(begun, _)| begun == batch);
    let location = table.directory().location().to_string();
    if let (true, Some(at)) = (clean, finished.targets.get(&location)) {
        let commit = table.log().read(at.version).await?;
        if commit.is_some_and(|commit| commit.txn_version(app_id) == Some(batch.txn_version())) {
            return Ok(Observed::AsRecorded);
        }
    }
    snapshot_of(table, app_id).await
}

async fn snapshot_of(table: &Table, app_id: &str) -> Result<Observed, EngineError> {
    let location = table.directory().location().to_string();
    Ok(match table.snapshot().await? {
        None => Observed::NoTable { location },
        Some(snapshot) => Observed::Table {
            location,
            table_id: snapshot.table_id().to_owned(),
            version: snapshot.version(),
            txn: snapshot.txn_version(app_id).await?,
        },
    })
}

pub(super) async fn open_sources(
    engine: &Engine,
    flow: &Flow,
    source_dir: &(dyn Fn(usize) -> Directory + Sync),
    begun: Option<&(BatchId, Intent)>,
) -> Result<Vec<Box<dyn Source>>, EngineError> {
    let mut sources = Vec::with_capacity(flow.inputs.len());
    for (index, input) in flow.inputs.iter().enumerate() {
        let dir = source_dir(index);
        // A source that has no offset yet has nothing in its log either.
        let begun = begun.filter(|(_, intent)| matches!(intent.offsets.get(index), Some(Some(_))));
        let begun = begun.map(|(batch, _)| *batch);
        sources.push(engine.registry.source(&input.source, flow.query.extent, dir, begun).await?);
    }
    Ok(sources)
}
