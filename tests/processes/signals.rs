//! SIGINT and SIGTERM stop a job at a batch boundary.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::lake::Lake;

fn stopped_by(signal: &str) -> Option<i32> {
    let lake = Lake::new();
    lake.land("a.json", "{\"id\":1}\n");
    let mut child =
        lake.job("bronze landing --table t --trigger processing-time=100ms").spawn().expect("it starts");
    let deadline = Instant::now() + Duration::from_secs(20);
    while lake.commits("bronze/t").is_empty() {
        assert!(Instant::now() < deadline, "the first batch did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
    let kill =
        Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill can be run");
    assert!(kill.success());
    let status = child.wait().expect("the job ends");
    lake.run("bronze landing --table t");
    assert_eq!(lake.commits("bronze/t").len(), 1, "nothing was written twice");
    status.code()
}

#[test]
fn an_interrupt_ends_with_130() {
    assert_eq!(stopped_by("-INT"), Some(130));
}

#[test]
fn a_termination_ends_with_143() {
    assert_eq!(stopped_by("-TERM"), Some(143));
}
