//! The rows of a batch of files: decoded on every core, each with the file it came from.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arrow::array::{
    ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef, TimeUnit};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::stream;
use model::Quarantined;

use super::queue::ChunkQueue;
use crate::format::{Chunk, Decoder, FileFormat, FormatError, RESCUED_DATA, Reject, SourceFile};
use crate::source::{ReadContext, SourceError};

/// The file that a row came from.
const SOURCE_FILE: &str = "_source_file";
/// When that file was last changed.
const SOURCE_MODIFIED: &str = "_source_modified";
/// The time of the batch that read it.
const INGESTED_AT: &str = "_ingested_at";

/// Whether a column of this name is added to every row.
pub(super) fn is_metadata(name: &str) -> bool {
    [RESCUED_DATA, SOURCE_FILE, SOURCE_MODIFIED, INGESTED_AT]
        .iter()
        .any(|ours| ours.eq_ignore_ascii_case(name))
}

/// The columns that every ingested row has after those of its record.
pub(super) fn with_metadata(record: &Schema) -> SchemaRef {
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let file = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let added = [
        Field::new(RESCUED_DATA, DataType::Utf8, true),
        Field::new(SOURCE_FILE, file, true),
        Field::new(SOURCE_MODIFIED, instant.clone(), true),
        Field::new(INGESTED_AT, instant, true),
    ];
    let fields = record.fields().iter().cloned().chain(added.into_iter().map(Arc::new));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// What the partitions of one batch share.
#[derive(Debug)]
pub(super) struct Ingest {
    pub(super) files: Vec<Arc<SourceFile>>,
    pub(super) format: Arc<dyn FileFormat>,
    pub(super) record: SchemaRef,
    pub(super) schema: SchemaRef,
    pub(super) context: ReadContext,
    pub(super) records: Arc<AtomicU64>,
    pub(super) queue: OnceLock<Arc<ChunkQueue>>,
}

impl Ingest {
    fn queue(&self) -> Arc<ChunkQueue> {
        let start = || {
            let quarantine = self.context.quarantine.clone();
            Arc::new(ChunkQueue::start(self.files.clone(), self.format.clone(), quarantine))
        };
        self.queue.get_or_init(start).clone()
    }

    /// The chunk's rows; its rejects go to the quarantine.
    async fn decode(&self, decoder: &mut dyn Decoder, chunk: Chunk) -> Result<RecordBatch, SourceError> {
        let decoded = decoder.decode(&chunk)?;
        let found = decoded.batch.num_rows() + decoded.rejects.len();
        self.records.fetch_add(found as u64, Ordering::Relaxed);
        if !decoded.rejects.is_empty() {
            let rejects = decoded.rejects.into_iter().map(|reject| quarantined(&chunk.file, reject));
            self.context.quarantine.send(rejects.collect()).await.ok();
        }
        self.with_origin(decoded.batch, &chunk.file).map_err(|error| internal(&error))
    }

    fn with_origin(
        &self,
        rows: RecordBatch,
        file: &SourceFile,
    ) -> Result<RecordBatch, arrow::error::ArrowError> {
        let count = rows.num_rows();
        let instant = |micros: i64| -> ArrayRef {
            Arc::new(TimestampMicrosecondArray::from_value(micros, count).with_timezone("UTC"))
        };
        let name = Arc::new(StringArray::from_iter_values([file.display.as_ref()]));
        let name = DictionaryArray::<Int32Type>::try_new(Int32Array::from_value(0, count), name)?;
        let mut columns = rows.columns().to_vec();
        columns.push(Arc::new(name));
        columns.push(instant(file.meta.last_modified.timestamp_micros()));
        columns.push(instant(self.context.timestamp_ms.saturating_mul(1000)));
        RecordBatch::try_new(self.schema.clone(), columns)
    }
}

fn quarantined(file: &SourceFile, reject: Reject) -> Quarantined {
    Quarantined {
        reason: reject.reason,
        rules: Vec::new(),
        raw: String::from_utf8_lossy(&reject.raw).into_owned(),
        source_file: Some(file.display.clone()),
        line: reject.line,
        byte_offset: Some(reject.byte_offset),
    }
}

/// One of several partitions that take chunks from one queue.
#[derive(Debug)]
pub(super) struct IngestPartition(pub(super) Arc<Ingest>);

impl PartitionStream for IngestPartition {
    fn schema(&self) -> &SchemaRef {
        &self.0.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let ingest = self.0.clone();
        let schema = ingest.schema.clone();
        let decoder = ingest.format.decoder(ingest.record.clone());
        let rows = stream::try_unfold((ingest, decoder), |(ingest, decoder)| async move {
            let mut decoder = decoder.map_err(external)?;
            let Some(chunk) = ingest.queue().next().await else {
                return Ok(None);
            };
            let batch = ingest.decode(decoder.as_mut(), chunk.map_err(external)?).await.map_err(external)?;
            Ok(Some((batch, (ingest, Ok(decoder)))))
        });
        Box::pin(RecordBatchStreamAdapter::new(schema, rows))
    }
}

fn internal(error: &arrow::error::ArrowError) -> SourceError {
    SourceError::Format(FormatError::Internal { format: "ingest", reason: error.to_string() })
}

fn external(error: impl Into<SourceError>) -> DataFusionError {
    DataFusionError::External(Box::new(error.into()))
}
