use std::sync::Arc;

use bytes::Bytes;
use model::{Classify, ErrorKind, Offset};
use storage::{Durability, Location, Stores};

use super::*;
use crate::CommittedAt;

fn memory() -> Directory {
    Stores::new(Durability::None).directory(&Location::parse("memory://m/flow").unwrap()).unwrap()
}

fn flow() -> FlowName {
    "bronze.flights".parse().unwrap()
}

fn intent(batch: u64) -> Intent {
    Intent {
        timestamp_ms: 1_700_000_000_000 + batch as i64,
        offsets: vec![Some(Offset(format!("{{\"logOffset\":{batch}}}"))), None],
        conf: [("spark.sql.session.timeZone".to_owned(), "UTC".to_owned())].into(),
    }
}

fn finished(batch: u64) -> Finished {
    let at = CommittedAt { table_id: "a-b".to_owned(), version: batch + 1 };
    Finished { targets: [("/lake/t".to_owned(), at)].into() }
}

async fn create(dir: &Directory) -> Checkpoint {
    Checkpoint::create(dir.clone(), &flow(), &Definition::default().with("where", "a > 1")).await.unwrap()
}

async fn run(checkpoint: &Checkpoint, batches: std::ops::Range<u64>) {
    for batch in batches {
        checkpoint.begin(BatchId(batch), &intent(batch)).await.unwrap();
        checkpoint.finish(BatchId(batch), &finished(batch)).await.unwrap();
    }
}

