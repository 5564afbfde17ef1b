//! `silver`: a bronze table in, readable typed rows out.

use clap::Parser;
use lakehouse::engine::{DataflowGraph, FlowInput};
use lakehouse::model::{
    DeltaSourceSpec, Expectation, OutputMode, SourceSpec, StartingPoint, TableName, TimestampParts,
    TimestampSpec,
};
use lakehouse::plan::{Extent, FlowQuery, Query, RowQuery};

use super::{Shared, key_value};
use crate::{CliError, Job, Layer, Layout};

/// Turn a bronze table into a silver one: parse timestamps, add and select columns, check expectations.
///
/// Reads only commits that it has not seen. Rows whose timestamp does not parse, and rows that an expectation drops, go to
/// <table>_quarantine.
#[derive(Debug, Clone, Parser)]
#[command(name = "silver", version)]
pub struct Silver {
    /// The table to read: a name in the bronze layer, or a path or URL
    #[arg(long, value_name = "TABLE")]
    pub source: String,

    /// The table to write, in the lakehouse's silver layer
    #[arg(long, value_name = "NAME")]
    pub table: TableName,

    /// A column to parse as a timestamp: iso8601 (default), epoch_s|ms|us|ns, rfc2822 or a pattern such as
    /// 'yyyy-MM-dd HH:mm:ss' (repeatable)
    #[arg(long = "timestamp", value_name = "COL[=FORMAT]")]
    pub timestamps: Vec<TimestampSpec>,

    /// The zone of timestamps without one, such as Europe/Berlin or +02:00 [default: UTC]
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,

    /// Readable columns to add beside each timestamp: date, local, text
    #[arg(long, value_name = "PART", value_delimiter = ',', value_parser = ["date", "local", "text"])]
    pub timestamp_parts: Vec<String>,

    /// A column to add or replace, such as 'avg_price=sales / units' (repeatable; later ones see earlier ones)
    #[arg(long = "with", value_name = "COL=EXPR", value_parser = key_value)]
    pub columns: Vec<(String, String)>,

    /// The rows to keep
    #[arg(long = "where", value_name = "EXPR")]
    pub filter: Option<String>,

    /// The columns to keep, as a select list
    #[arg(long, value_name = "EXPRS")]
    pub select: Option<String>,

    /// A rule for rows: warn counts, drop leaves out and quarantines, fail stops the run (repeatable)
    #[arg(long = "expect", value_name = "NAME: EXPR [warn|drop|fail]")]
    pub expectations: Vec<Expectation>,

    /// Begin at this version instead of with the whole table (first run only); `latest` for what comes next
    #[arg(long, value_name = "VERSION", conflicts_with = "starting_timestamp")]
    pub starting_version: Option<String>,

    /// Begin with the first commit at or after this instant (ISO 8601, first run only)
    #[arg(long, value_name = "INSTANT")]
    pub starting_timestamp: Option<String>,

    /// Pass over commits of the source that delete or update rows
    #[arg(long)]
    pub skip_change_commits: bool,

    /// Pass over commits of the source that only delete rows
    #[arg(long)]
    pub ignore_deletes: bool,

    /// The flags of every job.
    #[command(flatten)]
    pub shared: Shared,
}

impl Job for Silver {
    const LAYER: Layer = Layer::Silver;

    fn shared(&self) -> &Shared {
        &self.shared
    }

    fn graph(&self, layout: &Layout) -> Result<DataflowGraph, CliError> {
        let source = DeltaSourceSpec {
            location: layout.table(Layer::Bronze, &self.source)?.to_string(),
            starting: self.starting()?,
            skip_change_commits: self.skip_change_commits,
            ignore_deletes: self.ignore_deletes,
        };
        let mode = self.shared.output_mode.unwrap_or(OutputMode::Append);
        let query = FlowQuery {
            query: Query::Rows(self.query()),
            expectations: self.expectations.clone(),
            mode,
            extent: if mode == OutputMode::Complete { Extent::All } else { Extent::New },
        };
        let input = FlowInput { name: Layout::input_name(&self.source), source: SourceSpec::Delta(source) };
        layout.graph(Self::LAYER, &self.table, self.shared.flow.as_ref(), vec![input], query)
    }
}

impl Silver {
    fn query(&self) -> RowQuery {
        let wants = |part: &str| self.timestamp_parts.iter().any(|wanted| wanted == part);
        RowQuery {
            timestamps: self.timestamps.clone(),
            time_zone: self.timezone.clone(),
            parts: TimestampParts { date: wants("date"), local: wants("local"), text: wants("text") },
            columns: self.columns.clone(),
            filter: self.filter.clone(),
            select: self.select.clone(),
        }
    }

    fn starting(&self) -> Result<StartingPoint, CliError> {
        let usage = |flag: &'static str, reason: String| CliError::Usage { flag, reason };
        match (self.starting_version.as_deref(), self.starting_timestamp.as_deref()) {
            (None, None) => Ok(StartingPoint::Snapshot),
            (Some("latest"), _) => Ok(StartingPoint::Latest),
            (Some(version), _) => match version.parse() {
                Ok(version) => Ok(StartingPoint::Version(version)),
                Err(_) => {
                    Err(usage("--starting-version", format!("`{version}` is neither a version nor latest")))
                }
            },
            (None, Some(instant)) => match chrono::DateTime::parse_from_rfc3339(instant) {
                Ok(instant) => Ok(StartingPoint::Timestamp(instant.timestamp_millis())),
                Err(error) => Err(usage("--starting-timestamp", format!("`{instant}`: {error}"))),
            },
        }
    }
}
