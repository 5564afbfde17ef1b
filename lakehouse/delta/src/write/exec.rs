//! The write as a node of a plan.

use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _, Partitioning, PlanProperties,
};
use futures::TryStreamExt as _;
use storage::Directory;

use super::{DataFileWriter, NewFile, WriterOptions};

/// Writes each partition of its input into data files and yields the files as rows (see [`NewFile::from_rows`]).
///
/// It commits nothing, so that it may run anywhere, and again: files of a run that failed belong to nobody.
#[derive(Debug)]
pub struct WriteExec {
    input: Arc<dyn ExecutionPlan>,
    directory: Directory,
    options: WriterOptions,
    properties: Arc<PlanProperties>,
}

impl WriteExec {
    /// A node that writes `input` into the table's directory. The options' `schema` and `part` are the input's.
    pub fn new(input: Arc<dyn ExecutionPlan>, directory: Directory, options: WriterOptions) -> Self {
        let partitions = input.output_partitioning().partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(NewFile::row_schema()),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Self { input, directory, options, properties: Arc::new(properties) }
    }
}

impl DisplayAs for WriteExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WriteExec: table={}", self.directory.location())
    }
}

impl ExecutionPlan for WriteExec {
    fn name(&self) -> &str {
        "WriteExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let [input] = <[_; 1]>::try_from(children)
            .map_err(|_| DataFusionError::Internal("WriteExec has one input".to_owned()))?;
        Ok(Arc::new(Self::new(input, self.directory.clone(), self.options.clone())))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = self.input.execute(partition, context)?;
        let options = WriterOptions { schema: rows.schema(), part: partition, ..self.options.clone() };
        let files = futures::stream::once(write_all(rows, self.directory.clone(), options));
        Ok(Box::pin(RecordBatchStreamAdapter::new(NewFile::row_schema(), files)))
    }
}

async fn write_all(
    mut rows: SendableRecordBatchStream,
    directory: Directory,
    options: WriterOptions,
) -> Result<arrow::array::RecordBatch> {
    let external = |error| DataFusionError::External(Box::new(error));
    let mut writer = DataFileWriter::new(&directory, options).map_err(external)?;
    while let Some(batch) = rows.try_next().await? {
        writer.write(&batch).await.map_err(external)?;
    }
    let files = writer.finish().await.map_err(external)?;
    Ok(NewFile::to_rows(&files)?)
}
