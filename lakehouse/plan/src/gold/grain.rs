//! The length of a period.

use std::fmt;
use std::str::FromStr;

use model::ParseError;

/// The length of a period, by the names that `date_trunc` gives them. Weeks begin on Mondays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// A calendar day in UTC.
    Day,
    /// Seven days from Monday.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
}

impl Grain {
    /// All grains, the shortest first.
    pub const ALL: [Self; 7] =
        [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The grain's text form.
    pub fn as_str(self) -> &'static str {
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
}

impl fmt::Display for Grain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Grain {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::ALL.into_iter().find(|grain| grain.as_str().eq_ignore_ascii_case(text)).ok_or_else(|| {
            ParseError::new("grain", text, "expected minute, hour, day, week, month, quarter or year")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes() {
        for grain in Grain::ALL {
            assert_eq!(grain.to_string().parse(), Ok(grain));
        }
        assert_eq!("WEEK".parse(), Ok(Grain::Week));
        assert!("fortnight".parse::<Grain>().is_err());
    }
}
