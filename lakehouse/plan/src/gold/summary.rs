//! Standard summary statistics.

use arrow::datatypes::{DataType, SchemaRef};
use model::{ParseError, suggest};

use crate::gold::Grain;
use crate::gold::text::{lines, literal, name, period};

/// How the three quartiles are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Quartiles {
    /// From a t-digest: a few kilobytes per group and column, and an error of about a percent of the rank.
    #[default]
    Approximate,
    /// By interpolation between the two nearest values (SQL's `percentile_cont`). All values of a group are held in memory.
    Exact,
}

/// Summary statistics of numeric columns: one row per period, group and column.
///
/// | column | type | holds |
/// |---|---|---|
/// | `period` | TIMESTAMP | the first instant of the period, only with `time`; NULL for rows without a time |
/// | the group's columns | as in the source | |
/// | `column_name` | STRING | the column that the row is about |
/// | `count`, `nulls`, `distinct` | BIGINT | values that are not NULL, values that are, different values |
/// | `mean`, `stddev`, `min`, `q1`, `median`, `q3`, `max` | DOUBLE | NULL where there is no value |
///
/// `stddev` is the sample's, as Spark's is; NULL for a single value. `distinct` is exact and holds the values of a group in memory.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The name of the input.
    pub source: String,
    /// Its columns.
    pub source_columns: SchemaRef,
    /// The columns whose values make the groups.
    pub group_by: Vec<String>,
    /// The column and the length of periods.
    pub time: Option<(String, Grain)>,
    /// The columns to describe; all numeric ones outside `group_by` where empty.
    pub columns: Vec<String>,
    /// How quartiles are found.
    pub quartiles: Quartiles,
}

/// The columns of the result beside the group's, which may not have the same names.
const RESULT: [&str; 12] = [
    "period",
    "column_name",
    "count",
    "nulls",
    "distinct",
    "mean",
    "stddev",
    "min",
    "q1",
    "median",
    "q3",
    "max",
];

impl Summary {
    /// The query: one aggregation over the source, whose wide rows are then turned into a row per column.
    ///
    /// # Errors
    /// A column is not there, not numeric, or named like a column of the result; or there is nothing to describe.
    pub fn sql(&self) -> Result<String, ParseError> {
        let groups = self.groups()?;
        let columns = self.described(&groups)?;
        let time =
            self.time.as_ref().map(|(column, grain)| Ok((self.column(column)?, *grain))).transpose()?;
        let period = time.map(|(column, grain)| period(&name(column), grain));

        let keys: Vec<String> =
            period.iter().map(|_| name("period")).chain(groups.iter().map(|g| name(g))).collect();
        let mut wide: Vec<String> = period.iter().map(|sql| format!("{sql} AS `period`")).collect();
        wide.extend(groups.iter().map(|group| name(group)));
        wide.push("count(*) AS `_rows`".to_owned());
        wide.extend(columns.iter().enumerate().flat_map(|(at, column)| self.measures(at, column)));
        let grouping = match keys.len() {
            0 => String::new(),
            count => format!(
                "\n  GROUP BY {}",
                (1..=count).map(|at| at.to_string()).collect::<Vec<_>>().join(", ")
            ),
        };

        let mut long = keys;
        long.extend(unpivoted(&columns));
        let (wide, source) = (lines(&wide), name(&self.source));
        Ok(format!(
            "SELECT\n    {}\nFROM (\n  SELECT\n    {wide}\n  FROM {source}{grouping}\n)",
            lines(&long)
        ))
    }

    /// The aggregates of the column with number `at`.
    fn measures(&self, at: usize, column: &str) -> Vec<String> {
        let raw = name(column);
        let value = format!("CAST({raw} AS DOUBLE)");
        let quantile = |share: &str| match self.quartiles {
            Quartiles::Approximate => format!("approx_percentile_cont({value}, {share})"),
            Quartiles::Exact => format!("percentile_cont({value}, {share})"),
        };
        [
            ("count", format!("count({raw})")),
            // Before the cast: large integers that differ may be the same DOUBLE.
            ("distinct", format!("count(DISTINCT {raw})")),
            ("mean", format!("avg({value})")),
            ("stddev", format!("stddev({value})")),
            ("min", format!("min({value})")),
            ("q1", quantile("0.25")),
            ("median", quantile("0.5")),
            ("q3", quantile("0.75")),
            ("max", format!("max({value})")),
        ]
        .map(|(measure, sql)| format!("{sql} AS `_{at}_{measure}`"))
        .into()
    }

    fn groups(&self) -> Result<Vec<&str>, ParseError> {
        let groups = self.group_by.iter().map(|group| self.column(group)).collect::<Result<Vec<_>, _>>()?;
        match groups.iter().find(|group| RESULT.contains(group)) {
            None => Ok(groups),
            Some(taken) => Err(ParseError::new(
                "group column",
                taken,
                "the summary has a column of that name; rename it",
            )),
        }
    }

