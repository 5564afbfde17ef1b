//! A gold table as part of a flow: its request as a value, its SQL once the columns of the source are known.

use arrow::datatypes::SchemaRef;
use model::Definition;

use crate::gold::{Dashboard, Features, Summary};
use crate::{PlanError, SqlQuery};

/// One of the kinds of gold tables that medallion users build.
#[derive(Debug, Clone)]
pub enum GoldTable {
    /// Summary statistics. Its columns are those of the source at the time, whatever is given here.
    Summary(Summary),
    /// A feature set for machine learning.
    Features(Features),
    /// KPIs over time.
    Dashboard(Dashboard),
}

/// A request for a gold table.
#[derive(Debug, Clone)]
pub struct GoldQuery {
    /// What is asked for.
    pub table: GoldTable,
    /// Whether each row also gets the batch's time, as column `as_of`: a history is being kept.
    pub as_of: bool,
}

impl GoldQuery {
    /// The query over a source with these columns.
    pub(crate) fn sql(&self, columns: SchemaRef) -> Result<SqlQuery, PlanError> {
        let text = match &self.table {
            GoldTable::Summary(summary) => Summary { source_columns: columns, ..summary.clone() }.sql(),
            GoldTable::Features(features) => features.sql(),
            GoldTable::Dashboard(dashboard) => dashboard.sql(),
        };
        let text = text.map_err(|error| PlanError::Option {
            part: "gold".to_owned(),
            reason: error.to_string(),
            hint: None,
        })?;
        Ok(SqlQuery { text, as_of: self.as_of })
    }

    /// The parts that make the request what it is.
    pub(crate) fn define(&self, definition: Definition) -> Definition {
        match &self.table {
            GoldTable::Summary(summary) => {
                let time = summary.time.as_ref().map(|(column, grain)| format!("{column} by {grain}"));
                definition
                    .with("kind", "summary")
                    .with("group by", summary.group_by.join(", "))
                    .with("time", time.unwrap_or_default())
                    .with("columns", summary.columns.join(", "))
                    .with("quartiles", format!("{:?}", summary.quartiles))
            }
            GoldTable::Features(features) => definition
                .with("kind", "features")
                .with("entity", features.entity.join(", "))
                .with("time", &features.time)
                .with("as of", format!("{:?}", features.as_of))
                .with("values", features.values.join(", "))
                .with("windows", format!("{:?}", features.windows_days)),
            GoldTable::Dashboard(dashboard) => {
                let definition = definition
                    .with("kind", "dashboard")
                    .with("time", format!("{} by {}", dashboard.time, dashboard.grain))
                    .with("group by", dashboard.group_by.clone().unwrap_or_default());
                dashboard.metrics.iter().fold(definition, |definition, metric| {
                    definition.with(&format!("metric {}", metric.name), &metric.expr)
                })
            }
        }
    }
}
