//! Delta tables as sources: followed commit by commit, or read as a whole.

mod follow;
mod offset;
mod origin;
mod whole;

pub use follow::DeltaStream;
pub use whole::DeltaSnapshot;
