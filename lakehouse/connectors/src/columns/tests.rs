//! What holds for columns of every type.

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;

use super::*;

fn column(data_type: DataType) -> Column {
    Column::new(&Field::new("c", data_type, true)).unwrap()
}

fn every_type() -> Vec<(DataType, &'static str)> {
    let element = Arc::new(Field::new("element", DataType::Int64, true));
    vec![
        (DataType::Boolean, "true"),
        (DataType::Int8, "-128"),
        (DataType::Int16, "32767"),
        (DataType::Int32, "+7"),
        (DataType::Int64, "0012"),
        (DataType::Float32, "0.1"),
        (DataType::Float64, "NaN"),
        (DataType::Decimal128(5, 2), "123.45"),
        (DataType::Date32, "2024-02-29"),
        (DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), "2024-02-29T01:02:03+01"),
        (DataType::Timestamp(TimeUnit::Microsecond, None), "2024-02-29 01:02:03.5"),
        (DataType::Utf8, "ä"),
        (DataType::Binary, "Zm8="),
        (DataType::Struct(Fields::from(vec![Field::new("x", DataType::Int64, true)])), ""),
        (DataType::List(element), ""),
    ]
}

#[test]
fn what_is_taken_back_leaves_no_trace() {
    for (data_type, text) in every_type() {
        let (mut plain, mut edited) = (column(data_type.clone()), column(data_type.clone()));
        for column in [&mut plain, &mut edited] {
            let _ = column.append_text(text);
            column.append_null();
        }
        edited.append_null();
        let _ = edited.append_text(text);
        let _ = edited.append_text("no such value");
        edited.truncate(2);
        edited.truncate(5);
        for column in [&mut plain, &mut edited] {
            let _ = column.append_text(text);
            assert_eq!(column.len(), 3);
        }
        let (plain, edited) = (plain.finish().unwrap(), edited.finish().unwrap());
        assert_eq!(plain.as_ref(), edited.as_ref(), "{data_type}");
        assert_eq!(plain.data_type(), &data_type);
        assert!(plain.is_null(1));
    }
}

#[test]
fn a_finished_column_starts_anew() {
    let mut column = column(DataType::Utf8);
    assert_eq!(column.append_text("first"), Fit::Whole);
    assert_eq!(column.finish().unwrap().len(), 1);
    assert_eq!(column.len(), 0);
    assert_eq!(column.append_text("second"), Fit::Whole);
    assert_eq!(column.finish().unwrap().as_string::<i32>().value(0), "second");
}

#[test]
fn a_text_that_does_not_fit_is_a_null_and_a_misfit() {
    for (data_type, bad) in [
        (DataType::Boolean, "1"),
        (DataType::Int8, "128"),
        (DataType::Int64, "1.0"),
        (DataType::Int64, ""),
        (DataType::Float64, "1e400"),
        (DataType::Decimal128(5, 2), "1234.5"),
        (DataType::Date32, "2023-02-29"),
        (DataType::Timestamp(TimeUnit::Microsecond, None), "2024-02-29T01:02:03Z"),
        (DataType::Binary, "Zm8"),
    ] {
        let mut column = column(data_type);
        assert_eq!(column.append_text(bad), Fit::Misfit, "{bad} was taken");
        assert!(column.finish().unwrap().is_null(0));
    }
}

#[test]
fn a_half_finished_list_is_taken_back() {
    let mut column = column(DataType::List(Arc::new(Field::new("element", DataType::Int64, true))));
    let Column::List(list) = &mut column else { panic!("not a list") };
    assert_eq!(list.elements().append_text("1"), Fit::Whole);
    list.close();
    assert_eq!(list.elements().append_text("2"), Fit::Whole);
    list.truncate(1);
    assert_eq!(list.elements().append_text("3"), Fit::Whole);
    list.append_null();
    list.close();
    let array = list.finish().unwrap();
    let array = array.as_list::<i32>();
    assert_eq!(array.value(0).as_primitive::<Int64Type>().values(), &[1]);
    assert!(array.is_null(1));
    assert_eq!(array.value(2).len(), 0);
}

#[test]
fn a_map_notices_a_key_that_comes_twice() {
    let key = Field::new("key", DataType::Utf8, false);
    let value = Field::new("value", DataType::Int64, true);
    let entries = Field::new("entries", DataType::Struct(Fields::from(vec![key, value])), false);
    let mut map = MapColumn::new(&Arc::new(entries)).unwrap();
    for (key, is_duplicate) in [("a", false), ("b", false), ("a", true)] {
        let _ = map.keys().append_text(key);
        map.values().append_null();
        assert_eq!(map.has_duplicate(), is_duplicate);
    }
    map.append_null();
    let _ = map.keys().append_text("a");
    map.values().append_null();
    assert!(!map.has_duplicate());
    map.close();
    assert_eq!(map.finish().unwrap().len(), 2);
}

#[test]
fn a_type_that_no_text_format_can_fill_is_named() {
    let inner = Field::new("y", DataType::LargeUtf8, true);
    let outer = Field::new("x", DataType::Struct(Fields::from(vec![inner])), true);
    assert_eq!(Column::new(&outer).unwrap_err().column, "x.y");
}
