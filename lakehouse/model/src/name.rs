//! Names of tables and flows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ParseError;

const LONGEST: usize = 128;

/// The name of a table: an identifier of letters, digits and `_`, at most 128 long, that does not start with a digit.
///
/// The rule is strict because the name becomes a folder below the lakehouse's root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TableName(String);

/// The name of a flow: like a table's, with `.` between parts. It names the checkpoint's folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FlowName(String);

fn check_part(what: &'static str, whole: &str, part: &str) -> Result<(), ParseError> {
    let starts_well = part.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let goes_on_well = part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if starts_well && goes_on_well && part.len() <= LONGEST {
        return Ok(());
    }
    let reason =
        format!("expected letters, digits and `_`, not starting with a digit, at most {LONGEST} characters");
    Err(ParseError::new(what, whole, reason))
}

macro_rules! text_form {
    ($name:ident) => {
        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseError;

            fn try_from(text: String) -> Result<Self, ParseError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    };
}

text_form!(TableName);
text_form!(FlowName);

impl FromStr for TableName {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        check_part("table name", text, text)?;
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for FlowName {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        text.split('.').try_for_each(|part| check_part("flow name", text, part))?;
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_name_cannot_leave_its_folder() {
        for bad in ["", "../x", "a/b", "1a", "a b", "a.b", "ä", &"x".repeat(129)] {
            assert!(bad.parse::<TableName>().is_err(), "{bad} was taken");
        }
        assert_eq!(
            "_flights_2013".parse::<TableName>().map(|n| n.to_string()),
            Ok("_flights_2013".to_owned())
        );
    }

    #[test]
    fn a_flow_name_has_parts() {
        assert!("bronze.flights".parse::<FlowName>().is_ok());
        for bad in ["bronze.", ".flights", "a..b", "a/b.c"] {
            assert!(bad.parse::<FlowName>().is_err(), "{bad} was taken");
        }
    }
}
