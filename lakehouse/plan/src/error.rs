//! What can go wrong before a row is read.

use datafusion::common::DataFusionError;
use model::{Classify, ErrorKind};
use thiserror::Error;

/// A definition that cannot become a plan.
#[derive(Debug, Error)]
pub enum PlanError {
    /// A piece of SQL that cannot be read or resolved.
    #[error("{part} `{text}`: {reason}")]
    Sql {
        /// Which piece: `--where`, `--select`, an expectation ...
        part: String,
        /// The piece.
        text: String,
        /// What is wrong, with the place where it is known.
        reason: String,
    },
    /// A column that the input does not have.
    #[error("{part} names column `{column}`, which the input does not have; it has {known}")]
    UnknownColumn {
        /// Which option named it.
        part: String,
        /// The column as written.
        column: String,
        /// The columns that are there.
        known: String,
        /// The one that may be meant.
        suggestion: Option<String>,
    },
    /// An option whose value is not understood.
    #[error("{part}: {reason}")]
    Option {
        /// Which option.
        part: String,
        /// What is wrong.
        reason: String,
        /// The way out.
        hint: Option<String>,
    },
    /// An operation that a stream cannot do in this output mode (Spark: `STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION`).
    #[error("{operation} over a stream cannot be written in output mode {mode}: {reason}")]
    UnsupportedOperation {
        /// The operation, such as `an aggregation`.
        operation: &'static str,
        /// The mode.
        mode: model::OutputMode,
        /// Why.
        reason: &'static str,
    },
    /// A result column that Delta cannot store.
    #[error("the result cannot be stored: {reason}")]
    NotStorable {
        /// Which column, and why.
        reason: String,
    },
    /// DataFusion refused the plan.
    #[error(transparent)]
    DataFusion(#[from] DataFusionError),
}

impl Classify for PlanError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::DataFusion(error) => match error.find_root() {
                DataFusionError::Internal(_) => ErrorKind::Internal,
                _ => ErrorKind::User,
            },
            _ => ErrorKind::User,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownColumn { suggestion, .. } => {
                suggestion.as_ref().map(|name| format!("did you mean `{name}`?"))
            }
            Self::Option { hint, .. } => hint.clone(),
            Self::UnsupportedOperation { .. } => Some(
                "use --output-mode complete, or read the table as a whole instead of as a stream".to_owned(),
            ),
            Self::NotStorable { .. } | Self::Sql { .. } | Self::DataFusion(_) => None,
        }
    }
}

impl PlanError {
    /// An error about one piece of SQL.
    pub(crate) fn sql(part: &str, text: &str, error: impl std::fmt::Display) -> Self {
        Self::Sql { part: part.to_owned(), text: text.to_owned(), reason: error.to_string() }
    }
}
