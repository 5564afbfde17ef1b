//! The text files of a checkpoint: the line `v1`, then lines of JSON, each ended by a line feed.

use bytes::Bytes;
use storage::{Created, Directory};

use crate::CheckpointError;

const HEADER: &str = "v1";

/// The content of a file with these lines.
pub(crate) fn encode<L: AsRef<str>>(lines: impl IntoIterator<Item = L>) -> Bytes {
    let mut text = format!("{HEADER}\n");
    for line in lines {
        text.push_str(line.as_ref());
        text.push('\n');
    }
    text.into()
}

/// The lines after the header. A file that cannot have been written by [`encode`] is refused.
pub(crate) fn decode<'a>(
    dir: &Directory,
    name: &str,
    content: &'a Bytes,
) -> Result<Vec<&'a str>, CheckpointError> {
    let damaged = |reason: &str| CheckpointError::damaged(dir, name, reason);
    if content.is_empty() {
        return Err(damaged("it is empty"));
    }
    if content.contains(&0) {
        return Err(damaged("it holds zero bytes, as a file that was being written when the power failed"));
    }
    let text = std::str::from_utf8(content).map_err(|_| damaged("it is not text"))?;
    let (header, rest) = text.split_once('\n').ok_or_else(|| damaged("it is cut off in its first line"))?;
    if header != HEADER {
        return Err(unknown_header(dir, name, header));
    }
    if !text.ends_with('\n') {
        return Err(damaged("it is cut off in its last line"));
    }
    Ok(rest.lines().collect())
}

fn unknown_header(dir: &Directory, name: &str, header: &str) -> CheckpointError {
    let is_version =
        header.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if is_version {
        let file = dir.location().child(name);
        return CheckpointError::UnknownVersion { file, found: header.to_owned(), known: HEADER };
    }
    CheckpointError::damaged(dir, name, "it does not begin with the line `v1`")
}

/// Reads one line of JSON.
pub(crate) fn parse<'a, T: serde::Deserialize<'a>>(
    dir: &Directory,
    name: &str,
    line: Option<&&'a str>,
) -> Result<T, CheckpointError> {
    let line = line.ok_or_else(|| CheckpointError::damaged(dir, name, "a line is missing"))?;
    serde_json::from_str(line).map_err(|error| CheckpointError::damaged(dir, name, error.to_string()))
}

/// Writes one line of JSON. The values of this crate always can be written.
pub(crate) fn json(
    dir: &Directory,
    name: &str,
    value: &impl serde::Serialize,
) -> Result<String, CheckpointError> {
    serde_json::to_string(value).map_err(|error| CheckpointError::damaged(dir, name, error.to_string()))
}

/// Makes the file, which is fine also when it is there with this very content: the reply to an earlier try got lost.
pub(crate) async fn create(dir: &Directory, name: &str, content: Bytes) -> Result<(), CheckpointError> {
    match dir.create(name, content.clone()).await? {
        Created::Yes => Ok(()),
        Created::AlreadyExists if dir.read(name).await? == Some(content) => Ok(()),
        Created::AlreadyExists => Err(CheckpointError::Conflict { file: dir.location().child(name) }),
    }
}
