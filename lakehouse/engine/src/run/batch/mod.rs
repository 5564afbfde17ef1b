//! One micro-batch: the seven steps, in order.
//!
//! | step | durable effect | crash just after it, then run again |
//! |---|---|---|
//! | plan | none | planned again |
//! | begin | `offsets/N`, with the exact ranges | the same ranges are read again |
//! | write | data files that no reader sees | written anew; the old ones are orphans |
//! | quarantine | bad records, in a commit of their own with the batch's `txn` | that commit answers `AlreadyWritten` |
//! | commit | the rows, with the batch's `txn`, in one commit | the table answers `AlreadyWritten` |
//! | finish | `commits/N` | next batch |
//! | report | events | an event may be missing, a row never |

mod begin;
mod commit;
mod finish;
mod plan;
mod write;

use std::time::Instant;

use checkpoints::Intent;
use model::{BatchId, OffsetRange, Step};

use super::open::OpenFlow;
use crate::EngineError;
use crate::event::Event;
use crate::report::BatchReport;

pub(super) use plan::plan;

/// A batch whose ranges are settled.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) number: BatchId,
    /// What to read of each source; nothing of one that has not produced anything yet.
    pub(super) ranges: Vec<Option<OffsetRange>>,
    pub(super) intent: Intent,
    /// Whether an earlier run has begun it.
    pub(super) rerun: bool,
}

/// Takes `batch` through the steps after planning.
pub(super) async fn run(open: &mut OpenFlow<'_>, batch: Batch) -> Result<BatchReport, EngineError> {
    let started = Instant::now();
    let (flow, number) = (open.flow.name.clone(), batch.number);
    let done = |open: &OpenFlow<'_>, step| open.engine.done(&flow, number, step);

    done(open, Step::Plan)?;
    begin::begin(open, &batch).await?;
    done(open, Step::Begin)?;
    let mut report = match commit::already_written(open, &batch).await? {
        Some(report) => report,
        None => {
            let written = write::write(open, &batch).await?;
            done(open, Step::Write)?;
            commit::quarantine(open, &batch, &written).await?;
            done(open, Step::Quarantine)?;
            commit::commit(open, &batch, written).await?
        }
    };
    done(open, Step::Commit)?;
    finish::finish(open, &batch, &report).await?;
    done(open, Step::Finish)?;
    report.batch = Some(number);
    report.duration = started.elapsed();
    open.engine.observer.on(&Event::BatchFinished { flow: flow.clone(), report: report.clone() });
    done(open, Step::Report)?;
    Ok(report)
}
