//! The verbs of test files beside `SELECT`.
//!
//! | verb | does |
//! |---|---|
//! | `put PATH` + body | writes a file; `.gz` and `.zst` are compressed, `\x` escapes in a `put-raw` body are bytes |
//! | `remove PATH` | deletes a file |
//! | `run JOB FLAGS` | runs a job; fails as the job fails |
//! | `crash STEP` | the next job stops after this step, as in a crash |
//! | `restart` | forgets everything that is not in a store |
//! | `clock +1h` | moves the clock |
//! | `report` | the last run: flow, outcome, rows in, rows out, quarantined, batches |
//! | `tables` | the tables there are, with their versions |
//! | `history TABLE` | the commits: version, operation, rows added, files added, files removed |
//! | `files PATH` | the names of the files below a directory |
//! | `show PATH` | the lines of a text file |

use lakehouse::model::{Period, Step};

use crate::LabError;

/// A statement of a test file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Write a file.
    Put {
        /// Where.
        path: String,
        /// Its content.
        body: Vec<u8>,
    },
    /// Delete a file.
    Remove(String),
    /// Run a job with its arguments.
    Run(Vec<String>),
    /// Crash the next job after a step.
    Crash(Step),
    /// Forget what is not in a store.
    Restart,
    /// Move the clock.
    Clock(Period),
    /// The last run's report.
    Report,
    /// The tables.
    Tables,
    /// A table's commits.
    History(String),
    /// The files below a directory.
    Files(String),
    /// A text file's lines.
    Show(String),
    /// SQL over the tables.
    Select(String),
}

impl Verb {
    /// Reads a statement.
    pub fn parse(text: &str) -> Result<Self, LabError> {
        let (first, body) = text.split_once('\n').unwrap_or((text, ""));
        let (word, rest) = first.trim().split_once(char::is_whitespace).unwrap_or((first.trim(), ""));
        let rest = rest.trim();
        let wrong = |error: &dyn std::fmt::Display| LabError::Verb(format!("{first}: {error}"));
        Ok(match word {
            "put" => Self::Put { path: rest.to_owned(), body: with_line_end(body).into_bytes() },
            "put-raw" => Self::Put { path: rest.to_owned(), body: unescape(body)? },
            "remove" => Self::Remove(rest.to_owned()),
            "run" => {
                let whole = format!("{rest} {}", body.replace('\n', " "));
                Self::Run(shlex::split(&whole).ok_or_else(|| wrong(&"a quote is not closed"))?)
            }
            "crash" => Self::Crash(rest.parse().map_err(|error| wrong(&error))?),
            "restart" => Self::Restart,
            "clock" => Self::Clock(rest.trim_start_matches('+').parse().map_err(|error| wrong(&error))?),
            "report" => Self::Report,
            "tables" => Self::Tables,
            "history" => Self::History(rest.to_owned()),
            "files" => Self::Files(rest.to_owned()),
            "show" => Self::Show(rest.to_owned()),
            _ => Self::Select(text.to_owned()),
        })
    }
}

fn with_line_end(body: &str) -> String {
    match body {
        "" => String::new(),
        body => format!("{body}\n"),
    }
}

/// `\n`, `\r`, `\t`, `\\` and `\xHH`; line breaks of the body itself count for nothing.
fn unescape(body: &str) -> Result<Vec<u8>, LabError> {
    let mut bytes = Vec::new();
    let mut chars = body.chars().filter(|c| *c != '\n');
    while let Some(c) = chars.next() {
        if c != '\\' {
            bytes.extend(c.to_string().bytes());
            continue;
        }
        match chars.next() {
            Some('n') => bytes.push(b'\n'),
            Some('r') => bytes.push(b'\r'),
            Some('t') => bytes.push(b'\t'),
            Some('\\') => bytes.push(b'\\'),
            Some('x') => {
                let digits: String = chars.by_ref().take(2).collect();
                let byte = u8::from_str_radix(&digits, 16);
                bytes.push(byte.map_err(|_| LabError::Verb(format!("\\x{digits} is not a byte")))?);
            }
            other => return Err(LabError::Verb(format!("\\{other:?} is not an escape"))),
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_verbs_and_bodies() {
        let put = Verb::parse("put a/b.json\n{\"x\":1}\n{\"x\":2}").unwrap();
        assert_eq!(put, Verb::Put { path: "a/b.json".into(), body: b"{\"x\":1}\n{\"x\":2}\n".to_vec() });
        let raw = Verb::parse("put-raw a\nx\\xff\\n").unwrap();
        assert_eq!(raw, Verb::Put { path: "a".into(), body: vec![b'x', 0xff, b'\n'] });
        let run = Verb::parse("run silver --where 'a > 1'\n  --table t").unwrap();
        assert_eq!(
            run,
            Verb::Run(["silver", "--where", "a > 1", "--table", "t"].map(str::to_owned).to_vec())
        );
        assert!(Verb::parse("crash never").is_err());
        assert!(matches!(Verb::parse("SELECT 1").unwrap(), Verb::Select(_)));
    }
}
