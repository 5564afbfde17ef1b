//! Cutting text into chunks of whole records.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use model::ByteSize;

use super::codec::Codec;
use super::expand::{Expanded, explain};
use super::stored::Stored;
use super::{KEPT_OF_A_RECORD, Limits, Records};
use crate::format::{Chunk, FormatError, Payload, SourceFile};

/// Cuts the text of one file.
pub(super) struct Cutter<'a, R> {
    file: &'a Arc<SourceFile>,
    text: Expanded<'a>,
    records: R,
    limits: Limits,
    /// What has been read and not been handed out: the beginning of a record.
    carry: Vec<u8>,
    /// How much of `carry` the records have seen; there is no end of a record in it.
    seen: usize,
    /// The line at which `carry` begins.
    line: u64,
    /// The place in the text at which `carry` begins.
    offset: u64,
    /// Why reading stopped.
    failure: Option<io::Error>,
}

impl<'a, R: Records> Cutter<'a, R> {
    /// Cuts the whole file and sends chunk after chunk, until `send` says that nobody listens any more.
    pub(super) fn run(
        file: &'a Arc<SourceFile>,
        stored: Stored,
        codec: Codec,
        limits: Limits,
        records: R,
        send: impl Fn(Result<Chunk, FormatError>) -> bool,
    ) {
        let mut cutter = match Self::open(file, stored, codec, limits, records) {
            Ok(cutter) => cutter,
            Err(error) => {
                send(Err(error));
                return;
            }
        };
        while let Some(chunk) = cutter.next().transpose() {
            let is_last = chunk.is_err();
            if !send(chunk) || is_last {
                return;
            }
        }
    }

    fn open(
        file: &'a Arc<SourceFile>,
        stored: Stored,
        codec: Codec,
        mut limits: Limits,
        records: R,
    ) -> Result<Self, FormatError> {
        // A record that begins and ends within what one read adds is then never too long.
        limits.chunk = limits.chunk.min(limits.record / 2).max(1);
        let explained = |error| explain(file, codec, (0, 0), error);
        let mut text = Expanded::new(stored, codec, limits).map_err(explained)?;
        let mut carry = Vec::new();
        text.fill(&mut carry, 3).map_err(|error| text.explain(file, 0, error))?;
        let mut offset = 0;
        match carry.as_slice() {
            [0xef, 0xbb, 0xbf] => {
                carry.clear();
                offset = 3;
            }
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                return Err(FormatError::UnsupportedFile {
                    file: file.display.to_string(),
                    reason: "it is text in UTF-16".to_owned(),
                    hint: "convert it to UTF-8",
                });
            }
            _ => {}
        }
        Ok(Self { file, text, records, limits, carry, seen: 0, line: 1, offset, failure: None })
    }

    /// The next chunk; nothing at the end of the file.
    fn next(&mut self) -> Result<Option<Chunk>, FormatError> {
        let mut buffer = std::mem::take(&mut self.carry);
        let mut seen = std::mem::take(&mut self.seen);
        loop {
            if let Some(error) = self.failure.take() {
                let at = self.offset + buffer.len() as u64;
                return Err(self.text.explain(self.file, at, error));
            }
            let read = self.read(&mut buffer);
            if read == 0 && seen == buffer.len() && self.failure.is_none() {
                return (!buffer.is_empty()).then(|| self.chunk(buffer)).transpose();
            }
            let fresh = &buffer[seen..];
            let end = if buffer.len() <= self.limits.record {
                self.records.last_end(fresh)
            } else {
                match self.records.first_end(fresh) {
                    Some(first) if seen + first <= self.limits.record + 1 => {
                        Some(first + self.records.last_end(&fresh[first..]).unwrap_or(0))
                    }
                    first => return self.pass_over(buffer, first.map(|first| seen + first)).map(Some),
                }
            };
            if let Some(end) = end {
                let end = seen + end;
                self.carry = buffer[end..].to_vec();
                self.seen = self.carry.len();
                buffer.truncate(end);
                return self.chunk(buffer).map(Some);
            }
            seen = buffer.len();
        }
    }

    /// Reads on. A failure is kept until what was whole before it has been handed out.
    fn read(&mut self, buffer: &mut Vec<u8>) -> usize {
        let before = buffer.len();
        buffer.reserve(self.room());
        if let Err(error) = self.text.fill(buffer, self.limits.chunk) {
            self.failure = Some(error);
        }
        buffer.len() - before
    }

    /// How much one read is going to add: as much as is missing of a plain file, so that small files cost little memory.
    fn room(&self) -> usize {
        let left = self.file.meta.size.saturating_sub(self.offset) + 1;
        usize::try_from(left).unwrap_or(usize::MAX).min(self.limits.chunk)
    }

    fn chunk(&mut self, records: Vec<u8>) -> Result<Chunk, FormatError> {
        let all = Bytes::from(records);
        let (front, payload) = self.records.payload(all.clone()).map_err(|reason| self.damaged(reason))?;
        let first_line = self.line + line_breaks(&all[..front]);
        let byte_offset = self.offset + front as u64;
        self.line += line_breaks(&all);
        self.offset += all.len() as u64;
        Ok(Chunk { file: self.file.clone(), first_line, byte_offset, payload })
    }

    fn damaged(&self, reason: String) -> FormatError {
        FormatError::Damaged { file: self.file.display.to_string(), byte_offset: self.offset, reason }
    }

    /// Reads over a record that is too long; `end` is where it ends in `buffer`, if it does.
    fn pass_over(&mut self, mut buffer: Vec<u8>, mut end: Option<usize>) -> Result<Chunk, FormatError> {
        if !self.records.can_skip() {
            return Err(
                self.damaged(format!("the header is longer than {}", ByteSize(self.limits.record as u64)))
            );
        }
        let head = Bytes::copy_from_slice(&buffer[..KEPT_OF_A_RECORD.min(self.limits.record)]);
        let (first_line, byte_offset) = (self.line, self.offset);
        let mut read = buffer.len();
        while end.is_none() && read > 0 && self.failure.is_none() {
            self.leave_behind(&buffer);
            buffer.clear();
            read = self.read(&mut buffer);
            end = self.records.first_end(&buffer);
        }
        let end = end.unwrap_or(buffer.len());
        self.leave_behind(&buffer[..end]);
        self.carry = buffer.split_off(end);
        let length = self.offset - byte_offset;
        Ok(Chunk {
            file: self.file.clone(),
            first_line,
            byte_offset,
            payload: Payload::Overlong { head, length },
        })
    }

    fn leave_behind(&mut self, passed: &[u8]) {
        self.line += line_breaks(passed);
        self.offset += passed.len() as u64;
    }
}

fn line_breaks(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
