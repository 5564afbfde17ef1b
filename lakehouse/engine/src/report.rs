//! What a run did, counted.

use std::time::Duration;

use model::{BatchId, FlowName, OutputMode};
use plan::RuleCount;
use serde::Serialize;

/// What one batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchReport {
    /// Its number.
    pub batch: Option<BatchId>,
    /// Files read.
    pub input_files: u64,
    /// Their bytes, as stored.
    pub input_bytes: u64,
    /// Records read, good and bad.
    pub input_rows: u64,
    /// Rows written.
    pub output_rows: u64,
    /// Data files written.
    pub output_files: u64,
    /// Their bytes.
    pub output_bytes: u64,
    /// Records and rows that went to the quarantine table.
    pub quarantined_rows: u64,
    /// What the expectations counted.
    pub expectations: Vec<RuleCount>,
    /// The table's version with this batch in it.
    pub version: u64,
    /// Whether the table held the batch already: an earlier run was cut off after its commit.
    pub already_written: bool,
    /// How long it took.
    pub duration: Duration,
}

/// How a flow's run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// At least one batch was written.
    Written,
    /// There was nothing new.
    NothingNew,
    /// It was a dry run; nothing was written.
    Dry,
    /// A signal stopped it at a batch boundary.
    Stopped,
}

/// What a flow's run did: the sum of its batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowReport {
    /// The flow.
    pub flow: FlowName,
    /// The table's directory.
    pub location: String,
    /// The quarantine table's directory.
    pub quarantine: String,
    /// How results reach the table.
    pub mode: OutputMode,
    /// How it ended.
    pub outcome: Outcome,
    /// How many batches.
    pub batches: u64,
    /// The sum of the batches; the version is the last one's. In a dry run, what would be read.
    pub total: BatchReport,
    /// The table's version before the run, where a batch was written and the table was there.
    pub version_before: Option<u64>,
}

impl BatchReport {
    /// Adds a later batch.
    pub fn add(&mut self, later: &Self) {
        self.batch = later.batch;
        self.input_files += later.input_files;
        self.input_bytes += later.input_bytes;
        self.input_rows += later.input_rows;
        self.output_rows += later.output_rows;
        self.output_files += later.output_files;
        self.output_bytes += later.output_bytes;
        self.quarantined_rows += later.quarantined_rows;
        self.version = later.version;
        self.already_written = later.already_written;
        self.duration += later.duration;
        for count in &later.expectations {
            match self.expectations.iter_mut().find(|known| known.name == count.name) {
                Some(known) => {
                    known.passed += count.passed;
                    known.failed += count.failed;
                }
                None => self.expectations.push(count.clone()),
            }
        }
    }
}
