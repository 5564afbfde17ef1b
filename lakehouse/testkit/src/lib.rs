//! The test harness: pipelines in plain text.
//!
//! A `.slt` file is read by the unmodified `sqllogictest` crate over [`Lab`], which knows a few verbs beside `SELECT`
//! ([`verb`]). Every file runs three ways ([`Mode`]), so that exactly-once is asserted by every test that anybody adds.

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

mod clock;
mod error;
mod faults;
mod flaky;
mod lab;
mod rows;
pub mod verb;

pub use clock::LabClock;
pub use error::LabError;
pub use lab::{Lab, Mode};
