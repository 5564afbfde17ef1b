//! A lock on an object store: an object that says who holds it and until when.
//!
//! Every change of it is conditional on the version that was read before, so that of two runs that take over the same
//! expired lease one wins. A released lease is one that expired in 1970.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use object_store::{ObjectStoreExt, PutMode, PutOptions, UpdateVersion};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::{Directory, Location, Owner, StorageError};

/// How often a claim is written again when the store fails.
const TRIES: usize = 3;

/// A lease that this process holds and renews.
#[derive(Debug)]
pub(crate) struct Lease {
    held: Arc<Held>,
    heartbeat: JoinHandle<()>,
}

/// The object's content.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claim {
    /// Tells this claim from any other, also of the same process.
    token: Uuid,
    owner: Owner,
    expires_at: DateTime<Utc>,
}

#[derive(Debug)]
struct Held {
    object: Object,
    claim: Claim,
    lifetime: Duration,
    /// Until when the claim stands, in milliseconds since 1970.
    valid_until: AtomicI64,
    version: Mutex<UpdateVersion>,
}

impl Lease {
    pub(crate) async fn acquire(
        dir: &Directory,
        name: &str,
        owner: &Owner,
        lifetime: Duration,
    ) -> Result<Self, StorageError> {
        let object = Object { dir: dir.clone(), name: name.to_owned() };
        let claim = Claim { token: Uuid::new_v4(), owner: owner.clone(), expires_at: Utc::now() + lifetime };
        let version = match object.put_surely(&claim, PutMode::Create).await? {
            Some(version) => version,
            None => object.take_over(&claim).await?,
        };
        let valid_until = AtomicI64::new(claim.expires_at.timestamp_millis());
        let held = Arc::new(Held { object, claim, lifetime, valid_until, version: Mutex::new(version) });
        let heartbeat = tokio::spawn(keep_alive(held.clone()));
        Ok(Self { held, heartbeat })
    }

    pub(crate) fn verify(&self) -> Result<(), StorageError> {
        if Utc::now().timestamp_millis() < self.held.valid_until.load(Ordering::SeqCst) {
            return Ok(());
        }
        Err(StorageError::LockLost { location: self.held.object.location() })
    }

    /// Lets the lease run out now. One that somebody else has taken over is left alone.
    pub(crate) async fn release(self) -> Result<(), StorageError> {
        let version = self.held.version.lock().await;
        let over = Claim { expires_at: DateTime::UNIX_EPOCH, ..self.held.claim.clone() };
        self.held.object.put_surely(&over, PutMode::Update(version.clone())).await.map(drop)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.heartbeat.abort();
    }
}

/// Renews the lease three times in its lifetime until it is dropped or somebody else has it.
async fn keep_alive(held: Arc<Held>) {
    loop {
        tokio::time::sleep(held.lifetime / 3).await;
        match held.renew().await {
            Ok(true) => {}
            Ok(false) => {
                held.valid_until.store(0, Ordering::SeqCst);
                return tracing::warn!(lock = %held.object.location(), "somebody else has taken the lock over");
            }
            Err(error) => tracing::warn!(%error, "the lock could not be renewed and will be tried again"),
        }
    }
}

impl Held {
    /// Whether the claim still stands.
    async fn renew(&self) -> Result<bool, StorageError> {
        let mut version = self.version.lock().await;
        let claim = Claim { expires_at: Utc::now() + self.lifetime, ..self.claim.clone() };
        *version = match self.object.put(&claim, PutMode::Update(version.clone())).await? {
            Some(renewed) => renewed,
            // The reply to an earlier renewal may have been lost; then the object is still ours, in a newer version.
            None => match self.object.read().await? {
                Some((theirs, newer)) if theirs.token == self.claim.token => newer,
                _ => return Ok(false),
            },
        };
        self.valid_until.store(claim.expires_at.timestamp_millis(), Ordering::SeqCst);
        Ok(true)
    }
}

#[derive(Debug, Clone)]
struct Object {
    dir: Directory,
    name: String,
}

impl Object {
    fn location(&self) -> Location {
        self.dir.location().child(&self.name)
    }

    /// The new version, or none when the condition of `mode` does not hold.
    async fn put(&self, claim: &Claim, mode: PutMode) -> Result<Option<UpdateVersion>, StorageError> {
        use object_store::Error as E;
        let failed = |source| StorageError::store("lock", self.location(), source);
        let json = serde_json::to_vec(claim);
        let json = json.map_err(|e| failed(E::Generic { store: "lease", source: Box::new(e) }))?;
        let put =
            self.dir.store().put_opts(&self.dir.path(&self.name), json.into(), PutOptions::from(mode)).await;
        match put {
            Ok(result) => Ok(Some(result.into())),
            Err(E::AlreadyExists { .. } | E::Precondition { .. }) => Ok(None),
            Err(source) => Err(failed(source)),
        }
    }

