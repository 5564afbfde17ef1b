//! The whole page, from record batches to HTML.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use chrono::{TimeDelta, Utc};

use crate::grain::at;
use crate::{DashboardError, Page, render};

type Row<'a> = (i64, Option<&'a str>, &'a str, Option<f64>);

const START: &str = "2013-01-01T00:00:00Z";

fn batch(rows: &[Row<'_>]) -> RecordBatch {
    let micros = |day: i64| (at(START) + TimeDelta::days(day)).timestamp_micros();
    let periods: TimestampMicrosecondArray = rows.iter().map(|row| Some(micros(row.0))).collect();
    let columns: [(&str, ArrayRef); 5] = [
        ("period", Arc::new(periods.with_timezone("UTC"))),
        ("grain", Arc::new(rows.iter().map(|_| Some("day")).collect::<StringArray>())),
        ("group_key", Arc::new(rows.iter().map(|row| row.1).collect::<StringArray>())),
        ("metric", Arc::new(rows.iter().map(|row| Some(row.2)).collect::<StringArray>())),
        ("value", Arc::new(rows.iter().map(|row| row.3).collect::<Float64Array>())),
    ];
    let nullable = columns.map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(nullable).unwrap()
}

fn page() -> Page {
    Page {
        title: "Flights".to_owned(),
        subtitle: String::new(),
        generated_at: at("2013-03-01T12:00:00Z"),
        sources: vec![("gold.flights_kpi".to_owned(), 7)],
        metrics: Vec::new(),
    }
}

fn drawn(rows: &[Row<'_>]) -> String {
    render(&page(), &[batch(rows)]).unwrap()
}

#[test]
fn a_name_cannot_become_markup() {
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;</style></title>";
    let mut page = page();
    (page.title, page.subtitle, page.sources) =
        (evil.to_owned(), evil.to_owned(), vec![(evil.to_owned(), 1)]);
    let group = format!("carrier={evil}");
    let rows = [
        (0, Some(group.as_str()), evil, Some(1.0)),
        (1, Some(group.as_str()), evil, Some(2.0)),
        (1, None, evil, Some(2.0)),
    ];
    let html = render(&page, &[batch(&rows)]).unwrap();
    assert_eq!(html.matches("<script").count(), 1, "only our own");
    assert_eq!(html.matches("</style").count(), 1);
    assert_eq!(html.matches("</title").count(), 1);
    assert!(!html.contains("<img"));
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;"));
}

#[test]
fn every_plot_has_a_title_a_summary_and_a_table() {
    let rows: Vec<Row<'_>> = (0..7)
        .flat_map(|day| {
            [
                (day, None, "n", Some(3.0)),
                (day, Some("c=A"), "n", Some(1.0)),
                (day, Some("c=B"), "n", Some(2.0)),
            ]
        })
        .collect();
    let html = drawn(&rows);
    assert_eq!(html.matches("<figure").count(), 2);
    for id in ["f0-0t", "f0-0g"] {
        assert!(html.contains(&format!("<h3 id=\"{id}\">")), "title of {id}");
        assert!(html.contains(&format!("<p class=\"summary\" id=\"{id}s\">")), "summary of {id}");
        assert!(html.contains(&format!("aria-labelledby=\"{id}\" aria-describedby=\"{id}s\"")), "plot {id}");
    }
    assert_eq!(html.matches("<details>").count(), 2);
    assert!(html.contains("version 7"));
}

#[test]
fn an_empty_table_says_so_and_a_single_row_is_a_bar() {
    for html in [render(&page(), &[]).unwrap(), drawn(&[])] {
        assert!(html.contains("holds no rows yet"));
    }
    let html = drawn(&[(0, None, "n", Some(42.0))]);
    assert!(html.contains("<p class=\"big\" title=\"42\">42</p>"), "{html}");
    assert!(html.contains("<rect") && html.contains("the first period"));
}

#[test]
fn values_that_are_no_numbers_are_left_out_and_counted() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX];
    let mut rows: Vec<Row<'_>> =
        odd.iter().enumerate().map(|(day, v)| (day as i64, None, "n", Some(*v))).collect();
    rows.push((4, None, "n", Some(1.0)));
    let html = drawn(&rows);
    assert!(html.contains("4 values that are not finite numbers were left out"));
    assert!(!html.contains("NaN") && !html.contains("inf\"") && !html.contains(">inf<"));
    let html = drawn(&[(0, None, "n", None), (1, None, "n", None)]);
    assert!(
        html.contains("No values in any period.")
            && !html.contains("class=\"plot\"")
            && html.contains("none in any period")
    );
}

