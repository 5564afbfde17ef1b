//! Measurements: `cargo test --release ... --lib speed -- --ignored --nocapture --test-threads 1`.
#![allow(clippy::print_stderr)]

use std::time::Instant;

use arrow::array::{Array, Float64Array, Int64Array, StringArray, StringViewArray};

use super::*;
use crate::TimestampFormat;
use crate::timestamp::{TimestampReader, instants};
use crate::zone::Zone;

const ROWS: usize = 8192;
const ROUNDS: usize = 200;

fn measure(name: &str, mut round: impl FnMut()) {
    round();
    let start = Instant::now();
    (0..ROUNDS).for_each(|_| round());
    let nanos = start.elapsed().as_nanos() as f64 / (ROWS * ROUNDS) as f64;
    eprintln!("{name:44} {nanos:7.1} ns a row {:7.1} M rows/s", 1e3 / nanos);
}

fn texts(write: impl Fn(usize) -> String) -> ArrayRef {
    Arc::new((0..ROWS).map(|row| Some(write(row))).collect::<StringArray>())
}

fn parse(name: &str, format: &str, zone: &str, values: &ArrayRef) {
    let format = TimestampFormat::parse(format).unwrap();
    let zone = Zone::parse(zone).unwrap();
    assert_eq!(instants(values, &mut TimestampReader::new(&format, zone)).unwrap().null_count(), 0, "{name}");
    measure(name, || drop(instants(values, &mut TimestampReader::new(&format, zone)).unwrap()));
}

#[test]
#[ignore = "a measurement"]
fn timestamps() {
    let local = |row: usize| {
        format!("2013-{:02}-{:02} {:02}:{:02}:00", row % 12 + 1, row % 28 + 1, row % 24, row % 60)
    };
    let plain = texts(local);
    let instant = texts(|row| {
        format!(
            "2013-{:02}-{:02}T{:02}:{:02}:00.{:03}Z",
            row % 12 + 1,
            row % 28 + 1,
            row % 24,
            row % 60,
            row % 1000
        )
    });
    let offset = texts(|row| {
        format!(
            "2013-{:02}-{:02}T{:02}:{:02}:00+{:02}:00",
            row % 12 + 1,
            row % 28 + 1,
            row % 24,
            row % 60,
            row % 12
        )
    });
    parse("iso8601, Z and milliseconds", "iso8601", "UTC", &instant);
    parse("iso8601, offset", "iso8601", "UTC", &offset);
    parse("iso8601, no zone, UTC", "iso8601", "UTC", &plain);
    parse("iso8601, no zone, America/New_York", "iso8601", "America/New_York", &plain);
    let views: ArrayRef =
        Arc::new(plain.as_any().downcast_ref::<StringArray>().unwrap().iter().collect::<StringViewArray>());
    parse("iso8601, no zone, UTC, views", "iso8601", "UTC", &views);
    parse("iso8601, named zone", "iso8601", "UTC", &texts(|row| format!("{} America/New_York", local(row))));
    parse("yyyy-MM-dd HH:mm:ss, America/New_York", "yyyy-MM-dd HH:mm:ss", "America/New_York", &plain);
    parse(
        "dd/MMM/yyyy:HH:mm:ss Z",
        "dd/MMM/yyyy:HH:mm:ss Z",
        "UTC",
        &texts(|row| format!("{:02}/Oct/2000:13:55:36 -0700", row % 28 + 1)),
    );
    parse(
        "rfc2822",
        "rfc2822",
        "UTC",
        &texts(|row| format!("{} Jan 2013 05:15:{:02} -0500", row % 28 + 1, row % 60)),
    );
    parse("epoch_s text", "epoch_s", "UTC", &texts(|row| (1_357_034_400 + row).to_string()));
    let millis: ArrayRef =
        Arc::new((0..ROWS as i64).map(|row| 1_357_034_400_000 + row).collect::<Int64Array>());
    parse("epoch_ms", "epoch_ms", "UTC", &millis);
}

#[test]
#[ignore = "a measurement"]
fn queries() {
    let column: ArrayRef = Arc::new((0..ROWS).map(|row| row as f64 + 1.0).collect::<Float64Array>());
    let whole: ArrayRef = Arc::new((0..ROWS as i64).map(|row| row + 1).collect::<Int64Array>());
    let instant = arrow::compute::cast(&whole, &crate::timestamp::timestamp_type()).unwrap();
    let session = with_table("t", vec![("x", column), ("n", whole), ("ts", instant)]);
    let state = session.state();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for expression in [
        "x / x",
        "n / n",
        "n / 100",
        "x * x",
        "try_divide(n, n)",
        "CAST(n AS DECIMAL(10,2)) / CAST(n AS DECIMAL(10,2))",
        "date_trunc('hour', ts)",
        "date_trunc('month', ts)",
        "date_format(ts, 'yyyy-MM-dd HH:mm:ss')",
        "lakesmith_timestamp_text(ts, 'America/New_York')",
        "lakesmith_local_time(ts, 'America/New_York')",
        "lakesmith_local_date(ts, 'America/New_York')",
    ] {
        let plan = runtime.block_on(plan_sql(&state, &format!("SELECT {expression} FROM t"))).unwrap();
        let plan = runtime.block_on(state.create_physical_plan(&plan)).unwrap();
        let task = session.task_ctx();
        measure(expression, || {
            drop(
                runtime
                    .block_on(datafusion::physical_plan::collect(Arc::clone(&plan), Arc::clone(&task)))
                    .unwrap(),
            )
        });
    }
}

#[test]
#[ignore = "a measurement"]
fn start() {
    for _ in 0..5 {
        let start = Instant::now();
        let session = session();
        let made = start.elapsed();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(plan_sql(&session.state(), "SELECT 1 / 2")).unwrap();
        eprintln!("session {made:?}, with one query planned {:?}", start.elapsed());
    }
    for _ in 0..3 {
        let start = Instant::now();
        let session = SessionContext::new_with_config(SessionConfig::new());
        eprintln!("the engine's own session {:?} {}", start.elapsed(), session.session_id().len());
    }
}
