//! Files in a directory as a source: listed, remembered, decoded on every core.

mod ingest;
mod listing;
mod pattern;
mod queue;
mod source;
mod walk;

pub use listing::Listing;
pub use source::FileSource;
