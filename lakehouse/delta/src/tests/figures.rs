//! What things cost; run by hand: `cargo test --release -p lakesmith-delta figures -- --ignored --nocapture`.

use std::time::Instant;

use arrow::array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, ListArray, StructArray, TimestampMicrosecondArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::Int32Type;
use parquet::basic::Compression;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::*;

/// 10,000 commits of ten files each, with a checkpoint or without, made by another process: this one's memory stays clean.
fn long_table(checkpoint: bool) -> (TempDir, Table) {
    let root = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["figures_prepare", "--ignored", "--nocapture"]).env("FIGURES_TABLE", root.path());
    assert!(command.env("FIGURES_CHECKPOINT", checkpoint.to_string()).status().unwrap().success());
    let table = Table::at(directory(&root.path().to_string_lossy()));
    (root, table)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a part of the figures"]
async fn prepare_a_long_log_for_figures_prepare() {
    let Ok(root) = std::env::var("FIGURES_TABLE") else { return };
    let table = Table::at(directory(&root));
    append(&table, "a", 0, 0..1).await;
    for version in 1..10_000_u64 {
        let info = format!(r#"{{"commitInfo":{{"timestamp":{version},"operation":"WRITE"}}}}"#);
        let txn = format!(r#"{{"txn":{{"appId":"app-{}","version":{version}}}}}"#, version % 7);
        let add = |file| {
            format!(
                r#"{{"add":{{"path":"part-{version}-{file}.parquet","partitionValues":{{}},"size":1000,"modificationTime":1,"dataChange":true,"stats":"{{\"numRecords\":10,\"minValues\":{{\"id\":1}},\"maxValues\":{{\"id\":2}},\"nullCount\":{{\"id\":0}}}}"}}}}"#
            )
        };
        let lines: Vec<String> = [info, txn].into_iter().chain((0..10).map(add)).collect();
        std::fs::write(raw_log(&table).join(format!("{version:020}.json")), lines.join("\n")).unwrap();
    }
    if std::env::var("FIGURES_CHECKPOINT").unwrap() == "true" {
        for version in [9_850, 9_950] {
            let begun = Instant::now();
            checkpoint_log(&table, version).await.unwrap();
            println!("checkpoint of version {version}: {:?}", begun.elapsed());
        }
    }
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn reset_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "figures"]
async fn figures_of_a_long_log() {
    for checkpoints in [true, false] {
        let (_guard, table) = long_table(checkpoints);
        reset_peak();
        println!("--- checkpoint: {checkpoints}; peak before {} MiB", peak_mib());
        for _ in 0..2 {
            let begun = Instant::now();
            let snapshot = table.snapshot().await.unwrap().unwrap();
            let opened = begun.elapsed();
            let begun = Instant::now();
            snapshot.txn_version("app-3").await.unwrap();
            println!(
                "snapshot {opened:?}, txn of a known app {:?}, peak {} MiB",
                begun.elapsed(),
                peak_mib()
            );
            let begun = Instant::now();
            snapshot.txn_version("nobody").await.unwrap();
            println!("txn of an unknown app {:?}, peak {} MiB", begun.elapsed(), peak_mib());
        }
        for known in [9_999, 9_990, 0] {
            let begun = Instant::now();
            table.log().latest_from(known).await.unwrap();
            println!("latest_from({known}) {:?}", begun.elapsed());
        }
        let begun = Instant::now();
        table.log().latest().await.unwrap();
        println!("latest {:?}", begun.elapsed());
        let mut base = table.snapshot().await.unwrap();
        for batch in 0..4 {
            let mut request = request(&table, "z", batch, &rows(0..1)).await;
            request.base = base;
            let begun = Instant::now();
            let done = commit(&table, request).await.unwrap();
            println!("append with a base {:?}, peak {} MiB", begun.elapsed(), peak_mib());
            base = Some(done.snapshot);
        }
        let begun = Instant::now();
        for version in 9_000..10_000 {
            table.log().read(version).await.unwrap().unwrap();
        }
        println!("1,000 commits of 10 files read {:?}", begun.elapsed());
        let begun = Instant::now();
        let live =
            table.snapshot().await.unwrap().unwrap().files().try_fold(0, |n, _| async move { Ok(n + 1) });
        println!("{} files streamed {:?}, peak {} MiB", live.await.unwrap(), begun.elapsed(), peak_mib());
    }
}

/// Columns of event-like rows, by name.
pub(super) fn event_columns(rows: usize, random: &mut StdRng) -> Vec<(&'static str, ArrayRef)> {
    let kinds = ["page_view", "click", "purchase", "refund", "login", "logout"];
    let agents = ["Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (Windows NT 10.0)", "curl/8.5.0"];
    let kind: Vec<&str> = (0..rows).map(|_| kinds[random.random_range(0..6)]).collect();
    let text = |f: &mut dyn FnMut() -> String| -> ArrayRef {
        Arc::new((0..rows).map(|_| Some(f())).collect::<StringArray>())
    };
    let mut r = StdRng::seed_from_u64(random.random());
    let unique = text(&mut || uuid::Uuid::from_u128(r.random()).to_string());
    let skewed = text(&mut || format!("user-{:06}", (100_000.0 * r.random::<f64>().powi(4)) as u64));
    let ip = text(&mut || {
        format!("10.{}.{}.{}", r.random_range(0..256), r.random_range(0..256), r.random_range(0..256))
    });
    let agent = text(&mut || agents[r.random_range(0..3)].to_owned());
    let lengths: Vec<usize> = (0..rows).map(|_| r.random_range(0..4)).collect();
    let tags: StringArray = (0..lengths.iter().sum())
        .map(|_| Some(["new", "sale", "mobile", "eu"][r.random_range(0..4)]))
        .collect();
    let list = ListArray::new(
        Arc::new(Field::new("element", DataType::Utf8, true)),
        OffsetBuffer::from_lengths(lengths),
        Arc::new(tags),
        None,
    );
    let fields = ["ip", "agent"].map(|name| Arc::new(Field::new(name, DataType::Utf8, true)));
    let mut now = 1_700_000_000_000_000_i64;
    let ascending: Vec<i64> = (0..rows)
        .map(|_| {
            now += r.random_range(0..2_000_000);
            now
        })
        .collect();
    vec![
        ("unique_text", unique),
        ("skewed_text", skewed),
        ("few_text", Arc::new(StringArray::from(kind.clone()))),
        ("few_dictionary", Arc::new(kind.into_iter().map(Some).collect::<DictionaryArray<Int32Type>>())),
        (
            "int_random",
            Arc::new(Int64Array::from_iter_values((0..rows).map(|_| r.random_range(0..i64::MAX)))),
        ),
        ("int_small", Arc::new(Int64Array::from_iter_values((0..rows).map(|_| r.random_range(0..100))))),
        (
            "price",
            Arc::new(Float64Array::from_iter_values(
                (0..rows).map(|_| r.random_range(0..100_000) as f64 / 100.0),
            )),
        ),
        ("double_random", Arc::new(Float64Array::from_iter_values((0..rows).map(|_| r.random::<f64>())))),
        ("time", Arc::new(TimestampMicrosecondArray::from(ascending.clone()).with_timezone("UTC"))),
        ("epoch_ms", Arc::new(Int64Array::from_iter_values(ascending.iter().map(|t| t / 1000)))),
        ("flag", Arc::new(BooleanArray::from_iter((0..rows).map(|_| Some(r.random_bool(0.3)))))),
        ("struct", Arc::new(StructArray::new(fields.into_iter().collect(), vec![ip, agent], None))),
        ("list", Arc::new(list)),
    ]
}

/// The processor time of all threads so far.
fn cpu_seconds() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let nanos = |text: String| text.split_whitespace().next().unwrap().parse::<f64>().unwrap();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("schedstat")).ok())
        .map(nanos)
        .sum::<f64>()
        / 1e9
}

