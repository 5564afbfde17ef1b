//! `gold`: silver tables in, tables for readers out.

use std::collections::BTreeMap;

use clap::{Args, Parser, Subcommand};
use lakehouse::engine::{DataflowGraph, FlowInput, FlowReport};
use lakehouse::model::{DeltaSourceSpec, OutputMode, SourceSpec, TableName};
use lakehouse::plan::gold::{AsOf, Dashboard, Features, Grain, Metric, Quartiles, Summary};
use lakehouse::plan::{Extent, FlowQuery, GoldQuery, GoldTable, Query, SqlQuery, referenced_tables};
use lakehouse::storage::Stores;

use super::Shared;
use crate::{CliError, Environment, Job, Layer, Layout, dashboard_page};

/// Make a gold table: statistics, features, a dashboard, or any query.
///
/// By default the table is made anew, in one commit, when its source has changed (--output-mode complete). With append, each
/// run adds its rows with their time in as_of: a history.
#[derive(Debug, Clone, Parser)]
#[command(name = "gold", version)]
pub struct Gold {
    /// Which kind of table.
    #[command(subcommand)]
    pub kind: Kind,
}

/// Which kind of gold table.
#[derive(Debug, Clone, Subcommand)]
pub enum Kind {
    /// Count, nulls, distinct, mean, stddev, min, quartiles and max per group and period
    Summary(SummaryArgs),
    /// One row per entity and as-of time, with counts, sums, means, recency and ratios over trailing windows
    Features(FeaturesArgs),
    /// KPIs over time, and a self-contained HTML page that shows them
    Dashboard(DashboardArgs),
    /// Any SELECT
    Query(QueryArgs),
}

/// What every kind has.
#[derive(Debug, Clone, Args)]
pub struct Target {
    /// The table to write, in the lakehouse's gold layer
    #[arg(long, value_name = "NAME")]
    pub table: TableName,

    /// The flags of every job.
    #[command(flatten)]
    pub shared: Shared,
}

/// `gold summary`.
#[derive(Debug, Clone, Args)]
pub struct SummaryArgs {
    /// The table to read: a name in the silver layer, or a path or URL
    #[arg(long, value_name = "TABLE")]
    pub source: String,

    /// The columns whose values make the groups
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub group_by: Vec<String>,

    /// The column with the row's time, for one row a period
    #[arg(long, value_name = "COL")]
    pub time: Option<String>,

    /// The length of a period: minute, hour, day, week, month, quarter or year
    #[arg(long, value_name = "GRAIN", default_value = "day", requires = "time")]
    pub grain: Grain,

    /// The columns to describe [default: all numeric ones]
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub columns: Vec<String>,

    /// Quartiles in constant memory, about a percent off in rank; exact ones hold a group's values in memory
    #[arg(long)]
    pub approximate_quartiles: bool,

    /// What every kind has.
    #[command(flatten)]
    pub target: Target,
}

/// `gold features`.
#[derive(Debug, Clone, Args)]
pub struct FeaturesArgs {
    /// The table to read: a name in the silver layer, or a path or URL
    #[arg(long, value_name = "TABLE")]
    pub source: String,

    /// The columns that identify an entity
    #[arg(long, value_name = "COLS", value_delimiter = ',', required = true)]
    pub entity: Vec<String>,

    /// The column with the event's time
    #[arg(long, value_name = "COL")]
    pub time: String,

    /// The numeric columns to add up
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub values: Vec<String>,

    /// The trailing windows, in days
    #[arg(long, value_name = "DAYS", value_delimiter = ',', default_value = "1,7,30")]
    pub windows: Vec<u32>,

    /// When features are taken: day, hour, or one instant (ISO 8601); only what lies before counts
    #[arg(long, value_name = "WHEN", default_value = "day", value_parser = as_of)]
    pub as_of: AsOf,

    /// What every kind has.
    #[command(flatten)]
    pub target: Target,
}

/// `gold dashboard`.
#[derive(Debug, Clone, Args)]
pub struct DashboardArgs {
    /// The table to read: a name in the silver layer, or a path or URL
    #[arg(long, value_name = "TABLE")]
    pub source: String,

    /// The column with the row's time
    #[arg(long, value_name = "COL")]
    pub time: String,

    /// The length of a period: minute, hour, day, week, month, quarter or year
    #[arg(long, value_name = "GRAIN", default_value = "day")]
    pub grain: Grain,

    /// A column whose values are shown side by side
    #[arg(long, value_name = "COL")]
    pub group_by: Option<String>,

    /// A KPI: a name and an aggregate (repeatable)
    #[arg(long = "metric", value_name = "NAME=EXPR", required = true)]
    pub metrics: Vec<Metric>,

    /// Where to write the page [default: <lakehouse>/gold/<table>.html]
    #[arg(long, value_name = "FILE")]
    pub html: Option<String>,

    /// The page's heading [default: the table's name]
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,

    /// What every kind has.
    #[command(flatten)]
    pub target: Target,
}

