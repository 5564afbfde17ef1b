//! A data file of a table, as the log knows it.

use std::collections::BTreeMap;

use object_store::path::Path;
use serde::Deserialize;
use storage::Directory;

use crate::DeltaError;
use crate::action::Add;

/// A data file of a table, as the log knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Its path as in the log: relative to the table's directory, percent-encoded.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was made, in milliseconds since 1970.
    pub modification_time_ms: i64,
    /// Its values of the partition columns, as text; `None` is NULL.
    pub partition_values: BTreeMap<String, Option<String>>,
    /// How many rows it holds, where its statistics tell.
    pub num_records: Option<u64>,
    /// Whether rows came with it; false where files were only rearranged.
    pub data_change: bool,
    /// Its statistics: JSON as in the log.
    pub stats: Option<String>,
    /// Whether some of its rows are marked as deleted. Lakesmith does not read such files.
    pub has_deletion_vector: bool,
}

impl DataFile {
    /// Where the file is in the table's store.
    ///
    /// # Errors
    /// [`DeltaError::Unsupported`] for a path that leaves the table's directory (a shallow clone's).
    pub fn location(&self, table: &Directory) -> Result<Path, DeltaError> {
        let outside = || DeltaError::Unsupported {
            table: table.location().to_string(),
            feature: format!("the file `{}` outside its directory", self.path),
            action: "read",
        };
        if self.path.starts_with('/') || self.path.contains("://") {
            return Err(outside());
        }
        let relative = Path::from_url_path(&self.path).map_err(|_| outside())?;
        Ok(table.prefix().parts().chain(relative.parts()).collect())
    }

    /// Refuses a file that cannot be read as it stands.
    pub(crate) fn check_readable(&self, table: &str) -> Result<(), DeltaError> {
        if !self.has_deletion_vector {
            return Ok(());
        }
        let feature = "deletion vectors".to_owned();
        Err(DeltaError::Unsupported { table: table.to_owned(), feature, action: "read" })
    }
}

impl From<Add> for DataFile {
    fn from(add: Add) -> Self {
        Self {
            num_records: add.stats.as_deref().and_then(num_records),
            path: add.path,
            size: add.size,
            modification_time_ms: add.modification_time,
            partition_values: add.partition_values,
            data_change: add.data_change,
            stats: add.stats,
            has_deletion_vector: add.deletion_vector.is_some(),
        }
    }
}

/// The number of rows in a file's statistics.
pub(crate) fn num_records(stats: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Counted {
        #[serde(rename = "numRecords")]
        num_records: u64,
    }
    serde_json::from_str(stats).ok().map(|counted: Counted| counted.num_records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_count_is_found_among_the_other_statistics() {
        assert_eq!(num_records(r#"{"minValues":{"a":1},"numRecords":7}"#), Some(7));
        assert_eq!(num_records(r#"{"minValues":{}}"#), None);
        assert_eq!(num_records("no json"), None);
    }
}
