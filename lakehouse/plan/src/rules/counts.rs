//! What the rules counted.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::{Count, ExecutionPlanMetricsSet, MetricBuilder};
use model::OnViolation;

use super::exec::{CompiledRule, RulesExec};

/// How many rows kept and broke one rule, whatever its action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule's name.
    pub name: String,
    /// Its action.
    pub on_violation: OnViolation,
    /// Rows for which the condition was true.
    pub passed: u64,
    /// Rows for which it was false or NULL.
    pub failed: u64,
}

/// The counters of one partition, one pair a rule.
#[derive(Debug)]
pub(super) struct Counters(Vec<(Count, Count)>);

const PASSED: &str = "passed:";
const FAILED: &str = "failed:";

impl Counters {
    pub(super) fn new(metrics: &ExecutionPlanMetricsSet, partition: usize, rules: &[CompiledRule]) -> Self {
        let counter = |prefix: &str, rule: &CompiledRule| {
            MetricBuilder::new(metrics).counter(format!("{prefix}{}", rule.name), partition)
        };
        Self(rules.iter().map(|rule| (counter(PASSED, rule), counter(FAILED, rule))).collect())
    }

    pub(super) fn add(&self, rule: usize, passed: usize, failed: usize) {
        if let Some((passes, failures)) = self.0.get(rule) {
            passes.add(passed);
            failures.add(failed);
        }
    }
}

/// The counts of all rules in `plan`, summed over its partitions, once it has run.
pub fn rule_counts(plan: &Arc<dyn ExecutionPlan>) -> Vec<RuleCount> {
    let any: &dyn std::any::Any = plan.as_ref();
    let mut counts: Vec<RuleCount> = plan.children().into_iter().flat_map(rule_counts).collect();
    if let Some(exec) = any.downcast_ref::<RulesExec>() {
        counts.extend(exec.rules().iter().map(|rule| count_of(exec, rule)));
    }
    counts
}

fn count_of(exec: &RulesExec, rule: &CompiledRule) -> RuleCount {
    let metrics = exec.metrics().unwrap_or_default();
    let sum = |prefix: &str| {
        metrics.sum_by_name(&format!("{prefix}{}", rule.name)).map_or(0, |value| value.as_usize() as u64)
    };
    RuleCount {
        name: rule.name.clone(),
        on_violation: rule.on_violation,
        passed: sum(PASSED),
        failed: sum(FAILED),
    }
}