    /// As [`Object::put`], tried again when the store fails: a claim that is nobody's would hold up every run until it
    /// expires. A reply that was lost is found by the claim itself.
    async fn put_surely(&self, claim: &Claim, mode: PutMode) -> Result<Option<UpdateVersion>, StorageError> {
        let mut outcome = self.put(claim, mode.clone()).await;
        for _ in 0..TRIES {
            if outcome.is_ok() {
                break;
            }
            outcome = match self.read().await {
                Ok(Some((there, version)))
                    if there.token == claim.token && there.expires_at == claim.expires_at =>
                {
                    return Ok(Some(version));
                }
                _ => self.put(claim, mode.clone()).await,
            };
        }
        outcome
    }

    async fn read(&self) -> Result<Option<(Claim, UpdateVersion)>, StorageError> {
        let failed = |source| StorageError::store("read", self.location(), source);
        let got = match self.dir.store().get(&self.dir.path(&self.name)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            got => got.map_err(failed)?,
        };
        let version = UpdateVersion { e_tag: got.meta.e_tag.clone(), version: got.meta.version.clone() };
        let json = got.bytes().await.map_err(failed)?;
        match serde_json::from_slice(&json) {
            Ok(claim) => Ok(Some((claim, version))),
            Err(_) => Err(StorageError::Locked { location: self.location(), owner: None }),
        }
    }

    async fn take_over(&self, claim: &Claim) -> Result<UpdateVersion, StorageError> {
        let Some((theirs, version)) = self.read().await? else { return self.lost_to(None) };
        if theirs.token == claim.token {
            return Ok(version);
        }
        if theirs.expires_at > Utc::now() {
            return self.lost_to(Some(theirs.owner));
        }
        if let Some(version) = self.put_surely(claim, PutMode::Update(version)).await? {
            return Ok(version);
        }
        match self.read().await? {
            Some((now, version)) if now.token == claim.token => Ok(version),
            now => self.lost_to(now.map(|(now, _)| now.owner)),
        }
    }

    fn lost_to<T>(&self, owner: Option<Owner>) -> Result<T, StorageError> {
        Err(StorageError::Locked { location: self.location(), owner })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Durability, Stores};

    fn directory() -> Directory {
        Stores::new(Durability::None).directory(&Location::parse("memory://m/x").unwrap()).unwrap()
    }

    async fn take(dir: &Directory, lifetime_ms: u64) -> Result<Lease, StorageError> {
        Lease::acquire(dir, "_lock", &Owner::this_process(), Duration::from_millis(lifetime_ms)).await
    }

    #[tokio::test]
    async fn a_lease_is_renewed_while_it_is_held() {
        let dir = directory();
        let lease = take(&dir, 300).await.unwrap();
        tokio::time::sleep(Duration::from_millis(900)).await;
        lease.verify().unwrap();
        assert!(take(&dir, 300).await.is_err());
        lease.release().await.unwrap();
        take(&dir, 300).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_expired_lease_is_taken_over_by_exactly_one() {
        let dir = directory();
        let dead = take(&dir, 50).await.unwrap();
        dead.heartbeat.abort();
        tokio::time::sleep(Duration::from_millis(80)).await;
        assert!(matches!(dead.verify(), Err(StorageError::LockLost { .. })));
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let dir = dir.clone();
                tokio::spawn(async move { take(&dir, 60_000).await })
            })
            .collect();
        let mut winners = Vec::new();
        for racer in racers {
            winners.extend(racer.await.unwrap().ok());
        }
        assert_eq!(winners.len(), 1);
        assert!(!dead.held.renew().await.unwrap(), "the first holder still believes that it holds the lease");
    }

    #[tokio::test]
    async fn a_holder_whose_lease_was_taken_notices() {
        let dir = directory();
        let lease = take(&dir, 150).await.unwrap();
        dir.write(
            "_lock",
            serde_json::to_vec(&Claim { token: Uuid::new_v4(), ..lease.held.claim.clone() }).unwrap().into(),
        )
        .await
        .unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(lease.verify().is_err());
    }

    #[tokio::test]
    async fn a_lost_reply_does_not_lose_the_lease() {
        let dir = directory();
        let lease = take(&dir, 60_000).await.unwrap();
        let stale = lease.held.version.lock().await.clone();
        assert!(lease.held.renew().await.unwrap());
        *lease.held.version.lock().await = stale;
        assert!(lease.held.renew().await.unwrap());
        assert!(lease.held.renew().await.unwrap());
    }
}
