//! What can go wrong with a format: its options, its files, our own promises.

use arrow::error::ArrowError;
use datafusion::common::DataFusionError;
use model::{Classify, ErrorKind};
use thiserror::Error;

/// A failure of a file format. A single bad record is never one: it is a [`Reject`](super::Reject).
#[derive(Debug, Error)]
pub enum FormatError {
    /// No format of that name, or none that the file's name tells.
    #[error("{}", unknown_format(.name, .file))]
    UnknownFormat {
        /// The name as given; empty where it was to be told from the file's name.
        name: String,
        /// The file whose name should have told it.
        file: String,
        /// The known name that was probably meant.
        suggestion: Option<String>,
    },
    /// An option that nothing here knows.
    #[error("there is no option `{option}` here")]
    UnknownOption {
        /// The option as given.
        option: String,
        /// The option that was probably meant.
        suggestion: Option<String>,
    },
    /// An option whose value cannot be taken.
    #[error("option `{option}` = `{value}`: {reason}")]
    InvalidOption {
        /// The option.
        option: String,
        /// Its value as given.
        value: String,
        /// Which values are taken.
        reason: String,
    },
    /// A column type, or a shape of columns, that the format cannot fill.
    #[error("schema, column `{column}`: {reason}")]
    Schema {
        /// The column; parts of nested ones are joined by dots.
        column: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of a kind that is not read.
    #[error("{file}: {reason}")]
    UnsupportedFile {
        /// The file.
        file: String,
        /// Why not.
        reason: String,
        /// The way out.
        hint: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] object_store::Error),
    /// The store did not deliver the bytes.
    #[error("{file}, byte {byte_offset}: {source}")]
    Read {
        /// The file.
        file: String,
        /// How far the reading came, in bytes as stored.
        byte_offset: u64,
        /// What the store answered.
        source: object_store::Error,
    },
    /// The bytes of the file are not what its format or compression promises, or exceed a limit.
    #[error("{file}, byte {byte_offset}: {reason}")]
    Damaged {
        /// The file.
        file: String,
        /// Where the damage begins or was noticed, in bytes of the decompressed file (as stored where it is not compressed).
        byte_offset: u64,
        /// What is wrong there.
        reason: String,
    },
    /// A promise of ours or of a dependency was broken.
    #[error("format {format}: {reason}")]
    Internal {
        /// The format.
        format: &'static str,
        /// What happened.
        reason: String,
    },
}

impl From<ArrowError> for FormatError {
    /// We build arrays from values that we have checked: that Arrow objects is a fault of ours.
    fn from(error: ArrowError) -> Self {
        Self::Internal { format: "arrow", reason: error.to_string() }
    }
}

fn unknown_format(name: &str, file: &str) -> String {
    match name {
        "" => format!("the name of {file} does not tell its format"),
        name => format!("there is no format `{name}`"),
    }
}

impl Classify for FormatError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownFormat { .. }
            | Self::UnknownOption { .. }
            | Self::InvalidOption { .. }
            | Self::UnsupportedFile { .. }
            | Self::Schema { .. } => ErrorKind::User,
            Self::Store(source) | Self::Read { source, .. } => kind_of_read(source),
            Self::Damaged { .. } => ErrorKind::Data,
            Self::Internal { .. } => ErrorKind::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownFormat { suggestion: Some(word), .. } => Some(format!("did you mean `{word}`?")),
            Self::UnknownFormat { .. } => Some("name one of json, csv and parquet as the format".to_owned()),
            Self::UnknownOption { suggestion: Some(word), .. } => Some(format!("did you mean `{word}`?")),
            Self::UnsupportedFile { hint, .. } => Some((*hint).to_owned()),
            Self::Damaged { .. } => Some("replace the file by a whole one, or move it away".to_owned()),
            _ => None,
        }
    }
}

impl From<DataFusionError> for FormatError {
    /// Rows are handed over in the shape that was announced: that the query engine objects is a fault of ours.
    fn from(error: DataFusionError) -> Self {
        Self::Internal { format: "rows", reason: error.to_string() }
    }
}

/// A store's answer may pass, except when it says that the request itself is at fault.
fn kind_of_read(source: &object_store::Error) -> ErrorKind {
    use object_store::Error as E;
    match source {
        E::NotFound { .. }
        | E::PermissionDenied { .. }
        | E::Unauthenticated { .. }
        | E::InvalidPath { .. }
        | E::NotSupported { .. } => ErrorKind::User,
        _ => ErrorKind::Transient,
    }
}
