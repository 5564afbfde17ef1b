//! The job binaries as processes: exit codes, streams, signals, locks, real SIGKILL, and several writers at once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod exit_codes;
mod kills;
mod lake;
mod locks;
mod paths;
mod secrets;
mod signals;
mod streams;
mod writers;
