//! How a file is compressed.

use std::io::{self, BufReader, Read};
use std::path::Path;

use crate::format::FormatError;

/// A compression that files of text come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Plain,
    Gzip,
    Zstd,
}

/// Endings of compressions that exist but are not read.
const REFUSED: [&str; 10] = ["bz2", "xz", "lz4", "lzo", "snappy", "br", "zip", "7z", "rar", "tar"];

/// How much is read from the store at once on behalf of a decompressor.
const READ_AHEAD: usize = 256 * 1024;

impl Codec {
    /// The compression that the file's name tells. One that is not read is an error.
    pub(crate) fn of_name(name: &str) -> Result<Self, FormatError> {
        let extension =
            Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        match extension.as_str() {
            "gz" | "gzip" => Ok(Self::Gzip),
            "zst" | "zstd" => Ok(Self::Zstd),
            other if REFUSED.contains(&other) => Err(FormatError::UnsupportedFile {
                file: name.to_owned(),
                reason: format!("files compressed as .{other} are not read"),
                hint: "compress it as .gz or .zst, or leave it plain",
            }),
            _ => Ok(Self::Plain),
        }
    }

    /// What the first bytes of a file say where its name says nothing: no text begins like a compressed file.
    pub(super) fn or_told_by(self, head: &[u8]) -> Self {
        match (self, head) {
            (Self::Plain, [0x1f, 0x8b, ..]) => Self::Gzip,
            (Self::Plain, [0x28, 0xb5, 0x2f, 0xfd, ..]) => Self::Zstd,
            (named, _) => named,
        }
    }

    /// `stored`, decompressed. Members and frames that follow one another are one file.
    pub(super) fn decode<'a>(self, stored: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
        let buffered = |stored| BufReader::with_capacity(READ_AHEAD, stored);
        Ok(match self {
            Self::Plain => Box::new(stored),
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(buffered(stored))),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(buffered(stored))?),
        })
    }

    /// The name in messages.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}
