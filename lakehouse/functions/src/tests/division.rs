use std::sync::Arc;

use arrow::array::{Array, Float64Array, Int64Array};
use arrow::datatypes::DataType;
use model::Classify;

use super::*;
use crate::FunctionError;

fn sales() -> SessionContext {
    let sales = Int64Array::from(vec![Some(7), Some(9), None, Some(0)]);
    let units = Int64Array::from(vec![Some(2), Some(0), Some(0), Some(5)]);
    with_table("t", vec![("sales", Arc::new(sales)), ("units", Arc::new(units))])
}

#[test]
fn whole_numbers_divide_to_double() {
    let batches =
        run(&sales(), "SELECT sales / units AS avg_price, sales / units FROM t WHERE units <> 0").unwrap();
    let schema = batches[0].schema();
    assert_eq!(
        (schema.field(0).data_type(), schema.field(0).name().as_str()),
        (&DataType::Float64, "avg_price")
    );
    assert_eq!(schema.field(1).name(), "(t.sales / t.units)");
    let first = batches[0].column(0).as_any().downcast_ref::<Float64Array>().unwrap().clone();
    assert_eq!(first.values(), &[3.5, 0.0]);
}

#[test]
fn a_divisor_of_zero_is_an_error_that_names_the_way_out() {
    for sql in ["SELECT sales / units FROM t", "SELECT 1 / 0", "SELECT 1.5 / 0", "SELECT 1e0 / 0e0"] {
        let error = run(&sales(), sql).unwrap_err();
        let cause = FunctionError::find(&error).unwrap_or_else(|| panic!("{sql}: {error}"));
        assert_eq!(cause.to_string(), "divide by zero in /", "{sql}");
        assert!(cause.hint().unwrap().contains("try_divide"));
    }
    assert!(
        run(&sales(), "SELECT sales div units FROM t")
            .unwrap_err()
            .to_string()
            .contains("divide by zero in div")
    );
    assert!(run(&sales(), "SELECT -9223372036854775808 div -1").is_err());
}

#[test]
fn rows_without_a_dividend_do_not_mind_a_zero() {
    assert!(column(&sales(), "SELECT sales / units FROM t WHERE sales IS NULL").unwrap()[0].is_null());
    let quotients = column(&sales(), "SELECT try_divide(sales, units) FROM t").unwrap();
    assert_eq!(quotients.iter().map(|q| q.to_string()).collect::<Vec<_>>(), ["3.5", "NULL", "NULL", "0"]);
}

#[test]
fn conditions_shield_what_follows_them() {
    for sql in [
        "SELECT sales FROM t WHERE units <> 0 AND sales / units > 3",
        "SELECT sales FROM t WHERE NOT (units = 0 OR sales / units <= 3)",
        "SELECT sales FROM t WHERE CASE WHEN units <> 0 THEN sales / units END > 3",
        "SELECT sales FROM (SELECT sales, CASE WHEN units = 0 THEN 0 ELSE sales / units END AS q FROM t) WHERE q > 3",
        "SELECT sales FROM t WHERE sales / units > 3 AND units <> 0",
        "SELECT sales FROM (SELECT * FROM t WHERE units <> 0) WHERE sales / units > 3",
        "SELECT sales FROM (SELECT sales, units, sales / units AS q FROM t) WHERE units <> 0 AND q > 3",
        "SELECT sales FROM t WHERE CASE WHEN units <> 0 THEN sales / units > 3 ELSE false END",
        "SELECT sales FROM t WHERE CASE units WHEN 0 THEN false ELSE sales / units > 3 END",
        "SELECT s FROM (SELECT sales AS s, units = 0 OR sales / units > 3 AS ok, units FROM t) WHERE ok AND units > 0",
        "SELECT sales FROM t WHERE units <> 0 AND sales div units > 2",
    ] {
        let rows = column(&sales(), sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
        assert_eq!(rows.iter().map(|v| v.to_string()).collect::<Vec<_>>(), ["7"], "{sql}");
    }
}

/// Spark 4.0: the same expressions.
#[test]
fn decimals_divide_as_in_spark() {
    let cases = [
        ("CAST(1 AS DECIMAL(10,2)) / CAST(3 AS DECIMAL(10,2))", "0.3333333333333"),
        ("CAST(2 AS DECIMAL(10,2)) / CAST(-3 AS DECIMAL(10,2))", "-0.6666666666667"),
        ("1.5 / 2", "0.750000"),
        ("10 div 3 + 1", "4"),
        ("-7 div 2", "-3"),
        ("try_divide(1, 0)", "NULL"),
        ("try_divide(10, 4)", "2.5"),
        ("NULL / 0", "NULL"),
        ("true OR 1/0 > 1", "true"),
        ("CASE WHEN 0 <> 0 THEN 1/0 END", "NULL"),
        ("'7' / 2", "3.5"),
        ("arrow_typeof(CAST(1 AS DECIMAL(10,2)) / 3)", "Decimal128(14, 6)"),
        ("arrow_typeof(CAST(1 AS DECIMAL(38,10)) / CAST(1 AS DECIMAL(38,10)))", "Decimal128(38, 6)"),
        ("arrow_typeof(CAST(1 AS BIGINT) / CAST(1 AS DECIMAL(10,2)))", "Decimal128(33, 11)"),
        ("arrow_typeof(1.5)", "Float64"),
        ("0.1 + 0.2", "0.3"),
        ("3 * 0.1", "0.3"),
        ("CAST(3 AS BIGINT) * 0.01", "0.03"),
        ("arrow_typeof(CAST(1 AS INT) / 1.5)", "Decimal128(17, 6)"),
        ("CAST(0.1 AS DECIMAL(38,2)) < 1.5", "true"),
        ("CAST('1e20' AS DOUBLE) > CAST(1 AS DECIMAL(38,2))", "true"),
        ("12345678901234567890.25 + 0", "12345678901234567890.25"),
        ("arrow_typeof(1e3)", "Float64"),
        ("1e3 / 3", "333.3333333333333"),
    ];
    for (expression, expected) in cases {
        assert_eq!(value(&session(), expression).unwrap_or_else(|e| e.to_string()), expected, "{expression}");
    }
}

#[test]
fn a_quotient_of_too_many_digits_is_an_error_or_null() {
    let wide =
        "CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0)), CAST('0.1' AS DECIMAL(38,38))";
    assert_eq!(value(&session(), &format!("try_divide({wide})")).unwrap(), "NULL");
    let error =
        value(&session(), &wide.replacen(',', ", ", 0).replace("(38,0)), ", "(38,0)) / ")).unwrap_err();
    assert!(matches!(FunctionError::find(&error), Some(FunctionError::Overflow { .. })), "{error}");
}

#[test]
fn spans_of_time_are_left_alone() {
    assert!(value(&session(), "INTERVAL '1' DAY / 2").is_err());
}
