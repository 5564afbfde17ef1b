//! The KPI table as series over a common time axis.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, TimeUnit, TimestampMicrosecondType};
use chrono::{DateTime, Utc};

use crate::DashboardError;
use crate::chart::axis::TimeAxis;
use crate::chart::scale::LARGEST;
use crate::grain::Grain;

/// Everything a page shows of a table, section by section.
#[derive(Debug, Clone)]
pub(crate) struct Kpis {
    pub(crate) sections: Vec<Section>,
    pub(crate) skipped: Skipped,
}

/// The metrics of one grain. All their values lie on one time axis.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    /// The grain as the table writes it.
    pub(crate) grain: String,
    pub(crate) axis: TimeAxis,
    pub(crate) metrics: Vec<Metric>,
    /// What the groups are values of, such as `carrier`, where all group keys agree on it.
    pub(crate) dimension: Option<String>,
}

/// One metric: its value over everything, and by group.
#[derive(Debug, Clone)]
pub(crate) struct Metric {
    pub(crate) name: String,
    pub(crate) total: Option<Series>,
    pub(crate) groups: Vec<Series>,
}

/// Values in the order of the time axis; `None` where the table holds NULL or nothing.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) values: Vec<Option<f64>>,
}

impl Series {
    /// The newest value that is there, with its place on the axis.
    pub(crate) fn last(&self) -> Option<(usize, f64)> {
        self.values.iter().enumerate().rev().find_map(|(at, value)| value.map(|value| (at, value)))
    }
}

/// Rows and values that a page cannot show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// Rows without a period or a metric.
    pub(crate) unplaced: usize,
    /// Values that are NaN, infinite or beyond 1e300.
    pub(crate) not_finite: usize,
    /// Rows with the period, group and metric of a later row, which counts.
    pub(crate) repeated: usize,
}

type Points = Vec<(DateTime<Utc>, Option<f64>)>;
type Groups = BTreeMap<Option<String>, Points>;
type Tables = BTreeMap<(Option<Grain>, String), BTreeMap<String, Groups>>;

/// Reads the batches of a table. `order` names metrics to come first; the others follow by name.
pub(crate) fn read(batches: &[RecordBatch], order: &[String]) -> Result<Kpis, DashboardError> {
    let (mut tables, mut skipped) = (Tables::new(), Skipped::default());
    for batch in batches {
        Columns::of(batch)?.collect(&mut tables, &mut skipped);
    }
    // Grains sort before words of the table's own, which have none.
    let mut tables: Vec<_> = tables.into_iter().collect();
    tables.sort_by_key(|((grain, _), _)| grain.is_none());
    let sections =
        tables.into_iter().map(|((grain, text), metrics)| section(grain, text, metrics, order, &mut skipped));
    Ok(Kpis { sections: sections.collect(), skipped })
}

struct Columns {
    period: ArrayRef,
    grain: ArrayRef,
    group: ArrayRef,
    metric: ArrayRef,
    value: ArrayRef,
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Self, DashboardError> {
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        Ok(Self {
            period: column(batch, "period", &instant)?,
            grain: column(batch, "grain", &DataType::Utf8)?,
            group: column(batch, "group_key", &DataType::Utf8)?,
            metric: column(batch, "metric", &DataType::Utf8)?,
            value: column(batch, "value", &DataType::Float64)?,
        })
    }

    fn collect(&self, tables: &mut Tables, skipped: &mut Skipped) {
        let text = |column: &ArrayRef, row| {
            column.is_valid(row).then(|| column.as_string::<i32>().value(row).to_owned())
        };
        for row in 0..self.period.len() {
            let (Some(period), Some(metric)) = (self.period_at(row), text(&self.metric, row)) else {
                skipped.unplaced += 1;
                continue;
            };
            let grain = text(&self.grain, row).unwrap_or_default();
            let groups = tables.entry((Grain::named(&grain), grain)).or_default().entry(metric).or_default();
            groups.entry(text(&self.group, row)).or_default().push((period, self.value_at(row, skipped)));
        }
    }

    fn period_at(&self, row: usize) -> Option<DateTime<Utc>> {
        let periods = self.period.as_primitive::<TimestampMicrosecondType>();
        periods.is_valid(row).then(|| DateTime::from_timestamp_micros(periods.value(row)))?
    }

