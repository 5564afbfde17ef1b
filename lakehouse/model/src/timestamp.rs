//! Which columns hold timestamps as text or numbers, and how they are written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ParseError;

/// A column to parse as a timestamp: `COL` or `COL=FORMAT`.
///
/// `FORMAT` is `iso8601` (the default), `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, `rfc2822`, or a pattern as Spark
/// and Java write it, such as `yyyy-MM-dd HH:mm:ss`. Whether it is a known one is judged where the flow is planned.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimestampSpec {
    /// The column.
    pub column: String,
    /// How its values are written.
    pub format: String,
}

impl FromStr for TimestampSpec {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (column, format) = text.split_once('=').unwrap_or((text, "iso8601"));
        if column.trim().is_empty() || format.trim().is_empty() {
            return Err(ParseError::new("timestamp", text, "expected COL or COL=FORMAT"));
        }
        Ok(Self { column: column.trim().to_owned(), format: format.trim().to_owned() })
    }
}

impl fmt::Display for TimestampSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.column, self.format)
    }
}

/// Which readable columns to add beside a parsed timestamp: `<col>_date`, `<col>_local` and `<col>_text`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TimestampParts {
    /// `<col>_date`: the calendar day in the source's time zone.
    pub date: bool,
    /// `<col>_local`: the wall-clock time in the source's time zone, without a zone.
    pub local: bool,
    /// `<col>_text`: a text for people, such as `Tue 1 Jan 2013 05:15:00 EST`.
    pub text: bool,
}
