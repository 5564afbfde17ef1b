//! A version of a table: what it is, without its files.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use delta_kernel::SnapshotRef;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};

use crate::action::{Metadata, Protocol};
use crate::error::Cause;
use crate::kernel::Kernel;
use crate::log::file_name;
use crate::protocol::{self, Access};
use crate::{Commit, CommitLog, DataFile, DeltaError, Table, schema};

/// How many of the newest commits are read when a table is opened. A machine that lost power may have lost the newest ones.
const CHECKED_COMMITS: u64 = 3;
/// An older commit larger than this is not read again at each start.
const CHECKED_BYTES: u64 = 1 << 20;
/// A snapshot that lags further behind is opened anew.
const COMMITS_TO_FOLLOW: u64 = 500;

/// A version of a table: its columns, properties and progress notes. Its files are read only when asked for, as a stream.
#[derive(Clone)]
pub struct Snapshot {
    table: Table,
    version: u64,
    timestamp_ms: i64,
    state: Arc<State>,
    /// What the kernel knows of an earlier or the same version; `None` for a table born in this process.
    base: Option<(Kernel, SnapshotRef)>,
    /// Progress notes of the commits after `base`.
    txns: HashMap<String, i64>,
}

/// What a table is at a version.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) protocol: Protocol,
    pub(crate) metadata: Metadata,
    pub(crate) schema: SchemaRef,
}

impl State {
    pub(crate) fn new(protocol: Protocol, metadata: Metadata) -> Result<Self, String> {
        let schema = schema::from_text(&metadata.schema_string)?;
        Ok(Self { protocol, metadata, schema })
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("table", &self.table.name()).field("version", &self.version).finish()
    }
}

impl Snapshot {
    /// The version.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// When the version was committed, in milliseconds since 1970.
    pub fn timestamp_ms(&self) -> i64 {
        self.timestamp_ms
    }

    /// The table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The table's id; another id is another table, even at the same place.
    pub fn table_id(&self) -> &str {
        &self.state.metadata.id
    }

    /// The columns, partition columns included.
    pub fn schema(&self) -> SchemaRef {
        self.state.schema.clone()
    }

    /// The columns that the table is partitioned by.
    pub fn partition_columns(&self) -> &[String] {
        &self.state.metadata.partition_columns
    }

    /// The table's properties.
    pub fn properties(&self) -> &BTreeMap<String, String> {
        &self.state.metadata.configuration
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Refuses a table whose rows cannot be read as they stand.
    ///
    /// # Errors
    /// [`DeltaError::Unsupported`] with the feature's name.
    pub fn check_readable(&self) -> Result<(), DeltaError> {
        self.check(Access::Read)
    }

    pub(crate) fn check(&self, access: Access) -> Result<(), DeltaError> {
        protocol::check(&self.table.name(), &self.state.protocol, &self.state.metadata, access)
    }

    /// How far `app_id` has come, at any time before this version. Notes that the table's retention calls expired count.
    ///
    /// # Errors
    /// What the store or the kernel says.
    pub async fn txn_version(&self, app_id: &str) -> Result<Option<i64>, DeltaError> {
        if let Some(version) = self.txns.get(app_id) {
            return Ok(Some(*version));
        }
        let Some((kernel, at)) = &self.base else { return Ok(None) };
        let found =
            kernel.txns(at, Some(app_id.to_owned())).await.map_err(self.failed("read the progress notes"))?;
        Ok(found.get(app_id).copied())
    }

    /// All application ids, and how far each has come. It replays the whole log.
    ///
    /// # Errors
    /// What the store or the kernel says.
    pub async fn txn_ids(&self) -> Result<Vec<(String, i64)>, DeltaError> {
        let mut all = match &self.base {
            Some((kernel, at)) => {
                kernel.txns(at, None).await.map_err(self.failed("read the progress notes"))?
            }
            None => HashMap::new(),
        };
        all.extend(self.txns.clone());
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort();
        Ok(all)
    }

    /// The table's live files, newest first, as the log is replayed.
    ///
    /// # Errors
    /// [`DeltaError::Unsupported`] for a table or a file that cannot be read as it stands.
    pub fn files(&self) -> BoxStream<'static, Result<DataFile, DeltaError>> {
        let this = self.clone();
        futures::stream::once(async move { this.open_files().await }).try_flatten().boxed()
    }

