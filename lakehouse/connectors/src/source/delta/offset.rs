//! The position of a stream in a Delta table, in the form in which Delta itself writes it.

use model::Offset;
use serde::{Deserialize, Serialize};

use crate::source::SourceError;

/// No file of the version is read yet (Delta's base index).
pub(super) const BEFORE_FIRST: i64 = -1;

/// `{"sourceVersion":1,"reservoirId":...,"reservoirVersion":...,"index":...,"isStartingVersion":...}`.
///
/// Everything before `reservoir_version` is read, and of it the files up to and with `index`. While
/// `is_starting_version` is set, the version means all rows of the table at that version rather than its changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeltaOffset {
    pub(super) source_version: u32,
    pub(super) reservoir_id: String,
    pub(super) reservoir_version: u64,
    pub(super) index: i64,
    pub(super) is_starting_version: bool,
}

impl DeltaOffset {
    /// The position at which nothing of `version` is read.
    pub(super) fn before(table_id: &str, version: u64, is_starting_version: bool) -> Self {
        Self {
            source_version: 1,
            reservoir_id: table_id.to_owned(),
            reservoir_version: version,
            index: BEFORE_FIRST,
            is_starting_version,
        }
    }

    /// The position at which all of this version is read.
    pub(super) fn after_version(&self) -> Self {
        Self::before(&self.reservoir_id, self.reservoir_version + 1, false)
    }

    /// The position at which the file of this index is read, too.
    pub(super) fn at_index(&self, index: usize) -> Self {
        Self { index: i64::try_from(index).unwrap_or(i64::MAX), ..self.clone() }
    }

    /// How many files of the version are read.
    pub(super) fn files_read(&self) -> usize {
        usize::try_from(self.index + 1).unwrap_or(0)
    }

    pub(super) fn read(offset: &Offset) -> Result<Self, SourceError> {
        let parsed: Result<Self, _> = serde_json::from_str(&offset.0);
        match parsed {
            Ok(parsed) if parsed.source_version == 1 => Ok(parsed),
            Ok(parsed) => Err(unreadable(format!("it has version {}", parsed.source_version))),
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    pub(super) fn write(&self) -> Offset {
        Offset(serde_json::to_string(self).unwrap_or_default())
    }
}

fn unreadable(reason: String) -> SourceError {
    SourceError::Option {
        source_name: "the checkpoint's offset of a Delta table".to_owned(),
        reason,
        hint: Some(
            "the checkpoint belongs to another source or a newer program; --full-refresh begins anew"
                .to_owned(),
        ),
    }
}
