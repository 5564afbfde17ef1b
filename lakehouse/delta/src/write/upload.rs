//! Bytes on their way to a store, without more of them in memory than needed.

use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, WriteMultipart};

/// A file up to this size is written in one request; a larger one in parts of this size.
const PART: usize = 8 << 20;
/// How many parts may be under way at once.
const PARTS_UNDER_WAY: usize = 2;

/// An object that is being written. Nobody sees it before [`Upload::finish`].
pub(super) struct Upload {
    store: Arc<dyn ObjectStore>,
    path: Path,
    buffer: Vec<u8>,
    parts: Option<WriteMultipart>,
}

impl Upload {
    pub(super) fn new(store: Arc<dyn ObjectStore>, path: Path) -> Self {
        Self { store, path, buffer: Vec::new(), parts: None }
    }

    /// Takes `bytes` and sends whole parts off.
    pub(super) async fn push(&mut self, bytes: Vec<u8>) -> object_store::Result<()> {
        if self.buffer.is_empty() {
            self.buffer = bytes;
        } else {
            self.buffer.extend_from_slice(&bytes);
        }
        if self.buffer.len() <= PART {
            return Ok(());
        }
        let parts = match &mut self.parts {
            Some(parts) => parts,
            None => {
                let upload = self.store.put_multipart(&self.path).await?;
                self.parts.insert(WriteMultipart::new_with_chunk_size(upload, PART))
            }
        };
        let mut rest = Bytes::from(std::mem::take(&mut self.buffer));
        while rest.len() > PART {
            parts.wait_for_capacity(PARTS_UNDER_WAY).await?;
            parts.put(rest.split_to(PART));
        }
        self.buffer = rest.to_vec();
        Ok(())
    }

    /// Writes what is left. The object is there, and as durable as the store makes it, once this returns.
    pub(super) async fn finish(self) -> object_store::Result<()> {
        match self.parts {
            None => self.store.put(&self.path, self.buffer.into()).await.map(drop),
            Some(mut parts) => {
                parts.put(self.buffer.into());
                parts.finish().await.map(drop)
            }
        }
    }

    /// Takes back what was sent; as far as the store can.
    pub(super) async fn abort(self) {
        if let Some(parts) = self.parts
            && let Err(error) = parts.abort().await
        {
            tracing::debug!(%error, path = %self.path, "parts of an unfinished data file are left behind");
        }
    }
}
