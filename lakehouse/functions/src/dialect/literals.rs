//! Numbers that the planner would read as something else than Spark does.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{CastKind, DataType, ExactNumberInfo, Expr, Value, VisitorMut};

/// The most digits that a double keeps.
const DIGITS_OF_DOUBLE: usize = 15;
/// The most digits of a decimal.
const MAX_PRECISION: usize = 38;

/// Marks `1e3` as the double that it is, and makes numbers of more digits than a double keeps decimals at once.
///
/// Other numbers with a point are doubles for the planner; the operators of this crate turn them into the decimals that
/// they are in Spark where the other side is no double.
pub(super) struct Literals;

impl VisitorMut for Literals {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Value(value) = expr
            && let Value::Number(digits, _) = &value.value
            && let Some(data_type) = explicit_type(digits)
        {
            let text = Value::SingleQuotedString(digits.clone());
            let number = if matches!(data_type, DataType::Double(_)) { value.value.clone() } else { text };
            let expr_of_number = Box::new(Expr::Value(number.into()));
            *expr = Expr::Cast {
                kind: CastKind::Cast,
                expr: expr_of_number,
                data_type,
                array: false,
                format: None,
            };
        }
        ControlFlow::Continue(())
    }
}

/// The type that a number must be told to have.
fn explicit_type(number: &str) -> Option<DataType> {
    if number.contains(['e', 'E']) {
        return Some(DataType::Double(ExactNumberInfo::None));
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.trim_start_matches('0');
    let precision = whole.len() + fraction.len();
    let is_long = precision > if number.contains('.') { DIGITS_OF_DOUBLE } else { DIGITS_OF_DOUBLE + 4 };
    let info = ExactNumberInfo::PrecisionAndScale(precision as u64, fraction.len() as i64);
    (is_long && precision <= MAX_PRECISION).then_some(DataType::Decimal(info))
}
