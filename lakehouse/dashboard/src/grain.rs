//! Periods of time: where they begin and end, and what they are called.

use chrono::{DateTime, Datelike, Days, Months, TimeDelta, Timelike, Utc};

/// The length of a period. A period is named by its first instant, in UTC, as `date_trunc` gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Grain {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Grain {
    /// The grain that a table names, in any case; none for a word of the table's own.
    pub(crate) fn named(text: &str) -> Option<Self> {
        let all = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];
        all.into_iter().find(|grain| grain.as_str().eq_ignore_ascii_case(text.trim()))
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The first instant after the period that begins at `start`; none beyond the calendar's end.
    pub(crate) fn end_of(self, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Minute => start.checked_add_signed(TimeDelta::minutes(1)),
            Self::Hour => start.checked_add_signed(TimeDelta::hours(1)),
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Week => start.checked_add_days(Days::new(7)),
            Self::Month => start.checked_add_months(Months::new(1)),
            Self::Quarter => start.checked_add_months(Months::new(3)),
            Self::Year => start.checked_add_months(Months::new(12)),
        }
    }

    /// How many periods lie from the one at `first` to the one at `last`, both counted.
    pub(crate) fn periods_between(self, first: DateTime<Utc>, last: DateTime<Utc>) -> i64 {
        let months =
            i64::from(last.year() - first.year()) * 12 + i64::from(last.month()) - i64::from(first.month());
        let span = last.signed_duration_since(first);
        1 + match self {
            Self::Minute => span.num_minutes(),
            Self::Hour => span.num_hours(),
            Self::Day => span.num_days(),
            Self::Week => span.num_days() / 7,
            Self::Month => months,
            Self::Quarter => months / 3,
            Self::Year => months / 12,
        }
    }
}

/// The full name of the period of `grain` that begins at `start`: `Mon 7 Jan 2013`, `Q1 2013`, `7 Jan 2013 05:00`.
pub(crate) fn period_name(grain: Option<Grain>, start: DateTime<Utc>) -> String {
    match grain {
        Some(Grain::Minute | Grain::Hour) => start.format("%-d %b %Y %H:%M").to_string(),
        Some(Grain::Day) => start.format("%a %-d %b %Y").to_string(),
        Some(Grain::Week) => start.format("week of %-d %b %Y").to_string(),
        Some(Grain::Month) => start.format("%B %Y").to_string(),
        Some(Grain::Quarter) => format!("{} {}", quarter(start), start.year()),
        Some(Grain::Year) => start.year().to_string(),
        None if start.num_seconds_from_midnight() == 0 => start.format("%-d %b %Y").to_string(),
        None => start.format("%-d %b %Y %H:%M:%S").to_string(),
    }
}

/// `Q1` to `Q4`.
pub(crate) fn quarter(at: DateTime<Utc>) -> String {
    format!("Q{}", at.month0() / 3 + 1)
}

#[cfg(test)]
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_follow_the_calendar() {
        let january = at("2024-01-31T00:00:00Z");
        assert_eq!(Grain::Month.end_of(at("2024-01-01T00:00:00Z")), Some(at("2024-02-01T00:00:00Z")));
        assert_eq!(Grain::Year.end_of(at("2024-01-01T00:00:00Z")), Some(at("2025-01-01T00:00:00Z")));
        assert_eq!(Grain::Day.end_of(january), Some(at("2024-02-01T00:00:00Z")));
        assert_eq!(Grain::Day.end_of(DateTime::<Utc>::MAX_UTC), None);
        assert_eq!(Grain::Month.periods_between(at("2023-11-01T00:00:00Z"), at("2024-02-01T00:00:00Z")), 4);
        assert_eq!(Grain::Week.periods_between(at("2024-01-01T00:00:00Z"), at("2024-01-15T00:00:00Z")), 3);
        assert_eq!(Grain::named(" Quarter"), Some(Grain::Quarter));
        assert_eq!(Grain::named("fortnight"), None);
    }

    #[test]
    fn names_say_the_whole_date() {
        let start = at("2013-01-07T05:15:00Z");
        let name = |grain| period_name(Some(grain), start);
        assert_eq!(name(Grain::Minute), "7 Jan 2013 05:15");
        assert_eq!(name(Grain::Day), "Mon 7 Jan 2013");
        assert_eq!(name(Grain::Week), "week of 7 Jan 2013");
        assert_eq!(name(Grain::Month), "January 2013");
        assert_eq!(name(Grain::Quarter), "Q1 2013");
        assert_eq!(period_name(None, start), "7 Jan 2013 05:15:00");
    }
}
