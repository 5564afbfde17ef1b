//! Log lines, for those who ask for them.

use std::io::stderr;

use tracing_subscriber::EnvFilter;

use crate::args::Shared;

/// Log lines go to stderr when `RUST_LOG` is set or `-vv` is given; setting them up costs nothing otherwise.
pub(crate) fn logging(shared: &Shared) {
    let filter = match (std::env::var("RUST_LOG"), shared.verbose) {
        (Ok(filter), _) => EnvFilter::try_new(filter),
        (Err(_), 2..) => EnvFilter::try_new("debug"),
        (Err(_), _) => return,
    };
    if let Ok(filter) = filter {
        // Somebody may have set one up already, in a test.
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr).try_init().ok();
    }
}
