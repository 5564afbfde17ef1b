//! How results reach a table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ParseError;

/// How a flow's results reach its table (Structured Streaming's output mode).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputMode {
    /// New rows are added; rows that are there stay.
    Append,
    /// The table becomes the query over everything the source holds, replaced in one commit.
    Complete,
    /// Changed rows are merged by key. Not yet offered by any sink.
    Update,
}

impl OutputMode {
    /// The mode's text form, as Spark writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Complete => "complete",
            Self::Update => "update",
        }
    }
}

impl fmt::Display for OutputMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for OutputMode {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.to_ascii_lowercase().as_str() {
            "append" => Ok(Self::Append),
            "complete" => Ok(Self::Complete),
            "update" => Err(ParseError::new(
                "output mode",
                text,
                "a Delta table takes append or complete (Spark's Delta sink refuses update as well)",
            )),
            _ => Err(ParseError::new("output mode", text, "expected append or complete")),
        }
    }
}
