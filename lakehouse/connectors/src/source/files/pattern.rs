//! Which files below a directory are meant.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use globset::{Glob, GlobBuilder, GlobMatcher};

use crate::format::{FormatError, Options};

/// Endings of files that are still being written.
const UNFINISHED: [&str; 4] = [".tmp", ".part", ".crdownload", "._COPYING_"];

/// A path as the user wrote it: the directory in which to look, and a pattern for what lies below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Split<'a> {
    pub(super) root: &'a str,
    pub(super) pattern: Option<&'a str>,
}

/// Splits `path` before its first part with a `*`, `?`, `[` or `{`.
pub(super) fn split(path: &str) -> Split<'_> {
    let Some(first) = path.find(['*', '?', '[', '{']) else {
        return Split { root: path, pattern: None };
    };
    let (root, pattern) = path.split_at(path[..first].rfind('/').map_or(0, |slash| slash + 1));
    let root = match root {
        "" => ".",
        "/" => "/",
        root => root.trim_end_matches('/'),
    };
    Split { root, pattern: Some(pattern.trim_end_matches('/')) }
}

/// Tells the files that are meant from the others, by their path below the root and the time of their change.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pattern: Option<Pattern>,
    name: Option<GlobMatcher>,
    is_recursive: bool,
    after: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
}

/// A pattern for paths. `*`, `?` and `[...]` stay within one name; `**` goes through any number of directories.
#[derive(Debug, Clone)]
struct Pattern {
    whole: GlobMatcher,
    /// For what lies in a directory that the pattern meets.
    below: GlobMatcher,
    /// The pattern's first names, for directories at each depth before the first `**`.
    ways: Vec<GlobMatcher>,
    depth: Option<usize>,
}

impl Filter {
    /// What `pattern` and the options `pathGlobFilter` (for names; also `fileNamePattern`), `recursiveFileLookup`, `modifiedAfter` and
    /// `modifiedBefore` (ISO 8601, in UTC where there is no zone) say together.
    pub(super) fn new(pattern: Option<&str>, options: &Options) -> Result<Self, FormatError> {
        let is_recursive = options.flag("recursiveFileLookup")?.unwrap_or(true);
        let name = options.any(&["pathGlobFilter", "fileNamePattern"]);
        Ok(Self {
            pattern: pattern.map(|pattern| Pattern::new(pattern, is_recursive)).transpose()?,
            name: name.map(|pattern| matcher("pathGlobFilter", pattern)).transpose()?,
            is_recursive,
            after: instant(options, "modifiedAfter")?,
            before: instant(options, "modifiedBefore")?,
        })
    }

    /// Whether the directory at `path` below the root, `depth` names long, may hold files that are meant.
    pub(super) fn enters(&self, path: &str, depth: usize) -> bool {
        if is_hidden(name_of(path)) {
            return false;
        }
        match &self.pattern {
            None => self.is_recursive,
            Some(pattern) => pattern.enters(path, depth, self.is_recursive),
        }
    }

    /// Whether the file at `path` below the root is meant, as far as its name goes. Its directories have been entered.
    pub(super) fn takes(&self, path: &str) -> bool {
        let name = name_of(path);
        !is_hidden(name)
            && !UNFINISHED.iter().any(|ending| name.ends_with(ending))
            && self.name.as_ref().is_none_or(|pattern| pattern.is_match(name))
            && self.pattern.as_ref().is_none_or(|pattern| pattern.takes(path))
    }

    /// The same for a path whose directories have not been looked at one by one.
    pub(super) fn takes_all_of(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(end, _)| end);
        self.takes(path) && ends.enumerate().all(|(depth, end)| self.enters(&path[..end], depth + 1))
    }

    /// Whether a file that was changed at `instant` is meant.
    pub(super) fn takes_changed(&self, instant: DateTime<Utc>) -> bool {
        self.after.is_none_or(|after| instant > after) && self.before.is_none_or(|before| instant < before)
    }
}

impl Pattern {
    fn new(pattern: &str, is_recursive: bool) -> Result<Self, FormatError> {
        let glob = |text: &str| matcher("path", text);
        let names: Vec<&str> = pattern.split('/').collect();
        let fixed = names.iter().position(|name| name.contains("**"));
        let has_wide_braces =
            pattern.split('/').any(|name| name.matches('{').count() != name.matches('}').count());
        let ways = match has_wide_braces {
            true => 0,
            false => fixed.unwrap_or(names.len()),
        };
        Ok(Self {
            whole: glob(pattern)?,
            below: glob(&format!("{pattern}/{}", if is_recursive { "**" } else { "*" }))?,
            ways: (1..=ways).map(|count| glob(&names[..count].join("/"))).collect::<Result<_, _>>()?,
            depth: (fixed.is_none() && !has_wide_braces).then_some(names.len()),
        })
    }

