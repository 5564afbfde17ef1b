//! A data file that was written and not yet committed.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use arrow::array::{AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;

use crate::action::{Action, Add};

/// A data file that was written and not yet committed. It is nobody's until a commit names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its path, relative to the table's directory and percent-encoded, as the log will have it.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its values of the partition columns.
    pub partition_values: BTreeMap<String, Option<String>>,
    /// Its statistics: JSON as the log will have it.
    pub stats: Option<String>,
    /// How many rows it holds.
    pub num_records: u64,
    /// When it was finished, in milliseconds since 1970.
    pub modification_time_ms: i64,
}

impl NewFile {
    /// The columns of files as rows: one, `add`, with an add action's JSON.
    pub fn row_schema() -> SchemaRef {
        static SCHEMA: LazyLock<SchemaRef> =
            LazyLock::new(|| Arc::new(Schema::new(vec![Field::new("add", DataType::Utf8, false)])));
        SCHEMA.clone()
    }

    /// Files as rows, so that they can travel from the one who wrote them to the one who commits them.
    ///
    /// # Errors
    /// When a file cannot be written as JSON, which does not happen.
    pub fn to_rows(files: &[Self]) -> Result<RecordBatch, ArrowError> {
        let json =
            |file: &Self| serde_json::to_string(&Action { add: Some(file.to_add()), ..Action::default() });
        let lines: Result<Vec<_>, _> = files.iter().map(json).collect();
        let lines = lines.map_err(|error| ArrowError::ExternalError(Box::new(error)))?;
        RecordBatch::try_new(Self::row_schema(), vec![Arc::new(StringArray::from(lines))])
    }

    /// The files in such rows.
    ///
    /// # Errors
    /// When the rows are no files.
    pub fn from_rows(rows: &RecordBatch) -> Result<Vec<Self>, ArrowError> {
        let wrong = |what: &str| ArrowError::ParseError(format!("rows of data files: {what}"));
        let column = rows.column_by_name("add").and_then(|column| column.as_string_opt::<i32>());
        let lines = column.ok_or_else(|| wrong("no text column `add`"))?;
        lines
            .iter()
            .flatten()
            .map(|line| {
                let action: Action = serde_json::from_str(line).map_err(|error| wrong(&error.to_string()))?;
                action.add.map(Self::from).ok_or_else(|| wrong("no add action"))
            })
            .collect()
    }

    pub(crate) fn to_add(&self) -> Add {
        Add {
            path: self.path.clone(),
            partition_values: self.partition_values.clone(),
            size: self.size,
            modification_time: self.modification_time_ms,
            data_change: true,
            stats: self.stats.clone(),
            deletion_vector: None,
        }
    }
}

impl From<Add> for NewFile {
    fn from(add: Add) -> Self {
        Self {
            num_records: add.stats.as_deref().and_then(crate::data_file::num_records).unwrap_or(0),
            path: add.path,
            size: add.size,
            partition_values: add.partition_values,
            stats: add.stats,
            modification_time_ms: add.modification_time,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_survive_the_journey_as_rows() {
        let file = NewFile {
            path: "part-1.parquet".to_owned(),
            size: 12,
            partition_values: [("p".to_owned(), None)].into(),
            stats: Some(r#"{"numRecords":3}"#.to_owned()),
            num_records: 3,
            modification_time_ms: 7,
        };
        let rows = NewFile::to_rows(&[file.clone(), file.clone()]).unwrap();
        assert_eq!(NewFile::from_rows(&rows).unwrap(), [file.clone(), file]);
    }
}
