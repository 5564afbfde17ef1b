//! A damaged log is refused, and the damage is named.

use model::{Classify as _, ErrorKind};

use super::*;

/// Damages the newest of five commits and says what opening the table then comes to.
async fn refusal(damage: impl Fn(&[u8]) -> Vec<u8>, version: u64) -> DeltaError {
    let (_guard, table) = local();
    for batch in 0..5 {
        append(&table, "a", batch, 0..1).await;
    }
    let path = raw_log(&table).join(format!("{version:020}.json"));
    let sound = std::fs::read(&path).unwrap();
    std::fs::write(&path, damage(&sound)).unwrap();
    table.snapshot().await.expect_err("the damage went unnoticed")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_damage_to_the_newest_commits_is_refused() {
    let line_end = |bytes: &[u8], lines: usize| {
        let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
        bytes[..=ends.nth(lines - 1).unwrap()].to_vec()
    };
    type Damage<'a> = (&'a str, Box<dyn Fn(&[u8]) -> Vec<u8>>);
    let kinds: Vec<Damage<'_>> = vec![
        ("is empty", Box::new(|_| Vec::new())),
        ("nothing but zero bytes", Box::new(|bytes| vec![0; bytes.len()])),
        ("breaks off or is garbled in line 3", Box::new(|bytes| bytes[..bytes.len() - 20].to_vec())),
        ("holds 2 actions where 3 were written", Box::new(move |bytes| line_end(bytes, 2))),
        ("holds 1 actions where 3 were written", Box::new(move |bytes| line_end(bytes, 1))),
        ("breaks off in its last line", Box::new(|bytes| bytes[..bytes.len() - 1].to_vec())),
        ("holds no action", Box::new(|_| b"\n\n".to_vec())),
        ("garbled in line 1", Box::new(|bytes| [&[0; 16], &bytes[16..]].concat())),
        ("garbled in line 3", Box::new(|bytes| [&bytes[..bytes.len() - 16], &[0; 16]].concat())),
    ];
    for (reason, damage) in kinds {
        for version in [4, 3] {
            let error = refusal(&damage, version).await;
            assert!(error.to_string().contains(reason), "version {version}, {reason}: {error}");
            assert!(error.to_string().contains(&format!("{version:020}.json")), "{error}");
            assert_eq!(error.kind(), ErrorKind::Internal);
            assert!(error.hint().unwrap().contains("aside"));
        }
    }
    // An older one that is empty is found by its size alone.
    assert!(refusal(|_| Vec::new(), 1).await.to_string().contains("is empty"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_does_not_build_on_a_damaged_one() {
    let (_guard, table) = local();
    append(&table, "a", 0, 0..1).await;
    let base = table.snapshot().await.unwrap();
    append(&table, "a", 1, 1..2).await;
    std::fs::write(raw_log(&table).join(format!("{:020}.json", 1)), "").unwrap();
    let mut request = request(&table, "a", 2, &rows(2..3)).await;
    request.base = base;
    assert!(matches!(commit(&table, request).await.unwrap_err(), DeltaError::Damaged { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_without_a_last_line_break_is_another_writers_habit() {
    let (_guard, table) = local();
    append(&table, "a", 0, 0..1).await;
    let foreign = r#"{"commitInfo":{"timestamp":5,"operation":"WRITE"}}
{"txn":{"appId":"z","version":9}}"#;
    std::fs::write(raw_log(&table).join(format!("{:020}.json", 1)), foreign).unwrap();
    let snapshot = table.snapshot().await.unwrap().unwrap();
    assert_eq!((snapshot.version(), snapshot.timestamp_ms()), (1, 5));
    assert_eq!(snapshot.txn_version("z").await.unwrap(), Some(9));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_in_the_log_is_refused() {
    let (_guard, table) = local();
    for batch in 0..5 {
        append(&table, "a", batch, 0..1).await;
    }
    std::fs::remove_file(raw_log(&table).join(format!("{:020}.json", 3))).unwrap();
    assert!(table.snapshot().await.is_err());
    let gone = table.log().latest_from(3).await;
    assert_eq!(gone.unwrap(), 4);
    std::fs::remove_file(raw_log(&table).join(format!("{:020}.json", 4))).unwrap();
    let gone = table.log().latest_from(4).await.unwrap_err();
    assert!(
        matches!(gone, DeltaError::VersionGone { version: 4, earliest: Some(0), latest: Some(2), .. }),
        "{gone}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_checkpoint_is_refused_and_can_be_mended() {
    let (_guard, table) = local();
    for batch in 0..5 {
        append(&table, "a", batch, batch as i64..batch as i64 + 1).await;
    }
    checkpoint_log(&table, 3).await.unwrap();
    let checkpoint = raw_log(&table).join(format!("{:020}.checkpoint.parquet", 3));
    let sound = std::fs::read(&checkpoint).unwrap();
    for bytes in [&[][..], &sound[..sound.len() / 2], &vec![0; sound.len()]] {
        std::fs::write(&checkpoint, bytes).unwrap();
        let error = table.snapshot().await.unwrap_err();
        assert!(
            matches!(&error, DeltaError::Damaged { file, .. } if file.contains(".checkpoint")),
            "{error}"
        );
        assert!(error.hint().unwrap().contains("_last_checkpoint aside"));
    }
    std::fs::remove_file(&checkpoint).unwrap();
    let error = table.snapshot().await.unwrap_err();
    assert!(matches!(&error, DeltaError::Damaged { file, .. } if file == "_last_checkpoint"), "{error}");
    // What the hint tells to do mends it.
    std::fs::remove_file(raw_log(&table).join("_last_checkpoint")).unwrap();
    assert_eq!(table.snapshot().await.unwrap().unwrap().txn_version("a").await.unwrap(), Some(4));
    assert_eq!(ids(&table).await, [0, 1, 2, 3, 4]);
}
