//! Step 2: the intent, durable before anything is read.

use super::Batch;
use crate::EngineError;
use crate::run::open::OpenFlow;

/// Makes the batch repeatable: what its offsets stand for, then the offsets.
pub(super) async fn begin(open: &mut OpenFlow<'_>, batch: &Batch) -> Result<(), EngineError> {
    if batch.rerun {
        return Ok(());
    }
    for (source, to) in open.sources.iter_mut().zip(&batch.intent.offsets) {
        if let Some(to) = to {
            source.record(batch.number, to).await?;
        }
    }
    open.checkpoint.begin(batch.number, &batch.intent).await?;
    open.last = Some((batch.number, batch.intent.offsets.clone()));
    Ok(())
}
