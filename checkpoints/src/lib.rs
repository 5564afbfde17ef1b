//! What a stream intends and what it has done.
//!
//! A [`Checkpoint`] is a directory in the shape of Structured Streaming's:
//!
//! ```text
//! metadata         who the stream is: {"id": ...}, and what defines it
//! offsets/N        what batch N reads, written before anything is read: the intent
//! commits/N        that batch N is done, and where in its table
//! sources/I/N      which files batch N took from the source I ([`FileLog`]), and its schemas ([`SchemaLog`])
//! ```
//!
//! Every file is written once, whole and durably, or not at all; each begins with the line `v1`, and a file that is
//! empty, cut off, full of zeros or of another version is refused by name. The checkpoint is intent; the `txn` in the
//! target's log is truth; [`resume`] compares the two and says how to go on, or why that cannot be said.

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

mod checkpoint;
mod error;
mod file_log;
mod lines;
mod metadata;
mod progress;
mod recovery;
mod schema_log;
#[cfg(test)]
mod testing;

pub use checkpoint::Checkpoint;
pub use error::CheckpointError;
pub use file_log::{FileEntry, FileLog, FileVersion};
pub use progress::{CommittedAt, Finished, Intent, Progress};
pub use recovery::{Observed, RecoveryError, Resume, resume};
pub use schema_log::SchemaLog;
