//! The SQL that users write: Spark's, on DataFusion's planner.
//!
//! Texts may stand in double quotes, names in back quotes; names are found without regard to case and keep the case of the
//! table; `1.5` is a decimal beside whole numbers and decimals, a double else; `ORDER BY` puts NULLs first. Queries go through [`plan_sql`] and
//! expressions through [`plan_expr`]: the session's own `sql` knows all of it but the names without regard to case.

mod identifiers;
mod literals;
mod session;
mod syntax;

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::SchemaProvider;
use datafusion::common::{DFSchema, Result, TableReference, plan_datafusion_err};
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::VisitMut;

pub use session::{register, spark_config, spark_session};

use self::identifiers::{Names, Resolver};
use self::syntax::SparkSyntax;

/// Reads one statement.
///
/// # Errors
/// A text that is no statement, or more than one.
pub fn parse_statement(state: &SessionState, sql: &str) -> Result<Statement> {
    let limit = state.config_options().sql_parser.recursion_limit.get();
    let mut parser =
        DFParserBuilder::new(sql).with_dialect(&SparkSyntax).with_recursion_limit(limit).build()?;
    let mut statements = parser.parse_statements()?;
    match (statements.pop_front(), statements.len()) {
        (Some(statement), 0) => Ok(statement),
        (None, _) => Err(plan_datafusion_err!("expected a statement, found none")),
        _ => Err(plan_datafusion_err!("expected one statement, found several")),
    }
}

/// Plans one statement over the tables of the session.
///
/// What statements are allowed is for the caller to say: see `SQLOptions::verify_plan`.
///
/// # Errors
/// A text that is no statement, and names that no table has.
pub async fn plan_sql(state: &SessionState, sql: &str) -> Result<LogicalPlan> {
    let mut statement = parse_statement(state, sql)?;
    let tables = tables_of(state, &statement).await?;
    if let Statement::Statement(ast) = &mut statement {
        let _ = ast.visit(&mut literals::Literals);
        let names = Names::of_tables(&tables).with_aliases(ast.as_ref());
        let _ = ast.visit(&mut Resolver::new(&names));
    }
    state.statement_to_plan(statement).await
}

/// Plans an expression, with or without `AS name`, over the columns of a schema.
///
/// # Errors
/// A text that is no expression, and names that the schema does not have.
pub fn plan_expr(state: &SessionState, text: &str, schema: &DFSchema) -> Result<Expr> {
    let limit = state.config_options().sql_parser.recursion_limit.get();
    let mut parser =
        DFParserBuilder::new(text).with_dialect(&SparkSyntax).with_recursion_limit(limit).build()?;
    let mut parsed = parser.parse_into_expr()?;
    let _ = parsed.expr.visit(&mut literals::Literals);
    let names = Names::of_schema(schema);
    let _ = parsed.expr.visit(&mut Resolver::new(&names));
    state.create_logical_expr_from_sql_expr(parsed, schema)
}

/// The tables that a statement names, by the names they are registered by.
async fn tables_of(state: &SessionState, statement: &Statement) -> Result<Vec<(String, SchemaRef)>> {
    let mut tables = Vec::new();
    for reference in state.resolve_table_references(statement)? {
        let TableReference::Bare { table } = &reference else { continue };
        let Ok(schema) = state.schema_for_ref(reference.clone()) else { continue };
        if let Some((name, columns)) = find_table(schema, table).await? {
            tables.push((name, columns));
        }
    }
    Ok(tables)
}

async fn find_table(schema: Arc<dyn SchemaProvider>, written: &str) -> Result<Option<(String, SchemaRef)>> {
    let name = if schema.table_exist(written) {
        Some(written.to_owned())
    } else {
        schema.table_names().into_iter().find(|name| name.to_lowercase() == written.to_lowercase())
    };
    let Some(name) = name else { return Ok(None) };
    Ok(schema.table(&name).await?.map(|table| (name, table.schema())))
}
