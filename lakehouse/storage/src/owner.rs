//! Who holds a lock.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Who holds a lock: a process on a host, since an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The process id on that host.
    pub pid: u32,
    /// The host's name.
    pub host: String,
    /// When the run began.
    pub started_at: DateTime<Utc>,
}

impl Owner {
    /// This process, from now on.
    pub fn this_process() -> Self {
        Self { pid: std::process::id(), host: host_name(), started_at: Utc::now() }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.started_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        write!(f, "process {} on {} since {since}", self.pid, self.host)
    }
}

/// The kernel's name for this host, else the shell's.
fn host_name() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = kernel.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    if name.trim().is_empty() { "an unnamed host".to_owned() } else { name.trim().to_owned() }
}
