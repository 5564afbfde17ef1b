//! A session that speaks Spark SQL.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::config::Dialect;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::planner::ExprPlanner;
use datafusion::prelude::SessionConfig;

use crate::division::{ShieldDivisions, SparkOperators};

/// A configuration with what Spark SQL needs: syntax, names as written, NULLs first, UTC where no time
/// zone is set.
pub fn spark_config(mut config: SessionConfig) -> SessionConfig {
    let options = config.options_mut();
    options.sql_parser.dialect = Dialect::Spark;
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.default_null_ordering = "nulls_min".to_owned();
    options.execution.time_zone.get_or_insert_with(|| "UTC".to_owned());
    config
}

/// A session that speaks Spark SQL; queries go through [`plan_sql`](super::plan_sql).
pub fn spark_session(config: SessionConfig, runtime: Arc<RuntimeEnv>) -> SessionContext {
    let planners: Vec<Arc<dyn ExprPlanner>> = vec![Arc::new(SparkOperators::new())];
    let mut builder = SessionStateBuilder::new()
        .with_config(spark_config(config))
        .with_runtime_env(runtime)
        .with_expr_planners(planners)
        .with_default_features();
    builder.scalar_functions().get_or_insert_default().extend(crate::all());
    let session = SessionContext::new_with_state(builder.build());
    session.add_optimizer_rule(Arc::new(ShieldDivisions));
    session
}

/// Gives a session that was made elsewhere the functions and operators of this crate, in place of the engine's of the same
/// names.
///
/// The configuration stays as it is: see [`spark_config`].
///
/// # Errors
/// A session that takes no operators.
pub fn register(session: &SessionContext) -> Result<()> {
    for function in crate::all() {
        session.register_udf(Arc::unwrap_or_clone(function));
    }
    session.add_optimizer_rule(Arc::new(ShieldDivisions));
    session.state_ref().write().register_expr_planner(Arc::new(SparkOperators::new()))
}
