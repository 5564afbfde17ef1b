//! Decompression that is watched: how much comes out of how little.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::Limits;
use super::codec::Codec;
use super::stored::Stored;
use crate::format::{FormatError, SourceFile};
use model::ByteSize;

/// The text of a file, and where reading it stands.
pub(super) struct Expanded<'a> {
    text: Box<dyn Read + 'a>,
    codec: Codec,
    stored: Rc<Cell<u64>>,
    expanded: u64,
    limits: Limits,
}

/// Counts what is read from the store.
struct Counted<R> {
    stored: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.stored.read(into)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

impl<'a> Expanded<'a> {
    /// The text of `stored`, compressed as `codec` or, where that is plain, as its first bytes tell.
    pub(super) fn new(stored: Stored, codec: Codec, limits: Limits) -> io::Result<Self> {
        let count = Rc::new(Cell::new(0));
        let mut stored = Counted { stored, count: count.clone() };
        let mut head = Vec::with_capacity(4);
        stored.by_ref().take(4).read_to_end(&mut head)?;
        let codec = codec.or_told_by(&head);
        let text = codec.decode(io::Cursor::new(head).chain(stored))?;
        Ok(Self { text, codec, stored: count, expanded: 0, limits })
    }

    /// Appends about `wanted` bytes of the text to `buffer`; nothing at its end.
    pub(super) fn fill(&mut self, buffer: &mut Vec<u8>, wanted: usize) -> io::Result<usize> {
        let before = buffer.len();
        let outcome = self.text.by_ref().take(wanted as u64).read_to_end(buffer);
        let read = buffer.len() - before;
        self.expanded += read as u64;
        outcome?;
        self.check()?;
        Ok(read)
    }

    fn check(&self) -> io::Result<()> {
        let (limits, expanded, stored) = (self.limits, self.expanded, self.stored.get());
        if self.codec == Codec::Plain {
            return Ok(());
        }
        if expanded > limits.expanded {
            let most = ByteSize(limits.expanded);
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("it expands to more than {most}"),
            ));
        }
        if expanded > Limits::FREE && expanded / limits.ratio > stored {
            let reason = format!("it expands to more than {} times its size", limits.ratio);
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        Ok(())
    }

    /// What `error`, met at `byte_offset` of the text, means.
    pub(super) fn explain(&self, file: &SourceFile, byte_offset: u64, error: io::Error) -> FormatError {
        explain(file, self.codec, (self.stored.get(), byte_offset), error)
    }
}

/// Tells the store's failures from the archive's. `(stored, expanded)` is where reading stood.
pub(super) fn explain(file: &SourceFile, codec: Codec, at: (u64, u64), error: io::Error) -> FormatError {
    let file = file.display.to_string();
    let is_of_the_system = error.raw_os_error().is_some();
    let kind = error.kind();
    match error.downcast::<object_store::Error>() {
        Ok(source) => FormatError::Read { file, byte_offset: at.0, source },
        Err(error) if is_of_the_system || codec == Codec::Plain => {
            let source = object_store::Error::Generic { store: "local file", source: Box::new(error) };
            FormatError::Read { file, byte_offset: at.0, source }
        }
        Err(error) => {
            let reason = match kind {
                io::ErrorKind::UnexpectedEof => format!("the {} data is cut off", codec.as_str()),
                _ => format!("the {} data is damaged: {error}", codec.as_str()),
            };
            FormatError::Damaged { file, byte_offset: at.1, reason }
        }
    }
}
