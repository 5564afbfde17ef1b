//! `from_utc_timestamp` and `to_utc_timestamp`: a timestamp moved by a zone's offset.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, TimestampMicrosecondArray};
use arrow::datatypes::DataType;

use super::timestamp_and_text;
use crate::error::FunctionError;
use crate::function::{Call, Function};
use crate::timestamp::{session_instants, timestamp_type};
use crate::zone::{Zone, ZoneClock};

pub(super) const FUNCTIONS: [Function; 2] = [
    Function {
        name: "from_utc_timestamp",
        coerce: |types| timestamp_and_text("from_utc_timestamp", types, 2),
        returns,
        call: |call| shift(call, "from_utc_timestamp", ZoneClock::local_of),
        operator: None,
    },
    Function {
        name: "to_utc_timestamp",
        coerce: |types| timestamp_and_text("to_utc_timestamp", types, 2),
        returns,
        call: |call| shift(call, "to_utc_timestamp", ZoneClock::utc_of),
        operator: None,
    },
];

fn returns(_: &[DataType], literals: &[Option<&str>]) -> Result<DataType, FunctionError> {
    if let [_, Some(zone)] = literals {
        Zone::parse(zone)?;
    }
    Ok(timestamp_type())
}

fn shift(
    call: &Call,
    name: &'static str,
    shifted: fn(&mut ZoneClock, i64) -> Option<i64>,
) -> Result<ArrayRef, FunctionError> {
    let (instants, zones) = (session_instants(call, 0, name)?, call.text(1)?);
    let mut last: Option<(String, ZoneClock)> = None;
    let mut shift_row = |row| -> Result<Option<i64>, FunctionError> {
        let Some(zone) = zones.get(row).filter(|_| instants.is_valid(row)) else { return Ok(None) };
        let (known, mut clock) = match last.take() {
            Some((known, clock)) if known == zone => (known, clock),
            _ => (zone.to_owned(), ZoneClock::new(Zone::parse(zone)?)),
        };
        let shifted = shifted(&mut clock, instants.value(row));
        last = Some((known, clock));
        Ok(shifted)
    };
    let shifted: TimestampMicrosecondArray = (0..call.rows).map(&mut shift_row).collect::<Result<_, _>>()?;
    Ok(Arc::new(shifted.with_timezone("UTC")))
}
