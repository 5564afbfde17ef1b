//! Arguments, messages, exit codes and progress of the job binaries.
//!
//! A job is its arguments: they are parsed as typed ([`args`]), turned into a graph of one flow as meant
//! ([`Job::graph`]), run by the engine, and reported. stdout carries data only (`--output json`); everything for people
//! goes to stderr.

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

pub mod args;
mod console;
mod dashboard_page;
mod environment;
mod error;
mod exit;
mod job;
mod layout;
mod pause;
mod report;
mod signal;

pub use args::{Bronze, Gold, Silver};
pub use console::Console;
pub use environment::Environment;
pub use error::CliError;
pub use exit::Exit;
pub use job::{Job, main, run, run_with};
pub use layout::{Layer, Layout};
