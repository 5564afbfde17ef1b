//! The types of a division, as Spark has them.

use arrow::datatypes::DataType;

use crate::error::FunctionError;
use crate::function::is_text;

/// The most digits of a decimal.
const MAX_PRECISION: i32 = 38;
/// Digits after the point that are kept when a result would have more digits than a decimal can have.
const KEPT_SCALE: i32 = 6;

/// What both operands are cast to: doubles, or decimals with the digits each needs. Nothing if they do not divide.
pub(super) fn operands(left: &DataType, right: &DataType) -> Option<(DataType, DataType)> {
    let is_decimal = |data_type: &DataType| matches!(data_type, DataType::Decimal128(..));
    if is_decimal(left) || is_decimal(right) {
        let exact = (
            as_decimal(left).or_else(|| null_like(left, right)),
            as_decimal(right).or_else(|| null_like(right, left)),
        );
        if let (Some(left), Some(right)) = exact {
            return Some((left, right));
        }
    }
    (is_numeric(left) && is_numeric(right)).then_some((DataType::Float64, DataType::Float64))
}

/// The type of the quotient of two operands.
pub(super) fn quotient(left: &DataType, right: &DataType) -> Option<DataType> {
    match (left, right) {
        (DataType::Decimal128(p1, s1), DataType::Decimal128(p2, s2)) => {
            let (p1, s1, p2, s2) = (i32::from(*p1), i32::from(*s1), i32::from(*p2), i32::from(*s2));
            let scale = KEPT_SCALE.max(s1 + p2 + 1);
            Some(bounded(p1 - s1 + s2 + scale, scale))
        }
        (DataType::Float64, DataType::Float64) => Some(DataType::Float64),
        _ => None,
    }
}

/// Spark's `DecimalType.adjustPrecisionScale`: digits before the point go before those after the sixth behind it.
fn bounded(precision: i32, scale: i32) -> DataType {
    if precision <= MAX_PRECISION {
        return DataType::Decimal128(precision as u8, scale as i8);
    }
    let kept = (MAX_PRECISION - (precision - scale)).max(scale.min(KEPT_SCALE));
    DataType::Decimal128(MAX_PRECISION as u8, kept as i8)
}

/// The decimal that holds every value of a whole number's type.
pub(super) fn as_decimal(data_type: &DataType) -> Option<DataType> {
    let precision = match data_type {
        DataType::Decimal128(..) => return Some(data_type.clone()),
        DataType::Int8 | DataType::UInt8 => 3,
        DataType::Int16 | DataType::UInt16 => 5,
        DataType::Int32 | DataType::UInt32 => 10,
        DataType::Int64 | DataType::UInt64 => 20,
        _ => return None,
    };
    Some(DataType::Decimal128(precision, 0))
}

fn null_like(data_type: &DataType, other: &DataType) -> Option<DataType> {
    data_type.is_null().then(|| other.clone())
}

fn is_numeric(data_type: &DataType) -> bool {
    data_type.is_numeric() || data_type.is_null() || is_text(data_type)
}

/// Whether a type divides as a number (a span of time does not).
pub(super) fn is_divisible(data_type: &DataType) -> bool {
    !data_type.is_temporal() && !matches!(data_type, DataType::Interval(_) | DataType::Duration(_))
}

/// The error of operands that do not divide.
pub(super) fn not_divisible(function: &'static str, types: &[DataType]) -> FunctionError {
    let names: Vec<String> = types.iter().map(ToString::to_string).collect();
    FunctionError::Arguments { function, reason: format!("cannot divide {}", names.join(" by ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(p: u8, s: i8) -> DataType {
        DataType::Decimal128(p, s)
    }

    #[test]
    fn decimals_have_the_digits_that_spark_gives() {
        // Spark 4: typeof(CAST(1 AS DECIMAL(p,s)) / CAST(1 AS DECIMAL(p,s)))
        let cases = [
            ((10, 2), (10, 2), (23, 13)),
            ((2, 1), (2, 1), (8, 6)),
            ((10, 0), (2, 1), (17, 6)),
            ((10, 2), (1, 0), (14, 6)),
            ((20, 0), (10, 2), (33, 11)),
            ((38, 10), (38, 10), (38, 6)),
            ((38, 18), (38, 18), (38, 6)),
            ((38, 0), (38, 38), (38, 6)),
            ((18, 6), (18, 6), (38, 20)),
        ];
        for ((p1, s1), (p2, s2), (p, s)) in cases {
            assert_eq!(
                quotient(&decimal(p1, s1), &decimal(p2, s2)),
                Some(decimal(p, s)),
                "({p1},{s1}) / ({p2},{s2})"
            );
        }
    }

    #[test]
    fn everything_else_is_double() {
        let double = Some((DataType::Float64, DataType::Float64));
        assert_eq!(operands(&DataType::Int64, &DataType::Int32), double);
        assert_eq!(operands(&DataType::Float32, &decimal(10, 2)), double);
        assert_eq!(operands(&DataType::Utf8, &decimal(10, 2)), double);
        assert_eq!(operands(&DataType::Null, &DataType::Int8), double);
        assert_eq!(operands(&DataType::Int32, &decimal(10, 2)), Some((decimal(10, 0), decimal(10, 2))));
        assert_eq!(operands(&DataType::Boolean, &DataType::Int8), None);
    }
}
