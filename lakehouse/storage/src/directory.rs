//! A place in a store.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt};
use object_store::path::{Path, PathPart};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions};

use crate::local::is_staged;
use crate::{Location, StorageError};

/// A directory in a store. Cheap to clone; it need not exist.
///
/// Names may have parts, as in `offsets/3`. They cannot leave the directory. No operation but [`list`](Self::list),
/// [`list_after`](Self::list_after) and [`names`](Self::names) costs more in a large directory than in a small one.
#[derive(Debug, Clone)]
pub struct Directory {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    location: Location,
}

/// The answer of [`Directory::create`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// The object was made.
    Yes,
    /// There is an object of that name. After a hiccup of the network it may be the one that this very call made:
    /// compare the content before concluding that somebody else was faster.
    AlreadyExists,
}

impl Directory {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, prefix: Path, location: Location) -> Self {
        Self { store, prefix, location }
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// The directory's path in the store.
    pub fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// Where the directory is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The directory `name` in this one.
    pub fn child(&self, name: &str) -> Self {
        Self { store: self.store.clone(), prefix: self.path(name), location: self.location.child(name) }
    }

    /// The path of `name` in the store.
    pub fn path(&self, name: &str) -> Path {
        let part = |part| PathPart::parse(part).unwrap_or_else(|_| PathPart::from(part));
        name.split('/')
            .filter(|part| !part.is_empty())
            .fold(self.prefix.clone(), |path, name| path.join(part(name)))
    }

    /// The directory's path on a local disk.
    pub fn local_path(&self) -> Option<PathBuf> {
        self.location.to_local_path()
    }

    /// The content of `name`; none when there is no such object.
    pub async fn read(&self, name: &str) -> Result<Option<Bytes>, StorageError> {
        let content = async { self.store.get(&self.path(name)).await?.bytes().await };
        self.absent_is_none("read", name, content.await)
    }

    /// Some ranges of `name`, each whole.
    pub async fn read_ranges(&self, name: &str, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, StorageError> {
        self.store.get_ranges(&self.path(name), ranges).await.map_err(|e| self.failed("read", name, e))
    }

    /// The size of `name` in bytes; none when there is no such object.
    pub async fn size(&self, name: &str) -> Result<Option<u64>, StorageError> {
        let head = self.store.head(&self.path(name)).await;
        Ok(self.absent_is_none("look for", name, head)?.map(|meta| meta.size))
    }

    /// Whether there is an object `name`.
    pub async fn exists(&self, name: &str) -> Result<bool, StorageError> {
        Ok(self.size(name).await?.is_some())
    }

    /// Makes `name` with this content unless there is one already.
    pub async fn create(&self, name: &str, content: Bytes) -> Result<Created, StorageError> {
        let options = PutOptions::from(PutMode::Create);
        match self.store.put_opts(&self.path(name), content.into(), options).await {
            Ok(_) => Ok(Created::Yes),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(Created::AlreadyExists),
            // S3 answers 412 to a create that comes second, and not all versions of a store map it alike.
            Err(object_store::Error::Precondition { .. }) => Ok(Created::AlreadyExists),
            Err(source) => Err(self.failed("create", name, source)),
        }
    }

    /// Makes or replaces `name`; a reader sees the old or the new content, never a mixture.
    pub async fn write(&self, name: &str, content: Bytes) -> Result<(), StorageError> {
        let written = self.store.put(&self.path(name), content.into()).await;
        written.map(drop).map_err(|source| self.failed("write", name, source))
    }

    /// Removes `name`; it is fine when there is none. On a local disk a power cut may undo a removal.
    pub async fn delete(&self, name: &str) -> Result<(), StorageError> {
        let deleted = self.store.delete(&self.path(name)).await;
        self.absent_is_none("delete", name, deleted).map(drop)
    }

    /// All objects below the directory, in no particular order; none when there is no such directory.
    pub fn list(&self) -> BoxStream<'static, Result<ObjectMeta, StorageError>> {
        self.shown(self.store.list(Some(&self.prefix)))
    }

    /// The objects below the directory whose names come after `name` in byte order.
    pub fn list_after(&self, name: &str) -> BoxStream<'static, Result<ObjectMeta, StorageError>> {
        self.shown(self.store.list_with_offset(Some(&self.prefix), &self.path(name)))
    }

    /// The names of the objects directly in the directory; empty when there is no such directory.
    ///
    /// On a local disk the directory is read without a look at each file (and past any wrapper of the store): a start
    /// that finds nothing new has a budget of microseconds here.
    pub async fn names(&self) -> Result<BTreeSet<String>, StorageError> {
        let names = match self.local_path() {
            Some(path) => local_names(path).await,
            None => self.listed_names().await,
        };
        names.map_err(|source| StorageError::store("list", self.location.clone(), source))
    }

    async fn listed_names(&self) -> object_store::Result<BTreeSet<String>> {
        let listed = self.store.list_with_delimiter(Some(&self.prefix)).await?;
        Ok(listed.objects.iter().filter_map(|meta| meta.location.filename()).map(str::to_owned).collect())
    }

    fn shown(
        &self,
        listed: BoxStream<'static, object_store::Result<ObjectMeta>>,
    ) -> BoxStream<'static, Result<ObjectMeta, StorageError>> {
        let location = self.location.clone();
        listed.map(move |meta| meta.map_err(|e| StorageError::store("list", location.clone(), e))).boxed()
    }

    fn absent_is_none<T>(
        &self,
        operation: &'static str,
        name: &str,
        result: object_store::Result<T>,
    ) -> Result<Option<T>, StorageError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(self.failed(operation, name, source)),
        }
    }

    fn failed(&self, operation: &'static str, name: &str, source: object_store::Error) -> StorageError {
        StorageError::store(operation, self.location.child(name), source)
    }
}

