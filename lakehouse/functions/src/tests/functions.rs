use std::sync::Arc;

use arrow::array::*;
use arrow::datatypes::{DataType, Int32Type, TimeUnit};
use model::Classify;

use super::*;
use crate::FunctionError;

/// 2013-01-01T05:15:00Z
const T: i64 = 1_357_017_300_000_000;

fn parsed(values: ArrayRef, format: &str, zone: &str) -> Result<Vec<Option<i64>>> {
    let session = with_table("t", vec![("v", values)]);
    let batches =
        run(&session, &format!("SELECT lakesmith_parse_timestamp(v, '{format}', '{zone}') FROM t"))?;
    let column = batches[0].column(0);
    assert_eq!(column.data_type(), &DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
    Ok(column.as_primitive::<arrow::datatypes::TimestampMicrosecondType>().iter().collect())
}

#[test]
fn timestamps_are_parsed_from_columns_of_every_type() {
    let texts = vec![Some("2013-01-01T05:15:00Z"), None, Some("x")];
    let from_texts = vec![Some(T), None, None];
    let columns: [(ArrayRef, &str, Vec<Option<i64>>); 14] = [
        (Arc::new(StringArray::from(texts.clone())), "iso8601", from_texts.clone()),
        (Arc::new(LargeStringArray::from(texts.clone())), "iso8601", from_texts.clone()),
        (Arc::new(StringViewArray::from(texts.clone())), "iso8601", from_texts.clone()),
        (Arc::new(texts.into_iter().collect::<DictionaryArray<Int32Type>>()), "iso8601", from_texts),
        (Arc::new(Int64Array::from(vec![T / 1000])), "epoch_ms", vec![Some(T)]),
        (Arc::new(Int32Array::from(vec![(T / 1_000_000) as i32])), "epoch_s", vec![Some(T)]),
        (Arc::new(UInt64Array::from(vec![T as u64 * 1000, u64::MAX])), "epoch_ns", vec![Some(T), None]),
        (
            Arc::new(Float64Array::from(vec![1_357_017_300.5, f64::NAN])),
            "epoch_s",
            vec![Some(T + 500_000), None],
        ),
        (Arc::new(StringArray::from(vec!["1357017300.25", "no"])), "epoch_s", vec![Some(T + 250_000), None]),
        (
            Arc::new(Decimal128Array::from(vec![135_701_730_050]).with_precision_and_scale(20, 2).unwrap()),
            "epoch_s",
            vec![Some(T + 500_000)],
        ),
        (Arc::new(Int32Array::from(vec![20130101, 20130230])), "yyyyMMdd", vec![Some(T - 900_000_000), None]),
        (Arc::new(Date32Array::from(vec![15_706])), "iso8601", vec![Some(T - 900_000_000)]),
        (
            Arc::new(TimestampNanosecondArray::from(vec![(T - 5 * 3_600_000_000) * 1000 + 999])),
            "iso8601",
            vec![Some(T)],
        ),
        (
            Arc::new(TimestampSecondArray::from(vec![T / 1_000_000]).with_timezone("+01:00")),
            "iso8601",
            vec![Some(T)],
        ),
    ];
    for (values, format, expected) in columns {
        let data_type = values.data_type().clone();
        assert_eq!(parsed(values, format, "America/New_York").unwrap(), expected, "{data_type}");
    }
}

#[test]
fn wrong_formats_are_refused_while_planning() {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    for (values, format, zone, hint) in [
        (numbers, "iso8601", "UTC", "say what the numbers count: epoch_s, epoch_ms, epoch_us or epoch_ns"),
        (texts.clone(), "iso8061", "UTC", "did you mean iso8601?"),
        (texts.clone(), "iso8601", "Europe/Berln", "did you mean Europe/Berlin?"),
        (
            texts,
            "yyyy-MM-dd YY",
            "UTC",
            "a pattern is like yyyy-MM-dd''T''HH:mm:ss[.SSS][XXX]; texts stand in single quotes",
        ),
    ] {
        let error = parsed(values, format, zone).unwrap_err();
        let cause = FunctionError::find(&error).unwrap_or_else(|| panic!("{error}"));
        assert_eq!(cause.hint().unwrap(), hint.replace("''", "'"), "{format}");
    }
}

/// Spark 4.0: the same expressions with `spark.sql.session.timeZone = America/New_York`; timestamps by `unix_micros`.
#[test]
fn functions_give_what_spark_gives() {
    let session = session_in("America/New_York");
    let cases = [
        ("date_trunc('WEEK', '2013-01-01 05:15:00')", "1356930000000000"),
        ("date_trunc('quarter', '2013-05-01 05:15:00')", "1364788800000000"),
        ("date_trunc('MM', CAST('2013-05-09' AS DATE))", "1367380800000000"),
        ("date_trunc('yy', '2013-05-09')", "1357016400000000"),
        ("date_trunc('hour', '2013-11-03T06:30:00Z')", "1383458400000000"),
        ("date_trunc('DAY', '2013-11-03T06:30:00Z')", "1383451200000000"),
        ("date_trunc('SECOND', '2013-11-03T06:30:00.75Z')", "1383460200000000"),
        ("to_date('2013-01-01T23:00:00-08:00')", "2013-01-01"),
        ("to_date('2013-01-01 23:00 -0800', 'yyyy-MM-dd HH:mm Z')", "2013-01-02"),
        ("to_date('31/12/2013', 'dd/MM/yyyy')", "2013-12-31"),
        ("try_to_date('2013-02-30')", "NULL"),
        ("unix_timestamp('2013-01-01 05:15:00')", "1357035300"),
        ("unix_timestamp('01.02.2013', 'dd.MM.yyyy')", "1359694800"),
        ("from_unixtime(1357034400)", "2013-01-01 05:00:00"),
        ("from_unixtime(0, 'yyyy')", "1969"),
        ("from_utc_timestamp('2013-01-01T05:15:00Z', 'EST')", "1356999300000000"),
        ("to_utc_timestamp('2013-03-10T02:30:00Z', 'America/New_York')", "1362900600000000"),
        ("to_timestamp('2013-01-01 05:15:00')", "1357035300000000"),
        ("to_timestamp('01/02/13', 'dd/MM/yy')", "1359694800000000"),
        ("to_timestamp(NULL, 'yyyy')", "NULL"),
        ("try_to_timestamp('x', 'yyyy')", "NULL"),
        ("date_format('2013-01-01T05:15:00Z', 'yyyy-MM-dd HH:mm z')", "2013-01-01 00:15 EST"),
        ("date_format(CAST('2013-01-01' AS DATE), 'EEEE')", "Tuesday"),
        (
            "lakesmith_timestamp_text('2013-01-01T10:15:00Z', 'America/New_York')",
            "Tue 1 Jan 2013 05:15:00 EST",
        ),
        ("lakesmith_local_time('2013-01-01T10:15:00Z', 'America/New_York')", "1357017300000000"),
        ("lakesmith_local_date('2013-01-01T03:15:00Z', 'America/New_York')", "2012-12-31"),
    ];
    for (expression, expected) in cases {
        assert_eq!(value(&session, expression).unwrap_or_else(|e| e.to_string()), expected, "{expression}");
    }
}

#[test]
fn values_that_cannot_be_read_fail_as_under_ansi() {
    for (expression, message) in [
        ("to_timestamp('x', 'yyyy')", "to_timestamp: `x` is not of the form `yyyy`"),
        ("to_date('2013-02-30')", "to_date: `2013-02-30` is not of the form `DATE`"),
        ("date_format('x', 'yyyy')", "date_format: `x` is not of the form `TIMESTAMP`"),
        ("date_trunc('fortnight', '2013-01-01')", "date_trunc: unknown unit `fortnight`"),
        ("date_trunc('mont', '2013-01-01')", "date_trunc: unknown unit `mont`; did you mean MONTH?"),
    ] {
        let error = value(&session(), expression).unwrap_err();
        assert_eq!(FunctionError::find(&error).map(ToString::to_string).as_deref(), Some(message), "{error}");
    }
}

#[test]
fn patterns_and_zones_may_differ_from_row_to_row() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["2013", "01/2013", "2013"]));
    let patterns: ArrayRef = Arc::new(StringArray::from(vec![Some("yyyy"), Some("MM/yyyy"), None]));
    let session = with_table("t", vec![("v", texts), ("p", patterns)]);
    let found = column(&session, "SELECT unix_timestamp(v, p) FROM t WHERE p IS NOT NULL").unwrap();
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["1356998400", "1356998400"]);
}
