//! What surrounds a job: its streams, its stores, its clock.

use std::sync::Arc;

use lakehouse::engine::{Clock, Faults, NoFaults, SystemClock};
use lakehouse::storage::{Location, Stores};

use crate::Console;
use crate::pause::Pause;

/// What surrounds a job. The process has one; a test makes its own.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The streams.
    pub console: Console,
    /// The stores; made by the job where absent.
    pub stores: Option<Stores>,
    /// Where relative paths begin; the current directory where absent.
    pub base: Option<Location>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Faults to inject.
    pub faults: Arc<dyn Faults>,
}

impl Environment {
    /// The process's own.
    pub fn process() -> Self {
        let console = Console::process();
        let faults: Arc<dyn Faults> = match Pause::from_env(&console) {
            Some(pause) => Arc::new(pause),
            None => Arc::new(NoFaults),
        };
        Self { console, stores: None, base: None, clock: Arc::new(SystemClock), faults }
    }
}
