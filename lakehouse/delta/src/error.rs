//! What can go wrong with a Delta table.

use model::{Classify, ErrorKind};
use thiserror::Error;

/// The cause of an error of ours, whatever its type.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong with a Delta table. Every variant names the table by its location.
#[derive(Debug, Error)]
pub enum DeltaError {
    /// There is no table where one is needed.
    #[error("there is no Delta table at {table}")]
    Missing {
        /// The table's location.
        table: String,
    },
    /// A file of the log is not what a writer can have left there: empty, cut off, filled with zeros.
    #[error("the log of {table} is damaged: {file} {reason}")]
    Damaged {
        /// The table's location.
        table: String,
        /// The file's name in `_delta_log`.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The table needs something of its readers or writers that Lakesmith does not do.
    #[error("{table} uses {feature}, which Lakesmith cannot {action}")]
    Unsupported {
        /// The table's location.
        table: String,
        /// The table feature or property, by the protocol's name.
        feature: String,
        /// `read`, `write` or `replace`.
        action: &'static str,
    },
    /// The columns do not fit the table's.
    #[error("the rows do not fit {table}: {reason}")]
    Schema {
        /// The table's location.
        table: String,
        /// Which column, and why.
        reason: String,
    },
    /// A version that is needed is not in the log (any more).
    #[error("{table} has no version {version} in its log{}", versions(*earliest, *latest))]
    VersionGone {
        /// The table's location.
        table: String,
        /// The version that is needed.
        version: u64,
        /// The first version in the log.
        earliest: Option<u64>,
        /// The last version in the log.
        latest: Option<u64>,
    },
    /// Others changed the table in a way that this commit cannot follow, or were faster until the deadline.
    #[error("{table} could not be committed to: {reason}")]
    Conflict {
        /// The table's location.
        table: String,
        /// What was in the way.
        reason: String,
    },
    /// A store refused or failed.
    #[error(transparent)]
    Storage(#[from] storage::StorageError),
    /// A store failed while it was asked for something directly.
    #[error("{table}: could not {action}")]
    Store {
        /// The table's location.
        table: String,
        /// What was being done.
        action: String,
        /// The store's answer.
        source: object_store::Error,
    },
    /// A library failed on something that should not fail.
    #[error("{table}: could not {action}")]
    Failed {
        /// The table's location.
        table: String,
        /// What was being done.
        action: &'static str,
        /// Why not.
        source: Cause,
    },
}

fn versions(earliest: Option<u64>, latest: Option<u64>) -> String {
    match (earliest, latest) {
        (Some(earliest), Some(latest)) => format!(" (it holds {earliest} to {latest})"),
        _ => String::new(),
    }
}

impl DeltaError {
    /// Wraps what a library said into [`DeltaError::Failed`].
    pub(crate) fn failed<E: Into<Cause>>(
        table: &str,
        action: &'static str,
    ) -> impl FnOnce(E) -> Self + use<E> {
        let table = table.to_owned();
        move |source| Self::Failed { table, action, source: source.into() }
    }

    /// Wraps what a store said into [`DeltaError::Store`].
    pub(crate) fn store<A: Into<String>>(
        table: &str,
        action: A,
    ) -> impl FnOnce(object_store::Error) -> Self + use<A> {
        let (table, action) = (table.to_owned(), action.into());
        move |source| Self::Store { table, action, source }
    }
}

impl Classify for DeltaError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Missing { .. }
            | Self::Unsupported { .. }
            | Self::Schema { .. }
            | Self::VersionGone { .. } => ErrorKind::User,
            Self::Damaged { .. } => ErrorKind::Internal,
            Self::Failed { source, .. } => {
                storage::kind_of_store_error_in(source.as_ref()).unwrap_or(ErrorKind::Internal)
            }
            Self::Conflict { .. } => ErrorKind::Conflict,
            Self::Storage(error) => error.kind(),
            Self::Store { source, .. } => store_kind(source),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => {
                Some("run the flow that writes this table first, or correct the path".to_owned())
            }
            Self::Damaged { file, .. } => Some(damaged_hint(file)),
            Self::Unsupported { feature, action, .. } => Some(unsupported_hint(feature, action)),
            Self::Schema { .. } => {
                Some("rename or cast the columns in the query, or start a new table".to_owned())
            }
            Self::VersionGone { .. } => Some(
                "start the stream over its source with --full-refresh, or from a version that is there"
                    .to_owned(),
            ),
            Self::Conflict { .. } => {
                Some("start the run again; what was not committed is done anew".to_owned())
            }
            Self::Storage(error) => error.hint(),
            Self::Store { .. } | Self::Failed { .. } => None,
        }
    }
}

fn damaged_hint(file: &str) -> String {
    if file.contains("checkpoint") {
        return format!(
            "move {file} and _last_checkpoint aside (do not delete them); if the log still has its commits from version 0 \
             on, nothing is lost and the next checkpoint is written by itself"
        );
    }
    format!(
        "restore {file} from a backup; or, to give up what was committed with it, move it and every later file of \
         _delta_log aside (do not delete them) and start again"
    )
}

fn unsupported_hint(feature: &str, action: &str) -> String {
    match (feature, action) {
        ("delta.appendOnly", _) => {
            "use --output-mode append, or unset the table's property delta.appendOnly".to_owned()
        }
        ("deletion vectors", _) => {
            "rewrite the table without them (REORG TABLE ... APPLY (PURGE))".to_owned()
        }
        (_, "read") => "copy the table to one without this feature".to_owned(),
        _ => "drop the feature from the table (ALTER TABLE ... DROP FEATURE), or write to another table"
            .to_owned(),
    }
}

/// What a store's error means. What the store says about itself may pass; what it says about us will not.
fn store_kind(error: &object_store::Error) -> ErrorKind {
    use object_store::Error::{
        InvalidPath, NotFound, NotImplemented, NotSupported, PermissionDenied, Unauthenticated,
    };
    match error {
        NotFound { .. } | InvalidPath { .. } | PermissionDenied { .. } | Unauthenticated { .. } => {
            ErrorKind::User
        }
        NotSupported { .. } | NotImplemented { .. } => ErrorKind::User,
        _ => ErrorKind::Transient,
    }
}