#[test]
fn the_last_of_repeated_rows_counts() {
    let html = drawn(&[(0, None, "n", Some(1.0)), (0, None, "n", Some(2.0))]);
    assert!(html.contains(">2</p>") && html.contains("1 rows were replaced"));
}

#[test]
fn a_period_that_is_not_over_is_marked() {
    let mut page = page();
    let rows = [batch(&[(0, None, "n", Some(1.0)), (1, None, "n", Some(2.0))])];
    assert!(!render(&page, &rows).unwrap().contains("so far"));
    page.generated_at = at("2013-01-02T12:00:00Z");
    assert!(render(&page, &rows).unwrap().contains("Wed 2 Jan 2013, so far"));
}

#[test]
fn metrics_come_in_the_order_that_was_asked_for() {
    let rows = [batch(&[(0, None, "a", Some(1.0)), (0, None, "b", Some(1.0)), (0, None, "c", Some(1.0))])];
    let html = render(&Page { metrics: vec!["c".to_owned(), "b".to_owned()], ..page() }, &rows).unwrap();
    let place = |name: &str| html.find(&format!("<h3><bdi>{name}</bdi>")).unwrap();
    assert!(place("c") < place("b") && place("b") < place("a"));
}

#[test]
fn large_tables_make_small_pages_and_the_same_bytes() {
    let groups: Vec<String> = (0..200).map(|group| format!("group={group} {}", "x".repeat(group))).collect();
    let mut rows: Vec<Row<'_>> = Vec::new();
    for day in 0..100 {
        rows.extend(
            groups
                .iter()
                .enumerate()
                .map(|(at, name)| (day, Some(name.as_str()), "n", Some((day * 31 % 17) as f64 + at as f64))),
        );
    }
    let many_groups = drawn(&rows);
    assert!(many_groups.len() < 300_000, "{}", many_groups.len());
    assert!(many_groups.contains("range of 192 other"));
    rows.reverse();
    assert_eq!(many_groups, drawn(&rows), "the order of rows does not matter");

    let long: Vec<Row<'_>> =
        (0..10_000).map(|day| (day, None, "n", Some((day % 97) as f64 - 40.0))).collect();
    let long = drawn(&long);
    assert!(long.len() < 100_000, "{}", long.len());
    assert!(long.contains("The newest 100 of 10000 periods."));
}

#[test]
fn a_table_of_another_shape_is_refused_by_name() {
    let column: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
    let wrong = RecordBatch::try_from_iter([("period", column)]).unwrap();
    let error = render(&page(), std::slice::from_ref(&wrong)).unwrap_err();
    assert!(
        matches!(
            error,
            DashboardError::ColumnType { column: "period", .. } | DashboardError::MissingColumn { .. }
        ),
        "{error}"
    );
}

#[test]
fn random_tables_never_break_the_page() {
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};
    let seed = u64::from(Utc::now().timestamp_subsec_nanos());
    let mut random = StdRng::seed_from_u64(seed);
    for round in 0..200 {
        let names = ["a=1", "a=2", "", "=", "a=\u{202e}שלום", "a=<b>"];
        let count = random.random_range(0..40);
        let rows: Vec<Row<'_>> = (0..count)
            .map(|_| {
                let value = f64::from_bits(random.random::<u64>());
                let group = names.get(random.random_range(0..8)).copied();
                let day = if random.random_bool(0.1) {
                    random.random_range(-700_000..2_900_000)
                } else {
                    random.random_range(0..9)
                };
                (day, group, "m", random.random_bool(0.9).then_some(value))
            })
            .collect();
        let html = drawn(&rows);
        assert!(!html.contains("NaN") && !html.contains("<b>1"), "seed {seed} round {round}");
        assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count(), "seed {seed} round {round}");
    }
}
