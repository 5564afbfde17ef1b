//! A record of CSV as fields: where they stand, and what they say.

use memchr::{memchr, memchr2};

use super::dialect::Dialect;

/// The most fields of one record, as Spark's `maxColumns`.
pub(super) const MOST_FIELDS: usize = 20_480;

/// Where a field stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    begin: usize,
    end: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Without quotes; also a field that begins like a quoted one and goes on behind it, which is taken as it stands.
    Plain,
    /// What stands between quotes.
    Quoted,
    /// What stands between quotes and holds escaped ones.
    Escaped,
}

impl Span {
    /// The same place in the part of the text that begins at `base`.
    #[inline]
    pub(super) fn rebase(&mut self, base: usize) {
        self.begin -= base;
        self.end -= base;
    }
}

/// Why a record cannot be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The quote at this place is not closed.
    Unclosed(usize),
    /// There are more than [`MOST_FIELDS`].
    TooMany,
}

impl Dialect {
    /// Takes the record at `at` apart; answers with the place behind it and its line break.
    pub(super) fn split(&self, text: &[u8], mut at: usize, fields: &mut Vec<Span>) -> Result<usize, Fault> {
        fields.clear();
        loop {
            let field = match self.opening(text, at) {
                Some(opening) => self.quoted(text, at, opening)?,
                None => self.plain(text, at, at),
            };
            if fields.len() == MOST_FIELDS {
                return Err(Fault::TooMany);
            }
            fields.push(field.span);
            match text.get(field.behind) {
                Some(byte) if *byte == self.separator => at = field.behind + 1,
                Some(_) => return Ok(field.behind + 1),
                None => return Ok(field.behind),
            }
        }
    }

    /// The place of the quote that opens the field at `at`.
    #[inline]
    fn opening(&self, text: &[u8], mut at: usize) -> Option<usize> {
        while self.trim_leading && text.get(at).is_some_and(|byte| self.is_blank(*byte)) {
            at += 1;
        }
        (self.quote.is_some() && text.get(at).copied() == self.quote).then_some(at)
    }

    /// The field that begins at `begin` and ends at the first separator or line break from `from` on.
    #[inline]
    fn plain(&self, text: &[u8], begin: usize, from: usize) -> Field {
        let behind = find(text, from, self.separator, b'\n');
        let is_last = text.get(behind) != Some(&self.separator);
        let has_return = is_last && behind > begin && text[behind - 1] == b'\r';
        Field { span: Span { begin, end: behind - usize::from(has_return), kind: Kind::Plain }, behind }
    }

    fn quoted(&self, text: &[u8], begin: usize, opening: usize) -> Result<Field, Fault> {
        let Some(quote) = self.quote else {
            return Ok(self.plain(text, begin, begin));
        };
        let escape = self.escape.unwrap_or(quote);
        let first = opening + 1;
        let within = match self.multi_line {
            true => text,
            false => &text[..memchr(b'\n', &text[first..]).map_or(text.len(), |at| first + at)],
        };
        let (mut at, mut kind) = (first, Kind::Quoted);
        loop {
            let rest = within.get(at..).unwrap_or_default();
            let mark = at + memchr2(quote, escape, rest).ok_or(Fault::Unclosed(opening))?;
            if within[mark] == quote && within.get(mark + 1) != Some(&quote) {
                return Ok(self.closed(text, begin, Span { begin: first, end: mark, kind }));
            }
            kind = Kind::Escaped;
            at = mark + 2;
        }
    }

    /// A field whose closing quote has been found: only blanks may follow it, or else it is taken as it stands.
    fn closed(&self, text: &[u8], begin: usize, span: Span) -> Field {
        let mut behind = span.end + 1;
        while text.get(behind).is_some_and(|byte| *byte == b'\r' || self.is_blank(*byte)) {
            behind += 1;
        }
        match text.get(behind) {
            None | Some(b'\n') => Field { span, behind },
            Some(byte) if *byte == self.separator => Field { span, behind },
            Some(_) => self.plain(text, begin, behind),
        }
    }

    /// What a field says; nothing for NULL. `text` is what the span was found in.
    ///
    /// Only a column of texts can hold an empty text; for others an empty field is NULL with quotes as well.
    #[inline]
    pub(super) fn value<'a>(
        &'a self,
        text: &'a str,
        span: &Span,
        is_text: bool,
        scratch: &'a mut String,
    ) -> Option<&'a str> {
        let raw = text.get(span.begin..span.end).unwrap_or_default();
        let value = match span.kind {
            Kind::Plain => self.trimmed(raw),
            Kind::Quoted => raw,
            Kind::Escaped => {
                self.unescape(raw, scratch);
                scratch.as_str()
            }
        };
        match (value.is_empty(), span.kind) {
            (true, Kind::Quoted) if is_text => Some(&self.empty),
            (true, _) => None,
            (false, _) => (value != self.null).then_some(value),
        }
    }

    #[inline]
    fn trimmed<'a>(&self, mut field: &'a str) -> &'a str {
        let is_blank = |c: char| matches!(c, ' ' | '\t');
        if self.trim_leading {
            field = field.trim_start_matches(is_blank);
        }
        if self.trim_trailing {
            field = field.trim_end_matches(is_blank);
        }
        field
    }

    /// Writes into `plain` what `escaped` says.
    fn unescape(&self, escaped: &str, plain: &mut String) {
        plain.clear();
        let (quote, escape) = (self.quote.map(char::from), self.escape.map(char::from));
        let mut rest = escaped.chars().peekable();
        while let Some(c) = rest.next() {
            let next = rest.peek().copied();
            let is_doubled = Some(c) == quote && next == quote;
            let is_escaped = Some(c) == escape && next.is_some() && (next == quote || next == escape);
            plain.push(if is_doubled || is_escaped { rest.next().unwrap_or(c) } else { c });
        }
    }
}

/// A field and the place of the separator or line break behind it.
struct Field {
    span: Span,
    behind: usize,
}

/// The place of the first `a` or `b` from `at` on, or the end. Fields are short, so it looks at eight bytes at a time
/// instead of preparing for a long way.
#[inline]
pub(super) fn find(text: &[u8], mut at: usize, a: u8, b: u8) -> usize {
    const LOW: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let (a_word, b_word) = (LOW * u64::from(a), LOW * u64::from(b));
    while let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*bytes);
        let (x, y) = (word ^ a_word, word ^ b_word);
        // The lowest of the bits that remain marks the first byte that is zero in `x` or `y`.
        let found = ((x.wrapping_sub(LOW) & !x) | (y.wrapping_sub(LOW) & !y)) & HIGH;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| *byte == a || *byte == b).unwrap_or(rest.len())
}
