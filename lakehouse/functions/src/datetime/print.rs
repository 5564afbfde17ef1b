//! `date_format` and `from_unixtime`: instants as text.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Int64Type};

use super::parse::DEFAULT_PATTERN;
use super::{LastPattern, timestamp_and_text};
use crate::calendar::SECOND;
use crate::error::FunctionError;
use crate::function::{Call, Function, Text, expect_arity};
use crate::patterns::Pattern;
use crate::timestamp::{map_values, session_instants};
use crate::zone::ZoneClock;

/// `date_format(timestamp, pattern)`
pub(super) const DATE_FORMAT: Function = Function {
    name: "date_format",
    coerce: |types| timestamp_and_text("date_format", types, 2),
    returns,
    call: |call| print(call, &session_instants(call, 0, "date_format")?, &call.text(1)?),
    operator: None,
};

/// `from_unixtime(seconds[, pattern])`
pub(super) const FROM_UNIXTIME: Function = Function {
    name: "from_unixtime",
    coerce: |types| {
        expect_arity("from_unixtime", types, 1, 2)?;
        Ok([DataType::Int64, DataType::Utf8][..types.len()].to_vec())
    },
    returns,
    call: from_unixtime,
    operator: None,
};

fn returns(_: &[DataType], literals: &[Option<&str>]) -> Result<DataType, FunctionError> {
    if let [_, Some(pattern)] = literals {
        Pattern::for_formatting(pattern)?;
    }
    Ok(DataType::Utf8)
}

fn from_unixtime(call: &Call) -> Result<ArrayRef, FunctionError> {
    let instants =
        map_values(call.array(0)?.as_primitive::<Int64Type>(), |seconds| seconds.checked_mul(SECOND));
    let pattern =
        if call.len() == 2 { call.text(1)? } else { Text::Constant(Some(DEFAULT_PATTERN.to_owned())) };
    print(call, &instants, &pattern)
}

fn print(
    call: &Call,
    instants: &TimestampMicrosecondArray,
    pattern: &Text,
) -> Result<ArrayRef, FunctionError> {
    let (mut clock, mut patterns) =
        (ZoneClock::new(call.session_zone()?), LastPattern::new(Pattern::for_formatting));
    let mut texts = StringBuilder::with_capacity(instants.len(), instants.len() * 20);
    let mut text = String::new();
    for row in 0..instants.len() {
        let Some(pattern) = pattern.get(row).filter(|_| instants.is_valid(row)) else {
            texts.append_null();
            continue;
        };
        text.clear();
        let written = patterns.get(pattern)?.format(instants.value(row), &mut clock, &mut text);
        texts.append_option(written.map(|()| &text));
    }
    Ok(Arc::new(texts.finish()))
}
