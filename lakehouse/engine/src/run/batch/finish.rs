//! Step 6: the batch is done.

use checkpoints::{CommittedAt, Finished};

use delta::{checkpoint_log, is_due};

use super::Batch;
use crate::EngineError;
use crate::event::Event;
use crate::report::BatchReport;
use crate::run::open::OpenFlow;

/// Writes `commits/N`, then tidies up. A failure to tidy up is told and does not fail the batch.
pub(super) async fn finish(
    open: &mut OpenFlow<'_>,
    batch: &Batch,
    report: &BatchReport,
) -> Result<(), EngineError> {
    let table_id = open.snapshot.as_ref().map(|snapshot| snapshot.table_id().to_owned()).unwrap_or_default();
    let at = CommittedAt { table_id, version: report.version };
    let finished = Finished { targets: [(open.flow.output.location.to_string(), at)].into() };
    open.checkpoint.finish(batch.number, &finished).await?;
    for source in &mut open.sources {
        if let Err(error) = source.finished(batch.number).await {
            let message = format!("the record of files read was not compacted: {error}");
            open.engine.observer.on(&Event::Warning { flow: open.flow.name.clone(), message });
        }
    }
    if is_due(report.version)
        && let Err(error) = checkpoint_log(&open.table, report.version).await
    {
        let message = format!("the table's log was not checkpointed: {error}");
        open.engine.observer.on(&Event::Warning { flow: open.flow.name.clone(), message });
    }
    Ok(())
}
