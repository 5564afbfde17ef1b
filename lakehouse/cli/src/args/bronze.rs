//! `bronze`: files in, an append-only table out.

use std::collections::BTreeMap;

use clap::Parser;
use lakehouse::engine::{DataflowGraph, FlowInput};
use lakehouse::model::{FileSourceSpec, OutputMode, SourceSpec, TableName};
use lakehouse::plan::{Extent, FlowQuery, Query, RowQuery};

use super::{Shared, key_value};
use crate::{CliError, Job, Layer, Layout};

/// Ingest files into a bronze table, each file exactly once.
///
/// Reads NDJSON, CSV and Parquet, plain or .gz/.zst. Adds _source_file, _source_modified and _ingested_at. What does not
/// fit the schema is kept in _rescued_data; what cannot be parsed goes to <table>_quarantine.
#[derive(Debug, Clone, Parser)]
#[command(name = "bronze", version)]
pub struct Bronze {
    /// A directory, a file or a glob; a path or a URL (file, s3, abfss, az, gs)
    pub source: String,

    /// The table to write, in the lakehouse's bronze layer
    #[arg(long, value_name = "NAME")]
    pub table: TableName,

    /// json, csv or parquet [default: told from the file names]
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,

    /// An option of the format or the listing, by Spark's name, such as header=true (repeatable)
    #[arg(long = "option", value_name = "KEY=VALUE", value_parser = key_value)]
    pub options: Vec<(String, String)>,

    /// The columns as DDL, such as 'id BIGINT, name STRING' [default: inferred from a sample and kept]
    #[arg(long, value_name = "DDL")]
    pub schema: Option<String>,

    /// The flags of every job.
    #[command(flatten)]
    pub shared: Shared,
}

impl Job for Bronze {
    const LAYER: Layer = Layer::Bronze;

    fn shared(&self) -> &Shared {
        &self.shared
    }

    fn graph(&self, layout: &Layout) -> Result<DataflowGraph, CliError> {
        let files = FileSourceSpec {
            path: layout.path(&self.source)?,
            format: self.format.clone().filter(|format| !format.eq_ignore_ascii_case("auto")),
            options: self.options.iter().cloned().collect::<BTreeMap<_, _>>(),
            schema: self.schema.clone(),
        };
        let mode = self.shared.output_mode.unwrap_or(OutputMode::Append);
        let query = FlowQuery {
            query: Query::Rows(RowQuery::default()),
            expectations: Vec::new(),
            mode,
            extent: if mode == OutputMode::Complete { Extent::All } else { Extent::New },
        };
        let input = FlowInput { name: "files".to_owned(), source: SourceSpec::Files(files) };
        layout.graph(Self::LAYER, &self.table, self.shared.flow.as_ref(), vec![input], query)
    }
}
