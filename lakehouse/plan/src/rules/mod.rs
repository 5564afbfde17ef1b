//! Rules over rows: expectations, and timestamps that must parse.
//!
//! A [`Rules`] node stands in the plan between the query and the sink. In one pass it evaluates every rule on every
//! row, counts, leaves out what must be dropped and hands it to the quarantine, and fails the batch where a rule says so.

mod counts;
mod exec;
mod node;
mod planner;
mod row;

pub use counts::{RuleCount, rule_counts};
pub use exec::{ExpectationViolated, QuarantineSender};
pub(crate) use node::{Rule, Rules};
pub(crate) use planner::RulesPlanner;
pub(crate) use row::hidden_name;
