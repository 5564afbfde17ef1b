//! What can stop a run.

use checkpoints::{CheckpointError, RecoveryError};
use connectors::source::SourceError;
use datafusion::common::DataFusionError;
use delta::DeltaError;
use model::{BatchId, Classify, ErrorKind, FlowName, Step};
use plan::{ExpectationViolated, PlanError};
use storage::StorageError;
use thiserror::Error;

/// A run that cannot begin or go on.
#[derive(Debug, Error)]
pub enum EngineError {
    /// Two flows of one name.
    #[error("there are two flows named `{flow}`")]
    DuplicateFlow {
        /// The name.
        flow: FlowName,
    },
    /// Flows that read each other's tables.
    #[error("circular dependency between the flows {}", names(.flows))]
    Cycle {
        /// The flows that cannot be ordered.
        flows: Vec<FlowName>,
    },
    /// A flow failed.
    #[error("{flow}: {source}")]
    Flow {
        /// Which.
        flow: FlowName,
        /// Why.
        source: Box<EngineError>,
    },
    /// Complete mode would replace the rows of a table that this flow did not make.
    #[error(
        "{location} already holds a table that this flow has not written; in output mode complete it would be replaced"
    )]
    ForeignTable {
        /// The table.
        location: String,
    },
    /// A changed definition was to be accepted in the middle of a batch.
    #[error("batch {batch} was begun with the earlier definition and is not finished")]
    Unfinished {
        /// The batch.
        batch: BatchId,
    },
    /// An expectation with `fail` was broken.
    #[error(transparent)]
    Expectation(#[from] ExpectationViolated),
    /// A test stopped the run.
    #[error("stopped on purpose after step {step} of batch {batch}")]
    Fault {
        /// After which step.
        step: Step,
        /// Of which batch.
        batch: BatchId,
    },
    /// The checkpoint and the table cannot both be true.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The checkpoint failed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A source failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The query failed before it ran.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The table failed.
    #[error(transparent)]
    Delta(#[from] DeltaError),
    /// A store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The query failed while it ran.
    #[error("{0}")]
    Execution(DataFusionError),
    /// A task of ours ended in a panic.
    #[error("a task ended unexpectedly: {0}")]
    Task(#[from] tokio::task::JoinError),
}

fn names(flows: &[FlowName]) -> String {
    flows.iter().map(FlowName::as_str).collect::<Vec<_>>().join(", ")
}

impl EngineError {
    /// An error that came out of a running plan: one of ours that travelled through DataFusion, or DataFusion's own.
    pub(crate) fn from_execution(error: DataFusionError) -> Self {
        match unwrap(error) {
            DataFusionError::External(inner) => ours(inner),
            other => Self::Execution(other),
        }
    }
}

fn unwrap(error: DataFusionError) -> DataFusionError {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => unwrap(*inner),
        DataFusionError::ArrowError(inner, backtrace) => match *inner {
            arrow::error::ArrowError::ExternalError(external) => DataFusionError::External(external),
            other => DataFusionError::ArrowError(Box::new(other), backtrace),
        },
        other => other,
    }
}

fn ours(error: Box<dyn std::error::Error + Send + Sync>) -> EngineError {
    let error = match error.downcast::<ExpectationViolated>() {
        Ok(violated) => return EngineError::Expectation(*violated),
        Err(error) => error,
    };
    let error = match error.downcast::<SourceError>() {
        Ok(source) => return EngineError::Source(*source),
        Err(error) => error,
    };
    let error = match error.downcast::<DeltaError>() {
        Ok(delta) => return EngineError::Delta(*delta),
        Err(error) => error,
    };
    match error.downcast::<DataFusionError>() {
        Ok(inner) => EngineError::from_execution(*inner),
        Err(error) => EngineError::Execution(DataFusionError::External(error)),
    }
}

impl Classify for EngineError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::DuplicateFlow { .. } | Self::Cycle { .. } => ErrorKind::User,
            Self::ForeignTable { .. } | Self::Unfinished { .. } => ErrorKind::User,
            Self::Flow { source, .. } => source.kind(),
            Self::Expectation(_) => ErrorKind::Data,
            Self::Fault { .. } | Self::Task(_) => ErrorKind::Internal,
            Self::Recovery(error) => error.kind(),
            Self::Checkpoint(error) => error.kind(),
            Self::Source(error) => error.kind(),
            Self::Plan(error) => error.kind(),
            Self::Delta(error) => error.kind(),
            Self::Storage(error) => error.kind(),
            Self::Execution(error) => execution_kind(error),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Flow { source, .. } => source.hint(),
            Self::ForeignTable { .. } => {
                Some("choose another --table, or pass --full-refresh to replace it".to_owned())
            }
            Self::Unfinished { .. } => Some(
                "run the earlier definition once more, then the new one with --accept-changes".to_owned(),
            ),
            Self::Expectation(_) => {
                Some("correct the data, or let the rule drop or warn; nothing was written".to_owned())
            }
            Self::Recovery(error) => error.hint(),
            Self::Checkpoint(error) => error.hint(),
            Self::Source(error) => error.hint(),
            Self::Plan(error) => error.hint(),
            Self::Delta(error) => error.hint(),
            Self::Storage(error) => error.hint(),
            _ => None,
        }
    }
}

fn execution_kind(error: &DataFusionError) -> ErrorKind {
    if let Some(kind) = storage::kind_of_store_error_in(error) {
        return kind;
    }
    match error.find_root() {
        DataFusionError::IoError(_) => ErrorKind::Transient,
        DataFusionError::Internal(_) => ErrorKind::Internal,
        _ => ErrorKind::User,
    }
}
