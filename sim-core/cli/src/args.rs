//! The command line as the user types it.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Simulates a whole Mesos cluster over a virtual clock.
///
/// Exit codes: 0 success, 1 a failed verdict, 2 bad input, 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "offersim", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a scenario and write its results.
    Run(RunArgs),
    /// Check a scenario, its traces included, without running it.
    Check(CheckArgs),
    /// Print the JSON Schema of scenario files.
    Schema,
    /// Run random clusters with random faults, and check after every event that all is well.
    Swarm(SwarmArgs),
    /// The allocator by itself.
    #[command(subcommand)]
    Allocator(AllocatorCommand),
    /// Draw the figures and the page of a run again.
    Report {
        /// A folder that `offersim run` has written.
        folder: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AllocatorCommand {
    /// Drive Mesos's allocator with a script of calls and print the offers that it makes.
    Replay {
        /// JSON lines, one call each; standard input when absent or `-`.
        events: Option<PathBuf>,
        /// Compare with these recorded offers instead of printing offers, and show the first
        /// difference with the state that led to it.
        #[arg(long, value_name = "OFFERS")]
        check: Option<PathBuf>,
    },
    /// Run Mesos's own benchmarks of its allocator, beside what Mesos took.
    ///
    /// Each cell of a grid runs in a process of its own. Times are processor time. Without names, a
    /// selection that takes less than two minutes runs.
    Bench(BenchArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Names as `--list` prints them; what is before the slash stands for all that begin so.
    pub(crate) benchmarks: Vec<String>,
    /// Numbers of agents, instead of Mesos's.
    #[arg(long, value_name = "N,N", value_delimiter = ',', requires = "benchmarks")]
    pub(crate) agents: Option<Vec<usize>>,
    /// Numbers of frameworks, instead of Mesos's.
    #[arg(long, value_name = "N,N", value_delimiter = ',', requires = "benchmarks")]
    pub(crate) frameworks: Option<Vec<usize>>,
    /// How often the part is repeated that Mesos repeats twice for each framework.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) rounds: u32,
    /// Print a JSON object for each line of the table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the names of the benchmarks and their sizes, and run nothing.
    #[arg(long, conflicts_with_all = ["json", "agents", "frameworks", "rounds"])]
    pub(crate) list: bool,
    /// Run in this process, so that the peak memory of several cells is the largest one's.
    #[arg(long, hide = true)]
    pub(crate) in_process: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The scenario file; without it an embedded scenario runs.
    pub(crate) file: Option<PathBuf>,
    /// The seed, instead of the scenario's.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Change a value of the scenario: key.path=value, such as frameworks.0.decline=30s.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Where the results go. Default: a folder of the scenario's name in `offersim-out`.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write nothing but errors to the terminal.
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Print the summary as JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Check after every step that nothing is lost, made up or given away twice; slower.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The scenario file; without it the embedded scenario is checked.
    pub(crate) file: Option<PathBuf>,
    /// Change a value of the scenario first, as for `run`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SwarmArgs {
    /// How many clusters.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(crate) runs: u64,
    /// The seed of the first one; the others have the next numbers.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// The least number of events of a run.
    #[arg(long, value_name = "E", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) events: u64,
    /// How many of the last events of a failing run are shown.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) last: usize,
    /// Cut the plan of a failing run down while it fails in the same way.
    #[arg(long)]
    pub(crate) minimise: bool,
}
