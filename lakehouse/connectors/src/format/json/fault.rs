//! What makes a line something else than one JSON object.

use std::fmt;

/// A place where a line breaks the grammar of RFC 8259 or one of our limits.
///
/// It is kept small, since every step of the decoder may answer with one. So texts are at most [`LONGEST_TEXT`] long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    at: u32,
    what: What,
}

/// The longest text that is decoded at once, in bytes.
pub(super) const LONGEST_TEXT: usize = 1 << 30;

impl Fault {
    /// A fault at a place counted from the beginning of the text.
    pub(super) fn new(at: usize, what: What) -> Self {
        Self { at: u32::try_from(at).unwrap_or(u32::MAX), what }
    }

    pub(super) fn at(self) -> usize {
        self.at as usize
    }

    pub(super) fn what(self) -> What {
        self.what
    }
}

/// The rule that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    NotAnObject,
    NoValue,
    NoKey,
    NoColon,
    NoCommaOrEnd,
    Truncated,
    Number,
    Escape,
    ControlCharacter,
    InvalidUtf8,
    TooDeep,
    TooLong,
    MoreAfterTheObject,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnObject => "expected a JSON object",
            Self::NoValue => "expected a value",
            Self::NoKey => "expected a name in double quotes",
            Self::NoColon => "expected `:`",
            Self::NoCommaOrEnd => "expected `,` or the closing bracket",
            Self::Truncated => "the line ends within the record",
            Self::Number => "not a number as JSON writes them",
            Self::Escape => "not an escape sequence of JSON",
            Self::ControlCharacter => "a control character stands in a string without being escaped",
            Self::InvalidUtf8 => "not valid UTF-8",
            Self::TooDeep => "nested too deeply",
            Self::TooLong => "the line is too long",
            Self::MoreAfterTheObject => "there is more after the object",
        })
    }
}
