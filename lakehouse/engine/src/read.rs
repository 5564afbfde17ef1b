//! A small table, read whole.

use arrow::array::RecordBatch;
use datafusion::prelude::SessionContext;
use delta::Table;
use futures::TryStreamExt;
use storage::{Location, Stores};

use crate::EngineError;

/// The rows of a table at one version.
#[derive(Debug, Clone)]
pub struct TableRows {
    /// The version.
    pub version: u64,
    /// The rows.
    pub batches: Vec<RecordBatch>,
}

/// All rows of the table at `location`, in memory; nothing when there is no table. For small tables only.
pub async fn read_table(stores: &Stores, location: &Location) -> Result<Option<TableRows>, EngineError> {
    let Some(snapshot) = Table::at(stores.directory(location)?).snapshot().await? else {
        return Ok(None);
    };
    let files: Vec<_> = snapshot.files().try_collect().await?;
    let rows =
        SessionContext::new().read_table(snapshot.scan(&files)?).map_err(EngineError::from_execution)?;
    let batches = rows.collect().await.map_err(EngineError::from_execution)?;
    Ok(Some(TableRows { version: snapshot.version(), batches }))
}
