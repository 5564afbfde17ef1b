//! A place in the bytes, and the steps that JSON's tokens take from there.

use std::ops::Range;

use super::fault::{Fault, What};
use super::string::{self, Discard, Ending, Sink};
use crate::columns::Number;

/// A place in the bytes of some lines.
///
/// A line feed is never skipped: within a record it is a fault, so that no record reaches beyond its line.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    #[inline]
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub(super) fn step(&mut self, by: usize) {
        self.at += by;
    }

    /// What lies ahead.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The bytes of a range that has been passed.
    #[inline]
    pub(super) fn slice(&self, range: Range<usize>) -> &'a [u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// Skips blanks, of which there are mostly none or one.
    #[inline]
    pub(super) fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// A fault at this place: `what`, or that the line has ended.
    #[cold]
    pub(super) fn fault(&self, what: What) -> Fault {
        let what = if matches!(self.peek(), None | Some(b'\n')) { What::Truncated } else { what };
        Fault::new(self.at, what)
    }

    /// Steps over `byte`, which must be next.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8, what: What) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return Err(self.fault(what));
        }
        self.at += 1;
        Ok(())
    }

    /// Steps over `true`, `false` or `null`, which must be next.
    #[inline]
    pub(super) fn literal(&mut self, word: &'static [u8]) -> Result<(), Fault> {
        if !self.rest().starts_with(word) {
            return Err(self.fault(What::NoValue));
        }
        self.at += word.len();
        Ok(())
    }

    /// Steps over a number, which must be next; answers with it and its text.
    #[inline]
    pub(super) fn number(&mut self) -> Result<(Number, &'a [u8]), Fault> {
        let begin = self.at;
        match Number::scan(self.bytes, begin) {
            Ok((number, end)) => {
                self.at = end;
                Ok((number, self.slice(begin..end)))
            }
            Err(bad) => {
                self.at = bad.at;
                Err(self.fault(What::Number))
            }
        }
    }

    /// Steps over a string, of which the opening quote is next, and appends its value to `out`.
    #[inline(always)]
    pub(super) fn string<S: Sink>(&mut self, out: &mut S) -> Result<Ending, Fault> {
        let (ending, end) = string::scan(self.bytes, self.at + 1, out)?;
        self.at = end;
        Ok(ending)
    }

    /// Steps over a whole value of whatever kind, `depth` levels deep, and checks every byte of it.
    pub(super) fn skip_value(&mut self, depth: usize) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.string(&mut Discard).map(drop),
            Some(b'{') => self.skip_object(depth),
            Some(b'[') => self.skip_array(depth),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            _ => Err(self.fault(What::NoValue)),
        }
    }

    fn skip_object(&mut self, depth: usize) -> Result<(), Fault> {
        let mut is_open = self.enter(b'}', depth)?;
        while is_open {
            if self.peek() != Some(b'"') {
                return Err(self.fault(What::NoKey));
            }
            self.string(&mut Discard)?;
            self.colon()?;
            self.skip_value(depth - 1)?;
            is_open = self.next_part(b'}')?;
        }
        Ok(())
    }

    fn skip_array(&mut self, depth: usize) -> Result<(), Fault> {
        let mut is_open = self.enter(b']', depth)?;
        while is_open {
            self.skip_value(depth - 1)?;
            is_open = self.next_part(b']')?;
        }
        Ok(())
    }

    /// Steps over an opening bracket; answers whether there are parts before the closing one. `depth` is the number of
    /// levels that may still be opened.
    #[inline]
    pub(super) fn enter(&mut self, close: u8, depth: usize) -> Result<bool, Fault> {
        if depth == 0 {
            return Err(self.fault(What::TooDeep));
        }
        self.at += 1;
        self.skip_blanks();
        let is_empty = self.peek() == Some(close);
        self.at += usize::from(is_empty);
        Ok(!is_empty)
    }

    /// Steps over what follows a part of an object or array; answers whether another part follows.
    #[inline]
    pub(super) fn next_part(&mut self, close: u8) -> Result<bool, Fault> {
        self.skip_blanks();
        let next = self.peek();
        if next != Some(b',') && next != Some(close) {
            return Err(self.fault(What::NoCommaOrEnd));
        }
        self.at += 1;
        if next == Some(b',') {
            self.skip_blanks();
        }
        Ok(next == Some(b','))
    }

    /// Steps over the colon behind a name and the blanks round it.
    #[inline]
    pub(super) fn colon(&mut self) -> Result<(), Fault> {
        self.skip_blanks();
        self.expect(b':', What::NoColon)?;
        self.skip_blanks();
        Ok(())
    }
}
