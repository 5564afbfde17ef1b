//! One run per flow.

use crate::lake::Lake;

#[test]
fn a_second_run_of_a_flow_says_who_is_at_work_and_exits_75() {
    let lake = Lake::new();
    lake.land("a.json", "{\"id\":1}\n");
    let mut first = lake.paused("bronze landing --table t", "begin").expect("the job stands still");

    let second = lake.output("bronze landing --table t");
    let stderr = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(75), "{stderr}");
    assert!(stderr.contains(&first.id().to_string()), "it names the process {}: {stderr}", first.id());

    // Another flow is not held up.
    lake.run("bronze landing --table other");

    first.kill().expect("the job can be killed");
    first.wait().expect("the job has ended");
    lake.run("bronze landing --table t");
}
