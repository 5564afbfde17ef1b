//! `N.compact`: all files up to batch N in one Parquet file, in the order of their paths' hashes.
//!
//! The columns that a start needs are plain numbers without compression and stand next to each other in each row
//! group, so that one range per row group is read and hardly anything decoded; the paths come last.

use std::sync::{Arc, LazyLock};

use bytes::{Buf, Bytes};
use futures::{StreamExt, TryStreamExt, stream};
use parquet::basic::{Compression, ZstdLevel};
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{KeyValue, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use storage::Directory;

use super::entry::{self, FileEntry};
use super::index::{Index, join, split};
use crate::CheckpointError;

const SCHEMA: &str = "message file_log {
    required int64 path_hash_high (INTEGER(64, false));
    required int64 path_hash_low (INTEGER(64, false));
    required int64 timestamp;
    required int64 size;
    required int64 batchId;
    required binary path (STRING);
}";

const HASH_HIGH: usize = 0;
const HASH_LOW: usize = 1;
const TIMESTAMP: usize = 2;
const SIZE: usize = 3;
const BATCH: usize = 4;
const PATH: usize = 5;

const VERSION_KEY: &str = "lakesmith.fileLog";
const VERSION: &str = "v1";

/// Rows of a row group: what is in memory at a time while merging.
const GROUP: usize = 128 * 1024;

/// Row groups that are fetched at the same time.
const FETCHES: usize = 4;

/// So much of a file's end is read at first; it holds the footer of a log of some millions of files.
const FOOTER: u64 = 64 * 1024;

/// One file in the log, with the hash of its path.
#[derive(Debug)]
pub(super) struct Row {
    hash: u128,
    timestamp: i64,
    size: i64,
    batch: i64,
    path: ByteArray,
}

impl From<FileEntry> for Row {
    fn from(file: FileEntry) -> Self {
        let hash = entry::hash(&file.path);
        let (size, batch) = (file.size as i64, file.batch_id as i64);
        Self { hash, timestamp: file.timestamp, size, batch, path: file.path.into_bytes().into() }
    }
}

impl Row {
    pub(super) fn entry(self, dir: &Directory, name: &str) -> Result<FileEntry, CheckpointError> {
        let path = self.path.as_utf8().map_err(unreadable(dir, name))?.to_owned();
        let (size, batch_id) = (self.size as u64, self.batch as u64);
        Ok(FileEntry { path, timestamp: self.timestamp, batch_id, size })
    }
}

fn unreadable(dir: &Directory, name: &str) -> impl Fn(ParquetError) -> CheckpointError {
    move |error| CheckpointError::damaged(dir, name, error.to_string())
}

/// The content of a file with the rows of `old`, whose name is `name`, and `new`.
pub(super) fn merge(
    dir: &Directory,
    name: &str,
    old: Option<Bytes>,
    mut new: Vec<Row>,
) -> Result<Bytes, CheckpointError> {
    new.sort_by_key(|row| (row.hash, row.batch));
    let mut new = new.into_iter().peekable();
    let mut writer = Writer::new().map_err(unreadable(dir, name))?;
    if let Some(old) = old {
        for row in rows(dir, name, old)? {
            let row = row?;
            // Of two rows with one hash the older one comes first.
            while let Some(before) = new.next_if(|next| next.hash < row.hash) {
                writer.push(before).map_err(unreadable(dir, name))?;
            }
            writer.push(row).map_err(unreadable(dir, name))?;
        }
    }
    new.try_for_each(|row| writer.push(row)).map_err(unreadable(dir, name))?;
    writer.finish().map_err(unreadable(dir, name))
}

/// Rows on their way into a file, one row group at a time.
struct Writer {
    file: SerializedFileWriter<Vec<u8>>,
    numbers: [Vec<i64>; PATH],
    paths: Vec<ByteArray>,
}

impl Writer {
    fn new() -> ParquetResult<Self> {
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        let zstd = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_offset_index_disabled(true)
            .set_key_value_metadata(Some(vec![KeyValue::new(VERSION_KEY.to_owned(), VERSION.to_owned())]))
            .set_column_compression(ColumnPath::from("batchId"), zstd)
            .set_column_compression(ColumnPath::from("path"), zstd)
            .build();
        let file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
        Ok(Self { file, numbers: Default::default(), paths: Vec::new() })
    }

