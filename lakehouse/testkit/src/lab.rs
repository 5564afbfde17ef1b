//! A lakehouse to try things in.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use cli::{Bronze, Console, Environment, Exit, Gold, Job, Layer, Silver, run_with};
use datafusion::prelude::SessionConfig;
use futures::TryStreamExt;
use lakehouse::delta::Table;
use lakehouse::engine::Stop;
use lakehouse::model::Step;
use lakehouse::storage::{Directory, Durability, Location, Stores};
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType};
use tempfile::TempDir;

use crate::faults::CrashOnce;
use crate::flaky::Flaky;
use crate::verb::Verb;
use crate::{LabClock, LabError, rows};

/// How often a run that asks to be tried again is tried again.
const TRIES: u32 = 60;

/// How the runs of a test file go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As written, in a local directory.
    Straight,
    /// Before every run, for every step of the micro-batch: crash there and start again. The results must be the same.
    Crashing,
    /// In a memory store that is slow and fails now and then; runs that ask for it are tried again.
    Flaky,
}

impl Mode {
    /// The label for `onlyif` and `skipif` in test files.
    pub fn label(self) -> &'static str {
        match self {
            Self::Straight => "straight",
            Self::Crashing => "crashing",
            Self::Flaky => "flaky",
        }
    }
}

type Rows = DBOutput<DefaultColumnType>;

/// A lakehouse of its own: stores, a clock, and a place for files.
#[derive(Debug)]
pub struct Lab {
    mode: Mode,
    stores: Stores,
    base: Location,
    clock: Arc<LabClock>,
    faults: Arc<CrashOnce>,
    crash: Option<Step>,
    report: String,
    _folder: Option<TempDir>,
}

impl Lab {
    /// A new, empty one.
    pub fn new(mode: Mode) -> Result<Self, LabError> {
        let (stores, base, folder) = match mode {
            Mode::Flaky => (flaky_stores(), Location::parse("memory://lab")?, None),
            Mode::Straight | Mode::Crashing => {
                let folder = TempDir::new()?;
                let base = Location::parse(&folder.path().display().to_string())?;
                (Stores::new(Durability::None), base, Some(folder))
            }
        };
        let (clock, faults) = (Arc::default(), Arc::default());
        Ok(Self { mode, stores, base, clock, faults, crash: None, report: String::new(), _folder: folder })
    }

    async fn perform(&mut self, verb: Verb) -> Result<Rows, LabError> {
        match verb {
            Verb::Put { path, body } => self.put(&path, body).await?,
            Verb::Remove(path) => {
                let (dir, name) = self.file(&path)?;
                self.patiently(|| dir.delete(&name)).await?;
            }
            Verb::Run(words) => self.run_job(&words).await?,
            Verb::Crash(step) => self.crash = Some(step),
            Verb::Restart => self.restart(),
            Verb::Clock(by) => self.clock.advance(by),
            Verb::Report => return Ok(rows::text(vec![self.last_report()])),
            Verb::Tables => return self.tables().await,
            Verb::History(table) => return self.history(&table).await,
            Verb::Files(path) => return self.files(&path).await,
            Verb::Show(path) => return self.show(&path).await,
            Verb::Select(sql) => return self.select(&sql).await,
        }
        Ok(DBOutput::StatementComplete(0))
    }

    fn restart(&mut self) {
        if self.mode != Mode::Flaky {
            self.stores = Stores::new(Durability::None);
        }
    }

    async fn put(&self, path: &str, body: Vec<u8>) -> Result<(), LabError> {
        let body = match path.rsplit_once('.') {
            Some((_, "gz")) => {
                let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                writer.write_all(&body)?;
                writer.finish()?
            }
            Some((_, "zst")) => zstd::encode_all(body.as_slice(), 0)?,
            _ => body,
        };
        let (dir, name) = self.file(path)?;
        self.patiently(|| dir.write(&name, body.clone().into())).await
    }

    async fn run_job(&mut self, words: &[String]) -> Result<(), LabError> {
        if let Some(step) = self.crash.take() {
            self.faults.arm(Some(step));
            let outcome = self.patient_job(words).await;
            self.faults.arm(None);
            self.expire_leases().await?;
            return outcome;
        }
        if self.mode == Mode::Crashing {
            for step in Step::ALL {
                self.faults.arm(Some(step));
                // It crashes, or there was nothing to crash in, or it fails as it will fail below.
                self.try_job(words).await.ok();
                self.faults.arm(None);
                self.restart();
            }
        }
        self.patient_job(words).await
    }

    /// Runs a job; where the store is flaky, as often as it asks to be tried again.
    async fn patient_job(&mut self, words: &[String]) -> Result<(), LabError> {
        let mut outcome = self.try_job(words).await;
        for _ in 0..TRIES {
            match &outcome {
                Err(LabError::Job { code, .. })
                    if self.mode == Mode::Flaky && *code == Exit::TryAgain.code() =>
                {
                    outcome = self.try_job(words).await;
                }
                _ => break,
            }
        }
        outcome
    }

