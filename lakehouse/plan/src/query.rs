//! What a flow does with its rows, as a value.

use model::{Definition, Expectation, OutputMode, TimestampParts, TimestampSpec};

use crate::GoldQuery;

/// Which part of a source a batch sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The rows since the last batch: the source is read as a stream.
    New,
    /// All rows up to the batch's offset: the source is read as a table.
    All,
}

/// What a flow does with its rows.
#[derive(Debug, Clone)]
pub enum Query {
    /// One row in, at most one row out.
    Rows(RowQuery),
    /// Any `SELECT` over the inputs, by their names.
    Sql(SqlQuery),
    /// One of the kinds of gold tables that medallion users build, over one input.
    Gold(GoldQuery),
}

/// A row-wise query: parse timestamps, add columns, filter, select, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowQuery {
    /// The columns to parse as timestamps, each replaced by its UTC instant.
    pub timestamps: Vec<TimestampSpec>,
    /// The zone of timestamps without one: an IANA name or an offset; UTC where absent.
    pub time_zone: Option<String>,
    /// Readable columns to add beside each parsed timestamp.
    pub parts: TimestampParts,
    /// Columns to add or replace, each with its expression; a later one sees an earlier one.
    pub columns: Vec<(String, String)>,
    /// The condition that rows must meet.
    pub filter: Option<String>,
    /// The select list; all columns where absent.
    pub select: Option<String>,
}

/// Any `SELECT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlQuery {
    /// The text.
    pub text: String,
    /// Whether each row also gets the batch's time, as column `as_of`: a history is being kept.
    pub as_of: bool,
}

/// A query with the rules that its rows keep and the way they reach the table.
#[derive(Debug, Clone)]
pub struct FlowQuery {
    /// The query.
    pub query: Query,
    /// The rules, over the columns of the result.
    pub expectations: Vec<Expectation>,
    /// How results reach the table.
    pub mode: OutputMode,
    /// Which part of the sources a batch sees.
    pub extent: Extent,
}

impl FlowQuery {
    /// The parts that make the query what it is, for the checkpoint.
    pub fn define(&self, definition: Definition) -> Definition {
        let definition = definition.with("output mode", self.mode);
        let definition = match &self.query {
            Query::Rows(rows) => rows.define(definition),
            Query::Sql(sql) => definition.with("query", &sql.text),
            Query::Gold(gold) => gold.define(definition),
        };
        let named = |definition: Definition, rule: &Expectation| {
            definition.with(
                &format!("expectation {}", rule.name),
                format!("{} {}", rule.condition, rule.on_violation.as_str()),
            )
        };
        self.expectations.iter().fold(definition, named)
    }
}

impl RowQuery {
    fn define(&self, definition: Definition) -> Definition {
        let optional = |definition: Definition, name: &str, value: Option<&String>| match value {
            Some(value) => definition.with(name, value),
            None => definition,
        };
        let definition = self.timestamps.iter().fold(definition, |definition, timestamp| {
            definition.with(&format!("timestamp {}", timestamp.column), &timestamp.format)
        });
        let definition = self.columns.iter().fold(definition, |definition, (name, expression)| {
            definition.with(&format!("column {name}"), expression)
        });
        let definition = optional(definition, "time zone", self.time_zone.as_ref());
        let definition = optional(definition, "where", self.filter.as_ref());
        let definition = optional(definition, "select", self.select.as_ref());
        match self.parts == TimestampParts::default() {
            true => definition,
            false => definition.with("timestamp parts", format!("{:?}", self.parts)),
        }
    }
}
