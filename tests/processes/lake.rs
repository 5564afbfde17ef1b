//! A folder with landing files, a lakehouse and checkpoints, and the jobs that work on it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The folder. It goes when the value goes.
pub(crate) struct Lake {
    folder: TempDir,
}

impl Lake {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        fs::create_dir(folder.path().join("landing")).expect("a folder can be made");
        Self { folder }
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Lands a file whole: written under a hidden name, then renamed, as writers should.
    pub(crate) fn land(&self, name: &str, text: &str) {
        let (hidden, whole) = (self.path(&format!("landing/.{name}")), self.path(&format!("landing/{name}")));
        let mut file = fs::File::create(&hidden).expect("a file can be made");
        file.write_all(text.as_bytes()).expect("it can be written");
        drop(file);
        fs::rename(hidden, whole).expect("it can be renamed");
    }

    /// A job, to be run in this folder.
    pub(crate) fn job(&self, line: &str) -> Command {
        let mut words = shell_words(line).into_iter();
        let name = words.next().expect("a job has a name");
        let mut command = Command::new(binary(&name));
        command.args(words).current_dir(self.folder.path());
        command.env_remove("RUST_LOG").env_remove("LAKESMITH_LAKEHOUSE").env_remove("LAKESMITH_CHECKPOINTS");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn output(&self, line: &str) -> Output {
        self.job(line).output().expect("the job can be started")
    }

    /// Runs a job that must succeed.
    pub(crate) fn run(&self, line: &str) -> Output {
        let output = self.output(line);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {:?}\n{stderr}", output.status);
        output
    }

    /// Starts a job that stands still after `step`, waits until it does, and gives the process to kill; nothing if the job ended
    /// before.
    pub(crate) fn paused(&self, line: &str, step: &str) -> Option<Child> {
        let mut child =
            self.job(line).env("LAKESMITH_PAUSE_AFTER", step).spawn().expect("the job can be started");
        let stderr = child.stderr.take().expect("stderr is a pipe");
        let reached =
            BufReader::new(stderr).lines().map_while(Result::ok).any(|line| line.starts_with("paused after"));
        if !reached {
            child.wait().expect("the job has ended");
            return None;
        }
        Some(child)
    }

    /// One number from a table of one row, as its log's statistics have it.
    pub(crate) fn statistic(&self, table: &str, column: &str) -> i64 {
        let adds = live_files(&self.path(&format!("data/lakehouse/{table}")));
        assert_eq!(adds.len(), 1, "{table} has one file");
        let stats: Value =
            serde_json::from_str(adds[0]["stats"].as_str().expect("it has statistics")).unwrap();
        assert_eq!(stats["minValues"][column], stats["maxValues"][column]);
        stats["minValues"][column].as_i64().unwrap_or_else(|| panic!("no {column} in {stats}"))
    }

    /// The commits of a table.
    pub(crate) fn commits(&self, table: &str) -> Vec<Vec<Value>> {
        log_entries(&self.path(&format!("data/lakehouse/{table}")))
    }
}

/// The `add` actions of the files that a reader sees.
fn live_files(table: &Path) -> Vec<Value> {
    let mut live: Vec<Value> = Vec::new();
    for action in log_entries(table).into_iter().flatten() {
        if let Some(removed) = action.get("remove") {
            live.retain(|add| add["path"] != removed["path"]);
        }
        if let Some(added) = action.get("add") {
            assert!(table.join(added["path"].as_str().unwrap()).exists(), "{added} exists");
            live.push(added.clone());
        }
    }
    live
}

fn log_entries(table: &Path) -> Vec<Vec<Value>> {
    let mut commits = Vec::new();
    loop {
        let path = table.join(format!("_delta_log/{:020}.json", commits.len()));
        let Ok(text) = fs::read_to_string(&path) else { break };
        let parse =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        commits.push(text.lines().map(parse).collect());
    }
    commits
}

fn binary(name: &str) -> &'static str {
    match name {
        "bronze" => env!("CARGO_BIN_EXE_bronze"),
        "silver" => env!("CARGO_BIN_EXE_silver"),
        "gold" => env!("CARGO_BIN_EXE_gold"),
        other => panic!("there is no job {other}"),
    }
}

/// Splits at spaces outside single quotes.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().expect("there is always a word").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
