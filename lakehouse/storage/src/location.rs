//! Where something is.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use url::Url;

use crate::StorageError;

/// The URL schemes that can be opened. `s3a`, `abfs`, `azure` and `gcs` are read as other names for the first four.
const SCHEMES: [&str; 6] = ["file", "s3", "abfss", "az", "gs", "memory"];

/// A directory or file, as a URL without a trailing slash.
///
/// | text | is |
/// |---|---|
/// | `data/x`, `/data/x`, `~/x` | a local path, made absolute against the current directory, links resolved |
/// | `file:///data/x` | the same, percent-decoded |
/// | `s3://bucket/x` | Amazon S3 and what speaks like it |
/// | `abfss://container@account.dfs.core.windows.net/x`, `az://container/x` | Azure storage |
/// | `gs://bucket/x` | Google Cloud Storage |
/// | `memory://name/x` | an object store in this process, one for each name |
///
/// A location never holds a secret: user names (but Azure's container), passwords and queries are refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location(Url);

impl Location {
    /// Reads a path or a URL.
    pub fn parse(text: &str) -> Result<Self, StorageError> {
        match text.split_once(':') {
            Some((scheme, rest)) if rest.starts_with("//") || (scheme == "file" && rest.starts_with('/')) => {
                parse_url(text)
            }
            _ => parse_path(text),
        }
    }

    /// The location of `path` below this one: names joined by `/`; `.` and `..` are passed over.
    pub fn child(&self, path: &str) -> Self {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/').filter(|name| !name.is_empty()));
        }
        Self(url)
    }

    /// The URL, without a trailing slash.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// The path of a local location.
    pub fn to_local_path(&self) -> Option<PathBuf> {
        if self.0.scheme() == "file" { self.0.to_file_path().ok() } else { None }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_local_path() {
            Some(path) => path.display().fmt(f),
            None => self.0.fmt(f),
        }
    }
}

impl FromStr for Location {
    type Err = StorageError;

    fn from_str(text: &str) -> Result<Self, StorageError> {
        Self::parse(text)
    }
}

fn wrong(text: &str, reason: impl Into<String>) -> StorageError {
    StorageError::Location { text: text.to_owned(), reason: reason.into() }
}

fn parse_path(text: &str) -> Result<Location, StorageError> {
    if text.is_empty() {
        return Err(wrong(text, "it is empty"));
    }
    let here =
        || std::env::current_dir().map_err(|e| wrong(text, format!("there is no current directory ({e})")));
    let path = match text.strip_prefix('~') {
        Some(rest) => below_home(text, rest, std::env::home_dir())?,
        None => here()?.join(text),
    };
    from_path(text, &path)
}

fn from_path(text: &str, path: &Path) -> Result<Location, StorageError> {
    if text.chars().any(|c| c.is_control()) {
        return Err(wrong(&text.escape_debug().to_string(), "it holds a control character"));
    }
    let url = Url::from_file_path(resolve(path)).map_err(|()| wrong(text, "it is not an absolute path"))?;
    Ok(Location(without_trailing_slash(url)))
}

fn below_home(text: &str, rest: &str, home: Option<PathBuf>) -> Result<PathBuf, StorageError> {
    let home = home.ok_or_else(|| wrong(text, "there is no home directory"))?;
    match rest.strip_prefix('/') {
        Some(rest) => Ok(home.join(rest.trim_start_matches('/'))),
        None if rest.is_empty() => Ok(home),
        None => Err(wrong(
            text,
            "only `~/` is understood, not the home of another user; for a file of that name write `./~...`",
        )),
    }
}

/// `path` without links, `.` and `..`. What does not exist yet is taken as written, so that the answer is the same
/// before and after it was made.
fn resolve(path: &Path) -> PathBuf {
    let parts: Vec<Component> = path.components().collect();
    let existing = (1..=parts.len()).rev().find_map(|n| {
        let known = parts[..n].iter().collect::<PathBuf>().canonicalize().ok()?;
        Some((known, &parts[n..]))
    });
    let (mut resolved, rest) = existing.unwrap_or((PathBuf::new(), &parts));
    for part in rest {
        match part {
            Component::ParentDir => drop(resolved.pop()),
            Component::CurDir => {}
            part => resolved.push(part),
        }
    }
    resolved
}

fn parse_url(text: &str) -> Result<Location, StorageError> {
    let shown = redact(text);
    let mut url = Url::parse(text).map_err(|e| wrong(&shown, e.to_string()))?;
    if let Some(usual) = usual_scheme(url.scheme()) {
        url = Url::parse(&format!("{usual}{}", &url[url::Position::AfterScheme..]))
            .map_err(|e| wrong(&shown, e.to_string()))?;
    }
    check_scheme(&shown, url.scheme())?;
    check_quiet(&shown, &url)?;
    check_authority(&shown, &url)?;
    if url.scheme() == "file" {
        let path = url
            .to_file_path()
            .map_err(|()| wrong(&shown, "a file URL has three slashes, such as file:///data"))?;
        return from_path(&path.to_string_lossy(), &path);
    }
    check_path(&shown, &url)?;
    Ok(Location(without_trailing_slash(url)))
}

fn usual_scheme(scheme: &str) -> Option<&'static str> {
    match scheme {
        "s3a" | "s3n" => Some("s3"),
        "abfs" => Some("abfss"),
        "azure" | "adl" => Some("az"),
        "gcs" => Some("gs"),
        _ => None,
    }
}

