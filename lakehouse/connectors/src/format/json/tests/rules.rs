//! One test for each rule.

use super::*;
use crate::format::FormatError;

/// What becomes of one value: what its column holds, and whether it is rescued as it stands.
fn fate(data_type: DataType, value: &str) -> (Value, bool) {
    let decoded = decode(&schema(vec![("v", data_type)]), format!("{{\"v\": {value} }}"));
    assert!(decoded.rejects.is_empty(), "{value}: {:?}", decoded.rejects);
    let text = rescued(&decoded, 0);
    let expected = format!("{{\"v\":{value},\"_file_path\":{}}}", serde_json::to_string(FILE).unwrap());
    assert!(text.as_ref().is_none_or(|text| *text == expected), "{text:?}");
    (row(&decoded, 0).remove(0), text.is_some())
}

fn assert_fits(data_type: DataType, values: &[(&str, &str)]) {
    for (value, held) in values {
        assert_eq!(fate(data_type.clone(), value), (scalar(held), false), "{value} as {data_type}");
    }
}

fn assert_rescued(data_type: DataType, values: &[&str]) {
    for value in values {
        assert_eq!(fate(data_type.clone(), value), (Value::Null, true), "{value} as {data_type}");
    }
}

#[test]
fn null_fits_everywhere() {
    for data_type in
        every_scalar().into_iter().chain([list(DataType::Utf8), map(DataType::Utf8), DataType::Binary])
    {
        assert_eq!(fate(data_type, "null"), (Value::Null, false));
    }
}

#[test]
fn integers_take_integers_in_range() {
    assert_fits(DataType::Int64, &[("1", "1"), ("-0", "0"), ("9223372036854775807", "9223372036854775807")]);
    assert_fits(DataType::Int8, &[("127", "127"), ("-128", "-128")]);
    assert_rescued(DataType::Int8, &["128", "-129"]);
    assert_rescued(DataType::Int16, &["32768"]);
    assert_rescued(DataType::Int32, &["2147483648", "-2147483649"]);
    let others =
        ["9223372036854775808", "1.0", "1.5", "1e3", "\"12\"", "true", "{}", "[]", "[1]", "{\"v\":1}"];
    assert_rescued(DataType::Int64, &others);
}

#[test]
fn doubles_take_numbers_that_they_can_hold() {
    assert_fits(
        DataType::Float64,
        &[("0.1", "0.1"), ("1", "1.0"), ("9007199254740992", "9007199254740992.0")],
    );
    assert_fits(DataType::Float64, &[("0.1000000000000000055511151231257827", "0.1"), ("1e22", "1e22")]);
    assert_rescued(
        DataType::Float64,
        &["1e400", "-1e400", "9007199254740993", "9007199254740993.0", "1e-400", "\"NaN\""],
    );
    assert_fits(DataType::Float32, &[("0.1", "0.1"), ("16777216", "16777216.0")]);
    assert_rescued(DataType::Float32, &["1e39", "16777217"]);
}

#[test]
fn decimals_take_numbers_that_need_no_more_digits() {
    assert_fits(
        DataType::Decimal128(5, 2),
        &[("1", "1.00"), ("-123.45", "-123.45"), ("1.5e1", "15.00"), ("0.100", "0.10")],
    );
    assert_rescued(DataType::Decimal128(5, 2), &["1000", "0.001", "\"1\"", "1e9"]);
}

#[test]
fn booleans_take_booleans() {
    assert_fits(DataType::Boolean, &[("true", "true"), ("false", "false")]);
    assert_rescued(DataType::Boolean, &["0", "1", "\"true\"", "[]"]);
}

