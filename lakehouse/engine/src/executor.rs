//! Where plans run.

use std::fmt;
use std::sync::Arc;

use datafusion::common::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};

/// Runs a physical plan. The write is part of the plan, so that data files are written where the rows are made.
pub trait Executor: fmt::Debug + Send + Sync {
    /// The plan's rows, from all its partitions, in no particular order.
    fn execute(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream>;
}

/// Runs plans in this process, a task a partition.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalExecutor;

impl Executor for LocalExecutor {
    fn execute(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        execute_stream(plan, context)
    }
}
