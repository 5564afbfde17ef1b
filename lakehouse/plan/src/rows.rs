//! Row-wise queries: timestamps, added columns, filter, select.

use arrow::datatypes::DataType;
use datafusion::dataframe::DataFrame;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::{Expr, LogicalPlan, cast, ident, lit, when};
use datafusion::prelude::SessionContext;
use functions::{TimestampFormat, Zone};
use model::{OnViolation, TimestampSpec};

use crate::rules::{Rule, Rules, hidden_name};
use crate::sql::{Piece, unknown_column};
use crate::{PlanError, RowQuery};

/// The name by which the select list's query knows the rows. It cannot clash: no name of ours starts like this.
const ROWS: &str = "__rows";

/// Builds `query` over `input`. `table` is what users call the input.
pub(crate) async fn build(
    ctx: &SessionContext,
    input: DataFrame,
    query: &RowQuery,
) -> Result<DataFrame, PlanError> {
    let mut rows = timestamps(ctx, input, query)?;
    for (name, expression) in &query.columns {
        let part = format!("--with {name}");
        let expression = Piece { part: &part, text: expression }.expression(&ctx.state(), rows.schema())?;
        let name = existing_name(&rows, name);
        rows = rows.with_column(&name, expression)?;
    }
    if let Some(filter) = &query.filter {
        let condition = Piece { part: "--where", text: filter }.expression(&ctx.state(), rows.schema())?;
        rows = rows.filter(condition)?;
    }
    match &query.select {
        Some(list) => select(ctx, rows, list).await,
        None => Ok(rows),
    }
}

/// A column is found without regard to case and keeps the name it has.
fn existing_name(rows: &DataFrame, name: &str) -> String {
    let mut fields = rows.schema().fields().iter();
    fields.find(|field| field.name().eq_ignore_ascii_case(name)).map_or(name, |field| field.name()).to_owned()
}

async fn select(ctx: &SessionContext, rows: DataFrame, list: &str) -> Result<DataFrame, PlanError> {
    let schema = rows.schema().clone();
    ctx.register_table(ROWS, rows.into_view())?;
    let planned = Piece { part: "--select", text: list }.select_list(&ctx.state(), ROWS, &schema).await;
    ctx.deregister_table(ROWS)?;
    Ok(DataFrame::new(ctx.state(), planned?))
}

/// One column to parse, found and understood.
struct Parse {
    column: String,
    text: String,
    parsed: Expr,
}

/// Replaces each timestamp column by its instant and sends the rows of which one does not parse to the quarantine.
fn timestamps(ctx: &SessionContext, input: DataFrame, query: &RowQuery) -> Result<DataFrame, PlanError> {
    if query.timestamps.is_empty() {
        return Ok(input);
    }
    let zone = query.time_zone.as_deref().unwrap_or("UTC");
    let parses = query
        .timestamps
        .iter()
        .map(|timestamp| understand(ctx, &input, timestamp, zone))
        .collect::<Result<Vec<_>, _>>()?;
    let columns = columns_of(&input, &parses)?;
    let parsed = input.select(columns)?;
    let rules = parses.iter().map(rule).collect();
    let (state, plan) = parsed.into_parts();
    let node = Rules::try_new(plan, rules, parses.len())?;
    let plan =
        LogicalPlan::Extension(datafusion::logical_expr::Extension { node: std::sync::Arc::new(node) });
    let rows = DataFrame::new(state, plan);
    parses.iter().try_fold(rows, |rows, parse| readable(ctx, rows, parse, query, zone))
}

fn understand(
    ctx: &SessionContext,
    input: &DataFrame,
    timestamp: &TimestampSpec,
    zone: &str,
) -> Result<Parse, PlanError> {
    let part = format!("--timestamp {timestamp}");
    let fields = input.schema().fields();
    let Some(field) = fields.iter().find(|field| field.name().eq_ignore_ascii_case(&timestamp.column)) else {
        let known: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        return Err(unknown_column(&part, &timestamp.column, &known));
    };
    let option =
        |reason: String, hint: Option<String>| PlanError::Option { part: part.clone(), reason, hint };
    TimestampFormat::parse(&timestamp.format)
        .and_then(|format| format.check_type(field.data_type()))
        .map_err(|error| option(error.to_string(), model::Classify::hint(&error)))?;
    Zone::parse(zone).map_err(|error| PlanError::Option {
        part: "--timezone".to_owned(),
        reason: error.to_string(),
        hint: model::Classify::hint(&error),
    })?;
    let column = field.name().clone();
    let arguments = vec![ident(&column), lit(timestamp.format.as_str()), lit(zone)];
    let parsed = ctx.udf("lakesmith_parse_timestamp")?.call(arguments);
    Ok(Parse { text: format!("{} as {}", column, timestamp.format), column, parsed })
}

/// All columns, those to parse replaced in their places; then, hidden, the texts that did not parse.
fn columns_of(input: &DataFrame, parses: &[Parse]) -> Result<Vec<Expr>, PlanError> {
    let visible = input.schema().fields().iter().map(|field| {
        let parse = parses.iter().find(|parse| parse.column == *field.name());
        parse.map_or_else(|| ident(field.name()), |parse| parse.parsed.clone().alias(field.name()))
    });
    let hidden = parses.iter().map(|parse| {
        let given = ident(&parse.column);
        let unparsed = given.clone().is_not_null().and(parse.parsed.clone().is_null());
        Ok(when(unparsed, cast(given, DataType::Utf8)).end()?.alias(hidden_name(&parse.column)))
    });
    visible.map(Ok).chain(hidden).collect()
}

fn rule(parse: &Parse) -> Rule {
    Rule {
        name: format!("timestamp_{}", parse.column),
        text: parse.text.clone(),
        on_violation: OnViolation::DropRow,
        condition: ident(hidden_name(&parse.column)).is_null(),
    }
}

/// Adds the readable columns that were asked for, just as the user would with `--with`.
fn readable(
    ctx: &SessionContext,
    rows: DataFrame,
    parse: &Parse,
    query: &RowQuery,
    zone: &str,
) -> Result<DataFrame, PlanError> {
    let parts = query.parts;
    let wanted = [
        (parts.date, "date", "lakesmith_local_date"),
        (parts.local, "local", "lakesmith_local_time"),
        (parts.text, "text", "lakesmith_timestamp_text"),
    ];
    wanted.into_iter().filter(|(wanted, ..)| *wanted).try_fold(rows, |rows, (_, suffix, function)| {
        let value = ctx.udf(function)?.call(vec![ident(&parse.column), lit(zone)]);
        Ok(rows.with_column(&format!("{}_{suffix}", parse.column), value)?)
    })
}
