//! What a failure means to the one who has to act on it.

use thiserror::Error;

/// The kind of a failure. It alone decides whether a run is tried again and how the process exits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request is wrong: an option, a name, a query, a changed definition. Exit code 1 (2 for arguments).
    User,
    /// The data broke a rule that must hold: an expectation with `FAIL UPDATE`. Exit code 3.
    Data,
    /// Somebody else is at work: a lock is held, commits collided until the deadline. Exit code 75.
    Conflict,
    /// The world hiccupped: a store answered with an error that may pass. Exit code 75.
    Transient,
    /// A promise of ours or of a dependency was broken. Exit code 1.
    Internal,
}

impl ErrorKind {
    /// Whether the same run may succeed when it is simply started again.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Conflict | Self::Transient)
    }
}

/// Every error type of the workspace says what kind it is and, where there is one, the way out.
pub trait Classify {
    /// What the failure means.
    fn kind(&self) -> ErrorKind;
    /// What the reader can do about it, as one sentence without a full stop.
    fn hint(&self) -> Option<String> {
        None
    }
}

/// A text that is not a valid form of one of the words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} `{text}` is not valid: {reason}")]
pub struct ParseError {
    /// The word that was expected, such as `trigger`.
    pub what: &'static str,
    /// The text as given.
    pub text: String,
    /// What is wrong with it and which forms are accepted.
    pub reason: String,
}

impl ParseError {
    /// An error about `text`, which should have been a `what`.
    pub fn new(what: &'static str, text: &str, reason: impl Into<String>) -> Self {
        Self { what, text: text.to_owned(), reason: reason.into() }
    }
}

impl Classify for ParseError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::User
    }
}

/// The candidate nearest to a mistyped `word`, if one is near enough to be meant.
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |candidate: &&str| strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase());
    candidates
        .into_iter()
        .map(|candidate| (near(&candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_a_near_word_and_nothing_for_a_far_one() {
        assert_eq!(suggest("ordres", ["orders", "customers"]), Some("orders"));
        assert_eq!(suggest("Delimeter", ["delimiter", "header"]), Some("delimiter"));
        assert_eq!(suggest("xyz", ["orders", "customers"]), None);
    }
}
