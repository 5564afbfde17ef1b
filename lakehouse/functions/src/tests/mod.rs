//! Tests that plan and run SQL, and texts against what Spark 4 gives.

mod dialect;
mod division;
mod functions;
mod patterns;
mod speed;

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::SessionConfig;

use crate::{plan_sql, spark_session};

fn session() -> SessionContext {
    session_in("UTC")
}

fn session_in(zone: &str) -> SessionContext {
    let mut config = SessionConfig::new().with_target_partitions(1);
    config.options_mut().execution.time_zone = Some(zone.to_owned());
    spark_session(config, Arc::new(RuntimeEnv::default()))
}

fn with_table(name: &str, columns: Vec<(&str, ArrayRef)>) -> SessionContext {
    let session = session();
    session.register_batch(name, RecordBatch::try_from_iter(columns).unwrap()).unwrap();
    session
}

fn run(session: &SessionContext, sql: &str) -> Result<Vec<RecordBatch>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        let plan = plan_sql(&session.state(), sql).await?;
        session.execute_logical_plan(plan).await?.collect().await
    })
}

/// The values of the first column.
fn column(session: &SessionContext, sql: &str) -> Result<Vec<ScalarValue>> {
    let batches = run(session, sql)?;
    let values = batches
        .iter()
        .flat_map(|batch| (0..batch.num_rows()).map(|row| ScalarValue::try_from_array(batch.column(0), row)));
    values.collect()
}

/// The one value of `SELECT expression` as text; a timestamp in microseconds since 1970.
fn value(session: &SessionContext, expression: &str) -> Result<String> {
    let value = column(session, &format!("SELECT {expression}"))?.remove(0);
    match value.data_type() {
        _ if value.is_null() => Ok("NULL".to_owned()),
        DataType::Timestamp(..) => Ok(value.cast_to(&DataType::Int64)?.to_string()),
        DataType::Decimal128(..) => Ok(value.cast_to(&DataType::Utf8)?.to_string()),
        _ => Ok(value.to_string()),
    }
}
