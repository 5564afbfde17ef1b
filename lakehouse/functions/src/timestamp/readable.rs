//! Timestamps for people: text, wall-clock time and calendar day in a zone.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, StringBuilder, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, TimeUnit};

use super::{is_convertible, map_values, session_instants};
use crate::calendar::DAY;
use crate::error::FunctionError;
use crate::function::{Call, Function, expect_arity};
use crate::patterns::Pattern;
use crate::zone::{Zone, ZoneClock};

const TEXT: &str = "lakesmith_timestamp_text";
const TIME: &str = "lakesmith_local_time";
const DATE: &str = "lakesmith_local_date";

/// `Tue 1 Jan 2013 05:15:00 EST`
const PATTERN: &str = "E d MMM yyyy HH:mm:ss z";

/// `lakesmith_timestamp_text(ts, zone)`: a text such as `Tue 1 Jan 2013 05:15:00 EST`.
pub(crate) const TIMESTAMP_TEXT: Function = Function {
    name: TEXT,
    coerce: |types| coerce(TEXT, types),
    returns: |_, l| returns(l, DataType::Utf8),
    call: text,
    operator: None,
};

/// `lakesmith_local_time(ts, zone)`: the wall-clock time, as a timestamp without a zone.
pub(crate) const LOCAL_TIME: Function = Function {
    name: TIME,
    coerce: |types| coerce(TIME, types),
    returns: |_, l| returns(l, DataType::Timestamp(TimeUnit::Microsecond, None)),
    call: time,
    operator: None,
};

/// `lakesmith_local_date(ts, zone)`: the calendar day.
pub(crate) const LOCAL_DATE: Function = Function {
    name: DATE,
    coerce: |types| coerce(DATE, types),
    returns: |_, l| returns(l, DataType::Date32),
    call: date,
    operator: None,
};

fn coerce(function: &'static str, types: &[DataType]) -> Result<Vec<DataType>, FunctionError> {
    expect_arity(function, types, 2, 2)?;
    if !is_convertible(&types[0]) || types[0].is_numeric() {
        let reason = format!("expected a timestamp, found {}", types[0]);
        return Err(FunctionError::Arguments { function, reason });
    }
    Ok(vec![types[0].clone(), DataType::Utf8])
}

fn returns(literals: &[Option<&str>], data_type: DataType) -> Result<DataType, FunctionError> {
    if let [_, Some(zone)] = literals {
        Zone::parse(zone)?;
    }
    Ok(data_type)
}

fn clock(call: &Call, function: &'static str) -> Result<ZoneClock, FunctionError> {
    let reason = "the time zone must be a literal text".to_owned();
    let zone = call.constant_text(1).ok_or(FunctionError::Arguments { function, reason })?;
    Zone::parse(zone).map(ZoneClock::new)
}

fn text(call: &Call) -> Result<ArrayRef, FunctionError> {
    let (instants, mut clock) = (session_instants(call, 0, TEXT)?, clock(call, TEXT)?);
    let pattern = Pattern::for_formatting(PATTERN)?;
    let mut texts = StringBuilder::with_capacity(instants.len(), instants.len() * 28);
    let mut text = String::new();
    for instant in &instants {
        text.clear();
        texts.append_option(
            instant.and_then(|micros| pattern.format(micros, &mut clock, &mut text)).map(|()| &text),
        );
    }
    Ok(Arc::new(texts.finish()))
}

fn time(call: &Call) -> Result<ArrayRef, FunctionError> {
    let (instants, mut clock) = (session_instants(call, 0, TIME)?, clock(call, TIME)?);
    let local: TimestampMicrosecondArray = map_values(&instants, |micros| clock.local_of(micros));
    Ok(Arc::new(local))
}

fn date(call: &Call) -> Result<ArrayRef, FunctionError> {
    let (instants, mut clock) = (session_instants(call, 0, DATE)?, clock(call, DATE)?);
    let day = |micros| i32::try_from(clock.local_of(micros)?.div_euclid(DAY)).ok();
    let days: Date32Array = map_values(&instants, day);
    Ok(Arc::new(days))
}
