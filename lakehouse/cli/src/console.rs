//! The two streams of a command-line program.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

type Stream = Arc<Mutex<Box<dyn Write + Send>>>;

/// stdout, for data, and stderr, for everything else. Cheap to clone.
#[derive(Clone)]
pub struct Console {
    out: Stream,
    err: Stream,
    live: bool,
}

impl Console {
    /// The process's own streams.
    pub fn process() -> Self {
        let live = io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self { live, ..Self::new(Box::new(io::stdout()), Box::new(io::stderr())) }
    }

    /// Streams that are not a terminal.
    pub fn new(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        Self { out: Arc::new(Mutex::new(out)), err: Arc::new(Mutex::new(err)), live: false }
    }

    /// Whether stderr is a terminal on which a line can be rewritten.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// Writes data. A reader that went away (`| head`) is no failure.
    pub fn data(&self, text: &str) -> io::Result<()> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Writes a line for people. Nobody can be told when that fails.
    pub fn line(&self, text: &str) {
        let clear = if self.live { "\r\x1b[2K" } else { "" };
        self.tell(&format!("{clear}{text}\n"));
    }

    /// Rewrites the live line; does nothing off a terminal.
    pub fn live(&self, text: &str) {
        if self.live {
            self.tell(&format!("\r\x1b[2K{text}"));
        }
    }

    fn tell(&self, text: &str) {
        let mut err = self.err.lock().unwrap_or_else(PoisonError::into_inner);
        err.write_all(text.as_bytes()).and_then(|()| err.flush()).ok();
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("live", &self.live).finish_non_exhaustive()
    }
}
