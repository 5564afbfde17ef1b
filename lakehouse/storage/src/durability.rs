//! Whether a local disk is made to keep what was written.

use std::fmt;
use std::str::FromStr;

use model::ParseError;

/// What a local store does before it says that an object is written. Object stores are durable by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Durability {
    /// The object and its name survive a power cut (`fsync` of the file, then of its directory).
    #[default]
    Full,
    /// The object survives the end of the process, not that of the machine. For tests and throw-away tables.
    None,
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "full",
            Self::None => "none",
        })
    }
}

impl FromStr for Durability {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.to_ascii_lowercase().as_str() {
            "full" => Ok(Self::Full),
            "none" => Ok(Self::None),
            _ => Err(ParseError::new("durability", text, "expected full or none")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes() {
        for durability in [Durability::Full, Durability::None] {
            assert_eq!(durability.to_string().parse(), Ok(durability));
        }
        assert!("fsync".parse::<Durability>().is_err());
    }
}
