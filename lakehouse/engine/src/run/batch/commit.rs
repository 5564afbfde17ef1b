//! Step 5: the truth. One Delta commit holds the batch's rows and its number.

use delta::{
    CommitOutcome, CommitRequest, NewFile, SchemaPolicy, Table, TableDefinition, commit as commit_to,
};
use model::{OutputMode, quarantine_schema};

use super::Batch;
use super::write::Written;
use crate::EngineError;
use crate::report::BatchReport;
use crate::run::open::OpenFlow;

/// The report of a batch that the table holds already, from a run that was cut off after its commit.
pub(super) async fn already_written(
    open: &mut OpenFlow<'_>,
    batch: &Batch,
) -> Result<Option<BatchReport>, EngineError> {
    if !batch.rerun {
        return Ok(None);
    }
    open.snapshot = open.table.snapshot().await?;
    let Some(snapshot) = &open.snapshot else {
        return Ok(None);
    };
    let held = snapshot.txn_version(&open.app_id).await?;
    let report =
        || BatchReport { version: snapshot.version(), already_written: true, ..BatchReport::default() };
    Ok(held.is_some_and(|held| held >= batch.number.txn_version()).then(report))
}

/// Commits the batch's bad records to the quarantine table, if there are any.
pub(super) async fn quarantine(
    open: &OpenFlow<'_>,
    batch: &Batch,
    written: &Written,
) -> Result<(), EngineError> {
    let table = Table::at(open.engine.stores.directory(&open.flow.output.quarantine)?);
    let replaces = open.replaces && batch.number.0 == 0 && table.snapshot().await?.is_some();
    if written.quarantined.files.is_empty() && !replaces {
        return Ok(());
    }
    let mode = if replaces { OutputMode::Complete } else { OutputMode::Append };
    let definition = TableDefinition::of(quarantine_schema());
    let request = request(open, batch, mode, definition, written.quarantined.files.clone());
    commit_to(&table, request).await?;
    Ok(())
}

/// Commits the batch's rows.
pub(super) async fn commit(
    open: &mut OpenFlow<'_>,
    batch: &Batch,
    written: Written,
) -> Result<BatchReport, EngineError> {
    let mut definition = TableDefinition::of(written.schema.clone());
    definition.name = Some(open.flow.output.table.to_string());
    definition.properties = open.flow.output.properties.clone();
    let replaces = open.replaces && batch.number.0 == 0;
    let mode = if replaces { OutputMode::Complete } else { open.flow.query.mode };
    let (files, rows, bytes) = totals(&written.files);
    open.lock.verify()?;
    let mut request = request(open, batch, mode, definition, written.files);
    request.base = open.snapshot.take();
    let committed = commit_to(&open.table, request).await?;
    open.snapshot = Some(committed.snapshot);
    Ok(BatchReport {
        batch: Some(batch.number),
        input_files: written.input_files,
        input_bytes: written.input_bytes,
        input_rows: written.input_rows,
        output_rows: rows,
        output_files: files,
        output_bytes: bytes,
        quarantined_rows: written.quarantined.rows,
        expectations: written.expectations,
        version: committed.version,
        already_written: committed.outcome == CommitOutcome::AlreadyWritten,
        duration: std::time::Duration::ZERO,
    })
}

fn request(
    open: &OpenFlow<'_>,
    batch: &Batch,
    mode: OutputMode,
    definition: TableDefinition,
    adds: Vec<NewFile>,
) -> CommitRequest {
    let flow = open.flow.name.to_string();
    let schema_policy = SchemaPolicy::AddColumns;
    CommitRequest {
        flow,
        mode,
        schema_policy,
        ..CommitRequest::append(&open.app_id, batch.number, definition, adds)
    }
}

fn totals(files: &[NewFile]) -> (u64, u64, u64) {
    let rows = files.iter().map(|file| file.num_records).sum();
    let bytes = files.iter().map(|file| file.size).sum();
    (files.len() as u64, rows, bytes)
}
