//! What every file format promises, tried on each of them.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use futures::StreamExt;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::chunks::Limits;
use super::*;

/// Options from pairs.
pub(super) fn options(given: &[(&str, &str)]) -> Options {
    let given: BTreeMap<_, _> = given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Options::new(&given)
}

/// A file of these bytes in memory, which a store serves piece by piece.
pub(super) async fn file(name: &str, bytes: impl Into<Vec<u8>>) -> Arc<SourceFile> {
    in_store(Arc::new(InMemory::new()), ObjectPath::from(name), name, bytes.into()).await
}

async fn in_store(
    store: Arc<dyn ObjectStore>,
    path: ObjectPath,
    name: &str,
    bytes: Vec<u8>,
) -> Arc<SourceFile> {
    store.put(&path, Bytes::from(bytes).into()).await.unwrap();
    let meta = store.head(&path).await.unwrap();
    Arc::new(SourceFile { store, meta, display: name.into() })
}

/// What a file became.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) rows: Vec<String>,
    pub(super) rejects: Vec<Reject>,
    pub(super) error: Option<String>,
}

/// Reads and decodes the whole file.
pub(super) async fn outcome(format: &dyn FileFormat, file: Arc<SourceFile>, schema: &SchemaRef) -> Outcome {
    let mut decoder = format.decoder(schema.clone()).unwrap();
    let mut outcome = Outcome { rows: Vec::new(), rejects: Vec::new(), error: None };
    let mut batches = Vec::new();
    let mut chunks = format.open(file).await.unwrap();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => {
                let decoded = decoder.decode(&chunk).unwrap();
                outcome.rejects.extend(decoded.rejects);
                batches.push(decoded.batch);
            }
            Err(error) => outcome.error = Some(error.to_string()),
        }
    }
    if let Some(first) = batches.first() {
        outcome.rows = texts(&concat_batches(&first.schema(), &batches).unwrap());
    }
    outcome
}

/// Each row as text; NULL is `~`.
pub(super) fn texts(rows: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::default().with_null("~");
    let columns: Vec<_> =
        rows.columns().iter().map(|c| ArrayFormatter::try_new(c, &options).unwrap()).collect();
    let row = |row| columns.iter().map(|c| c.value(row).to_string()).collect::<Vec<_>>().join("|");
    (0..rows.num_rows()).map(row).collect()
}

pub(super) fn schema(ddl: &[(&str, DataType)]) -> SchemaRef {
    Arc::new(Schema::new(
        ddl.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>(),
    ))
}

/// A format of text with a sample of its kind and a schema for it.
struct Subject {
    name: &'static str,
    make: fn(Limits) -> Arc<dyn FileFormat>,
    sample: &'static str,
    rows: usize,
    rejects: usize,
}

fn csv(given: &[(&str, &str)], limits: Limits) -> Arc<dyn FileFormat> {
    let mut format = Csv::new(&options(given), b',').unwrap();
    format.limits = limits;
    Arc::new(format)
}

fn subjects() -> Vec<Subject> {
    let quoted = "a,b\n1,\"x\n y\"\n2,\"\"\"q\"\" \\\"\"\nx,\"z\"w\n,\n3\n4,five,six\n\n5,\"\r\n\"\n";
    vec![
        Subject {
            name: "json",
            make: |limits| {
                let mut format = Ndjson::new(&options(&[])).unwrap();
                format.limits = limits;
                Arc::new(format)
            },
            sample: "{\"a\":1,\"b\":\"x\"}\n{\"a\":\"two\",\"b\":2,\"c\":[1]}\n\n{bad\n{\"b\":\"\\u00e9\\n\"}\n  {} \n",
            rows: 4,
            rejects: 1,
        },
        Subject {
            name: "csv",
            make: |limits| csv(&[], limits),
            sample: "a,b\n1,x\n\"2\",\"y,z\"\nthree,\"\"\n4,\"open\n5\n6,7,8,é\n\n,\n",
            rows: 6,
            rejects: 1,
        },
        Subject {
            name: "csv with line breaks",
            make: |limits| csv(&[("multiLine", "true")], limits),
            sample: quoted,
            rows: 7,
            rejects: 0,
        },
        Subject {
            name: "csv without header",
            make: |limits| csv(&[("header", "false"), ("comment", "#")], limits),
            sample: "1,x\n# no record, \"\n2,y\n",
            rows: 2,
            rejects: 0,
        },
    ]
}

fn two_columns() -> SchemaRef {
    schema(&[("a", DataType::Int64), ("b", DataType::Utf8)])
}

