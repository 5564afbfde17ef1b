//! The fields that a text gave, and the wall-clock time that follows from them.

use crate::calendar::{Clock, DAY, Date, SECOND};
use crate::zone::Zone;

/// A field of a date or a time, as `java.time.temporal.ChronoField` has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// 0 is before Christ.
    Era,
    Year,
    YearOfEra,
    Quarter,
    Month,
    DayOfYear,
    Day,
    /// 1 is Monday.
    Weekday,
    /// Which one of its weekday the day is in its month.
    WeekdayInMonth,
    /// 0 is before noon.
    AmPm,
    /// 0 to 23.
    Hour,
    /// 1 to 24.
    ClockHour,
    /// 0 to 11.
    HourOfAmPm,
    /// 1 to 12.
    ClockHourOfAmPm,
    Minute,
    Second,
    Nano,
}

const FIELDS: usize = Field::Nano as usize + 1;

/// The fields of one text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fields {
    values: [i64; FIELDS],
    present: u32,
    zone: Option<Zone>,
    offset: Option<i32>,
}

impl Fields {
    /// Notes a value; a field that already has another one refuses it.
    pub(super) fn set(&mut self, field: Field, value: i64) -> Option<()> {
        let index = field as usize;
        if self.present & (1 << index) != 0 && self.values[index] != value {
            return None;
        }
        self.values[index] = value;
        self.present |= 1 << index;
        Some(())
    }

    pub(super) fn set_zone(&mut self, zone: Zone) {
        self.zone = Some(zone);
    }

    pub(super) fn set_offset(&mut self, seconds: i32) -> Option<()> {
        let is_new = self.offset.is_none_or(|offset| offset == seconds);
        self.offset = Some(seconds);
        is_new.then_some(())
    }

    /// The zone that the text names; a region before an offset, as `TemporalQueries.zone()`.
    pub(super) fn zone(&self) -> Option<Zone> {
        self.zone.or(self.offset.map(Zone::Fixed))
    }

    /// The wall-clock time in microseconds since 1970, if the fields are of one and are within their ranges.
    pub(super) fn local_micros(&self) -> Option<i64> {
        let date = self.date()?;
        let nanos = self.within(Field::Nano, 0, 999_999_999)?.unwrap_or(0);
        let seconds = self.hour()? * 3600
            + self.within(Field::Minute, 0, 59)?.unwrap_or(0) * 60
            + self.within(Field::Second, 0, 59)?.unwrap_or(0);
        Some(date.days() * DAY + seconds * SECOND + nanos / 1000)
    }

    fn get(&self, field: Field) -> Option<i64> {
        let index = field as usize;
        (self.present & (1 << index) != 0).then_some(self.values[index])
    }

    /// The value of a field, if it has one; `None` outside for one out of range.
    fn within(&self, field: Field, least: i64, most: i64) -> Option<Option<i64>> {
        match self.get(field) {
            Some(value) if value < least || value > most => None,
            value => Some(value),
        }
    }

    /// Whether a field is absent or has the value that follows from the others.
    fn agrees(&self, field: Field, value: i64) -> bool {
        self.get(field).is_none_or(|given| given == value)
    }

    fn year(&self) -> Option<Option<i64>> {
        let era = self.get(Field::Era).unwrap_or(1);
        let of_era =
            self.within(Field::YearOfEra, 1, i64::MAX)?.map(|year| if era == 1 { year } else { 1 - year });
        Some(of_era.or(self.get(Field::Year)))
    }

    fn date(&self) -> Option<Date> {
        let (year, month, day) = (self.year()?, self.get(Field::Month), self.get(Field::Day));
        let date = match (year, month, day, self.get(Field::DayOfYear)) {
            (Some(year), Some(month), Some(day), _) => Date::new(year, month, day)?,
            (year, _, _, Some(day)) => Date::of_year_day(year.unwrap_or(1970), day)?,
            _ => return Date::new(year.unwrap_or(1970), month.unwrap_or(1), day.unwrap_or(1)),
        };
        let agrees = self.agrees(Field::Month, date.month)
            && self.agrees(Field::Day, date.day)
            && self.agrees(Field::DayOfYear, date.day_of_year())
            && self.agrees(Field::Era, i64::from(date.year > 0));
        agrees.then_some(date)
    }

    /// The hour from 0 to 23, by whichever field tells it; without one noon for `PM`, else midnight.
    fn hour(&self) -> Option<i64> {
        let of_day = self.within(Field::Hour, 0, 23)?;
        let clock = self.within(Field::ClockHour, 1, 24)?.map(|hour| hour % 24);
        let of_half = self.within(Field::HourOfAmPm, 0, 11)?;
        let clock_of_half = self.within(Field::ClockHourOfAmPm, 1, 12)?.map(|hour| hour % 12);
        let half = self.get(Field::AmPm);
        let of_half = of_half.or(clock_of_half);
        let hour = of_day.or(clock).unwrap_or_else(|| half.unwrap_or(0) * 12 + of_half.unwrap_or(0));
        let agree = [
            (of_day, hour),
            (clock, hour),
            (clock_of_half, hour % 12),
            (of_half, hour % 12),
            (half, hour / 12),
        ];
        agree.iter().all(|(given, follows)| given.is_none_or(|given| given == *follows)).then_some(hour)
    }
}

/// The value of a field at a wall-clock time.
pub(super) fn value_at(field: Field, clock: Clock) -> i64 {
    let Clock { date, micros } = clock;
    match field {
        Field::Era => i64::from(date.year > 0),
        Field::Year => date.year,
        Field::YearOfEra => {
            if date.year > 0 {
                date.year
            } else {
                1 - date.year
            }
        }
        Field::Quarter => (date.month + 2) / 3,
        Field::Month => date.month,
        Field::DayOfYear => date.day_of_year(),
        Field::Day => date.day,
        Field::Weekday => date.weekday() + 1,
        Field::WeekdayInMonth => (date.day - 1) % 7 + 1,
        Field::AmPm => clock.hour() / 12,
        Field::Hour => clock.hour(),
        Field::ClockHour => (clock.hour() + 23) % 24 + 1,
        Field::HourOfAmPm => clock.hour() % 12,
        Field::ClockHourOfAmPm => (clock.hour() + 11) % 12 + 1,
        Field::Minute => clock.minute(),
        Field::Second => clock.second(),
        Field::Nano => micros % SECOND * 1000,
    }
}