/// Reads all columns of some files, and prints what it took.
async fn time_reading(table: &Table, files: &[NewFile], schema: SchemaRef) {
    let files: Vec<DataFile> = files.iter().map(|file| file.to_add().into()).collect();
    for views in [false, true] {
        let column = |field: &Arc<Field>| match field.data_type() {
            DataType::Utf8 if views => Field::new(field.name(), DataType::Utf8View, true),
            _ => field.as_ref().clone(),
        };
        let columns = Arc::new(Schema::new(schema.fields().iter().map(column).collect::<Vec<_>>()));
        let provider = scan(table.directory(), columns, &files, &ScanOptions::default()).unwrap();
        let session = SessionContext::new_with_config(
            datafusion::prelude::SessionConfig::new().with_target_partitions(2),
        );
        let begun = cpu_seconds();
        let plan = session.read_table(provider).unwrap().create_physical_plan().await.unwrap();
        let mut stream = datafusion::physical_plan::execute_stream(plan, session.task_ctx()).unwrap();
        let mut rows = 0;
        while let Some(batch) = stream.try_next().await.unwrap() {
            rows += batch.num_rows();
        }
        println!("    read, views {views}: {:.1} ns/row", (cpu_seconds() - begun) * 1e9 / rows as f64);
    }
}

