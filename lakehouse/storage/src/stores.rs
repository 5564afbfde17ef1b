//! Opens stores by URL.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;

use crate::{Directory, Durability, DurableLocal, Location, StorageError, cloud};

/// Puts another store round a store, as tests do to inject faults and latency.
pub type Wrapper = Arc<dyn Fn(Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore> + Send + Sync>;

/// Opens stores by URL: one client for each scheme and bucket, made when first asked for.
///
/// A value, not a global: two of them share nothing, and `memory://name` is one store within one of them. A clone is
/// the same value.
#[derive(Clone)]
pub struct Stores(Arc<Inner>);

struct Inner {
    durability: Durability,
    wrapper: Option<Wrapper>,
    opened: Mutex<HashMap<String, Arc<dyn ObjectStore>>>,
}

impl Stores {
    /// Stores whose local ones are as durable as `durability` says.
    pub fn new(durability: Durability) -> Self {
        Self(Arc::new(Inner { durability, wrapper: None, opened: Mutex::default() }))
    }

    /// Other stores, each with `wrapper` round it. What was opened or held in memory before stays behind.
    pub fn wrapped_by(self, wrapper: Wrapper) -> Self {
        let durability = self.0.durability;
        Self(Arc::new(Inner { durability, wrapper: Some(wrapper), opened: Mutex::default() }))
    }

    /// How durable the local stores are.
    pub fn durability(&self) -> Durability {
        self.0.durability
    }

    /// The directory at `location`. Nothing is asked of the store and nothing is made.
    pub fn directory(&self, location: &Location) -> Result<Directory, StorageError> {
        let prefix = Path::from_url_path(location.as_url().path()).map_err(|source| {
            StorageError::Location { text: location.to_string(), reason: source.to_string() }
        })?;
        Ok(Directory::new(self.store(location)?, prefix, location.clone()))
    }

    fn store(&self, location: &Location) -> Result<Arc<dyn ObjectStore>, StorageError> {
        let url = location.as_url();
        let bucket = url[..url::Position::BeforePath].to_owned();
        let mut opened = self.0.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = opened.get(&bucket) {
            return Ok(store.clone());
        }
        let store = self.open(location)?;
        let store = self.0.wrapper.as_ref().map_or(store.clone(), |wrap| wrap(store));
        opened.insert(bucket, store.clone());
        Ok(store)
    }

    fn open(&self, location: &Location) -> Result<Arc<dyn ObjectStore>, StorageError> {
        Ok(match (location.as_url().scheme(), self.0.durability) {
            ("file", Durability::Full) => Arc::new(DurableLocal::new()),
            ("file", Durability::None) => Arc::new(LocalFileSystem::new()),
            ("memory", _) => Arc::new(InMemory::new()),
            _ => cloud::open(location, &cloud::environment())?,
        })
    }
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores").field("durability", &self.0.durability).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_memory_store_is_one_within_one_value() {
        let (one, other) = (Stores::new(Durability::Full), Stores::new(Durability::Full));
        let at = |text: &str| Location::parse(text).unwrap();
        one.directory(&at("memory://a/x")).unwrap().write("f", "1".into()).await.unwrap();
        let read =
            async |stores: &Stores, text: &str| stores.directory(&at(text)).unwrap().read("f").await.unwrap();
        assert_eq!(read(&one.clone(), "memory://a/x").await.as_deref(), Some(&b"1"[..]));
        assert_eq!(read(&one, "memory://b/x").await, None);
        assert_eq!(read(&other, "memory://a/x").await, None);
    }

    #[test]
    fn a_store_is_wrapped_once() {
        let count = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let counted = count.clone();
        let stores = Stores::new(Durability::None).wrapped_by(Arc::new(move |store| {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            store
        }));
        for text in ["memory://a/x", "memory://a/y", "/nowhere", "/elsewhere"] {
            stores.directory(&Location::parse(text).unwrap()).unwrap();
        }
        assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 2);
    }
}
