//! A wish to stop.

use tokio::sync::watch;

/// A wish to stop at the next batch boundary. Cheap to clone; every clone sees the wish.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Wishes.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Whether somebody wished.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when somebody wishes.
    pub async fn requested(&self) {
        let mut wish = self.0.subscribe();
        // The sender lives in `self`, so waiting ends only with the wish.
        wish.wait_for(|wished| *wished).await.ok();
    }
}
