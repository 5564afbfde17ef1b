//! A bronze table in, a silver table with real timestamps out: `silver --help`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main::<cli::Silver>()
}