fn check_scheme(shown: &str, scheme: &str) -> Result<(), StorageError> {
    if SCHEMES.contains(&scheme) {
        return Ok(());
    }
    let meant =
        model::suggest(scheme, SCHEMES).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    Err(wrong(shown, format!("the scheme `{scheme}` is not one of {}{meant}", SCHEMES.join(", "))))
}

/// Nothing that could be a secret: it would end up in messages, logs and checkpoints.
fn check_quiet(shown: &str, url: &Url) -> Result<(), StorageError> {
    if url.password().is_some() || (!url.username().is_empty() && url.scheme() != "abfss") {
        return Err(wrong(shown, "credentials do not belong into a location; set them in the environment"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong(
            shown,
            "it has a `?` or `#`; write them as %3F and %23, and tokens into the environment",
        ));
    }
    Ok(())
}

fn check_authority(shown: &str, url: &Url) -> Result<(), StorageError> {
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "file" | "memory" => Ok(()),
        _ if host.is_empty() => Err(wrong(shown, "the bucket or container is missing")),
        "abfss" if url.username().is_empty() => Err(wrong(
            shown,
            "expected abfss://container@account.dfs.core.windows.net/path, or az://container/path",
        )),
        _ => Ok(()),
    }
}

fn check_path(shown: &str, url: &Url) -> Result<(), StorageError> {
    object_store::path::Path::from_url_path(url.path()).map(drop).map_err(|e| wrong(shown, e.to_string()))
}

fn without_trailing_slash(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(if path.is_empty() && url.scheme() == "file" { "/" } else { &path });
    url
}

/// `text` without what stands before an `@` in the authority and after a `?` or `#`.
fn redact(text: &str) -> String {
    let plain = text.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = plain.split_once("//") else { return plain.to_owned() };
    let (authority, path) =
        rest.split_once('/').map_or((rest, None), |(authority, path)| (authority, Some(path)));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) if user.contains(':') || !scheme.starts_with("abfs") => format!("...@{host}"),
        _ => authority.to_owned(),
    };
    format!("{scheme}//{authority}{}", path.map_or(String::new(), |path| format!("/{path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Location::parse(text).unwrap().to_string()
    }

    #[test]
    fn reads_every_form() {
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(shown("not/there/../x"), here.join("not/x").display().to_string());
        assert_eq!(shown("./src/.."), here.display().to_string());
        assert_eq!(shown("/"), "/");
        assert_eq!(shown("/nowhere//a b/ü#1?/*"), "/nowhere/a b/ü#1?/*");
        assert_eq!(shown("file:///nowhere/a%20b/"), "/nowhere/a b");
        assert_eq!(shown("s3://bucket/a/"), "s3://bucket/a");
        assert_eq!(shown("s3a://Bucket_1"), "s3://Bucket_1");
        assert_eq!(shown("abfs://c@acc.dfs.core.windows.net/x"), "abfss://c@acc.dfs.core.windows.net/x");
        assert_eq!(shown("memory://one/two/../three"), "memory://one/three");
        assert_eq!(below_home("~/x", "/x", Some("/home/me".into())).unwrap(), Path::new("/home/me/x"));
        assert!(below_home("~you", "you", Some("/home/me".into())).is_err());
    }

    #[test]
    fn a_location_is_the_same_before_and_after_it_was_made() {
        let root = tempfile::tempdir().unwrap();
        let link = root.path().join("link");
        std::fs::create_dir(root.path().join("real")).unwrap();
        std::os::unix::fs::symlink(root.path().join("real"), &link).unwrap();
        let wanted = link.join("a/b");
        let before = Location::parse(wanted.to_str().unwrap()).unwrap();
        std::fs::create_dir_all(&wanted).unwrap();
        assert_eq!(Location::parse(wanted.to_str().unwrap()).unwrap(), before);
        assert!(before.to_string().ends_with("real/a/b"));
    }

    #[test]
    fn refuses_with_a_reason_and_without_the_secret() {
        let cases = [
            ("", "empty"),
            ("ftp://x/y", "file, s3"),
            ("s33://x/y", "did you mean `s3`"),
            ("s3:///x", "bucket"),
            ("s3://me:hunter2@bucket/x", "credentials"),
            ("s3://hunter2@bucket/x", "credentials"),
            ("abfss://c:hunter2@a.dfs.core.windows.net/x", "credentials"),
            ("abfss://c/x", "container@account"),
            ("az://c/x?sig=hunter2", "%3F"),
            ("s3://b//x", "empty path segment"),
            ("a\0b", "control"),
        ];
        for (text, reason) in cases {
            let error = Location::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
            assert!(!error.contains("hunter2"), "{text}: {error}");
        }
    }

    #[test]
    fn a_child_stays_below() {
        let base = Location::parse("s3://b/x").unwrap();
        assert_eq!(base.child("offsets/3").to_string(), "s3://b/x/offsets/3");
        assert_eq!(base.child("../../y").to_string(), "s3://b/x/y");
        assert_eq!(Location::parse("/nowhere").unwrap().child("a%b #1").to_string(), "/nowhere/a%b #1");
        assert_eq!(Location::parse("s3://b").unwrap().child("y").to_string(), "s3://b/y");
    }
}
