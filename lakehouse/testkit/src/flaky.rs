//! A store that is slow and fails now and then, sometimes after it has done what it was asked.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// One operation in this many fails; which ones looks random and is the same in every run.
const FAILS_ONE_IN: u64 = 41;

/// Wraps a store.
#[derive(Debug)]
pub(crate) struct Flaky {
    inner: Arc<dyn ObjectStore>,
    operations: AtomicU64,
}

impl Flaky {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self { inner, operations: AtomicU64::new(0) }
    }

    /// Waits a little; then whether this operation is to fail, and whether only after its effect.
    async fn trouble(&self) -> Trouble {
        let number = self.operations.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::time::sleep(Duration::from_micros(number % 7 * 100)).await;
        // Fibonacci hashing: no run of a fixed number of operations fails at the same place for ever.
        let lot = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        match (lot.is_multiple_of(FAILS_ONE_IN), lot / FAILS_ONE_IN % 2) {
            (false, _) => Trouble::None,
            (true, 0) => Trouble::Before,
            (true, _) => Trouble::After,
        }
    }

    async fn tried<T>(&self, operation: impl Future<Output = Result<T>>) -> Result<T> {
        match self.trouble().await {
            Trouble::None => operation.await,
            Trouble::Before => Err(unavailable()),
            Trouble::After => {
                operation.await.ok();
                Err(unavailable())
            }
        }
    }
}

enum Trouble {
    None,
    Before,
    After,
}

fn unavailable() -> Error {
    Error::Generic { store: "flaky", source: "503 service unavailable (injected)".into() }
}

impl fmt::Display for Flaky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flaky {}", self.inner)
    }
}

#[async_trait]
impl ObjectStore for Flaky {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.tried(self.inner.put_opts(location, payload, options)).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.tried(self.inner.put_multipart_opts(location, options)).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.tried(self.inner.get_opts(location, options)).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.tried(self.inner.get_ranges(location, ranges)).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.tried(self.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.tried(self.inner.copy_opts(from, to, options)).await
    }
}
