//! Several processes that append to one table at once.

use crate::lake::Lake;

const WRITERS: usize = 8;
const RUNS: usize = 6;

/// Each writer is a flow of its own into one table.
#[test]
fn eight_processes_append_to_one_table_and_nothing_is_lost() {
    let lake = Lake::new();
    for writer in 0..WRITERS {
        std::fs::create_dir(lake.path(&format!("landing/{writer}"))).expect("a folder can be made");
    }
    for run in 0..RUNS {
        for writer in 0..WRITERS {
            let id = run * WRITERS + writer;
            std::fs::write(lake.path(&format!("landing/{writer}/{run}.json")), format!("{{\"id\":{id}}}\n"))
                .unwrap();
        }
        let jobs: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let line = format!("bronze landing/{writer} --table t --flow writer{writer}");
                lake.job(&line).spawn().expect("the job can be started")
            })
            .collect();
        for job in jobs {
            let output = job.wait_with_output().expect("the job ends");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    assert_eq!(lake.commits("bronze/t").len(), WRITERS * RUNS, "each run is one commit");
    let total = i64::try_from(WRITERS * RUNS).unwrap();
    lake.run("gold query --source bronze.t --table check --sql 'SELECT count(*) AS n, count(DISTINCT id) AS d FROM t'");
    assert_eq!(lake.statistic("gold/check", "n"), total);
    assert_eq!(lake.statistic("gold/check", "d"), total);
}
