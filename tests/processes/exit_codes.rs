//! The contract with orchestrators.

use crate::lake::Lake;

fn code(lake: &Lake, line: &str) -> (i32, String) {
    let output = lake.output(line);
    let code = output.status.code().expect("the job was not killed");
    (code, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn zero_when_done_and_when_there_is_nothing_new() {
    let lake = Lake::new();
    lake.land("a.json", "{\"id\":1}\n");
    assert_eq!(code(&lake, "bronze landing --table t").0, 0);
    let (again, stderr) = code(&lake, "bronze landing --table t");
    assert_eq!(again, 0);
    assert!(stderr.contains("nothing new"), "{stderr}");
}

#[test]
fn one_when_it_fails_with_the_dataset_and_a_hint() {
    let lake = Lake::new();
    let (failed, stderr) = code(&lake, "silver --source nothing --table t");
    assert_eq!(failed, 1, "{stderr}");
    assert!(stderr.contains("error: silver.t:") && stderr.contains("hint:"), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn two_for_wrong_arguments() {
    let lake = Lake::new();
    assert_eq!(code(&lake, "bronze").0, 2);
    assert_eq!(code(&lake, "bronze landing --table ../t").0, 2);
    assert_eq!(code(&lake, "bronze landing --tabel t").0, 2);
    assert_eq!(code(&lake, "gold nothing").0, 2);
    let (wrong, stderr) = code(&lake, "bronze landing --table t --output-mode update");
    assert_eq!(wrong, 2);
    assert!(stderr.contains("append or complete"), "{stderr}");
}

#[test]
fn three_when_an_expectation_fails_the_run() {
    let lake = Lake::new();
    lake.land("a.json", "{\"id\":1}\n{\"id\":-1}\n");
    lake.run("bronze landing --table t");
    let (failed, stderr) = code(&lake, "silver --source t --table t --expect 'positive: id > 0 fail'");
    assert_eq!(failed, 3, "{stderr}");
    assert!(stderr.contains("positive") && stderr.contains("\"id\":-1"), "{stderr}");
}

#[test]
fn help_is_short_and_goes_to_stdout() {
    let lake = Lake::new();
    for job in ["bronze -h", "silver -h", "gold -h"] {
        let output = lake.run(job);
        let help = String::from_utf8(output.stdout).expect("help is text");
        assert!(help.contains("Usage:"), "{help}");
        assert!(help.lines().count() <= 80, "{job} has {} lines", help.lines().count());
    }
}
