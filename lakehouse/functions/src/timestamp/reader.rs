//! One value after another into instants.

use chrono::DateTime;

use super::iso::{Tail, parse_iso};
use super::{Form, TimestampFormat};
use crate::calendar::SECOND;
use crate::zone::{Zone, ZoneClock};

/// Reads values of a format; texts without a zone are of the source's zone.
pub(crate) struct TimestampReader<'a> {
    format: &'a TimestampFormat,
    clock: ZoneClock,
    /// The zone that was named last in a text, and its clock: the next text mostly names the same.
    named: Option<(String, ZoneClock)>,
}

impl<'a> TimestampReader<'a> {
    pub(crate) fn new(format: &'a TimestampFormat, zone: Zone) -> Self {
        Self { format, clock: ZoneClock::new(zone), named: None }
    }

    pub(crate) fn form(&self) -> &'a Form {
        self.format.form()
    }

    /// The clock of the source's zone.
    pub(crate) fn clock(&mut self) -> &mut ZoneClock {
        &mut self.clock
    }

    /// The instant that a text says, in microseconds since 1970.
    #[inline]
    pub(crate) fn read(&mut self, text: &str) -> Option<i64> {
        match self.format.form() {
            Form::Iso8601 => self.read_iso(text),
            Form::Epoch(unit) => unit.micros_of_text(text),
            Form::Rfc2822 => {
                DateTime::parse_from_rfc2822(text.trim()).ok().map(|instant| instant.timestamp_micros())
            }
            Form::Pattern(pattern) => pattern.parse_timestamp(text, &mut self.clock),
        }
    }

    #[inline]
    fn read_iso(&mut self, text: &str) -> Option<i64> {
        let (local, tail) = parse_iso(text)?;
        match tail {
            Tail::Nothing => self.clock.utc_of(local),
            Tail::Offset(offset) => local.checked_sub(i64::from(offset) * SECOND),
            Tail::Named(name) => self.clock_of(name)?.utc_of(local),
        }
    }

    #[cold]
    fn clock_of(&mut self, name: &str) -> Option<&mut ZoneClock> {
        if self.named.as_ref().is_none_or(|(known, _)| known != name) {
            self.named = Some((name.to_owned(), ZoneClock::new(Zone::find(name)?)));
        }
        self.named.as_mut().map(|(_, clock)| clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2013-01-01T05:15:00Z
    const QUARTER_PAST_FIVE: i64 = 1_357_017_300_000_000;

    fn read(format: &str, zone: &str, text: &str) -> Option<i64> {
        let format = TimestampFormat::parse(format).unwrap();
        TimestampReader::new(&format, Zone::parse(zone).unwrap()).read(text)
    }

    #[test]
    fn iso_texts_of_every_form() {
        const HOUR: i64 = 3_600_000_000;
        let cases = [
            ("2013-01-01T05:15:00Z", 0),
            ("2013-01-01 05:15:00", 5 * HOUR),
            ("2013-01-01t05:15:00z", 0),
            ("2013-01-01T05:15:00.5Z", 500_000),
            ("2013-01-01T05:15:00,123Z", 123_000),
            ("2013-01-01T05:15:00.123456789Z", 123_456),
            ("2013-01-01T05:15:00.Z", 0),
            ("2013-01-01T05:15:00+01:00", -HOUR),
            ("2013-01-01T05:15:00+0100", -HOUR),
            ("2013-01-01T05:15:00+01", -HOUR),
            ("2013-01-01T05:15:00-05", 5 * HOUR),
            ("2013-01-01T05:15:00 -05:00", 5 * HOUR),
            ("2013-01-01T05:15:00 America/New_York", 5 * HOUR),
            ("2013-01-01T05:15:00America/New_York", 5 * HOUR),
            ("2013-01-01T05:15:00-05:00[America/New_York]", 5 * HOUR),
            ("2013-01-01T05:15:00[America/New_York]", 5 * HOUR),
            ("2013-01-01T05:15:00 UTC", 0),
            ("2013-01-01T05:15Z", 0),
            ("2013-1-1 5:15", 5 * HOUR),
            ("  2013-01-01T05:15:00Z\n", 0),
            ("2013-01-01", -HOUR / 4),
            ("2013-01", -HOUR / 4),
            ("2013", -HOUR / 4),
            ("2013-01-01T05", 5 * HOUR - HOUR / 4),
        ];
        for (text, shift) in cases {
            assert_eq!(read("iso8601", "America/New_York", text), Some(QUARTER_PAST_FIVE + shift), "{text}");
        }
        assert_eq!(read("iso8601", "UTC", "0001-01-01T00:00:00Z"), Some(-62_135_596_800_000_000));
        assert_eq!(read("iso8601", "UTC", "9999-12-31 23:59:59.999999"), Some(253_402_300_799_999_999));
        assert_eq!(read("iso8601", "+18:00", "294247-01-01T00:00:00"), None);
    }

    #[test]
    fn texts_that_are_no_timestamps() {
        for text in [
            "",
            " ",
            "x",
            "2013-02-30T00:00:00Z",
            "2013-13-01",
            "2013-01-01T24:00:00Z",
            "2013-01-01T05:60:00Z",
            "2013-01-01T05:15:61Z",
            "2013-01-01T05:15:00+19:00",
            "2013-01-01T05:15:00 Nowhere/Here",
            "2013-01-01T05:15:00+1x:00",
            "13-01-01",
            "2013/01/01",
            "2013-01-01x05:15:00",
            "2013-01-01T05:15:00.5.5",
            "2013-01-01T",
            "2013-01-01T05:15:",
            "2013-01-01T05:15:00Zé",
            "é013-01-01T05:15:00",
            "2013-01-01T05:15:é0Z",
            "20１3-01-01T05:15:00Z",
        ] {
            assert_eq!(read("iso8601", "UTC", text), None, "{text}");
        }
    }

    #[test]
    fn mail_dates() {
        assert_eq!(read("rfc2822", "UTC", "Tue, 1 Jan 2013 00:15:00 -0500"), Some(QUARTER_PAST_FIVE));
        assert_eq!(read("rfc2822", "UTC", "1 Jan 2013 05:15 GMT"), Some(QUARTER_PAST_FIVE));
        assert_eq!(read("rfc2822", "UTC", "Mon, 1 Jan 2013 00:15:00 -0500"), None);
    }

    #[test]
    fn skipped_and_repeated_hours() {
        let at = |text: &str| read("iso8601", "America/New_York", text);
        assert_eq!(at("2013-03-10T02:30:00"), at("2013-03-10T07:30:00Z"));
        assert_eq!(at("2013-11-03T01:30:00"), at("2013-11-03T05:30:00Z"));
    }
}
