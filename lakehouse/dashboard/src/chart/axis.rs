//! The two axes: time from left to right, values from bottom to top.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::chart::scale::Scale;
use crate::chart::{BOTTOM, HEIGHT, height_of, percent};
use crate::grain::{Grain, quarter};
use crate::html::Markup;
use crate::number;

/// The time axis: the periods of a table in order, placed by the clock, so that equal times are equal distances.
#[derive(Debug, Clone)]
pub(crate) struct TimeAxis {
    grain: Option<Grain>,
    periods: Vec<DateTime<Utc>>,
    breaks: Vec<bool>,
}

/// More labels than this would touch each other on a wide screen; a narrow one hides every second.
const MOST_TICKS: usize = 8;

/// Below this share of periods present, a missing period is a habit of the data (weekends) and not an outage.
const DENSE: f64 = 0.8;

impl TimeAxis {
    /// An axis over `periods`, which are sorted and distinct.
    pub(crate) fn new(grain: Option<Grain>, periods: Vec<DateTime<Utc>>) -> Self {
        let breaks = breaks(grain, &periods);
        Self { grain, periods, breaks }
    }

    pub(crate) fn len(&self) -> usize {
        self.periods.len()
    }

    pub(crate) fn grain(&self) -> Option<Grain> {
        self.grain
    }

    pub(crate) fn periods(&self) -> &[DateTime<Utc>] {
        &self.periods
    }

    /// Whether periods are missing just before the one at `index`, so that no line may lead there.
    pub(crate) fn breaks_before(&self, index: usize) -> bool {
        self.breaks.get(index).copied().unwrap_or(false)
    }

    /// Where the period at `index` lies, as a share of the width.
    pub(crate) fn share(&self, index: usize) -> f64 {
        self.periods.get(index).map_or(0.5, |at| self.share_of(*at))
    }

    fn share_of(&self, at: DateTime<Utc>) -> f64 {
        match (self.periods.first(), self.periods.last()) {
            (Some(first), Some(last)) if first < last => {
                (at - first).as_seconds_f64() / (*last - first).as_seconds_f64()
            }
            _ => 0.5,
        }
    }

    /// The instants that get a label: the finest round step with few enough of them.
    fn ticks(&self) -> (Step, Vec<DateTime<Utc>>) {
        let (Some(first), Some(last)) = (self.periods.first(), self.periods.last()) else {
            return (Step::Minutes(1), Vec::new());
        };
        let least = self.grain.map_or(Step::Minutes(1), Step::of);
        for step in STEPS.into_iter().filter(|step| *step >= least) {
            let ticks: Vec<_> = step.instants(*first, *last).take(MOST_TICKS + 1).collect();
            if ticks.len() <= MOST_TICKS && !ticks.is_empty() {
                return (step, ticks);
            }
        }
        (least, vec![*first])
    }

    /// The labels below the plot.
    pub(crate) fn svg(&self) -> Markup {
        let (step, ticks) = self.ticks();
        let sparse = ticks.len() > MOST_TICKS / 2;
        let mut svg = Markup::default();
        let mut context = String::new();
        for (at, tick) in ticks.iter().enumerate() {
            let share = self.share_of(*tick);
            let class = if sparse && at % 2 == 1 { "x fine" } else { "x" };
            tick_mark(&mut svg, class, share);
            label(&mut svg, class, share, BOTTOM + 18.0, &step.label(*tick));
            let now = step.context(*tick);
            if now != context {
                label(&mut svg, class, share, BOTTOM + 33.0, &now);
                context = if class == "x" { now } else { context };
            }
        }
        svg
    }
}

/// The horizontal lines of the plot, zero a little stronger.
pub(crate) fn grid(scale: &Scale) -> Markup {
    let mut svg = Markup::default();
    for tick in scale.ticks() {
        let y = height_of(scale, tick);
        let class = if tick == 0.0 { "zero" } else { "grid" };
        svg.raw("<line").attr("class", class).raw(" x2=\"100%\"").attr("y1", y).attr("y2", y).raw("/>");
    }
    svg
}

