//! What can go wrong with a checkpoint.

use model::{Classify, ErrorKind};
use storage::{Directory, Location, StorageError};
use thiserror::Error;

use crate::RecoveryError;

/// What can go wrong with a checkpoint.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// A file is not what was written: empty, cut off, not ours, or missing where others say that it was there.
    #[error("{file} is damaged: {reason}")]
    Damaged {
        /// The file.
        file: Location,
        /// What is wrong with it.
        reason: String,
    },
    /// A file was written by a version of this program, or of Spark, that this one does not know.
    #[error("{file} has the unknown version `{found}`; this program reads `{known}`")]
    UnknownVersion {
        /// The file.
        file: Location,
        /// The version it states.
        found: String,
        /// The version that is understood.
        known: &'static str,
    },
    /// The checkpoint was made by Spark.
    #[error("{file} belongs to a query of Spark; its progress cannot be taken over")]
    Foreign {
        /// The file.
        file: Location,
    },
    /// Somebody else wrote a file first, with another content.
    #[error("{file} was written by another run meanwhile")]
    Conflict {
        /// The file.
        file: Location,
    },
    /// The checkpoint and what surrounds it cannot both be true.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl CheckpointError {
    pub(crate) fn damaged(dir: &Directory, name: &str, reason: impl Into<String>) -> Self {
        Self::Damaged { file: dir.location().child(name), reason: reason.into() }
    }
}

impl Classify for CheckpointError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Damaged { .. } | Self::UnknownVersion { .. } | Self::Foreign { .. } => ErrorKind::User,
            Self::Conflict { .. } => ErrorKind::Conflict,
            Self::Recovery(error) => error.kind(),
            Self::Storage(error) => error.kind(),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Damaged { .. } => {
                "bring the whole checkpoint back from a backup, or rebuild the table from its source with --full-refresh"
            }
            Self::UnknownVersion { .. } => "use the version of this program that wrote it",
            Self::Foreign { .. } => "choose another directory with --checkpoints",
            Self::Conflict { .. } => "let only one run use this checkpoint; then start again",
            Self::Recovery(error) => return error.hint(),
            Self::Storage(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }
}
