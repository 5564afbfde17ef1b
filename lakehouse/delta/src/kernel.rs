//! The Delta kernel over a store of ours.
//!
//! The kernel reads checkpoints of every kind and replays the log. It is given the table's own directory as its whole
//! world, so that no path of a store passes through its URLs, and the store that was made durable by `storage`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, AsArray, MapArray, RecordBatch, StructArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Int64Type;
use delta_kernel::engine::arrow_data::ArrowEngineData;
use delta_kernel::schema::{StructField, StructType, ToSchema as _};
use delta_kernel::{Engine, Snapshot, SnapshotRef};
use deltalake::kernel::ScanBuilder;
use deltalake::logstore::{LogStore as _, StorageConfig, default_logstore};
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::prefix::PrefixStore;
use storage::Directory;
use url::Url;

use crate::data_file::{DataFile, num_records};
use crate::error::Cause;

/// The table's directory as the kernel sees it. A `file` URL makes it sort what a store lists, as local ones need.
const ROOT: &str = "file:///";

/// The Delta kernel over one table's directory.
#[derive(Clone)]
pub(crate) struct Kernel {
    engine: Arc<dyn Engine>,
}

impl Kernel {
    /// Must be called within a tokio runtime, on which the kernel's requests then run.
    pub(crate) fn over(directory: &Directory) -> Result<Self, Cause> {
        let rooted = Arc::new(PrefixStore::new(directory.store().clone(), directory.prefix().clone()));
        let log_store =
            default_logstore(rooted.clone(), rooted, &Url::parse(ROOT)?, &StorageConfig::default());
        Ok(Self { engine: log_store.engine(None) })
    }

    /// The newest version, or a given one.
    pub(crate) async fn snapshot(&self, version: Option<u64>) -> Result<SnapshotRef, Cause> {
        let engine = self.engine.clone();
        let build = move || {
            let builder = Snapshot::builder_for(ROOT);
            let builder = if let Some(version) = version { builder.at_version(version) } else { builder };
            builder.build(engine.as_ref())
        };
        Ok(tokio::task::spawn_blocking(build).await??)
    }

    /// Application ids and how far they came, newest first wins: of `app_id`, or of all.
    ///
    /// The kernel's own lookup leaves out what `delta.setTransactionRetentionDuration` calls expired. To us a batch that
    /// was written stays written, however long ago.
    pub(crate) async fn txns(
        &self,
        at: &SnapshotRef,
        app_id: Option<String>,
    ) -> Result<HashMap<String, i64>, Cause> {
        let (engine, at) = (self.engine.clone(), at.clone());
        let replay = move || {
            let mut found = HashMap::new();
            for batch in at.log_segment().read_actions(engine.as_ref(), txn_schema()?)? {
                let batch: RecordBatch = ArrowEngineData::try_from_engine_data(batch?.actions)?.into();
                collect_txns(&batch, app_id.as_deref(), &mut found);
                if app_id.is_some() && !found.is_empty() {
                    break;
                }
            }
            Ok(found)
        };
        tokio::task::spawn_blocking(replay).await?
    }

    /// The live files of a version. They are streamed: the log is replayed as fast as they are taken.
    pub(crate) fn files(&self, at: &SnapshotRef) -> BoxStream<'static, Result<DataFile, Cause>> {
        let scan = match ScanBuilder::new(at.clone()).build() {
            Ok(scan) => scan,
            Err(error) => return futures::stream::once(async move { Err(error.into()) }).boxed(),
        };
        let batches = scan.scan_metadata(self.engine.clone()).map(|found| {
            let (data, mut selected) = found?.scan_files.into_parts();
            let batch: RecordBatch = ArrowEngineData::try_from_engine_data(data)?.into();
            selected.resize(batch.num_rows(), true);
            Ok::<_, Cause>(files_of(&filter_record_batch(&batch, &selected.into())?.into()))
        });
        batches.map_ok(|files| futures::stream::iter(files.into_iter().map(Ok))).try_flatten().boxed()
    }

    /// Writes the checkpoint of a version and points `_last_checkpoint` to it.
    pub(crate) async fn checkpoint(&self, version: u64) -> Result<(), Cause> {
        let snapshot = self.snapshot(Some(version)).await?;
        let engine = self.engine.clone();
        tokio::task::spawn_blocking(move || snapshot.checkpoint(engine.as_ref(), None).map(|_| ())).await??;
        Ok(())
    }
}

fn txn_schema() -> Result<Arc<StructType>, Cause> {
    let txn = StructField::nullable("txn", delta_kernel::actions::SetTransaction::to_schema());
    Ok(Arc::new(StructType::try_new([txn])?))
}

/// A batch lists the actions of one commit, or of a checkpoint, where each id stands once.
fn collect_txns(batch: &RecordBatch, app_id: Option<&str>, found: &mut HashMap<String, i64>) {
    let Some(txns) = batch.column_by_name("txn").and_then(|column| column.as_struct_opt()) else { return };
    let (Some(ids), Some(versions)) = (text(txns, "appId"), long(txns, "version")) else { return };
    for row in (0..txns.len()).filter(|row| txns.is_valid(*row) && ids.is_valid(*row)) {
        let id = ids.value(row);
        if app_id.is_none_or(|wanted| wanted == id) {
            found.entry(id.to_owned()).or_insert_with(|| versions.value(row));
        }
    }
}

fn text<'a>(of: &'a StructArray, name: &str) -> Option<&'a arrow::array::StringArray> {
    of.column_by_name(name).and_then(|column| column.as_string_opt())
}

fn long<'a>(of: &'a StructArray, name: &str) -> Option<&'a arrow::array::PrimitiveArray<Int64Type>> {
    of.column_by_name(name).and_then(|column| column.as_primitive_opt())
}

/// The rows of a scan: path, size, modificationTime, stats, deletionVector, fileConstantValues.partitionValues.
fn files_of(rows: &StructArray) -> Vec<DataFile> {
    let (Some(paths), Some(sizes), Some(times)) =
        (text(rows, "path"), long(rows, "size"), long(rows, "modificationTime"))
    else {
        return Vec::new();
    };
    let stats = text(rows, "stats");
    let vectors = rows.column_by_name("deletionVector");
    let partitions = rows.column_by_name("fileConstantValues").and_then(|column| column.as_struct_opt());
    let partitions = partitions.and_then(|constants| constants.column_by_name("partitionValues"));
    let file = |row: usize| {
        let stats = stats.filter(|stats| stats.is_valid(row)).map(|stats| stats.value(row).to_owned());
        DataFile {
            path: paths.value(row).to_owned(),
            size: u64::try_from(sizes.value(row)).unwrap_or(0),
            modification_time_ms: times.value(row),
            partition_values: partitions
                .and_then(|values| values.as_map_opt())
                .map(|values| pairs(values, row))
                .unwrap_or_default(),
            num_records: stats.as_deref().and_then(num_records),
            data_change: true,
            stats,
            has_deletion_vector: vectors.is_some_and(|vectors| vectors.is_valid(row)),
        }
    };
    (0..rows.len()).map(file).collect()
}

fn pairs(map: &MapArray, row: usize) -> BTreeMap<String, Option<String>> {
    if map.is_null(row) {
        return BTreeMap::new();
    }
    let entries = map.value(row);
    let (Some(keys), Some(values)) =
        (entries.column(0).as_string_opt::<i32>(), entries.column(1).as_string_opt::<i32>())
    else {
        return BTreeMap::new();
    };
    keys.iter()
        .zip(values.iter())
        .filter_map(|(key, value)| Some((key?.to_owned(), value.map(str::to_owned))))
        .collect()
}
