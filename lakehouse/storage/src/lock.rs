//! One run per flow.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::lease::Lease;
use crate::{Directory, Location, Owner, StorageError};

/// A lock on a name in a directory; it has one holder.
///
/// On a local disk it is a lock of the operating system on a file that holds its owner's name: it ends with the
/// process, however that ends. On an object store it is a lease: an object that is renewed every 20 seconds and can be
/// taken over a minute after the last renewal; hosts are taken to agree on the time to within some seconds.
///
/// The lock spares two runs the work of finding out about each other later. It is not what keeps rows from doubling:
/// that is the conditional creation of `offsets/N` and of the Delta commit.
///
/// The lock's file stays when it is released, empty. Removing it would let a second run lock another file of that name.
#[derive(Debug)]
pub struct RunLock(Kind);

#[derive(Debug)]
enum Kind {
    Local(File, Location),
    Lease(Lease),
}

/// How long a lease lasts without being renewed.
const LEASE: Duration = Duration::from_secs(60);

impl RunLock {
    /// Takes the lock `name` in `dir` for `owner`, or answers [`StorageError::Locked`] with the one who has it.
    pub async fn acquire(dir: &Directory, name: &str, owner: &Owner) -> Result<Self, StorageError> {
        match dir.local_path() {
            Some(path) => Self::lock_file(dir, name, path.join(name), owner.clone()).await,
            None => Ok(Self(Kind::Lease(Lease::acquire(dir, name, owner, LEASE).await?))),
        }
    }

    async fn lock_file(
        dir: &Directory,
        name: &str,
        path: PathBuf,
        owner: Owner,
    ) -> Result<Self, StorageError> {
        let location = dir.location().child(name);
        let tried = tokio::task::spawn_blocking(move || try_lock(&path, &owner)).await;
        match tried.map_err(|error| StorageError::store("lock", location.clone(), error.into()))? {
            Ok(Ok(file)) => Ok(Self(Kind::Local(file, location))),
            Ok(Err(owner)) => Err(StorageError::Locked { location, owner }),
            Err(error) => Err(local_error("lock", &location, error)),
        }
    }

    /// Fails with [`StorageError::LockLost`] when a lease could not be renewed in time. Ask before a commit.
    pub fn verify(&self) -> Result<(), StorageError> {
        match &self.0 {
            Kind::Local(..) => Ok(()),
            Kind::Lease(lease) => lease.verify(),
        }
    }

    /// Gives the lock up. Dropping it does the same on a local disk; a lease that is dropped runs out.
    pub async fn release(self) -> Result<(), StorageError> {
        match self.0 {
            Kind::Local(file, location) => {
                // The owner's name should not outlive the lock; the lock itself ends with the file's handle.
                file.set_len(0).map_err(|error| local_error("release", &location, error))
            }
            Kind::Lease(lease) => lease.release().await,
        }
    }
}

fn local_error(operation: &'static str, location: &Location, error: std::io::Error) -> StorageError {
    let source = object_store::Error::Generic { store: "local", source: Box::new(error) };
    StorageError::store(operation, location.clone(), source)
}

/// The locked file, or the owner of the lock that somebody else holds.
fn try_lock(path: &Path, owner: &Owner) -> std::io::Result<Result<File, Option<Owner>>> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    loop {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(Err(read_owner(&mut file))),
            Err(TryLockError::Error(error)) => return Err(error),
            // A file that was removed meanwhile protects nothing: somebody else may hold the one that took its place.
            Ok(()) if !is_at(&file, path) => continue,
            Ok(()) => {}
        }
        file.set_len(0)?;
        file.write_all(&serde_json::to_vec(owner)?)?;
        return Ok(Ok(file));
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(held), Ok(named)) = (file.metadata(), std::fs::metadata(path)) else { return false };
    (held.dev(), held.ino()) == (named.dev(), named.ino())
}

/// The owner's name; the file is empty for the instant between locking and writing, so look a few times.
fn read_owner(file: &mut File) -> Option<Owner> {
    (0..20).find_map(|attempt| {
        if attempt > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let mut text = String::new();
        file.rewind().ok()?;
        file.read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    })
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use model::{Classify, ErrorKind};

    use super::*;
    use crate::{Durability, Stores};

    const DIR: &str = "LAKESMITH_TEST_LOCK";

    fn directory(text: &str) -> Directory {
        Stores::new(Durability::None).directory(&Location::parse(text).unwrap()).unwrap()
    }

    async fn one_at_a_time(dir: &Directory) {
        let owner =
            Owner { pid: 42, host: "there".to_owned(), started_at: "2026-11-22T10:00:00Z".parse().unwrap() };
        let first = RunLock::acquire(dir, "_lock", &owner).await.unwrap();
        first.verify().unwrap();
        let error = RunLock::acquire(dir, "_lock", &Owner::this_process()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        let text = error.to_string();
        assert!(
            text.ends_with("_lock is locked by process 42 on there since 2026-11-22T10:00:00Z"),
            "{text}"
        );
        let _other_name = RunLock::acquire(dir, "_lock2", &owner).await.unwrap();
        first.release().await.unwrap();
        let again = RunLock::acquire(dir, "_lock", &owner).await.unwrap();
        again.release().await.unwrap();
    }

    #[tokio::test]
    async fn one_at_a_time_on_every_store() {
        let root = tempfile::tempdir().unwrap();
        one_at_a_time(&directory(root.path().join("not/yet").to_str().unwrap())).await;
        one_at_a_time(&directory("memory://locks/x")).await;
    }

    #[tokio::test]
    async fn a_dropped_lock_is_free() {
        let root = tempfile::tempdir().unwrap();
        let dir = directory(root.path().to_str().unwrap());
        drop(RunLock::acquire(&dir, "_lock", &Owner::this_process()).await.unwrap());
        RunLock::acquire(&dir, "_lock", &Owner::this_process()).await.unwrap();
    }

    #[tokio::test]
    async fn a_removed_file_does_not_let_two_in() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("_lock");
        let held = try_lock(&path, &Owner::this_process()).unwrap().unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(!is_at(&held, &path));
        let other = try_lock(&path, &Owner::this_process()).unwrap().unwrap();
        assert!(is_at(&other, &path));
    }

    /// Not a test by itself: the process that the next one kills.
    #[tokio::test]
    async fn hold_until_killed() {
        let Some(dir) = std::env::var(DIR).ok() else { return };
        // The one that will kill this process tries the lock as well, and may be at it just now.
        for _ in 0..1000 {
            if let Ok(_lock) = RunLock::acquire(&directory(&dir), "_lock", &Owner::this_process()).await {
                std::thread::sleep(Duration::from_secs(60));
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    #[tokio::test]
    async fn a_killed_process_holds_nothing() {
        let root = tempfile::tempdir().unwrap();
        let dir = directory(root.path().to_str().unwrap());
        let mut holder = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "lock::tests::hold_until_killed"])
            .env(DIR, root.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let pid = holder.id();
        let mut refused = String::new();
        for _ in 0..1500 {
            match RunLock::acquire(&dir, "_lock", &Owner::this_process()).await {
                Err(error) => refused = error.to_string(),
                Ok(lock) => lock.release().await.unwrap(),
            }
            if !refused.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        holder.kill().unwrap();
        holder.wait().unwrap();
        assert!(refused.contains(&format!("process {pid} on ")), "{refused}");
        RunLock::acquire(&dir, "_lock", &Owner::this_process()).await.unwrap();
    }
}
