//! Data files: what is in them, what their statistics say, how large they get.

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int32Array, ListArray,
    StructArray, TimestampMicrosecondArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::Int32Type;
use datafusion::datasource::MemTable;
use datafusion::physical_plan::ExecutionPlan;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;

use super::*;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn stats(file: &NewFile) -> Value {
    serde_json::from_str(file.stats.as_ref().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statistics_are_exact_or_wider_and_leave_out_what_readers_get_wrong() {
    let table = memory();
    let long = "x".repeat(40);
    let top = format!("{}\u{10ffff}\u{d7ff}tail and more of it", "ü".repeat(30));
    let list = ListArray::new(
        Arc::new(Field::new("item", DataType::Int64, true)),
        OffsetBuffer::from_lengths([1, 0, 1]),
        Arc::new(Int64Array::from(vec![1, 2])),
        None,
    );
    let inner: ArrayRef = Arc::new(Int64Array::from(vec![Some(5), None, Some(-5)]));
    let rows = batch(vec![
        ("i", Arc::new(Int32Array::from(vec![Some(3), None, Some(-4)]))),
        ("l", Arc::new(StringArray::from(vec![long.as_str(), "a", long.as_str()]))),
        ("u", Arc::new(StringArray::from(vec![top.as_str(), top.as_str(), "ü"]))),
        (
            "d",
            Arc::new(Decimal128Array::from(vec![-123, 5, 99_999]).with_precision_and_scale(15, 2).unwrap()),
        ),
        ("big", Arc::new(Decimal128Array::from(vec![1, 2, 3]).with_precision_and_scale(18, 6).unwrap())),
        ("f", Arc::new(Float64Array::from(vec![1.0, f64::NAN, 3.0]))),
        ("day", Arc::new(Date32Array::from(vec![-1, 0, 15_736]))),
        ("t", Arc::new(TimestampMicrosecondArray::from(vec![-1, 0, 1_000_000]).with_timezone("UTC"))),
        ("far", Arc::new(TimestampMicrosecondArray::from(vec![0, 0, 400_000_000_000_000_000]))),
        ("list", Arc::new(list)),
        ("s", Arc::new(StructArray::from(vec![(Arc::new(Field::new("a", DataType::Int64, true)), inner)]))),
        ("none", Arc::new(Int64Array::from(vec![None, None, None]))),
    ]);
    let found = stats(&write(&table, &rows).await[0]);
    assert_eq!(found["numRecords"], 3);
    let (low, high, nulls) = (&found["minValues"], &found["maxValues"], &found["nullCount"]);
    assert_eq!((&low["i"], &high["i"], &nulls["i"]), (&(-4).into(), &3.into(), &1.into()));
    assert_eq!((&low["l"], &high["l"]), (&"a".into(), &format!("{}y", "x".repeat(31)).into()));
    let above = high["u"].as_str().unwrap();
    assert!(above > top.as_str() && above.chars().count() <= 32, "{above}");
    assert_eq!((low["d"].to_string(), high["d"].to_string()), ("-1.23".to_owned(), "999.99".to_owned()));
    for left_out in ["big", "f", "list", "none"] {
        assert_eq!((low.get(left_out), high.get(left_out)), (None, None), "{left_out}");
    }
    assert_eq!((&low["day"], &high["day"]), (&"1969-12-31".into(), &"2013-01-31".into()));
    assert_eq!(low["t"], "1969-12-31T23:59:59.999999Z");
    assert_eq!(high["t"], "1970-01-01T00:00:01.000Z");
    assert_eq!(low.get("far"), None);
    assert_eq!((&low["s"]["a"], &high["s"]["a"], &nulls["s"]["a"]), (&(-5).into(), &5.into(), &1.into()));
    assert_eq!(nulls["none"], 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_range_of_random_values_covers_them_over_many_row_groups() {
    let seed = rand::random::<u64>();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let table = memory();
    let text: Vec<Option<String>> = (0..20_000)
        .map(|_| {
            random
                .random_bool(0.9)
                .then(|| (0..random.random_range(0..60)).map(|_| random.random::<char>()).collect())
        })
        .collect();
    let numbers: Vec<Option<i64>> =
        (0..20_000).map(|_| random.random_bool(0.9).then(|| random.random())).collect();
    let rows = batch(vec![
        ("s", Arc::new(StringArray::from(text.clone()))),
        ("n", Arc::new(Int64Array::from(numbers.clone()))),
    ]);
    let options = WriterOptions { row_group_rows: 1500, ..WriterOptions::of(rows.schema()) };
    let mut writer = DataFileWriter::new(table.directory(), options).unwrap();
    for start in (0..20_000).step_by(700) {
        writer.write(&rows.slice(start, 700.min(20_000 - start))).await.unwrap();
    }
    let found = stats(&writer.finish().await.unwrap()[0]);
    let (low, high, nulls) = (&found["minValues"], &found["maxValues"], &found["nullCount"]);
    assert_eq!(low["n"].as_i64(), numbers.iter().flatten().min().copied());
    assert_eq!(high["n"].as_i64(), numbers.iter().flatten().max().copied());
    assert_eq!(nulls["n"], numbers.iter().filter(|n| n.is_none()).count());
    assert_eq!(nulls["s"], text.iter().filter(|n| n.is_none()).count());
    let all = || text.iter().flatten().map(String::as_str);
    assert!(low["s"].as_str().unwrap() <= all().min().unwrap());
    assert!(high.get("s").is_none_or(|high| high.as_str().unwrap() >= all().max().unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dictionaries_and_views_are_plain_text_to_readers() {
    let (_guard, table) = local();
    let words: DictionaryArray<Int32Type> = ["a", "b", "a"].into_iter().map(Some).collect();
    let views: arrow::array::StringViewArray = ["x", "y", "z"].into_iter().map(Some).collect();
    let nanos =
        arrow::array::TimestampNanosecondArray::from(vec![1_000, 2_000, 3_000]).with_timezone("+01:00");
    let rows = batch(vec![("w", Arc::new(words)), ("v", Arc::new(views)), ("t", Arc::new(nanos))]);
    let request = request(&table, "a", 0, &rows).await;
    commit(&table, request).await.unwrap();
    let schema = table.snapshot().await.unwrap().unwrap().schema();
    assert_eq!(schema.field(0).data_type(), &DataType::Utf8);
    let found = query(&table, "SELECT * FROM t").await;
    assert_eq!(found[0].schema().fields(), schema.fields());
    assert_eq!(found[0].column(0).as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["a", "b", "a"]);
    assert_eq!(found[0].column(1).as_string::<i32>().value(2), "z");
    assert_eq!(stats(&files_of(&table).await[0])["maxValues"]["t"], "1970-01-01T00:00:00.000003Z");
}

async fn files_of(table: &Table) -> Vec<NewFile> {
    let live = files(table).await;
    live.into_iter()
        .map(|file| NewFile {
            path: file.path,
            size: file.size,
            partition_values: file.partition_values,
            stats: file.stats,
            num_records: file.num_records.unwrap_or(0),
            modification_time_ms: file.modification_time_ms,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_streams_become_several_files_in_parts() {
    let (_guard, table) = local();
    let mut random = StdRng::seed_from_u64(1);
    let options = |schema| WriterOptions {
        target_file_size: 20 << 20,
        row_group_bytes: 3 << 20,
        ..WriterOptions::of(schema)
    };
    let (mut writer, mut sum) = (None, 0_i64);
    for _ in 0..200 {
        let values: Vec<i64> = (0..32_768).map(|_| random.random()).collect();
        sum = values.iter().fold(sum, |sum, value| sum.wrapping_add(*value));
        let rows = batch(vec![("n", Arc::new(Int64Array::from(values)))]);
        let writer = writer
            .get_or_insert_with(|| DataFileWriter::new(table.directory(), options(rows.schema())).unwrap());
        writer.write(&rows).await.unwrap();
    }
    let adds = writer.unwrap().finish().await.unwrap();
    assert_eq!(adds.len(), 3);
    for add in &adds {
        let size = std::fs::metadata(table.directory().local_path().unwrap().join(&add.path)).unwrap().len();
        assert_eq!(size, add.size);
    }
    let one = batch(vec![("n", Arc::new(Int64Array::from(vec![0])))]);
    let request = CommitRequest::append("a", BatchId(0), TableDefinition::of(one.schema()), adds);
    commit(&table, request).await.unwrap();
    let found = query(&table, "SELECT n FROM t").await;
    let all = found.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec());
    assert_eq!(all.fold((0, 0_i64), |(count, sum), n| (count + 1, sum.wrapping_add(n))), (200 * 32_768, sum));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_writes_each_partition_and_yields_the_files() {
    let (_guard, table) = local();
    let session = SessionContext::new();
    let parts = vec![vec![rows(0..5)], vec![], vec![rows(5..9), rows(9..12)]];
    let input = MemTable::try_new(columns(), parts).unwrap();
    let plan = session.read_table(Arc::new(input)).unwrap().create_physical_plan().await.unwrap();
    let options = WriterOptions::of(plan.schema());
    let write: Arc<dyn ExecutionPlan> = Arc::new(WriteExec::new(plan, table.directory().clone(), options));
    let written = datafusion::physical_plan::collect(write, session.task_ctx()).await.unwrap();
    let adds: Vec<_> = written.iter().flat_map(|rows| NewFile::from_rows(rows).unwrap()).collect();
    assert_eq!(adds.iter().map(|add| add.num_records).sum::<u64>(), 12);
    commit(&table, CommitRequest::append("a", BatchId(0), TableDefinition::of(columns()), adds))
        .await
        .unwrap();
    assert_eq!(ids(&table).await, (0..12).collect::<Vec<_>>());
}

#[test]
fn partitions_cannot_be_written_yet() {
    let options = WriterOptions { partition_columns: vec!["id".to_owned()], ..WriterOptions::of(columns()) };
    let error = DataFileWriter::new(memory().directory(), options).err().unwrap();
    assert!(error.to_string().contains("partitioning (by `id`)"), "{error}");
}
