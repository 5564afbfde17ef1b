//! The tables that a query reads, and which of them as streams.

use std::convert::Infallible;
use std::ops::ControlFlow;

use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::SessionConfig;
use datafusion::sql::parser::Statement as DfStatement;
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, ObjectName, Query, Statement, TableFactor, VisitMut, VisitorMut,
};

use crate::PlanError;
use crate::sql::Piece;

/// A table that a query reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableUse {
    /// The name, as the query has it, without qualifiers.
    pub name: String,
    /// Whether it is read as a stream: `STREAM(t)` or `STREAM t`.
    pub stream: bool,
}

/// The tables that the `SELECT` in `text` reads; those of its own `WITH` are not among them.
pub fn referenced_tables(text: &str) -> Result<Vec<TableUse>, PlanError> {
    let state = SessionStateBuilder::new().with_config(functions::spark_config(SessionConfig::new())).build();
    let mut query = Piece { part: "--sql", text }.query(&state)?;
    let streams = unwrap_streams(&mut query);
    let statement = DfStatement::Statement(Box::new(Statement::Query(query)));
    let (tables, _) = resolve_table_references(&statement, false)?;
    let table_use =
        |name: &str| TableUse { name: name.to_owned(), stream: streams.iter().any(|stream| stream == name) };
    Ok(tables.iter().map(|table| table_use(table.table())).collect())
}

/// Replaces each `STREAM(t)` and `STREAM t` in `query` by `t`, and gives their names.
pub(crate) fn unwrap_streams(query: &mut Query) -> Vec<String> {
    let mut unwrap = UnwrapStreams(Vec::new());
    // It never breaks off.
    let _: ControlFlow<Infallible> = query.visit(&mut unwrap);
    unwrap.0
}

struct UnwrapStreams(Vec<String>);

impl VisitorMut for UnwrapStreams {
    type Break = Infallible;

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Infallible> {
        if let TableFactor::Table { name, alias, args, .. } = factor
            && name.to_string().eq_ignore_ascii_case("stream")
        {
            let inner = match (args.take(), alias.take()) {
                (Some(call), kept) => {
                    *alias = kept;
                    call.args.first().and_then(argument)
                }
                // `STREAM t` reads as a table named STREAM with the alias t.
                (None, Some(table)) => Some(ObjectName::from(vec![table.name])),
                (None, None) => None,
            };
            if let Some(inner) = inner {
                self.0.push(inner.0.last().map(ToString::to_string).unwrap_or_default());
                *name = inner;
            }
        }
        ControlFlow::Continue(())
    }
}

fn argument(argument: &FunctionArg) -> Option<ObjectName> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(name))) => {
            Some(vec![name.clone()].into())
        }
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::CompoundIdentifier(parts))) => {
            Some(parts.clone().into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(text: &str) -> Vec<(String, bool)> {
        let mut tables: Vec<_> =
            referenced_tables(text).unwrap().into_iter().map(|table| (table.name, table.stream)).collect();
        tables.sort();
        tables
    }

    #[test]
    fn finds_tables_and_streams() {
        assert_eq!(tables("SELECT * FROM a JOIN b ON a.x = b.x"), [("a".into(), false), ("b".into(), false)]);
        assert_eq!(tables("SELECT * FROM STREAM(a)"), [("a".into(), true)]);
        assert_eq!(tables("SELECT * FROM stream(lake.a) AS s"), [("a".into(), true)]);
        assert_eq!(tables("SELECT * FROM STREAM a"), [("a".into(), true)]);
        assert_eq!(tables("WITH c AS (SELECT 1 FROM a) SELECT * FROM c"), [("a".into(), false)]);
    }

    #[test]
    fn refuses_what_is_no_select() {
        assert!(referenced_tables("DROP TABLE a").is_err());
        assert!(referenced_tables("SELECT 1; SELECT 2").is_err());
    }
}