async fn read(subject: &Subject, limits: Limits, bytes: impl Into<Vec<u8>>) -> Outcome {
    outcome((subject.make)(limits).as_ref(), file("f", bytes).await, &two_columns()).await
}

fn chunks_of(chunk: usize) -> Limits {
    Limits { chunk, ..Limits::default() }
}

#[tokio::test]
async fn each_record_ends_in_one_place() {
    for subject in subjects() {
        let whole = read(&subject, Limits::default(), subject.sample).await;
        assert_eq!((whole.rows.len(), whole.rejects.len()), (subject.rows, subject.rejects), "{whole:#?}");
        assert_eq!(whole.error, None);
    }
}

#[tokio::test]
async fn chunk_borders_change_nothing() {
    for subject in subjects() {
        let whole = read(&subject, Limits::default(), subject.sample).await;
        for chunk in 1..=subject.sample.len() + 1 {
            assert_eq!(
                read(&subject, chunks_of(chunk), subject.sample).await,
                whole,
                "{} {chunk}",
                subject.name
            );
        }
    }
}

#[tokio::test]
async fn line_ends_marks_and_a_missing_last_break_change_no_row() {
    for subject in subjects() {
        let whole = read(&subject, Limits::default(), subject.sample).await;
        let marked = read(&subject, Limits::default(), format!("\u{feff}{}", subject.sample)).await;
        assert_eq!(marked.rows, whole.rows, "{}", subject.name);
        let cut = read(&subject, Limits::default(), subject.sample.trim_end_matches('\n')).await;
        assert_eq!((cut.rows, cut.rejects), (whole.rows.clone(), whole.rejects.clone()), "{}", subject.name);
        if !subject.name.contains("line breaks") {
            let windows = read(&subject, Limits::default(), subject.sample.replace('\n', "\r\n")).await;
            assert_eq!(windows.rows, whole.rows, "{}", subject.name);
            assert_eq!(windows.rejects.len(), whole.rejects.len(), "{}", subject.name);
        }
    }
}