async fn local_names(path: PathBuf) -> object_store::Result<BTreeSet<String>> {
    let read = move || -> std::io::Result<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            match entry.file_name().into_string() {
                Ok(name) if !is_staged(&name) && !entry.file_type()?.is_dir() => names.insert(name),
                _ => false,
            };
        }
        Ok(names)
    };
    match tokio::task::spawn_blocking(read).await? {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(e) => Err(object_store::Error::Generic { store: "local", source: Box::new(e) }),
        Ok(names) => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::*;
    use crate::{Durability, Stores};

    /// What every store promises, whichever it is.
    async fn conformance(dir: Directory) {
        assert_eq!(dir.read("a/f").await.unwrap(), None);
        assert!(dir.names().await.unwrap().is_empty());
        assert_eq!(dir.list().try_collect::<Vec<_>>().await.unwrap().len(), 0);
        assert_eq!(dir.create("a/f", "one".into()).await.unwrap(), Created::Yes);
        assert_eq!(dir.create("a/f", "two".into()).await.unwrap(), Created::AlreadyExists);
        assert_eq!(dir.read("a/f").await.unwrap().as_deref(), Some(&b"one"[..]));
        dir.write("a/f", "three".into()).await.unwrap();
        assert_eq!(dir.child("a").read("f").await.unwrap().as_deref(), Some(&b"three"[..]));
        assert_eq!(dir.size("a/f").await.unwrap(), Some(5));
        assert_eq!(dir.read_ranges("a/f", &[0..2, 4..5]).await.unwrap(), ["th", "e"]);
        dir.write("g", "".into()).await.unwrap();
        dir.write("h ü%", "".into()).await.unwrap();
        assert_eq!(dir.names().await.unwrap().into_iter().collect::<Vec<_>>(), ["g", "h ü%"]);
        let after: Vec<_> = dir.list_after("g").try_collect().await.unwrap();
        assert_eq!(after.iter().map(|meta| &meta.location).collect::<Vec<_>>(), [&dir.path("h ü%")]);
        dir.delete("g").await.unwrap();
        dir.delete("g").await.unwrap();
        assert!(!dir.exists("g").await.unwrap());
        assert_eq!(dir.path("../x"), Path::parse(format!("{}/%2E%2E/x", dir.prefix())).unwrap());
        race(&dir).await;
    }

    async fn race(dir: &Directory) {
        let racers: Vec<_> = (0..16)
            .map(|n| {
                let dir = dir.clone();
                tokio::spawn(async move { (n, dir.create("race", n.to_string().into()).await.unwrap()) })
            })
            .collect();
        let mut winners = Vec::new();
        for racer in racers {
            let (n, created) = racer.await.unwrap();
            winners.extend((created == Created::Yes).then(|| n.to_string()));
        }
        assert_eq!(winners.len(), 1, "{winners:?}");
        assert_eq!(dir.read("race").await.unwrap().unwrap(), winners[0].as_bytes());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_store_keeps_the_promises() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| Location::parse(root.path().join(name).to_str().unwrap()).unwrap();
        conformance(Stores::new(Durability::Full).directory(&at("full #1")).unwrap()).await;
        conformance(Stores::new(Durability::None).directory(&at("none")).unwrap()).await;
        let memory = Location::parse("memory://m/x").unwrap();
        conformance(Stores::new(Durability::Full).directory(&memory).unwrap()).await;
    }

    /// The same against a real store or an emulator of one: `LAKESMITH_TEST_STORE=s3://bucket/empty/prefix`, with the
    /// usual variables for its address and credentials.
    #[tokio::test(flavor = "multi_thread")]
    async fn the_store_in_the_environment_keeps_them_too() {
        let Ok(text) = std::env::var("LAKESMITH_TEST_STORE") else {
            eprintln!("skipped: LAKESMITH_TEST_STORE is not set");
            return;
        };
        let dir = Stores::new(Durability::Full).directory(&Location::parse(&text).unwrap()).unwrap();
        let dir = dir.child(&uuid::Uuid::new_v4().to_string());
        conformance(dir.child("directory")).await;
        crate::probe(&dir).await.unwrap();
        let lock = crate::RunLock::acquire(&dir, "_lock", &crate::Owner::this_process()).await.unwrap();
        let error = crate::RunLock::acquire(&dir, "_lock", &crate::Owner::this_process()).await.unwrap_err();
        assert!(matches!(error, StorageError::Locked { owner: Some(_), .. }), "{error:?}");
        lock.release().await.unwrap();
        let again = crate::RunLock::acquire(&dir, "_lock", &crate::Owner::this_process()).await.unwrap();
        again.release().await.unwrap();
    }
}
