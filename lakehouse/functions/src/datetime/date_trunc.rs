//! `date_trunc(unit, timestamp)`.
//!
//! Unlike the engine's own it knows Spark's other names of the units (`MM`, `YY`, `DD` ...), takes dates and texts, and
//! truncates by the session zone's wall clock. Unlike Spark's it does not answer an unknown unit with NULL but refuses it.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, TimestampMicrosecondArray};
use arrow::datatypes::DataType;

use super::timestamp_and_text;
use crate::calendar::{Clock, DAY, Date, SECOND};
use crate::error::FunctionError;
use crate::function::{Call, Function, expect_arity};
use crate::timestamp::{session_instants, timestamp_type};
use crate::zone::ZoneClock;

const NAME: &str = "date_trunc";

/// The function.
pub(super) const DATE_TRUNC: Function = Function { name: NAME, coerce, returns, call, operator: None };

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// A number of microseconds, of the wall clock.
    Span(i64),
    Week,
    Month,
    Quarter,
    Year,
}

const UNITS: [(&str, Unit); 15] = [
    ("MICROSECOND", Unit::Span(1)),
    ("MILLISECOND", Unit::Span(1_000)),
    ("SECOND", Unit::Span(SECOND)),
    ("MINUTE", Unit::Span(60 * SECOND)),
    ("HOUR", Unit::Span(3600 * SECOND)),
    ("DAY", Unit::Span(DAY)),
    ("DD", Unit::Span(DAY)),
    ("WEEK", Unit::Week),
    ("MONTH", Unit::Month),
    ("MON", Unit::Month),
    ("MM", Unit::Month),
    ("QUARTER", Unit::Quarter),
    ("YEAR", Unit::Year),
    ("YYYY", Unit::Year),
    ("YY", Unit::Year),
];

impl Unit {
    fn parse(name: &str) -> Result<Self, FunctionError> {
        let found = UNITS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, unit)| *unit).ok_or_else(|| {
            let meant = model::suggest(name, UNITS.map(|(known, _)| known));
            let meant = meant.map(|known| format!("; did you mean {known}?")).unwrap_or_default();
            FunctionError::Arguments { function: NAME, reason: format!("unknown unit `{name}`{meant}") }
        })
    }

    /// The beginning of the unit that holds a wall-clock time.
    fn begin(self, local: i64) -> i64 {
        let Date { year, month, .. } = match self {
            Self::Span(span) => return local - local.rem_euclid(span),
            _ => Clock::from_micros(local).date,
        };
        let date = match self {
            Self::Month => Date { year, month, day: 1 },
            Self::Quarter => Date { year, month: (month - 1) / 3 * 3 + 1, day: 1 },
            Self::Year => Date { year, month: 1, day: 1 },
            // 1970-01-01 is a Thursday.
            Self::Week | Self::Span(_) => {
                let days = local.div_euclid(DAY);
                return (days - (days + 3).rem_euclid(7)) * DAY;
            }
        };
        date.days() * DAY
    }

    /// The instant at which the unit begins; in a repeated hour the offset of the time itself is kept, as Java does.
    fn truncate(self, utc: i64, clock: &mut ZoneClock) -> Option<i64> {
        let offset = clock.offset_at(utc)?;
        let local = self.begin(clock.local_of(utc)?);
        let same_offset = local - i64::from(offset) * SECOND;
        let is_within_a_day = matches!(self, Self::Span(_));
        if is_within_a_day && clock.offset_at(same_offset)? == offset {
            Some(same_offset)
        } else {
            clock.utc_of(local)
        }
    }
}

fn coerce(types: &[DataType]) -> Result<Vec<DataType>, FunctionError> {
    expect_arity(NAME, types, 2, 2)?;
    let mut coerced = timestamp_and_text(NAME, &[types[1].clone(), types[0].clone()], 2)?;
    coerced.reverse();
    Ok(coerced)
}

fn returns(_: &[DataType], literals: &[Option<&str>]) -> Result<DataType, FunctionError> {
    if let [Some(unit), _] = literals {
        Unit::parse(unit)?;
    }
    Ok(timestamp_type())
}

fn call(call: &Call) -> Result<ArrayRef, FunctionError> {
    let (units, instants) = (call.text(0)?, session_instants(call, 1, NAME)?);
    let mut clock = ZoneClock::new(call.session_zone()?);
    let constant = call.constant_text(0).map(Unit::parse).transpose()?;
    let mut truncate = |row| -> Result<Option<i64>, FunctionError> {
        let Some(name) = units.get(row).filter(|_| instants.is_valid(row)) else { return Ok(None) };
        let unit = constant.map_or_else(|| Unit::parse(name), Ok)?;
        Ok(unit.truncate(instants.value(row), &mut clock))
    };
    let truncated: TimestampMicrosecondArray = (0..call.rows).map(&mut truncate).collect::<Result<_, _>>()?;
    Ok(Arc::new(truncated.with_timezone("UTC")))
}
