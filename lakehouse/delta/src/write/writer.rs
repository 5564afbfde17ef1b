//! One stream of rows into data files.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use chrono::Utc;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use storage::Directory;
use uuid::Uuid;

use super::upload::Upload;
use super::{NewFile, WriterOptions, encoding, stats};
use crate::definition::misfit;
use crate::{DeltaError, schema};

/// So many rows are looked at before the first file is begun, to choose each column's encoding.
const SAMPLE_ROWS: usize = 4096;

/// Writes the rows of one stream into data files in a table's directory.
pub struct DataFileWriter {
    directory: Directory,
    options: WriterOptions,
    /// The columns as the files have them; dictionaries and views stay what they are until they are encoded.
    schema: SchemaRef,
    /// The first rows, kept until there are enough of them to choose encodings.
    sample: Vec<RecordBatch>,
    open: Option<OpenFile>,
    finished: Vec<NewFile>,
}

struct OpenFile {
    name: String,
    writer: ArrowWriter<Vec<u8>>,
    upload: Upload,
}

impl DataFileWriter {
    /// A writer into the table's directory. Nothing is written before there are rows.
    ///
    /// # Errors
    /// [`DeltaError::Schema`] for columns that cannot be stored, [`DeltaError::Unsupported`] for partition columns.
    pub fn new(directory: &Directory, options: WriterOptions) -> Result<Self, DeltaError> {
        let table = directory.location().to_string();
        if let Some(column) = options.partition_columns.first() {
            let feature = format!("partitioning (by `{column}`)");
            return Err(DeltaError::Unsupported { table, feature, action: "write" });
        }
        let schema = encodable(&options.schema).map_err(|reason| misfit(&table, reason))?;
        let directory = directory.clone();
        Ok(Self { directory, options, schema, sample: Vec::new(), open: None, finished: Vec::new() })
    }

