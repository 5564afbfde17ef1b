//! Progress while a run goes on: a live line on a terminal, a line a batch elsewhere.

use lakehouse::engine::{Event, Observer};
use lakehouse::model::{ByteSize, Step};

use crate::Console;
use crate::args::Shared;

/// Tells of events on stderr.
#[derive(Debug)]
pub(crate) struct Progress {
    console: Console,
    quiet: bool,
    verbose: u8,
}

impl Progress {
    pub(crate) fn new(console: Console, shared: &Shared) -> Self {
        Self { console, quiet: shared.quiet, verbose: shared.verbose }
    }

    fn change(&self, text: &str) {
        match self.console.is_live() && self.verbose == 0 {
            true => self.console.live(text),
            false => self.console.line(text),
        }
    }
}

impl Observer for Progress {
    fn on(&self, event: &Event) {
        if let (Event::Warning { flow, message }, _) = (event, self.quiet) {
            return self.console.line(&format!("warning: {flow}: {message}"));
        }
        if self.quiet {
            return;
        }
        match event {
            Event::FlowStarted { flow, trigger } if self.verbose > 0 => {
                self.change(&format!("{flow}  started, trigger {trigger}"));
            }
            Event::BatchResumed { flow, batch } => {
                self.console.line(&format!("{flow}  batch {batch}  taken up again after an interrupted run"));
            }
            Event::BatchPlanned { flow, batch, files, bytes } if *files > 0 => {
                self.change(&format!("{flow}  batch {batch}  reading {files} files, {}", ByteSize(*bytes)));
            }
            Event::BatchPlanned { flow, batch, .. } => {
                self.change(&format!("{flow}  batch {batch}  reading"))
            }
            Event::StepDone { flow, batch, step } if self.verbose > 0 && *step != Step::Report => {
                self.change(&format!("{flow}  batch {batch}  {step} done"));
            }
            Event::BatchFinished { flow, report } if self.verbose > 0 => {
                self.change(&format!("{flow}  {} rows written, v{}", report.output_rows, report.version));
            }
            Event::FlowFinished(_) => self.console.live(""),
            _ => {}
        }
    }
}
