//! stdout is data only; everything for people goes to stderr.

use serde_json::Value;

use crate::lake::Lake;

#[test]
fn json_is_all_there_is_on_stdout() {
    let lake = Lake::new();
    lake.land("a.json", "{\"id\":1}\nbroken\n");
    let output = lake.run("bronze landing --table t --output json -v");
    let report: Value = serde_json::from_slice(&output.stdout).expect("stdout is one JSON document");
    assert_eq!(report["schema"], "lakesmith.run.v1");
    let flow = &report["flows"][0];
    assert_eq!((flow["flow"].as_str(), flow["outcome"].as_str()), (Some("bronze.t"), Some("written")));
    assert_eq!((flow["input_rows"].as_u64(), flow["output_rows"].as_u64()), (Some(2), Some(1)));
    assert_eq!(flow["quarantined_rows"].as_u64(), Some(1));
}

#[test]
fn text_leaves_stdout_empty_and_tells_where_things_are() {
    let lake = Lake::new();
    lake.land("a.json", "{\"id\":1}\n");
    let output = lake.run("bronze landing --table t");
    assert!(output.stdout.is_empty());
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.contains("data/lakehouse/bronze/t") && stderr.contains("delta_scan"), "{stderr}");
    assert!(!stderr.contains('\x1b'), "no cursor codes off a terminal: {stderr:?}");
}

#[test]
fn quiet_says_nothing_but_errors() {
    let lake = Lake::new();
    lake.land("a.json", "{\"id\":1}\n");
    let output = lake.run("bronze landing --table t -q");
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    let failed = lake.output("silver --source nothing --table t -q");
    assert!(String::from_utf8_lossy(&failed.stderr).starts_with("error: "), "{failed:?}");
}
