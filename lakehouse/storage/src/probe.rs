//! Whether a store keeps the promise that everything else is built on.

use bytes::Bytes;
use uuid::Uuid;

use crate::{Created, Directory, StorageError};

/// The object that remembers a directory whose store was found good.
const MARKER: &str = "_probed";

/// How many creates race for one name. One that checks before it writes lets several win nearly every time.
const RACERS: usize = 8;

/// Finds out whether the store of `dir` creates an object only where there is none, and refuses it with
/// [`StorageError::NoCreateIfAbsent`] otherwise.
///
/// Several concurrent creates of one name race; exactly one must win, and what it wrote must be there. The object is
/// removed again; a small marker stays, so that the next call costs one read. Call it where a checkpoint or table is
/// made, not at each start.
pub async fn probe(dir: &Directory) -> Result<(), StorageError> {
    if dir.exists(MARKER).await? {
        return Ok(());
    }
    let name = format!("_probe-{}", Uuid::new_v4().simple());
    let verdict = race(dir, &name).await;
    dir.delete(&name).await?;
    verdict?;
    dir.write(MARKER, Bytes::new()).await
}

async fn race(dir: &Directory, name: &str) -> Result<(), StorageError> {
    let racers = (0..RACERS).map(|racer| dir.create(name, content(racer)));
    let mut winners = Vec::new();
    for (racer, created) in futures::future::join_all(racers).await.into_iter().enumerate() {
        match created {
            Ok(Created::Yes) => winners.push(racer),
            Ok(Created::AlreadyExists) => {}
            Err(error) => return Err(unsupported(dir, error)),
        }
    }
    let kept = dir.read(name).await?;
    match winners[..] {
        [winner] if kept.as_ref() == Some(&content(winner)) => Ok(()),
        // The reply to the winner got lost on the way: no proof, but no breach either.
        [] if kept.is_some() => Ok(()),
        _ => Err(refused(dir, format!("of {RACERS} concurrent creates {} claim to have won", winners.len()))),
    }
}

fn content(racer: usize) -> Bytes {
    racer.to_string().into()
}

/// A file system without hard links and a store without conditional writes say so only when they are asked.
fn unsupported(dir: &Directory, error: StorageError) -> StorageError {
    let StorageError::Store { source, .. } = &error else { return error };
    match source.as_ref() {
        object_store::Error::NotImplemented { .. } | object_store::Error::NotSupported { .. } => {
            refused(dir, source.to_string())
        }
        object_store::Error::Generic { source: cause, .. }
            if cause.to_string().starts_with("cannot link") =>
        {
            refused(dir, "its file system has no hard links".to_owned())
        }
        _ => error,
    }
}

fn refused(dir: &Directory, reason: String) -> StorageError {
    StorageError::NoCreateIfAbsent { location: dir.location().clone(), reason }
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::ops::Range;
    use std::sync::Arc;

    use async_trait::async_trait;
    use futures::stream::BoxStream;
    use object_store::path::Path;
    use object_store::{
        CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
        ObjectStoreExt, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    };

    use super::*;
    use crate::{Durability, Location, Stores};

    /// Looks whether there is an object, waits, then writes: what some servers call a conditional write.
    #[derive(Debug)]
    struct CheckThenWrite(Arc<dyn ObjectStore>);

    impl fmt::Display for CheckThenWrite {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("CheckThenWrite")
        }
    }

    #[async_trait]
    impl ObjectStore for CheckThenWrite {
        async fn put_opts(&self, at: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
            if opts.mode == PutMode::Create && self.0.head(at).await.is_ok() {
                return self.0.put_opts(at, payload, opts).await;
            }
            tokio::task::yield_now().await;
            self.0.put(at, payload).await
        }
        async fn put_multipart_opts(
            &self,
            at: &Path,
            opts: PutMultipartOptions,
        ) -> Result<Box<dyn MultipartUpload>> {
            self.0.put_multipart_opts(at, opts).await
        }
        async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
            self.0.get_opts(at, options).await
        }
        async fn get_ranges(&self, at: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
            self.0.get_ranges(at, ranges).await
        }
        fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
            self.0.delete_stream(paths)
        }
        fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
            self.0.list(prefix)
        }
        async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
            self.0.list_with_delimiter(prefix).await
        }
        async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
            self.0.copy_opts(from, to, options).await
        }
    }

    #[tokio::test]
    async fn a_store_that_checks_and_then_writes_is_refused() {
        let stores =
            Stores::new(Durability::None).wrapped_by(Arc::new(|store| Arc::new(CheckThenWrite(store))));
        let dir = stores.directory(&Location::parse("memory://m/x").unwrap()).unwrap();
        let error = probe(&dir).await.unwrap_err();
        assert!(matches!(error, StorageError::NoCreateIfAbsent { .. }), "{error}");
        assert!(dir.names().await.unwrap().is_empty(), "the probe left something behind");
    }

    #[tokio::test]
    async fn good_stores_pass_and_are_remembered() {
        let root = tempfile::tempdir().unwrap();
        let local = Location::parse(root.path().join("x").to_str().unwrap()).unwrap();
        for location in [local, Location::parse("memory://m/x").unwrap()] {
            let dir = Stores::new(Durability::Full).directory(&location).unwrap();
            probe(&dir).await.unwrap();
            assert_eq!(dir.names().await.unwrap().into_iter().collect::<Vec<_>>(), [MARKER]);
            probe(&dir).await.unwrap();
        }
    }
}
