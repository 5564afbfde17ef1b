//! What should happen: from a flow's query to a DataFusion plan.
//!
//! A [`FlowQuery`] is a value: what the user asked for. [`Planner::plan`] turns it, over the inputs of one batch, into a
//! physical plan whose rows a Delta table can store. Nothing here reads data, knows where inputs come from, or knows
//! that it runs in a loop.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

mod error;
pub mod gold;
mod gold_query;
mod planner;
mod query;
mod rows;
mod rules;
mod sql;
mod streaming;
mod tables;

pub use error::PlanError;
pub use gold_query::{GoldQuery, GoldTable};
pub use planner::{AS_OF, Input, Planner, Resources};
pub use query::{Extent, FlowQuery, Query, RowQuery, SqlQuery};
pub use rules::{ExpectationViolated, QuarantineSender, RuleCount, rule_counts};
pub use tables::{TableUse, referenced_tables};
