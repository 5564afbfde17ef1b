//! `to_timestamp`, `to_date`, `unix_timestamp` and their kin that give NULL instead of failing.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Date32Array, Int64Array, TimestampMicrosecondArray};
use arrow::datatypes::DataType;

use super::{LastPattern, timestamp_and_text};
use crate::calendar::{DAY, SECOND};
use crate::error::FunctionError;
use crate::function::{Call, Function, is_text};
use crate::patterns::Pattern;
use crate::timestamp::{
    TimestampFormat, TimestampReader, first_lost, instants, map_values, parse_iso_day, timestamp_type,
};
use crate::zone::{Zone, ZoneClock};

/// The pattern of `unix_timestamp` where none is given.
pub(super) const DEFAULT_PATTERN: &str = "yyyy-MM-dd HH:mm:ss";

/// Whether a value that cannot be read fails the query, as Spark's ANSI mode has it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OnUnparsable {
    Fail,
    Null,
}

pub(super) const FUNCTIONS: [Function; 6] = [
    Function {
        name: "to_timestamp",
        coerce: |types| timestamp_and_text("to_timestamp", types, 1),
        returns: |_, literals| checked(literals, timestamp_type()),
        call: |call| timestamp(call, OnUnparsable::Fail),
        operator: None,
    },
    Function {
        name: "try_to_timestamp",
        coerce: |types| timestamp_and_text("try_to_timestamp", types, 1),
        returns: |_, literals| checked(literals, timestamp_type()),
        call: |call| timestamp(call, OnUnparsable::Null),
        operator: None,
    },
    Function {
        name: "to_date",
        coerce: |types| timestamp_and_text("to_date", types, 1),
        returns: |_, literals| checked(literals, DataType::Date32),
        call: |call| date(call, OnUnparsable::Fail),
        operator: None,
    },
    Function {
        name: "try_to_date",
        coerce: |types| timestamp_and_text("try_to_date", types, 1),
        returns: |_, literals| checked(literals, DataType::Date32),
        call: |call| date(call, OnUnparsable::Null),
        operator: None,
    },
    Function {
        name: "unix_timestamp",
        coerce: |types| timestamp_and_text("unix_timestamp", types, 1),
        returns: |_, literals| checked(literals, DataType::Int64),
        call: |call| seconds(call, "unix_timestamp"),
        operator: None,
    },
    Function {
        name: "to_unix_timestamp",
        coerce: |types| timestamp_and_text("to_unix_timestamp", types, 1),
        returns: |_, literals| checked(literals, DataType::Int64),
        call: |call| seconds(call, "to_unix_timestamp"),
        operator: None,
    },
];

/// The type, once a literal pattern has proved to be one.
fn checked(literals: &[Option<&str>], data_type: DataType) -> Result<DataType, FunctionError> {
    if let [_, Some(pattern)] = literals {
        Pattern::for_parsing(pattern)?;
    }
    Ok(data_type)
}

fn timestamp(call: &Call, bad: OnUnparsable) -> Result<ArrayRef, FunctionError> {
    let instants = parse(call, "to_timestamp", None, bad, call.session_zone()?)?;
    Ok(Arc::new(instants.with_timezone("UTC")))
}

/// A text without a pattern is the day that stands in it, as `CAST(text AS DATE)`; else it is the session zone's day of the
/// instant.
fn date(call: &Call, bad: OnUnparsable) -> Result<ArrayRef, FunctionError> {
    let values = call.array(0)?;
    let dates: Date32Array = match values.data_type() {
        DataType::Date32 => return Ok(values),
        DataType::Utf8 if call.len() == 1 => written_days(&values, bad)?,
        _ => {
            let zone = call.session_zone()?;
            let mut clock = ZoneClock::new(zone);
            let instants = parse(call, "to_date", None, bad, zone)?;
            map_values(&instants, |micros| i32::try_from(clock.local_of(micros)?.div_euclid(DAY)).ok())
        }
    };
    Ok(Arc::new(dates))
}

fn written_days(values: &ArrayRef, bad: OnUnparsable) -> Result<Date32Array, FunctionError> {
    let texts = values.as_string::<i32>();
    let days: Date32Array = texts.iter().map(|text| text.and_then(parse_iso_day)).collect();
    match (bad == OnUnparsable::Fail).then(|| first_lost(values, &days)).flatten() {
        Some(value) => Err(FunctionError::Unparsable { function: "to_date", value, form: "DATE".to_owned() }),
        None => Ok(days),
    }
}

fn seconds(call: &Call, name: &'static str) -> Result<ArrayRef, FunctionError> {
    let instants = parse(call, name, Some(DEFAULT_PATTERN), OnUnparsable::Fail, call.session_zone()?)?;
    let seconds: Int64Array = map_values(&instants, |micros| Some(micros.div_euclid(SECOND)));
    Ok(Arc::new(seconds))
}

/// Texts by the pattern of their row, or without one as `CAST` reads them; dates and timestamps as they are.
fn parse(
    call: &Call,
    name: &'static str,
    default: Option<&str>,
    bad: OnUnparsable,
    zone: Zone,
) -> Result<TimestampMicrosecondArray, FunctionError> {
    let values = call.array(0)?;
    let has_pattern = is_text(values.data_type()) && (call.len() == 2 || default.is_some());
    let parsed = if has_pattern { by_pattern(call, default, zone)? } else { by_cast(&values, zone)? };
    let lost = (bad == OnUnparsable::Fail).then(|| first_lost(&values, &parsed)).flatten();
    match lost {
        None => Ok(parsed),
        // A NULL pattern loses every value, and rightly so.
        Some(_) if call.len() == 2 && matches!(call.constant(1), Some(pattern) if pattern.is_null()) => {
            Ok(parsed)
        }
        Some(value) => {
            let form = call.constant_text(1).or(default).unwrap_or("TIMESTAMP").to_owned();
            Err(FunctionError::Unparsable { function: name, value, form })
        }
    }
}

fn by_cast(values: &ArrayRef, zone: Zone) -> Result<TimestampMicrosecondArray, FunctionError> {
    let format = TimestampFormat::iso8601();
    instants(values, &mut TimestampReader::new(&format, zone))
}

fn by_pattern(
    call: &Call,
    default: Option<&str>,
    zone: Zone,
) -> Result<TimestampMicrosecondArray, FunctionError> {
    let (texts, given) = (call.text(0)?, if call.len() == 2 { Some(call.text(1)?) } else { None });
    let (mut clock, mut patterns) = (ZoneClock::new(zone), LastPattern::new(Pattern::for_parsing));
    let mut read = |row| -> Result<Option<i64>, FunctionError> {
        let pattern = given.as_ref().map_or(default, |given| given.get(row));
        let (Some(text), Some(pattern)) = (texts.get(row), pattern) else { return Ok(None) };
        Ok(patterns.get(pattern)?.parse_timestamp(text, &mut clock))
    };
    (0..call.rows).map(&mut read).collect()
}
