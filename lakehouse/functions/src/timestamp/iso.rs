//! ISO 8601, as widely as Spark's `CAST(text AS TIMESTAMP)` takes it.

use crate::calendar::{DAY, Date, SECOND};

/// What follows the wall-clock time in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tail<'a> {
    /// Nothing: the time is of the source's zone.
    Nothing,
    /// Seconds east of UTC.
    Offset(i32),
    /// A zone by its name.
    Named(&'a str),
}

/// The wall-clock time, in microseconds since 1970, and its zone, of
/// `yyyy[-MM[-dd[(T| )HH[:mm[:ss[(.|,)fraction]]]]]][zone]`.
///
/// Months, days and parts of the time may have one digit, years up to six and a sign; digits of the fraction after the sixth
/// are left out. The zone follows a time only: `Z`, `+01:00`, `+0100`, `+01`, a name after a blank or not, or an offset and
/// a name in brackets, which the offset overrules. Blanks around the whole do not count.
#[inline]
pub(crate) fn parse_iso(text: &str) -> Option<(i64, Tail<'_>)> {
    match parse_common(text.as_bytes()) {
        Some((seconds, end)) => {
            let (fraction, end) = parse_fraction(text.as_bytes(), end)?;
            Some((seconds * SECOND + fraction, parse_tail(text, end)?))
        }
        None => parse_any(text.trim_matches(|c: char| c.is_whitespace() || c.is_control())),
    }
}

/// The day, counted from 1970-01-01, that a text names, whatever zone it names.
pub(crate) fn parse_iso_day(text: &str) -> Option<i32> {
    i32::try_from(parse_iso(text)?.0.div_euclid(DAY)).ok()
}

/// The seconds of `yyyy-MM-dd?HH:mm:ss` at the beginning, and where it ends.
#[inline]
fn parse_common(text: &[u8]) -> Option<(i64, usize)> {
    let head: &[u8; 19] = text.first_chunk()?;
    let is_punctuated = head[4] == b'-' && head[7] == b'-' && head[13] == b':' && head[16] == b':';
    if !(is_punctuated && matches!(head[10], b'T' | b' ' | b't')) {
        return None;
    }
    let mut wrong = 0;
    let mut two = |at: usize| {
        let (tens, ones) = (head[at].wrapping_sub(b'0'), head[at + 1].wrapping_sub(b'0'));
        wrong |= u8::from(tens > 9) | u8::from(ones > 9);
        i64::from(tens) * 10 + i64::from(ones)
    };
    let (year, month, day) = (two(0) * 100 + two(2), two(5), two(8));
    let (hour, minute, second) = (two(11), two(14), two(17));
    if wrong != 0 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = Date::new(year, month, day)?.days();
    Some((days * 86_400 + hour * 3600 + minute * 60 + second, 19))
}

/// Microseconds of a fraction at `at`, if there is one, and where it ends.
#[inline]
fn parse_fraction(text: &[u8], at: usize) -> Option<(i64, usize)> {
    if !matches!(text.get(at), Some(b'.' | b',')) {
        return Some((0, at));
    }
    let digits = text[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
    let taken = digits.min(6);
    let micros = text[at + 1..at + 1 + taken].iter().fold(0, |number, b| number * 10 + i64::from(b - b'0'));
    Some((micros * 10_i64.pow(6 - taken as u32), at + 1 + digits))
}

#[inline]
fn parse_tail(text: &str, at: usize) -> Option<Tail<'_>> {
    match &text.as_bytes()[at..] {
        [] => Some(Tail::Nothing),
        [b'Z' | b'z'] => Some(Tail::Offset(0)),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => parse_short_offset(*sign, [*h1, *h2, *m1, *m2]),
        _ => parse_long_tail(text.get(at..)?.trim()),
    }
}

fn parse_short_offset(sign: u8, digits: [u8; 4]) -> Option<Tail<'static>> {
    let [h1, h2, m1, m2] = digits.map(|digit| i32::from(digit.wrapping_sub(b'0')));
    let (hours, minutes) = (h1 * 10 + h2, m1 * 10 + m2);
    let is_valid =
        [h1, h2, m1, m2].iter().all(|digit| *digit < 10) && minutes < 60 && hours * 60 + minutes <= 18 * 60;
    let seconds = hours * 3600 + minutes * 60;
    is_valid.then_some(Tail::Offset(if sign == b'-' { -seconds } else { seconds }))
}

fn parse_long_tail(tail: &str) -> Option<Tail<'_>> {
    let (zone, bracketed) = match tail.strip_suffix(']').and_then(|tail| tail.split_once('[')) {
        Some((zone, name)) => (zone, Some(name)),
        None => (tail, None),
    };
    match (zone, bracketed) {
        ("", None) => Some(Tail::Nothing),
        ("", Some(name)) => Some(Tail::Named(name)),
        ("Z" | "z", _) => Some(Tail::Offset(0)),
        (offset, _) if offset.starts_with(['+', '-']) => crate::zone::parse_offset(offset).map(Tail::Offset),
        (name, None) => Some(Tail::Named(name)),
        _ => None,
    }
}

/// The general form: numbers of one or two digits, and any end.
#[cold]
fn parse_any(text: &str) -> Option<(i64, Tail<'_>)> {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first()?, b'+' | b'-'));
    let year = number(bytes, &mut at, 4, 6)?;
    let year = if bytes[0] == b'-' { -year } else { year };
    let (mut month, mut day) = (1, 1);
    for part in [&mut month, &mut day] {
        if take(bytes, &mut at, b"-") {
            *part = number(bytes, &mut at, 1, 2)?;
        } else {
            break;
        }
    }
    let midnight = Date::new(year, month, day)?.days() * DAY;
    if at == bytes.len() {
        return Some((midnight, Tail::Nothing));
    }
    if !take(bytes, &mut at, b"T t") {
        return None;
    }
    let (seconds, fraction) = time(bytes, &mut at)?;
    Some((midnight + seconds * SECOND + fraction, parse_tail(text, at)?))
}

fn time(bytes: &[u8], at: &mut usize) -> Option<(i64, i64)> {
    let (mut parts, mut fraction) = ([0; 3], 0);
    for (index, most) in [23, 59, 59].into_iter().enumerate() {
        if index > 0 && !take(bytes, at, b":") {
            break;
        }
        parts[index] = number(bytes, at, 1, 2).filter(|part| *part <= most)?;
        if index == 2 {
            (fraction, *at) = parse_fraction(bytes, *at)?;
        }
    }
    Some((parts[0] * 3600 + parts[1] * 60 + parts[2], fraction))
}

fn take(bytes: &[u8], at: &mut usize, any_of: &[u8]) -> bool {
    let is_here = bytes.get(*at).is_some_and(|b| any_of.contains(b));
    *at += usize::from(is_here);
    is_here
}

fn number(bytes: &[u8], at: &mut usize, least: usize, most: usize) -> Option<i64> {
    let digits = bytes[*at..].iter().take_while(|b| b.is_ascii_digit()).count();
    if digits < least || digits > most {
        return None;
    }
    let number = bytes[*at..*at + digits].iter().fold(0, |number, b| number * 10 + i64::from(b - b'0'));
    *at += digits;
    Some(number)
}
