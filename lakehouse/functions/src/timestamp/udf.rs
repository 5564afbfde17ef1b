//! `lakesmith_parse_timestamp(value, format, zone)`: the instants of a column of any type; NULL for what says none.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;

use super::{TimestampFormat, TimestampReader, instants, timestamp_type};
use crate::error::FunctionError;
use crate::function::{Call, Function, expect_arity};
use crate::zone::Zone;

const NAME: &str = "lakesmith_parse_timestamp";

/// The function.
pub(crate) const PARSE_TIMESTAMP: Function = Function { name: NAME, coerce, returns, call, operator: None };

fn coerce(types: &[DataType]) -> Result<Vec<DataType>, FunctionError> {
    expect_arity(NAME, types, 3, 3)?;
    Ok(vec![types[0].clone(), DataType::Utf8, DataType::Utf8])
}

fn returns(types: &[DataType], literals: &[Option<&str>]) -> Result<DataType, FunctionError> {
    if let [_, Some(format), Some(zone)] = literals {
        TimestampFormat::parse(format)?.check_type(&types[0])?;
        Zone::parse(zone)?;
    }
    Ok(timestamp_type())
}

fn call(call: &Call) -> Result<ArrayRef, FunctionError> {
    let literal = |index| {
        let reason = "the format and the time zone must be literal texts".to_owned();
        call.constant_text(index).ok_or(FunctionError::Arguments { function: NAME, reason })
    };
    let format = TimestampFormat::parse(literal(1)?)?;
    let mut reader = TimestampReader::new(&format, Zone::parse(literal(2)?)?);
    Ok(Arc::new(instants(&call.array(0)?, &mut reader)?))
}
