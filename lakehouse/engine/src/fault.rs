//! Places at which a run can be made to stop, as a crash would.

use std::fmt;

use model::{BatchId, FlowName, Step};

use crate::EngineError;

/// Decides, just after each step of a batch, whether the run ends there as in a crash: at once, with nothing tidied up.
pub trait Faults: fmt::Debug + Send + Sync {
    /// Called when `step` of `batch` has had its durable effect.
    fn after(&self, flow: &FlowName, batch: BatchId, step: Step) -> Result<(), EngineError>;
}

/// Nothing ever fails on purpose.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl Faults for NoFaults {
    fn after(&self, _flow: &FlowName, _batch: BatchId, _step: Step) -> Result<(), EngineError> {
        Ok(())
    }
}
