//! Spark's `/`, `div` and `try_divide`.
//!
//! `/` never truncates: whole numbers divide to `DOUBLE`, decimals to a decimal of Spark's digits, rounded half up. A divisor
//! of zero is an error, as in Spark's ANSI mode, which Spark 4 has on; `try_divide` gives NULL. A row whose dividend is
//! NULL gives NULL whatever the divisor.

mod kernel;
mod planner;
mod shield;
mod types;

pub(crate) use planner::SparkOperators;
pub(crate) use shield::ShieldDivisions;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;

use crate::error::FunctionError;
use crate::function::{Call, Function, expect_arity};

/// What a divisor of zero, or a result that does not fit, leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFailure {
    Fail,
    Null,
}

/// `a / b`
pub(crate) const DIVIDE: Function = Function {
    name: "lakesmith_divide",
    coerce: |types| coerce("/", types),
    returns,
    call: |call| quotient(call, OnFailure::Fail),
    operator: Some("/"),
};

/// `try_divide(a, b)`
pub(crate) const TRY_DIVIDE: Function = Function {
    name: "try_divide",
    coerce: |types| coerce("try_divide", types),
    returns,
    call: |call| quotient(call, OnFailure::Null),
    operator: None,
};

/// `a div b`
pub(crate) const DIV: Function = Function {
    name: "lakesmith_div",
    coerce: |types| {
        expect_arity("div", types, 2, 2)?;
        let is_whole = |data_type: &DataType| data_type.is_integer() || data_type.is_null();
        if types.iter().all(is_whole) {
            Ok(vec![DataType::Int64; 2])
        } else {
            Err(types::not_divisible("div", types))
        }
    },
    returns: |_, _| Ok(DataType::Int64),
    call: |call| kernel::whole_quotients(&call.array(0)?, &call.array(1)?),
    operator: Some("div"),
};

fn coerce(name: &'static str, types: &[DataType]) -> Result<Vec<DataType>, FunctionError> {
    expect_arity(name, types, 2, 2)?;
    types::operands(&types[0], &types[1])
        .map(|(left, right)| vec![left, right])
        .ok_or_else(|| types::not_divisible(name, types))
}

fn returns(operands: &[DataType], _: &[Option<&str>]) -> Result<DataType, FunctionError> {
    match operands {
        [left, right] => types::quotient(left, right).ok_or_else(|| types::not_divisible("/", operands)),
        _ => Err(types::not_divisible("/", operands)),
    }
}

fn quotient(call: &Call, failure: OnFailure) -> Result<ArrayRef, FunctionError> {
    let left = call.array(0)?;
    if let Some(divisor) = call.constant(1).and_then(kernel::usable_divisor) {
        return Ok(kernel::quotients_by(&left, divisor));
    }
    let right = call.array(1)?;
    match call.return_type {
        DataType::Decimal128(precision, scale) => {
            kernel::decimal_quotients(&left, &right, (precision, scale), failure)
        }
        _ => kernel::double_quotients(&left, &right, failure),
    }
}
