//! Data-quality rules.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ParseError;

/// What happens to a row that breaks an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnViolation {
    /// The row is kept and counted.
    Warn,
    /// The row is left out and counted.
    DropRow,
    /// The update fails and nothing of the batch is written.
    FailUpdate,
}

impl OnViolation {
    /// The action's text form in flags and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::DropRow => "drop",
            Self::FailUpdate => "fail",
        }
    }
}

impl FromStr for OnViolation {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.to_ascii_lowercase().as_str() {
            "warn" => Ok(Self::Warn),
            "drop" => Ok(Self::DropRow),
            "fail" => Ok(Self::FailUpdate),
            _ => Err(ParseError::new("action", text, "expected warn, drop or fail")),
        }
    }
}

/// A rule that rows should keep: a name, a boolean SQL expression and an action. A NULL result breaks the rule.
///
/// Its text form is `NAME: EXPR [warn|drop|fail]`; `warn` where no action is named. Brackets round the action are optional.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Expectation {
    /// The name, unique within a dataset.
    pub name: String,
    /// The condition, in the SQL dialect of the project.
    pub condition: String,
    /// What happens to rows that break it.
    pub on_violation: OnViolation,
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.name, self.condition, self.on_violation.as_str())
    }
}

impl FromStr for Expectation {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = |reason: &str| ParseError::new("expectation", text, reason);
        let (name, rest) =
            text.split_once(':').ok_or_else(|| wrong("expected `NAME: EXPR [warn|drop|fail]`"))?;
        let name = name.trim();
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == ' ') {
            return Err(wrong("the name before `:` holds letters, digits, `_`, `-` and spaces"));
        }
        let (condition, on_violation) = split_action(rest.trim());
        if condition.is_empty() {
            return Err(wrong("the condition after `:` is empty"));
        }
        Ok(Self { name: name.to_owned(), condition: condition.to_owned(), on_violation })
    }
}

/// The action is the last word; a condition may itself end in a column of that name only when an action follows it.
fn split_action(text: &str) -> (&str, OnViolation) {
    let Some((condition, last)) = text.rsplit_once(char::is_whitespace) else {
        return (text, OnViolation::Warn);
    };
    match last.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(action) => (condition.trim_end(), action),
        Err(_) => (text, OnViolation::Warn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_three_parts() {
        let rule: Expectation = "positive: amount > 0 [drop]".parse().unwrap();
        assert_eq!((rule.name.as_str(), rule.condition.as_str()), ("positive", "amount > 0"));
        assert_eq!(rule.on_violation, OnViolation::DropRow);
        let rule: Expectation = "known: kind IN ('a:b', 'c')".parse().unwrap();
        assert_eq!((rule.condition.as_str(), rule.on_violation), ("kind IN ('a:b', 'c')", OnViolation::Warn));
        assert_eq!("x: a fail".parse::<Expectation>().unwrap().on_violation, OnViolation::FailUpdate);
        assert!("no colon".parse::<Expectation>().is_err());
        assert!("x: ".parse::<Expectation>().is_err());
    }
}
