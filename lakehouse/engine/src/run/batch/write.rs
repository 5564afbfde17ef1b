//! Steps 3 and 4: read, transform, check and write data files, in one pass.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use connectors::source::{ReadContext, SourceRows};
use datafusion::physical_plan::ExecutionPlan;
use delta::{NewFile, WriteExec, WriterOptions};
use futures::TryStreamExt;
use model::Quarantined;
use plan::{Input, Planner, RuleCount, rule_counts};
use tokio::sync::mpsc::Sender;

use super::Batch;
use crate::EngineError;
use crate::run::open::OpenFlow;
use crate::run::quarantine::{QuarantineWriter, QuarantinedFiles};

/// What was written and no reader sees yet.
pub(in crate::run) struct Written {
    pub(super) files: Vec<NewFile>,
    pub(super) schema: arrow::datatypes::SchemaRef,
    pub(super) quarantined: QuarantinedFiles,
    pub(super) expectations: Vec<RuleCount>,
    pub(super) input_files: u64,
    pub(super) input_bytes: u64,
    pub(super) input_rows: u64,
}

/// Runs the flow's plan over the batch's ranges into data files.
pub(super) async fn write(open: &mut OpenFlow<'_>, batch: &Batch) -> Result<Written, EngineError> {
    let quarantine = QuarantineWriter::start(open, batch)?;
    let rows = Rows::read(open, batch, quarantine.sender()).await?;
    let planner = Planner::new(open.update.resources, Some(quarantine.sender()))?;
    let plan = planner.plan(&open.flow.query, &rows.inputs, batch.intent.timestamp_ms).await?;
    let schema = plan.schema();
    let plan: Arc<dyn ExecutionPlan> = {
        let options = WriterOptions::of(schema.clone());
        Arc::new(WriteExec::new(plan, open.table.directory().clone(), options))
    };
    let outcome = execute(open, &planner, &plan).await;
    let expectations = rule_counts(&plan);
    let (input_files, input_bytes, records) = (rows.files, rows.bytes, rows.records.clone());
    // Whoever can still send to the quarantine must be gone before its writer can end.
    drop((plan, planner, rows));
    let quarantined = quarantine.finish().await;
    let files = outcome?;
    let input_rows = records.iter().map(|count| count.load(Ordering::Relaxed)).sum();
    Ok(Written {
        files,
        schema,
        quarantined: quarantined?,
        expectations,
        input_files,
        input_bytes,
        input_rows,
    })
}

async fn execute(
    open: &OpenFlow<'_>,
    planner: &Planner,
    plan: &Arc<dyn ExecutionPlan>,
) -> Result<Vec<NewFile>, EngineError> {
    let rows = open.engine.executor.execute(plan.clone(), planner.session().task_ctx());
    let batches: Vec<_> = rows
        .map_err(EngineError::from_execution)?
        .try_collect()
        .await
        .map_err(EngineError::from_execution)?;
    let mut files = Vec::new();
    for batch in &batches {
        files.extend(NewFile::from_rows(batch).map_err(|error| EngineError::Execution(error.into()))?);
    }
    Ok(files)
}

/// The batch's ranges, opened.
struct Rows {
    inputs: Vec<Input>,
    files: u64,
    bytes: u64,
    records: Vec<Arc<AtomicU64>>,
}

impl Rows {
    async fn read(
        open: &mut OpenFlow<'_>,
        batch: &Batch,
        quarantine: Sender<Vec<Quarantined>>,
    ) -> Result<Self, EngineError> {
        let context = ReadContext {
            timestamp_ms: batch.intent.timestamp_ms,
            parallelism: open.update.resources.parallelism,
            quarantine,
        };
        let mut rows = Self { inputs: Vec::new(), files: 0, bytes: 0, records: Vec::new() };
        for ((source, range), input) in open.sources.iter_mut().zip(&batch.ranges).zip(&open.flow.inputs) {
            if let Some(range) = range {
                rows.add(&input.name, source.read(range, &context).await?);
            }
        }
        Ok(rows)
    }

    fn add(&mut self, name: &str, rows: SourceRows) {
        self.files += rows.files;
        self.bytes += rows.bytes;
        self.records.push(rows.records);
        self.inputs.push(Input { name: name.to_owned(), rows: rows.table });
    }
}
