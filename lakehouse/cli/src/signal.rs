//! SIGINT and SIGTERM: stop at the next batch boundary.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use lakehouse::engine::Stop;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::Exit;

/// Hears the signals of the process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signals {
    heard: Arc<AtomicU8>,
}

impl Signals {
    /// Listens; the first signal requests `stop`, the second ends the process at once, which loses nothing.
    pub(crate) fn listen(&self, stop: &Stop) -> std::io::Result<()> {
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        tokio::spawn(hear(interrupt, Exit::Interrupted, self.heard.clone(), stop.clone()));
        tokio::spawn(hear(terminate, Exit::Terminated, self.heard.clone(), stop.clone()));
        Ok(())
    }

    /// How the process ends because of a signal, if one was heard.
    pub(crate) fn exit(&self) -> Option<Exit> {
        let heard = self.heard.load(Ordering::SeqCst);
        [Exit::Interrupted, Exit::Terminated].into_iter().find(|exit| exit.code() == heard)
    }
}

async fn hear(mut signals: Signal, exit: Exit, heard: Arc<AtomicU8>, stop: Stop) {
    while signals.recv().await.is_some() {
        if heard.swap(exit.code(), Ordering::SeqCst) != 0 {
            std::process::exit(i32::from(exit.code()));
        }
        stop.request();
    }
}
