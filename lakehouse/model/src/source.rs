//! What a flow reads, as a value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a flow reads. The engine asks a registry for the living source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceSpec {
    /// Files in a directory, each read once.
    Files(FileSourceSpec),
    /// The commits of a Delta table.
    Delta(DeltaSourceSpec),
}

impl SourceSpec {
    /// Where the source is, as the user wrote it.
    pub fn location(&self) -> &str {
        match self {
            Self::Files(files) => &files.path,
            Self::Delta(delta) => &delta.location,
        }
    }
}

/// Files in a directory.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileSourceSpec {
    /// A directory, a file or a glob; a path or a URL.
    pub path: String,
    /// `json`, `csv` or `parquet`; told from the file names where absent.
    pub format: Option<String>,
    /// The format's and the file source's options, by the names that Spark gives them; looked up without regard to case.
    pub options: BTreeMap<String, String>,
    /// The schema as DDL; inferred from a sample where absent.
    pub schema: Option<String>,
}

/// The commits of a Delta table, read as a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeltaSourceSpec {
    /// The table's directory; a path or a URL.
    pub location: String,
    /// Where the stream begins on its first run.
    pub starting: StartingPoint,
    /// Commits that delete or update rows are passed over (`skipChangeCommits`).
    pub skip_change_commits: bool,
    /// Commits that only delete rows are passed over (`ignoreDeletes`).
    pub ignore_deletes: bool,
}

impl DeltaSourceSpec {
    /// A stream over the whole table at `location`.
    pub fn at(location: impl Into<String>) -> Self {
        Self {
            location: location.into(),
            starting: StartingPoint::Snapshot,
            skip_change_commits: false,
            ignore_deletes: false,
        }
    }
}

/// Where a stream over a Delta table begins on its first run; a checkpoint overrules it ever after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartingPoint {
    /// With all rows of the newest version, then its commits.
    Snapshot,
    /// With the changes of this version (`startingVersion`).
    Version(u64),
    /// With the next commit after now (`startingVersion = latest`).
    Latest,
    /// With the first commit at or after this instant, in milliseconds since 1970 (`startingTimestamp`).
    Timestamp(i64),
}
