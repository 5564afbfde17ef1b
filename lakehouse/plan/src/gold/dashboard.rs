//! KPIs over time, in the long form that the dashboard draws.

use std::collections::BTreeSet;
use std::str::FromStr;

use model::ParseError;

use crate::gold::Grain;
use crate::gold::text::{lines, literal, name, period};

/// One KPI: a name and an aggregate over the source's columns.
///
/// Its text form is `NAME=EXPR`, such as `revenue=sum(amount)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// The name, unique within a dashboard.
    pub name: String,
    /// The aggregate; its value must be a number.
    pub expr: String,
}

impl FromStr for Metric {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.split_once('=').map(|(name, expr)| (name.trim(), expr.trim())) {
            Some((name, expr)) if !name.is_empty() && !expr.is_empty() => {
                Ok(Self { name: name.to_owned(), expr: expr.to_owned() })
            }
            _ => Err(ParseError::new("metric", text, "expected NAME=EXPR, such as revenue=sum(amount)")),
        }
    }
}

/// KPIs over time: one row per period, group and metric.
///
/// | column | type | holds |
/// |---|---|---|
/// | `period` | TIMESTAMP | the first instant of the period |
/// | `grain` | STRING | the period's length |
/// | `group_key` | STRING | such as `carrier=AA`; NULL for the whole source |
/// | `metric` | STRING | the metric's name |
/// | `value` | DOUBLE | |
///
/// With `group_by` there are rows for the groups and for the whole, both from one pass: the whole of an average is not
/// the sum of its groups. A group column that is NULL makes the group `carrier=(null)`. Rows of the source without a
/// time have no period and are left out; so are periods without rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dashboard {
    /// The name of the input.
    pub source: String,
    /// The column with the row's time.
    pub time: String,
    /// The length of periods.
    pub grain: Grain,
    /// The column whose values make the groups.
    pub group_by: Option<String>,
    /// The KPIs.
    pub metrics: Vec<Metric>,
}

impl Dashboard {
    /// The query.
    ///
    /// # Errors
    /// There is no metric, or two have the same name.
    pub fn sql(&self) -> Result<String, ParseError> {
        self.check_metrics()?;
        let unnested = |items: Vec<String>| format!("unnest([{}])", items.join(", "));
        let names = unnested(self.metrics.iter().map(|metric| literal(&metric.name)).collect());
        let values = unnested((0..self.metrics.len()).map(|at| format!("`_{at}`")).collect());
        let grain = literal(self.grain.as_str());
        Ok(format!(
            "SELECT\n    `period`,\n    {grain} AS `grain`,\n    `group_key`,\n    {names} AS `metric`,\n    {values} AS `value`\nFROM (\n{}\n)",
            self.wide()
        ))
    }

    /// One row per period and group with a column per metric.
    fn wide(&self) -> String {
        let group = self.group_by.as_deref().map(name);
        let mut list =
            vec!["`_period` AS `period`".to_owned(), format!("{} AS `group_key`", self.group_key())];
        // The line break ends a comment at the end of an expression.
        let metric =
            |(at, metric): (usize, &Metric)| format!("CAST(({}\n    ) AS DOUBLE) AS `_{at}`", metric.expr);
        list.extend(self.metrics.iter().enumerate().map(metric));
        let grouping = match group {
            Some(group) => format!("GROUPING SETS ((`_period`), (`_period`, {group}))"),
            None => "`_period`".to_owned(),
        };
        let (time, source) = (name(&self.time), name(&self.source));
        let rows = format!(
            "SELECT *, {} AS `_period` FROM {source} WHERE {time} IS NOT NULL",
            period(&time, self.grain)
        );
        format!("  SELECT\n    {}\n  FROM ({rows})\n  GROUP BY {grouping}", lines(&list))
    }

    fn group_key(&self) -> String {
        let Some(column) = &self.group_by else {
            return "CAST(NULL AS STRING)".to_owned();
        };
        let (group, prefix) = (name(column), literal(&format!("{column}=")));
        let key = format!("concat({prefix}, coalesce(CAST({group} AS STRING), '(null)'))");
        format!("CASE WHEN grouping({group}) = 0 THEN {key} END")
    }

    fn check_metrics(&self) -> Result<(), ParseError> {
        let mut names = BTreeSet::new();
        match self.metrics.iter().find(|metric| !names.insert(metric.name.as_str())) {
            Some(twice) => Err(ParseError::new("metric", &twice.name, "it is defined twice")),
            None if names.is_empty() => {
                Err(ParseError::new("dashboard", &self.source, "expected at least one metric"))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dashboard(metrics: &[&str]) -> Dashboard {
        Dashboard {
            source: "flights".to_owned(),
            time: "at".to_owned(),
            grain: Grain::Day,
            group_by: Some("carrier".to_owned()),
            metrics: metrics.iter().map(|metric| metric.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn the_whole_and_the_groups_come_from_one_pass() {
        let sql = dashboard(&["n=count(*)", "late=avg(delay) -- minutes"]).sql().unwrap();
        assert_eq!(sql.matches("FROM `flights`").count(), 1);
        assert!(sql.contains("GROUPING SETS ((`_period`), (`_period`, `carrier`))"), "{sql}");
        assert!(sql.contains("unnest(['n', 'late']) AS `metric`"), "{sql}");
        assert!(sql.contains("-- minutes\n"), "a comment must not swallow the rest: {sql}");
        let whole = Dashboard { group_by: None, ..dashboard(&["n=count(*)"]) }.sql().unwrap();
        assert!(whole.contains("GROUP BY `_period`") && !whole.contains("GROUPING"), "{whole}");
    }

    #[test]
    fn a_metric_is_a_name_and_an_expression() {
        let metric: Metric = " late = sum(CASE WHEN delay >= 15 THEN 1 END)".parse().unwrap();
        assert_eq!(
            (metric.name.as_str(), metric.expr.as_str()),
            ("late", "sum(CASE WHEN delay >= 15 THEN 1 END)")
        );
        assert!("count(*)".parse::<Metric>().is_err());
        assert!("=count(*)".parse::<Metric>().is_err());
        assert!(dashboard(&[]).sql().is_err());
        assert!(dashboard(&["n=count(*)", "n=sum(x)"]).sql().is_err());
    }
}