/// The labels of the value axis, as a drawing of their own so that they keep their size beside a plot that stretches.
pub(crate) fn values(scale: &Scale) -> Markup {
    let ticks = scale.ticks();
    let labels: Vec<_> =
        ticks.iter().map(|tick| number::tick(*tick, scale.step(), scale.largest())).collect();
    let width = 8 + 7 * labels.iter().map(|label| label.chars().count()).max().unwrap_or(1);
    let mut svg = Markup::default();
    svg.raw("<svg class=\"values\" aria-hidden=\"true\"")
        .attr("width", width)
        .attr("height", HEIGHT)
        .raw(">");
    for (tick, text) in ticks.iter().zip(&labels) {
        svg.raw("<text")
            .attr("x", width - 6)
            .attr("y", height_of(scale, *tick) + 4.0)
            .raw(">")
            .text(text)
            .raw("</text>");
    }
    svg.raw("</svg>");
    svg
}

fn tick_mark(svg: &mut Markup, class: &str, share: f64) {
    let x = percent(share);
    svg.raw("<line").attr("class", class).attr("x1", &x).attr("x2", &x);
    svg.attr("y1", BOTTOM).attr("y2", BOTTOM + 5.0).raw("/>");
}

/// Labels at the ends are turned inwards, so that none leaves the plot.
fn label(svg: &mut Markup, class: &str, share: f64, y: f64, text: &str) {
    let end = if share < 0.04 {
        " l"
    } else if share > 0.96 {
        " r"
    } else {
        ""
    };
    svg.raw("<text").attr("class", format_args!("{class}{end}")).attr("x", percent(share)).attr("y", y);
    svg.raw(">").text(text).raw("</text>");
}

/// A missing period breaks the line, unless so many are missing that it is the normal case.
fn breaks(grain: Option<Grain>, periods: &[DateTime<Utc>]) -> Vec<bool> {
    let (Some(grain), Some(first), Some(last)) = (grain, periods.first(), periods.last()) else {
        return Vec::new();
    };
    if (periods.len() as f64) < DENSE * grain.periods_between(*first, *last) as f64 {
        return Vec::new();
    }
    let gap = |pair: &[DateTime<Utc>]| grain.end_of(pair[0]).is_some_and(|end| end < pair[1]);
    std::iter::once(false).chain(periods.windows(2).map(gap)).collect()
}

/// The distance of two labels on the time axis, in the calendar's own units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Step {
    Minutes(i64),
    Months(i32),
}

const DAY: i64 = 24 * 60;
const WEEK: i64 = 7 * DAY;

const STEPS: [Step; 27] = [
    Step::Minutes(1),
    Step::Minutes(5),
    Step::Minutes(15),
    Step::Minutes(30),
    Step::Minutes(60),
    Step::Minutes(180),
    Step::Minutes(360),
    Step::Minutes(720),
    Step::Minutes(DAY),
    Step::Minutes(2 * DAY),
    Step::Minutes(WEEK),
    Step::Minutes(2 * WEEK),
    Step::Minutes(4 * WEEK),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(24),
    Step::Months(60),
    Step::Months(120),
    Step::Months(240),
    Step::Months(600),
    Step::Months(1_200),
    Step::Months(6_000),
    Step::Months(24_000),
    Step::Months(120_000),
];

impl Step {
    /// The smallest step that makes sense for periods of `grain`.
    fn of(grain: Grain) -> Self {
        match grain {
            Grain::Minute => Self::Minutes(1),
            Grain::Hour => Self::Minutes(60),
            Grain::Day => Self::Minutes(DAY),
            Grain::Week => Self::Minutes(WEEK),
            Grain::Month => Self::Months(1),
            Grain::Quarter => Self::Months(3),
            Grain::Year => Self::Months(12),
        }
    }

    /// The round instants of this step from `first` to `last`.
    fn instants(self, first: DateTime<Utc>, last: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        let before = match self {
            Self::Minutes(n) => (first.timestamp() / 60 - MONDAY).div_euclid(n),
            Self::Months(n) => months(first).div_euclid(i64::from(n)),
        };
        (before..)
            .map_while(move |at| self.instant(at))
            .skip_while(move |at| *at < first)
            .take_while(move |at| *at <= last)
    }

    fn instant(self, number: i64) -> Option<DateTime<Utc>> {
        match self {
            Self::Minutes(n) => DateTime::from_timestamp(number.checked_mul(n)?.checked_add(MONDAY)? * 60, 0),
            Self::Months(n) => {
                let months = number.checked_mul(i64::from(n))?;
                let year = i32::try_from(months.div_euclid(12)).ok()?;
                let month = u32::try_from(months.rem_euclid(12)).ok()? + 1;
                Some(NaiveDate::from_ymd_opt(year, month, 1)?.and_hms_opt(0, 0, 0)?.and_utc())
            }
        }
    }

