//! Rows into Parquet data files.
//!
//! Guarantees: the bytes in memory are bounded by about three row groups, whatever the number of rows; statistics in the log
//! are never narrower than the data; a file that [`DataFileWriter::finish`] names is durable.

mod encoding;
mod exec;
mod new_file;
mod options;
mod stats;
mod upload;
mod writer;

pub use exec::WriteExec;
pub use new_file::NewFile;
pub use options::WriterOptions;
pub use writer::DataFileWriter;
