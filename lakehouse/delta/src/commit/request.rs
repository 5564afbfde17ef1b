//! What a commit shall do, and what became of it.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{BatchId, OutputMode};
use uuid::Uuid;

use crate::{NewFile, SchemaPolicy, Snapshot, TableDefinition};

/// What a commit shall do.
#[derive(Debug, Clone)]
pub struct CommitRequest {
    /// Whose progress is noted; with `batch` it names the work that must not be done twice.
    pub app_id: String,
    /// The batch.
    pub batch: BatchId,
    /// The commit's own id: a new one for each run, so that a run knows its own commit again.
    pub commit_id: Uuid,
    /// The flow, for people who read the log.
    pub flow: String,
    /// Whether the files join the table's or replace them. [`OutputMode::Update`] is treated as append.
    pub mode: OutputMode,
    /// The columns of the files; and what the table shall be where there is none yet.
    pub definition: TableDefinition,
    /// What happens to columns that the table lacks. A complete commit replaces the columns instead.
    pub schema_policy: SchemaPolicy,
    /// The files.
    pub adds: Vec<NewFile>,
    /// The version to commit against, where it is known; else the newest is read.
    pub base: Option<Snapshot>,
    /// More of what the log's history shows about the operation.
    pub operation_parameters: BTreeMap<String, String>,
    /// Written as one JSON text into the history's `userMetadata`; nothing when empty.
    pub user_metadata: BTreeMap<String, String>,
    /// How long to go on when others are faster or the store fails.
    pub deadline: Duration,
}

impl CommitRequest {
    /// An append of `adds`, with a new commit id, no base and a minute's patience.
    pub fn append(app_id: &str, batch: BatchId, definition: TableDefinition, adds: Vec<NewFile>) -> Self {
        Self {
            app_id: app_id.to_owned(),
            batch,
            commit_id: Uuid::new_v4(),
            flow: String::new(),
            mode: OutputMode::Append,
            definition,
            schema_policy: SchemaPolicy::Refuse,
            adds,
            base: None,
            operation_parameters: BTreeMap::new(),
            user_metadata: BTreeMap::new(),
            deadline: Duration::from_secs(60),
        }
    }
}

/// The answer of an idempotent commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOutcome {
    /// The batch is in the table by this commit.
    Written,
    /// The batch was in the table before; nothing was changed, and the files that were offered belong to nobody.
    AlreadyWritten,
}

/// What became of a commit.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Whether it was this commit or an earlier one.
    pub outcome: CommitOutcome,
    /// The version that this commit made; for [`CommitOutcome::AlreadyWritten`] one that holds the batch.
    pub version: u64,
    /// The table's id.
    pub table_id: String,
    /// How many files left the table.
    pub removed_files: u64,
    /// The version as a base for the next commit.
    pub snapshot: Snapshot,
}

impl Committed {
    pub(crate) fn at(snapshot: Snapshot, outcome: CommitOutcome) -> Self {
        let (version, table_id) = (snapshot.version(), snapshot.table_id().to_owned());
        Self { outcome, version, table_id, removed_files: 0, snapshot }
    }
}
