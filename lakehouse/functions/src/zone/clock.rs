//! Between instants and the wall clock of a zone, quickly for many values of neighbouring days.

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{GapInfo, OffsetName, Tz, TzOffset};

use super::Zone;
use crate::calendar::{DAY_SECONDS, SECOND};

/// How many days a clock remembers: a year and more, as a power of two.
const REMEMBERED: usize = 512;
/// Stands for a day that holds a change of the offset.
const CHANGES: i32 = i32::MIN;
/// No day has this number.
const NO_DAY: i64 = i64::MIN;

/// A clock on the wall of a zone.
///
/// The rules of a region are looked up once a day of the data: a day on whose both ends the same single offset holds has
/// that offset throughout (no zone ever changed its offset and took the change back on one day).
#[derive(Debug)]
pub(crate) struct ZoneClock {
    zone: Zone,
    to_utc: Vec<(i64, i32)>,
    to_local: Vec<(i64, i32)>,
}

impl ZoneClock {
    pub(crate) fn new(zone: Zone) -> Self {
        Self { zone, to_utc: Vec::new(), to_local: Vec::new() }
    }

    pub(crate) fn zone(&self) -> Zone {
        self.zone
    }

    /// The instant at which the clock shows `local`, both in microseconds since 1970.
    ///
    /// As `java.time.ZonedDateTime.of`: a time that the clock shows twice means the first, and a time that the clock skips
    /// is later by what is skipped. `None` past the calendar's end.
    #[inline]
    pub(crate) fn utc_of(&mut self, local: i64) -> Option<i64> {
        let offset = match self.zone {
            Zone::Fixed(offset) => offset,
            Zone::Region(region) => {
                let seconds = local.div_euclid(SECOND);
                let day = seconds.div_euclid(DAY_SECONDS);
                match remembered(&mut self.to_utc, day, |second| single_offset_of_local(region, second)) {
                    CHANGES => offset_of_local(region, seconds)?,
                    offset => offset,
                }
            }
        };
        local.checked_sub(i64::from(offset) * SECOND)
    }

    /// What the clock shows at the instant `utc`, both in microseconds since 1970. `None` past the calendar's end.
    #[inline]
    pub(crate) fn local_of(&mut self, utc: i64) -> Option<i64> {
        utc.checked_add(i64::from(self.offset_at(utc)?) * SECOND)
    }

    /// The seconds that the zone is east of UTC at the instant `utc`.
    #[inline]
    pub(crate) fn offset_at(&mut self, utc: i64) -> Option<i32> {
        match self.zone {
            Zone::Fixed(offset) => Some(offset),
            Zone::Region(region) => {
                let seconds = utc.div_euclid(SECOND);
                let day = seconds.div_euclid(DAY_SECONDS);
                match remembered(&mut self.to_local, day, |second| offset_of_utc(region, second)) {
                    CHANGES => offset_of_utc(region, seconds),
                    offset => Some(offset),
                }
            }
        }
    }

    /// Appends the abbreviation that the zone goes by at the instant `utc`, such as `EST`, if it has one of letters.
    pub(crate) fn push_abbreviation(&self, utc: i64, out: &mut String) -> bool {
        let (Zone::Region(region), Some(instant)) = (self.zone, naive(utc.div_euclid(SECOND))) else {
            return false;
        };
        let offset = region.offset_from_utc_datetime(&instant);
        match offset.abbreviation() {
            Some(name) if name.bytes().all(|b| b.is_ascii_alphabetic()) => out.push_str(name),
            _ => return false,
        }
        true
    }
}

#[inline]
fn remembered(days: &mut Vec<(i64, i32)>, day: i64, offset: impl Fn(i64) -> Option<i32>) -> i32 {
    if days.is_empty() {
        days.resize(REMEMBERED, (NO_DAY, CHANGES));
    }
    let entry = &mut days[day as usize % REMEMBERED];
    if entry.0 != day {
        *entry = (day, offset_of_day(day, offset));
    }
    entry.1
}

#[cold]
fn offset_of_day(day: i64, offset: impl Fn(i64) -> Option<i32>) -> i32 {
    let first = day.saturating_mul(DAY_SECONDS);
    match (offset(first), offset(first.saturating_add(DAY_SECONDS - 1))) {
        (Some(morning), Some(night)) if morning == night => morning,
        _ => CHANGES,
    }
}

