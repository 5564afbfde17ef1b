//! From the value that names a source to the living source.

use connectors::source::{DeltaSnapshot, DeltaStream, FileSource, Source};
use model::{BatchId, SourceSpec};
use plan::Extent;
use storage::{Directory, Location, Stores};

use crate::EngineError;

/// Makes sources. A value, not a global: a run brings its own.
#[derive(Debug, Clone)]
pub struct Registry {
    stores: Stores,
}

impl Registry {
    /// A registry whose sources read from `stores`.
    pub fn new(stores: Stores) -> Self {
        Self { stores }
    }

    /// The source that `spec` names, which may keep a log in `dir`; `begun` is the newest batch with an intent.
    pub async fn source(
        &self,
        spec: &SourceSpec,
        extent: Extent,
        dir: Directory,
        begun: Option<BatchId>,
    ) -> Result<Box<dyn Source>, EngineError> {
        Ok(match (spec, extent) {
            (SourceSpec::Files(files), _) => {
                Box::new(FileSource::open(files.clone(), &self.stores, dir, begun).await?)
            }
            (SourceSpec::Delta(delta), Extent::New) => {
                Box::new(DeltaStream::new(self.table(&delta.location)?, delta.clone()))
            }
            (SourceSpec::Delta(delta), Extent::All) => {
                Box::new(DeltaSnapshot::new(self.table(&delta.location)?))
            }
        })
    }

    fn table(&self, location: &str) -> Result<Directory, EngineError> {
        Ok(self.stores.directory(&Location::parse(location)?)?)
    }
}
