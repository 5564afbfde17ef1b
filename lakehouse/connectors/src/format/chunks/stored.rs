//! The bytes of a file as its store holds them.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore};
use tokio::runtime::Handle;

use crate::format::{FormatError, SourceFile};

/// How much one request to a remote store asks for.
const REQUEST: u64 = 8 << 20;

/// The bytes of a file, to be read on a thread that may wait.
#[derive(Debug)]
pub(super) enum Stored {
    /// A file of this machine.
    Local(File),
    /// An object, read range by range.
    Remote(Remote),
}

/// An object on its way. Each range is asked of the version that the first one was.
#[derive(Debug)]
pub(super) struct Remote {
    runtime: Handle,
    store: Arc<dyn ObjectStore>,
    path: Path,
    e_tag: Option<String>,
    size: u64,
    asked: u64,
    piece: Bytes,
}

impl Stored {
    /// Opens `file`, which is not empty.
    pub(super) async fn open(file: &SourceFile) -> Result<Self, FormatError> {
        let failed = |source| FormatError::Read { file: file.display.to_string(), byte_offset: 0, source };
        let path = file.meta.location.clone();
        let first = ranged(0..REQUEST.min(file.meta.size.max(1)), file.meta.e_tag.clone());
        let found = file.store.get_opts(&path, first).await.map_err(failed)?;
        if let GetResultPayload::File(local, _) = found.payload {
            return Ok(Self::Local(local));
        }
        let (e_tag, size, asked) = (found.meta.e_tag.clone(), found.meta.size, found.range.end);
        let piece = found.bytes().await.map_err(failed)?;
        let (runtime, store) = (Handle::current(), file.store.clone());
        Ok(Self::Remote(Remote { runtime, store, path, e_tag, size, asked, piece }))
    }
}

fn ranged(range: std::ops::Range<u64>, e_tag: Option<String>) -> GetOptions {
    GetOptions { range: Some(GetRange::Bounded(range)), if_match: e_tag, ..GetOptions::default() }
}

impl Remote {
    fn ask(&mut self) -> object_store::Result<()> {
        let end = (self.asked + REQUEST).min(self.size);
        let options = ranged(self.asked..end, self.e_tag.clone());
        let get = async { self.store.get_opts(&self.path, options).await?.bytes().await };
        self.piece = self.runtime.block_on(get)?;
        self.asked = end;
        Ok(())
    }
}

impl Read for Remote {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() && self.asked < self.size {
            self.ask().map_err(io::Error::other)?;
        }
        let taken = self.piece.len().min(into.len());
        self.piece.copy_to_slice(&mut into[..taken]);
        Ok(taken)
    }
}

impl Read for Stored {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Local(file) => file.read(into),
            Self::Remote(remote) => remote.read(into),
        }
    }
}
