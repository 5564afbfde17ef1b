//! How the operators of a query become the functions here, with Spark's types on both sides.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, ScalarUDF, cast, lit};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::{DIV, DIVIDE, types};

/// Plans `/` and `div`, and gives the literals and decimals of arithmetic and of comparisons the types they have in Spark.
#[derive(Debug)]
pub(crate) struct SparkOperators {
    divide: Arc<ScalarUDF>,
    div: Arc<ScalarUDF>,
}

impl SparkOperators {
    pub(crate) fn new() -> Self {
        Self { divide: DIVIDE.into_udf(), div: DIV.into_udf() }
    }
}

impl ExprPlanner for SparkOperators {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        use BinaryOperator as Op;
        let planned = match expr.op {
            Op::MyIntegerDivide => self.div.call(vec![expr.left, expr.right]),
            Op::Divide if divides_numbers(&expr, schema) => {
                let (left, right) = with_exact_literals(expr.left, expr.right, schema);
                self.divide.call(vec![left, right])
            }
            Op::Plus | Op::Minus | Op::Multiply | Op::Modulo => {
                let (left, right) = with_exact_literals(expr.left, expr.right, schema);
                return Ok(PlannerResult::Original(RawBinaryExpr { op: expr.op, left, right }));
            }
            Op::Eq | Op::NotEq | Op::Lt | Op::LtEq | Op::Gt | Op::GtEq | Op::Spaceship => {
                let (left, right) = comparable(expr.left, expr.right, schema);
                return Ok(PlannerResult::Original(RawBinaryExpr { op: expr.op, left, right }));
            }
            _ => return Ok(PlannerResult::Original(expr)),
        };
        Ok(PlannerResult::Planned(planned))
    }
}

/// Spans of time are left to the engine.
fn divides_numbers(expr: &RawBinaryExpr, schema: &DFSchema) -> bool {
    let is_other =
        |side: &Expr| side.get_type(schema).is_ok_and(|data_type| !types::is_divisible(&data_type));
    !is_other(&expr.left) && !is_other(&expr.right)
}

/// The kinds of numbers that decide how a literal is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `2`
    WholeLiteral,
    /// `1.5`
    PointLiteral,
    Whole,
    Decimal,
    Double,
    Other,
}

fn kind(side: &Expr, schema: &DFSchema) -> Kind {
    match side {
        Expr::Literal(ScalarValue::Int64(Some(_)), _) => return Kind::WholeLiteral,
        Expr::Literal(ScalarValue::Float64(Some(_)), _) => return Kind::PointLiteral,
        _ => {}
    }
    match side.get_type(schema) {
        Ok(DataType::Decimal128(..)) => Kind::Decimal,
        Ok(data_type) if data_type.is_integer() => Kind::Whole,
        Ok(data_type) if data_type.is_floating() => Kind::Double,
        _ => Kind::Other,
    }
}

/// A literal beside a decimal is the decimal of just its digits, and one with a point also beside a whole number or another
/// literal. Beside a double it is a double.
fn with_exact_literals(left: Expr, right: Expr, schema: &DFSchema) -> (Expr, Expr) {
    use Kind::{Decimal, PointLiteral, Whole, WholeLiteral};
    match (kind(&left, schema), kind(&right, schema)) {
        (PointLiteral, PointLiteral) | (PointLiteral, WholeLiteral) | (WholeLiteral, PointLiteral) => {
            (exact(left), exact(right))
        }
        (PointLiteral | WholeLiteral, Decimal) | (PointLiteral, Whole) => (exact(left), right),
        (Decimal, PointLiteral | WholeLiteral) | (Whole, PointLiteral) => (left, exact(right)),
        _ => (left, right),
    }
}

/// A decimal is compared with a literal as a decimal and with a double as a double. (The engine would take both for a
/// decimal of 15 digits on either side of the point, which few doubles fit into.)
fn comparable(left: Expr, right: Expr, schema: &DFSchema) -> (Expr, Expr) {
    use Kind::{Decimal, Double, PointLiteral};
    match (kind(&left, schema), kind(&right, schema)) {
        (PointLiteral, Decimal) => (exact(left), right),
        (Decimal, PointLiteral) => (left, exact(right)),
        (Double, Decimal) => (left, cast(right, DataType::Float64)),
        (Decimal, Double) => (cast(left, DataType::Float64), right),
        _ => (left, right),
    }
}

/// The decimal of just the digits of a literal; the literal itself if it has too many.
fn exact(expr: Expr) -> Expr {
    let decimal = match &expr {
        Expr::Literal(ScalarValue::Int64(Some(number)), _) => decimal_of(&number.to_string()),
        Expr::Literal(ScalarValue::Float64(Some(number)), _) => decimal_of(&format!("{number:?}")),
        _ => None,
    };
    decimal.map_or(expr, lit)
}

fn decimal_of(number: &str) -> Option<ScalarValue> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let value: i128 = format!("{whole}{fraction}").parse().ok()?;
    let digits = value.unsigned_abs().checked_ilog10().map_or(1, |power| power as usize + 1);
    let precision = u8::try_from(digits.max(fraction.len())).ok().filter(|precision| *precision <= 38)?;
    Some(ScalarValue::Decimal128(Some(value), precision, fraction.len() as i8))
}
