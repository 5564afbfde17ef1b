//! A feature set for machine learning, correct at its as-of times.

use model::ParseError;

use crate::gold::Grain;
use crate::gold::text::{instant, lines, name, period};

/// The instants at which features are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// The end of every UTC hour in which the entity has events.
    EachHour,
    /// The end of every UTC day in which the entity has events.
    EachDay,
    /// One instant, in microseconds since 1970, for every entity with an event before it.
    Instant(i64),
}

/// Features of entities from their events: one row per entity and as-of time.
///
/// | column | type | holds |
/// |---|---|---|
/// | the entity's columns | as in the source | |
/// | `as_of` | TIMESTAMP | when the features were true |
/// | `recency_seconds` | DOUBLE | from the last event to `as_of` |
/// | `lifetime_count` | BIGINT | all events before `as_of` |
/// | `count_7d` (each window) | BIGINT | events in the 7 days before `as_of` |
/// | `amount_sum_7d` (each value and window) | DOUBLE | 0 where there is none |
/// | `amount_mean_7d` (each value and window) | DOUBLE | NULL where there is none |
/// | `count_ratio_1d_7d` (each two windows in a row) | DOUBLE | NULL where the longer one is empty |
///
/// No row knows its future: only events with `time < as_of` count, and a window of n days holds those with
/// `as_of - n days <= time < as_of`. An event exactly at the as-of time belongs to the next one. With [`AsOf::EachDay`]
/// and [`AsOf::EachHour`] an entity has a row only after a period in which it has events; silence adds no rows, and what
/// an entity looks like after a silence is asked with [`AsOf::Instant`]. The newest period's row lies in the future
/// until the period is over, and may still change until then. Events without a time are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features {
    /// The name of the input.
    pub source: String,
    /// The columns that identify an entity.
    pub entity: Vec<String>,
    /// The column with the event's time.
    pub time: String,
    /// When features are taken.
    pub as_of: AsOf,
    /// The numeric columns to add up.
    pub values: Vec<String>,
    /// The trailing windows, in days; 1, 7 and 30 by custom.
    pub windows_days: Vec<u32>,
}

/// A century; beyond it intervals in hours would no longer be sure to fit.
const LONGEST_WINDOW: u32 = 36_525;

impl Features {
    /// The query: events are added up per entity and period once, and windows run over those few rows.
    ///
    /// # Errors
    /// There is no entity or no window, a window is not 1 to 36525 days, or two columns would have the same name.
    pub fn sql(&self) -> Result<String, ParseError> {
        let windows = self.windows()?;
        self.check_names()?;
        let totals = match self.as_of {
            AsOf::EachHour => self.rolling(&windows, Grain::Hour),
            AsOf::EachDay => self.rolling(&windows, Grain::Day),
            AsOf::Instant(micros) => self.at_instant(&windows, micros),
        };
        let mut list = self.keys();
        list.push("`as_of`".to_owned());
        list.push(format!("{} AS `recency_seconds`", seconds_between("`_last`", "`as_of`")));
        list.push("`lifetime_count`".to_owned());
        list.extend(windows.iter().flat_map(|days| self.results(*days)));
        list.extend(windows.windows(2).map(|pair| ratio(pair[0], pair[1])));
        Ok(format!("SELECT\n    {}\nFROM (\n{totals}\n)", lines(&list)))
    }

    fn windows(&self) -> Result<Vec<u32>, ParseError> {
        let mut windows = self.windows_days.clone();
        windows.sort_unstable();
        windows.dedup();
        match windows.iter().find(|days| !(1..=LONGEST_WINDOW).contains(*days)) {
            Some(days) => Err(ParseError::new(
                "window",
                &days.to_string(),
                format!("expected 1 to {LONGEST_WINDOW} days"),
            )),
            None if windows.is_empty() => {
                Err(ParseError::new("features", &self.source, "expected at least one window"))
            }
            None => Ok(windows),
        }
    }

