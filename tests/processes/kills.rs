//! Real SIGKILL, at every named step and at random moments, over all three jobs: no row lost, none doubled.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::lake::Lake;

const STEPS: [&str; 7] = ["plan", "begin", "write", "quarantine", "commit", "finish", "report"];
const ROWS_A_FILE: i64 = 25;
const RANDOM_KILLS: usize = 28;

const JOBS: [&str; 3] = [
    "bronze landing --table events --max-files-per-trigger 2",
    "silver --source events --table events --timestamp ts --expect 'even: id % 2 = 0 drop' --max-files-per-trigger 3",
    "gold query --source events --table totals --sql 'SELECT count(*) AS n, count(DISTINCT id) AS d, sum(id) AS s FROM events'",
];

/// Lands the next file: rows with consecutive ids, and one line that cannot be parsed.
fn land(lake: &Lake, number: &mut i64) {
    let ids = (*number * ROWS_A_FILE..).take(ROWS_A_FILE as usize);
    let mut text: String =
        ids.map(|id| format!("{{\"id\":{id},\"ts\":\"2026-01-01T00:00:00Z\"}}\n")).collect();
    text.push_str("broken\n");
    lake.land(&format!("{number:05}.json"), &text);
    *number += 1;
}

/// Gives `job` something new to read: a file has landed, and the jobs before it have run.
fn feed(lake: &Lake, job: &str, landed: &mut i64) {
    land(lake, landed);
    for earlier in JOBS.iter().take_while(|earlier| **earlier != job) {
        lake.run(earlier);
    }
}

#[test]
fn no_kill_loses_or_doubles_a_row() {
    let seed = std::env::var("LAKESMITH_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| rand::rng().random());
    println!("LAKESMITH_TEST_SEED={seed}");
    let (mut random, lake, mut landed, mut kills) = (StdRng::seed_from_u64(seed), Lake::new(), 0, 0);

    for job in JOBS {
        for step in STEPS {
            feed(&lake, job, &mut landed);
            let mut child = lake.paused(job, step).unwrap_or_else(|| panic!("{job} does not come to {step}"));
            child.kill().expect("the job can be killed");
            child.wait().expect("the job has ended");
            kills += 1;
        }
        for _ in 0..RANDOM_KILLS {
            feed(&lake, job, &mut landed);
            let mut child = lake.job(job).spawn().expect("the job can be started");
            std::thread::sleep(Duration::from_micros(random.random_range(500..40_000)));
            child.kill().expect("the job can be killed");
            child.wait().expect("the job has ended");
            kills += 1;
        }
    }
    assert!(kills >= 100, "only {kills} kills");
    for job in JOBS {
        lake.run(job);
    }
    check(&lake, landed);
}

fn check(lake: &Lake, landed: i64) {
    let count = landed * ROWS_A_FILE;
    let sum = (0..count).sum::<i64>();
    lake.run("gold query --source bronze.events --table check --sql 'SELECT count(*) AS n, count(DISTINCT id) AS d, sum(id) AS s FROM events'");
    assert_eq!(lake.statistic("gold/check", "n"), count, "rows in bronze");
    assert_eq!(lake.statistic("gold/check", "d"), count, "distinct rows in bronze");
    assert_eq!(lake.statistic("gold/check", "s"), sum, "sum in bronze");

    let even = (count + 1) / 2;
    assert_eq!(lake.statistic("gold/totals", "n"), even, "rows in silver");
    assert_eq!(lake.statistic("gold/totals", "d"), even, "distinct rows in silver");

    lake.run("gold query --source bronze.events_quarantine --table bad --sql 'SELECT count(*) AS n, count(DISTINCT _source_file) AS d FROM events_quarantine'");
    assert_eq!(lake.statistic("gold/bad", "n"), landed, "broken lines");
    assert_eq!(lake.statistic("gold/bad", "d"), landed, "files with a broken line");
    lake.run("gold query --source silver.events_quarantine --table dropped --sql 'SELECT count(*) AS n FROM events_quarantine'");
    assert_eq!(lake.statistic("gold/dropped", "n"), count - even, "rows that a rule dropped");
}