    fn described(&self, groups: &[&str]) -> Result<Vec<&str>, ParseError> {
        if self.columns.is_empty() {
            let fields = self.source_columns.fields().iter().filter(|field| is_numeric(field.data_type()));
            let all: Vec<&str> =
                fields.map(|field| field.name().as_str()).filter(|n| !groups.contains(n)).collect();
            return if all.is_empty() {
                Err(ParseError::new("summary", &self.source, "it has no numeric columns to describe"))
            } else {
                Ok(all)
            };
        }
        self.columns.iter().map(|column| self.numeric(column)).collect()
    }

    fn numeric(&self, column: &str) -> Result<&str, ParseError> {
        let found = self.column(column)?;
        match self.source_columns.field_with_name(found) {
            Ok(field) if !is_numeric(field.data_type()) => Err(ParseError::new(
                "summary column",
                column,
                format!("it is {} and not numeric", field.data_type()),
            )),
            _ => Ok(found),
        }
    }

    /// The source's own spelling of a column; names are found whatever their case, as in Spark.
    fn column(&self, wanted: &str) -> Result<&str, ParseError> {
        let names = || self.source_columns.fields().iter().map(|field| field.name().as_str());
        let exact = names().find(|name| *name == wanted);
        exact.or_else(|| names().find(|name| name.to_lowercase() == wanted.to_lowercase())).ok_or_else(|| {
            let reason = match suggest(wanted, names()) {
                Some(near) => format!("there is no such column; did you mean `{near}`?"),
                None => {
                    format!("there is no such column; there are {}", names().collect::<Vec<_>>().join(", "))
                }
            };
            ParseError::new("column", wanted, reason)
        })
    }
}

/// The select list that makes a row per column: lists of equal length, unnested side by side.
fn unpivoted(columns: &[&str]) -> Vec<String> {
    let unnested =
        |items: Vec<String>, measure: &str| format!("unnest([{}]) AS `{measure}`", items.join(", "));
    let each = |item: &dyn Fn(usize) -> String| (0..columns.len()).map(item).collect::<Vec<_>>();
    let measure = |measure: &str| unnested(each(&|at| format!("`_{at}_{measure}`")), measure);
    let mut list = vec![unnested(columns.iter().map(|column| literal(column)).collect(), "column_name")];
    list.push(measure("count"));
    list.push(unnested(each(&|at| format!("`_rows` - `_{at}_count`")), "nulls"));
    list.extend(RESULT[4..].iter().map(|result| measure(result)));
    list
}

fn is_numeric(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{Field, Schema};

    use super::*;

    fn summary() -> Summary {
        let field = |name, data_type| Field::new(name, data_type, true);
        let columns = vec![
            field("at", DataType::Date32),
            field("Carrier", DataType::Utf8),
            field("delay", DataType::Float64),
            field("o'clock`", DataType::Int64),
        ];
        Summary {
            source: "flights".to_owned(),
            source_columns: Arc::new(Schema::new(columns)),
            group_by: Vec::new(),
            time: None,
            columns: Vec::new(),
            quartiles: Quartiles::default(),
        }
    }

    #[test]
    fn describes_all_numeric_columns_in_one_pass() {
        let sql = summary().sql().unwrap();
        assert_eq!(sql.matches("FROM `flights`").count(), 1);
        assert!(sql.contains("unnest(['delay', 'o''clock`']) AS `column_name`"), "{sql}");
        assert!(sql.contains("count(DISTINCT `o'clock```) AS `_1_distinct`"), "{sql}");
        assert!(sql.contains("approx_percentile_cont(CAST(`delay` AS DOUBLE), 0.25) AS `_0_q1`"), "{sql}");
        assert!(!sql.contains("GROUP BY"));
    }

    #[test]
    fn groups_by_period_and_columns_whatever_their_case() {
        let time = Some(("AT".to_owned(), Grain::Month));
        let exact = Quartiles::Exact;
        let sql = Summary { group_by: vec!["carrier".to_owned()], time, quartiles: exact, ..summary() }
            .sql()
            .unwrap();
        assert!(sql.contains("GROUP BY 1, 2"), "{sql}");
        assert!(sql.contains("date_trunc('month', `at`)") && sql.contains("`Carrier`"), "{sql}");
        assert!(sql.contains(" percentile_cont(CAST(`delay` AS DOUBLE), 0.5) AS `_0_median`"), "{sql}");
    }

    #[test]
    fn refuses_what_cannot_be_described_and_says_why() {
        let refused = |summary: Summary| summary.sql().unwrap_err().to_string();
        let columns = |name: &str| Summary { columns: vec![name.to_owned()], ..summary() };
        assert!(refused(columns("delai")).contains("did you mean `delay`?"));
        assert!(refused(columns("Carrier")).contains("not numeric"));
        let grouped = Summary { group_by: vec!["delay".to_owned(), "o'clock`".to_owned()], ..summary() };
        assert!(refused(grouped).contains("no numeric columns"));
        let mut taken = summary();
        taken.source_columns = Arc::new(Schema::new(vec![Field::new("count", DataType::Int64, true)]));
        taken.group_by = vec!["count".to_owned()];
        assert!(refused(taken).contains("rename it"));
    }
}
