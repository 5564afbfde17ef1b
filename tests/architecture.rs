//! The rules of the house that a compiler does not check: floors, and who may name which dependency.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each crate's folder and floor. A crate may use crates on lower floors only.
const FLOORS: [(&str, u8); 13] = [
    ("lakehouse/model", 0),
    ("lakehouse/storage", 1),
    ("lakehouse/functions", 1),
    ("lakehouse/delta", 2),
    ("checkpoints", 2),
    ("lakehouse/plan", 3),
    ("lakehouse/connectors", 3),
    ("lakehouse/dashboard", 3),
    ("lakehouse/engine", 4),
    ("lakehouse", 5),
    ("lakehouse/cli", 6),
    ("lakehouse/testkit", 7),
    (".", 8),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn manifest(folder: &str) -> String {
    fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("the manifest can be read")
}

/// The names on the left of `=` or `.` in the manifest's tables of dependencies.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim_matches(['[', ']']).ends_with("dependencies") && !line.contains("workspace");
        } else if inside && line.contains('=') {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            names.push(name.to_owned());
        }
    }
    names
}

fn name_of(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or(folder)
}

#[test]
fn every_crate_has_a_floor() {
    let members: Vec<String> = manifest(".")
        .lines()
        .skip_while(|line| !line.starts_with("members"))
        .skip(1)
        .take_while(|line| !line.starts_with(']'))
        .map(|line| line.trim().trim_matches(['"', ',']).to_owned())
        .collect();
    assert!(members.len() > 5, "the members were not found");
    for member in members {
        assert!(FLOORS.iter().any(|(folder, _)| *folder == member), "{member} has no floor in this test");
    }
}

#[test]
fn arrows_point_down() {
    let floors: BTreeMap<&str, u8> = FLOORS.iter().map(|(folder, floor)| (name_of(folder), *floor)).collect();
    for (folder, floor) in FLOORS {
        for dependency in dependencies(&manifest(folder)) {
            if let Some(below) = floors.get(dependency.as_str()) {
                assert!(below < &floor, "{folder} (floor {floor}) uses {dependency} (floor {below})");
            }
        }
    }
}

#[test]
fn dependencies_have_one_owner() {
    let owners: [(&str, &[&str]); 2] = [("deltalake", &["lakehouse/delta"]), ("clap", &["lakehouse/cli"])];
    for (dependency, allowed) in owners {
        for (folder, _) in FLOORS {
            let named = dependencies(&manifest(folder)).iter().any(|name| name == dependency);
            assert!(!named || allowed.contains(&folder), "{folder} names {dependency}");
        }
    }
}

#[test]
fn the_words_know_no_engine() {
    let banned = ["datafusion", "tokio", "object_store", "futures", "async-trait"];
    for dependency in dependencies(&manifest("lakehouse/model")) {
        assert!(!banned.contains(&dependency.as_str()), "model uses {dependency}");
    }
}

#[test]
fn no_source_file_is_without_a_role() {
    let mut missing = Vec::new();
    for folder in ["jobs", "lakehouse", "checkpoints"] {
        walk(&root().join(folder), &mut |path, text| {
            let is_test = path.to_string_lossy().contains("tests");
            if !is_test && !text.trim_start().starts_with("//!") {
                missing.push(path.display().to_string());
            }
        });
    }
    assert!(missing.is_empty(), "files that do not begin with what they are for: {missing:#?}");
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("its entries can be read").path();
        if path.is_dir() {
            walk(&path, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            visit(&path, &fs::read_to_string(&path).expect("the file can be read"));
        }
    }
}
