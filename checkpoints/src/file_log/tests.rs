use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use model::{Classify, ErrorKind};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use storage::{Durability, Location, Stores};

use super::*;
use crate::testing::Failing;

fn memory() -> Directory {
    Stores::new(Durability::None).directory(&Location::parse("memory://m/sources/0").unwrap()).unwrap()
}

fn local(path: &std::path::Path) -> Directory {
    Stores::new(Durability::None).directory(&Location::parse(path.to_str().unwrap()).unwrap()).unwrap()
}

fn file(n: u64, batch: u64) -> FileEntry {
    let path = format!("file:///landing/year=2013/month={:02}/flights-ü \"{n:08}\".ndjson", n % 12);
    FileEntry { path, timestamp: 1_700_000_000_000 + n as i64, batch_id: batch, size: n * 7 }
}

fn files(batch: u64, count: u64) -> Vec<FileEntry> {
    (0..count).map(|n| file(batch * 1000 + n, batch)).collect()
}

async fn open(dir: &Directory, up_to: u64) -> FileLog {
    FileLog::open(dir.clone(), Some(BatchId(up_to))).await.unwrap()
}

/// A log must say of every file what a plain map says.
async fn compare(log: &FileLog, expected: &BTreeMap<u64, Vec<FileEntry>>) {
    let total = expected.values().map(Vec::len).sum::<usize>();
    assert_eq!((log.len(), log.newest()), (total, expected.keys().next_back().map(|n| BatchId(*n))));
    for (batch, files) in expected {
        let mut found = log.files_of(BatchId(*batch)).await.unwrap();
        found.sort_by(|a, b| a.path.cmp(&b.path));
        let mut files = files.clone();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        assert_eq!(found, files, "batch {batch}");
    }
    let newest =
        expected.values().flatten().map(|file| (&file.path, file.version())).collect::<BTreeMap<_, _>>();
    for (path, version) in newest {
        assert_eq!(log.find(path), Some(version), "{path}");
    }
    assert!(!log.contains(&file(999_999, 0).path));
    let middle = log.newest().map_or(0, |newest| newest.0 / 2);
    let up_to = log.files_up_to(BatchId(middle)).await.unwrap();
    assert_eq!(up_to.len(), expected.range(..=middle).map(|(_, files)| files.len()).sum::<usize>());
    assert!(up_to.is_sorted_by_key(|file| file.batch_id));
}

async fn conformance(dir: Directory) {
    let mut log = FileLog::open(dir.clone(), None).await.unwrap();
    assert!(log.is_empty() && log.newest().is_none() && !log.contains("x"));
    let mut expected = BTreeMap::new();
    for batch in 0..37 {
        // Every ninth batch has no files; every fifth reads some files again that were changed meanwhile.
        let mut new = files(batch, if batch % 9 == 3 { 0 } else { 20 });
        if batch % 5 == 4 {
            new.extend((0..5).map(|n| FileEntry { size: 1, ..file((batch - 4) * 1000 + n, batch) }));
        }
        log.add(BatchId(batch), new.clone()).await.unwrap();
        expected.insert(batch, new);
        log.compact().await.unwrap();
        compare(&log, &expected).await;
        log = open(&dir, batch).await;
        compare(&log, &expected).await;
    }
    let names: Vec<_> = dir.names().await.unwrap().into_iter().collect();
    assert_eq!(names, ["29.compact", "30", "31", "32", "33", "34", "35", "36"]);
}

#[tokio::test]
async fn every_store_keeps_a_log() {
    let root = tempfile::tempdir().unwrap();
    conformance(local(&root.path().join("sources/0"))).await;
    conformance(memory()).await;
}

