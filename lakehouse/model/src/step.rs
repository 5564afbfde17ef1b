//! The named steps of one micro-batch.

use std::fmt;
use std::str::FromStr;

use crate::ParseError;

/// A step of the micro-batch, in order. Each is also a fault point: a test can stop the run just after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The batch's range is known; nothing is written.
    Plan,
    /// `offsets/N` is written: the intent.
    Begin,
    /// Data files are written; no reader sees them.
    Write,
    /// The quarantine table holds this batch's bad records.
    Quarantine,
    /// The Delta commit is there: the truth.
    Commit,
    /// `commits/N` is written.
    Finish,
    /// The batch's events were reported.
    Report,
}

impl Step {
    /// All steps, in the order in which a batch takes them.
    pub const ALL: [Self; 7] =
        [Self::Plan, Self::Begin, Self::Write, Self::Quarantine, Self::Commit, Self::Finish, Self::Report];

    /// The step's text form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Begin => "begin",
            Self::Write => "write",
            Self::Quarantine => "quarantine",
            Self::Commit => "commit",
            Self::Finish => "finish",
            Self::Report => "report",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Step {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::ALL.into_iter().find(|step| step.as_str() == text).ok_or_else(|| {
            ParseError::new("step", text, "expected plan, begin, write, quarantine, commit, finish or report")
        })
    }
}
