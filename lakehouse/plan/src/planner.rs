//! From a query and its inputs to a physical plan.

use std::sync::Arc;

use arrow::datatypes::FieldRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::DFSchema;
use datafusion::dataframe::DataFrame;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::QueryPlanner as DataFusionQueryPlanner;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::logical_expr::{Extension, LogicalPlan, cast, lit};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{DefaultPhysicalPlanner, PhysicalPlanner};
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::scalar::ScalarValue;
use model::{Expectation, OutputMode};

use crate::rules::{QuarantineSender, Rule, Rules, RulesPlanner};
use crate::sql::Piece;
use crate::tables::unwrap_streams;
use crate::{Extent, FlowQuery, PlanError, Query, SqlQuery, rows, streaming};

/// The column of a history that says when its rows were made.
pub const AS_OF: &str = "as_of";

/// What a plan may use of the machine.
#[derive(Debug, Clone, Copy)]
pub struct Resources {
    /// How many parts of the data are worked on at once.
    pub parallelism: usize,
    /// How many bytes sorts, joins and aggregations may hold before they spill to disk.
    pub memory: usize,
}

/// An input of a query: the name the query uses and the rows behind it.
#[derive(Debug, Clone)]
pub struct Input {
    /// The name.
    pub name: String,
    /// The rows.
    pub rows: Arc<dyn TableProvider>,
}

/// Plans and runs the queries of one batch.
pub struct Planner {
    ctx: SessionContext,
}

impl Planner {
    /// A planner. Dropped rows go to `quarantine` where there is one.
    pub fn new(resources: Resources, quarantine: Option<QuarantineSender>) -> Result<Self, PlanError> {
        let config = SessionConfig::new().with_target_partitions(resources.parallelism);
        let config = match quarantine {
            Some(sender) => config.with_extension(Arc::new(sender)),
            None => config,
        };
        let ctx = functions::spark_session(config, runtime(resources)?);
        let state = SessionStateBuilder::new_from_existing(ctx.state())
            .with_query_planner(Arc::new(QueryPlanner))
            .build();
        Ok(Self { ctx: SessionContext::new_with_state(state) })
    }

    /// The session that runs the plans.
    pub fn session(&self) -> &SessionContext {
        &self.ctx
    }

    /// The physical plan of `flow` over `inputs`, whose rows have the columns that a Delta table stores.
    pub async fn plan(
        &self,
        flow: &FlowQuery,
        inputs: &[Input],
        as_of_ms: i64,
    ) -> Result<Arc<dyn ExecutionPlan>, PlanError> {
        let result = match &flow.query {
            Query::Rows(query) => {
                let input = self.ctx.read_table(only(inputs)?.rows.clone())?;
                rows::build(&self.ctx, input, query).await?
            }
            Query::Sql(query) => self.sql(query, inputs, as_of_ms).await?,
            Query::Gold(query) => {
                let query = query.sql(only(inputs)?.rows.schema())?;
                self.sql(&query, inputs, as_of_ms).await?
            }
        };
        if flow.extent == Extent::New && flow.mode == OutputMode::Append {
            streaming::check(result.logical_plan(), flow.mode)?;
        }
        let result = expectations(&self.ctx, result, &flow.expectations)?;
        delta::stored(result.schema().as_arrow()).map_err(|reason| PlanError::NotStorable { reason })?;
        Ok(result.create_physical_plan().await?)
    }

    async fn sql(&self, query: &SqlQuery, inputs: &[Input], as_of_ms: i64) -> Result<DataFrame, PlanError> {
        let (piece, state) = (Piece { part: "--sql", text: &query.text }, self.ctx.state());
        let mut parsed = piece.query(&state)?;
        unwrap_streams(&mut parsed);
        for input in inputs {
            self.ctx.register_table(input.name.as_str(), input.rows.clone())?;
        }
        let columns =
            inputs.iter().flat_map(|input| input.rows.schema().fields().iter().cloned().collect::<Vec<_>>());
        let known = DFSchema::from_unqualified_fields(distinct(columns).into(), Default::default())?;
        let plan = functions::plan_sql(&self.ctx.state(), &parsed.to_string()).await;
        let plan = plan.map_err(|error| piece.wrong(&error, &known))?;
        let rows = DataFrame::new(self.ctx.state(), plan);
        // A feature set has as-of times of its own.
        if !query.as_of || rows.schema().has_column_with_unqualified_name(AS_OF) {
            return Ok(rows);
        }
        let micros =
            ScalarValue::TimestampMicrosecond(Some(as_of_ms.saturating_mul(1000)), Some("UTC".into()));
        Ok(rows.with_column(AS_OF, lit(micros))?)
    }
}

/// The input of a query that has one.
fn only(inputs: &[Input]) -> Result<&Input, PlanError> {
    match inputs {
        [input] => Ok(input),
        several => Err(PlanError::Option {
            part: "source".to_owned(),
            reason: format!("this query reads one source, not {}", several.len()),
            hint: None,
        }),
    }
}

/// Puts the flow's expectations on top of `rows`.
fn expectations(
    ctx: &SessionContext,
    rows: DataFrame,
    rules: &[Expectation],
) -> Result<DataFrame, PlanError> {
    if rules.is_empty() {
        return Ok(rows);
    }
    let schema = rows.schema().clone();
    let rule = |rule: &Expectation| {
        let part = format!("expectation {}", rule.name);
        let condition = Piece { part: &part, text: &rule.condition }.expression(&ctx.state(), &schema)?;
        Ok(Rule {
            name: rule.name.clone(),
            text: rule.condition.clone(),
            on_violation: rule.on_violation,
            condition: cast(condition, arrow::datatypes::DataType::Boolean),
        })
    };
    let rules = rules.iter().map(rule).collect::<Result<Vec<_>, PlanError>>()?;
    let (state, plan) = rows.into_parts();
    let node = Arc::new(Rules::try_new(plan, rules, 0)?);
    Ok(DataFrame::new(state, LogicalPlan::Extension(Extension { node })))
}

/// The columns by name, the first of each.
fn distinct(columns: impl Iterator<Item = FieldRef>) -> Vec<FieldRef> {
    let mut distinct: Vec<FieldRef> = Vec::new();
    for column in columns {
        if !distinct.iter().any(|known| known.name() == column.name()) {
            distinct.push(column);
        }
    }
    distinct
}

fn runtime(resources: Resources) -> Result<Arc<RuntimeEnv>, PlanError> {
    Ok(RuntimeEnvBuilder::new().with_memory_limit(resources.memory, 1.0).build_arc()?)
}

/// DataFusion's planner, which also knows our nodes.
#[derive(Debug)]
struct QueryPlanner;

#[async_trait::async_trait]
impl DataFusionQueryPlanner for QueryPlanner {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        state: &dyn Session,
    ) -> datafusion::common::Result<Arc<dyn ExecutionPlan>> {
        let planner = DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(RulesPlanner)]);
        planner.create_physical_plan(plan, state).await
    }
}
