//! What a stream can do, by Structured Streaming's rules.

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;
use model::OutputMode;

use crate::PlanError;

/// Refuses the operations that need rows which a stream has not seen yet (Spark 4: `STREAMING_OUTPUT_MODE`).
pub(crate) fn check(plan: &LogicalPlan, mode: OutputMode) -> Result<(), PlanError> {
    let mut refused = None;
    plan.apply_with_subqueries(|node| {
        refused = refusal(node);
        Ok(if refused.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    match refused {
        Some((operation, reason)) => Err(PlanError::UnsupportedOperation { operation, mode, reason }),
        None => Ok(()),
    }
}

fn refusal(node: &LogicalPlan) -> Option<(&'static str, &'static str)> {
    match node {
        LogicalPlan::Aggregate(_) => {
            Some(("an aggregation without a watermark", "a group is never known to be finished"))
        }
        LogicalPlan::Distinct(_) => {
            Some(("DISTINCT without a watermark", "every key would be kept for ever"))
        }
        LogicalPlan::Sort(_) => Some(("ORDER BY", "a stream is never known to be complete")),
        LogicalPlan::Window(_) => Some(("a window function", "only event-time windows work over a stream")),
        LogicalPlan::Limit(_) => Some(("LIMIT", "each batch would be cut anew")),
        _ => None,
    }
}
