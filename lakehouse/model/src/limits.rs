//! How much one batch may take.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::ParseError;

/// What one micro-batch may read at the most. The first limit that is reached ends the batch; one file always fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadLimits {
    /// Files (`maxFilesPerTrigger`).
    pub max_files: Option<u64>,
    /// Bytes as stored, before decompression (`maxBytesPerTrigger`).
    pub max_bytes: Option<ByteSize>,
}

impl ReadLimits {
    /// No limit at all, as `Trigger::Once` has it.
    pub const NONE: Self = Self { max_files: None, max_bytes: None };

    /// Whether a batch that holds `files` files of `bytes` bytes may take one of `next` bytes more.
    pub fn admit(&self, files: u64, bytes: u64, next: u64) -> bool {
        let files_fit = self.max_files.is_none_or(|max| files < max);
        let bytes_fit = self.max_bytes.is_none_or(|max| bytes.saturating_add(next) <= max.0);
        files == 0 || (files_fit && bytes_fit)
    }
}

/// A number of bytes: `1024`, `10b`, `64k`, `10m`, `1g`, `1t` (powers of 1024, as Spark reads them; `kb` and `kib` alike).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
        let (mut size, mut unit) = (self.0 as f64, 0);
        while size >= 1024.0 && unit < UNITS.len() - 1 {
            size /= 1024.0;
            unit += 1;
        }
        if unit == 0 { write!(f, "{} B", self.0) } else { write!(f, "{size:.1} {}", UNITS[unit]) }
    }
}

impl FromStr for ByteSize {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::new("size", text, "expected bytes such as 1048576, 64k, 10m or 1g");
        let (digits, unit) = split_number(text);
        let number: u64 = digits.parse().map_err(|_| wrong())?;
        let power = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kb" | "kib" => 1,
            "m" | "mb" | "mib" => 2,
            "g" | "gb" | "gib" => 3,
            "t" | "tb" | "tib" => 4,
            _ => return Err(wrong()),
        };
        number.checked_mul(1024_u64.pow(power)).map(Self).ok_or_else(wrong)
    }
}

/// A span of time: `500ms`, `10s`, `5m`, `1h`, `2d`, or Spark's `10 seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(pub Duration);

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            ms if ms % 1000 != 0 => write!(f, "{ms}ms"),
            ms => write!(f, "{}s", ms / 1000),
        }
    }
}

impl FromStr for Period {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::new("duration", text, "expected a time such as 500ms, 10s, 5m, 1h or 2d");
        let (digits, unit) = split_number(text);
        let number: u64 = digits.parse().map_err(|_| wrong())?;
        let millis = match unit.to_ascii_lowercase().trim_end_matches('s') {
            "m" if unit.eq_ignore_ascii_case("ms") => 1,
            "milli" | "millisecond" => 1,
            "" if unit.is_empty() => return Err(wrong()),
            "" | "sec" | "second" => 1_000,
            "m" | "min" | "minute" => 60_000,
            "h" | "hour" => 3_600_000,
            "d" | "day" => 86_400_000,
            _ => return Err(wrong()),
        };
        number.checked_mul(millis).map(|ms| Self(Duration::from_millis(ms))).ok_or_else(wrong)
    }
}

fn split_number(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    (digits, unit.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_always_fits() {
        let limits = ReadLimits { max_files: Some(2), max_bytes: Some(ByteSize(10)) };
        assert!(limits.admit(0, 0, 1_000));
        assert!(limits.admit(1, 4, 6));
        assert!(!limits.admit(1, 4, 7));
        assert!(!limits.admit(2, 0, 0));
    }

    #[test]
    fn reads_sizes_and_periods() {
        assert_eq!("10m".parse(), Ok(ByteSize(10 << 20)));
        assert_eq!("1GiB".parse(), Ok(ByteSize(1 << 30)));
        assert!("10x".parse::<ByteSize>().is_err());
        for (text, ms) in
            [("500ms", 500), ("10s", 10_000), ("10 seconds", 10_000), ("5m", 300_000), ("1 hour", 3_600_000)]
        {
            assert_eq!(text.parse::<Period>().map(|p| p.0.as_millis()), Ok(ms), "{text}");
        }
        assert!("10".parse::<Period>().is_err());
        assert_eq!(ByteSize(1536).to_string(), "1.5 KiB");
    }
}