    fn enters(&self, path: &str, depth: usize, is_recursive: bool) -> bool {
        match self.ways.get(depth - 1) {
            Some(way) => way.is_match(path),
            None => is_recursive || self.depth.is_none_or(|most| depth <= most),
        }
    }

    fn takes(&self, path: &str) -> bool {
        self.whole.is_match(path) || self.below.is_match(path)
    }
}

fn matcher(option: &str, pattern: &str) -> Result<GlobMatcher, FormatError> {
    let wrong = |error: globset::Error| FormatError::InvalidOption {
        option: option.to_owned(),
        value: pattern.to_owned(),
        reason: error.kind().to_string(),
    };
    let glob: Glob = GlobBuilder::new(pattern).literal_separator(true).build().map_err(wrong)?;
    Ok(glob.compile_matcher())
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// As Spark: names that begin with `.` or `_` are not data, except directories such as `_x=1`.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || (name.starts_with('_') && !name.contains('='))
}

fn instant(options: &Options, name: &'static str) -> Result<Option<DateTime<Utc>>, FormatError> {
    let read = |text: &str| {
        parse_instant(text.trim()).ok_or_else(|| FormatError::InvalidOption {
            option: name.to_owned(),
            value: text.to_owned(),
            reason: "expected a time such as 2024-01-31T12:00:00 or 2024-01-31T12:00:00+01:00".to_owned(),
        })
    };
    options.get(name).map(read).transpose()
}

fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let zoned = || DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc());
    let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let local = || formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let day = || text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0);
    zoned().or_else(|| Some(local().or_else(day)?.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(pattern: Option<&str>, options: &[(&str, &str)]) -> Filter {
        let options = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Filter::new(pattern, &Options::new(&options)).unwrap()
    }

    #[test]
    fn a_path_is_split_before_its_first_pattern() {
        let cases = [
            ("data/in", "data/in", None),
            ("data/in/*.json", "data/in", Some("*.json")),
            ("*.json", ".", Some("*.json")),
            ("/*/x", "/", Some("*/x")),
            ("s3://bucket/a/year=*/", "s3://bucket/a", Some("year=*")),
            ("data/x{1,2}/y?.csv", "data", Some("x{1,2}/y?.csv")),
        ];
        for (path, root, pattern) in cases {
            assert_eq!(split(path), Split { root, pattern }, "{path}");
        }
    }

    #[test]
    fn patterns_meet_files_and_all_that_lies_in_directories() {
        let cases = [
            (None, "a/b/c.json", true),
            (Some("*.json"), "c.json", true),
            (Some("*.json"), "a/c.json", false),
            (Some("**/*.json"), "a/b/c.json", true),
            (Some("**/*.json"), "c.json", true),
            (Some("2024-*"), "2024-01/a/b.json", true),
            (Some("2024-*"), "2023-01/a/b.json", false),
            (Some("*/x.json"), "a/x.json", true),
            (Some("*/x.json"), "a/b/x.json", false),
            (Some("a[0-9]?.csv"), "a1b.csv", true),
            (Some("{a,b/c}/*.csv"), "b/c/x.csv", true),
            (Some("{a,b/c}/*.csv"), "b/x.csv", false),
            (Some("a/**/z"), "a/b/c/z", true),
        ];
        for (pattern, path, is_meant) in cases {
            assert_eq!(filter(pattern, &[]).takes_all_of(path), is_meant, "{pattern:?} {path}");
        }
    }

    #[test]
    fn what_is_hidden_or_unfinished_is_left_out() {
        for path in [
            ".x.json",
            "_SUCCESS",
            "a/_tmp/x.json",
            "a/.x/y.json",
            "x.json.tmp",
            "x.part",
            "x.json._COPYING_",
        ] {
            assert!(!filter(None, &[]).takes_all_of(path), "{path}");
        }
        assert!(filter(None, &[]).takes_all_of("_day=1/x.json"));
    }

    #[test]
    fn options_narrow_the_choice() {
        let flat = filter(None, &[("recursiveFileLookup", "false")]);
        assert!(flat.takes_all_of("x.json") && !flat.takes_all_of("a/x.json"));
        let flat = filter(Some("d*"), &[("recursiveFileLookup", "false")]);
        assert!(flat.takes_all_of("d1/x.json") && !flat.takes_all_of("d1/a/x.json"));
        let named = filter(None, &[("pathglobfilter", "*.csv")]);
        assert!(named.takes_all_of("a/x.csv") && !named.takes_all_of("a/x.json"));
        let timed =
            filter(None, &[("modifiedAfter", "2024-01-01"), ("modifiedBefore", "2024-01-02T00:00:00+01:00")]);
        let at = |text: &str| timed.takes_changed(text.parse().unwrap());
        assert!(at("2024-01-01T22:59:59Z") && !at("2024-01-01T00:00:00Z") && !at("2024-01-01T23:00:00Z"));
        assert!(Filter::new(Some("a[.json"), &Options::default()).is_err());
    }
}
