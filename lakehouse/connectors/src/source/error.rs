//! What can go wrong at the reading end.

use delta::DeltaError;
use model::{Classify, ErrorKind};
use storage::StorageError;
use thiserror::Error;

use crate::format::FormatError;

/// A source that cannot be read, or must not be.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The option or offset is not one of this source's.
    #[error("{source_name}: {reason}")]
    Option {
        /// The source.
        source_name: String,
        /// What is wrong.
        reason: String,
        /// The way out.
        hint: Option<String>,
    },
    /// There is no Delta table where one should be.
    #[error("there is no Delta table at {location}")]
    NoTable {
        /// Where.
        location: String,
    },
    /// The source deleted or rewrote rows that were already read (Spark: `DELTA_SOURCE_TABLE_IGNORE_CHANGES`,
    /// `DELTA_SOURCE_IGNORE_DELETE`).
    #[error("version {version} of {location} {what} (for example file {file}): a stream cannot follow that")]
    Changed {
        /// The table.
        location: String,
        /// The commit.
        version: u64,
        /// `updates rows` or `deletes rows`.
        what: &'static str,
        /// One of the files.
        file: String,
    },
    /// The table is another one than the stream has read so far (Spark: `DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE`).
    #[error("{location} holds table {now}, but this stream has read table {was}: the table was recreated")]
    Recreated {
        /// Where.
        location: String,
        /// The table id in the checkpoint.
        was: String,
        /// The table id now.
        now: String,
    },
    /// Commits that the stream needs are gone.
    #[error(
        "{location} no longer has version {version}, which this stream reads next; its oldest is {oldest}"
    )]
    LogCleaned {
        /// The table.
        location: String,
        /// The commit that is missing.
        version: u64,
        /// The oldest that is there.
        oldest: u64,
    },
    /// A file is not what it was when it was listed.
    #[error("{file} changed while it was read")]
    FileChanged {
        /// The file.
        file: String,
    },
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The table failed.
    #[error(transparent)]
    Delta(#[from] DeltaError),
    /// The file's format failed.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The record of what was read failed.
    #[error(transparent)]
    Checkpoint(#[from] checkpoints::CheckpointError),
}

impl Classify for SourceError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Option { .. } | Self::NoTable { .. } | Self::Changed { .. } => ErrorKind::User,
            Self::Recreated { .. } | Self::LogCleaned { .. } => ErrorKind::User,
            Self::FileChanged { .. } => ErrorKind::Transient,
            Self::Storage(error) => error.kind(),
            Self::Delta(error) => error.kind(),
            Self::Format(error) => error.kind(),
            Self::Checkpoint(error) => error.kind(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Option { hint, .. } => hint.clone(),
            Self::NoTable { .. } => Some("run the job that makes it first, or check --source and --lakehouse".to_owned()),
            Self::Changed { .. } => Some(
                "pass --skip-change-commits to leave such commits out, or --full-refresh to read the table anew".to_owned(),
            ),
            Self::Recreated { .. } => Some("pass --full-refresh to read the new table from its beginning".to_owned()),
            Self::LogCleaned { .. } => Some("pass --full-refresh to read the table as it is now".to_owned()),
            Self::FileChanged { .. } => Some("write files under another name and rename them when they are whole".to_owned()),
            Self::Storage(error) => error.hint(),
            Self::Delta(error) => error.hint(),
            Self::Format(error) => error.hint(),
            Self::Checkpoint(error) => error.hint(),
        }
    }
}
