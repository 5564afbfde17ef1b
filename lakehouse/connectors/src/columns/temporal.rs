//! Columns of dates and timestamps, and the ISO 8601 texts that they are read from.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::array::TimestampMicrosecondArray;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::error::ArrowError;

use super::{Fit, PrimitiveColumn};

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A column of points in time (with a zone) or of local times (without), in microseconds.
#[derive(Debug)]
pub(crate) struct TimestampColumn {
    values: PrimitiveColumn<TimestampMicrosecondType>,
    zone: Option<Arc<str>>,
}

impl TimestampColumn {
    /// An empty column; `zone` is a name of UTC, or none for TIMESTAMP_NTZ.
    pub(crate) fn new(zone: Option<Arc<str>>) -> Self {
        Self { values: PrimitiveColumn::default(), zone }
    }

    /// The number of values so far.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Appends the time that the ISO 8601 `text` names.
    ///
    /// A point in time without a zone is UTC; a local time with a zone is a misfit, since the zone would be lost.
    pub(crate) fn append_text(&mut self, text: &[u8]) -> Fit {
        let value = parse_timestamp(text).and_then(|time| match (&self.zone, time.offset) {
            (Some(_), offset) => Some(time.local - i64::from(offset.unwrap_or(0)) * MICROS_PER_SECOND),
            (None, None) => Some(time.local),
            (None, Some(_)) => None,
        });
        self.values.append_option(value)
    }

    /// Appends a NULL.
    pub(crate) fn append_null(&mut self) {
        self.values.append_null();
    }

    /// Takes back all values from the `len`th on.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.values.truncate(len);
    }

    /// The values so far as an array.
    pub(crate) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let (values, nulls) = self.values.take();
        let array = TimestampMicrosecondArray::try_new(values.into(), nulls)?;
        Ok(Arc::new(array.with_timezone_opt(self.zone.clone())))
    }
}

/// A time as written: a local one and how far it is ahead of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WrittenTime {
    /// Microseconds since 1970-01-01T00:00:00 of the local clock.
    pub(super) local: i64,
    /// Seconds ahead of UTC, where a zone is given.
    pub(super) offset: Option<i32>,
}

/// The days since 1970-01-01 of a text `yyyy-MM-dd`, years 0001 to 9999 of the Gregorian calendar.
pub(super) fn parse_date(text: &[u8]) -> Option<i32> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = two(*y1, *y2)? * 100 + two(*y3, *y4)?;
    let (month, day) = (two(*m1, *m2)?, two(*d1, *d2)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 => 28 + i32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (year > 0 && day > 0 && day <= longest).then(|| days_from_civil(year, month, day))
}

/// Counts in years that begin in March, so that the leap day is the last one.
fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let year = year - i32::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

/// The time of a text `yyyy-MM-dd[(T| )HH:mm[:ss[.fraction]][zone]]`, where the zone is `Z` or `±HH[[:]mm]`.
///
/// A date alone is its midnight. Digits beyond the microsecond must be zeros, since they could not be stored.
pub(super) fn parse_timestamp(text: &[u8]) -> Option<WrittenTime> {
    let (date, rest) = text.split_at_checked(10)?;
    let midnight = i64::from(parse_date(date)?) * SECONDS_PER_DAY * MICROS_PER_SECOND;
    let [b'T' | b't' | b' ', h1, h2, b':', m1, m2, rest @ ..] = rest else {
        return rest.is_empty().then_some(WrittenTime { local: midnight, offset: None });
    };
    let (hour, minute) = (two(*h1, *h2)?, two(*m1, *m2)?);
    let (second, rest) = match rest {
        [b':', s1, s2, rest @ ..] => (two(*s1, *s2)?, rest),
        rest => (0, rest),
    };
    let (micros, rest) = match rest {
        [b'.', rest @ ..] => parse_fraction(rest)?,
        rest => (0, rest),
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    Some(WrittenTime { local: midnight + seconds * MICROS_PER_SECOND + micros, offset: parse_zone(rest)? })
}

/// Microseconds, and what follows the digits.
fn parse_fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(len);
    let (kept, beyond) = digits.split_at(len.min(6));
    if digits.is_empty() || beyond.iter().any(|digit| *digit != b'0') {
        return None;
    }
    let value = kept.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    Some((value * 10i64.pow(6 - kept.len() as u32), rest))
}

/// No zone at all, or the seconds that it is ahead of UTC: at most 18 hours, as Java has it.
fn parse_zone(text: &[u8]) -> Option<Option<i32>> {
    let (sign, hours, minutes) = match text {
        [] => return Some(None),
        b"Z" | b"z" => return Some(Some(0)),
        [sign, h1, h2] => (sign, two(*h1, *h2)?, 0),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => (sign, two(*h1, *h2)?, two(*m1, *m2)?),
        _ => return None,
    };
    let seconds = hours * 3600 + minutes * 60;
    if minutes > 59 || seconds > 18 * 3600 {
        return None;
    }
    match sign {
        b'+' => Some(Some(seconds)),
        b'-' => Some(Some(-seconds)),
        _ => None,
    }
}

fn two(tens: u8, ones: u8) -> Option<i32> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i32::from(byte - b'0'));
    Some(digit(tens)? * 10 + digit(ones)?)
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};

    use super::*;

    #[test]
    fn every_day_of_ten_thousand_years_is_the_calendars() {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap().num_days_from_ce();
        let mut day = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
        while day.year() < 10_000 {
            let text = format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
            assert_eq!(parse_date(text.as_bytes()), Some(day.num_days_from_ce() - epoch), "{text}");
            day = day.succ_opt().unwrap();
        }
    }

    #[test]
    fn days_that_do_not_exist_are_none() {
        for bad in [
            "2023-02-29",
            "1900-02-29",
            "2024-04-31",
            "2024-13-01",
            "2024-00-10",
            "2024-01-00",
            "0000-01-01",
            "24-01-01",
            "2024-1-01",
            "2024/01/01",
            "2024-01-01T",
            "+2024-01-01",
            "",
        ] {
            assert_eq!(parse_date(bad.as_bytes()), None, "{bad} was taken");
        }
    }

    #[test]
    fn timestamps_are_read_to_the_microsecond() {
        let read = |text: &str| parse_timestamp(text.as_bytes()).map(|time| (time.local, time.offset));
        assert_eq!(read("1970-01-02"), Some((86_400_000_000, None)));
        assert_eq!(read("1970-01-01T00:00:01.5Z"), Some((1_500_000, Some(0))));
        assert_eq!(read("1970-01-01 00:01"), Some((60_000_000, None)));
        assert_eq!(read("1970-01-01T00:00:00.123456000+05:30"), Some((123_456, Some(19_800))));
        assert_eq!(read("1969-12-31T23:59:59.999999-0800"), Some((-1, Some(-28_800))));
        for bad in [
            "1970-01-01T00:00:00.1234567",
            "1970-01-01T24:00",
            "1970-01-01T00:00:60",
            "1970-01-01T00:00:00 UTC",
            "1970-01-01T00",
            "1970-01-01T00:00.",
            "1970-01-01T00:00:00+19:00",
            "1970-01-01T00:00:00+01:60",
            "1970-01-01T",
        ] {
            assert_eq!(read(bad), None, "{bad} was taken");
        }
    }
}
