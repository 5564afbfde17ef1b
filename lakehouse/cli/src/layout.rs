//! Where things are: layers, tables, names.

use std::collections::BTreeMap;

use lakehouse::engine::{DataflowGraph, Flow, FlowInput, GraphBuilder, Output};
use lakehouse::model::{FlowName, QUARANTINE_SUFFIX, TableName};
use lakehouse::plan::FlowQuery;
use lakehouse::storage::{Location, StorageError};

use crate::CliError;

/// A layer of the medallion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// As it came.
    Bronze,
    /// Cleaned and typed.
    Silver,
    /// For readers.
    Gold,
}

impl Layer {
    /// The layer's folder and the first part of its flows' names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }
}

/// The roots of tables and checkpoints.
#[derive(Debug, Clone)]
pub struct Layout {
    base: Option<Location>,
    lakehouse: Location,
    checkpoints: Location,
}

impl Layout {
    /// The layout below two roots. Relative paths are below `base`; without one, below the current directory.
    pub fn new(base: Option<Location>, lakehouse: &str, checkpoints: &str) -> Result<Self, StorageError> {
        let within = |text: &str| resolve(base.as_ref(), text);
        let (lakehouse, checkpoints) = (within(lakehouse)?, within(checkpoints)?);
        Ok(Self { base, lakehouse, checkpoints })
    }

    /// The root of the checkpoints.
    pub fn checkpoints(&self) -> &Location {
        &self.checkpoints
    }

    /// The root of the tables.
    pub fn lakehouse(&self) -> &Location {
        &self.lakehouse
    }

    /// A user's path or URL, made absolute.
    pub fn path(&self, text: &str) -> Result<String, StorageError> {
        Ok(resolve(self.base.as_ref(), text)?.to_string())
    }

    /// A user's path or URL as a location.
    pub fn location(&self, text: &str) -> Result<Location, StorageError> {
        resolve(self.base.as_ref(), text)
    }

    /// The table that a user means by a name in `layer`, by `layer.name`, or by a path or URL.
    pub fn table(&self, layer: Layer, text: &str) -> Result<Location, CliError> {
        if text.contains('/') || text.contains('\\') {
            return Ok(resolve(self.base.as_ref(), text)?);
        }
        let (layer, name) = match text.split_once('.') {
            Some((layer, name)) => (layer, name),
            None => (layer.as_str(), text),
        };
        let name: TableName = name.parse()?;
        Ok(self.lakehouse.child(layer).child(name.as_str()))
    }

    /// The name by which a query knows a table that the user named like this: the last part.
    pub fn input_name(text: &str) -> String {
        let trimmed = text.trim_end_matches(['/', '\\']);
        trimmed.rsplit(['/', '\\', '.']).next().unwrap_or(trimmed).to_owned()
    }

    /// The graph of one flow that writes `table` in `layer`.
    pub fn graph(
        &self,
        layer: Layer,
        table: &TableName,
        flow: Option<&FlowName>,
        inputs: Vec<FlowInput>,
        query: FlowQuery,
    ) -> Result<DataflowGraph, CliError> {
        let folder = self.lakehouse.child(layer.as_str());
        let name = match flow {
            Some(name) => name.clone(),
            None => format!("{}.{table}", layer.as_str()).parse()?,
        };
        let output = Output {
            table: table.clone(),
            location: folder.child(table.as_str()),
            quarantine: folder.child(&format!("{table}{QUARANTINE_SUFFIX}")),
            properties: BTreeMap::new(),
        };
        Ok(GraphBuilder::default().flow(Flow { name, inputs, query, output }).build()?)
    }
}

fn resolve(base: Option<&Location>, text: &str) -> Result<Location, StorageError> {
    let is_absolute = text.starts_with(['/', '~']) || text.contains("://") || text.get(1..2) == Some(":");
    match base {
        Some(base) if !is_absolute => Ok(base.child(text.trim_start_matches("./"))),
        _ => Location::parse(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_tables_by_name_layer_and_path() {
        let base = Location::parse("memory://lab").unwrap();
        let layout = Layout::new(Some(base), "lake", "checkpoints").unwrap();
        let table = |text: &str| layout.table(Layer::Bronze, text).unwrap().to_string();
        assert_eq!(table("events"), "memory://lab/lake/bronze/events");
        assert_eq!(table("silver.events"), "memory://lab/lake/silver/events");
        assert_eq!(table("./other/events"), "memory://lab/other/events");
        assert_eq!(table("memory://x/y"), "memory://x/y");
        assert!(layout.table(Layer::Bronze, "..").is_err());
        assert_eq!(Layout::input_name("silver.events"), "events");
        assert_eq!(Layout::input_name("/a/b/events/"), "events");
    }
}
