//! Relative paths, `~` and absolute paths mean what a shell user expects.

use crate::lake::Lake;

#[test]
fn relative_home_and_absolute_paths_work() {
    let lake = Lake::new();
    lake.land("a.json", "{\"id\":1}\n");
    let roots = "--lakehouse ./lake --checkpoints ../$/cp";
    let name = lake.path("").file_name().expect("the folder has a name").to_string_lossy().into_owned();
    lake.run(&format!("bronze ./landing/ --table t {}", roots.replace('$', &name)));
    assert!(lake.path("lake/bronze/t/_delta_log/00000000000000000000.json").exists());
    assert!(lake.path("cp/bronze.t").is_dir());

    let home = lake.path("");
    let mut job = lake.job("bronze ~/landing --table u --lakehouse ~/lake2 --checkpoints ~/cp2");
    let status = job.env("HOME", &home).status().expect("the job can be started");
    assert!(status.success());
    assert!(lake.path("lake2/bronze/u/_delta_log").is_dir());

    let absolute = lake.path("landing").display().to_string();
    lake.run(&format!("bronze {absolute} --table w"));
    assert!(lake.path("data/lakehouse/bronze/w/_delta_log").is_dir());
}

#[test]
fn odd_characters_in_paths_survive() {
    let lake = Lake::new();
    std::fs::create_dir(lake.path("landing/ä b#c%20")).expect("a folder can be made");
    std::fs::write(lake.path("landing/ä b#c%20/x y.json"), "{\"id\":1}\n").expect("a file can be written");
    let output = lake.run("bronze landing --table t --output json");
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"output_rows\":1"));
    let again = lake.run("bronze landing --table t --output json");
    assert!(String::from_utf8_lossy(&again.stdout).contains("nothing_new"));
}
