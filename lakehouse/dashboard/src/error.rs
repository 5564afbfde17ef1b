//! Why a page could not be made.

use arrow::error::ArrowError;
use model::{Classify, ErrorKind};
use thiserror::Error;

/// A KPI table that cannot become a page. Odd values never do this: they are left out and counted on the page.
#[derive(Debug, Error)]
pub enum DashboardError {
    /// A column of the KPI shape is missing.
    #[error("the KPI table has no column `{column}`; it has {found}")]
    MissingColumn {
        /// The missing column.
        column: &'static str,
        /// The columns that are there.
        found: String,
    },
    /// A column has a type that cannot be read as the one of the KPI shape.
    #[error("column `{column}` of the KPI table cannot be read as {expected}")]
    ColumnType {
        /// The column.
        column: &'static str,
        /// The type of the KPI shape.
        expected: String,
        /// What the conversion said.
        source: ArrowError,
    },
}

impl Classify for DashboardError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::User
    }

    fn hint(&self) -> Option<String> {
        let shape = "period TIMESTAMP, grain STRING, group_key STRING, metric STRING, value DOUBLE";
        Some(format!(
            "a dashboard is drawn from a table with the columns {shape}, as `gold dashboard` writes it"
        ))
    }
}
