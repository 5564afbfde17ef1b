//! What a run tells: progress while it goes on, a summary or JSON at its end, an error if it fails.

mod json;
mod logging;
mod progress;
mod text;

pub(crate) use json::json;
pub(crate) use logging::logging;
pub(crate) use progress::Progress;
pub(crate) use text::{error, text};
