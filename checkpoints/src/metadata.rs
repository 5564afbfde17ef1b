//! `metadata`: who the stream is.

use bytes::Bytes;
use model::{Definition, FlowName};
use serde::{Deserialize, Serialize};
use storage::Directory;
use uuid::Uuid;

use crate::{CheckpointError, lines};

pub(crate) const FILE: &str = "metadata";

/// The version of the whole directory's layout that this program writes and reads.
const VERSION: u32 = 1;

/// One line of JSON. Spark reads and writes `id` alone; what is ours stands under `lakesmith`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lakesmith: Option<Ours>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Ours {
    version: u32,
    flow: FlowName,
    definition: Definition,
}

/// The part of [`Ours`] that every version has.
#[derive(Deserialize)]
struct Outline {
    lakesmith: Option<OutlineOfOurs>,
}

#[derive(Deserialize)]
struct OutlineOfOurs {
    version: u32,
}

impl Metadata {
    pub(crate) fn new(flow: &FlowName, definition: &Definition) -> Self {
        let ours = Ours { version: VERSION, flow: flow.clone(), definition: definition.clone() };
        Self { id: Uuid::new_v4(), lakesmith: Some(ours) }
    }

    pub(crate) fn with_definition(&self, definition: &Definition) -> Self {
        let ours = |ours: &Ours| Ours { definition: definition.clone(), ..ours.clone() };
        Self { id: self.id, lakesmith: self.lakesmith.as_ref().map(ours) }
    }

    pub(crate) fn flow_and_definition(&self) -> Option<(&FlowName, &Definition)> {
        self.lakesmith.as_ref().map(|ours| (&ours.flow, &ours.definition))
    }

    pub(crate) fn encode(&self, dir: &Directory) -> Result<Bytes, CheckpointError> {
        Ok(format!("{}\n", lines::json(dir, FILE, self)?).into())
    }

    pub(crate) fn decode(dir: &Directory, content: &Bytes) -> Result<Self, CheckpointError> {
        let damaged = |reason: String| CheckpointError::damaged(dir, FILE, reason);
        if content.is_empty() {
            return Err(damaged("it is empty".to_owned()));
        }
        let outline: Outline = serde_json::from_slice(content).map_err(|e| damaged(e.to_string()))?;
        let file = || dir.location().child(FILE);
        match outline.lakesmith {
            None => Err(CheckpointError::Foreign { file: file() }),
            Some(ours) if ours.version != VERSION => Err(CheckpointError::UnknownVersion {
                file: file(),
                found: ours.version.to_string(),
                known: "1",
            }),
            Some(_) => serde_json::from_slice(content).map_err(|e| damaged(e.to_string())),
        }
    }
}
