//! Delta tables: snapshots, the commit log, data files, idempotent commits.
//!
//! The only crate that knows delta-rs. What the rest of the house relies on:
//!
//! - **Costs follow the new data**: opening a table, following its commits and appending to it never read its file list.
//! - **Exactly once**: [`commit`] writes data files, progress note and an id of ours in one entry of the log, and answers
//!   from what the log says.
//! - **Nothing is guessed**: a damaged log, and a table that asks for what is not done here, are refused by name.
//! - **Durable**: all bytes go through the store of a [`storage::Directory`], data files before the commit.

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

mod action;
mod commit;
mod data_file;
mod definition;
mod error;
mod kernel;
mod log;
mod maintenance;
mod protocol;
mod scan;
mod schema;
mod snapshot;
mod table;
#[cfg(test)]
mod tests;
mod write;

pub use commit::{CommitOutcome, CommitRequest, Committed, commit};
pub use data_file::DataFile;
pub use definition::TableDefinition;
pub use error::{Cause, DeltaError};
pub use log::{Commit, CommitLog, MetadataChange, ProtocolChange, RemovedFile};
pub use maintenance::{COMMITS_PER_CHECKPOINT, checkpoint_log, is_due};
pub use scan::{ScanOptions, scan};
pub use schema::{SchemaPolicy, stored};
pub use snapshot::Snapshot;
pub use table::Table;
pub use write::{DataFileWriter, NewFile, WriteExec, WriterOptions};

/// How the log's history names us.
const ENGINE: &str = concat!("Lakesmith/", env!("CARGO_PKG_VERSION"));