#[tokio::test]
async fn a_line_is_what_spark_writes_and_more() {
    let dir = memory();
    let mut log = FileLog::open(dir.clone(), None).await.unwrap();
    let entry = FileEntry { path: "file:///a\n\"b\"".into(), timestamp: 12, batch_id: 0, size: 3 };
    log.add(BatchId(0), vec![entry.clone()]).await.unwrap();
    let text =
        "v1\n{\"path\":\"file:///a\\n\\\"b\\\"\",\"timestamp\":12,\"batchId\":0,\"size\":3,\"count\":1}\n";
    assert_eq!(dir.read("0").await.unwrap().unwrap(), text);
    assert_eq!(open(&dir, 0).await.files_of(BatchId(0)).await.unwrap(), [entry]);
}

#[tokio::test]
async fn a_batch_that_was_never_begun_is_not_in_the_log() {
    let dir = memory();
    let mut log = FileLog::open(dir.clone(), None).await.unwrap();
    log.add(BatchId(0), files(0, 3)).await.unwrap();
    let mut log = FileLog::open(dir.clone(), None).await.unwrap();
    assert!(log.is_empty());
    log.add(BatchId(0), files(7, 2)).await.unwrap();
    log.add(BatchId(1), files(1, 2)).await.unwrap();
    let log = open(&dir, 0).await;
    assert!(log.contains(&files(7, 1)[0].path));
    assert!(!log.contains(&files(0, 1)[0].path) && !log.contains(&files(1, 1)[0].path));
    assert!(open(&dir, 1).await.contains(&files(1, 1)[0].path));
}

#[tokio::test]
async fn batches_come_one_after_the_other() {
    let mut log = FileLog::open(memory(), None).await.unwrap();
    log.add(BatchId(4), files(4, 1)).await.unwrap();
    log.add(BatchId(4), files(4, 1)).await.unwrap_err();
    log.add(BatchId(6), files(6, 1)).await.unwrap_err();
    log.add(BatchId(5), files(5, 1)).await.unwrap();
}

#[tokio::test]
async fn a_source_may_come_in_late() {
    let dir = memory();
    let mut log = FileLog::open(dir.clone(), None).await.unwrap();
    log.add(BatchId(4), files(4, 1)).await.unwrap();
    // Cut off before the batch was begun, whatever the caller takes for the newest one that was.
    for begun in [None, Some(BatchId(3))] {
        assert!(FileLog::open(dir.clone(), begun).await.unwrap().is_empty());
    }
    let log = open(&dir, 4).await;
    assert_eq!(log.files_of(BatchId(4)).await.unwrap(), files(4, 1));
    assert_eq!(log.files_up_to(BatchId(9)).await.unwrap(), files(4, 1));
    dir.delete("3.compact").await.unwrap();
    FileLog::open(dir, Some(BatchId(4))).await.unwrap_err();
}

async fn filled(dir: &Directory, batches: u64) -> FileLog {
    let mut log = FileLog::open(dir.clone(), None).await.unwrap();
    for batch in 0..batches {
        log.add(BatchId(batch), files(batch, 3)).await.unwrap();
        log.compact().await.unwrap();
    }
    log
}

