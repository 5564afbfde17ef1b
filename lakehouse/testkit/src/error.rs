//! What a test file can do wrong, or expect to go wrong.

use lakehouse::engine::EngineError;
use lakehouse::storage::StorageError;
use thiserror::Error;

/// A statement that failed.
#[derive(Debug, Error)]
pub enum LabError {
    /// The harness has no such verb, or it is used wrongly.
    #[error("{0}")]
    Verb(String),
    /// A job failed; this is what it said on stderr.
    #[error("exit {code}: {stderr}")]
    Job {
        /// The exit code.
        code: u8,
        /// What it said.
        stderr: String,
    },
    /// A query failed.
    #[error("{0}")]
    Query(#[from] datafusion::common::DataFusionError),
    /// A table could not be read.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A file could not be written or read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The machine failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
