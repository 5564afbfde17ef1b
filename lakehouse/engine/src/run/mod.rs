//! One execution of a graph.

mod batch;
mod dry;
mod open;
mod quarantine;

use std::sync::Arc;

use model::{FlowName, ReadLimits, Step, Trigger};
use plan::Resources;
use storage::{Directory, Owner, RunLock, Stores};

use crate::event::{Event, Observer};
use crate::report::{BatchReport, FlowReport, Outcome};
use crate::{Clock, DataflowGraph, EngineError, Executor, Faults, Flow, Registry, Stop};
use open::OpenFlow;

/// The lock's name in a flow's directory.
const LOCK: &str = "lock";

/// One execution of a graph: what is run and how.
#[derive(Debug, Clone)]
pub struct Update {
    /// When flows look for data.
    pub trigger: Trigger,
    /// What one batch may take; not heeded by [`Trigger::Once`].
    pub limits: ReadLimits,
    /// Begin anew: read the sources from their beginning and replace the tables' rows.
    pub full_refresh: bool,
    /// Tell what would be read and write nothing.
    pub dry: bool,
    /// Go on from the checkpoint although the flow's definition changed; new rows follow the new one.
    pub accept_changes: bool,
    /// What plans may use of the machine.
    pub resources: Resources,
}

/// Runs graphs. Everything it touches comes in through here.
#[derive(Debug, Clone)]
pub struct Engine {
    /// The stores of tables, checkpoints and files.
    pub stores: Stores,
    /// Makes sources.
    pub registry: Registry,
    /// Runs plans.
    pub executor: Arc<dyn Executor>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Stops runs on purpose, in tests.
    pub faults: Arc<dyn Faults>,
    /// Hears what happens.
    pub observer: Arc<dyn Observer>,
    /// Where checkpoints are; each flow has a directory of its name in it.
    pub checkpoints: Directory,
}

impl Engine {
    /// Runs the flows of `graph`, in their order, until `update`'s trigger is satisfied or `stop` is requested.
    pub async fn run(
        &self,
        graph: &DataflowGraph,
        update: &Update,
        stop: &Stop,
    ) -> Result<Vec<FlowReport>, EngineError> {
        let mut reports = Vec::new();
        for flow in graph.flows() {
            let report = self.run_flow(flow, update, stop).await;
            reports.push(
                report.map_err(|source| EngineError::Flow {
                    flow: flow.name.clone(),
                    source: Box::new(source),
                })?,
            );
        }
        Ok(reports)
    }

    async fn run_flow(&self, flow: &Flow, update: &Update, stop: &Stop) -> Result<FlowReport, EngineError> {
        self.observer.on(&Event::FlowStarted { flow: flow.name.clone(), trigger: update.trigger });
        let report = match update.dry {
            true => dry::report(self, flow, update).await?,
            false => self.run_locked(flow, update, stop).await?,
        };
        self.observer.on(&Event::FlowFinished(report.clone()));
        Ok(report)
    }

    /// One run per flow: takes the flow's lock, runs, and lets the next run begin, however this one ended.
    async fn run_locked(&self, flow: &Flow, update: &Update, stop: &Stop) -> Result<FlowReport, EngineError> {
        let dir = self.checkpoints.child(flow.name.as_str());
        let lock = RunLock::acquire(&dir, LOCK, &Owner::this_process()).await?;
        let outcome = self.run_batches(flow, update, stop, &lock).await;
        if matches!(outcome, Err(EngineError::Fault { .. })) {
            return outcome; // A crash releases nothing.
        }
        if let Err(error) = lock.release().await {
            let message = format!("the lock was not released and will run out by itself: {error}");
            self.observer.on(&Event::Warning { flow: flow.name.clone(), message });
        }
        outcome
    }

    /// The loop: look, then batch after batch until nothing is left, then stop or wait.
    async fn run_batches(
        &self,
        flow: &Flow,
        update: &Update,
        stop: &Stop,
        lock: &RunLock,
    ) -> Result<FlowReport, EngineError> {
        let mut open = OpenFlow::open(self, flow, update, lock).await?;
        let mut tally = Tally::new(flow);
        if let Some(batch) = open.unfinished() {
            self.observer.on(&Event::BatchResumed { flow: flow.name.clone(), batch: batch.number });
            tally.add(&batch::run(&mut open, batch).await?);
        }
        loop {
            open.look().await?;
            while !stop.is_requested() {
                let Some(batch) = batch::plan(&mut open).await? else { break };
                tally.add(&batch::run(&mut open, batch).await?);
                if update.trigger == Trigger::Once {
                    break;
                }
            }
            let Trigger::ProcessingTime(period) = update.trigger else { break };
            tokio::select! {
                () = stop.requested() => break,
                () = tokio::time::sleep(period.0) => {}
            }
        }
        Ok(tally.report(stop.is_requested()))
    }

    /// Marks `step` as done, for those who watch and those who inject faults.
    fn done(&self, flow: &FlowName, batch: model::BatchId, step: Step) -> Result<(), EngineError> {
        self.observer.on(&Event::StepDone { flow: flow.clone(), batch, step });
        self.faults.after(flow, batch, step)
    }

    /// The limits that the trigger leaves in force.
    fn limits(update: &Update) -> ReadLimits {
        match update.trigger {
            Trigger::Once => ReadLimits::NONE,
            Trigger::AvailableNow | Trigger::ProcessingTime(_) => update.limits,
        }
    }
}

/// The sum of a flow's batches.
struct Tally {
    report: FlowReport,
}

impl Tally {
    fn new(flow: &Flow) -> Self {
        let report = FlowReport {
            flow: flow.name.clone(),
            location: flow.output.location.to_string(),
            quarantine: flow.output.quarantine.to_string(),
            mode: flow.query.mode,
            outcome: Outcome::NothingNew,
            batches: 0,
            total: BatchReport::default(),
            version_before: None,
        };
        Self { report }
    }

    fn add(&mut self, batch: &BatchReport) {
        if self.report.batches == 0 {
            self.report.version_before = batch.version.checked_sub(1);
        }
        self.report.batches += 1;
        self.report.outcome = Outcome::Written;
        self.report.total.add(batch);
    }

    fn report(mut self, stopped: bool) -> FlowReport {
        if stopped {
            self.report.outcome = Outcome::Stopped;
        }
        self.report
    }
}
