//! One commit, parsed and checked.

use std::collections::BTreeMap;

use arrow::datatypes::SchemaRef;

use crate::action::{Action, CommitInfo, Metadata, Protocol};
use crate::{DataFile, schema};

/// One commit of the log.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Its version.
    pub version: u64,
    /// When it was made, in milliseconds since 1970: as its writer says, else as the store says.
    pub timestamp_ms: i64,
    /// Data files that joined the table.
    pub adds: Vec<DataFile>,
    /// Data files that left it.
    pub removes: Vec<RemovedFile>,
    /// Application ids and how far they came.
    pub txns: Vec<(String, i64)>,
    /// A new table, or changed columns or properties.
    pub metadata: Option<MetadataChange>,
    /// What the table asks of readers and writers from now on.
    pub protocol: Option<ProtocolChange>,
    /// Whether it has files of changed rows beside the data (change data feed).
    pub cdc: bool,
    /// Lakesmith's own id of the commit, if Lakesmith made it.
    pub commit_id: Option<String>,
    /// The operation, such as `WRITE`, as its writer names it.
    pub operation: Option<String>,
    /// The size of the commit's file in bytes.
    pub bytes: u64,
}

/// A data file that left the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedFile {
    /// Its path, as in the log.
    pub path: String,
    /// Whether rows went with it; false where files were only rearranged.
    pub data_change: bool,
    /// Its size in bytes, where the log tells.
    pub size: Option<u64>,
}

/// What a table is from a commit on.
#[derive(Debug, Clone)]
pub struct MetadataChange {
    /// The table's id; another id is another table.
    pub table_id: String,
    /// Its columns.
    pub schema: SchemaRef,
    /// The columns that it is partitioned by.
    pub partition_columns: Vec<String>,
    /// Its properties.
    pub properties: BTreeMap<String, String>,
    pub(crate) action: Metadata,
}

/// What a table asks of its readers and writers from a commit on.
#[derive(Debug, Clone)]
pub struct ProtocolChange {
    pub(crate) action: Protocol,
}

impl Commit {
    /// Parses a commit's file.
    ///
    /// # Errors
    /// The reason, in words, why no writer can have left the file like this.
    pub(crate) fn parse(version: u64, modified_ms: i64, bytes: &[u8]) -> Result<Self, String> {
        if bytes.is_empty() {
            return Err("is empty".to_owned());
        }
        if bytes.iter().all(|byte| *byte == 0) {
            return Err("holds nothing but zero bytes".to_owned());
        }
        let mut commit = Self::blank(version, modified_ms, bytes.len() as u64);
        let (mut actions, mut info) = (0, CommitInfo::default());
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let action = serde_json::from_slice(line)
                .map_err(|error| format!("breaks off or is garbled in line {}: {error}", number + 1))?;
            actions += 1;
            if let Some(found) = commit.take(action)? {
                info = found;
            }
        }
        check_complete(actions, &info, bytes)?;
        commit.timestamp_ms = info.timestamp.unwrap_or(modified_ms);
        commit.operation = info.operation;
        commit.commit_id = info.lakesmith.map(|mark| mark.commit_id);
        Ok(commit)
    }

    fn blank(version: u64, timestamp_ms: i64, bytes: u64) -> Self {
        Self {
            version,
            timestamp_ms,
            adds: Vec::new(),
            removes: Vec::new(),
            txns: Vec::new(),
            metadata: None,
            protocol: None,
            cdc: false,
            commit_id: None,
            operation: None,
            bytes,
        }
    }

    /// Files an action where it belongs; the commit's info is handed back.
    fn take(&mut self, action: Action) -> Result<Option<CommitInfo>, String> {
        self.adds.extend(action.add.map(DataFile::from));
        self.removes.extend(action.remove.map(|remove| RemovedFile {
            path: remove.path,
            data_change: remove.data_change,
            size: remove.size,
        }));
        self.txns.extend(action.txn.map(|txn| (txn.app_id, txn.version)));
        self.cdc |= action.cdc.is_some();
        if let Some(metadata) = action.meta_data {
            self.metadata = Some(MetadataChange::try_from(metadata)?);
        }
        if let Some(protocol) = action.protocol {
            self.protocol = Some(ProtocolChange { action: protocol });
        }
        Ok(action.commit_info)
    }

    /// How far `app_id` had come with this commit.
    pub fn txn_version(&self, app_id: &str) -> Option<i64> {
        self.txns.iter().find(|(id, _)| id == app_id).map(|(_, version)| *version)
    }

    /// Whether it changes no rows: files rearranged (`OPTIMIZE`), properties set, progress noted.
    pub fn changes_no_rows(&self) -> bool {
        !self.adds.iter().any(|add| add.data_change) && !self.removes.iter().any(|remove| remove.data_change)
    }
}

impl TryFrom<Metadata> for MetadataChange {
    type Error = String;

    fn try_from(action: Metadata) -> Result<Self, String> {
        Ok(Self {
            table_id: action.id.clone(),
            schema: schema::from_text(&action.schema_string)?,
            partition_columns: action.partition_columns.clone(),
            properties: action.configuration.clone(),
            action,
        })
    }
}

/// A commit cut off between two lines parses; only its own count of actions gives it away.
fn check_complete(actions: u64, info: &CommitInfo, bytes: &[u8]) -> Result<(), String> {
    let whole = bytes.last() == Some(&b'\n');
    match &info.lakesmith {
        _ if actions == 0 => Err("holds no action".to_owned()),
        Some(mark) if mark.actions != actions => {
            Err(format!("holds {actions} actions where {} were written", mark.actions))
        }
        Some(_) if !whole => Err("breaks off in its last line".to_owned()),
        _ => Ok(()),
    }
}
