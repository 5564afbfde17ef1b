//! Crashes on request.

use std::sync::Mutex;
use std::sync::PoisonError;

use lakehouse::engine::{EngineError, Faults};
use lakehouse::model::{BatchId, FlowName, Step};

/// Crashes the run after a step, once.
#[derive(Debug, Default)]
pub(crate) struct CrashOnce(Mutex<Option<Step>>);

impl CrashOnce {
    /// Asks for a crash after `step` of the next batch that takes it.
    pub(crate) fn arm(&self, step: Option<Step>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = step;
    }
}

impl Faults for CrashOnce {
    fn after(&self, _flow: &FlowName, batch: BatchId, step: Step) -> Result<(), EngineError> {
        let mut armed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *armed != Some(step) {
            return Ok(());
        }
        *armed = None;
        Err(EngineError::Fault { step, batch })
    }
}
