//! When a flow looks for data.

use std::fmt;
use std::str::FromStr;

use crate::{ParseError, Period};

/// When a flow looks for data (Structured Streaming's trigger).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// One batch with everything there is, without rate limits, then stop.
    Once,
    /// Everything that is there at the start, in rate-limited batches, then stop.
    AvailableNow,
    /// Look again at this cadence until stopped.
    ProcessingTime(Period),
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once => f.write_str("once"),
            Self::AvailableNow => f.write_str("available-now"),
            Self::ProcessingTime(period) => write!(f, "processing-time={period}"),
        }
    }
}

impl FromStr for Trigger {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match (text, text.strip_prefix("processing-time=")) {
            ("once", _) => Ok(Self::Once),
            ("available-now", _) => Ok(Self::AvailableNow),
            (_, Some(period)) => Ok(Self::ProcessingTime(period.parse()?)),
            _ => Err(ParseError::new("trigger", text, "expected once, available-now or processing-time=10s")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes() {
        for text in ["once", "available-now", "processing-time=10s", "processing-time=500ms"] {
            assert_eq!(text.parse::<Trigger>().map(|t| t.to_string()), Ok(text.to_owned()));
        }
        assert!("continuous".parse::<Trigger>().is_err());
    }
}
