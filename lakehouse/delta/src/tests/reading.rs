//! The log and the files, as other writers and earlier times left them.

use deltalake::kernel::engine::arrow_conversion::TryIntoArrow as _;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delta_rs_reads_what_we_write() {
    let root = tempfile::tempdir().unwrap();
    let table = Table::at(directory(&root.path().to_string_lossy()));
    append(&table, "a", 0, 0..10).await;
    append(&table, "a", 1, 10..30).await;
    checkpoint_log(&table, 1).await.unwrap();
    append(&table, "b", 0, 30..31).await;
    let url = url::Url::from_directory_path(table.directory().local_path().unwrap()).unwrap();
    let theirs = deltalake::open_table(url).await.unwrap();
    assert_eq!(theirs.version(), Some(2));
    let state = theirs.snapshot().unwrap();
    let arrow: Schema = state.schema().as_ref().try_into_arrow().unwrap();
    assert_eq!(arrow.fields(), columns().fields());
    let rows: usize = state.log_data().iter().filter_map(|file| file.num_records()).sum();
    assert_eq!((state.log_data().num_files(), rows), (3, 31));
    let history: Vec<_> = theirs.history(Some(1)).try_collect().await.unwrap();
    assert_eq!(history[0].operation.as_deref(), Some("STREAMING UPDATE"));
    assert_eq!(history[0].operation_parameters.as_ref().unwrap()["epochId"], "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_stands_for_the_log_and_removes_nothing() {
    let (_guard, table) = local();
    for batch in 0..12 {
        append(&table, "a", batch, batch as i64..batch as i64 + 1).await;
    }
    checkpoint_log(&table, 10).await.unwrap();
    checkpoint_log(&table, 10).await.unwrap();
    assert!(raw_log(&table).join("_last_checkpoint").exists());
    // Even without the commits before it.
    for version in 0..10 {
        std::fs::remove_file(raw_log(&table).join(format!("{version:020}.json"))).unwrap();
    }
    let snapshot = table.snapshot().await.unwrap().unwrap();
    assert_eq!((snapshot.version(), snapshot.txn_version("a").await.unwrap()), (11, Some(11)));
    assert_eq!(ids(&table).await, (0..12).collect::<Vec<_>>());
    assert_eq!((table.log().earliest().await.unwrap(), table.log().latest().await.unwrap()), (10, 11));
    assert!(is_due(100) && !is_due(0) && !is_due(101));
}

#[tokio::test(flavor = "current_thread")]
async fn one_thread_is_enough() {
    let (_guard, table) = local();
    append(&table, "a", 0, 0..10).await;
    checkpoint_log(&table, 0).await.unwrap();
    assert_eq!(append(&table, "a", 1, 10..20).await.version, 1);
    assert_eq!(ids(&table).await, (0..20).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_followed_from_any_version() {
    let (_guard, table) = local();
    let log = table.log();
    assert!(matches!(log.earliest().await, Err(DeltaError::Missing { .. })));
    for batch in 0..30 {
        append(&table, "a", batch, 0..1).await;
        assert_eq!(log.latest_from(batch / 2).await.unwrap(), batch);
    }
    assert_eq!(log.latest().await.unwrap(), 29);
    assert!(log.read(30).await.unwrap().is_none());
    let commit = log.read(7).await.unwrap().unwrap();
    assert_eq!((commit.adds.len(), commit.adds[0].num_records, commit.removes.len()), (1, Some(1), 0));
    assert_eq!(commit.operation.as_deref(), Some("STREAMING UPDATE"));
    let first = log.read(0).await.unwrap().unwrap();
    assert_eq!(first.metadata.unwrap().schema, columns());
    assert_eq!(log.version_at(commit.timestamp_ms).await.unwrap().map(|found| found <= 7), Some(true));
    assert_eq!(log.version_at(0).await.unwrap(), Some(0));
    assert_eq!(log.version_at(i64::MAX).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_projections_limits_and_views_give_the_same_rows() {
    let (_guard, table) = local();
    for batch in 0..4 {
        append(&table, "a", batch, batch as i64 * 1000..(batch as i64 + 1) * 1000).await;
    }
    for (sql, count) in [
        ("SELECT count(*) FROM t", 4000),
        ("SELECT count(name) FROM t WHERE id >= 3990", 10),
        ("SELECT count(*) FROM t WHERE name = 'name 17'", 1),
        ("SELECT count(*) FROM (SELECT name FROM t LIMIT 7)", 7),
        ("SELECT count(*) FROM (SELECT name FROM t WHERE id > 3996 LIMIT 7)", 3),
    ] {
        let found = query(&table, sql).await;
        assert_eq!(found[0].column(0).as_primitive::<Int64Type>().value(0), count, "{sql}");
    }
    let views = Arc::new(Schema::new(vec![
        Field::new("name", DataType::Utf8View, true),
        Field::new("later", DataType::Float64, true),
        Field::new("id", DataType::Int64, true),
    ]));
    let provider = scan(table.directory(), views, &files(&table).await, &ScanOptions::default()).unwrap();
    let session = SessionContext::new();
    session.register_table("t", provider).unwrap();
    let found = session.sql("SELECT * FROM t WHERE id = 5").await.unwrap().collect().await.unwrap();
    let row = found.iter().find(|batch| batch.num_rows() == 1).unwrap();
    assert_eq!(row.column(0).as_string_view().value(0), "name 5");
    assert!(row.column(1).is_null(0));
    let nothing = scan(table.directory(), columns(), &[], &ScanOptions::default()).unwrap();
    session.register_table("e", nothing).unwrap();
    assert_eq!(session.sql("SELECT name FROM e").await.unwrap().count().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partition_values_come_from_the_log() {
    let (_guard, table) = local();
    let schema = Arc::new(Schema::new(vec![
        Field::new("day", DataType::Date32, true),
        Field::new("id", DataType::Int64, true),
        Field::new("kind", DataType::Utf8, true),
    ]));
    let partition_columns = vec!["day".to_owned(), "kind".to_owned()];
    table.create(&TableDefinition { partition_columns, ..TableDefinition::of(schema) }).await.unwrap();
    let only_id = rows(0..3).project(&[0]).unwrap();
    let mut adds = write(&table, &only_id).await;
    adds.extend(write(&table, &only_id).await);
    let values = |day: Option<&str>, kind: &str| {
        [("day", day), ("kind", Some(kind))].map(|(k, v)| (k.to_owned(), v.map(str::to_owned))).into()
    };
    adds[0].partition_values = values(Some("2013-01-31"), "a=b/c");
    adds[1].partition_values = values(None, "");
    let definition = TableDefinition::of(only_id.schema());
    commit(&table, CommitRequest::append("a", BatchId(0), definition, adds)).await.unwrap();
    let found = query(&table, "SELECT day, kind, sum(id) AS s FROM t GROUP BY day, kind ORDER BY day").await;
    let text = arrow::util::pretty::pretty_format_batches(&found).unwrap().to_string();
    assert!(text.contains("| 2013-01-31 | a=b/c | 3 |"), "{text}");
    assert!(text.contains("|            |       | 3 |"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_refused_by_name() {
    let (_guard, table) = local();
    append(&table, "a", 0, 0..1).await;
    let add = r#"{"add":{"path":"x.parquet","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true,"deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":6}}}"#;
    let path = |version: u64| raw_log(&table).join(format!("{version:020}.json"));
    std::fs::write(path(1), add).unwrap();
    let commit = table.log().read(1).await.unwrap().unwrap();
    assert!(commit.adds[0].has_deletion_vector);
    let refused = scan(table.directory(), columns(), &commit.adds, &ScanOptions::default()).unwrap_err();
    assert!(refused.to_string().contains("deletion vectors"), "{refused}");
    let outside = r#"{"add":{"path":"file:///etc/x.parquet","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}}"#;
    std::fs::write(path(1), outside).unwrap();
    let commit = table.log().read(1).await.unwrap().unwrap();
    let refused = scan(table.directory(), columns(), &commit.adds, &ScanOptions::default()).unwrap_err();
    assert!(refused.to_string().contains("outside its directory"), "{refused}");
    let protocol = r#"{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":[],"writerFeatures":["rowTracking","domainMetadata"]}}"#;
    std::fs::write(path(1), protocol).unwrap();
    let snapshot = table.snapshot().await.unwrap().unwrap();
    let refused = snapshot.files().try_collect::<Vec<_>>().await;
    assert!(refused.is_ok(), "a reader need not know about row tracking");
    let error = super::commit(&table, request(&table, "a", 1, &rows(1..2)).await).await.unwrap_err();
    assert!(error.to_string().contains("rowTracking"), "{error}");
}
