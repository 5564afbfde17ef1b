//! The proleptic Gregorian calendar, as Java's `LocalDate` and Spark 3 and later have it.

/// Microseconds in a second.
pub(crate) const SECOND: i64 = 1_000_000;
/// Seconds in a day.
pub(crate) const DAY_SECONDS: i64 = 86_400;
/// Microseconds in a day.
pub(crate) const DAY: i64 = DAY_SECONDS * SECOND;
/// The years whose every instant is surely within an `i64` of microseconds.
pub(crate) const YEARS: std::ops::RangeInclusive<i64> = -290_000..=294_000;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: i64,
    /// From 1.
    pub(crate) day: i64,
}

/// A wall-clock time: a day and the microseconds since its midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) date: Date,
    pub(crate) micros: i64,
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Date {
    /// The day, if the calendar has it and [`YEARS`] its year.
    #[inline]
    pub(crate) fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let is_valid = YEARS.contains(&year)
            && (1..=12).contains(&month)
            && day >= 1
            && day <= days_in_month(year, month);
        is_valid.then_some(Self { year, month, day })
    }

    /// The `day`th day of the year, from 1.
    pub(crate) fn of_year_day(year: i64, day: i64) -> Option<Self> {
        let first = Self::new(year, 1, 1)?;
        let length = if is_leap(year) { 366 } else { 365 };
        (1..=length).contains(&day).then(|| Self::from_days(first.days() + day - 1))
    }

    /// Days since 1970-01-01 (Hinnant's `days_from_civil`: years begin in March, so that the leap day is the last).
    #[inline]
    pub(crate) fn days(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The day so many days after 1970-01-01.
    #[inline]
    pub(crate) fn from_days(days: i64) -> Self {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month, day: day_of_year - (153 * shifted + 2) / 5 + 1 }
    }

    /// From 1.
    pub(crate) fn day_of_year(self) -> i64 {
        self.days() - Self { year: self.year, month: 1, day: 1 }.days() + 1
    }

    /// From 0 for Monday.
    pub(crate) fn weekday(self) -> i64 {
        (self.days() + 3).rem_euclid(7)
    }
}

impl Clock {
    /// The wall-clock time so many microseconds after the midnight that began 1970.
    #[inline]
    pub(crate) fn from_micros(micros: i64) -> Self {
        Self { date: Date::from_days(micros.div_euclid(DAY)), micros: micros.rem_euclid(DAY) }
    }

    pub(crate) fn hour(self) -> i64 {
        self.micros / (3600 * SECOND)
    }

    pub(crate) fn minute(self) -> i64 {
        self.micros / (60 * SECOND) % 60
    }

    pub(crate) fn second(self) -> i64 {
        self.micros / SECOND % 60
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_both_ways() {
        assert_eq!(Date::new(1970, 1, 1).unwrap().days(), 0);
        assert_eq!(Date::new(2013, 1, 1).unwrap().days(), 15_706);
        assert_eq!(Date::new(1, 1, 1).unwrap().days(), -719_162);
        assert_eq!(Date::new(9999, 12, 31).unwrap().days(), 2_932_896);
        let mut expected = Date { year: -401, month: 1, day: 1 };
        for days in expected.days()..Date::new(401, 1, 1).unwrap().days() {
            assert_eq!(Date::from_days(days), expected);
            assert_eq!(expected.days(), days);
            expected.day += 1;
            if expected.day > days_in_month(expected.year, expected.month) {
                expected = Date { year: expected.year, month: expected.month + 1, day: 1 };
            }
            if expected.month > 12 {
                expected = Date { year: expected.year + 1, month: 1, day: 1 };
            }
        }
    }

    #[test]
    fn knows_weekdays_and_days_of_the_year() {
        let new_year = Date::new(2013, 1, 1).unwrap();
        assert_eq!((new_year.weekday(), new_year.day_of_year()), (1, 1));
        assert_eq!(Date::of_year_day(2012, 366), Date::new(2012, 12, 31));
        assert_eq!(Date::of_year_day(2013, 366), None);
        assert_eq!(Date::new(2013, 2, 29), None);
    }
}
