//! Which periods share one place in a plot.

use std::ops::Range;

use crate::chart::axis::TimeAxis;

/// The periods of each place from left to right; an empty range is a gap that no line may cross.
///
/// With at most `limit` periods each has its own place. With more, the width is cut into `limit / 2` equal spans of
/// time; whoever draws keeps the smallest and the largest value of a span, so no peak is lost.
pub(crate) fn places(axis: &TimeAxis, limit: usize) -> Vec<Range<usize>> {
    if axis.len() <= limit { single(axis) } else { spans(axis, (limit / 2).max(1)) }
}

fn single(axis: &TimeAxis) -> Vec<Range<usize>> {
    let mut places = Vec::with_capacity(axis.len());
    for at in 0..axis.len() {
        if axis.breaks_before(at) {
            places.push(at..at);
        }
        places.push(at..at + 1);
    }
    places
}

fn spans(axis: &TimeAxis, count: usize) -> Vec<Range<usize>> {
    let mut places = Vec::with_capacity(count);
    let mut start = 0;
    for span in 1..=count {
        let mut end = start;
        while end < axis.len() && (span == count || axis.share(end) * (count as f64) < span as f64) {
            end += 1;
        }
        places.push(start..end);
        start = end;
    }
    places
}

/// The smallest and the largest value of a place with where they are, in the order of time; none where all is NULL.
pub(crate) fn extremes(values: &[Option<f64>], place: Range<usize>) -> Option<[(usize, f64); 2]> {
    let present =
        || place.clone().filter_map(|at| values.get(at).copied().flatten().map(|value| (at, value)));
    let low = present().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let high = present().max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(if low.0 <= high.0 { [low, high] } else { [high, low] })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::grain::{Grain, at};

    fn hours(hours: impl Iterator<Item = i64>) -> TimeAxis {
        let start = at("2024-01-01T00:00:00Z");
        TimeAxis::new(Some(Grain::Hour), hours.map(|hour| start + TimeDelta::hours(hour)).collect())
    }

    #[test]
    fn every_period_has_exactly_one_place() {
        for (count, limit) in [(0, 10), (1, 10), (10, 10), (11, 10), (10_000, 400), (7, 1)] {
            let places = places(&hours(0..count), limit);
            let flat: Vec<usize> = places.iter().cloned().flatten().collect();
            assert_eq!(flat, (0..usize::try_from(count).unwrap()).collect::<Vec<_>>(), "{count} {limit}");
            assert!(places.len() <= limit.max(usize::try_from(count).unwrap().min(limit)), "{count} {limit}");
        }
    }

    #[test]
    fn a_long_silence_stays_a_gap_when_periods_share_places() {
        let places = places(&hours((0..5_000).chain(7_000..10_000)), 400);
        assert!(places.iter().filter(|place| place.is_empty()).count() >= 38);
    }

    #[test]
    fn peaks_survive() {
        let values: Vec<_> = (0..100)
            .map(|at| (at != 50).then_some(if at == 33 { 9.0 } else { f64::from(at) / 100.0 }))
            .collect();
        assert_eq!(extremes(&values, 20..60), Some([(20, 0.2), (33, 9.0)]));
        assert_eq!(extremes(&values, 50..51), None);
        assert_eq!(extremes(&values, 5..5), None);
    }
}
