//! A KPI table as one self-contained HTML page.
//!
//! The page is a file to open and to mail: it fetches nothing, needs no script to be read, follows the reader's light
//! or dark theme, prints, and says everything that it draws in words and numbers as well. Whatever a table holds, its
//! text cannot become markup, and the same input gives the same bytes.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

mod card;
mod chart;
mod error;
mod figure;
mod grain;
mod html;
mod kpis;
mod latest;
mod number;
mod page;
mod ranking;
mod view;

#[cfg(test)]
mod tests;

pub use error::DashboardError;
pub use page::{Page, render};
