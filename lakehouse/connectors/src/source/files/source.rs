//! Files in a directory as a stream: each file is read once.

use std::collections::VecDeque;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use checkpoints::{FileEntry, FileLog, SchemaLog};
use datafusion::catalog::streaming::StreamingTable;
use futures::{StreamExt, TryStreamExt, stream};
use model::{BatchId, FileSourceSpec, Offset, OffsetRange, ReadLimits};
use serde::{Deserialize, Serialize};
use storage::{Directory, Stores};

use super::ingest::{Ingest, IngestPartition, is_metadata, with_metadata};
use super::listing::Listing;
use crate::columns::nullable;
use crate::format::{FileFormat, FormatError, Options, SourceFile, format_for};
use crate::source::{Backlog, ReadContext, Source, SourceError, SourceRows};

/// The position in a stream of files: the batch up to which the file log was read. Spark's `FileStreamSourceOffset`.
#[derive(Debug, Serialize, Deserialize)]
struct FileOffset {
    #[serde(rename = "logOffset")]
    log_offset: u64,
}

/// Files in a directory, each read once and remembered in the checkpoint.
#[derive(Debug)]
pub struct FileSource {
    spec: FileSourceSpec,
    listing: Listing,
    options: Options,
    log: FileLog,
    schemas: SchemaLog,
    format: Option<Arc<dyn FileFormat>>,
    schema: Option<SchemaRef>,
    pending: VecDeque<Arc<SourceFile>>,
    planned: Vec<Arc<SourceFile>>,
}

impl FileSource {
    /// A source over the files that `spec` names, which keeps its log in `dir`. `begun` is the newest batch that has
    /// an intent: what the log says of later ones never happened.
    pub async fn open(
        spec: FileSourceSpec,
        stores: &Stores,
        dir: Directory,
        begun: Option<BatchId>,
    ) -> Result<Self, SourceError> {
        let options = Options::new(&spec.options);
        let listing = Listing::new(stores, &spec.path, &options)?;
        let schemas = SchemaLog::new(dir.clone());
        let log = FileLog::open(dir, begun).await?;
        let (pending, planned) = (VecDeque::new(), Vec::new());
        Ok(Self { spec, listing, options, log, schemas, format: None, schema: None, pending, planned })
    }

    /// The format, told from the options or the first file.
    fn format(&mut self, file: &SourceFile) -> Result<Arc<dyn FileFormat>, SourceError> {
        if let Some(format) = &self.format {
            return Ok(format.clone());
        }
        let format = format_for(self.spec.format.as_deref(), &file.display, &self.options)?;
        self.options.refuse_unused()?;
        Ok(self.format.insert(format).clone())
    }

    /// The columns of the records: given, remembered, or inferred from `files` and remembered.
    async fn schema(&mut self, files: &[Arc<SourceFile>]) -> Result<SchemaRef, SourceError> {
        if let Some(schema) = &self.schema {
            return Ok(schema.clone());
        }
        let schema = match (&self.spec.schema, self.schemas.latest().await?) {
            (Some(given), _) => model::parse_ddl(given).map_err(|error| self.bad_schema(&error))?,
            (None, Some(known)) => known,
            (None, None) => self.infer(files).await?,
        };
        // A record may lack any field, whatever the DDL says, as in Spark.
        // And a column that is named like one of ours stays in the file's record only as rescued data.
        let fields = nullable(schema.fields());
        let own = fields.iter().filter(|field| !is_metadata(field.name())).cloned();
        let schema = SchemaRef::new(Schema::new(own.collect::<Vec<_>>()));
        Ok(self.schema.insert(schema).clone())
    }

    async fn infer(&mut self, files: &[Arc<SourceFile>]) -> Result<SchemaRef, SourceError> {
        let Some(first) = files.first() else {
            return Ok(SchemaRef::new(Schema::empty()));
        };
        let schema = self.format(first)?.infer(files).await?;
        self.schemas.append(&schema).await?;
        Ok(schema)
    }

    fn bad_schema(&self, error: &model::DdlError) -> SourceError {
        SourceError::Option {
            source_name: self.description(),
            reason: error.to_string(),
            hint: Some("write it as `id BIGINT, name STRING`".to_owned()),
        }
    }

