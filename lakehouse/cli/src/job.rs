//! From arguments to an exit code.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use lakehouse::engine::{DataflowGraph, Engine, FlowReport, LocalExecutor, Registry, Stop, Update};
use lakehouse::model::Classify;
use lakehouse::plan::Resources;
use lakehouse::storage::Stores;

use crate::args::OutputFormat;
use crate::report::{self, Progress};
use crate::signal::Signals;
use crate::{CliError, Environment, Exit, Layer, Layout, args::Shared};

/// A job: arguments that become a graph.
pub trait Job: Parser + Sync {
    /// The layer it writes.
    const LAYER: Layer;

    /// The flags that every job has.
    fn shared(&self) -> &Shared;

    /// What the arguments mean.
    fn graph(&self, layout: &Layout) -> Result<DataflowGraph, CliError>;

    /// What remains to be done once the tables are written.
    fn after(
        &self,
        _reports: &[FlowReport],
        _layout: &Layout,
        _stores: &Stores,
        _environment: &Environment,
    ) -> impl Future<Output = Result<(), CliError>> + Send {
        async { Ok(()) }
    }
}

/// The whole of a job's `main`.
pub fn main<J: Job>() -> ExitCode {
    match J::try_parse() {
        Ok(job) => run(&job, &Environment::process()).into(),
        Err(message) => {
            // --help and --version are answers, for stdout; the rest are complaints, for stderr. clap knows which.
            message.print().ok();
            ExitCode::from(u8::try_from(message.exit_code()).unwrap_or(2))
        }
    }
}

/// Runs `job` in a runtime of its own, and listens for signals.
pub fn run<J: Job>(job: &J, environment: &Environment) -> Exit {
    report::logging(job.shared());
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(job.shared().parallelism()).enable_all().build();
    let (signals, stop) = (Signals::default(), Stop::default());
    let outcome = runtime.map_err(CliError::from).and_then(|runtime| {
        let outcome = runtime.block_on(async {
            signals.listen(&stop)?;
            execute(job, environment, &stop).await
        });
        // Reads that nobody waits for must not hold up the end.
        runtime.shutdown_background();
        outcome
    });
    match signals.exit() {
        Some(exit) if outcome.is_ok() => exit,
        _ => conclude(outcome, environment),
    }
}

/// Runs `job` in the runtime that there is.
pub async fn run_with<J: Job>(job: &J, environment: &Environment, stop: &Stop) -> Exit {
    conclude(execute(job, environment, stop).await, environment)
}

async fn execute<J: Job>(job: &J, environment: &Environment, stop: &Stop) -> Result<(), CliError> {
    let shared = job.shared();
    let layout = Layout::new(environment.base.clone(), &shared.lakehouse, &shared.checkpoints)?;
    let stores = environment.stores.clone().unwrap_or_else(|| Stores::new(shared.durability));
    let graph = job.graph(&layout)?;
    let engine = Engine {
        checkpoints: stores.directory(layout.checkpoints())?,
        registry: Registry::new(stores.clone()),
        stores: stores.clone(),
        executor: Arc::new(LocalExecutor),
        clock: environment.clock.clone(),
        faults: environment.faults.clone(),
        observer: Arc::new(Progress::new(environment.console.clone(), shared)),
    };
    let reports = engine.run(&graph, &update(shared), stop).await?;
    job.after(&reports, &layout, &stores, environment).await?;
    match shared.output {
        OutputFormat::Json => environment.console.data(&report::json(&reports))?,
        OutputFormat::Text if !shared.quiet => report::text(&reports, &environment.console),
        OutputFormat::Text => {}
    }
    Ok(())
}

fn update(shared: &Shared) -> Update {
    Update {
        trigger: shared.trigger,
        limits: shared.limits(),
        full_refresh: shared.full_refresh,
        dry: shared.dry_run,
        accept_changes: shared.accept_changes,
        resources: Resources {
            parallelism: shared.parallelism(),
            memory: usize::try_from(shared.memory_limit.0).unwrap_or(usize::MAX),
        },
    }
}

fn conclude(outcome: Result<(), CliError>, environment: &Environment) -> Exit {
    match outcome {
        Ok(()) => Exit::Done,
        Err(error) => {
            environment.console.line(&report::error(&error));
            if error.is_usage() { Exit::Usage } else { error.kind().into() }
        }
    }
}
