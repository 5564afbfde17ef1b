//! A store that fails when it is told to.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// Counts writes and deletions down to the one that fails.
#[derive(Debug, Clone)]
pub(crate) struct Failing(Arc<Countdown>);

#[derive(Debug)]
struct Countdown {
    before: AtomicI64,
    after: AtomicI64,
}

impl Default for Failing {
    fn default() -> Self {
        Self(Arc::new(Countdown { before: AtomicI64::new(i64::MAX), after: AtomicI64::new(i64::MAX) }))
    }
}

impl Failing {
    pub(crate) fn round(&self, store: Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore> {
        Arc::new(FailingStore { store, when: self.clone() })
    }

    pub(crate) fn fail_before_next_write(&self) {
        self.0.before.store(0, Ordering::SeqCst);
    }

    pub(crate) fn fail_after_next_write(&self) {
        self.0.after.store(0, Ordering::SeqCst);
    }

    /// Everything from the change with this number on fails, as after a crash; none for no crash.
    pub(crate) fn crash_at(&self, change: Option<i64>) {
        self.0.before.store(change.map_or(i64::MAX, |change| change | CRASH), Ordering::SeqCst);
    }

    fn before(&self) -> Result<()> {
        let left = self.0.before.load(Ordering::SeqCst);
        let (crash, left) = (left != i64::MAX && left & CRASH != 0, left & !CRASH);
        match (crash, left) {
            (true, 0) => Err(injected()),
            (true, left) => {
                self.0.before.store((left - 1) | CRASH, Ordering::SeqCst);
                Ok(())
            }
            (false, 0) => {
                self.0.before.store(i64::MAX, Ordering::SeqCst);
                Err(injected())
            }
            _ => Ok(()),
        }
    }

    fn after(&self) -> Result<()> {
        if self.0.after.swap(i64::MAX, Ordering::SeqCst) == 0 { Err(injected()) } else { Ok(()) }
    }
}

/// Marks a countdown after which everything fails, not one change only.
const CRASH: i64 = 1 << 40;

fn injected() -> Error {
    let source = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "injected");
    Error::Generic { store: "failing", source: Box::new(source) }
}

#[derive(Debug)]
struct FailingStore {
    store: Arc<dyn ObjectStore>,
    when: Failing,
}

impl fmt::Display for FailingStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failing")
    }
}

#[async_trait]
impl ObjectStore for FailingStore {
    async fn put_opts(&self, at: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        self.when.before()?;
        let put = self.store.put_opts(at, payload, opts).await?;
        self.when.after()?;
        Ok(put)
    }
    async fn put_multipart_opts(
        &self,
        at: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.store.put_multipart_opts(at, opts).await
    }
    async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
        self.store.get_opts(at, options).await
    }
    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        match self.when.before() {
            Ok(()) => self.store.delete_stream(paths),
            Err(error) => Box::pin(futures::stream::once(async { Err(error) })),
        }
    }
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.store.list(prefix)
    }
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }
    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.store.copy_opts(from, to, options).await
    }
}