#[test]
fn strings_take_strings_and_keep_the_text_of_all_else() {
    assert_fits(DataType::Utf8, &[(r#""a\u00e4\n\"""#, "aä\n\""), (r#""""#, "")]);
    assert_fits(
        DataType::Utf8,
        &[("1.50", "1.50"), ("1e400", "1e400"), ("true", "true"), ("[1 , \"x\"]", "[1 , \"x\"]")],
    );
    assert_fits(DataType::Utf8, &[("{ \"a\" : null }", "{ \"a\" : null }")]);
    assert_rescued(DataType::Utf8, &[r#""\ud800""#, r#""x\udfffy""#]);
}

#[test]
fn times_take_iso_8601() {
    assert_fits(DataType::Date32, &[("\"2024-02-29\"", "2024-02-29")]);
    assert_rescued(
        DataType::Date32,
        &["\"2023-02-29\"", "19000", "\"2024-02-29T00:00:00\"", "\"29.02.2024\""],
    );
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    assert_fits(instant.clone(), &[("\"2024-02-29T01:00:00+01:00\"", "2024-02-29T00:00:00Z")]);
    assert_fits(instant.clone(), &[("\"2024-02-29 00:00:00.000001\"", "2024-02-29T00:00:00.000001Z")]);
    assert_rescued(instant, &["1700000000", "\"2024-02-29T00:00:00.0000001Z\"", "\"yesterday\"", "\"\""]);
    let local = DataType::Timestamp(TimeUnit::Microsecond, None);
    assert_fits(local.clone(), &[("\"2024-02-29T\\u00300:00:00\"", "2024-02-29T00:00:00")]);
    assert_rescued(local, &["\"2024-02-29T00:00:00Z\""]);
}

#[test]
fn binary_takes_base64() {
    assert_fits(DataType::Binary, &[("\"Zm9v\"", "666f6f"), ("\"\"", "")]);
    assert_rescued(DataType::Binary, &["\"Zm9\"", "\"?\"", "1"]);
}

#[test]
fn lists_and_maps_are_whole_or_null() {
    assert_eq!(
        fate(list(DataType::Int64), "[1, null]"),
        (Value::List(vec![scalar("1"), Value::Null]), false)
    );
    assert_rescued(list(DataType::Int64), &["[1, \"x\"]", "[1.5]", "{}", "1", "[[1]]"]);
    let entry = |key: &str, value: &str| (scalar(key), scalar(value));
    assert_eq!(fate(map(DataType::Int64), r#"{"a": 1}"#), (Value::Map(vec![entry("a", "1")]), false));
    assert_rescued(
        map(DataType::Int64),
        &[r#"{"a":1,"b":"x"}"#, r#"{"a":1,"\u0061":2}"#, r#"{"\ud800":1}"#, "[]"],
    );
}

#[test]
fn a_list_keeps_its_elements_when_only_something_unknown_is_rescued() {
    let element = structure(vec![("id", DataType::Int64)]);
    let value = |id: &str| Value::Struct(vec![scalar(id)]);
    let text = r#"[{"id":1,"more":true},{"id":2}]"#;
    assert_eq!(fate(list(element.clone()), text), (Value::List(vec![value("1"), value("2")]), true));
    assert_eq!(fate(list(element), r#"[{"id":"one"},{"id":2}]"#), (Value::Null, true));
}

#[test]
fn the_rescued_object_has_fields_first_then_nested_ones_then_the_path() {
    let nested = structure(vec![("x", DataType::Int64), ("deep", structure(vec![("y", DataType::Int64)]))]);
    let schema = schema(vec![("id", DataType::Int64), ("nested", nested)]);
    let text = r#"{"nested":{"deep":{"y":"no", "z" : [1, 2]},"x":1.5,"u":null},"new":{"a" : 1},"id":"7","ID":8,"id":9}"#;
    let decoded = decode(&schema, text);
    let deep = Value::Struct(vec![Value::Null]);
    assert_eq!(row(&decoded, 0), [Value::Null, Value::Struct(vec![Value::Null, deep])]);
    let expected = r#"{"new":{"a" : 1},"id":"7","ID":8,"id":9,"nested":{"x":1.5,"u":null,"deep":{"y":"no","z":[1, 2]}},"#;
    let path = serde_json::to_string(FILE).unwrap();
    assert_eq!(rescued(&decoded, 0), Some(format!("{expected}\"_file_path\":{path}}}")));
}

#[test]
fn of_a_repeated_name_the_first_counts() {
    let schema = schema(vec![("a", DataType::Int64)]);
    let decoded =
        decode(&schema, "{\"a\":1,\"a\":2,\"\\u0061\":3}\n{\"a\":null,\"a\":2}\n{\"a\":\"x\",\"a\":2}");
    assert_eq!(
        (0..3).map(|index| row(&decoded, index).remove(0)).collect::<Vec<_>>(),
        [scalar("1"), Value::Null, Value::Null]
    );
    assert!(rescued(&decoded, 0).unwrap().starts_with(r#"{"a":2,"\u0061":3,"#));
    assert!(rescued(&decoded, 1).unwrap().starts_with(r#"{"a":2,"#));
    assert!(rescued(&decoded, 2).unwrap().starts_with(r#"{"a":"x","a":2,"#));
}

#[test]
fn a_reject_tells_line_place_character_and_text() {
    let schema = schema(vec![("a", DataType::Utf8)]);
    let mut decoder = JsonDecoder::new(schema, JsonOptions::default()).unwrap();
    let text = "{\"a\":\"ä\"}\n\n  \r\n{\"a\":\"ä\",x}\r\n[1]\n{\"a\":1}".as_bytes();
    let decoded = decoder.decode(&chunk(text, 101, 1000)).unwrap();
    assert_eq!(decoded.batch.num_rows(), 2);
    let [first, second] = &decoded.rejects[..] else { panic!("{:?}", decoded.rejects) };
    assert_eq!((first.line, first.byte_offset), (Some(104), 1000 + 16));
    assert_eq!(first.reason, "character 10: expected a name in double quotes");
    assert_eq!(first.raw, "{\"a\":\"ä\",x}".as_bytes());
    assert_eq!((second.line, &second.raw[..]), (Some(105), &b"[1]"[..]));
    assert_eq!(second.reason, "character 1: expected a JSON object");
}

#[test]
fn a_byte_order_mark_is_skipped_only_at_the_beginning_of_the_file() {
    let text = b"\xef\xbb\xbf{\"a\":1}\r\n{\"a\":2}\r\n";
    let mut decoder = JsonDecoder::new(schema(vec![("a", DataType::Int64)]), JsonOptions::default()).unwrap();
    let first = decoder.decode(&chunk(text, 1, 0)).unwrap();
    assert_eq!((first.batch.num_rows(), first.rejects.len()), (2, 0));
    let later = decoder.decode(&chunk(text, 1, 10)).unwrap();
    assert_eq!((later.batch.num_rows(), later.rejects.len()), (1, 1));
}

#[test]
fn a_line_over_the_limit_is_rejected_and_only_its_beginning_kept() {
    let options = JsonOptions { max_line_bytes: 100_000, ..JsonOptions::default() };
    let mut decoder = JsonDecoder::new(schema(vec![("a", DataType::Utf8)]), options).unwrap();
    let text = format!("{{\"a\":\"{}\"}}\n{{\"a\":\"short\"}}\n", "x".repeat(100_000));
    let decoded = decoder.decode(&chunk(text.as_bytes(), 1, 0)).unwrap();
    assert_eq!(row(&decoded, 0), [scalar("short")]);
    assert_eq!(decoded.rejects[0].reason, "character 1: the line is too long");
    assert_eq!(decoded.rejects[0].raw.len(), 64 << 10);
}

#[test]
fn a_file_promises_nothing_so_every_column_is_nullable() {
    let inner = DataType::Struct(vec![Field::new("y", DataType::Int64, false)].into());
    let element = DataType::List(Arc::new(Field::new("element", DataType::Int64, false)));
    let fields = vec![Field::new("x", inner, false), Field::new("l", element, false)];
    let decoded = decode(&Arc::new(Schema::new(fields)), "{\"x\":{},\"l\":[null]}\n{}");
    assert_eq!((decoded.batch.num_rows(), decoded.rejects.len()), (2, 0));
    assert!(decoded.batch.schema().fields().iter().all(|field| field.is_nullable()));
}

#[test]
fn a_schema_that_cannot_be_filled_is_refused() {
    let refused = |fields| JsonDecoder::new(schema(fields), JsonOptions::default()).unwrap_err();
    for (fields, bad) in [
        (vec![("a", DataType::Utf8), ("a", DataType::Utf8)], "a"),
        (vec![("_rescued_data", DataType::Utf8)], "_rescued_data"),
        (vec![("s", structure(vec![("u", DataType::UInt64)]))], "s.u"),
        (vec![("s", list(structure(vec![("d", DataType::Utf8), ("d", DataType::Utf8)])))], "d"),
    ] {
        let FormatError::Schema { column, .. } = refused(fields) else { panic!("another error") };
        assert_eq!(column, bad);
    }
}

#[test]
fn a_schema_without_columns_rescues_everything() {
    let decoded = decode(&schema(vec![]), "{\"a\":1}\n{}");
    assert_eq!(decoded.batch.num_rows(), 2);
    assert!(rescued(&decoded, 0).unwrap().starts_with(r#"{"a":1,"#));
    assert_eq!(rescued(&decoded, 1), None);
}

fn inferred(text: &str) -> Vec<(String, DataType)> {
    let schema = infer([text.as_bytes()], &JsonOptions::default());
    schema.fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect()
}

#[test]
fn types_are_inferred_and_merged() {
    for (values, expected) in [
        ("1 2", DataType::Int64),
        ("1 2.5", DataType::Float64),
        ("1 null", DataType::Int64),
        ("null", DataType::Utf8),
        ("true false", DataType::Boolean),
        ("true 1", DataType::Utf8),
        ("1 \"x\" 2", DataType::Utf8),
        ("18446744073709551615 1", DataType::Decimal128(20, 0)),
        ("1234567890123456789012345 1.5", DataType::Float64),
        ("\"2024-01-01T00:00:00Z\"", DataType::Utf8),
        ("[] [1] [null]", list(DataType::Int64)),
        ("[1] [2.5]", list(DataType::Float64)),
        ("[]", list(DataType::Utf8)),
        ("[1] 1", DataType::Utf8),
        ("{} {}", DataType::Utf8),
        (
            "{} {\"x\":1} {\"y\":[true],\"x\":0.5}",
            structure(vec![("x", DataType::Float64), ("y", list(DataType::Boolean))]),
        ),
        ("{\"x\":1} [1]", DataType::Utf8),
    ] {
        let lines: String = values.split(' ').map(|value| format!("{{\"v\":{value}}}\n")).collect();
        assert_eq!(inferred(&lines), [("v".to_owned(), expected)], "{values}");
    }
}

#[test]
fn names_are_inferred_in_their_first_order_and_case() {
    let lines = "{\"b\":1,\"a\":true}\n{\"A\":\"x\",\"c\":1,\"\":1,\"_rescued_data\":1}\n{\"B\":1,\"b\":2.5,\"b\":\"x\"}\nnot json\n{\"d\":1} x";
    let expected = [("b", DataType::Float64), ("a", DataType::Boolean), ("c", DataType::Int64)];
    assert_eq!(inferred(lines), expected.map(|(name, data_type)| (name.to_owned(), data_type)));
}

#[test]
fn primitives_can_be_inferred_as_strings() {
    let options = JsonOptions { primitives_as_string: true, ..JsonOptions::default() };
    let schema = infer([b"{\"a\":1,\"b\":[true],\"c\":{\"d\":1.5}}".as_slice()], &options);
    let types: Vec<_> = schema.fields().iter().map(|field| field.data_type().clone()).collect();
    assert_eq!(types, [DataType::Utf8, list(DataType::Utf8), structure(vec![("d", DataType::Utf8)])]);
}

#[test]
fn what_was_inferred_from_a_file_rescues_nothing_of_it() {
    let text = "{\"a\":1,\"b\":{\"c\":[1,2.5]}}\n{\"a\":18446744073709551615,\"b\":{\"c\":[]}}\n{\"b\":null,\"d\":\"x\"}\n{\"d\":[]}";
    let schema = Arc::new(infer([text.as_bytes()], &JsonOptions::default()));
    let decoded = decode(&schema, text);
    assert_eq!(decoded.batch.num_rows(), 4);
    assert!((0..4).all(|index| rescued(&decoded, index).is_none()));
}
