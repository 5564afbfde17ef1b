//! A Delta table by its directory.

use storage::{Created, Directory};

use crate::action::{Action, CommitInfo, Mark, encode};
use crate::definition::misfit;
use crate::kernel::Kernel;
use crate::log::file_name;
use crate::snapshot::Snapshot;
use crate::{CommitLog, DeltaError, SchemaPolicy, TableDefinition, schema};

/// A Delta table by its directory, whether it exists yet or not. Cheap to clone; nothing is read until asked for.
#[derive(Debug, Clone)]
pub struct Table {
    directory: Directory,
}

impl Table {
    /// The table whose data files and `_delta_log` are in `directory`.
    pub fn at(directory: Directory) -> Self {
        Self { directory }
    }

    /// The table's directory.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The table's location, for messages.
    pub fn name(&self) -> String {
        self.directory.location().to_string()
    }

    /// The commits, read one by one.
    pub fn log(&self) -> CommitLog {
        CommitLog::of(&self.directory)
    }

    /// The newest version: its columns, properties and progress notes, but not its files. `None`: there is no table.
    ///
    /// # Errors
    /// [`DeltaError::Damaged`] when one of the newest commits is empty, torn or zero-filled: reading past it would lose
    /// rows without a word.
    pub async fn snapshot(&self) -> Result<Option<Snapshot>, DeltaError> {
        Snapshot::newest(self).await
    }

    /// The table as it was at `version`. `None`: there is no table.
    ///
    /// # Errors
    /// As [`Table::snapshot`]; and when the log no longer reaches back to that version.
    pub async fn snapshot_at(&self, version: u64) -> Result<Option<Snapshot>, DeltaError> {
        Snapshot::at(self, version).await
    }

    /// Makes an empty table. When somebody made it before or at the same time, theirs is taken if these columns fit.
    ///
    /// # Errors
    /// [`DeltaError::Schema`] when the columns cannot be stored, or the table is there with others.
    pub async fn create(&self, definition: &TableDefinition) -> Result<Snapshot, DeltaError> {
        if let Some(there) = self.snapshot().await? {
            return self.fitting(there, definition);
        }
        let state = definition.state(&self.name())?;
        let (id, timestamp_ms) = (uuid::Uuid::new_v4().to_string(), chrono::Utc::now().timestamp_millis());
        let info = CommitInfo {
            timestamp: Some(timestamp_ms),
            operation: Some("CREATE TABLE".to_owned()),
            engine_info: Some(crate::ENGINE.to_owned()),
            txn_id: Some(id.clone()),
            lakesmith: Some(Mark { commit_id: id, flow: String::new(), actions: 3 }),
            ..CommitInfo::default()
        };
        let actions = [
            Action { commit_info: Some(info), ..Action::default() },
            Action { protocol: Some(state.protocol.clone()), ..Action::default() },
            Action { meta_data: Some(state.metadata.clone()), ..Action::default() },
        ];
        match self.log().directory.create(&file_name(0), encode(&self.name(), &actions)?).await? {
            Created::Yes => Ok(Snapshot::first(self, state, timestamp_ms)),
            Created::AlreadyExists => {
                let there =
                    self.snapshot().await?.ok_or_else(|| DeltaError::Missing { table: self.name() })?;
                self.fitting(there, definition)
            }
        }
    }

    fn fitting(&self, there: Snapshot, definition: &TableDefinition) -> Result<Snapshot, DeltaError> {
        let fits = schema::fit(&there.schema(), &definition.schema, SchemaPolicy::Refuse);
        fits.map(|_| there).map_err(|reason| misfit(&self.name(), reason))
    }

    pub(crate) fn kernel(&self) -> Result<Kernel, DeltaError> {
        Kernel::over(&self.directory).map_err(DeltaError::failed(&self.name(), "open the log"))
    }
}
