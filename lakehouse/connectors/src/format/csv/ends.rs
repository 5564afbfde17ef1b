//! Where the records of a CSV file end, found while the file is being read.

use std::sync::Arc;

use bytes::Bytes;
use memchr::{memchr, memrchr};

use super::dialect::Dialect;
use super::header;
use super::records::Reader;
use crate::format::Payload;
use crate::format::chunks::Records;

/// Finds the ends of records, by the same rules by which [`Dialect::split`] takes them apart.
#[derive(Debug, Clone)]
pub(super) struct Ends {
    dialect: Arc<Dialect>,
    state: State,
}

/// What the bytes so far leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    RecordStart,
    FieldStart,
    Plain,
    Quoted,
    Escaped,
    /// Behind a quote that closes the field, unless another one follows.
    Closed,
    /// Behind a quoted field and blanks.
    ClosedBlank,
    Comment,
}

impl State {
    #[inline]
    fn after(self, byte: u8, dialect: &Dialect) -> Self {
        match self {
            Self::Quoted if dialect.quote == Some(byte) => Self::Closed,
            Self::Quoted if dialect.escape == Some(byte) => Self::Escaped,
            Self::Quoted | Self::Escaped => Self::Quoted,
            _ if byte == b'\n' => Self::RecordStart,
            Self::Comment => Self::Comment,
            Self::RecordStart if dialect.comment == Some(byte) => Self::Comment,
            _ if byte == dialect.separator => Self::FieldStart,
            Self::RecordStart | Self::FieldStart if dialect.quote == Some(byte) => Self::Quoted,
            Self::RecordStart | Self::FieldStart if dialect.trim_leading && dialect.is_blank(byte) => {
                Self::FieldStart
            }
            Self::Closed if dialect.quote == Some(byte) => Self::Quoted,
            Self::Closed | Self::ClosedBlank if byte == b'\r' || dialect.is_blank(byte) => Self::ClosedBlank,
            _ => Self::Plain,
        }
    }
}

/// The place behind the record that begins at `begin`.
pub(super) fn end_of_record(dialect: &Dialect, text: &[u8], begin: usize) -> usize {
    let mut state = State::RecordStart;
    let ends = |byte: &u8| {
        state = state.after(*byte, dialect);
        state == State::RecordStart
    };
    text[begin..].iter().position(ends).map_or(text.len(), |length| begin + length + 1)
}

impl Ends {
    /// At the beginning of a file.
    pub(super) fn new(dialect: Arc<Dialect>) -> Self {
        Self { dialect, state: State::RecordStart }
    }

    /// Whether every line break ends a record until the next quote.
    fn is_plain(&self) -> bool {
        !self.dialect.multi_line || !matches!(self.state, State::Quoted | State::Escaped | State::Closed)
    }

    /// Without quotes in it, `fresh` is a matter of lines.
    fn has_plain_lines(&self, fresh: &[u8]) -> bool {
        let has_quotes = || self.dialect.quote.is_some_and(|quote| memchr(quote, fresh).is_some());
        self.is_plain() && (!self.dialect.multi_line || !has_quotes())
    }

    /// Goes on over `fresh`; answers with the place behind the first end of a record, or behind the last one.
    fn scan(&mut self, fresh: &[u8], only_first: bool) -> Option<usize> {
        let mut end = None;
        for (at, byte) in fresh.iter().enumerate() {
            self.state = self.state.after(*byte, &self.dialect);
            if self.state == State::RecordStart {
                end = Some(at + 1);
                if only_first {
                    break;
                }
            }
        }
        end
    }

    /// The state that plain lines leave behind, of which the last ends at `end`.
    fn after_lines(&mut self, fresh: &[u8], end: Option<usize>) {
        if self.dialect.multi_line {
            if end.is_some() {
                self.state = State::RecordStart;
            }
            self.scan(&fresh[end.unwrap_or(0)..], false);
        }
    }
}

impl Records for Ends {
    fn first_end(&mut self, fresh: &[u8]) -> Option<usize> {
        match self.dialect.multi_line {
            true => self.scan(fresh, true),
            false => memchr(b'\n', fresh).map(|at| at + 1),
        }
    }

    fn last_end(&mut self, fresh: &[u8]) -> Option<usize> {
        if !self.has_plain_lines(fresh) {
            return self.scan(fresh, false);
        }
        let end = memrchr(b'\n', fresh).map(|at| at + 1);
        self.after_lines(fresh, end);
        end
    }
}

/// The records of a file whose first one names the columns.
#[derive(Debug, Clone)]
pub(super) struct WithHeader {
    ends: Ends,
    header: Option<Arc<[String]>>,
}

impl WithHeader {
    /// At the beginning of a file.
    pub(super) fn new(dialect: Arc<Dialect>) -> Self {
        Self { ends: Ends::new(dialect), header: None }
    }

    /// Reads the header at the front of `records`; answers with the place behind it.
    fn read_header(&mut self, records: &[u8]) -> Result<usize, String> {
        let dialect = self.ends.dialect.clone();
        let mut reader = Reader::new(&dialect, records);
        let mut fields = Vec::new();
        if let Some(record) = reader.next(&mut fields) {
            let raw = &records[record.range.clone()];
            if let Some(fault) = record.fault {
                return Err(format!(
                    "the header: {}",
                    fault.reason(raw, record.range.start, dialect.multi_line)
                ));
            }
            let text =
                str::from_utf8(&records[..record.range.end]).map_err(|_| "the header is not valid UTF-8")?;
            self.header = Some(header::names(&dialect, text, &fields));
        }
        Ok(reader.at())
    }
}

impl Records for WithHeader {
    fn first_end(&mut self, fresh: &[u8]) -> Option<usize> {
        self.ends.first_end(fresh)
    }

    fn last_end(&mut self, fresh: &[u8]) -> Option<usize> {
        self.ends.last_end(fresh)
    }

    fn payload(&mut self, records: Bytes) -> Result<(usize, Payload), String> {
        let front = if self.header.is_none() { self.read_header(&records)? } else { 0 };
        let header = self.header.clone().unwrap_or_default();
        Ok((front, Payload::Table { header, text: records.slice(front..) }))
    }

    fn can_skip(&self) -> bool {
        self.header.is_some()
    }
}
