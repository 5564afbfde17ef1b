//! The physical node: one pass over every batch.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, BooleanArray, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::cast::as_boolean_array;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, exec_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;
use model::{OnViolation, Quarantined};
use thiserror::Error;
use tokio::sync::mpsc::Sender;

use super::counts::Counters;
use super::row::{dropped_rows, first_row};

/// Where dropped rows go: the session configuration's extension of this type. Without one they are only counted.
pub type QuarantineSender = Sender<Vec<Quarantined>>;

/// A row broke a rule that fails the update.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expectation `{rule}` failed: `{condition}` is not true for the row {row}")]
pub struct ExpectationViolated {
    /// The rule's name.
    pub rule: String,
    /// Its condition.
    pub condition: String,
    /// The row, as JSON.
    pub row: String,
}

/// A rule with its condition over the input's columns.
#[derive(Debug)]
pub(super) struct CompiledRule {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) on_violation: OnViolation,
    pub(super) condition: Arc<dyn PhysicalExpr>,
}

/// Applies rules to every batch of its input.
#[derive(Debug)]
pub(super) struct RulesExec {
    input: Arc<dyn ExecutionPlan>,
    rules: Arc<Vec<CompiledRule>>,
    hidden: usize,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl RulesExec {
    pub(super) fn new(input: Arc<dyn ExecutionPlan>, rules: Vec<CompiledRule>, hidden: usize) -> Self {
        Self::over(input, Arc::new(rules), hidden)
    }

    fn over(input: Arc<dyn ExecutionPlan>, rules: Arc<Vec<CompiledRule>>, hidden: usize) -> Self {
        let whole = input.schema();
        let visible = whole.fields().len() - hidden;
        let schema = Arc::new(Schema::new(whole.fields().iter().take(visible).cloned().collect::<Vec<_>>()));
        let below = input.properties();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            datafusion::physical_plan::Partitioning::UnknownPartitioning(
                below.partitioning.partition_count(),
            ),
            below.emission_type,
            below.boundedness,
        );
        Self {
            input,
            rules,
            hidden,
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }

    pub(super) fn rules(&self) -> &[CompiledRule] {
        &self.rules
    }
}

impl DisplayAs for RulesExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.rules.iter().map(|rule| rule.name.as_str()).collect();
        write!(f, "RulesExec: {}", names.join(", "))
    }
}

impl ExecutionPlan for RulesExec {
    fn name(&self) -> &str {
        "RulesExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        let mut recursion = TreeNodeRecursion::Continue;
        for rule in self.rules.iter() {
            recursion = f(&rule.condition)?;
            if recursion == TreeNodeRecursion::Stop {
                break;
            }
        }
        Ok(recursion)
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (Some(input), true) = (children.pop(), children.is_empty()) else {
            return exec_err!("RulesExec has one input");
        };
        Ok(Arc::new(Self::over(input, self.rules.clone(), self.hidden)))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, context.clone())?;
        let gate = Arc::new(Gate {
            counters: Counters::new(&self.metrics, partition, &self.rules),
            rules: self.rules.clone(),
            hidden: self.hidden,
            schema: self.schema(),
            quarantine: context.session_config().get_extension::<QuarantineSender>(),
        });
        let rows = input.then(move |batch| {
            let gate = gate.clone();
            async move { gate.pass(batch?).await }
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}

/// The rules at work on one partition.
struct Gate {
    rules: Arc<Vec<CompiledRule>>,
    counters: Counters,
    hidden: usize,
    schema: SchemaRef,
    quarantine: Option<Arc<QuarantineSender>>,
}

impl Gate {
    async fn pass(&self, batch: RecordBatch) -> Result<RecordBatch> {
        let kept = self.judge(&batch)?;
        let visible: Vec<usize> = (0..batch.num_columns() - self.hidden).collect();
        let Some((keep, broken)) = kept else {
            return Ok(batch.project(&visible)?.with_schema(self.schema.clone())?);
        };
        if let Some(quarantine) = &self.quarantine {
            let rows = dropped_rows(&batch, self.hidden, &keep, &broken, &self.rules)?;
            let gone = |_| DataFusionError::Execution("the quarantine's writer has stopped".to_owned());
            quarantine.send(rows).await.map_err(gone)?;
        }
        Ok(filter_record_batch(&batch.project(&visible)?, &keep)?.with_schema(self.schema.clone())?)
    }

    /// Evaluates and counts every rule. Gives the rows to keep and what each rule says of each row, or nothing when
    /// all rows stay.
    fn judge(&self, batch: &RecordBatch) -> Result<Option<(BooleanArray, Vec<BooleanBuffer>)>> {
        let mut keep: Option<BooleanBuffer> = None;
        let mut verdicts = Vec::with_capacity(self.rules.len());
        for (index, rule) in self.rules.iter().enumerate() {
            let holds = holds(rule, batch)?;
            let passed = holds.count_set_bits();
            let failed = batch.num_rows() - passed;
            self.counters.add(index, passed, failed);
            match rule.on_violation {
                OnViolation::FailUpdate if failed > 0 => return Err(self.violated(rule, batch, &holds)),
                OnViolation::DropRow if failed > 0 => {
                    keep = Some(keep.map_or_else(|| holds.clone(), |keep| &keep & &holds));
                }
                _ => {}
            }
            verdicts.push(holds);
        }
        Ok(keep.map(|keep| (BooleanArray::new(keep, None), verdicts)))
    }

    fn violated(&self, rule: &CompiledRule, batch: &RecordBatch, holds: &BooleanBuffer) -> DataFusionError {
        let row = first_row(batch, self.hidden, &!holds).unwrap_or_else(|error| error.to_string());
        let violation = ExpectationViolated { rule: rule.name.clone(), condition: rule.text.clone(), row };
        DataFusionError::External(Box::new(violation))
    }
}

/// For which rows the rule's condition is true; false and NULL are alike.
fn holds(rule: &CompiledRule, batch: &RecordBatch) -> Result<BooleanBuffer> {
    let result = rule.condition.evaluate(batch)?.into_array(batch.num_rows())?;
    let result = as_boolean_array(&result)?;
    Ok(match result.nulls() {
        Some(nulls) if nulls.null_count() > 0 => result.values() & nulls.inner(),
        _ => result.values().clone(),
    })
}
