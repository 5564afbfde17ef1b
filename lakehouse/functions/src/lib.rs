//! SQL that means what it means in Spark: functions, operators, patterns of dates and times, names without regard to case.
//!
//! [`spark_session`] makes a session, [`plan_sql`] and [`plan_expr`] plan texts over it, [`all`] lists the scalar functions.
//! A family of functions is a folder or a file with one value per function; a new function is one more such value.
//! Failures that a user can mend are a [`FunctionError`] inside the engine's error.

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

mod calendar;
mod datetime;
mod dialect;
mod division;
mod error;
mod function;
mod patterns;
mod timestamp;
mod zone;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

pub use dialect::{parse_statement, plan_expr, plan_sql, register, spark_config, spark_session};
pub use error::FunctionError;
pub use patterns::{Pattern, PatternError};
pub use timestamp::TimestampFormat;
pub use zone::Zone;

/// All scalar functions of this crate.
pub fn all() -> Vec<Arc<ScalarUDF>> {
    let mut functions = vec![
        division::DIVIDE,
        division::DIV,
        division::TRY_DIVIDE,
        timestamp::PARSE_TIMESTAMP,
        timestamp::TIMESTAMP_TEXT,
        timestamp::LOCAL_TIME,
        timestamp::LOCAL_DATE,
    ];
    functions.extend(datetime::functions());
    functions.into_iter().map(function::Function::into_udf).collect()
}