    fn value_at(&self, row: usize, skipped: &mut Skipped) -> Option<f64> {
        let values = self.value.as_primitive::<Float64Type>();
        let value = values.is_valid(row).then(|| values.value(row))?;
        let drawable = value.abs() <= LARGEST;
        skipped.not_finite += usize::from(!drawable);
        drawable.then_some(value)
    }
}

fn column(batch: &RecordBatch, name: &'static str, expected: &DataType) -> Result<ArrayRef, DashboardError> {
    let column = batch.column_by_name(name).ok_or_else(|| DashboardError::MissingColumn {
        column: name,
        found: batch
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    cast(column, expected).map_err(|source| DashboardError::ColumnType {
        column: name,
        expected: expected.to_string(),
        source,
    })
}

fn section(
    grain: Option<Grain>,
    text: String,
    metrics: BTreeMap<String, Groups>,
    order: &[String],
    skipped: &mut Skipped,
) -> Section {
    let mut periods: Vec<_> =
        metrics.values().flat_map(BTreeMap::values).flatten().map(|(period, _)| *period).collect();
    periods.sort_unstable();
    periods.dedup();
    let dimension = dimension(metrics.values().flat_map(BTreeMap::keys).flatten());
    let prefix = dimension.as_ref().map_or(0, |name| name.len() + 1);
    let mut metrics: Vec<_> =
        metrics.into_iter().map(|(name, groups)| metric(name, groups, &periods, prefix, skipped)).collect();
    metrics.sort_by_key(|metric| order.iter().position(|name| *name == metric.name).unwrap_or(usize::MAX));
    Section { grain: text, axis: TimeAxis::new(grain, periods), metrics, dimension }
}

fn metric(
    name: String,
    groups: Groups,
    periods: &[DateTime<Utc>],
    prefix: usize,
    skipped: &mut Skipped,
) -> Metric {
    let mut metric = Metric { name, total: None, groups: Vec::new() };
    for (group, points) in groups {
        let values = spread(points, periods, skipped);
        match group {
            None => metric.total = Some(Series { name: "All".to_owned(), values }),
            Some(group) => {
                let name = group.get(prefix..).unwrap_or(&group).to_owned();
                metric
                    .groups
                    .push(Series { name: if name.is_empty() { "(empty)".to_owned() } else { name }, values });
            }
        }
    }
    metric
}

/// Points on the axis; of several for one period the last counts.
fn spread(mut points: Points, periods: &[DateTime<Utc>], skipped: &mut Skipped) -> Vec<Option<f64>> {
    points.sort_by_key(|(period, _)| *period);
    skipped.repeated += points.windows(2).filter(|pair| pair[0].0 == pair[1].0).count();
    let mut values = vec![None; periods.len()];
    for (period, value) in points {
        if let Ok(at) = periods.binary_search(&period) {
            values[at] = value;
        }
    }
    values
}

/// What stands before the first `=` of every key, if it is the same everywhere. Where all values hold a further `=`,
/// the keys name several things, and each stays as it is.
fn dimension<'a>(keys: impl Iterator<Item = &'a String>) -> Option<String> {
    let pairs: Option<Vec<(&str, &str)>> = keys.map(|key| key.split_once('=')).collect();
    let pairs = pairs?;
    let (name, _) = *pairs.first()?;
    let same = !name.is_empty() && pairs.iter().all(|(other, _)| *other == name);
    let compound = pairs.iter().all(|(_, value)| value.contains('='));
    (same && !compound).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_one_dimension_lose_its_name() {
        let found =
            |keys: &[&str]| dimension(keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>().iter());
        assert_eq!(found(&["carrier=AA", "carrier=UA"]), Some("carrier".to_owned()));
        assert_eq!(found(&["carrier=AA", "origin=JFK"]), None);
        assert_eq!(found(&["carrier=AA, origin=JFK"]), None);
        assert_eq!(found(&["carrier=AA", "carrier=A=A"]), Some("carrier".to_owned()));
        assert_eq!(found(&["AA"]), None);
        assert_eq!(found(&[]), None);
    }
}
