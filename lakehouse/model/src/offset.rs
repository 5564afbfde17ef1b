//! A position in a source.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A position in a source, as the source itself writes it: one line of JSON.
///
/// Only the source that made an offset can read it; everybody else stores it, compares it for equality and hands it back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offset(pub String);

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The rows after `from`, up to and with `to`. No `from` means from the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetRange {
    /// The last position that was read before.
    pub from: Option<Offset>,
    /// The last position of this range.
    pub to: Offset,
}
