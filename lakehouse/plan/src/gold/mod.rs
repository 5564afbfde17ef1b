//! The gold tables that medallion users build, as SQL.
//!
//! Each request is a value that becomes the text of one `SELECT`; nothing here reads, plans or knows an engine's types.
//! The text is in the project's dialect: back-ticks quote names, single quotes quote text, intervals
//! name their unit outside the quotes, and integer division is avoided by casts, so that it means the same with and
//! without Spark's rules for `/`. Every query reads its source once.
//!
//! All periods are in UTC. A time column may be a timestamp of any unit or a date; one without a zone is taken as UTC.

mod dashboard;
mod features;
mod grain;
mod summary;
mod text;

pub use dashboard::{Dashboard, Metric};
pub use features::{AsOf, Features};
pub use grain::Grain;
pub use summary::{Quartiles, Summary};