#[tokio::test]
async fn an_empty_file_holds_nothing() {
    for subject in subjects() {
        for text in ["", "\n", "\u{feff}", "\r\n\n"] {
            let found = read(&subject, Limits::default(), text).await;
            assert_eq!(
                found,
                Outcome { rows: vec![], rejects: vec![], error: None },
                "{} {text:?}",
                subject.name
            );
        }
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn compressed_is_as_plain() {
    for subject in subjects() {
        let text = subject.sample.as_bytes();
        let whole = read(&subject, Limits::default(), text).await;
        let (front, back) = text.split_at(text.len() / 2);
        let members = [gzip(front), gzip(back)].concat();
        let frames = [zstd::encode_all(front, 1).unwrap(), zstd::encode_all(back, 1).unwrap()].concat();
        for (stored, limits) in [(members, chunks_of(3)), (frames, Limits::default())] {
            assert_eq!(read(&subject, limits, stored).await, whole, "{}", subject.name);
        }
    }
}

#[tokio::test]
async fn a_cut_archive_gives_what_is_whole_and_then_names_the_place() {
    let subject = &subjects()[0];
    let mut rng = StdRng::seed_from_u64(1);
    let text: String = (0..20_000).map(|_| format!("{{\"a\":{}}}\n", rng.random::<i64>())).collect();
    for stored in [gzip(text.as_bytes()), zstd::encode_all(text.as_bytes(), 1).unwrap()] {
        let cut = &stored[..stored.len() * 2 / 3];
        let found = read(subject, chunks_of(1000), cut).await;
        let error = found.error.unwrap();
        let place: usize =
            error.split("byte ").nth(1).and_then(|rest| rest.split(':').next()).unwrap().parse().unwrap();
        assert!(error.contains("cut off"), "{error}");
        assert!(place > text.len() / 3 && place < text.len(), "{error}");
        let whole = text[..place].matches('\n').count();
        assert_eq!(
            (found.rows.len(), found.rejects.len()),
            (whole, 0),
            "what stood before the place is kept"
        );
    }
    let mut damaged = gzip(text.as_bytes());
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0);
    assert!(read(subject, Limits::default(), damaged).await.error.unwrap().contains("gzip"));
}

#[tokio::test]
async fn an_archive_that_expands_without_end_is_stopped() {
    let subject = &subjects()[0];
    let bomb = zstd::encode_all("{}\n".repeat(24 << 20).as_bytes(), 1).unwrap();
    let found = read(subject, Limits::default(), bomb).await;
    assert!(found.error.unwrap().contains("200 times"));
    let limits = Limits { expanded: 1000, chunk: 100, ..Limits::default() };
    let found = read(subject, limits, gzip("{}\n".repeat(1000).as_bytes())).await;
    assert!(found.error.unwrap().contains("1000 B"));
    assert!((300..=400).contains(&found.rows.len()), "{}", found.rows.len());
}

#[tokio::test]
async fn records_beyond_the_limit_are_rejected_wherever_chunks_end() {
    for subject in subjects() {
        let long = format!("{0}{{\"a\":7,\"b\":\"{1}\"}}\n{0}", subject.sample, "x".repeat(90));
        let limits = Limits { record: 40, ..Limits::default() };
        let whole = read(&subject, limits, long.as_str()).await;
        let rejected = whole.rejects.iter().filter(|reject| reject.reason.contains("bytes long")).count();
        assert_eq!(rejected, 1, "{whole:#?}");
        for chunk in 1..long.len() {
            assert_eq!(
                read(&subject, Limits { chunk, ..limits }, long.as_str()).await,
                whole,
                "{}",
                subject.name
            );
        }
    }
}

/// Texts of all that makes CSV and JSON hard, without any order.
#[tokio::test]
async fn random_texts_are_read_alike_in_all_chunks() {
    let seed = rand::random();
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let tokens: [&[u8]; 16] = [
        b"a",
        b"1",
        b",",
        b",",
        b"\"",
        b"\"",
        b"\\",
        b"\n",
        b"\n",
        b"\r\n",
        b"\r",
        b" ",
        "é".as_bytes(),
        b"\xff",
        b"#",
        b"{}",
    ];
    for round in 0..60 {
        let text: Vec<u8> =
            (0..rng.random_range(1..40)).flat_map(|_| tokens.choose(&mut rng).unwrap().to_vec()).collect();
        let text = [b"a,b\n".as_slice(), &text].concat();
        for subject in subjects() {
            let limits = Limits { record: *[12, 1 << 20].choose(&mut rng).unwrap(), ..Limits::default() };
            let whole = read(&subject, limits, text.as_slice()).await;
            for chunk in [1, 2, 3, 5, 8, 13] {
                let found = read(&subject, Limits { chunk, ..limits }, text.as_slice()).await;
                let shown = String::from_utf8_lossy(&text);
                assert_eq!(
                    found, whole,
                    "seed {seed} round {round} {} chunk {chunk} {shown:?}",
                    subject.name
                );
            }
        }
    }
}

#[tokio::test]
async fn a_file_on_disk_reads_like_an_object() {
    let directory = tempfile::tempdir().unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new());
    // Longer than one request to a remote store.
    let text: String = (0..900_000).map(|n| format!("{{\"a\":{n},\"b\":\"x\"}}\n")).collect();
    assert!(text.len() > 16 << 20);
    let path = ObjectPath::from_absolute_path(directory.path().join("f")).unwrap();
    let local = in_store(store, path, "f", text.clone().into_bytes()).await;
    let subject = &subjects()[0];
    let format = (subject.make)(Limits::default());
    let found = outcome(format.as_ref(), local, &two_columns()).await;
    assert_eq!(found.rows.len(), 900_000);
    assert_eq!(found, read(subject, Limits::default(), text).await);
}

#[tokio::test]
async fn a_store_that_fails_is_an_error_of_its_kind() {
    let gone = file("f", "{}\n").await;
    gone.store.delete(&gone.meta.location).await.unwrap();
    let error = Ndjson::new(&options(&[])).unwrap().open(gone).await.err().unwrap();
    assert!(matches!(error, FormatError::Read { .. }), "{error}");
}

#[test]
fn the_format_is_told_from_name_and_ending() {
    let told = |name: Option<&str>, file: &str| {
        format_for(name, file, &options(&[])).map(|format| format!("{format:?}"))
    };
    for (name, file, word) in [
        (None, "x.json", "Ndjson"),
        (None, "/a.b/x.NDJSON.gz", "Ndjson"),
        (None, "x.jsonl.zst", "Ndjson"),
        (None, "x.csv.gz", "Csv"),
        (None, "x.tsv", "separator: 9"),
        (None, "x.snappy.parquet", "Parquet"),
        (Some("CSV"), "x.txt", "Csv"),
    ] {
        let format = told(name, file).unwrap();
        assert!(format.contains(word), "{file}: {format}");
    }
    assert!(matches!(told(None, "x.txt"), Err(FormatError::UnknownFormat { suggestion: None, .. })));
    let mistyped = told(Some("parqet"), "x");
    assert!(
        matches!(mistyped, Err(FormatError::UnknownFormat { suggestion: Some(word), .. }) if word == "parquet")
    );
}
