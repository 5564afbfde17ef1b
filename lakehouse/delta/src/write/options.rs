//! How data files are written.

use arrow::datatypes::SchemaRef;
use parquet::basic::Compression;

/// How data files are written.
#[derive(Debug, Clone)]
pub struct WriterOptions {
    /// The columns of the rows. Dictionary and view arrays are taken as they come.
    pub schema: SchemaRef,
    /// The columns to partition by. Writing into partitions is not offered yet: anything here is refused.
    pub partition_columns: Vec<String>,
    /// The size at which a file is closed and the next begun, in bytes.
    pub target_file_size: u64,
    /// The size at which a row group is closed, in encoded bytes. A writer holds about three of them in memory.
    pub row_group_bytes: usize,
    /// The number of rows at which a row group is closed.
    pub row_group_rows: usize,
    /// The codec; snappy, because every reader has it.
    pub compression: Compression,
    /// A number in the files' names, for people: the partition of the stream.
    pub part: usize,
}

impl WriterOptions {
    /// The defaults for rows with these columns.
    pub fn of(schema: SchemaRef) -> Self {
        Self {
            schema,
            partition_columns: Vec::new(),
            target_file_size: 128 << 20,
            row_group_bytes: 16 << 20,
            row_group_rows: 1 << 20,
            compression: Compression::SNAPPY,
            part: 0,
        }
    }
}