fn naive(seconds: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp(seconds, 0).map(|instant| instant.naive_utc())
}

fn seconds_of(offset: &TzOffset) -> i32 {
    offset.fix().local_minus_utc()
}

fn offset_of_utc(region: Tz, seconds: i64) -> Option<i32> {
    Some(seconds_of(&region.offset_from_utc_datetime(&naive(seconds)?)))
}

fn single_offset_of_local(region: Tz, seconds: i64) -> Option<i32> {
    region.offset_from_local_datetime(&naive(seconds)?).single().as_ref().map(seconds_of)
}

/// In an overlap and in a gap alike the offset before the change holds.
fn offset_of_local(region: Tz, seconds: i64) -> Option<i32> {
    let local = naive(seconds)?;
    match region.offset_from_local_datetime(&local) {
        LocalResult::Single(offset) | LocalResult::Ambiguous(offset, _) => Some(seconds_of(&offset)),
        LocalResult::None => GapInfo::new(&local, &region)?.begin.map(|(_, offset)| seconds_of(&offset)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Date;

    fn micros(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> i64 {
        (Date::new(year, month, day).unwrap().days() * DAY_SECONDS + hour * 3600 + minute * 60) * SECOND
    }

    fn clock(name: &str) -> ZoneClock {
        ZoneClock::new(Zone::parse(name).unwrap())
    }

    #[test]
    fn gaps_and_overlaps_are_resolved_as_java_does() {
        let mut new_york = clock("America/New_York");
        // 10 March 2013, 02:00 to 03:00 is skipped.
        assert_eq!(new_york.utc_of(micros(2013, 3, 10, 1, 59)), Some(micros(2013, 3, 10, 6, 59)));
        assert_eq!(new_york.utc_of(micros(2013, 3, 10, 2, 30)), Some(micros(2013, 3, 10, 7, 30)));
        assert_eq!(new_york.utc_of(micros(2013, 3, 10, 3, 0)), Some(micros(2013, 3, 10, 7, 0)));
        // 3 November 2013, 01:00 to 02:00 comes twice.
        assert_eq!(new_york.utc_of(micros(2013, 11, 3, 1, 30)), Some(micros(2013, 11, 3, 5, 30)));
        assert_eq!(new_york.utc_of(micros(2013, 11, 3, 2, 0)), Some(micros(2013, 11, 3, 7, 0)));
        assert_eq!(new_york.local_of(micros(2013, 11, 3, 6, 30)), Some(micros(2013, 11, 3, 1, 30)));
        // Half an hour, and a whole day that was skipped.
        assert_eq!(
            clock("Australia/Lord_Howe").utc_of(micros(2013, 10, 6, 2, 15)),
            Some(micros(2013, 10, 5, 15, 45))
        );
        assert_eq!(
            clock("Pacific/Apia").utc_of(micros(2011, 12, 30, 12, 0)),
            Some(micros(2011, 12, 30, 22, 0))
        );
    }

    #[test]
    fn what_is_remembered_is_what_the_rules_say() {
        for zone in [
            Tz::America__New_York,
            Tz::Asia__Kathmandu,
            Tz::Africa__Casablanca,
            Tz::Pacific__Apia,
            Tz::Europe__Dublin,
        ] {
            let mut clock = ZoneClock::new(Zone::Region(zone));
            for quarter in 0..96 * 366 * 40 {
                let seconds = (quarter % 2 * 20 * 366 * 96 + quarter / 2) * 900;
                let expected = seconds - i64::from(offset_of_local(zone, seconds).unwrap());
                assert_eq!(clock.utc_of(seconds * SECOND), Some(expected * SECOND), "{zone} {seconds}");
                assert_eq!(
                    clock.offset_at(seconds * SECOND),
                    offset_of_utc(zone, seconds),
                    "{zone} {seconds}"
                );
            }
        }
    }

    #[test]
    fn far_years_overflow_into_nothing() {
        let mut new_york = clock("America/New_York");
        for far in [i64::MIN, i64::MIN + 1, i64::MAX] {
            assert_eq!(new_york.utc_of(far), None);
            assert_eq!(new_york.local_of(far), None);
        }
        assert!(new_york.utc_of(micros(1, 1, 1, 0, 0)).is_some());
        assert!(new_york.utc_of(micros(9999, 12, 31, 23, 59)).is_some());
        assert_eq!(clock("+18:00").utc_of(i64::MIN), None);
    }
}
