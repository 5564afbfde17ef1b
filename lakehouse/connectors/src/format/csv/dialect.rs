//! How a CSV file is written.

use crate::format::FormatError;
use crate::format::options::{Options, invalid};

/// The marks and rules of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Stands between fields.
    pub(super) separator: u8,
    /// Stands round a field that may hold separators.
    pub(super) quote: Option<u8>,
    /// Stands before a quote, or before itself, that is part of a quoted field.
    pub(super) escape: Option<u8>,
    /// Begins a line that is no record.
    pub(super) comment: Option<u8>,
    /// Whether a quoted field may hold line breaks.
    pub(super) multi_line: bool,
    /// Whether blanks before a field are no part of it.
    pub(super) trim_leading: bool,
    /// Whether blanks behind a field are no part of it.
    pub(super) trim_trailing: bool,
    /// The text that stands for NULL, beside an empty field without quotes.
    pub(super) null: String,
    /// What an empty field in quotes means in a column of texts.
    pub(super) empty: String,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            separator: b',',
            quote: Some(b'"'),
            escape: Some(b'\\'),
            comment: None,
            multi_line: false,
            trim_leading: false,
            trim_trailing: false,
            null: String::new(),
            empty: String::new(),
        }
    }
}

impl Dialect {
    /// The dialect that `options` describe; `separator` where they name none.
    pub(super) fn new(options: &Options, separator: u8) -> Result<Self, FormatError> {
        let plain = Self::default();
        let separator = match (options.byte("sep")?, options.byte("delimiter")?) {
            (Some(Some(byte)), _) | (None, Some(Some(byte))) => byte,
            (None, None) => separator,
            _ => return Err(invalid("sep", "", "expected one ASCII character")),
        };
        let dialect = Self {
            separator,
            quote: options.byte("quote")?.unwrap_or(plain.quote),
            escape: options.byte("escape")?.unwrap_or(plain.escape),
            comment: options.byte("comment")?.flatten(),
            multi_line: options.flag("multiLine")?.unwrap_or(false),
            trim_leading: options.flag("ignoreLeadingWhiteSpace")?.unwrap_or(false),
            trim_trailing: options.flag("ignoreTrailingWhiteSpace")?.unwrap_or(false),
            null: options.get("nullValue").unwrap_or_default().to_owned(),
            empty: options.get("emptyValue").unwrap_or_default().to_owned(),
        };
        dialect.check()
    }

    fn check(self) -> Result<Self, FormatError> {
        let marks = [("quote", self.quote), ("escape", self.escape), ("comment", self.comment)];
        match marks.iter().find(|(_, mark)| *mark == Some(self.separator)) {
            Some((name, _)) => {
                let mark = char::from(self.separator).to_string();
                Err(invalid(name, &mark, "it is the separator as well"))
            }
            None => Ok(self),
        }
    }

    /// Whether `byte` is a blank round a field.
    #[inline]
    pub(super) fn is_blank(&self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t') && byte != self.separator
    }
}
