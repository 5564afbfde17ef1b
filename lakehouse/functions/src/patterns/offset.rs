//! Offsets from UTC, as `DateTimeFormatterBuilder.OffsetIdPrinterParser` reads and writes them.

use std::fmt::Write as _;

use super::fields::Fields;

/// Whether a part of an offset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Never.
    Absent,
    /// Where it is not zero.
    Optional,
    /// Always.
    Mandatory,
}

/// How an offset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OffsetStyle {
    pub(super) minutes: Part,
    pub(super) seconds: Part,
    pub(super) colon: bool,
    /// What stands for no offset.
    pub(super) zero: &'static str,
}

impl OffsetStyle {
    /// The style of so many letters `X` or `x`.
    pub(super) fn of_letters(count: usize, zero: &'static str) -> Option<Self> {
        let (minutes, seconds, colon) = match count {
            1 => (Part::Optional, Part::Absent, false),
            2 => (Part::Mandatory, Part::Absent, false),
            3 => (Part::Mandatory, Part::Absent, true),
            4 => (Part::Mandatory, Part::Optional, false),
            5 => (Part::Mandatory, Part::Optional, true),
            _ => return None,
        };
        Some(Self { minutes, seconds, colon, zero })
    }

    /// Reads an offset at byte `at`; where it ends.
    pub(super) fn read(self, text: &[u8], at: usize, fields: &mut Fields) -> Option<usize> {
        let rest = &text[at..];
        if rest.get(..self.zero.len()).is_some_and(|head| head.eq_ignore_ascii_case(self.zero.as_bytes())) {
            fields.set_offset(0)?;
            return Some(at + self.zero.len());
        }
        let (seconds, length) = self.read_signed(rest)?;
        fields.set_offset(seconds)?;
        Some(at + length)
    }

    fn read_signed(self, text: &[u8]) -> Option<(i32, usize)> {
        let sign = sign(text)?;
        let (hours, at) = (two_digits(text, 1)?, 3);
        let (minutes, at) = self.read_part(self.minutes, text, at)?;
        let (seconds, at) = if at > 3 { self.read_part(self.seconds, text, at)? } else { (0, at) };
        in_range(sign, hours, minutes, seconds).map(|offset| (offset, at))
    }

    fn read_part(self, part: Part, text: &[u8], at: usize) -> Option<(i32, usize)> {
        if part == Part::Absent {
            return Some((0, at));
        }
        let start = at + usize::from(self.colon);
        let has_colon = !self.colon || text.get(at) == Some(&b':');
        match two_digits(text, start).filter(|_| has_colon) {
            Some(number) => Some((number, start + 2)),
            None if part == Part::Optional => Some((0, at)),
            None => None,
        }
    }

    /// Appends an offset of so many seconds.
    pub(super) fn write(self, offset: i32, out: &mut String) {
        if offset == 0 {
            return out.push_str(self.zero);
        }
        let (hours, minutes, seconds) = split(offset);
        let colon = if self.colon { ":" } else { "" };
        let _ = write!(out, "{}{hours:02}", if offset < 0 { '-' } else { '+' });
        let with_seconds = self.seconds == Part::Mandatory || (self.seconds == Part::Optional && seconds > 0);
        if self.minutes == Part::Mandatory || minutes > 0 || with_seconds {
            let _ = write!(out, "{colon}{minutes:02}");
        }
        if with_seconds {
            let _ = write!(out, "{colon}{seconds:02}");
        }
    }
}

/// Reads `GMT`, `GMT+8`, `GMT+8:30`, or in full `GMT+08:30`; where it ends.
pub(super) fn read_localized(full: bool, text: &[u8], at: usize, fields: &mut Fields) -> Option<usize> {
    let rest = &text[at..];
    let after = rest.get(..3).filter(|head| head.eq_ignore_ascii_case(b"GMT")).map(|_| &rest[3..])?;
    let Some(sign) = sign(after) else {
        fields.set_offset(0)?;
        return Some(at + 3);
    };
    let (hours, mut length) = match two_digits(after, 1) {
        Some(hours) => (hours, 3),
        None if full => return None,
        None => (digit(after, 1)?, 2),
    };
    let (mut minutes, mut seconds) = (0, 0);
    for part in [&mut minutes, &mut seconds] {
        if after.get(length) != Some(&b':') {
            break;
        }
        *part = two_digits(after, length + 1)?;
        length += 3;
    }
    if full && length < 6 {
        return None;
    }
    fields.set_offset(in_range(sign, hours, minutes, seconds)?)?;
    Some(at + 3 + length)
}

/// Appends `GMT`, `GMT+8`, `GMT+8:30`, or in full `GMT+08:30`.
pub(super) fn write_localized(full: bool, offset: i32, out: &mut String) {
    out.push_str("GMT");
    if offset == 0 {
        return;
    }
    let (hours, minutes, seconds) = split(offset);
    out.push(if offset < 0 { '-' } else { '+' });
    let _ = if full { write!(out, "{hours:02}:{minutes:02}") } else { write!(out, "{hours}") };
    if !full && (minutes > 0 || seconds > 0) {
        let _ = write!(out, ":{minutes:02}");
    }
    if seconds > 0 {
        let _ = write!(out, ":{seconds:02}");
    }
}

fn split(offset: i32) -> (i32, i32, i32) {
    let seconds = offset.abs();
    (seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn in_range(sign: i32, hours: i32, minutes: i32, seconds: i32) -> Option<i32> {
    let total = hours * 3600 + minutes * 60 + seconds;
    (minutes < 60 && seconds < 60 && total <= 18 * 3600).then_some(sign * total)
}

fn sign(text: &[u8]) -> Option<i32> {
    match text.first()? {
        b'+' => Some(1),
        b'-' => Some(-1),
        _ => None,
    }
}

fn digit(text: &[u8], at: usize) -> Option<i32> {
    text.get(at).filter(|b| b.is_ascii_digit()).map(|b| i32::from(b - b'0'))
}

fn two_digits(text: &[u8], at: usize) -> Option<i32> {
    Some(digit(text, at)? * 10 + digit(text, at + 1)?)
}
