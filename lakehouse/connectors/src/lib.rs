//! The two ends of a flow: where rows come from, and how the bytes of a file become rows.
//!
//! A [`source::Source`] knows positions and ranges; a [`format::FileFormat`] knows bytes. Neither knows the other's
//! business, and nobody here knows what is done with the rows.

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

mod columns;
pub mod format;
pub mod source;
