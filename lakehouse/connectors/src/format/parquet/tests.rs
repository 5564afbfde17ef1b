use std::sync::Arc;

use arrow::array::*;
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields, Int32Type, Schema, SchemaRef, TimeUnit};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;
use crate::format::conformance::{Outcome, file, outcome, schema};

fn write(columns: &[(&str, ArrayRef)], rows_per_group: usize) -> Vec<u8> {
    let batch =
        RecordBatch::try_from_iter(columns.iter().map(|(name, values)| (*name, values.clone()))).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows_per_group)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

async fn read(columns: &[(&str, ArrayRef)], target: &[(&str, DataType)]) -> Vec<String> {
    let found = outcome(&Parquet, file("f", write(columns, 1000)).await, &schema(target)).await;
    assert_eq!(found.error, None);
    found.rows
}

fn array<T: Into<ArrayRef>>(array: T) -> ArrayRef {
    array.into()
}

fn ints(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

#[tokio::test]
async fn columns_are_matched_by_name() {
    let file =
        [("b", texts(&[Some("x"), None])), ("A", ints(&[Some(1), Some(2)])), ("new", ints(&[Some(3), None]))];
    let found = read(&file, &[("a", DataType::Int64), ("b", DataType::Utf8)]).await;
    assert_eq!(found, [r#"~|x|{"A":1,"new":3,"_file_path":"f"}"#, r#"~|~|{"A":2,"_file_path":"f"}"#]);
}

#[tokio::test]
async fn a_value_of_another_type_is_kept_only_if_it_is_the_same() {
    let whole = Arc::new(Float64Array::from(vec![1.0, 1.5, f64::NAN, 1e300])) as ArrayRef;
    let cases: Vec<(ArrayRef, DataType, Vec<&str>)> = vec![
        (ints(&[Some(1), Some(300), None]), DataType::Int8, vec!["1|~", "~|{\"v\":300}", "~|~"]),
        (whole, DataType::Int64, vec!["1|~", "~|{\"v\":1.5}", "~|{\"v\":\"NaN\"}", "~|{\"v\":1e+300}"]),
        (
            ints(&[Some((1 << 53) + 1), Some(5)]),
            DataType::Float64,
            vec!["~|{\"v\":9007199254740993}", "5.0|~"],
        ),
        (texts(&[Some("12"), Some("x"), None]), DataType::Int32, vec!["12|~", "~|{\"v\":\"x\"}", "~|~"]),
        (ints(&[Some(7)]), DataType::Utf8, vec!["7|~"]),
        (ints(&[Some(7)]), DataType::Boolean, vec!["~|{\"v\":7}"]),
        (ints(&[Some(7)]), DataType::Date32, vec!["~|{\"v\":7}"]),
        (
            Arc::new(TimestampNanosecondArray::from(vec![1_000, 1_001])),
            DataType::Timestamp(TimeUnit::Microsecond, None),
            vec!["1970-01-01T00:00:00.000001|~", "~|{\"v\":\"1970-01-01T00:00:00.000001001\"}"],
        ),
        (
            Arc::new(Decimal128Array::from(vec![150, 125]).with_precision_and_scale(10, 2).unwrap()),
            DataType::Decimal128(10, 1),
            vec!["1.5|~", "~|{\"v\":\"1.25\"}"],
        ),
    ];
    for (values, target, expected) in cases {
        let found = read(&[("v", values.clone())], &[("v", target.clone())]).await;
        let expected: Vec<_> =
            expected.iter().map(|row| row.replace('}', ",\"_file_path\":\"f\"}")).collect();
        assert_eq!(found, expected, "{} as {target}", values.data_type());
    }
}

#[tokio::test]
async fn nested_values_keep_what_fits_and_are_rescued_whole() {
    let fields =
        Fields::from(vec![Field::new("a", DataType::Int64, true), Field::new("b", DataType::Utf8, true)]);
    let nested = StructArray::new(fields, vec![ints(&[Some(1), Some(2)]), texts(&[Some("x"), None])], None);
    let target = DataType::Struct(Fields::from(vec![Field::new("a", DataType::Int64, true)]));
    let found = read(&[("s", array(Arc::new(nested.clone()) as ArrayRef))], &[("s", target)]).await;
    assert_eq!(found, [r#"{a: 1}|{"s":{"a":1,"b":"x"},"_file_path":"f"}"#, "{a: 2}|~"]);
    let found = read(&[("s", Arc::new(nested) as ArrayRef)], &[("s", DataType::Utf8)]).await;
    assert_eq!(found, [r#"{"a":1,"b":"x"}|~"#, r#"{"a":2,"b":null}|~"#]);

    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>([
        Some(vec![Some(1), None]),
        Some(vec![Some(999)]),
        None,
    ]);
    let element = Arc::new(Field::new("element", DataType::Int8, true));
    let found = read(&[("l", Arc::new(lists) as ArrayRef)], &[("l", DataType::List(element))]).await;
    assert_eq!(found, ["[1, ~]|~", r#"~|{"l":[999],"_file_path":"f"}"#, "~|~"]);

    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for value in [1, 1000] {
        maps.keys().append_value("k");
        maps.values().append_value(value);
        maps.append(true).unwrap();
    }
    let parts = vec![Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Int8, true)];
    let entries = Arc::new(Field::new("entries", DataType::Struct(parts.into()), false));
    let found =
        read(&[("m", Arc::new(maps.finish()) as ArrayRef)], &[("m", DataType::Map(entries, false))]).await;
    assert_eq!(found, ["{k: 1}|~", r#"~|{"m":{"k":1000},"_file_path":"f"}"#]);
}

async fn inferred(files: &[&[(&str, ArrayRef)]]) -> Vec<String> {
    let mut sources = Vec::new();
    for columns in files {
        sources.push(file("f", write(columns, 1000)).await);
    }
    let schema: SchemaRef = Parquet.infer(&sources).await.unwrap();
    schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type())).collect()
}

#[tokio::test]
async fn the_schema_is_that_of_the_files_in_types_that_delta_has() {
    let unsigned = Arc::new(UInt64Array::from(vec![u64::MAX])) as ArrayRef;
    let time = Arc::new(TimestampNanosecondArray::from(vec![0]).with_timezone("Europe/Paris")) as ArrayRef;
    let view = Arc::new(StringViewArray::from(vec!["x"])) as ArrayRef;
    let small = Arc::new(Int32Array::from(vec![1])) as ArrayRef;
    let real = Arc::new(Float64Array::from(vec![1.5])) as ArrayRef;
    let first = [("u", unsigned), ("t", time), ("v", view), ("n", small.clone()), ("m", small)];
    let second = [("n", ints(&[Some(1)])), ("m", real), ("V", ints(&[Some(1)])), ("w", ints(&[Some(1)]))];
    assert_eq!(
        inferred(&[&first, &second]).await,
        ["u Decimal128(20, 0)", "t Timestamp(µs, \"UTC\")", "v Utf8", "n Int64", "m Float64", "w Int64"]
    );
    let list = ListArray::new(
        Arc::new(Field::new("item", DataType::UInt8, true)),
        OffsetBuffer::from_lengths([1]),
        Arc::new(UInt8Array::from(vec![1])),
        None,
    );
    let found =
        Parquet.infer(&[file("f", write(&[("l", Arc::new(list) as ArrayRef)], 10)).await]).await.unwrap();
    let element = Arc::new(Field::new("element", DataType::Int16, true));
    assert_eq!(found.as_ref(), &Schema::new(vec![Field::new("l", DataType::List(element), true)]));
}

fn sample(rows: i64) -> Vec<u8> {
    let numbers = Arc::new(Int64Array::from_iter_values(0..rows)) as ArrayRef;
    let names =
        Arc::new(StringArray::from_iter_values((0..rows).map(|n| format!("name {}", n % 97)))) as ArrayRef;
    write(&[("a", numbers), ("b", names)], 3000)
}

async fn on_disk(directory: &tempfile::TempDir, bytes: &[u8]) -> Arc<SourceFile> {
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new());
    let path = Path::from_absolute_path(directory.path().join("f")).unwrap();
    store.put(&path, bytes.to_vec().into()).await.unwrap();
    let meta = store.head(&path).await.unwrap();
    Arc::new(SourceFile { store, meta, display: "f".into() })
}

fn two_columns() -> SchemaRef {
    schema(&[("a", DataType::Int64), ("b", DataType::Utf8)])
}

#[tokio::test]
async fn a_file_on_disk_reads_like_an_object() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = sample(20_000);
    let object = outcome(&Parquet, file("f", bytes.clone()).await, &two_columns()).await;
    assert_eq!((object.rows.len(), &object.error), (20_000, &None));
    assert_eq!(object.rows[19_999], "19999|name 17|~");
    assert_eq!(outcome(&Parquet, on_disk(&directory, &bytes).await, &two_columns()).await, object);
    let empty = outcome(&Parquet, file("f", sample(0)).await, &two_columns()).await;
    assert_eq!(empty, Outcome { rows: vec![], rejects: vec![], error: None });
}

/// Whatever happens to a file, reading it ends, with its rows or with an error that names it.
#[tokio::test]
async fn damaged_files_end_in_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = sample(10_000);
    for length in [1, 4, 8, 100, bytes.len() - 1] {
        let found = outcome(&Parquet, file("f", &bytes[..length]).await, &two_columns()).await;
        assert!(found.error.unwrap().contains("not valid Parquet"), "cut to {length}");
    }
    let seed = rand::random();
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut errors = 0;
    for _ in 0..150 {
        let mut damaged = bytes.clone();
        for _ in 0..rng.random_range(1..8) {
            // Pages may change unnoticed, for writers seldom put check sums there; the footer holds what is parsed.
            let from = if rng.random() { 0 } else { damaged.len() - 400 };
            let at = rng.random_range(from..damaged.len());
            damaged[at] ^= 1 << rng.random_range(0..8);
        }
        for file in [file("f", damaged.clone()).await, on_disk(&directory, &damaged).await] {
            errors += usize::from(outcome(&Parquet, file, &two_columns()).await.error.is_some());
        }
    }
    assert!(errors > 0, "seed {seed}");
}
