//! The divisions themselves, column by column.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Float64Array, Int64Array};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, i256};
use datafusion::common::ScalarValue;

use super::OnFailure;
use crate::error::FunctionError;

const BY_ZERO: FunctionError = FunctionError::DivideByZero { operation: "/" };

/// A constant by which every double can be divided without a look at the rows.
pub(super) fn usable_divisor(value: &ScalarValue) -> Option<f64> {
    match value {
        ScalarValue::Float64(Some(divisor)) if *divisor != 0.0 => Some(*divisor),
        _ => None,
    }
}

/// Doubles by a constant that is not zero.
pub(super) fn quotients_by(left: &ArrayRef, divisor: f64) -> ArrayRef {
    Arc::new(left.as_primitive::<Float64Type>().unary::<_, Float64Type>(|dividend| dividend / divisor))
}

/// Doubles by doubles.
pub(super) fn double_quotients(
    left: &ArrayRef,
    right: &ArrayRef,
    failure: OnFailure,
) -> Result<ArrayRef, FunctionError> {
    let (left, right) = (left.as_primitive::<Float64Type>(), right.as_primitive::<Float64Type>());
    let divide = |row: usize| match (left.value(row), right.value(row)) {
        (_, 0.0) => None,
        (dividend, divisor) => Some(dividend / divisor),
    };
    let quotients: Float64Array = rows(left, right).map(|row| row.and_then(divide)).collect();
    refuse_new_nulls(left, right, &quotients, failure, || BY_ZERO)?;
    Ok(Arc::new(quotients))
}

/// Decimals by decimals, rounded half up to the type of the quotient.
pub(super) fn decimal_quotients(
    left: &ArrayRef,
    right: &ArrayRef,
    (precision, scale): (u8, i8),
    failure: OnFailure,
) -> Result<ArrayRef, FunctionError> {
    let (left, right) = (left.as_primitive::<Decimal128Type>(), right.as_primitive::<Decimal128Type>());
    let power = i32::from(scale) - i32::from(left.scale()) + i32::from(right.scale());
    let factor = i256::from_i128(10).checked_pow(power.max(0) as u32).unwrap_or(i256::MAX);
    let bound = 10_i128.pow(precision.into());
    let divide = |row: usize| divide_decimal(left.value(row), right.value(row), factor, bound);
    let quotients: Decimal128Array = rows(left, right).map(|row| row.and_then(divide)).collect();
    refuse_new_nulls(left, right, &quotients, failure, || {
        let has_zero = rows(left, right).flatten().any(|row| right.value(row) == 0);
        let data_type = DataType::Decimal128(precision, scale).to_string();
        if has_zero { BY_ZERO } else { FunctionError::Overflow { operation: "/", data_type } }
    })?;
    let typed = quotients.with_precision_and_scale(precision, scale);
    typed.map(|typed| Arc::new(typed) as ArrayRef).map_err(|_| BY_ZERO)
}

/// A numerator that overflows 256 bits has a quotient of more than 38 digits: the divisor has no more than that.
fn divide_decimal(dividend: i128, divisor: i128, factor: i256, bound: i128) -> Option<i128> {
    let numerator = i256::from_i128(dividend).checked_mul(factor)?;
    let divisor = i256::from_i128(divisor);
    let (quotient, rest) = (numerator.checked_div(divisor)?, numerator.checked_rem(divisor)?);
    let rounds_up = abs(rest).checked_mul(i256::from_i128(2))? >= abs(divisor);
    let is_negative = (numerator < i256::ZERO) != (divisor < i256::ZERO);
    let step = i256::from_i128(if is_negative { -1 } else { 1 });
    let rounded = if rounds_up { quotient.checked_add(step)? } else { quotient }.to_i128()?;
    (rounded.unsigned_abs() < bound.unsigned_abs()).then_some(rounded)
}

fn abs(number: i256) -> i256 {
    number.wrapping_abs()
}

/// Whole numbers by whole numbers, towards zero.
pub(super) fn whole_quotients(left: &ArrayRef, right: &ArrayRef) -> Result<ArrayRef, FunctionError> {
    let (left, right) = (left.as_primitive::<Int64Type>(), right.as_primitive::<Int64Type>());
    let divide = |row: usize| left.value(row).checked_div(right.value(row));
    let quotients: Int64Array = rows(left, right).map(|row| row.and_then(divide)).collect();
    refuse_new_nulls(left, right, &quotients, OnFailure::Fail, || {
        let has_zero = rows(left, right).flatten().any(|row| right.value(row) == 0);
        let overflow = FunctionError::Overflow { operation: "div", data_type: "BIGINT".to_owned() };
        if has_zero { FunctionError::DivideByZero { operation: "div" } } else { overflow }
    })?;
    Ok(Arc::new(quotients))
}

/// The rows, each only where both operands are there.
fn rows<'a>(left: &'a dyn Array, right: &'a dyn Array) -> impl Iterator<Item = Option<usize>> + 'a {
    (0..left.len()).map(|row| (left.is_valid(row) && right.is_valid(row)).then_some(row))
}

fn refuse_new_nulls(
    left: &dyn Array,
    right: &dyn Array,
    quotients: &dyn Array,
    failure: OnFailure,
    error: impl Fn() -> FunctionError,
) -> Result<(), FunctionError> {
    let is_lost = |row: usize| quotients.is_null(row);
    let fails =
        failure == OnFailure::Fail && quotients.null_count() > 0 && rows(left, right).flatten().any(is_lost);
    if fails { Err(error()) } else { Ok(()) }
}