    fn push(&mut self, row: Row) -> ParquetResult<()> {
        let (high, low) = split(row.hash);
        for (column, value) in self.numbers.iter_mut().zip([high, low, row.timestamp, row.size, row.batch]) {
            column.push(value);
        }
        self.paths.push(row.path);
        if self.paths.len() == GROUP { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> ParquetResult<()> {
        let mut group = self.file.next_row_group()?;
        for column in &mut self.numbers {
            write_column::<Int64Type>(&mut group, column)?;
            column.clear();
        }
        write_column::<ByteArrayType>(&mut group, &self.paths)?;
        self.paths.clear();
        group.close().map(drop)
    }

    fn finish(mut self) -> ParquetResult<Bytes> {
        if !self.paths.is_empty() {
            self.flush()?;
        }
        self.file.into_inner().map(Bytes::from)
    }
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[T::T],
) -> ParquetResult<()> {
    let column = group.next_column()?;
    let mut column =
        column.ok_or_else(|| ParquetError::General("the schema has too few columns".to_owned()))?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

/// All rows of a file, one row group in memory at a time.
pub(super) fn rows<'a>(
    dir: &'a Directory,
    name: &'a str,
    content: Bytes,
) -> Result<impl Iterator<Item = Result<Row, CheckpointError>> + 'a, CheckpointError> {
    let metadata =
        decode_footer(dir, name, &content, content.len() as u64)?.ok_or_else(|| cut_off(dir, name))?;
    let window = Arc::new(Window { start: 0, bytes: content });
    let groups = 0..metadata.num_row_groups();
    Ok(groups.flat_map(move |group| match group_rows(&metadata, group, &window) {
        Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(error) => vec![Err(unreadable(dir, name)(error))],
    }))
}

fn group_rows(metadata: &ParquetMetaData, group: usize, window: &Arc<Window>) -> ParquetResult<Vec<Row>> {
    let numbers = |column| -> ParquetResult<Vec<i64>> {
        let mut values = Vec::new();
        read_column::<Int64Type>(metadata, group, column, window, &mut values)?;
        Ok(values)
    };
    let (high, low) = (numbers(HASH_HIGH)?, numbers(HASH_LOW)?);
    let (timestamp, size, batch) = (numbers(TIMESTAMP)?, numbers(SIZE)?, numbers(BATCH)?);
    let mut paths = Vec::new();
    read_column::<ByteArrayType>(metadata, group, PATH, window, &mut paths)?;
    let row = |(n, path)| Row {
        hash: join(high[n], low[n]),
        timestamp: timestamp[n],
        size: size[n],
        batch: batch[n],
        path,
    };
    Ok(paths.into_iter().enumerate().map(row).collect())
}

/// The index over a file in a store; its paths are not read.
pub(super) async fn load_index(dir: &Directory, name: &str) -> Result<Index, CheckpointError> {
    let metadata = read_footer(dir, name).await?;
    let rows = usize::try_from(metadata.file_metadata().num_rows()).unwrap_or_default();
    let mut index = Index::with_capacity(rows);
    let fetches = (0..metadata.num_row_groups()).map(|group| fetch_numbers(dir, name, &metadata, group));
    let mut fetched = std::pin::pin!(stream::iter(fetches).buffered(FETCHES));
    while let Some((group, window)) = fetched.try_next().await? {
        extend(&mut index, &metadata, group, &Arc::new(window)).map_err(unreadable(dir, name))?;
    }
    checked(dir, name, index)
}

/// The index over a file in memory.
pub(super) fn index_of(dir: &Directory, name: &str, content: Bytes) -> Result<Index, CheckpointError> {
    let metadata =
        decode_footer(dir, name, &content, content.len() as u64)?.ok_or_else(|| cut_off(dir, name))?;
    let window = Arc::new(Window { start: 0, bytes: content });
    let mut index = Index::default();
    for group in 0..metadata.num_row_groups() {
        extend(&mut index, &metadata, group, &window).map_err(unreadable(dir, name))?;
    }
    checked(dir, name, index)
}

fn checked(dir: &Directory, name: &str, index: Index) -> Result<Index, CheckpointError> {
    if index.is_sorted() {
        Ok(index)
    } else {
        Err(CheckpointError::damaged(dir, name, "its rows are not in order"))
    }
}

fn extend(
    index: &mut Index,
    metadata: &ParquetMetaData,
    group: usize,
    window: &Arc<Window>,
) -> ParquetResult<()> {
    read_column::<Int64Type>(metadata, group, HASH_HIGH, window, &mut index.high)?;
    read_column::<Int64Type>(metadata, group, HASH_LOW, window, &mut index.low)?;
    read_column::<Int64Type>(metadata, group, TIMESTAMP, window, &mut index.timestamp)?;
    read_column::<Int64Type>(metadata, group, SIZE, window, &mut index.size)
}

async fn fetch_numbers(
    dir: &Directory,
    name: &str,
    metadata: &ParquetMetaData,
    group: usize,
) -> Result<(usize, Window), CheckpointError> {
    let columns = metadata.row_group(group).columns();
    let (start, _) = columns[HASH_HIGH].byte_range();
    let (last, length) = columns[SIZE].byte_range();
    let bytes =
        dir.read_ranges(name, std::slice::from_ref(&(start..last + length))).await?.pop().unwrap_or_default();
    Ok((group, Window { start, bytes }))
}

async fn read_footer(dir: &Directory, name: &str) -> Result<ParquetMetaData, CheckpointError> {
    let size = dir.size(name).await?.ok_or_else(|| CheckpointError::damaged(dir, name, "it is missing"))?;
    for wanted in [FOOTER, size] {
        let start = size.saturating_sub(wanted);
        let tail = if start == size { Bytes::new() } else { tail_of(dir, name, start, size).await? };
        if let Some(metadata) = decode_footer(dir, name, &tail, size)? {
            return Ok(metadata);
        }
    }
    Err(cut_off(dir, name))
}

async fn tail_of(dir: &Directory, name: &str, start: u64, size: u64) -> Result<Bytes, CheckpointError> {
    Ok(dir.read_ranges(name, std::slice::from_ref(&(start..size))).await?.pop().unwrap_or_default())
}

/// The footer in the `tail` of a file of this size; none when it begins before the tail.
fn decode_footer(
    dir: &Directory,
    name: &str,
    tail: &Bytes,
    size: u64,
) -> Result<Option<ParquetMetaData>, CheckpointError> {
    let mut reader = ParquetMetaDataReader::new();
    match reader.try_parse_sized(tail, size) {
        Err(ParquetError::NeedMoreData(_)) => return Ok(None),
        parsed => parsed.map_err(unreadable(dir, name))?,
    }
    let metadata = reader.finish().map_err(unreadable(dir, name))?;
    check_kind(dir, name, &metadata)?;
    Ok(Some(metadata))
}

fn check_kind(dir: &Directory, name: &str, metadata: &ParquetMetaData) -> Result<(), CheckpointError> {
    static COLUMNS: LazyLock<Option<parquet::schema::types::Type>> =
        LazyLock::new(|| parse_message_type(SCHEMA).ok());
    let values = metadata.file_metadata().key_value_metadata();
    let version =
        values.and_then(|values| values.iter().find(|pair| pair.key == VERSION_KEY)?.value.as_deref());
    match version {
        Some(VERSION) if COLUMNS.as_ref() == Some(metadata.file_metadata().schema()) => Ok(()),
        Some(VERSION) | None => Err(CheckpointError::damaged(dir, name, "it is not a compacted file log")),
        Some(other) => {
            let file = dir.location().child(name);
            Err(CheckpointError::UnknownVersion { file, found: other.to_owned(), known: VERSION })
        }
    }
}

fn cut_off(dir: &Directory, name: &str) -> CheckpointError {
    CheckpointError::damaged(dir, name, "it is cut off")
}

/// Appends the values of a column that has no nulls.
fn read_column<T: DataType>(
    metadata: &ParquetMetaData,
    group: usize,
    column: usize,
    window: &Arc<Window>,
    values: &mut Vec<T::T>,
) -> ParquetResult<()> {
    let group = metadata.row_group(group);
    let rows = usize::try_from(group.num_rows()).unwrap_or_default();
    let chunk = group.column(column);
    let pages = SerializedPageReader::new(window.clone(), chunk, rows, None)?;
    let mut reader = ColumnReaderImpl::<T>::new(chunk.column_descr_ptr(), Box::new(pages));
    let (read, ..) = reader.read_records(rows, None, None, values)?;
    if read == rows {
        Ok(())
    } else {
        Err(ParquetError::EOF(format!("column {column} has {read} of {rows} rows")))
    }
}

/// A part of a file.
#[derive(Debug)]
struct Window {
    start: u64,
    bytes: Bytes,
}

impl Length for Window {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Window {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(self.get_bytes(start, self.len().saturating_sub(start) as usize)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let from = start.checked_sub(self.start).map(|from| from as usize);
        let range = from.and_then(|from| Some(from..from.checked_add(length)?));
        match range.filter(|range| range.end <= self.bytes.len()) {
            Some(range) => Ok(self.bytes.slice(range)),
            None => Err(ParquetError::EOF(format!(
                "{length} bytes at {start} are outside of the part that was read"
            ))),
        }
    }
}
