//! Pieces of SQL that users write, planned; and errors that say which piece is wrong.

use datafusion::common::{DFSchema, DataFusionError, SchemaError};
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::sql::parser::Statement as DfStatement;
use datafusion::sql::sqlparser::ast::{Query, Statement};

use crate::PlanError;

/// One piece of SQL and where it came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    /// What to call it in messages: `--where`, `expectation positive` ...
    pub(crate) part: &'a str,
    /// The text.
    pub(crate) text: &'a str,
}

impl Piece<'_> {
    /// The text as an expression over the columns of `schema`.
    pub(crate) fn expression(self, state: &SessionState, schema: &DFSchema) -> Result<Expr, PlanError> {
        functions::plan_expr(state, self.text, schema).map_err(|error| self.wrong(&error, schema))
    }

    /// The text as a select list over `table`, whose columns are `schema`'s.
    pub(crate) async fn select_list(
        self,
        state: &SessionState,
        table: &str,
        schema: &DFSchema,
    ) -> Result<LogicalPlan, PlanError> {
        let text = format!("SELECT {}\nFROM {table}", self.text);
        functions::plan_sql(state, &text).await.map_err(|error| self.wrong(&error, schema))
    }

    /// The text as one `SELECT`; anything else is refused.
    pub(crate) fn query(self, state: &SessionState) -> Result<Box<Query>, PlanError> {
        match functions::parse_statement(state, self.text) {
            Ok(DfStatement::Statement(statement)) => match *statement {
                Statement::Query(query) => Ok(query),
                other => Err(self.refused(&other.to_string())),
            },
            Ok(other) => Err(self.refused(&other.to_string())),
            Err(error) => Err(self.wrong(&error, &DFSchema::empty())),
        }
    }

    fn refused(self, statement: &str) -> PlanError {
        let words: Vec<&str> = statement.split_whitespace().take(3).collect();
        PlanError::sql(self.part, self.text, format!("expected a SELECT, found `{}`", words.join(" ")))
    }

    /// An error of the planner, in words of ours where it is about a column.
    pub(crate) fn wrong(self, error: &DataFusionError, schema: &DFSchema) -> PlanError {
        let known: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        match error.find_root() {
            DataFusionError::SchemaError(schema_error, _) => match schema_error.as_ref() {
                SchemaError::FieldNotFound { field, .. } => unknown_column(self.part, &field.name, &known),
                other => PlanError::sql(self.part, self.text, other),
            },
            DataFusionError::Plan(reason) => PlanError::sql(self.part, self.text, reason),
            DataFusionError::SQL(error, _) => {
                let text = error.to_string();
                PlanError::sql(self.part, self.text, text.trim_start_matches("sql parser error: "))
            }
            other => PlanError::sql(self.part, self.text, other.strip_backtrace()),
        }
    }
}

/// The error for a column that is not there.
pub(crate) fn unknown_column(part: &str, column: &str, known: &[String]) -> PlanError {
    let suggestion = model::suggest(column, known.iter().map(String::as_str)).map(str::to_owned);
    let known = known.iter().take(40).cloned().collect::<Vec<_>>().join(", ");
    PlanError::UnknownColumn { part: part.to_owned(), column: column.to_owned(), known, suggestion }
}
