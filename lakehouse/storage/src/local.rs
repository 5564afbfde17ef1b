//! A local disk that keeps what it was given.
//!
//! `object_store`'s own local store never calls `fsync`: after a power cut a file may be empty although its name is
//! there, and the writer was told that all is well. Here a put
//!
//! 1. writes a staged file beside the target, and syncs it;
//! 2. gives it the target's name: a hard link, which fails where the name is taken, or a rename, which replaces;
//! 3. syncs the directory, after any parents that had to be made.
//!
//! So the name never points at less than the whole content, and what was written before something else is there if the
//! something else is. A staged file of a run that died is named so that no listing shows it; it only takes up space.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path as FsPath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result, UploadPart,
};
use thiserror::Error;
use uuid::Uuid;

const STORE: &str = "DurableLocal";

/// A staged file begins with a dot, which hides it from Spark and Delta's vacuum, and ends in `#` and a number, which
/// hides it from every listing of `object_store`.
const STAGED_PREFIX: &str = ".staged-";
const STAGED_SUFFIX: &str = "#1";

/// Whether a file name is that of a staged file.
pub(crate) fn is_staged(name: &str) -> bool {
    name.starts_with(STAGED_PREFIX) && name.ends_with(STAGED_SUFFIX)
}

/// The local file system from its root, with every write made durable before it is reported as done.
#[derive(Debug, Clone)]
pub struct DurableLocal {
    inner: LocalFileSystem,
}

impl DurableLocal {
    /// The store; paths are absolute paths without the first slash.
    pub fn new() -> Self {
        Self { inner: LocalFileSystem::new() }
    }
}

impl Default for DurableLocal {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Display for DurableLocal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(STORE)
    }
}

#[async_trait]
impl ObjectStore for DurableLocal {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        if matches!(opts.mode, PutMode::Update(_)) || !opts.attributes.is_empty() {
            // The inner store refuses these, and says so in its own words.
            return self.inner.put_opts(location, payload, opts).await;
        }
        let target = self.inner.path_to_filesystem(location)?;
        blocking(move || put(&target, &payload, &opts.mode)).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        if !opts.attributes.is_empty() {
            return self.inner.put_multipart_opts(location, opts).await;
        }
        let target = self.inner.path_to_filesystem(location)?;
        let beside = target.clone();
        let staged = blocking(move || Staged::beside(&beside)).await?;
        Ok(Box::new(DurableUpload { target, staged: Arc::new(Mutex::new(Some(staged))), offset: 0 }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.make_parents(to).await?;
        self.inner.copy_opts(from, to, options).await?;
        self.sync_parent(to).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.make_parents(to).await?;
        self.inner.rename_opts(from, to, options).await?;
        self.sync_parent(to).await?;
        self.sync_parent(from).await
    }
}

impl DurableLocal {
    async fn make_parents(&self, location: &Path) -> Result<()> {
        let path = self.inner.path_to_filesystem(location)?;
        blocking(move || make_directory(parent_of(&path))).await
    }

    async fn sync_parent(&self, location: &Path) -> Result<()> {
        let path = self.inner.path_to_filesystem(location)?;
        blocking(move || sync_directory(parent_of(&path))).await
    }
}

fn put(target: &FsPath, payload: &PutPayload, mode: &PutMode) -> Result<PutResult> {
    let mut staged = Staged::beside(target)?;
    payload
        .iter()
        .try_for_each(|part| staged.file.write_all(part))
        .map_err(|e| failed("write", &staged.path, e))?;
    match mode {
        PutMode::Create => staged.publish_new(target),
        _ => staged.publish_over(target),
    }
}

/// A file on its way to a name. Dropped before it has one, it is removed.
#[derive(Debug)]
struct Staged {
    file: File,
    path: PathBuf,
    named: bool,
}

impl Staged {
    fn beside(target: &FsPath) -> Result<Self> {
        let name = format!("{STAGED_PREFIX}{}{STAGED_SUFFIX}", Uuid::new_v4().simple());
        let path = parent_of(target).join(name);
        let open = || OpenOptions::new().write(true).create_new(true).open(&path);
        let file = match open() {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                make_directory(parent_of(target))?;
                open()
            }
            opened => opened,
        };
        let file = file.map_err(|e| failed("create", &path, e))?;
        Ok(Self { file, path, named: false })
    }

