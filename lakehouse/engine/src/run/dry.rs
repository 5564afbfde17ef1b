//! A dry run: what would be read, and nothing written.

use checkpoints::{Checkpoint, Intent};
use model::BatchId;

use super::open::{Choice, open_sources};
use super::{Engine, Tally, Update};
use crate::report::{BatchReport, FlowReport, Outcome};
use crate::{EngineError, Flow};

/// What a run would read. The definition is checked against the checkpoint as a run would.
pub(super) async fn report(engine: &Engine, flow: &Flow, update: &Update) -> Result<FlowReport, EngineError> {
    let choice = Choice::current(&engine.checkpoints.child(flow.name.as_str())).await?;
    let checkpoint = match update.full_refresh {
        true => None,
        false => Checkpoint::open(choice.dir.clone()).await?,
    };
    let mut begun: Option<(BatchId, Intent)> = None;
    if let Some(checkpoint) = &checkpoint {
        checkpoint.compare_definition(&flow.definition(), update.accept_changes)?;
        begun = checkpoint.progress().await?.begun;
    }
    // Without a checkpoint the sources' logs are looked for where there are none.
    let source_dir = |index| match &checkpoint {
        Some(checkpoint) => checkpoint.source_dir(index),
        None => choice.dir.child("none").child(&index.to_string()),
    };
    let mut sources = open_sources(engine, flow, &source_dir, begun.as_ref()).await?;
    let mut total = BatchReport::default();
    for (index, source) in sources.iter_mut().enumerate() {
        let from = begun.as_ref().and_then(|(_, intent)| intent.offsets.get(index)?.as_ref());
        source.look(from).await?;
        let backlog = source.backlog();
        total.input_files += backlog.files;
        total.input_bytes += backlog.bytes;
    }
    let mut report = Tally::new(flow).report(false);
    report.outcome = Outcome::Dry;
    report.total = total;
    Ok(report)
}