    /// Encodes rows. They are in memory, or with the store, until [`DataFileWriter::finish`].
    ///
    /// # Errors
    /// When the store fails, or the rows have other columns than the writer was told.
    pub async fn write(&mut self, rows: &RecordBatch) -> Result<(), DeltaError> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let rows = self.cast(rows)?;
        if self.open.is_some() {
            return self.encode(&rows).await;
        }
        self.sample.push(rows);
        let sampled: usize = self.sample.iter().map(RecordBatch::num_rows).sum();
        if sampled >= SAMPLE_ROWS { self.encode_sample().await } else { Ok(()) }
    }

    /// Closes the last file and names all of them. Each is durable now, and no reader sees it before a commit.
    ///
    /// # Errors
    /// When the store fails. What was sent for the last file is taken back, the other files are left to vacuum.
    pub async fn finish(mut self) -> Result<Vec<NewFile>, DeltaError> {
        self.encode_sample().await?;
        self.close_file().await?;
        Ok(self.finished)
    }

    async fn encode_sample(&mut self) -> Result<(), DeltaError> {
        let sample = std::mem::take(&mut self.sample);
        if !sample.is_empty() && self.open.is_none() {
            self.open = Some(self.begin_file(&sample)?);
        }
        for rows in sample {
            self.encode(&rows).await?;
        }
        Ok(())
    }

    fn begin_file(&self, sample: &[RecordBatch]) -> Result<OpenFile, DeltaError> {
        let codec = self.options.compression.to_string().split('(').next().unwrap_or_default().to_lowercase();
        let name = format!("part-{:05}-{}.{codec}.parquet", self.options.part, Uuid::new_v4());
        let properties = encoding::properties(&self.options, &self.schema, sample);
        // Readers take the columns from Parquet's own schema: a dictionary array here is plain text to them.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), self.schema.clone(), options)
            .map_err(DeltaError::failed(&self.table(), "begin a data file"))?;
        let upload = Upload::new(self.directory.store().clone(), self.directory.path(&name));
        Ok(OpenFile { name, writer, upload })
    }

    async fn encode(&mut self, rows: &RecordBatch) -> Result<(), DeltaError> {
        let table = self.table();
        let open = match &mut self.open {
            Some(open) => open,
            None => {
                let begun = self.begin_file(std::slice::from_ref(rows))?;
                self.open.insert(begun)
            }
        };
        open.writer.write(rows).map_err(DeltaError::failed(&table, "encode rows"))?;
        if open.writer.in_progress_size() >= self.options.row_group_bytes {
            open.writer.flush().map_err(DeltaError::failed(&table, "encode rows"))?;
        }
        if open.writer.in_progress_rows() == 0 {
            let full = open.writer.bytes_written() as u64 >= self.options.target_file_size;
            if full { self.close_file().await? } else { self.send_off().await? }
        }
        Ok(())
    }

    /// Sends off the row groups that are closed.
    async fn send_off(&mut self) -> Result<(), DeltaError> {
        let table = self.table();
        let Some(open) = &mut self.open else { return Ok(()) };
        open.writer.sync().map_err(DeltaError::failed(&table, "encode rows"))?;
        let bytes = std::mem::take(open.writer.inner_mut());
        let sent = open.upload.push(bytes).await;
        sent.map_err(DeltaError::store(&table, format!("write {}", open.name)))
    }

    async fn close_file(&mut self) -> Result<(), DeltaError> {
        let table = self.table();
        let Some(OpenFile { name, mut writer, mut upload }) = self.open.take() else { return Ok(()) };
        let footer = writer.finish().map_err(DeltaError::failed(&table, "close a data file"))?;
        let size = writer.bytes_written() as u64;
        let sent = upload.push(std::mem::take(writer.inner_mut())).await;
        if let Err(source) = sent {
            upload.abort().await;
            return Err(DeltaError::store(&table, format!("write {name}"))(source));
        }
        upload.finish().await.map_err(DeltaError::store(&table, format!("write {name}")))?;
        self.finished.push(NewFile {
            path: name,
            size,
            partition_values: Default::default(),
            stats: Some(stats::of(&footer, &self.schema)),
            num_records: u64::try_from(footer.file_metadata().num_rows()).unwrap_or(0),
            modification_time_ms: Utc::now().timestamp_millis(),
        });
        Ok(())
    }

    /// The rows with the columns that the files have.
    fn cast(&self, rows: &RecordBatch) -> Result<RecordBatch, DeltaError> {
        let fit = |(column, field): (&ArrayRef, &Arc<Field>)| match column.data_type() == field.data_type() {
            true => Ok(column.clone()),
            false => cast(column, field.data_type()),
        };
        let columns: Result<Vec<_>, _> = rows.columns().iter().zip(self.schema.fields()).map(fit).collect();
        let rows = columns.and_then(|columns| RecordBatch::try_new(self.schema.clone(), columns));
        rows.map_err(|error| misfit(&self.table(), error.to_string()))
    }

    fn table(&self) -> String {
        self.directory.location().to_string()
    }
}

/// The columns as the Parquet encoder takes them: as they are stored, except that text may come as dictionary or view.
fn encodable(rows: &Schema) -> Result<SchemaRef, String> {
    let stored = schema::stored(rows)?;
    let field = |(given, stored): (&Arc<Field>, &Arc<Field>)| match given.data_type() {
        as_given if is_text_like(as_given) => Field::new(stored.name(), as_given.clone(), true),
        _ => stored.as_ref().clone(),
    };
    let fields: Vec<_> = rows.fields().iter().zip(stored.fields()).map(field).collect();
    Ok(Arc::new(Schema::new(fields)))
}

fn is_text_like(data_type: &DataType) -> bool {
    use DataType as T;
    match data_type {
        T::Dictionary(_, values) => matches!(**values, T::Utf8 | T::LargeUtf8 | T::Binary | T::LargeBinary),
        T::Utf8 | T::LargeUtf8 | T::Utf8View | T::Binary | T::LargeBinary | T::BinaryView => true,
        _ => false,
    }
}
