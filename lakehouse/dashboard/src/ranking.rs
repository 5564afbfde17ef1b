//! Which groups get a line and a colour, and what becomes of the others.

use crate::kpis::{Metric, Section, Series};

/// As many groups as people can tell apart by colour.
pub(crate) const SHOWN: usize = 8;

/// The order of a section's groups. It is the same for all metrics, so that a group keeps its colour down the page.
#[derive(Debug, Clone)]
pub(crate) struct Ranking(Vec<String>);

impl Ranking {
    /// Groups by size: the sum of their values in the first metric whose groups add up to its total (flights, revenue),
    /// or else in the first metric. Groups alike in size go by name.
    pub(crate) fn of(section: &Section) -> Self {
        let grouped = || section.metrics.iter().filter(|metric| !metric.groups.is_empty());
        let reference = grouped().find(|metric| adds_up(metric)).or_else(|| grouped().next());
        let mut ranked: Vec<(f64, &str)> = Vec::new();
        for series in reference.iter().flat_map(|metric| &metric.groups) {
            ranked.push((series.values.iter().flatten().map(|value| value.abs()).sum(), &series.name));
        }
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        let mut names: Vec<String> = ranked.into_iter().map(|(_, name)| name.to_owned()).collect();
        let mut absent: Vec<&str> =
            grouped().flat_map(|metric| &metric.groups).map(|group| group.name.as_str()).collect();
        absent.sort_unstable();
        absent.dedup();
        let known: std::collections::BTreeSet<_> = names.iter().cloned().collect();
        names.extend(absent.into_iter().filter(|name| !known.contains(*name)).map(str::to_owned));
        Self(names)
    }

    /// All groups, the largest first.
    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }

    /// The largest group.
    pub(crate) fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Splits a metric's groups into those that get a line, with their colour's number, and the rest.
    pub(crate) fn split<'a>(&self, metric: &'a Metric) -> (Vec<(usize, &'a Series)>, Vec<&'a Series>) {
        let shown = &self.0[..self.0.len().min(SHOWN)];
        let (mut lines, mut rest) = (Vec::new(), Vec::new());
        for series in &metric.groups {
            match shown.iter().position(|name| *name == series.name) {
                Some(slot) => lines.push((slot, series)),
                None => rest.push(series),
            }
        }
        lines.sort_by_key(|(slot, _)| *slot);
        (lines, rest)
    }
}

/// The groups without a line of their own, as one thing.
#[derive(Debug, Clone)]
pub(crate) enum Rest {
    /// Their sum, where groups add up to the total.
    Sum(Series),
    /// Their smallest and largest value: the sum of averages or of distinct counts would mean nothing.
    Range {
        /// How it is called.
        name: String,
        /// The smallest value of each period.
        low: Vec<Option<f64>>,
        /// The largest value of each period.
        high: Vec<Option<f64>>,
    },
}

impl Rest {
    /// What `rest` is together; none where it is empty.
    pub(crate) fn of(metric: &Metric, rest: &[&Series]) -> Option<Self> {
        let folded = |fold: fn(f64, f64) -> f64| merged(rest, fold);
        match rest.len() {
            0 => None,
            count if adds_up(metric) => {
                Some(Self::Sum(Series { name: format!("{count} other"), values: folded(|a, b| a + b) }))
            }
            count => Some(Self::Range {
                name: format!("range of {count} other"),
                low: folded(f64::min),
                high: folded(f64::max),
            }),
        }
    }
}

fn merged(series: &[&Series], fold: fn(f64, f64) -> f64) -> Vec<Option<f64>> {
    let length = series.iter().map(|series| series.values.len()).max().unwrap_or(0);
    let at = |index: usize| {
        series.iter().filter_map(|series| series.values.get(index).copied().flatten()).reduce(fold)
    };
    (0..length).map(at).collect()
}

/// Whether the groups of a metric add up to its total in every period that has one. The table says it by its numbers:
/// nothing else tells a count from an average.
fn adds_up(metric: &Metric) -> bool {
    let Some(total) = &metric.total else {
        return false;
    };
    let sums = merged(&metric.groups.iter().collect::<Vec<_>>(), |a, b| a + b);
    let pairs = || total.values.iter().zip(&sums).filter_map(|(total, sum)| Some(((*total)?, (*sum)?)));
    metric.groups.len() > 1
        && pairs().next().is_some()
        && pairs().all(|(total, sum)| (total - sum).abs() <= 1e-6 * total.abs().max(sum.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::axis::TimeAxis;

    fn series(name: &str, values: &[f64]) -> Series {
        Series { name: name.to_owned(), values: values.iter().copied().map(Some).collect() }
    }

    fn metric(name: &str, total: &[f64], groups: Vec<Series>) -> Metric {
        Metric { name: name.to_owned(), total: Some(series("All", total)), groups }
    }

    fn section(metrics: Vec<Metric>) -> Section {
        Section { grain: "day".to_owned(), axis: TimeAxis::new(None, Vec::new()), metrics, dimension: None }
    }

    #[test]
    fn groups_rank_by_the_metric_that_adds_up() {
        let mean = metric("mean", &[5.0], vec![series("a", &[9.0]), series("b", &[1.0])]);
        let count = metric("n", &[10.0], vec![series("a", &[1.0]), series("b", &[9.0]), series("c", &[0.0])]);
        assert!(adds_up(&count) && !adds_up(&mean));
        assert_eq!(Ranking::of(&section(vec![mean, count])).names(), ["b", "a", "c"]);
    }

    #[test]
    fn the_rest_is_a_sum_only_where_sums_mean_something() {
        let groups =
            |scale: f64| (0..10).map(|at| series(&format!("g{at}"), &[scale * f64::from(10 - at)])).collect();
        let count = metric("n", &[55.0], groups(1.0));
        let mean = metric("mean", &[5.5], groups(1.0));
        let ranking = Ranking::of(&section(vec![count.clone()]));
        let (lines, rest) = ranking.split(&count);
        assert_eq!((lines.len(), rest.len()), (SHOWN, 2));
        assert!(matches!(Rest::of(&count, &rest), Some(Rest::Sum(sum)) if sum.values == [Some(3.0)]));
        let (_, rest) = ranking.split(&mean);
        let range = Rest::of(&mean, &rest);
        assert!(
            matches!(range, Some(Rest::Range { low, high, .. }) if low == [Some(1.0)] && high == [Some(2.0)])
        );
        assert!(Rest::of(&mean, &[]).is_none());
    }
}