    /// Lets the time pass after which the lease of a run that crashed is nobody's.
    async fn expire_leases(&self) -> Result<(), LabError> {
        if self.mode != Mode::Flaky {
            return Ok(());
        }
        let dir = self.stores.directory(&self.base)?;
        let start = dir.prefix().as_ref().len();
        let metas: Vec<_> = dir.list().try_collect().await?;
        for path in metas.iter().filter_map(|meta| meta.location.as_ref().get(start..)) {
            let path = path.trim_start_matches('/');
            if path.ends_with("/lock") {
                self.patiently(|| dir.delete(path)).await?;
            }
        }
        Ok(())
    }

    async fn try_job(&mut self, words: &[String]) -> Result<(), LabError> {
        match words.first().map(String::as_str) {
            Some("bronze") => self.parse_and_run::<Bronze>(words).await,
            Some("silver") => self.parse_and_run::<Silver>(words).await,
            Some("gold") => self.parse_and_run::<Gold>(words).await,
            other => Err(LabError::Verb(format!("there is no job {other:?}"))),
        }
    }

    async fn parse_and_run<J: Job>(&mut self, words: &[String]) -> Result<(), LabError> {
        let given = words.iter().map(String::as_str);
        let roots = [("--lakehouse", "lakehouse"), ("--checkpoints", "checkpoints"), ("--output", "json")];
        let absent = roots.into_iter().filter(|(flag, _)| !words.iter().any(|word| word == flag));
        let job = J::try_parse_from(given.chain(absent.flat_map(|(flag, value)| [flag, value])));
        let job =
            job.map_err(|error| LabError::Job { code: Exit::Usage.code(), stderr: error.to_string() })?;
        let (out, err) = (Buffer::default(), Buffer::default());
        let environment = Environment {
            console: Console::new(Box::new(out.clone()), Box::new(err.clone())),
            stores: Some(self.stores.clone()),
            base: Some(self.base.clone()),
            clock: self.clock.clone(),
            faults: self.faults.clone(),
        };
        let exit = run_with(&job, &environment, &Stop::default()).await;
        match exit {
            Exit::Done => {
                self.report = out.text();
                Ok(())
            }
            exit => Err(LabError::Job { code: exit.code(), stderr: err.text() }),
        }
    }

    fn last_report(&self) -> Vec<String> {
        const FIELDS: [&str; 6] =
            ["flow", "outcome", "input_rows", "output_rows", "quarantined_rows", "batches"];
        FIELDS.iter().map(|field| json_field(&self.report, field)).collect()
    }

    async fn tables(&self) -> Result<Rows, LabError> {
        let mut found = Vec::new();
        for layer in [Layer::Bronze, Layer::Silver, Layer::Gold] {
            for name in self.table_names(layer).await? {
                let version = match self.table(layer.as_str(), &name)?.snapshot().await {
                    Ok(Some(snapshot)) => snapshot.version().to_string(),
                    Ok(None) => continue,
                    Err(error) => error.to_string(),
                };
                found.push(vec![format!("{}.{name}", layer.as_str()), version]);
            }
        }
        Ok(rows::text(found))
    }

