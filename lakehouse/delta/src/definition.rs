//! What a new table shall be.

use std::collections::BTreeMap;

use arrow::datatypes::{Schema, SchemaRef};
use chrono::Utc;
use uuid::Uuid;

use crate::action::{Metadata, Protocol};
use crate::maintenance::COMMITS_PER_CHECKPOINT;
use crate::snapshot::State;
use crate::{DeltaError, schema};

/// What a new table shall be.
#[derive(Debug, Clone)]
pub struct TableDefinition {
    /// A name for people; the table is found by its location.
    pub name: Option<String>,
    /// A sentence for people.
    pub description: Option<String>,
    /// The columns, in any form that [`crate::stored`] takes.
    pub schema: SchemaRef,
    /// The columns to partition by.
    pub partition_columns: Vec<String>,
    /// Table properties; they overrule ours.
    pub properties: BTreeMap<String, String>,
}

impl TableDefinition {
    /// An unpartitioned table with these columns.
    pub fn of(schema: SchemaRef) -> Self {
        Self {
            name: None,
            description: None,
            schema,
            partition_columns: Vec::new(),
            properties: BTreeMap::new(),
        }
    }

    /// What a new table is by this definition, with a new id.
    pub(crate) fn state(&self, table: &str) -> Result<State, DeltaError> {
        let stored = self.stored(table)?;
        let metadata = Metadata {
            id: Uuid::new_v4().to_string(),
            name: self.name.clone(),
            description: self.description.clone(),
            format: Default::default(),
            schema_string: schema::to_text(&stored).map_err(|reason| misfit(table, reason))?,
            partition_columns: self.partition_columns.clone(),
            configuration: self.all_properties(),
            created_time: Some(Utc::now().timestamp_millis()),
        };
        State::new(protocol_for(&stored), metadata).map_err(|reason| misfit(table, reason))
    }

    /// The columns as they are stored.
    ///
    /// # Errors
    /// [`DeltaError::Schema`] for a column that cannot be stored, or a partition column that is not there.
    pub(crate) fn stored(&self, table: &str) -> Result<SchemaRef, DeltaError> {
        let stored = schema::stored(&self.schema).map_err(|reason| misfit(table, reason))?;
        let absent = self.partition_columns.iter().find(|name| stored.field_with_name(name).is_err());
        match absent {
            Some(name) => Err(misfit(table, format!("there is no column `{name}` to partition by"))),
            None => Ok(stored),
        }
    }

    /// The properties given, and two of ours where nothing else is said: other writers must not delete the log (their
    /// clean-up takes any file named like a checkpoint for one), and should checkpoint as often as we do.
    fn all_properties(&self) -> BTreeMap<String, String> {
        let ours = [
            ("delta.enableExpiredLogCleanup", "false".to_owned()),
            ("delta.checkpointInterval", COMMITS_PER_CHECKPOINT.to_string()),
        ];
        let mut all: BTreeMap<_, _> = ours.map(|(name, value)| (name.to_owned(), value)).into();
        all.extend(self.properties.clone());
        all
    }
}

pub(crate) fn misfit(table: &str, reason: String) -> DeltaError {
    DeltaError::Schema { table: table.to_owned(), reason }
}

/// The least that the columns need: reader 1, writer 2; a timestamp without a zone needs its table feature.
fn protocol_for(stored: &Schema) -> Protocol {
    if !schema::has_timestamp_ntz(stored) {
        return Protocol {
            min_reader_version: 1,
            min_writer_version: 2,
            reader_features: None,
            writer_features: None,
        };
    }
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    Protocol {
        min_reader_version: 3,
        min_writer_version: 7,
        reader_features: names(&["timestampNtz"]),
        writer_features: names(&["appendOnly", "invariants", "timestampNtz"]),
    }
}

/// The protocol that a table needs once it has these columns; `None` where what it has is enough.
pub(crate) fn raised(protocol: &Protocol, stored: &Schema) -> Option<Protocol> {
    const NTZ: &str = "timestampNtz";
    let has = |features: &Option<Vec<String>>| {
        features.as_ref().is_some_and(|names| names.iter().any(|name| name == NTZ))
    };
    if !schema::has_timestamp_ntz(stored)
        || (has(&protocol.reader_features) && has(&protocol.writer_features))
    {
        return None;
    }
    let with = |features: &Option<Vec<String>>, stood_for: &[&str]| {
        let mut names =
            features.clone().unwrap_or_else(|| stood_for.iter().map(|name| (*name).to_owned()).collect());
        names.push(NTZ.to_owned());
        names.dedup();
        Some(names)
    };
    let (read, written) = crate::protocol::stood_for(protocol);
    Some(Protocol {
        min_reader_version: 3,
        min_writer_version: 7,
        reader_features: with(&protocol.reader_features, &read),
        writer_features: with(&protocol.writer_features, &written),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{DataType, Field, TimeUnit};

    use super::*;

    fn columns(data_type: DataType) -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new("a", data_type, true)]))
    }

    #[test]
    fn a_new_table_asks_no_more_than_it_needs_and_keeps_its_log() {
        let State { protocol, metadata, .. } =
            TableDefinition::of(columns(DataType::Int64)).state("t").unwrap();
        assert_eq!((protocol.min_reader_version, protocol.min_writer_version), (1, 2));
        assert_eq!(metadata.configuration["delta.enableExpiredLogCleanup"], "false");
        let ntz = columns(DataType::Timestamp(TimeUnit::Microsecond, None));
        let protocol = TableDefinition::of(ntz.clone()).state("t").unwrap().protocol;
        assert_eq!(protocol.reader_features.unwrap(), ["timestampNtz"]);
    }

    #[test]
    fn a_protocol_is_raised_once_and_keeps_what_it_stood_for() {
        let ntz = columns(DataType::Timestamp(TimeUnit::Microsecond, None));
        let old = Protocol {
            min_reader_version: 1,
            min_writer_version: 3,
            reader_features: None,
            writer_features: None,
        };
        let new = raised(&old, &ntz).unwrap();
        assert_eq!(
            new.writer_features.as_deref().unwrap(),
            ["appendOnly", "invariants", "checkConstraints", "timestampNtz"]
        );
        assert_eq!(raised(&new, &ntz), None);
        assert_eq!(raised(&old, &columns(DataType::Int64)), None);
    }

    #[test]
    fn a_partition_column_must_be_there() {
        let mut definition = TableDefinition::of(columns(DataType::Int64));
        definition.partition_columns.push("b".to_owned());
        assert!(definition.state("t").unwrap_err().to_string().contains("`b` to partition by"));
    }
}
