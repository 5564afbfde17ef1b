//! One file, as a line of the log.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use storage::Directory;
use twox_hash::XxHash3_128;

use crate::{CheckpointError, lines};

/// A file that a batch has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// The file's path or URL, as the source writes it.
    pub path: String,
    /// When it was modified last, in milliseconds since 1970.
    pub timestamp: i64,
    /// The batch that read it.
    pub batch_id: u64,
    /// Its size in bytes.
    pub size: u64,
}

impl FileEntry {
    /// What tells whether the file was changed since.
    pub fn version(&self) -> FileVersion {
        FileVersion { size: self.size, modified_ms: self.timestamp }
    }
}

/// What tells whether a file was changed since it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileVersion {
    /// Its size in bytes.
    pub size: u64,
    /// When it was modified last, in milliseconds since 1970.
    pub modified_ms: i64,
}

/// A line of `sources/I/N`: Spark's `FileEntry`, then the size, and the number of lines in the file, which tells a file
/// that was cut off between two.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    pub(super) path: Cow<'a, str>,
    timestamp: i64,
    batch_id: u64,
    size: u64,
    count: usize,
}

impl Line<'_> {
    pub(super) fn version(&self) -> FileVersion {
        FileVersion { size: self.size, modified_ms: self.timestamp }
    }
}

pub(super) fn hash(path: &str) -> u128 {
    XxHash3_128::oneshot(path.as_bytes())
}

pub(super) fn encode(dir: &Directory, batch: u64, files: &[FileEntry]) -> Result<Bytes, CheckpointError> {
    let mut text = lines::encode::<&str>([]).to_vec();
    for file in files {
        let path = Cow::Borrowed(file.path.as_str());
        let line =
            Line { path, timestamp: file.timestamp, batch_id: batch, size: file.size, count: files.len() };
        let written = serde_json::to_writer(&mut text, &line);
        written.map_err(|error| CheckpointError::damaged(dir, &batch.to_string(), error.to_string()))?;
        text.push(b'\n');
    }
    Ok(text.into())
}

pub(super) fn decode<'a>(
    dir: &Directory,
    batch: u64,
    content: &'a Bytes,
) -> Result<Vec<Line<'a>>, CheckpointError> {
    let name = batch.to_string();
    let damaged = |reason: String| CheckpointError::damaged(dir, &name, reason);
    let lines = lines::decode(dir, &name, content)?;
    let parsed = lines.iter().map(|line| lines::parse(dir, &name, Some(line)));
    let parsed = parsed.collect::<Result<Vec<Line>, _>>()?;
    if let Some(wrong) = parsed.iter().find(|line| line.count != parsed.len()) {
        return Err(damaged(format!("it has {} lines and should have {}", parsed.len(), wrong.count)));
    }
    match parsed.iter().find(|line| line.batch_id != batch) {
        Some(line) => Err(damaged(format!("it holds a file of batch {}", line.batch_id))),
        None => Ok(parsed),
    }
}

pub(super) fn entries(
    dir: &Directory,
    batch: u64,
    content: &Bytes,
) -> Result<Vec<FileEntry>, CheckpointError> {
    Ok(decode(dir, batch, content)?.into_iter().map(FileEntry::from).collect())
}

impl From<Line<'_>> for FileEntry {
    fn from(line: Line<'_>) -> Self {
        let path = line.path.into_owned();
        Self { path, timestamp: line.timestamp, batch_id: line.batch_id, size: line.size }
    }
}