    async fn table_names(&self, layer: Layer) -> Result<Vec<String>, LabError> {
        let dir = self.stores.directory(&self.base.child("lakehouse").child(layer.as_str()))?;
        let start = dir.prefix().as_ref().len() + 1;
        let metas: Vec<_> = dir.list().try_collect().await?;
        let first =
            |path: &str| path.get(start..)?.split_once("/_delta_log/").map(|(name, _)| name.to_owned());
        let mut names: Vec<String> = metas.iter().filter_map(|meta| first(meta.location.as_ref())).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn table(&self, layer: &str, name: &str) -> Result<Table, LabError> {
        Ok(Table::at(self.stores.directory(&self.base.child("lakehouse").child(layer).child(name))?))
    }

    async fn history(&self, name: &str) -> Result<Rows, LabError> {
        let (layer, name) =
            name.split_once('.').ok_or_else(|| LabError::Verb("history LAYER.TABLE".to_owned()))?;
        let table = self.table(layer, name)?;
        let mut found = Vec::new();
        while let Some(commit) =
            self.patiently(|| async { table.log().read(found.len() as u64).await }).await?
        {
            let rows: u64 = commit.adds.iter().filter_map(|file| file.num_records).sum();
            found.push(vec![
                commit.version.to_string(),
                commit.operation.clone().unwrap_or_default(),
                rows.to_string(),
                commit.adds.len().min(1).to_string(),
                commit.removes.len().min(1).to_string(),
            ]);
        }
        Ok(rows::text(found))
    }

    async fn files(&self, path: &str) -> Result<Rows, LabError> {
        let dir = self.stores.directory(&self.base.child(path))?;
        let start = dir.prefix().as_ref().len() + 1;
        let metas: Vec<_> = dir.list().try_collect().await?;
        let mut names: Vec<String> =
            metas.iter().filter_map(|meta| meta.location.as_ref().get(start..).map(str::to_owned)).collect();
        names.sort();
        Ok(rows::text(names.into_iter().map(|name| vec![name]).collect()))
    }

    async fn show(&self, path: &str) -> Result<Rows, LabError> {
        let (dir, name) = self.file(path)?;
        let content = self.patiently(|| dir.read(&name)).await?;
        let content = content.ok_or_else(|| LabError::Verb(format!("there is no {path}")))?;
        let text = String::from_utf8_lossy(&content).into_owned();
        Ok(rows::text(text.lines().map(|line| vec![line.to_owned()]).collect()))
    }

    async fn select(&self, sql: &str) -> Result<Rows, LabError> {
        self.patiently(|| self.try_select(sql)).await
    }

    async fn try_select(&self, sql: &str) -> Result<Rows, LabError> {
        let runtime = Arc::default();
        let ctx =
            lakehouse::functions::spark_session(SessionConfig::new().with_information_schema(false), runtime);
        for layer in [Layer::Bronze, Layer::Silver, Layer::Gold] {
            let names = self.table_names(layer).await?;
            let mentioned = names.iter().filter(|name| sql.contains(&format!("{}.{name}", layer.as_str())));
            for name in mentioned {
                self.register(&ctx, layer.as_str(), name).await?;
            }
        }
        let plan = ctx.sql(sql).await?;
        let schema = plan.schema().as_arrow().clone();
        let batches = plan.collect().await?;
        Ok(rows::batches(&schema, &batches)?)
    }

    async fn register(
        &self,
        ctx: &datafusion::prelude::SessionContext,
        layer: &str,
        name: &str,
    ) -> Result<(), LabError> {
        use datafusion::catalog::{MemorySchemaProvider, TableProvider};
        let table = self.table(layer, name)?;
        let snapshot = table.snapshot().await.map_err(lakehouse::engine::EngineError::from)?;
        let Some(snapshot) = snapshot else { return Ok(()) };
        let files: Vec<_> =
            snapshot.files().try_collect().await.map_err(lakehouse::engine::EngineError::from)?;
        let rows: Arc<dyn TableProvider> =
            snapshot.scan(&files).map_err(lakehouse::engine::EngineError::from)?;
        if let Some(catalog) = ctx.catalog("datafusion") {
            let schema = match catalog.schema(layer) {
                Some(schema) => schema,
                None => {
                    catalog.register_schema(layer, Arc::new(MemorySchemaProvider::new()))?;
                    catalog.schema(layer).ok_or_else(|| LabError::Verb(format!("no schema {layer}")))?
                }
            };
            schema.register_table(name.to_owned(), rows)?;
        }
        Ok(())
    }

    fn file(&self, path: &str) -> Result<(Directory, String), LabError> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = if folder.is_empty() { self.base.clone() } else { self.base.child(folder) };
        Ok((self.stores.directory(&folder)?, name.to_owned()))
    }

    /// Tries again where the store is flaky: the harness itself is not under test.
    async fn patiently<T, E, F>(&self, mut operation: impl FnMut() -> F) -> Result<T, LabError>
    where
        F: Future<Output = Result<T, E>>,
        LabError: From<E>,
    {
        let mut outcome = operation().await;
        for _ in 0..TRIES {
            if outcome.is_ok() || self.mode != Mode::Flaky {
                break;
            }
            outcome = operation().await;
        }
        Ok(outcome?)
    }
}

impl From<lakehouse::delta::DeltaError> for LabError {
    fn from(error: lakehouse::delta::DeltaError) -> Self {
        Self::Engine(error.into())
    }
}

fn flaky_stores() -> Stores {
    Stores::new(Durability::None).wrapped_by(Arc::new(|store| Arc::new(Flaky::new(store))))
}

/// The text of one field of the run's JSON. The document is ours and flat, so a look-up by name will do.
fn json_field(json: &str, field: &str) -> String {
    let start = format!("\"{field}\":");
    let Some((_, rest)) = json.split_once(&start) else { return String::new() };
    rest.split([',', '}']).next().unwrap_or_default().trim_matches('"').to_owned()
}

/// A stream that keeps what is written to it.
#[derive(Debug, Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).trim_end().to_owned()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[async_trait::async_trait]
impl AsyncDB for Lab {
    type Error = LabError;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, statement: &str) -> Result<Rows, LabError> {
        self.perform(Verb::parse(statement)?).await
    }

    async fn shutdown(&mut self) {}

    fn engine_name(&self) -> &str {
        "lakesmith"
    }
}
