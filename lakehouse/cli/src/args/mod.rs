//! The jobs' arguments, as typed.

mod bronze;
mod gold;
mod shared;
mod silver;

pub use bronze::Bronze;
pub use gold::{DashboardArgs, Gold};
pub use shared::{OutputFormat, Shared};
pub use silver::Silver;

/// `KEY=VALUE`, as in `--option` and `--with`.
fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}
