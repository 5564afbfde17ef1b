//! Runs every `tests/pipelines/**/*.slt`, each in three modes. See CONTRIBUTING.md for the verbs.
//!
//! `UPDATE_EXPECT=1 cargo test --release --test pipelines` rewrites the expected output; read the difference before you
//! commit it.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use sqllogictest::Runner;
use testkit::{Lab, Mode};

const MODES: [Mode; 3] = [Mode::Straight, Mode::Crashing, Mode::Flaky];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pipelines");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    assert!(!files.is_empty(), "there are no test files in {}", root.display());
    let trials = files.iter().flat_map(|file| MODES.map(|mode| trial(&root, file, mode))).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("its entries can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "slt") {
            files.push(path);
        }
    }
}

fn trial(root: &Path, file: &Path, mode: Mode) -> Trial {
    let name = file.strip_prefix(root).unwrap_or(file).with_extension("");
    let file = file.to_owned();
    Trial::test(format!("{} {}", name.display(), mode.label()), move || run(&file, mode))
}

fn run(file: &Path, mode: Mode) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mut runner = Runner::new(|| async { Lab::new(mode) });
        runner.add_label(mode.label());
        if std::env::var_os("UPDATE_EXPECT").is_some() && mode == Mode::Straight {
            let separator = " ";
            let validator = sqllogictest::default_validator;
            let normalizer = sqllogictest::default_normalizer;
            let columns = sqllogictest::default_column_validator;
            runner
                .update_test_file(file, separator, validator, normalizer, columns)
                .await
                .map_err(|error| error.to_string())?;
            return Ok(());
        }
        runner.run_file_async(file).await.map_err(|error| Failed::from(error.display(false).to_string()))
    })
}
