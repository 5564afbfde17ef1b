//! What a pipeline consists of: flows and the tables they feed.

use std::collections::{BTreeMap, BTreeSet};

use model::{Definition, FlowName, SourceSpec, TableName};
use plan::FlowQuery;
use storage::Location;

use crate::EngineError;

/// A query that feeds one output.
#[derive(Debug, Clone)]
pub struct Flow {
    /// The name; it is also the checkpoint's.
    pub name: FlowName,
    /// What it reads.
    pub inputs: Vec<FlowInput>,
    /// What it does with the rows.
    pub query: FlowQuery,
    /// Where the rows go.
    pub output: Output,
}

/// A source under the name by which the query knows it.
#[derive(Debug, Clone)]
pub struct FlowInput {
    /// The name.
    pub name: String,
    /// The source.
    pub source: SourceSpec,
}

/// A Delta table that flows write.
#[derive(Debug, Clone)]
pub struct Output {
    /// The name.
    pub table: TableName,
    /// The table's directory.
    pub location: Location,
    /// The directory of the table that keeps what this one cannot take.
    pub quarantine: Location,
    /// Table properties for its creation.
    pub properties: BTreeMap<String, String>,
}

impl Flow {
    /// What makes the flow the flow that it is; a checkpoint belongs to one definition.
    pub fn definition(&self) -> Definition {
        let definition = self.inputs.iter().fold(Definition::default(), define_input);
        self.query.define(definition.with("target", &self.output.location))
    }
}

fn define_input(definition: Definition, input: &FlowInput) -> Definition {
    let named = |part: &str| format!("{part} {}", input.name);
    let definition = definition.with(&named("source"), input.source.location());
    match &input.source {
        SourceSpec::Delta(_) => definition,
        SourceSpec::Files(files) => {
            let definition =
                files.format.iter().fold(definition, |all, format| all.with(&named("format"), format));
            let definition = files.schema.iter().fold(definition, |all, ddl| all.with(&named("schema"), ddl));
            let option = |all: Definition, (key, value): (&String, &String)| {
                all.with(&format!("option {key} of {}", input.name), value)
            };
            files.options.iter().fold(definition, option)
        }
    }
}

/// A resolved, immutable set of flows, each after those whose output it reads.
#[derive(Debug, Clone)]
pub struct DataflowGraph {
    flows: Vec<Flow>,
}

impl DataflowGraph {
    /// The flows, each after those whose output it reads.
    pub fn flows(&self) -> &[Flow] {
        &self.flows
    }
}

/// Collects flows in any order. Every way in ends here: job flags, SQL, later Python.
#[derive(Debug, Default)]
pub struct GraphBuilder {
    flows: Vec<Flow>,
}

impl GraphBuilder {
    /// Adds a flow.
    pub fn flow(mut self, flow: Flow) -> Self {
        self.flows.push(flow);
        self
    }

    /// The graph, or what keeps the flows from being one: a name used twice, a circle.
    pub fn build(self) -> Result<DataflowGraph, EngineError> {
        let mut names = BTreeSet::new();
        for flow in &self.flows {
            if !names.insert(flow.name.as_str().to_ascii_lowercase()) {
                return Err(EngineError::DuplicateFlow { flow: flow.name.clone() });
            }
        }
        Ok(DataflowGraph { flows: in_order(self.flows)? })
    }
}

/// Kahn's algorithm, which keeps the given order among flows that do not depend on each other.
fn in_order(mut waiting: Vec<Flow>) -> Result<Vec<Flow>, EngineError> {
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|flow| !waiting.iter().any(|other| feeds(other, flow)));
        match ready {
            Some(index) => ordered.push(waiting.remove(index)),
            None => {
                return Err(EngineError::Cycle {
                    flows: waiting.into_iter().map(|flow| flow.name).collect(),
                });
            }
        }
    }
    Ok(ordered)
}

fn feeds(upstream: &Flow, flow: &Flow) -> bool {
    let target = upstream.output.location.to_string();
    flow.inputs.iter().any(|input| input.source.location() == target)
}

#[cfg(test)]
mod tests {
    use model::{DeltaSourceSpec, OutputMode};
    use plan::{Extent, Query, RowQuery};

    use super::*;

    fn flow(name: &str, from: &str, to: &str) -> Flow {
        let source = SourceSpec::Delta(DeltaSourceSpec::at(format!("memory://lake/{from}")));
        Flow {
            name: name.parse().unwrap(),
            inputs: vec![FlowInput { name: from.to_owned(), source }],
            query: FlowQuery {
                query: Query::Rows(RowQuery::default()),
                expectations: Vec::new(),
                mode: OutputMode::Append,
                extent: Extent::New,
            },
            output: Output {
                table: to.parse().unwrap(),
                location: Location::parse(&format!("memory://lake/{to}")).unwrap(),
                quarantine: Location::parse(&format!("memory://lake/{to}_quarantine")).unwrap(),
                properties: BTreeMap::new(),
            },
        }
    }

    #[test]
    fn orders_flows_by_what_they_read() {
        let graph =
            GraphBuilder::default().flow(flow("b", "x", "y")).flow(flow("a", "w", "x")).build().unwrap();
        let names: Vec<&str> = graph.flows().iter().map(|flow| flow.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn refuses_circles_and_names_used_twice() {
        let circle = GraphBuilder::default().flow(flow("a", "x", "y")).flow(flow("b", "y", "x")).build();
        assert!(matches!(circle, Err(EngineError::Cycle { .. })));
        let twice = GraphBuilder::default().flow(flow("a", "x", "y")).flow(flow("A", "x", "z")).build();
        assert!(matches!(twice, Err(EngineError::DuplicateFlow { .. })));
    }

    #[test]
    fn the_definition_tells_source_and_query_apart() {
        let (one, other) = (flow("a", "x", "y").definition(), flow("a", "w", "y").definition());
        assert_eq!(other.changes_since(&one).len(), 2, "the old source went, the new one came");
        assert!(one.changes_since(&flow("a", "x", "y").definition()).is_empty());
    }
}
