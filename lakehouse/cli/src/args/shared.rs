//! Flags that every job has.

use clap::{Args, ValueEnum};
use lakehouse::model::{ByteSize, FlowName, OutputMode, ReadLimits, Trigger};
use lakehouse::storage::Durability;

/// How results are told on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Nothing on stdout; a summary for people on stderr.
    Text,
    /// One JSON document (`lakesmith.run.v1`).
    Json,
}

/// Flags that every job has.
#[derive(Debug, Clone, Args)]
pub struct Shared {
    /// Where tables are: `<DIR>/<bronze|silver|gold>/<table>`; a path or a URL
    #[arg(long, value_name = "DIR", env = "LAKESMITH_LAKEHOUSE", default_value = "data/lakehouse")]
    pub lakehouse: String,

    /// Where progress is remembered: `<DIR>/<flow>`; a path or a URL
    #[arg(long, value_name = "DIR", env = "LAKESMITH_CHECKPOINTS", default_value = "data/checkpoints")]
    pub checkpoints: String,

    /// The flow's name, which names its checkpoint; several flows may feed one table [default: <layer>.<table>]
    #[arg(long, value_name = "NAME")]
    pub flow: Option<FlowName>,

    /// When to look for data: once, available-now or processing-time=10s
    #[arg(long, value_name = "WHEN", default_value = "available-now")]
    pub trigger: Trigger,

    /// append adds new rows; complete replaces the table by the query over everything [default: append; gold: complete]
    #[arg(long, value_name = "MODE")]
    pub output_mode: Option<OutputMode>,

    /// At most this many files a batch (not heeded by once)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_files_per_trigger: Option<u64>,

    /// At most this many bytes a batch, such as 512m (not heeded by once)
    #[arg(long, value_name = "SIZE")]
    pub max_bytes_per_trigger: Option<ByteSize>,

    /// Read everything anew and replace the table's rows in one commit
    #[arg(long)]
    pub full_refresh: bool,

    /// Go on although the job's definition changed; new rows follow the new one
    #[arg(long)]
    pub accept_changes: bool,

    /// Say what would be read and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// What to print on stdout
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub output: OutputFormat,

    /// full: every write reaches the disk before the next depends on it; none: leave that to the system
    #[arg(long, value_name = "HOW", default_value = "full")]
    pub durability: Durability,

    /// How many cores to use [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub parallelism: Option<u64>,

    /// What sorts, joins and aggregations may hold before they spill to disk
    #[arg(long, value_name = "SIZE", default_value = "256m")]
    pub memory_limit: ByteSize,

    /// Say nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more; twice for everything
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

impl Shared {
    /// What one batch may take.
    pub fn limits(&self) -> ReadLimits {
        ReadLimits { max_files: self.max_files_per_trigger, max_bytes: self.max_bytes_per_trigger }
    }

    /// How many cores to use.
    pub fn parallelism(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        self.parallelism.and_then(|n| usize::try_from(n).ok()).unwrap_or_else(all)
    }
}
