//! What happens in a run, as it happens.

use std::fmt;

use model::{BatchId, FlowName, Step, Trigger};

use crate::report::{BatchReport, FlowReport};

/// Something that happened. Events inform; nothing depends on their arrival.
#[derive(Debug, Clone)]
pub enum Event {
    /// A flow begins to look for data.
    FlowStarted {
        /// The flow.
        flow: FlowName,
        /// When it looks for data.
        trigger: Trigger,
    },
    /// An earlier run was cut off; its last batch is taken up again.
    BatchResumed {
        /// The flow.
        flow: FlowName,
        /// The batch.
        batch: BatchId,
    },
    /// A batch's range is settled.
    BatchPlanned {
        /// The flow.
        flow: FlowName,
        /// The batch.
        batch: BatchId,
        /// Files to read.
        files: u64,
        /// Their bytes, as stored.
        bytes: u64,
    },
    /// A step of a batch is done.
    StepDone {
        /// The flow.
        flow: FlowName,
        /// The batch.
        batch: BatchId,
        /// The step.
        step: Step,
    },
    /// A batch is in the table.
    BatchFinished {
        /// The flow.
        flow: FlowName,
        /// What it did.
        report: BatchReport,
    },
    /// A flow is done.
    FlowFinished(FlowReport),
    /// Something that does not stop the run but that the user must know.
    Warning {
        /// The flow.
        flow: FlowName,
        /// What.
        message: String,
    },
}

/// Hears of events.
pub trait Observer: fmt::Debug + Send + Sync {
    /// Called for each event, in order; it must not block for long.
    fn on(&self, event: &Event);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silence;

impl Observer for Silence {
    fn on(&self, _event: &Event) {}
}
