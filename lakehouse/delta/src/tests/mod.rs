//! What the crate promises as a whole, on real tables.

mod commits;
mod damage;
mod fault;
mod figures;
mod reading;
mod writing;

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::prelude::SessionContext;
use futures::TryStreamExt as _;
use model::BatchId;
use storage::{Directory, Durability, Location, Stores};
use tempfile::TempDir;

use crate::*;

/// A table in a new local directory. Its name has all that a path can have.
fn local() -> (TempDir, Table) {
    let root = tempfile::tempdir().unwrap();
    let table = Table::at(directory(&root.path().join("a b#%ü").to_string_lossy()));
    (root, table)
}

fn memory() -> Table {
    Table::at(directory("memory://m/some/table"))
}

fn directory(text: &str) -> Directory {
    Stores::new(Durability::None).directory(&Location::parse(text).unwrap()).unwrap()
}

fn columns() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int64, true),
        Field::new("name", DataType::Utf8, true),
    ]))
}

fn rows(ids: Range<i64>) -> RecordBatch {
    let names: StringArray = ids.clone().map(|id| Some(format!("name {id}"))).collect();
    RecordBatch::try_new(columns(), vec![Arc::new(Int64Array::from_iter_values(ids)), Arc::new(names)])
        .unwrap()
}

async fn write(table: &Table, rows: &RecordBatch) -> Vec<NewFile> {
    let mut writer = DataFileWriter::new(table.directory(), WriterOptions::of(rows.schema())).unwrap();
    writer.write(rows).await.unwrap();
    writer.finish().await.unwrap()
}

/// A request to append some rows, which are written already.
async fn request(table: &Table, app: &str, batch: u64, rows: &RecordBatch) -> CommitRequest {
    let adds = write(table, rows).await;
    CommitRequest::append(app, BatchId(batch), TableDefinition::of(rows.schema()), adds)
}

async fn append(table: &Table, app: &str, batch: u64, ids: Range<i64>) -> Committed {
    let request = request(table, app, batch, &rows(ids)).await;
    commit(table, request).await.unwrap()
}

async fn files(table: &Table) -> Vec<DataFile> {
    table.snapshot().await.unwrap().unwrap().files().try_collect().await.unwrap()
}

/// The table's rows, as a query over its live files gives them.
async fn query(table: &Table, sql: &str) -> Vec<RecordBatch> {
    let snapshot = table.snapshot().await.unwrap().unwrap();
    let options = ScanOptions { partition_columns: snapshot.partition_columns().to_vec() };
    let provider = scan(table.directory(), snapshot.schema(), &files(table).await, &options).unwrap();
    let session = SessionContext::new();
    session.register_table("t", provider).unwrap();
    session.sql(sql).await.unwrap().collect().await.unwrap()
}

/// The table's ids in order.
async fn ids(table: &Table) -> Vec<i64> {
    let batches = query(table, "SELECT id FROM t ORDER BY id").await;
    batches.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec()).collect()
}

fn raw_log(table: &Table) -> std::path::PathBuf {
    table.directory().local_path().unwrap().join("_delta_log")
}
