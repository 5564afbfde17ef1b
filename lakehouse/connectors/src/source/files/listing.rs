//! Which files there are.
//!
//! A directory is walked with all that lies below it unless `recursiveFileLookup` is `false`. Left out are files and
//! directories whose name begins with `.` or `_`, files with the ending of one that is still being written, empty
//! files, and on local disks whatever is no regular file, links included. A file that is named without a pattern is
//! taken whatever its name.

use std::io;
use std::path::Path as LocalPath;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt};
use storage::{Directory, Location, Stores};
use url::Position;

use super::pattern::{Filter, split};
use super::walk::{Found, walk};
use crate::format::{FormatError, Options, SourceFile};
use crate::source::SourceError;

/// The files that a path means: a directory, a file or a glob, of this machine or by URL.
#[derive(Debug, Clone)]
pub struct Listing {
    text: String,
    root: Directory,
    /// What stands before the path of an object in the name of a file: nothing on this machine.
    base: String,
    filter: Filter,
}

impl Listing {
    /// The listing of `path`. Nothing is asked of the store yet.
    pub fn new(stores: &Stores, path: &str, options: &Options) -> Result<Self, SourceError> {
        // A name may hold the marks of a pattern; the file of that very name comes first.
        let parts = if LocalPath::new(path).exists() { split("") } else { split(path) };
        let root = if parts.pattern.is_some() { parts.root } else { path };
        let location = Location::parse(root)?;
        let base = match location.to_local_path() {
            Some(_) => String::new(),
            None => location.as_url()[..Position::BeforePath].to_owned(),
        };
        let filter = Filter::new(parts.pattern, options)?;
        Ok(Self { text: path.to_owned(), root: stores.directory(&location)?, base, filter })
    }

    /// The files that are there now, in the order in which they were changed, those of one instant by path.
    pub async fn list(&self) -> Result<Vec<Arc<SourceFile>>, SourceError> {
        let mut found = match self.root.local_path() {
            Some(path) => self.walk(path).await?,
            None => self.list_objects().await?,
        };
        found.sort_unstable_by(|a, b| (a.modified, &a.path).cmp(&(b.modified, &b.path)));
        found.into_iter().map(|found| self.file(found)).collect()
    }

    async fn walk(&self, root: std::path::PathBuf) -> Result<Vec<Found>, SourceError> {
        let filter = self.filter.clone();
        let walked = tokio::task::spawn_blocking(move || walk(&root, &filter)).await;
        walked.map_err(io::Error::other).flatten().map_err(|error| self.failed(&error))
    }

    async fn list_objects(&self) -> Result<Vec<Found>, SourceError> {
        let prefix = self.root.prefix().as_ref();
        let taken = |meta: ObjectMeta| {
            let below =
                meta.location.as_ref().strip_prefix(prefix).unwrap_or_default().trim_start_matches('/');
            let is_taken = meta.size > 0
                && self.filter.takes_all_of(below)
                && self.filter.takes_changed(meta.last_modified);
            is_taken.then(|| found_object(&meta))
        };
        let found: Vec<Found> =
            self.root.list().try_filter_map(|meta| async { Ok(taken(meta)) }).try_collect().await?;
        if found.is_empty() {
            return self.single_object().await;
        }
        Ok(found)
    }

    /// The object that the path names itself, if there is one.
    async fn single_object(&self) -> Result<Vec<Found>, SourceError> {
        if self.root.prefix().is_root() {
            return Ok(Vec::new());
        }
        match self.root.store().head(self.root.prefix()).await {
            Ok(meta) => Ok(if meta.size > 0 { vec![found_object(&meta)] } else { Vec::new() }),
            Err(object_store::Error::NotFound { .. }) => Ok(Vec::new()),
            Err(error) => Err(FormatError::from(error).into()),
        }
    }

    /// The file that was listed as `path` with this size and time of change (in milliseconds since 1970), as it is now.
    ///
    /// A file that is not the same any more is an error.
    pub async fn find(
        &self,
        path: String,
        size: u64,
        modified_ms: i64,
    ) -> Result<Arc<SourceFile>, SourceError> {
        let below = path.strip_prefix(&self.base).unwrap_or(&path);
        let location = parse_path(below.trim_start_matches('/'))?;
        let meta = self.root.store().head(&location).await.map_err(FormatError::from)?;
        match meta.size == size && meta.last_modified.timestamp_millis() == modified_ms {
            true => Ok(Arc::new(SourceFile { store: self.root.store().clone(), meta, display: path.into() })),
            false => Err(SourceError::FileChanged { file: path }),
        }
    }

    fn file(&self, found: Found) -> Result<Arc<SourceFile>, SourceError> {
        let display = [self.base.as_str(), "/", found.path.as_str()].concat().into();
        let location = parse_path(&found.path)?;
        let (size, last_modified) = (found.size, found.modified);
        let meta = ObjectMeta { location, last_modified, size, e_tag: None, version: None };
        Ok(Arc::new(SourceFile { store: self.root.store().clone(), meta, display }))
    }

    fn failed(&self, error: &io::Error) -> SourceError {
        let (reason, hint) = match error.kind() {
            io::ErrorKind::NotFound => {
                let hint = "check the path; a relative one is seen from the current directory";
                ("there is no such file or directory".to_owned(), hint)
            }
            io::ErrorKind::InvalidInput => (error.to_string(), "rename the file or move it away"),
            _ => (error.to_string(), "check that the files can be read by this user"),
        };
        SourceError::Option {
            source_name: format!("files {}", self.text),
            reason,
            hint: Some(hint.to_owned()),
        }
    }
}

fn found_object(meta: &ObjectMeta) -> Found {
    let modified: DateTime<Utc> = meta.last_modified;
    Found { path: meta.location.to_string(), size: meta.size, modified }
}

fn parse_path(path: &str) -> Result<Path, SourceError> {
    let wrong = |source| object_store::Error::InvalidPath { source };
    Ok(Path::parse(path).map_err(wrong).map_err(FormatError::from)?)
}

#[cfg(test)]
mod tests;
