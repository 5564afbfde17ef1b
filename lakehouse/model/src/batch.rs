//! The number of a micro-batch.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of a micro-batch: 0, 1, 2 ... within one checkpoint, without gaps.
///
/// It is the file name under `offsets/` and `commits/` and the `version` of the Delta `txn` action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BatchId(pub u64);

impl BatchId {
    /// The number of the batch after this one.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The number of the batch after `last`, or 0 when there is none.
    pub fn after(last: Option<Self>) -> Self {
        last.map_or(Self(0), Self::next)
    }

    /// The number as the `version` of a Delta `txn` action.
    pub fn txn_version(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
