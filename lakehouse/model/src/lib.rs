//! The words of Lakesmith: values and their text forms.
//!
//! Everything here is a plain value with a documented text form. No I/O, no async, no query engine: any other
//! crate may use this one, and this one uses none of ours.

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

mod batch;
mod ddl;
mod error;
mod expectation;
mod flow;
mod limits;
mod mode;
mod name;
mod offset;
mod quarantine;
mod source;
mod step;
mod timestamp;
mod trigger;

pub use batch::BatchId;
pub use ddl::{DdlError, format_ddl, parse_ddl, parse_type};
pub use error::{Classify, ErrorKind, ParseError, suggest};
pub use expectation::{Expectation, OnViolation};
pub use flow::{Change, Definition};
pub use limits::{ByteSize, Period, ReadLimits};
pub use mode::OutputMode;
pub use name::{FlowName, TableName};
pub use offset::{Offset, OffsetRange};
pub use quarantine::{QUARANTINE_SUFFIX, Quarantined, quarantine_schema};
pub use source::{DeltaSourceSpec, FileSourceSpec, SourceSpec, StartingPoint};
pub use step::Step;
pub use timestamp::{TimestampParts, TimestampSpec};
pub use trigger::Trigger;