    /// The files of the batches in `range`, as they are now; one that changed since is an error.
    async fn files_of(&self, range: &OffsetRange) -> Result<Vec<Arc<SourceFile>>, SourceError> {
        let to = self.batch_of(&range.to)?;
        let entries = match &range.from {
            None => self.log.files_up_to(to).await?,
            Some(from) => {
                let mut entries = Vec::new();
                for batch in self.batch_of(from)?.0 + 1..=to.0 {
                    entries.extend(self.log.files_of(BatchId(batch)).await?);
                }
                entries
            }
        };
        let found =
            stream::iter(entries).map(|entry| self.listing.find(entry.path, entry.size, entry.timestamp));
        found.buffered(16).try_collect().await
    }

    fn batch_of(&self, offset: &Offset) -> Result<BatchId, SourceError> {
        let parsed: FileOffset = serde_json::from_str(&offset.0).map_err(|error| SourceError::Option {
            source_name: self.description(),
            reason: format!("the checkpoint's offset `{offset}` is not one of a file source: {error}"),
            hint: Some("the checkpoint belongs to another source; --full-refresh begins anew".to_owned()),
        })?;
        Ok(BatchId(parsed.log_offset))
    }
}

#[async_trait]
impl Source for FileSource {
    fn description(&self) -> String {
        format!("files {}", self.spec.path)
    }

    async fn look(&mut self, _from: Option<&Offset>) -> Result<(), SourceError> {
        let listed = self.listing.list().await?;
        self.pending = listed.into_iter().filter(|file| !self.log.contains(&file.display)).collect();
        Ok(())
    }

    async fn next_offset(
        &mut self,
        _from: Option<&Offset>,
        limits: &ReadLimits,
        batch: BatchId,
    ) -> Result<Option<Offset>, SourceError> {
        self.planned.clear();
        let mut bytes = 0;
        while let Some(file) = self.pending.front() {
            if !limits.admit(self.planned.len() as u64, bytes, file.meta.size) {
                break;
            }
            bytes += file.meta.size;
            self.planned.extend(self.pending.pop_front());
        }
        let offset = serde_json::to_string(&FileOffset { log_offset: batch.0 }).unwrap_or_default();
        Ok((!self.planned.is_empty()).then_some(Offset(offset)))
    }

    async fn record(&mut self, batch: BatchId, _to: &Offset) -> Result<(), SourceError> {
        let planned = std::mem::take(&mut self.planned);
        self.schema(&planned).await?;
        let entry = |file: &Arc<SourceFile>| FileEntry {
            path: file.display.to_string(),
            timestamp: file.meta.last_modified.timestamp_millis(),
            batch_id: batch.0,
            size: file.meta.size,
        };
        Ok(self.log.add(batch, planned.iter().map(entry).collect()).await?)
    }

    async fn read(&mut self, range: &OffsetRange, context: &ReadContext) -> Result<SourceRows, SourceError> {
        let files = self.files_of(range).await?;
        let record = self.schema(&files).await?;
        let schema = with_metadata(&record);
        let count = files.len() as u64;
        let bytes = files.iter().map(|file| file.meta.size).sum();
        let records = Arc::new(AtomicU64::new(0));
        let partitions = match files.first() {
            None => Vec::new(),
            Some(first) => {
                let ingest = Arc::new(Ingest {
                    format: self.format(first)?,
                    files,
                    record,
                    schema: schema.clone(),
                    context: context.clone(),
                    records: records.clone(),
                    queue: OnceLock::new(),
                });
                (0..context.parallelism.max(1))
                    .map(|_| Arc::new(IngestPartition(ingest.clone())) as _)
                    .collect()
            }
        };
        let table = StreamingTable::try_new(schema, partitions)
            .map_err(|error| FormatError::Internal { format: "ingest", reason: error.to_string() })?;
        Ok(SourceRows { table: Arc::new(table), files: count, bytes, records })
    }

    async fn finished(&mut self, _batch: BatchId) -> Result<(), SourceError> {
        Ok(self.log.compact().await?)
    }

    fn backlog(&self) -> Backlog {
        Backlog {
            files: self.pending.len() as u64,
            bytes: self.pending.iter().map(|file| file.meta.size).sum(),
        }
    }
}
