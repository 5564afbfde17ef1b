//! What can go wrong between the command line and the engine.

use lakehouse::dashboard::DashboardError;
use lakehouse::engine::EngineError;
use lakehouse::model::{Classify, ErrorKind, ParseError};
use lakehouse::plan::PlanError;
use lakehouse::storage::StorageError;
use thiserror::Error;

/// A job that cannot be run.
#[derive(Debug, Error)]
pub enum CliError {
    /// A flag whose value is not understood, or that does not go with another.
    #[error("{flag}: {reason}")]
    Usage {
        /// The flag.
        flag: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A name that is not one.
    #[error(transparent)]
    Name(#[from] ParseError),
    /// The run failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The query is wrong.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A path or URL is wrong, or its store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The dashboard's page could not be made.
    #[error(transparent)]
    Dashboard(#[from] DashboardError),
    /// The program could not start its runtime or write to its streams.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl CliError {
    /// Whether the arguments are to blame: exit code 2.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Usage { .. } | Self::Name(_))
    }
}

impl Classify for CliError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Usage { .. } | Self::Name(_) => ErrorKind::User,
            Self::Engine(error) => error.kind(),
            Self::Plan(error) => error.kind(),
            Self::Storage(error) => error.kind(),
            Self::Dashboard(error) => error.kind(),
            Self::Io(_) => ErrorKind::Transient,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Engine(error) => error.hint(),
            Self::Plan(error) => error.hint(),
            Self::Storage(error) => error.hint(),
            Self::Dashboard(error) => error.hint(),
            Self::Usage { .. } => Some("--help shows the forms".to_owned()),
            Self::Name(_) | Self::Io(_) => None,
        }
    }
}
