//! From the logical node to the physical one.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{LogicalPlan, UserDefinedLogicalNode};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{ExtensionPlanner, PhysicalPlanner};

use super::exec::{CompiledRule, RulesExec};
use super::node::Rules;

/// Plans [`Rules`] nodes.
#[derive(Debug)]
pub(crate) struct RulesPlanner;

#[async_trait]
impl ExtensionPlanner for RulesPlanner {
    async fn plan_extension(
        &self,
        planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        context: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let Some(node) = node.as_any().downcast_ref::<Rules>() else {
            return Ok(None);
        };
        let [input] = physical_inputs else {
            return exec_err!("a Rules node has one input");
        };
        let compile = |rule: &super::Rule| {
            let condition =
                planner.create_physical_expr(&rule.condition, node.input.schema(), session, context)?;
            Ok(CompiledRule {
                name: rule.name.clone(),
                text: rule.text.clone(),
                on_violation: rule.on_violation,
                condition,
            })
        };
        let rules = node.rules.iter().map(compile).collect::<Result<Vec<_>>>()?;
        Ok(Some(Arc::new(RulesExec::new(input.clone(), rules, node.hidden))))
    }
}
