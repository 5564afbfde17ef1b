//! `offsets/N` and `commits/N`: what a batch reads, and that it is done.

use std::collections::BTreeMap;

use bytes::Bytes;
use model::{BatchId, Offset};
use serde::{Deserialize, Serialize};
use storage::Directory;

use crate::{CheckpointError, lines};

/// How far a stream has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// The newest batch with an intent.
    pub begun: Option<(BatchId, Intent)>,
    /// The newest batch that is done: the one that is begun, or the one before it.
    pub finished: Option<(BatchId, Finished)>,
}

/// What a batch reads (`offsets/N`). It is fixed before anything is read, so that a second try reads the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intent {
    /// When the batch was planned, in milliseconds since 1970. A second try uses the same.
    pub timestamp_ms: i64,
    /// For each source, in order, the position up to which the batch reads; none for one that has no data yet.
    pub offsets: Vec<Option<Offset>>,
    /// Settings that must not change between two tries of the batch.
    pub conf: BTreeMap<String, String>,
}

/// That a batch is done (`commits/N`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Finished {
    /// Where it was committed, by the location of the table. A start compares this with the table without replaying
    /// its log.
    pub targets: BTreeMap<String, CommittedAt>,
}

/// The place of a batch in the log of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommittedAt {
    /// The table's id, which a table that was dropped and made again does not share.
    #[serde(rename = "tableId")]
    pub table_id: String,
    /// The version of the commit.
    pub version: u64,
}

/// Spark's `OffsetSeqMetadata`, and the number of lines that follow, which tells a file that was cut off between two.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OffsetsLine {
    batch_watermark_ms: i64,
    batch_timestamp_ms: i64,
    conf: BTreeMap<String, String>,
    lakesmith: SourceCount,
}

#[derive(Serialize, Deserialize)]
struct SourceCount {
    sources: usize,
}

/// Spark's `CommitMetadata`, and ours.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitsLine {
    next_batch_watermark_ms: i64,
    lakesmith: Targets,
}

#[derive(Serialize, Deserialize)]
struct Targets {
    target: BTreeMap<String, CommittedAt>,
}

/// What Spark writes for a source without an offset.
const NO_OFFSET: &str = "-";

impl Intent {
    pub(crate) fn encode(&self, dir: &Directory, name: &str) -> Result<Bytes, CheckpointError> {
        let line = OffsetsLine {
            batch_watermark_ms: 0,
            batch_timestamp_ms: self.timestamp_ms,
            conf: self.conf.clone(),
            lakesmith: SourceCount { sources: self.offsets.len() },
        };
        let line = lines::json(dir, name, &line)?;
        let offsets =
            self.offsets.iter().map(|offset| offset.as_ref().map_or(NO_OFFSET, |offset| offset.0.as_str()));
        if offsets.clone().any(|offset| offset.contains('\n')) {
            return Err(CheckpointError::damaged(dir, name, "an offset has more than one line"));
        }
        Ok(lines::encode(std::iter::once(line.as_str()).chain(offsets)))
    }

    pub(crate) fn decode(dir: &Directory, name: &str, content: &Bytes) -> Result<Self, CheckpointError> {
        let lines = lines::decode(dir, name, content)?;
        let line: OffsetsLine = lines::parse(dir, name, lines.first())?;
        let offset = |line: &&str| (*line != NO_OFFSET).then(|| Offset((*line).to_owned()));
        let offsets: Vec<_> = lines.iter().skip(1).map(offset).collect();
        if offsets.len() != line.lakesmith.sources {
            let reason =
                format!("it has {} offsets and should have {}", offsets.len(), line.lakesmith.sources);
            return Err(CheckpointError::damaged(dir, name, reason));
        }
        Ok(Self { timestamp_ms: line.batch_timestamp_ms, offsets, conf: line.conf })
    }
}

impl Finished {
    pub(crate) fn encode(&self, dir: &Directory, name: &str) -> Result<Bytes, CheckpointError> {
        let target = self.targets.clone();
        let line = CommitsLine { next_batch_watermark_ms: 0, lakesmith: Targets { target } };
        Ok(lines::encode([lines::json(dir, name, &line)?]))
    }

    pub(crate) fn decode(dir: &Directory, name: &str, content: &Bytes) -> Result<Self, CheckpointError> {
        let line: CommitsLine = lines::parse(dir, name, lines::decode(dir, name, content)?.first())?;
        Ok(Self { targets: line.lakesmith.target })
    }
}