    async fn open_files(self) -> Result<BoxStream<'static, Result<DataFile, DeltaError>>, DeltaError> {
        self.check_readable()?;
        let (kernel, at) = match self.base.clone() {
            Some((kernel, at)) if at.version() == self.version => (kernel, at),
            _ => {
                let kernel = self.table.kernel()?;
                let at = kernel.snapshot(Some(self.version)).await.map_err(self.failed("open the log"))?;
                (kernel, at)
            }
        };
        let name = self.table.name();
        let checked = kernel.files(&at).map(move |file| {
            let file = file.map_err(DeltaError::failed(&name, "list the live files"))?;
            file.check_readable(&name).map(|()| file)
        });
        Ok(checked.boxed())
    }

    /// The newest version, by way of the commits since this one.
    ///
    /// # Errors
    /// [`DeltaError::Damaged`] for a damaged commit; [`DeltaError::Missing`] when the table is gone.
    pub async fn refresh(&self) -> Result<Self, DeltaError> {
        let log = self.table.log();
        let mut newest = self.clone();
        while newest.version - self.version < COMMITS_TO_FOLLOW {
            match log.read(newest.version + 1).await? {
                Some(commit) => newest = newest.followed_by(&commit)?,
                None if newest.version > self.version || log.exists(self.version).await? => {
                    return Ok(newest);
                }
                None => break,
            }
        }
        self.table.snapshot().await?.ok_or_else(|| DeltaError::Missing { table: self.table.name() })
    }

    /// The version that `commit`, the one after this, makes.
    pub(crate) fn followed_by(mut self, commit: &Commit) -> Result<Self, DeltaError> {
        if commit.metadata.is_some() || commit.protocol.is_some() {
            let State { protocol, metadata, .. } = (*self.state).clone();
            let protocol = commit.protocol.as_ref().map_or(protocol, |change| change.action.clone());
            let metadata = commit.metadata.as_ref().map_or(metadata, |change| change.action.clone());
            let state =
                State::new(protocol, metadata).map_err(|reason| self.damaged(commit.version, reason))?;
            self.state = Arc::new(state);
        }
        self.txns.extend(commit.txns.iter().cloned());
        self.version = commit.version;
        self.timestamp_ms = commit.timestamp_ms;
        Ok(self)
    }

    /// The version that a commit of ours made, which is known without reading it.
    pub(crate) fn followed_by_own(
        mut self,
        version: u64,
        timestamp_ms: i64,
        state: State,
        note: (String, i64),
    ) -> Self {
        self.state = Arc::new(state);
        self.txns.extend([note]);
        self.version = version;
        self.timestamp_ms = timestamp_ms;
        self
    }

    /// The first version of a table that was made just now.
    pub(crate) fn first(table: &Table, state: State, timestamp_ms: i64) -> Self {
        let state = Arc::new(state);
        Self { table: table.clone(), version: 0, timestamp_ms, state, base: None, txns: HashMap::new() }
    }

    pub(crate) async fn at(table: &Table, version: u64) -> Result<Option<Self>, DeltaError> {
        let (kernel, log) = (table.kernel()?, table.log());
        if !log.exists(version).await? && !check_any(&log).await? {
            return Ok(None);
        }
        let at = kernel
            .snapshot(Some(version))
            .await
            .map_err(DeltaError::failed(&table.name(), "open the log"))?;
        let state = state_of(&at).map_err(DeltaError::failed(&table.name(), "read what the table is"))?;
        let timestamp_ms = log.read(version).await?.map_or(0, |commit| commit.timestamp_ms);
        let base = Some((kernel, at));
        Ok(Some(Self {
            table: table.clone(),
            version,
            timestamp_ms,
            state: Arc::new(state),
            base,
            txns: HashMap::new(),
        }))
    }

    pub(crate) async fn newest(table: &Table) -> Result<Option<Self>, DeltaError> {
        let (kernel, log) = (table.kernel()?, table.log());
        let at = match kernel.snapshot(None).await {
            Ok(at) => at,
            Err(_) if !check_any(&log).await? => return Ok(None),
            // The log is sound: it may have been begun only after the kernel looked.
            Err(_) => {
                kernel.snapshot(None).await.map_err(DeltaError::failed(&table.name(), "open the log"))?
            }
        };
        let timestamp_ms = check_newest(&log, &at).await?;
        let state = state_of(&at).map_err(DeltaError::failed(&table.name(), "read what the table is"))?;
        let version = at.version();
        let base = Some((kernel, at));
        Ok(Some(Self {
            table: table.clone(),
            version,
            timestamp_ms,
            state: Arc::new(state),
            base,
            txns: HashMap::new(),
        }))
    }

    fn failed(&self, action: &'static str) -> impl FnOnce(Cause) -> DeltaError + use<> {
        DeltaError::failed(&self.table.name(), action)
    }

    fn damaged(&self, version: u64, reason: String) -> DeltaError {
        DeltaError::Damaged { table: self.table.name(), file: file_name(version), reason }
    }
}

/// The kernel's view of protocol and metadata, through the JSON form that both sides know.
fn state_of(at: &SnapshotRef) -> Result<State, Cause> {
    let configuration = at.table_configuration();
    let protocol = serde_json::from_value(serde_json::to_value(configuration.protocol())?)?;
    let metadata = serde_json::from_value(serde_json::to_value(configuration.metadata())?)?;
    Ok(State::new(protocol, metadata)?)
}

/// Refuses a log whose newest commits no writer can have left as they are. The kernel reads an empty commit as one without
/// actions: rows and progress notes would vanish without a word.
///
/// Returns the time of the newest commit.
async fn check_newest(log: &CommitLog, at: &SnapshotRef) -> Result<i64, DeltaError> {
    let version = at.version();
    let tail = &at.log_segment().listed.ascending_commit_files;
    if let Some(empty) = tail.iter().find(|commit| commit.location.size == 0) {
        log.read(empty.version).await?;
    }
    for commit in tail.iter().rev().skip(1).take(CHECKED_COMMITS as usize - 1) {
        if commit.location.size <= CHECKED_BYTES {
            log.read(commit.version).await?;
        }
    }
    Ok(log.read(version).await?.map_or(0, |commit| commit.timestamp_ms))
}

/// Whether there is a log at all; and refuses one whose newest commits or last checkpoint are damaged.
async fn check_any(log: &CommitLog) -> Result<bool, DeltaError> {
    let (_, Some(latest)) = log.listed_range().await? else { return Ok(false) };
    for version in (latest.saturating_sub(CHECKED_COMMITS - 1)..=latest).rev() {
        log.read(version).await?;
    }
    log.check_last_checkpoint().await?;
    Ok(true)
}