#[tokio::test]
async fn damage_is_refused_by_name() {
    let full = memory();
    filled(&full, 14).await;
    let small = full.read("12").await.unwrap().unwrap();
    let compact = full.read("9.compact").await.unwrap().unwrap();
    let third = small.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(2).unwrap().0;
    let other = String::from_utf8(small.to_vec()).unwrap().replace("\"batchId\":12", "\"batchId\":11");
    let cases: Vec<(&str, Option<Bytes>, &str)> = vec![
        ("12", Some(Bytes::new()), "empty"),
        ("12", Some(small.slice(..small.len() - 9)), "cut off"),
        ("12", Some(small.slice(..=third)), "2 lines and should have 3"),
        ("12", Some(vec![0; 4096].into()), "zero bytes"),
        ("12", Some("v2\n".into()), "unknown version"),
        ("12", Some(other.into()), "batch 11"),
        ("12", None, "missing although batch 13"),
        ("13", None, "missing although batch 13"),
        ("10", None, "missing although batch 13"),
        ("9.compact", None, "missing"),
        ("9.compact", Some(Bytes::new()), ""),
        ("9.compact", Some(compact.slice(..compact.len() - 30)), ""),
        ("9.compact", Some(compact.slice(compact.len() / 2..)), ""),
        ("9.compact", Some(vec![0; compact.len()].into()), ""),
    ];
    for (name, content, words) in cases {
        let dir = memory();
        filled(&dir, 14).await;
        match content {
            Some(content) => dir.write(name, content).await.unwrap(),
            None => dir.delete(name).await.unwrap(),
        }
        let Err(error) = FileLog::open(dir, Some(BatchId(13))).await else {
            panic!("{name}: {words}: taken")
        };
        let named = error.to_string().contains(&format!("sources/0/{name}"))
            || name == "9.compact" && words == "missing";
        assert!(named && error.to_string().contains(words), "{name}: {words}: {error}");
        assert_eq!(error.kind(), ErrorKind::User);
    }
    let ahead = FileLog::open(full.clone(), Some(BatchId(8))).await.unwrap_err().to_string();
    assert!(ahead.contains("9.compact") && ahead.contains("not begun"), "{ahead}");
    FileLog::open(full, None).await.unwrap_err();
    FileLog::open(memory(), Some(BatchId(3))).await.unwrap_err();
}

/// A run is cut off at every write and deletion in turn; the next one must find a log that says the same.
#[tokio::test]
async fn a_crash_at_any_change_is_harmless() {
    let mut crashes = 0;
    for change in 0.. {
        let failing = Failing::default();
        let wrapper = failing.clone();
        let stores = Stores::new(Durability::None).wrapped_by(Arc::new(move |store| wrapper.round(store)));
        let dir = stores.directory(&Location::parse("memory://m/sources/0").unwrap()).unwrap();
        failing.crash_at(Some(change));
        let mut expected: BTreeMap<u64, Vec<FileEntry>> = BTreeMap::new();
        let mut log = FileLog::open(dir.clone(), None).await.unwrap();
        let mut crashed = false;
        for batch in 0..23 {
            let new = files(batch, 4);
            let up_to = batch.checked_sub(1).map(BatchId);
            if log.add(BatchId(batch), new.clone()).await.is_err() {
                (crashed, log) = restart(&failing, &dir, up_to).await;
                compare(&log, &expected).await;
                log.add(BatchId(batch), new.clone()).await.unwrap();
            }
            expected.insert(batch, new);
            if log.compact().await.is_err() {
                (crashed, log) = restart(&failing, &dir, Some(BatchId(batch))).await;
            }
            compare(&log, &expected).await;
        }
        compare(&open(&dir, 22).await, &expected).await;
        // What a crash left behind goes with the next compaction.
        failing.crash_at(None);
        let mut batch = 22;
        while !log.batches.is_empty() {
            batch += 1;
            log.add(BatchId(batch), files(batch, 4)).await.unwrap();
            log.compact().await.unwrap();
        }
        let names = dir.names().await.unwrap().into_iter().collect::<Vec<_>>();
        assert_eq!(names, [compact_name(batch)], "after a crash at change {change}");
        crashes += u32::from(crashed);
        if !crashed {
            break;
        }
    }
    // 23 batches, two compactions, and what they remove.
    assert!(crashes > 40, "{crashes} crashes");
}

async fn restart(failing: &Failing, dir: &Directory, up_to: Option<BatchId>) -> (bool, FileLog) {
    failing.crash_at(None);
    (true, FileLog::open(dir.clone(), up_to).await.unwrap())
}

