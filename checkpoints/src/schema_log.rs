//! The schemas that a source has had.

use arrow::datatypes::SchemaRef;
use model::{format_ddl, parse_ddl};
use serde::{Deserialize, Serialize};
use storage::Directory;

use crate::{CheckpointError, lines};

/// The schemas that a source has had, numbered from 0: `_schemas/N` holds `v1` and `{"schema": "<DDL>"}`.
///
/// Only the newest counts; the others tell how it came about.
#[derive(Debug, Clone)]
pub struct SchemaLog {
    dir: Directory,
}

#[derive(Serialize, Deserialize)]
struct Line {
    schema: String,
}

impl SchemaLog {
    /// The log in the directory of a source. Nothing is read or made.
    pub fn new(source_dir: Directory) -> Self {
        Self { dir: source_dir.child("_schemas") }
    }

    /// The newest schema; none when there is none yet.
    pub async fn latest(&self) -> Result<Option<SchemaRef>, CheckpointError> {
        match self.latest_number().await? {
            Some(number) => self.read(number).await.map(Some),
            None => Ok(None),
        }
    }

    /// Writes a schema as the newest. [`CheckpointError::Conflict`] when somebody else wrote another one meanwhile.
    pub async fn append(&self, schema: &SchemaRef) -> Result<(), CheckpointError> {
        let number = self.latest_number().await?.map_or(0, |latest| latest + 1);
        let name = number.to_string();
        let line = lines::json(&self.dir, &name, &Line { schema: format_ddl(schema) })?;
        lines::create(&self.dir, &name, lines::encode([line])).await
    }

    async fn latest_number(&self) -> Result<Option<u64>, CheckpointError> {
        Ok(self.dir.names().await?.iter().filter_map(|name| name.parse().ok()).max())
    }

    async fn read(&self, number: u64) -> Result<SchemaRef, CheckpointError> {
        let name = number.to_string();
        let damaged = |reason: String| CheckpointError::damaged(&self.dir, &name, reason);
        let content = self.dir.read(&name).await?.ok_or_else(|| damaged("it is missing".to_owned()))?;
        let line: Line = lines::parse(&self.dir, &name, lines::decode(&self.dir, &name, &content)?.first())?;
        parse_ddl(&line.schema).map_err(|error| damaged(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use storage::{Durability, Location, Stores};

    use super::*;

    #[tokio::test]
    async fn the_newest_schema_counts() {
        let stores = Stores::new(Durability::None);
        let dir = stores.directory(&Location::parse("memory://m/sources/0").unwrap()).unwrap();
        let log = SchemaLog::new(dir.clone());
        assert_eq!(log.latest().await.unwrap(), None);
        let schemas = [
            "id BIGINT NOT NULL",
            "id BIGINT NOT NULL, `odd name` STRUCT<a: DECIMAL(10,2), b: ARRAY<STRING>>",
        ];
        for ddl in schemas {
            let schema = parse_ddl(ddl).unwrap();
            log.append(&schema).await.unwrap();
            assert_eq!(log.latest().await.unwrap(), Some(schema));
        }
        for number in 2..12 {
            log.append(&parse_ddl(&format!("c{number} INT")).unwrap()).await.unwrap();
        }
        assert_eq!(log.latest().await.unwrap(), Some(parse_ddl("c11 INT").unwrap()));
        dir.write("_schemas/12", "v1\n{\"schema\":\"id\"}\n".into()).await.unwrap();
        let error = log.latest().await.unwrap_err();
        assert!(matches!(error, CheckpointError::Damaged { .. }), "{error}");
    }
}