    /// What stands at a tick.
    fn label(self, at: DateTime<Utc>) -> String {
        match self {
            Self::Minutes(n) if n < DAY => at.format("%H:%M").to_string(),
            Self::Minutes(_) => at.format("%-d %b").to_string(),
            Self::Months(n) if n % 12 == 0 => at.year().to_string(),
            Self::Months(n) if n % 3 == 0 => quarter(at),
            Self::Months(_) => at.format("%b").to_string(),
        }
    }

    /// What stands below a tick whenever it changes.
    fn context(self, at: DateTime<Utc>) -> String {
        match self {
            Self::Minutes(n) if n < DAY => at.format("%-d %b %Y").to_string(),
            Self::Months(n) if n % 12 == 0 => String::new(),
            _ => at.year().to_string(),
        }
    }
}

/// Weeks begin on Mondays; the first one of the epoch lies four days after its start. In minutes.
const MONDAY: i64 = 4 * DAY;

fn months(at: DateTime<Utc>) -> i64 {
    i64::from(at.year()) * 12 + i64::from(at.month0())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grain::at;

    fn labels(grain: Grain, first: &str, last: &str) -> Vec<String> {
        let axis = TimeAxis::new(Some(grain), vec![at(first), at(last)]);
        let (step, ticks) = axis.ticks();
        ticks.into_iter().map(|tick| step.label(tick)).collect()
    }

    #[test]
    fn labels_are_round_for_the_grain() {
        let week = labels(Grain::Day, "2013-01-01T00:00:00Z", "2013-01-07T00:00:00Z");
        assert_eq!(week, ["1 Jan", "2 Jan", "3 Jan", "4 Jan", "5 Jan", "6 Jan", "7 Jan"]);
        let month = labels(Grain::Day, "2013-01-01T00:00:00Z", "2013-01-31T00:00:00Z");
        assert_eq!(month, ["7 Jan", "14 Jan", "21 Jan", "28 Jan"], "Mondays");
        let year = labels(Grain::Day, "2013-01-01T00:00:00Z", "2013-12-31T00:00:00Z");
        assert_eq!(year, ["Jan", "Mar", "May", "Jul", "Sep", "Nov"]);
        let day = labels(Grain::Hour, "2013-01-01T00:00:00Z", "2013-01-01T23:00:00Z");
        assert_eq!(day, ["00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]);
        let quarters = labels(Grain::Quarter, "2013-01-01T00:00:00Z", "2014-07-01T00:00:00Z");
        assert_eq!(quarters, ["Q1", "Q2", "Q3", "Q4", "Q1", "Q2", "Q3"]);
        let years = labels(Grain::Year, "1990-01-01T00:00:00Z", "2024-01-01T00:00:00Z");
        assert_eq!(years, ["1990", "1995", "2000", "2005", "2010", "2015", "2020"]);
    }

    #[test]
    fn every_span_of_every_grain_has_one_to_eight_labels() {
        let grains =
            [Grain::Minute, Grain::Hour, Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year];
        let ends = [
            "1969-12-29T00:00:00Z",
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:01:00Z",
            "+12345-01-01T00:00:00Z",
        ];
        for grain in grains {
            for (first, last) in
                ends.iter().flat_map(|a| ends.iter().map(move |b| (a, b))).filter(|(a, b)| at(a) <= at(b))
            {
                let count = labels(grain, first, last).len();
                assert!((1..=MOST_TICKS).contains(&count), "{grain:?} {first} {last}: {count}");
            }
        }
    }

    #[test]
    fn a_missing_day_breaks_the_line_but_weekends_do_not() {
        let days = |days: &[u32]| {
            days.iter().map(|day| at(&format!("2024-01-{day:02}T00:00:00Z"))).collect::<Vec<_>>()
        };
        let outage = TimeAxis::new(Some(Grain::Day), days(&[1, 2, 3, 4, 5, 7, 8, 9]));
        assert_eq!((0..8).filter(|at| outage.breaks_before(*at)).collect::<Vec<_>>(), [5]);
        let business = TimeAxis::new(Some(Grain::Day), days(&[1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 15]));
        assert!((0..11).all(|at| !business.breaks_before(at)));
    }
}
