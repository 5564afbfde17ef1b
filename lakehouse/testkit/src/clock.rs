//! A clock that stands still until it is told.

use std::sync::atomic::{AtomicI64, Ordering};

use lakehouse::engine::Clock;
use lakehouse::model::Period;

/// Midnight of 1 January 2026, UTC.
const START_MS: i64 = 1_767_225_600_000;

/// A clock that stands still until it is told.
#[derive(Debug)]
pub struct LabClock(AtomicI64);

impl Default for LabClock {
    fn default() -> Self {
        Self(AtomicI64::new(START_MS))
    }
}

impl LabClock {
    /// Moves the clock on.
    pub fn advance(&self, by: Period) {
        self.0.fetch_add(i64::try_from(by.0.as_millis()).unwrap_or(0), Ordering::SeqCst);
    }
}

impl Clock for LabClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