    fn write_at(&mut self, offset: u64, payload: &PutPayload) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset))?;
        payload.iter().try_for_each(|part| self.file.write_all(part))
    }

    fn publish_new(self, target: &FsPath) -> Result<PutResult> {
        let result = self.synced()?;
        std::fs::hard_link(&self.path, target).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => {
                Error::AlreadyExists { path: target.display().to_string(), source: Box::new(source) }
            }
            _ => failed("link", target, source),
        })?;
        let directory = parent_of(target);
        drop(self); // Removed before the directory is synced, so that one sync covers both.
        sync_directory(directory)?;
        Ok(result)
    }

    fn publish_over(mut self, target: &FsPath) -> Result<PutResult> {
        let result = self.synced()?;
        std::fs::rename(&self.path, target).map_err(|e| failed("rename to", target, e))?;
        self.named = true;
        sync_directory(parent_of(target))?;
        Ok(result)
    }

    fn synced(&self) -> Result<PutResult> {
        self.file.sync_all().map_err(|e| failed("sync", &self.path, e))?;
        let metadata = self.file.metadata().map_err(|e| failed("inspect", &self.path, e))?;
        Ok(PutResult { e_tag: Some(e_tag(&metadata)), version: None })
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.named {
            // A staged file that stays is harmless; there is nobody here to be told.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The tag that `LocalFileSystem` gives on a read, so that both agree.
fn e_tag(metadata: &std::fs::Metadata) -> String {
    let micros = metadata.mtime() * 1_000_000 + metadata.mtime_nsec() / 1_000;
    format!("{:x}-{micros:x}-{:x}", metadata.ino(), metadata.len())
}

#[derive(Debug)]
struct DurableUpload {
    target: PathBuf,
    staged: Arc<Mutex<Option<Staged>>>,
    offset: u64,
}

#[async_trait]
impl MultipartUpload for DurableUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (staged, offset) = (self.staged.clone(), self.offset);
        self.offset += data.content_length() as u64;
        blocking(move || {
            let mut staged = staged.lock().unwrap_or_else(PoisonError::into_inner);
            let staged = staged.as_mut().ok_or_else(ended)?;
            staged.write_at(offset, &data).map_err(|e| failed("write", &staged.path, e))
        })
        .boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let (staged, target) = (take(&self.staged).ok_or_else(ended)?, self.target.clone());
        blocking(move || staged.publish_over(&target)).await
    }

    async fn abort(&mut self) -> Result<()> {
        let staged = take(&self.staged);
        blocking(move || {
            drop(staged);
            Ok(())
        })
        .await
    }
}

fn take(staged: &Mutex<Option<Staged>>) -> Option<Staged> {
    staged.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn ended() -> Error {
    Error::Generic { store: STORE, source: "the upload has ended".into() }
}

/// Makes `directory` and its parents, and makes the new names durable.
fn make_directory(directory: &FsPath) -> Result<()> {
    let missing: Vec<&FsPath> = directory.ancestors().take_while(|dir| !dir.exists()).collect();
    std::fs::create_dir_all(directory).map_err(|e| failed("create", directory, e))?;
    missing.iter().rev().try_for_each(|made| sync_directory(parent_of(made)))
}

fn sync_directory(directory: &FsPath) -> Result<()> {
    File::open(directory).and_then(|dir| dir.sync_all()).map_err(|e| failed("sync", directory, e))
}

fn parent_of(path: &FsPath) -> &FsPath {
    path.parent().unwrap_or(FsPath::new("/"))
}

#[derive(Debug, Error)]
#[error("cannot {action} {}", path.display())]
struct Failure {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

fn failed(action: &'static str, path: &FsPath, source: io::Error) -> Error {
    Error::Generic { store: STORE, source: Box::new(Failure { action, path: path.to_owned(), source }) }
}

/// Runs `work` where it may block: on tokio's threads for that, or here when there is no runtime.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await?,
        Err(_) => work(),
    }
}

#[cfg(test)]
#[path = "local_tests.rs"]
mod tests;