#[tokio::test]
async fn a_big_log_is_rewritten_seldom() {
    let dir = memory();
    let mut log = FileLog::open(dir.clone(), None).await.unwrap();
    log.add(BatchId(0), (0..20_000).map(|n| file(n, 0)).collect()).await.unwrap();
    log.compact().await.unwrap();
    let mut rewritten = Vec::new();
    for batch in 1..250 {
        log.add(BatchId(batch), vec![file(100_000 + batch, batch)]).await.unwrap();
        log.compact().await.unwrap();
        rewritten.extend(log.batches.is_empty().then_some(batch));
    }
    assert_eq!(rewritten, [100, 200]);
    assert_eq!(open(&dir, 249).await.len(), 20_249);
}

#[tokio::test]
async fn merging_equals_sorting() {
    let seed: u64 = rand::random();
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let dir = memory();
    let mut old = None;
    let mut all = Vec::new();
    for batch in 0..6 {
        let count = random.random_range(0..300);
        let new: Vec<_> = (0..count).map(|_| file(random.random_range(0..500), batch)).collect();
        all.extend(new.iter().cloned());
        old = Some(compact::merge(&dir, "x", old, new.into_iter().map(Row::from).collect()).unwrap());
        let rows = compact::rows(&dir, "x", old.clone().unwrap()).unwrap();
        let rows: Vec<_> = rows.map(|row| row.unwrap().entry(&dir, "x").unwrap()).collect();
        all.sort_by_key(|file| (entry::hash(&file.path), file.batch_id));
        assert_eq!(rows, all);
    }
}

fn rss_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// Not a check but a measurement, in three processes so that each has its own peak:
/// `cargo test --release -p lakesmith-checkpoints --lib measure -- --ignored --nocapture --exact file_log::tests::measure_fill`.
#[tokio::test]
#[ignore = "a measurement"]
async fn measure_fill() {
    let dir = local(&std::env::temp_dir().join("lakesmith-measure-log"));
    let mut log = FileLog::open(dir.clone(), None).await.unwrap();
    let start = Instant::now();
    log.add(BatchId(0), (0..1_000_000).map(|n| file(n, 0)).collect()).await.unwrap();
    eprintln!("add of 1,000,000 files: {:?}", start.elapsed());
    let start = Instant::now();
    log.compact().await.unwrap();
    eprintln!("first compaction: {:?}, {:?} bytes", start.elapsed(), dir.size("0.compact").await.unwrap());
    for batch in 1..=100 {
        log.add(BatchId(batch), files(10_000 + batch, 10)).await.unwrap();
    }
    let start = Instant::now();
    log.compact().await.unwrap();
    eprintln!("compaction of 100 small batches into it: {:?}, peak {} MB", start.elapsed(), rss_mb());
    for batch in 101..=105 {
        log.add(BatchId(batch), files(10_000 + batch, 10)).await.unwrap();
    }
}

#[tokio::test]
#[ignore = "a measurement"]
async fn measure_open() {
    let dir = local(&std::env::temp_dir().join("lakesmith-measure-log"));
    let before = rss_mb();
    for _ in 0..3 {
        let start = Instant::now();
        let log = open(&dir, 105).await;
        eprintln!(
            "open of {} files: {:?}, peak {} MB, before {before} MB",
            log.len(),
            start.elapsed(),
            rss_mb()
        );
    }
    let log = open(&dir, 105).await;
    let paths: Vec<String> = (0..1_000_000).map(|n| file(n, 0).path).collect();
    let start = Instant::now();
    assert!(paths.iter().all(|path| log.contains(path)));
    eprintln!("1,000,000 look-ups: {:?}", start.elapsed());
    let start = Instant::now();
    assert_eq!(log.files_up_to(BatchId(105)).await.unwrap().len(), log.len());
    eprintln!("files_up_to: {:?}", start.elapsed());
}

#[tokio::test]
#[ignore = "a measurement"]
async fn measure_small() {
    let root = tempfile::tempdir().unwrap();
    let dir = local(root.path());
    filled(&dir, 9).await;
    for _ in 0..5 {
        let start = Instant::now();
        let log = open(&dir, 8).await;
        eprintln!("open of {} small batches: {:?}", log.batches.len(), start.elapsed());
    }
}
