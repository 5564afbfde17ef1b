//! Runs dataflow graphs, one micro-batch after the other.
//!
//! A run of a flow opens its checkpoint under a lock ([`run`](mod@run) `/open.rs`), takes up a batch that was cut off,
//! and then works in batches until its trigger is satisfied. Each batch takes the steps of [`model::Step`], each of
//! which is a small file under `run/batch/`. The checkpoint says what is intended, the Delta log says what is true.

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
mod event;
mod executor;
mod fault;
mod graph;
mod read;
mod registry;
mod report;
mod run;
mod stop;

pub use clock::{Clock, SystemClock};
pub use error::EngineError;
pub use event::{Event, Observer, Silence};
pub use executor::{Executor, LocalExecutor};
pub use fault::{Faults, NoFaults};
pub use graph::{DataflowGraph, Flow, FlowInput, GraphBuilder, Output};
pub use read::{TableRows, read_table};
pub use registry::Registry;
pub use report::{BatchReport, FlowReport, Outcome};
pub use run::{Engine, Update};
pub use stop::Stop;