    fn check_names(&self) -> Result<(), ParseError> {
        if self.entity.is_empty() {
            return Err(ParseError::new("features", &self.source, "expected at least one entity column"));
        }
        let repeated = |names: &[String]| {
            names.iter().enumerate().find(|(at, n)| names[..*at].contains(n)).map(|(_, n)| n.clone())
        };
        if let Some(twice) = repeated(&self.entity).or_else(|| repeated(&self.values)) {
            return Err(ParseError::new("column", &twice, "it is named twice"));
        }
        let results = ["as_of", "recency_seconds", "lifetime_count"];
        match self.entity.iter().find(|entity| results.contains(&entity.as_str())) {
            Some(taken) => {
                Err(ParseError::new("entity", taken, "the features have a column of that name; rename it"))
            }
            None => Ok(()),
        }
    }

    fn keys(&self) -> Vec<String> {
        self.entity.iter().map(|column| name(column)).collect()
    }

    /// The events: keys, `_time` in UTC microseconds, values as DOUBLE.
    fn events(&self) -> String {
        let mut list = self.keys();
        let time = name(&self.time);
        list.push(format!("{} AS `_time`", instant(&time)));
        list.extend(
            self.values
                .iter()
                .enumerate()
                .map(|(at, value)| format!("CAST({} AS DOUBLE) AS `_{at}`", name(value))),
        );
        format!("SELECT {} FROM {} WHERE {time} IS NOT NULL", list.join(", "), name(&self.source))
    }

    /// Totals of every window at the end of every period of `grain`, from the sums of periods.
    fn rolling(&self, windows: &[u32], grain: Grain) -> String {
        let keys = self.keys().join(", ");
        let mut list = vec![
            keys.clone(),
            "`as_of`".to_owned(),
            "`_last`".to_owned(),
            format!(
                "sum(`_n`) OVER (PARTITION BY {keys} ORDER BY `as_of` ROWS UNBOUNDED PRECEDING) AS `lifetime_count`"
            ),
        ];
        for days in windows {
            let frame = frame(&keys, *days, grain);
            list.push(format!("sum(`_n`) OVER ({frame}) AS `count_{days}d`"));
            for at in 0..self.values.len() {
                list.push(format!("sum(`_{at}_sum`) OVER ({frame}) AS `_{at}_sum_{days}d`"));
                list.push(format!("sum(`_{at}_count`) OVER ({frame}) AS `_{at}_count_{days}d`"));
            }
        }
        format!("  SELECT\n    {}\n  FROM (\n{}\n  )", lines(&list), self.per_period(grain))
    }

    /// The sums of each entity and period, by the period's end.
    fn per_period(&self, grain: Grain) -> String {
        let mut list = self.keys();
        list.push(format!("{} + INTERVAL '1' {grain} AS `as_of`", period("`_time`", grain)));
        list.push("count(*) AS `_n`".to_owned());
        list.push("max(`_time`) AS `_last`".to_owned());
        for at in 0..self.values.len() {
            list.push(format!("sum(`_{at}`) AS `_{at}_sum`"));
            list.push(format!("count(`_{at}`) AS `_{at}_count`"));
        }
        let keys: Vec<String> = (1..=self.entity.len() + 1).map(|at| at.to_string()).collect();
        format!(
            "    SELECT {}\n    FROM ({})\n    GROUP BY {}",
            list.join(", "),
            self.events(),
            keys.join(", ")
        )
    }

    /// Totals of every window at one instant, in one aggregation.
    fn at_instant(&self, windows: &[u32], micros: i64) -> String {
        let as_of = instant(&micros.to_string());
        let mut list = self.keys();
        list.push(format!("{as_of} AS `as_of`"));
        list.push("max(`_time`) AS `_last`".to_owned());
        list.push("count(*) AS `lifetime_count`".to_owned());
        for days in windows {
            let within = format!("CASE WHEN `_time` >= {as_of} - INTERVAL '{days}' DAY THEN");
            list.push(format!("count({within} 1 END) AS `count_{days}d`"));
            for at in 0..self.values.len() {
                list.push(format!("sum({within} `_{at}` END) AS `_{at}_sum_{days}d`"));
                list.push(format!("count({within} `_{at}` END) AS `_{at}_count_{days}d`"));
            }
        }
        let (events, keys) = (self.events(), self.keys().join(", "));
        format!(
            "  SELECT\n    {}\n  FROM ({events})\n  WHERE `_time` < {as_of}\n  GROUP BY {keys}",
            lines(&list)
        )
    }

