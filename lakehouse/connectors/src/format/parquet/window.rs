//! Parts of a file for the parser to look at.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use bytes::{Buf, Bytes, buf::Reader};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::reader::{ChunkReader, Length};
use tokio::runtime::Handle;

use super::read::Failure;
use crate::format::{FormatError, SourceFile};

/// How much of the end of an object is asked for at first: most footers fit.
const TAIL: u64 = 64 * 1024;

/// Rows per batch.
const BATCH: usize = 8192;

/// A file that is open for reading.
#[derive(Debug)]
pub(super) enum Opened {
    /// A file of this machine: the parser reads what it needs, page by page.
    Local(File),
    /// An object: each row group is fetched as a whole, in a few requests.
    Remote(Remote),
}

#[derive(Debug)]
pub(super) struct Remote {
    runtime: Handle,
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
    tail: Bytes,
}

impl Opened {
    /// Opens `file`, which is not empty.
    pub(super) async fn open(file: &SourceFile) -> Result<Self, FormatError> {
        let failed = |source| FormatError::Read { file: file.display.to_string(), byte_offset: 0, source };
        let (store, path, size) = (file.store.clone(), file.meta.location.clone(), file.meta.size);
        let range = GetRange::Bounded(size.saturating_sub(TAIL)..size);
        let options =
            GetOptions { range: Some(range), if_match: file.meta.e_tag.clone(), ..GetOptions::default() };
        let found = store.get_opts(&path, options).await.map_err(failed)?;
        if let GetResultPayload::File(local, _) = found.payload {
            return Ok(Self::Local(local));
        }
        let tail = found.bytes().await.map_err(failed)?;
        Ok(Self::Remote(Remote { runtime: Handle::current(), store, path, size, tail }))
    }

    /// What the footer says. Columns have the types that Parquet knows, whatever Arrow schema the writer put beside them.
    pub(super) fn metadata(&self) -> Result<ArrowReaderMetadata, Failure> {
        let parsed = match self {
            Self::Local(file) => ParquetMetaDataReader::new().parse_and_finish(file)?,
            Self::Remote(remote) => {
                let mut reader = ParquetMetaDataReader::new();
                remote.parse_footer(&mut reader)?;
                reader.finish()?
            }
        };
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        Ok(ArrowReaderMetadata::try_new(Arc::new(parsed), options)?)
    }

    /// The rows of a row group.
    pub(super) fn row_group(
        &self,
        metadata: &ArrowReaderMetadata,
        index: usize,
    ) -> Result<ParquetRecordBatchReader, Failure> {
        match self {
            Self::Local(file) => rows(file.try_clone()?, metadata, index),
            Self::Remote(remote) => rows(remote.window(metadata, index)?, metadata, index),
        }
    }
}

fn rows<R: ChunkReader + 'static>(
    file: R,
    metadata: &ArrowReaderMetadata,
    index: usize,
) -> Result<ParquetRecordBatchReader, Failure> {
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone());
    Ok(builder.with_row_groups(vec![index]).with_batch_size(BATCH).build()?)
}

impl Remote {
    fn parse_footer(&self, reader: &mut ParquetMetaDataReader) -> Result<(), Failure> {
        match reader.try_parse_sized(&self.tail, self.size) {
            Err(ParquetError::NeedMoreData(needed)) => {
                let range = self.size.saturating_sub(needed as u64)..self.size;
                let tail = self.runtime.block_on(self.store.get_range(&self.path, range))?;
                Ok(reader.try_parse_sized(&tail, self.size)?)
            }
            outcome => Ok(outcome?),
        }
    }

    fn window(&self, metadata: &ArrowReaderMetadata, index: usize) -> Result<Window, Failure> {
        let columns = metadata.metadata().row_group(index).columns();
        let range = |(start, length): (u64, u64)| start..start.saturating_add(length).min(self.size);
        let ranges: Vec<Range<u64>> = columns.iter().map(|column| range(column.byte_range())).collect();
        let parts = self.runtime.block_on(self.store.get_ranges(&self.path, &ranges))?;
        Ok(Window { size: self.size, parts: ranges.iter().map(|range| range.start).zip(parts).collect() })
    }
}

/// Some parts of an object.
#[derive(Debug)]
struct Window {
    size: u64,
    parts: Vec<(u64, Bytes)>,
}

impl Window {
    fn from(&self, start: u64) -> Result<Bytes, ParquetError> {
        let holds = |(begin, part): &&(u64, Bytes)| (*begin..*begin + part.len() as u64).contains(&start);
        let outside = || ParquetError::General(format!("the page at byte {start} lies outside its column"));
        let (begin, part) = self.parts.iter().find(holds).ok_or_else(outside)?;
        Ok(part.slice((start - begin) as usize..))
    }
}

impl Length for Window {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for Window {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let part = self.from(start)?;
        match part.len() < length {
            true => Err(ParquetError::EOF(format!("the page at byte {start} is cut off"))),
            false => Ok(part.slice(..length)),
        }
    }
}
