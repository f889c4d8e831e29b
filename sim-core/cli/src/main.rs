//! `offersim`: the shell around the simulator. Arguments, files, terminal and exit codes are here;
//! nothing else in the workspace knows them.

mod args;
mod bench;
mod cluster;
mod cost;
mod mapping;
mod output;
mod plan;
mod progress;
mod record;
mod registry;
mod replay;
mod run;
mod scenario;
mod screen;
mod swarm;

use anyhow::Context;
use args::{AllocatorCommand, CheckArgs, Cli, Command};
use clap::Parser;
use scenario::Loaded;
use sim_core::Streams;
use std::io::Write;
use std::process::ExitCode;
use workloads::WorkloadConfig;
use workloads::files::FileNames;

/// Bad input, or a place that cannot be written to.
const BAD_INPUT: u8 = 2;
/// The run broke an invariant, a comparison found a difference, or a benchmark did not do what
/// Mesos does.
const FAILED: u8 = 1;
/// As shells report an interrupt.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check(&args),
        Command::Schema => schema(),
        Command::Swarm(args) => swarm::swarm(&args),
        Command::Allocator(AllocatorCommand::Replay { events, check }) => {
            replay::replay(events.as_deref(), check.as_deref())
        }
        Command::Allocator(AllocatorCommand::Bench(args)) => {
            bench::bench(&args).map(|()| run::Outcome::Done)
        }
        Command::Report { folder } => {
            report::write(&folder).map_err(Into::into).map(|_| run::Outcome::Done)
        }
    };
    match result {
        Ok(run::Outcome::Done) => ExitCode::SUCCESS,
        Ok(run::Outcome::Failed) => ExitCode::from(FAILED),
        Ok(run::Outcome::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(error) => {
            let failed = error.is::<run::BrokenInvariant>() || error.is::<bench::Failed>();
            // Nothing is left to do when standard error is gone too.
            drop(writeln!(std::io::stderr(), "error: {error:#}"));
            ExitCode::from(if failed { FAILED } else { BAD_INPUT })
        }
    }
}

fn check(args: &CheckArgs) -> anyhow::Result<run::Outcome> {
    let Loaded { scenario, plan, file } = scenario::load(args.file.as_deref(), &args.sets, None)?;
    let built = cluster::build(&scenario, plan)?;
    // A generator may go on for ever and has no errors to find; a trace is read to its end.
    if !matches!(scenario.workload, None | Some(WorkloadConfig::Synthetic(_))) {
        let mut submissions = cluster::submissions(
            &scenario,
            Streams::new(scenario.seed),
            &mut FileNames::default(),
        )?;
        submissions.read_through().context("cannot read the workload")?;
    }
    let line = format!(
        "{file} is a scenario: {} agents, {} frameworks, {} roles",
        built.names.hosts.len(),
        built.names.frameworks.len(),
        built.role_names.len(),
    );
    screen::print(&line)?;
    Ok(run::Outcome::Done)
}

fn schema() -> anyhow::Result<run::Outcome> {
    let schema = schemars::schema_for!(scenario::Scenario);
    screen::print(&serde_json::to_string_pretty(&schema)?)?;
    Ok(run::Outcome::Done)
}
