//! The writing end of the quarantine: bad records become data files of `<table>_quarantine` while the batch runs.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder, TimestampMicrosecondArray,
};
use arrow::error::ArrowError;
use delta::{DataFileWriter, NewFile, WriterOptions};
use model::{Quarantined, quarantine_schema};
use storage::Directory;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use super::batch::Batch;
use super::open::OpenFlow;
use crate::EngineError;

/// How many deliveries may wait for the writer.
const WAITING: usize = 16;

/// Takes bad records and writes them; no file is begun before the first one comes.
pub(super) struct QuarantineWriter {
    sender: Sender<Vec<Quarantined>>,
    task: JoinHandle<Result<QuarantinedFiles, EngineError>>,
}

/// Data files of the quarantine table that no reader sees yet.
#[derive(Debug, Default)]
pub(super) struct QuarantinedFiles {
    pub(super) files: Vec<NewFile>,
    pub(super) rows: u64,
}

impl QuarantineWriter {
    pub(super) fn start(open: &OpenFlow<'_>, batch: &Batch) -> Result<Self, EngineError> {
        let dir = open.engine.stores.directory(&open.flow.output.quarantine)?;
        let origin = Origin {
            flow: open.flow.name.to_string(),
            batch: i64::try_from(batch.number.0).unwrap_or(i64::MAX),
            at_us: batch.intent.timestamp_ms.saturating_mul(1000),
        };
        let (sender, receiver) = channel(WAITING);
        Ok(Self { sender, task: tokio::spawn(write(receiver, dir, origin)) })
    }

    pub(super) fn sender(&self) -> Sender<Vec<Quarantined>> {
        self.sender.clone()
    }

    /// Waits for the last record. Every other sender must be gone.
    pub(super) async fn finish(self) -> Result<QuarantinedFiles, EngineError> {
        drop(self.sender);
        self.task.await?
    }
}

async fn write(
    mut records: Receiver<Vec<Quarantined>>,
    dir: Directory,
    origin: Origin,
) -> Result<QuarantinedFiles, EngineError> {
    let mut writer: Option<DataFileWriter> = None;
    let mut written = QuarantinedFiles::default();
    while let Some(records) = records.recv().await {
        if records.is_empty() {
            continue;
        }
        let batch = origin.rows(&records).map_err(|error| EngineError::Execution(error.into()))?;
        written.rows += records.len() as u64;
        let writer = match &mut writer {
            Some(writer) => writer,
            none => none.insert(DataFileWriter::new(&dir, WriterOptions::of(quarantine_schema()))?),
        };
        writer.write(&batch).await?;
    }
    if let Some(writer) = writer {
        written.files = writer.finish().await?;
    }
    Ok(written)
}

/// What all bad records of a batch have in common.
struct Origin {
    flow: String,
    batch: i64,
    at_us: i64,
}

impl Origin {
    fn rows(&self, records: &[Quarantined]) -> Result<RecordBatch, ArrowError> {
        let count = records.len();
        let number = |value: Option<u64>| value.and_then(|value| i64::try_from(value).ok());
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(records.iter().map(|record| record.reason.as_str()))),
            rules(records),
            Arc::new(StringArray::from_iter_values(records.iter().map(|record| record.raw.as_str()))),
            Arc::new(records.iter().map(|record| record.source_file.as_deref()).collect::<StringArray>()),
            Arc::new(records.iter().map(|record| number(record.line)).collect::<Int64Array>()),
            Arc::new(records.iter().map(|record| number(record.byte_offset)).collect::<Int64Array>()),
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(self.flow.as_str(), count))),
            Arc::new(Int64Array::from_value(self.batch, count)),
            Arc::new(TimestampMicrosecondArray::from_value(self.at_us, count).with_timezone("UTC")),
        ];
        RecordBatch::try_new(quarantine_schema(), columns)
    }
}

fn rules(records: &[Quarantined]) -> ArrayRef {
    let field = arrow::datatypes::Field::new("element", arrow::datatypes::DataType::Utf8, true);
    let mut rules = ListBuilder::new(StringBuilder::new()).with_field(field);
    for record in records {
        record.rules.iter().for_each(|rule| rules.values().append_value(rule));
        rules.append(true);
    }
    Arc::new(rules.finish())
}
