//! Exactly once, whatever others do and whatever the store says.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Classify as _, ErrorKind, OutputMode};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::fault::{Fault, Faulty, Script};
use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_commit_makes_the_table_and_a_repeated_batch_changes_nothing() {
    for (_guard, table) in [
        {
            let (guard, table) = local();
            (Some(guard), table)
        },
        (None, memory()),
    ] {
        assert!(table.snapshot().await.unwrap().is_none());
        let first = append(&table, "a", 0, 0..10).await;
        assert_eq!((first.outcome, first.version), (CommitOutcome::Written, 0));
        let again = append(&table, "a", 0, 0..10).await;
        assert_eq!((again.outcome, again.version), (CommitOutcome::AlreadyWritten, 0));
        assert_eq!(append(&table, "b", 0, 10..20).await.version, 1);
        assert_eq!(append(&table, "a", 1, 20..30).await.version, 2);
        assert_eq!(append(&table, "a", 0, 0..10).await.outcome, CommitOutcome::AlreadyWritten);
        assert_eq!(ids(&table).await, (0..30).collect::<Vec<_>>());
        let snapshot = table.snapshot().await.unwrap().unwrap();
        assert_eq!(snapshot.txn_ids().await.unwrap(), [("a".to_owned(), 1), ("b".to_owned(), 0)]);
        assert_eq!(snapshot.txn_version("a").await.unwrap(), Some(1));
        assert_eq!(snapshot.txn_version("c").await.unwrap(), None);
        assert_eq!(snapshot.table_id(), first.table_id);
        assert_eq!(snapshot.schema(), columns());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_base_serves_batch_after_batch_and_notices_what_others_commit() {
    let (_guard, table) = local();
    let mut base = None;
    for batch in 0..20_u64 {
        if batch % 5 == 3 {
            append(&table, "other", batch, 1000 + batch as i64..1001 + batch as i64).await;
        }
        let mut request = request(&table, "a", batch, &rows(batch as i64..batch as i64 + 1)).await;
        request.base = base;
        let done = commit(&table, request).await.unwrap();
        assert_eq!(done.outcome, CommitOutcome::Written);
        assert_eq!(done.snapshot.version(), table.log().latest().await.unwrap());
        base = Some(done.snapshot);
    }
    assert_eq!(ids(&table).await.len(), 24);
    let stale = table.snapshot().await.unwrap().unwrap();
    append(&table, "a", 20, 20..21).await;
    let fresh = stale.refresh().await.unwrap();
    assert_eq!((fresh.version(), fresh.txn_version("a").await.unwrap()), (stale.version() + 1, Some(20)));
    assert_eq!(fresh.files().try_collect::<Vec<_>>().await.unwrap().len(), 25);
    // A rival that runs the same batch wins: the loser's base does not know it yet.
    let mut late = request(&table, "a", 20, &rows(20..21)).await;
    late.base = Some(stale);
    assert_eq!(commit(&table, late).await.unwrap().outcome, CommitOutcome::AlreadyWritten);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_all_get_in_and_none_twice() {
    let (_guard, table) = local();
    let writers = (0..8).map(|writer| {
        let table = table.clone();
        tokio::spawn(async move {
            for batch in 0..10_i64 {
                let from = writer * 1000 + batch * 10;
                append(&table, &format!("app-{writer}"), batch as u64, from..from + 10).await;
                // Half of the batches are tried twice, as after a crash.
                if batch % 2 == 0 {
                    let again = append(&table, &format!("app-{writer}"), batch as u64, from..from + 10).await;
                    assert_eq!(again.outcome, CommitOutcome::AlreadyWritten);
                }
            }
        })
    });
    futures::future::try_join_all(writers).await.unwrap();
    let expected: Vec<i64> = (0..8).flat_map(|writer| writer * 1000..writer * 1000 + 100).collect();
    assert_eq!(ids(&table).await, expected);
    assert_eq!(table.log().latest().await.unwrap(), 79);
}

/// A table over a store with faults, and the same table over the same bytes without.
fn faulty(script: Script) -> (TempDir, Table, Table) {
    let root = tempfile::tempdir().unwrap();
    let location = Location::parse(&root.path().join("t").to_string_lossy()).unwrap();
    let sound = Stores::new(Durability::None);
    let stores = sound.clone().wrapped_by(Arc::new(move |inner| Faulty::over(inner, script.clone())));
    let [bad, good] = [stores, sound].map(|stores| Table::at(stores.directory(&location).unwrap()));
    (root, bad, good)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_is_found_out_in_the_log() {
    for fault in [Fault::AppliedThenLost, Fault::Lost, Fault::AppliedTwice] {
        let script = Script::default();
        let (_guard, table, sound) = faulty(script.clone());
        for batch in 0..3 {
            script.lock().unwrap().push_back(fault);
            let done = append(&table, "a", batch, batch as i64..batch as i64 + 1).await;
            assert_eq!((done.outcome, done.version), (CommitOutcome::Written, batch), "{fault:?}");
        }
        assert_eq!(ids(&sound).await, [0, 1, 2], "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_faults_among_rivals_lose_nothing_and_double_nothing() {
    let seed = rand::random::<u64>();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let kinds = [Fault::None, Fault::AppliedThenLost, Fault::Lost, Fault::AppliedTwice];
    let script: Script =
        Arc::new(std::sync::Mutex::new((0..400).map(|_| kinds[random.random_range(0..4)]).collect()));
    let (_guard, table, sound) = faulty(script);
    let writers = (0..4).map(|writer| {
        let table = table.clone();
        tokio::spawn(async move {
            for batch in 0..8_i64 {
                let from = writer * 100 + batch;
                let done = append(&table, &format!("app-{writer}"), batch as u64, from..from + 1).await;
                assert_eq!(done.outcome, CommitOutcome::Written);
            }
        })
    });
    futures::future::try_join_all(writers).await.unwrap();
    let expected: Vec<i64> = (0..4).flat_map(|writer| writer * 100..writer * 100 + 8).collect();
    assert_eq!(ids(&sound).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_stays_down_is_a_transient_error_after_the_deadline() {
    let script: Script = Arc::new(std::sync::Mutex::new([Fault::Lost; 1000].into()));
    let (_guard, table, sound) = faulty(script);
    let mut request = request(&table, "a", 0, &rows(0..1)).await;
    request.deadline = Duration::from_millis(300);
    let error = commit(&table, request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transient, "{error}");
    assert!(sound.snapshot().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn complete_replaces_all_rows_and_may_replace_the_columns() {
    let (_guard, table) = local();
    append(&table, "a", 0, 0..10).await;
    append(&table, "a", 1, 10..20).await;
    let mut replace = request(&table, "c", 0, &rows(100..103)).await;
    replace.mode = OutputMode::Complete;
    let done = commit(&table, replace).await.unwrap();
    assert_eq!((done.outcome, done.removed_files), (CommitOutcome::Written, 2));
    assert_eq!(ids(&table).await, [100, 101, 102]);
    let other = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true)]));
    let narrow = RecordBatch::try_new(other.clone(), vec![rows(7..8).column(0).clone()]).unwrap();
    let mut replace = request(&table, "c", 1, &narrow).await;
    replace.mode = OutputMode::Complete;
    assert_eq!(commit(&table, replace).await.unwrap().snapshot.schema(), other);
    assert_eq!(table.snapshot().await.unwrap().unwrap().schema(), other);
    assert_eq!(ids(&table).await, [7]);
    let commit = table.log().read(3).await.unwrap().unwrap();
    assert!(!commit.changes_no_rows() && commit.metadata.is_some() && commit.removes.len() == 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn complete_also_replaces_what_was_appended_while_it_ran() {
    let (_guard, table) = local();
    append(&table, "a", 0, 0..10).await;
    let base = table.snapshot().await.unwrap();
    append(&table, "a", 1, 10..20).await;
    append(&table, "b", 0, 20..30).await;
    let mut replace = request(&table, "c", 0, &rows(100..101)).await;
    (replace.mode, replace.base) = (OutputMode::Complete, base);
    let done = commit(&table, replace).await.unwrap();
    assert_eq!((done.version, done.removed_files), (3, 3));
    assert_eq!(ids(&table).await, [100]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn complete_does_not_replace_an_append_only_table() {
    let (_guard, table) = local();
    let properties = BTreeMap::from([("delta.appendOnly".to_owned(), "true".to_owned())]);
    table.create(&TableDefinition { properties, ..TableDefinition::of(columns()) }).await.unwrap();
    append(&table, "a", 0, 0..1).await;
    let mut replace = request(&table, "c", 0, &rows(1..2)).await;
    replace.mode = OutputMode::Complete;
    let error = commit(&table, replace).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::User);
    assert!(error.to_string().contains("delta.appendOnly") && error.hint().is_some(), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn columns_are_added_only_where_that_is_asked_for() {
    let (_guard, table) = local();
    append(&table, "a", 0, 0..2).await;
    let wider = Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int64, true),
        Field::new("at", DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, None), true),
    ]));
    let times = arrow::array::TimestampMicrosecondArray::from(vec![Some(1_000_001)]);
    let row = RecordBatch::try_new(wider, vec![rows(5..6).column(0).clone(), Arc::new(times)]).unwrap();
    let refused = commit(&table, request(&table, "a", 1, &row).await).await.unwrap_err();
    assert!(refused.to_string().contains("no column `at`"), "{refused}");
    let mut asked = request(&table, "a", 1, &row).await;
    asked.schema_policy = SchemaPolicy::AddColumns;
    let done = commit(&table, asked).await.unwrap();
    assert_eq!(done.snapshot.schema(), table.snapshot().await.unwrap().unwrap().schema());
    let seen = query(&table, "SELECT id, name, CAST(at AS VARCHAR) FROM t ORDER BY id").await;
    let text = arrow::util::pretty::pretty_format_batches(&seen).unwrap().to_string();
    assert!(text.contains("| 0  | name 0 |") && text.contains("1970-01-01T00:00:01.000001"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_was_made_anew_is_not_committed_to_by_mistake() {
    let (_guard, table) = local();
    append(&table, "a", 0, 0..1).await;
    append(&table, "a", 1, 1..2).await;
    let base = table.snapshot().await.unwrap();
    std::fs::remove_dir_all(raw_log(&table)).unwrap();
    append(&table, "x", 0, 0..1).await;
    let mut late = request(&table, "a", 2, &rows(2..3)).await;
    late.base = base;
    assert_eq!(commit(&table, late).await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_without_the_tables_partition_values_are_refused() {
    let (_guard, table) = local();
    let partition_columns = vec!["name".to_owned()];
    table.create(&TableDefinition { partition_columns, ..TableDefinition::of(columns()) }).await.unwrap();
    let misplaced = commit(&table, request(&table, "a", 0, &rows(0..1)).await).await.unwrap_err();
    assert!(misplaced.to_string().contains(r#"partitioned by ["name"]"#), "{misplaced}");
    // A complete commit makes the table what its definition says.
    let mut replace = request(&table, "a", 0, &rows(0..1)).await;
    replace.mode = OutputMode::Complete;
    commit(&table, replace).await.unwrap();
    assert!(table.snapshot().await.unwrap().unwrap().partition_columns().is_empty());
    assert_eq!(ids(&table).await, [0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_make_one_table() {
    let (_guard, table) = local();
    let definition = TableDefinition::of(columns());
    let makers = (0..8).map(|_| {
        let (table, definition) = (table.clone(), definition.clone());
        tokio::spawn(async move { table.create(&definition).await.map(|made| made.table_id().to_owned()) })
    });
    let made: Vec<String> =
        futures::future::try_join_all(makers).await.unwrap().into_iter().map(Result::unwrap).collect();
    assert!(made.iter().all(|id| *id == made[0]), "{made:?}");
    let other = Arc::new(Schema::new(vec![Field::new("id", DataType::Utf8, true)]));
    assert!(
        table.create(&TableDefinition::of(other)).await.unwrap_err().to_string().contains("`id` is Int64")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_batch_leaves_only_its_note() {
    let table = memory();
    append(&table, "a", 0, 0..1).await;
    let request = CommitRequest::append("a", BatchId(1), TableDefinition::of(columns()), Vec::new());
    assert_eq!(commit(&table, request).await.unwrap().version, 1);
    let commit = table.log().read(1).await.unwrap().unwrap();
    assert!(commit.changes_no_rows());
    assert_eq!((commit.txn_version("a"), commit.adds.len()), (Some(1), 0));
}
