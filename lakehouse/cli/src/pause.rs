//! A place to stand still, so that a test can kill the process just there.

use lakehouse::engine::{EngineError, Faults};
use lakehouse::model::{BatchId, FlowName, Step};

use crate::Console;

/// The variable that names a step. The process stops after that step of its first batch, says so, and waits to be killed.
const VARIABLE: &str = "LAKESMITH_PAUSE_AFTER";

/// Stands still after one step.
#[derive(Debug)]
pub(crate) struct Pause {
    step: Step,
    console: Console,
}

impl Pause {
    pub(crate) fn from_env(console: &Console) -> Option<Self> {
        let step = std::env::var(VARIABLE).ok()?.parse().ok()?;
        Some(Self { step, console: console.clone() })
    }
}

impl Faults for Pause {
    fn after(&self, _flow: &FlowName, _batch: BatchId, step: Step) -> Result<(), EngineError> {
        if step == self.step {
            self.console.line(&format!("paused after {step}"));
            loop {
                std::thread::park();
            }
        }
        Ok(())
    }
}