    /// The columns of a window in the result.
    fn results(&self, days: u32) -> Vec<String> {
        let mut list = vec![format!("`count_{days}d`")];
        for (at, value) in self.values.iter().enumerate() {
            let (sum, mean) = (name(&format!("{value}_sum_{days}d")), name(&format!("{value}_mean_{days}d")));
            list.push(format!("coalesce(`_{at}_sum_{days}d`, CAST(0 AS DOUBLE)) AS {sum}"));
            list.push(format!(
                "`_{at}_sum_{days}d` / CAST(nullif(`_{at}_count_{days}d`, 0) AS DOUBLE) AS {mean}"
            ));
        }
        list
    }
}

/// The periods of the last `days` days. Rows stand for whole periods by their ends, so the first period inside the
/// window ends one period after the window begins.
fn frame(keys: &str, days: u32, grain: Grain) -> String {
    let reach = match grain {
        Grain::Hour => format!("'{}' HOUR", days * 24 - 1),
        _ => format!("'{}' DAY", days - 1),
    };
    format!("PARTITION BY {keys} ORDER BY `as_of` RANGE BETWEEN INTERVAL {reach} PRECEDING AND CURRENT ROW")
}

/// From microseconds, as the difference of two large numbers of seconds would not be exact.
fn seconds_between(earlier: &str, later: &str) -> String {
    let micros = format!("arrow_cast({later}, 'Int64') - arrow_cast({earlier}, 'Int64')");
    format!("CAST({micros} AS DOUBLE) / CAST(1000000 AS DOUBLE)")
}

fn ratio(short: u32, long: u32) -> String {
    format!(
        "CAST(`count_{short}d` AS DOUBLE) / CAST(nullif(`count_{long}d`, 0) AS DOUBLE) AS `count_ratio_{short}d_{long}d`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(as_of: AsOf) -> Features {
        Features {
            source: "orders".to_owned(),
            entity: vec!["customer".to_owned()],
            time: "at".to_owned(),
            as_of,
            values: vec!["amount".to_owned()],
            windows_days: vec![7, 1, 7],
        }
    }

    #[test]
    fn windows_reach_back_to_whole_periods() {
        let daily = features(AsOf::EachDay).sql().unwrap();
        assert!(daily.contains("RANGE BETWEEN INTERVAL '6' DAY PRECEDING"), "{daily}");
        assert!(daily.contains("RANGE BETWEEN INTERVAL '0' DAY PRECEDING"), "{daily}");
        assert!(daily.contains("+ INTERVAL '1' day AS `as_of`"), "{daily}");
        let hourly = features(AsOf::EachHour).sql().unwrap();
        assert!(hourly.contains("INTERVAL '167' HOUR PRECEDING"), "{hourly}");
        assert_eq!(daily.matches("FROM `orders`").count(), 1);
    }

    #[test]
    fn an_instant_sees_only_what_was_before_it() {
        let sql = features(AsOf::Instant(1_000_000)).sql().unwrap();
        assert!(sql.contains("WHERE `_time` < arrow_cast(1000000, "), "{sql}");
        assert!(sql.contains("`count_ratio_1d_7d`") && sql.contains("`amount_mean_7d`"), "{sql}");
    }

    #[test]
    fn refuses_requests_without_meaning() {
        let bad = |change: fn(&mut Features)| {
            let mut features = features(AsOf::EachDay);
            change(&mut features);
            features.sql().unwrap_err().to_string()
        };
        assert!(bad(|f| f.windows_days = vec![0]).contains("1 to 36525"));
        assert!(bad(|f| f.windows_days.clear()).contains("at least one window"));
        assert!(bad(|f| f.entity.clear()).contains("at least one entity"));
        assert!(bad(|f| f.entity = vec!["as_of".to_owned()]).contains("rename it"));
        assert!(bad(|f| f.values.push("amount".to_owned())).contains("named twice"));
    }
}