/// Writes batches again and again in one task, and prints the processor time it took.
async fn time_writing(what: &str, batches: &[RecordBatch], rounds: usize, compression: Compression) {
    let (_guard, table) = local();
    let options = WriterOptions { compression, ..WriterOptions::of(batches[0].schema()) };
    reset_peak();
    let (before, begun) = (peak_mib(), cpu_seconds());
    let mut writer = DataFileWriter::new(table.directory(), options).unwrap();
    for _ in 0..rounds {
        for batch in batches {
            writer.write(batch).await.unwrap();
        }
    }
    let files = writer.finish().await.unwrap();
    let seconds = cpu_seconds() - begun;
    let rows: u64 = files.iter().map(|file| file.num_records).sum();
    let size: u64 = files.iter().map(|file| file.size).sum();
    let memory = (batches.iter().map(RecordBatch::get_array_memory_size).sum::<usize>() * rounds) as f64;
    println!(
        "{what:16} {:8.0} krows/s {:7.1} ns/row {:6.0} MB/s of Arrow, {:5.1} bytes/row, {} files",
        rows as f64 / seconds / 1e3,
        seconds * 1e9 / rows as f64,
        memory / seconds / 1e6,
        size as f64 / rows as f64,
        files.len()
    );
    if what.starts_with("all") {
        println!("    peak memory of this writer: {} MiB", peak_mib() - before);
        time_reading(&table, &files, stored(&batches[0].schema()).unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "figures"]
async fn figures_of_writing() {
    let mut random = StdRng::seed_from_u64(7);
    let all: Vec<Vec<_>> = (0..64).map(|_| event_columns(8192, &mut random)).collect();
    let of = |wanted: &dyn Fn(&str) -> bool| -> Vec<RecordBatch> {
        all.iter()
            .map(|columns| {
                let chosen = columns
                    .iter()
                    .filter(|(name, _)| wanted(name))
                    .map(|(name, array)| (*name, array.clone(), true));
                RecordBatch::try_from_iter_with_nullable(chosen).unwrap()
            })
            .collect()
    };
    for (name, _) in &all[0] {
        time_writing(name, &of(&|column| column == *name), 2, Compression::SNAPPY).await;
    }
    let row = of(&|_| true);
    time_writing("all, once to warm", &row, 1, Compression::SNAPPY).await;
    time_writing("all, snappy", &row, 4, Compression::SNAPPY).await;
    time_writing("all, zstd 1", &row, 2, Compression::ZSTD(parquet::basic::ZstdLevel::try_new(1).unwrap()))
        .await;
    time_writing("all, lz4", &row, 2, Compression::LZ4_RAW).await;
    time_writing("all, none", &row, 2, Compression::UNCOMPRESSED).await;
}

/// Leaves a table of event-like rows at `FIGURES_TABLE`, to be read by other readers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for other readers"]
async fn event_table_for_other_readers() {
    let table = Table::at(directory(&std::env::var("FIGURES_TABLE").unwrap()));
    let mut random = StdRng::seed_from_u64(7);
    for batch in 0..3 {
        let columns = event_columns(50_000, &mut random).into_iter().map(|(name, array)| (name, array, true));
        let rows = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        commit(&table, request(&table, "a", batch, &rows).await).await.unwrap();
        let plain =
            arrow::compute::cast(rows.column_by_name("few_dictionary").unwrap(), &DataType::Utf8).unwrap();
        let sum: i64 =
            rows.column_by_name("int_small").unwrap().as_primitive::<Int64Type>().values().iter().sum();
        println!(
            "{batch}: sum of int_small {sum}, first of few_dictionary {}",
            plain.as_string::<i32>().value(0)
        );
    }
    checkpoint_log(&table, 2).await.unwrap();
}