async fn conformance(dir: Directory) {
    assert!(Checkpoint::open(dir.clone()).await.unwrap().is_none());
    let made = create(&dir).await;
    assert_eq!(made.progress().await.unwrap(), Progress::default());
    made.begin(BatchId(0), &intent(0)).await.unwrap();
    let opened = Checkpoint::open(dir.clone()).await.unwrap().unwrap();
    assert_eq!(
        (opened.id(), opened.flow(), opened.definition()),
        (made.id(), made.flow(), made.definition())
    );
    let progress = opened.progress().await.unwrap();
    assert_eq!(progress, Progress { begun: Some((BatchId(0), intent(0))), finished: None });
    opened.begin(BatchId(0), &intent(0)).await.unwrap();
    opened.finish(BatchId(0), &finished(0)).await.unwrap();
    opened.finish(BatchId(0), &finished(0)).await.unwrap();
    run(&opened, 1..12).await;
    let progress = opened.progress().await.unwrap();
    assert_eq!(progress.begun, Some((BatchId(11), intent(11))));
    assert_eq!(progress.finished, Some((BatchId(11), finished(11))));
    let conflict = opened.begin(BatchId(11), &intent(12)).await.unwrap_err();
    assert_eq!(conflict.kind(), ErrorKind::Conflict);
    let conflict = Checkpoint::create(dir, &flow(), &Definition::default()).await.unwrap_err();
    assert_eq!(conflict.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn every_store_keeps_a_checkpoint() {
    let root = tempfile::tempdir().unwrap();
    let local = Location::parse(root.path().join("flow").to_str().unwrap()).unwrap();
    conformance(Stores::new(Durability::Full).directory(&local).unwrap()).await;
    conformance(memory()).await;
}

#[tokio::test]
async fn the_files_are_those_that_spark_knows() {
    let dir = memory();
    let checkpoint = create(&dir).await;
    run(&checkpoint, 0..1).await;
    let read = async |name: &str| String::from_utf8(dir.read(name).await.unwrap().unwrap().to_vec()).unwrap();
    let id = checkpoint.id();
    let ours = r#""lakesmith":{"version":1,"flow":"bronze.flights","definition":{"where":"a > 1"}}"#;
    assert_eq!(read("metadata").await, format!("{{\"id\":\"{id}\",{ours}}}\n"));
    let offsets = r#"v1
{"batchWatermarkMs":0,"batchTimestampMs":1700000000000,"conf":{"spark.sql.session.timeZone":"UTC"},"lakesmith":{"sources":2}}
{"logOffset":0}
-
"#;
    assert_eq!(read("offsets/0").await, offsets);
    let commits = r#"v1
{"nextBatchWatermarkMs":0,"lakesmith":{"target":{"/lake/t":{"tableId":"a-b","version":1}}}}
"#;
    assert_eq!(read("commits/0").await, commits);
}

#[tokio::test]
async fn the_last_hundred_batches_are_kept() {
    let dir = memory();
    let checkpoint = create(&dir).await;
    run(&checkpoint, 0..250).await;
    for kept in ["offsets", "commits"] {
        let names = batches(&dir.child(kept).names().await.unwrap());
        assert_eq!((names.len(), names.first(), names.last()), (100, Some(&150), Some(&249)));
    }
    assert_eq!(checkpoint.intent(BatchId(150)).await.unwrap(), intent(150));
    // An old one whose removal a power cut has undone is no gap.
    dir.write("offsets/149", "v1\n".into()).await.unwrap();
    dir.write("offsets/7", "v1\n".into()).await.unwrap();
    checkpoint.progress().await.unwrap();
    dir.delete("offsets/160").await.unwrap();
    checkpoint.progress().await.unwrap_err();
}

#[tokio::test]
async fn damage_is_refused_by_name() {
    let torn = intent(3).encode(&memory(), "3").unwrap();
    let line_end = torn.iter().position(|byte| *byte == b'-').unwrap();
    let cases: Vec<(&str, Option<Bytes>, &str)> = vec![
        ("offsets/3", Some(Bytes::new()), "empty"),
        ("offsets/3", Some(torn.slice(..20)), "cut off"),
        ("offsets/3", Some(torn.slice(..1)), "cut off"),
        ("offsets/3", Some(torn.slice(..line_end)), "1 offsets and should have 2"),
        ("offsets/3", Some(vec![0; 100].into()), "zero bytes"),
        ("offsets/3", Some("v2\n{}\n".into()), "unknown version `v2`"),
        ("offsets/3", Some("{}\n".into()), "does not begin with"),
        ("offsets/3", Some("v1\nnonsense\n".into()), "expected"),
        ("offsets/3", None, "commits/3"),
        ("offsets/1", None, "missing although there is offsets/3"),
        ("commits/3", Some("v1\n".into()), "a line is missing"),
        ("commits/2", None, "missing although there is offsets/3"),
        ("commits/0", None, "missing although there is offsets/3"),
        ("metadata", Some("".into()), "empty"),
        ("metadata", Some("{\"id\":".into()), "EOF"),
        ("metadata", None, "missing although there are offsets"),
        ("metadata", Some("{\"id\":\"b4b1d9c8-98a4-4b4c-9e5c-111111111111\"}".into()), "Spark"),
        (
            "metadata",
            Some("{\"id\":\"b4b1d9c8-98a4-4b4c-9e5c-111111111111\",\"lakesmith\":{\"version\":2}}".into()),
            "unknown version `2`",
        ),
    ];
    for (file, content, words) in cases {
        let dir = memory();
        run(&create(&dir).await, 0..4).await;
        match content {
            Some(content) => dir.write(file, content).await.unwrap(),
            None => dir.delete(file).await.unwrap(),
        }
        let answer = async { Checkpoint::open(dir.clone()).await?.unwrap().progress().await }.await;
        let error = answer.expect_err(words);
        let text = error.to_string();
        assert!(text.contains(words) && text.contains(&format!("memory://m/flow/{file}")), "{file}: {text}");
        assert!(error.hint().is_some() && error.kind() == ErrorKind::User);
    }
}

#[tokio::test]
async fn a_definition_changes_only_when_it_may() {
    let dir = memory();
    let mut checkpoint = create(&dir).await;
    let now = Definition::default().with("where", "a > 2");
    let error = checkpoint.check_definition(&now, false).await.unwrap_err();
    let words = "the flow bronze.flights is not the one that its checkpoint belongs to: where was `a > 1` and is now `a > 2`";
    assert_eq!(error.to_string(), words);
    assert!(error.hint().unwrap().contains("--accept-changes"));
    checkpoint.check_definition(&now, true).await.unwrap();
    let id = checkpoint.id();
    let mut again = Checkpoint::open(dir).await.unwrap().unwrap();
    assert_eq!((again.definition(), again.id()), (&now, id));
    again.check_definition(&now, false).await.unwrap();
}

#[tokio::test]
async fn a_store_that_fails_is_an_error_and_the_next_try_goes_on() {
    use crate::testing::Failing;
    let failing = Failing::default();
    let wrapper = failing.clone();
    let stores = Stores::new(Durability::None).wrapped_by(Arc::new(move |store| wrapper.round(store)));
    let dir = stores.directory(&Location::parse("memory://m/flow").unwrap()).unwrap();
    let checkpoint = create(&dir).await;
    for batch in 0..20 {
        failing.fail_before_next_write();
        let error = checkpoint.begin(BatchId(batch), &intent(batch)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transient);
        checkpoint.begin(BatchId(batch), &intent(batch)).await.unwrap();
        // Written, but the writer never hears of it.
        failing.fail_after_next_write();
        checkpoint.finish(BatchId(batch), &finished(batch)).await.unwrap_err();
        checkpoint.finish(BatchId(batch), &finished(batch)).await.unwrap();
    }
    assert_eq!(checkpoint.progress().await.unwrap().finished, Some((BatchId(19), finished(19))));
}

#[tokio::test]
#[ignore = "a measurement"]
async fn measure_start() {
    let root = tempfile::tempdir().unwrap();
    let local = Location::parse(root.path().to_str().unwrap()).unwrap();
    let dir = Stores::new(Durability::None).directory(&local).unwrap();
    run(&create(&dir).await, 0..300).await;
    for _ in 0..5 {
        let start = std::time::Instant::now();
        Checkpoint::open(dir.clone()).await.unwrap().unwrap().progress().await.unwrap();
        eprintln!("open and progress of 300 batches: {:?}", start.elapsed());
    }
    let local = root.path().join("durable");
    let dir =
        Stores::new(Durability::Full).directory(&Location::parse(local.to_str().unwrap()).unwrap()).unwrap();
    let checkpoint = create(&dir).await;
    for batch in 0..3 {
        let start = std::time::Instant::now();
        run(&checkpoint, batch..batch + 1).await;
        eprintln!("begin and finish, durable: {:?}", start.elapsed());
    }
}
