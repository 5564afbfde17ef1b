use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray, StructArray};
use arrow::datatypes::{DataType, Field};
use datafusion::common::DFSchema;

use super::*;
use crate::plan_expr;

fn events() -> SessionContext {
    let user: ArrayRef = Arc::new(StringArray::from(vec!["ann", "bob"]));
    let count: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let inner =
        StructArray::from(vec![(Arc::new(Field::new("deviceType", DataType::Utf8, true)), user.clone())]);
    let session = with_table(
        "events",
        vec![("userId", user.clone()), ("tailnum", count.clone()), ("payload", Arc::new(inner))],
    );
    let people = RecordBatch::try_from_iter([("USERID", user), ("age", count)]).unwrap();
    session.register_batch("People", people).unwrap();
    session
}

#[test]
fn names_are_found_without_regard_to_case_and_keep_the_tables() {
    let session = events();
    for (sql, names) in [
        ("SELECT userid, TAILNUM FROM Events", vec!["userId", "tailnum"]),
        ("SELECT `USERID` FROM events WHERE TailNum > 0", vec!["userId"]),
        ("SELECT E.UserID, e.tailNum FROM events AS e ORDER BY E.TAILNUM", vec!["userId", "tailnum"]),
        ("SELECT Tailnum AS Tail FROM events ORDER BY TAIL", vec!["Tail"]),
        (
            "SELECT Userid, count(*) AS N FROM events GROUP BY USERID HAVING COUNT(*) > 0 ORDER BY n",
            vec!["userId", "N"],
        ),
        ("WITH Cte AS (SELECT USERID FROM events) SELECT userID FROM cte", vec!["userId"]),
        ("SELECT x.userID FROM (SELECT USERID FROM EVENTS) X", vec!["userId"]),
        ("SELECT Payload.DEVICETYPE AS d FROM events", vec!["d"]),
        ("SELECT events.PAYLOAD.devicetype AS d FROM events", vec!["d"]),
        ("SELECT e.USERID, p.Age FROM events e JOIN PEOPLE p ON e.UserId = P.userid", vec!["userId", "age"]),
        ("SELECT * EXCEPT (PAYLOAD, USERid) FROM events", vec!["tailnum"]),
    ] {
        let batches = run(&session, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let schema = batches[0].schema();
        assert_eq!(schema.fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>(), names, "{sql}");
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 2, "{sql}");
    }
    assert!(run(&session, "SELECT nothing FROM events").unwrap_err().to_string().contains("nothing"));
    assert!(run(&session, "SELECT 1 FROM nowhere").unwrap_err().to_string().contains("nowhere"));
}

#[test]
fn expressions_are_planned_over_a_schema() {
    let schema = arrow::datatypes::Schema::new(vec![
        Field::new("userId", DataType::Utf8, true),
        Field::new("Sales", DataType::Int64, true),
        Field::new("odd name", DataType::Int64, true),
    ]);
    let schema = DFSchema::try_from(schema).unwrap();
    let state = session().state();
    let plan = |text: &str| plan_expr(&state, text, &schema).map(|expr| expr.schema_name().to_string());
    assert_eq!(plan("SALES / `Odd Name`").unwrap(), "(Sales / odd name)");
    assert_eq!(plan("USERID AS Who").unwrap(), "Who");
    assert_eq!(plan("upper(userid) = \"ANN\"").unwrap(), "upper(userId) = Utf8(\"ANN\")");
    for bad in ["", "sales +", "sales sales sales", "missing + 1", "SELECT 1", "sales; drop table x"] {
        assert!(plan(bad).is_err(), "{bad} was taken");
    }
}

#[test]
fn texts_stand_in_double_quotes_too_and_nulls_come_first() {
    let session = events();
    assert_eq!(value(&session, "\"it's\" || 'x'").unwrap(), "it'sx");
    assert_eq!(value(&session, "concat(\"a\", 'b')").unwrap(), "ab");
    let sorted = column(&session, "SELECT c FROM (VALUES (2), (NULL), (1)) AS t(c) ORDER BY c").unwrap();
    assert_eq!(sorted.iter().map(ToString::to_string).collect::<Vec<_>>(), ["NULL", "1", "2"]);
}

#[test]
fn decimal_literals_go_well_with_what_is_there() {
    let floats: ArrayRef = Arc::new(arrow::array::Float64Array::from(vec![1.0, 2.0, 4.0]));
    let session = with_table("t", vec![("x", floats)]);
    for (expression, expected) in [
        ("arrow_typeof(x * 1.5)", "Float64"),
        ("arrow_typeof(coalesce(x, 0.0))", "Float64"),
        ("arrow_typeof(CASE WHEN x > 1.5 THEN x ELSE 0.0 END)", "Float64"),
        ("arrow_typeof(round(x, 2))", "Float64"),
        ("power(x, 0.5)", "1"),
        ("x BETWEEN 0.5 AND 1.5", "true"),
        ("x IN (1.0, 3.0)", "true"),
    ] {
        let found = column(&session, &format!("SELECT {expression} FROM t LIMIT 1"))
            .map(|found| found[0].to_string());
        assert_eq!(found.unwrap_or_else(|e| e.to_string()), expected, "{expression}");
    }
    for aggregate in [
        "approx_percentile_cont(x, 0.5)",
        "approx_percentile_cont(0.5) WITHIN GROUP (ORDER BY x)",
        "median(x)",
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY x)",
    ] {
        let found = column(&session, &format!("SELECT {aggregate} FROM t")).map(|found| found[0].to_string());
        assert_eq!(found.unwrap_or_else(|e| e.to_string()), "2", "{aggregate}");
    }
}

#[test]
fn a_session_made_elsewhere_takes_functions_and_operators() {
    let session = SessionContext::new();
    crate::register(&session).unwrap();
    assert_eq!(value(&session, "7 / 2").unwrap(), "3.5");
    assert_eq!(value(&session, "date_format('2013-01-01', 'EEE')").unwrap(), "Tue");
}
