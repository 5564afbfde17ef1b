//! The records of a piece of CSV text, one after the other.

use std::ops::Range;

use memchr::{memchr, memchr_iter};

use super::dialect::Dialect;
use super::ends::end_of_record;
use super::fields::{Fault, MOST_FIELDS, Span};

/// Goes through the records of a text that begins and ends with whole ones.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    dialect: &'a Dialect,
    text: &'a [u8],
    at: usize,
    lines: u64,
}

/// A record and its place.
#[derive(Debug)]
pub(super) struct Record {
    /// The bytes of the record, without its line break.
    pub(super) range: Range<usize>,
    /// How many lines of the text come before it.
    pub(super) line: u64,
    /// Why it has no fields.
    pub(super) fault: Option<Fault>,
}

impl<'a> Reader<'a> {
    /// At the beginning of `text`.
    pub(super) fn new(dialect: &'a Dialect, text: &'a [u8]) -> Self {
        Self { dialect, text, at: 0, lines: 0 }
    }

    /// The place behind the last record.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next record, taken apart into `fields`. Blank lines and comments are none.
    #[inline]
    pub(super) fn next(&mut self, fields: &mut Vec<Span>) -> Option<Record> {
        while self.is_no_record()? {
            self.at = self.line_end(self.at);
            self.lines += 1;
        }
        let (begin, line) = (self.at, self.lines);
        let outcome = self.dialect.split(self.text, begin, fields);
        self.at = match outcome {
            Ok(end) => end,
            Err(_) => self.end_of_bad(begin),
        };
        self.lines += match self.dialect.multi_line {
            false => 1,
            true => memchr_iter(b'\n', &self.text[begin..self.at]).count() as u64,
        };
        Some(Record { range: begin..self.without_break(begin), line, fault: outcome.err() })
    }

    /// Whether the line here is blank or a comment; nothing at the end.
    #[inline]
    fn is_no_record(&self) -> Option<bool> {
        let first = *self.text.get(self.at)?;
        Some(match first {
            b'\n' => true,
            b'\r' | b' ' if first != self.dialect.separator => self.is_blank_line(),
            _ => self.dialect.comment == Some(first),
        })
    }

    fn is_blank_line(&self) -> bool {
        let line = &self.text[self.at..self.line_end(self.at)];
        line.iter().all(|byte| matches!(byte, b' ' | b'\r' | b'\n') && *byte != self.dialect.separator)
    }

    /// The place behind the line that holds `at`.
    fn line_end(&self, at: usize) -> usize {
        memchr(b'\n', &self.text[at..]).map_or(self.text.len(), |length| at + length + 1)
    }

    /// A quote that is not closed leaves its line, or the rest of the file, without a meaning; a record with too many
    /// fields is passed over line by line, for it is no table.
    fn end_of_bad(&self, begin: usize) -> usize {
        match self.dialect.multi_line {
            true => end_of_record(self.dialect, self.text, begin),
            false => self.line_end(begin),
        }
    }

    fn without_break(&self, begin: usize) -> usize {
        let record = &self.text[begin..self.at];
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        begin + record.strip_suffix(b"\r").unwrap_or(record).len()
    }
}

impl Fault {
    /// The fault in words; `begin` is where the record begins.
    pub(super) fn reason(self, record: &[u8], begin: usize, multi_line: bool) -> String {
        match self {
            Self::TooMany => format!("more than {MOST_FIELDS} fields"),
            Self::Unclosed(at) => {
                let before = record.get(..at - begin).unwrap_or_default();
                // All bytes of a character but its first begin with the bits 10.
                let character = before.iter().filter(|byte| **byte & 0xc0 != 0x80).count() + 1;
                let what = match multi_line {
                    true => "the quote is not closed before the file ends",
                    false => {
                        "the quote is not closed on its line (with `multiLine` a field may hold line breaks)"
                    }
                };
                format!("character {character}: {what}")
            }
        }
    }
}