/// `gold query`.
#[derive(Debug, Clone, Args)]
pub struct QueryArgs {
    /// The query; tables are named as in --source
    #[arg(long, value_name = "SELECT")]
    pub sql: String,

    /// A table to read: a name in the silver layer, layer.name, or a path or URL (repeatable) [default: the query's tables]
    #[arg(long = "source", value_name = "TABLE")]
    pub sources: Vec<String>,

    /// What every kind has.
    #[command(flatten)]
    pub target: Target,
}

fn as_of(text: &str) -> Result<AsOf, String> {
    match text.to_ascii_lowercase().as_str() {
        "day" => Ok(AsOf::EachDay),
        "hour" => Ok(AsOf::EachHour),
        _ => match chrono::DateTime::parse_from_rfc3339(text) {
            Ok(instant) => Ok(AsOf::Instant(instant.timestamp_micros())),
            Err(_) => Err("expected day, hour or an instant such as 2026-01-01T00:00:00Z".to_owned()),
        },
    }
}

impl Job for Gold {
    const LAYER: Layer = Layer::Gold;

    fn shared(&self) -> &Shared {
        &self.target().shared
    }

    fn graph(&self, layout: &Layout) -> Result<DataflowGraph, CliError> {
        let mode = self.shared().output_mode.unwrap_or(OutputMode::Complete);
        let as_of = mode == OutputMode::Append;
        let (query, sources, streamed) = match &self.kind {
            Kind::Summary(args) => (args.table(), vec![args.source.clone()], false),
            Kind::Features(args) => (args.table(), vec![args.source.clone()], false),
            Kind::Dashboard(args) => (args.table(), vec![args.source.clone()], false),
            Kind::Query(args) => return self.query(args, layout, mode),
        };
        let query = Query::Gold(GoldQuery { table: query, as_of });
        self.build(layout, query, mode, &sources, streamed)
    }

    async fn after(
        &self,
        reports: &[FlowReport],
        layout: &Layout,
        stores: &Stores,
        environment: &Environment,
    ) -> Result<(), CliError> {
        match &self.kind {
            Kind::Dashboard(args) if !args.target.shared.dry_run => {
                dashboard_page::write(args, reports, layout, stores, environment).await
            }
            _ => Ok(()),
        }
    }
}

impl Gold {
    fn target(&self) -> &Target {
        match &self.kind {
            Kind::Summary(args) => &args.target,
            Kind::Features(args) => &args.target,
            Kind::Dashboard(args) => &args.target,
            Kind::Query(args) => &args.target,
        }
    }

    fn query(&self, args: &QueryArgs, layout: &Layout, mode: OutputMode) -> Result<DataflowGraph, CliError> {
        let tables = referenced_tables(&args.sql)?;
        let streamed = tables.iter().any(|table| table.stream);
        let named = || tables.into_iter().map(|table| table.name).collect();
        let sources = if args.sources.is_empty() { named() } else { args.sources.clone() };
        let as_of = mode == OutputMode::Append && !streamed;
        let query = Query::Sql(SqlQuery { text: args.sql.clone(), as_of });
        self.build(layout, query, mode, &sources, streamed)
    }

    fn build(
        &self,
        layout: &Layout,
        query: Query,
        mode: OutputMode,
        sources: &[String],
        streamed: bool,
    ) -> Result<DataflowGraph, CliError> {
        let extent = if streamed && mode == OutputMode::Append { Extent::New } else { Extent::All };
        let query = FlowQuery { query, expectations: Vec::new(), mode, extent };
        let mut inputs = BTreeMap::new();
        for source in sources {
            let spec = DeltaSourceSpec::at(layout.table(Layer::Silver, source)?.to_string());
            inputs.insert(Layout::input_name(source), SourceSpec::Delta(spec));
        }
        let inputs = inputs.into_iter().map(|(name, source)| FlowInput { name, source }).collect();
        let target = self.target();
        layout.graph(Self::LAYER, &target.table, target.shared.flow.as_ref(), inputs, query)
    }
}

impl SummaryArgs {
    fn table(&self) -> GoldTable {
        GoldTable::Summary(Summary {
            source: Layout::input_name(&self.source),
            source_columns: std::sync::Arc::new(arrow::datatypes::Schema::empty()),
            group_by: self.group_by.clone(),
            time: self.time.clone().map(|time| (time, self.grain)),
            columns: self.columns.clone(),
            quartiles: if self.approximate_quartiles { Quartiles::Approximate } else { Quartiles::Exact },
        })
    }
}

impl FeaturesArgs {
    fn table(&self) -> GoldTable {
        GoldTable::Features(Features {
            source: Layout::input_name(&self.source),
            entity: self.entity.clone(),
            time: self.time.clone(),
            as_of: self.as_of,
            values: self.values.clone(),
            windows_days: self.windows.clone(),
        })
    }
}

impl DashboardArgs {
    fn table(&self) -> GoldTable {
        GoldTable::Dashboard(Dashboard {
            source: Layout::input_name(&self.source),
            time: self.time.clone(),
            grain: self.grain,
            group_by: self.group_by.clone(),
            metrics: self.metrics.clone(),
        })
    }
}
