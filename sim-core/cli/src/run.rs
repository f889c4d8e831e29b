//! `offersim run`: from a scenario to a directory of results.

use crate::args::RunArgs;
use crate::cluster::{self, Built, Cluster};
use crate::cost::{self, Stopwatch};
use crate::output::Staged;
use crate::progress::Progress;
use crate::record::{
    EventKinds, Metrics, Recorder, Tables, consumption_totals, network_totals, summarise,
};
use crate::scenario::{self, FrameworkConfig, Loaded, Scenario, Table};
use crate::screen::{self, Screen};
use anyhow::Context;
use policy_api::{Allocator, DenseId, FrameworkId, MetricsSnapshot, Time};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use sim_core::invariants::Violation;
use sim_core::{Digest, End, Failure, Step};
use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use workloads::{Tally, WorkloadError};

/// How the command ended, where nothing went wrong.
pub(crate) enum Outcome {
    Done,
    /// What was asked has been found not to hold.
    Failed,
    Interrupted,
}

/// The engine or the allocator has a bug: not the user's fault, and a failed verdict.
#[derive(Debug)]
pub(crate) struct BrokenInvariant(Violation);

impl std::error::Error for BrokenInvariant {}

impl std::fmt::Display for BrokenInvariant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "an invariant is broken: {}", self.0)
    }
}

/// Enough to repeat the run. Nothing in it depends on when or where it ran.
#[derive(Serialize)]
struct Manifest<'a> {
    name: &'a str,
    version: &'a str,
    seed: u64,
    digest: String,
    scenario: &'a Scenario,
    inputs: Vec<Input>,
}

impl<'a> Manifest<'a> {
    fn new(scenario: &'a Scenario, digest: Digest, inputs: Vec<Input>) -> Self {
        Self {
            name: scenario.name.get_ref(),
            version: env!("CARGO_PKG_VERSION"),
            seed: scenario.seed,
            digest: format!("{:016x}", digest.value()),
            scenario,
            inputs,
        }
    }
}

#[derive(Serialize)]
struct Input {
    path: PathBuf,
    sha256: String,
}

/// Steps between two looks at the clock and at the interrupt flag.
const STEPS_PER_LOOK: u64 = 4_096;

pub(crate) fn run(args: &RunArgs) -> anyhow::Result<Outcome> {
    let Loaded { mut scenario, mut plan, .. } =
        scenario::load(args.file.as_deref(), &args.sets, args.seed)?;
    let name = scenario.name.get_ref();
    let target = args.out.clone().unwrap_or_else(|| Path::new("offersim-out").join(name));
    let inputs = inputs(&mut scenario)?;
    let interrupted = catch_interrupts()?;
    let fault_rows = std::mem::take(&mut plan.fault_rows);

    let reading = Stopwatch::start();
    let Built { mut cluster, names, role_names, frameworks } = cluster::build(&scenario, plan)?;
    if args.check {
        cluster.check_invariants();
    }
    let staged = Staged::create(&target)?;
    let tables = Tables::create(staged.path(), names, &scenario.output.tables)?;
    let interval = scenario.output.sample_interval.as_ref().map(|interval| interval.get_ref().0);
    let mut recorder = Recorder::new(frameworks, role_names, interval, tables);
    choose_records(&mut recorder, &scenario, &cluster)?;
    let read = reading.stop();

    let simulating = Stopwatch::start();
    let mut digest = Digest::default();
    let mut observers = (&mut digest, &mut recorder);
    let end = drive(&mut cluster, &scenario, &mut observers, args.quiet, &interrupted)?;
    let simulated = simulating.stop();
    let peak_memory_mb = cost::peak_memory_mb();
    let Some(end) = end else {
        screen::note(&format!("interrupted at {}; nothing was written", cluster.now()))?;
        return Ok(Outcome::Interrupted);
    };

    let drawing = Stopwatch::start();
    recorder.finish(&cluster)?;
    let summary = summary(&cluster, &recorder, end, &fault_rows);
    staged.write_json("summary.json", &summary)?;
    staged.write_json("run.json", &Manifest::new(&scenario, digest, inputs))?;
    report::write(staged.path())?;
    if interrupted.load(Ordering::Relaxed) {
        screen::note("interrupted; nothing was written")?;
        return Ok(Outcome::Interrupted);
    }
    let folder = staged.commit()?;
    let costs = [read, simulated, drawing.stop()];

    if args.json {
        screen::print(&serde_json::to_string_pretty(&summary)?)?;
    } else if !args.quiet {
        let (scenario, summary, recorder) = (&scenario, &summary, &recorder);
        let (folder, digest) = (&folder, digest.value());
        let screen = Screen { scenario, summary, recorder, folder, digest, costs, peak_memory_mb };
        screen::print(&screen.to_string())?;
    }
    Ok(Outcome::Done)
}

/// What is recorded beyond what every run has: what there is in this scenario, and what it asks for.
fn choose_records(
    recorder: &mut Recorder,
    scenario: &Scenario,
    cluster: &Cluster,
) -> anyhow::Result<()> {
    let interval = scenario.output.sample_interval.as_ref().map(|interval| interval.get_ref().0);
    let kinds = event_kinds(scenario);
    recorder.write_events(kinds)?;
    let EventKinds { faults, operators, services, stateful, oversubscription, fetches: _, network } =
        kinds;
    let asked_for = scenario.output.tables.contains(&Table::Master);
    if faults || operators || services || stateful || oversubscription || asked_for {
        recorder.keep_gauges(interval);
    }
    if oversubscription {
        recorder.keep_best_effort();
    }
    if network {
        recorder.keep_links(interval);
    }
    if let Some(every) = &scenario.output.statistics_interval {
        let until = scenario.until.map_or(Time::NEVER, |until| Time::ZERO + until.0);
        let rates = scenario.network.as_ref().and_then(|it| it.rate_statistics.as_ref());
        let rates = rates.map(|it| (it.get_ref().window.0, it.get_ref().interval.0));
        recorder.write_statistics(every.get_ref().0, rates, until)?;
    }
    if cluster.agents().any(|agent| agent.port_blocks_limit().is_some()) {
        recorder.keep_ports(interval);
    }
    let timed = services_with_targets(scenario);
    if let (false, Some(consumption)) = (timed.is_empty(), &scenario.agent.consumption) {
        recorder.keep_latencies(timed, interval, consumption.sample_interval.get_ref().0);
    }
    Ok(())
}

/// A flag that an interrupt sets.
fn catch_interrupts() -> anyhow::Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("cannot catch interrupts")?;
    Ok(interrupted)
}

/// Runs to the end; `None` when interrupted.
fn drive(
    cluster: &mut Cluster,
    scenario: &Scenario,
    observers: &mut (&mut Digest, &mut Recorder),
    quiet: bool,
    interrupted: &AtomicBool,
) -> anyhow::Result<Option<End>> {
    let horizon = scenario.until.map(|until| Time::ZERO + until.0);
    let mut progress = Progress::new(quiet, horizon);
    let until = horizon.unwrap_or(Time::NEVER);
    let end = loop {
        let ended = (0..STEPS_PER_LOOK).find_map(|_| {
            observers.1.sample(cluster);
            match cluster.step(until, observers) {
                Ok(Step::Continue) => None,
                Ok(Step::Ended(end)) => Some(Ok(end)),
                Err(failure) => Some(Err(explain(failure))),
            }
        });
        if let Some(error) = observers.1.take_error() {
            return Err(error);
        }
        if let Some(end) = ended.transpose()? {
            break Some(end);
        }
        if interrupted.load(Ordering::Relaxed) {
            break None;
        }
        progress.show(cluster.now(), observers.1.counts.tasks_finished, cluster.steps());
    };
    progress.finish();
    Ok(end)
}

/// What can happen in a run besides work.
fn event_kinds(scenario: &Scenario) -> EventKinds {
    EventKinds {
        faults: !scenario.faults.is_empty(),
        operators: !scenario.at.is_empty(),
        services: scenario.frameworks.iter().any(|framework| framework.service.is_some()),
        stateful: scenario.frameworks.iter().any(|framework| framework.stateful.is_some()),
        oversubscription: scenario.agent.resource_estimator.is_some()
            || scenario.agent.qos_controller.is_some()
            || scenario.agent.consumption.is_some(),
        fetches: scenario.workload.as_ref().is_some_and(workloads::WorkloadConfig::has_uris)
            || (scenario.frameworks.iter().filter_map(FrameworkConfig::needs))
                .any(|(needs, _)| !needs.is_empty()),
        network: scenario.network.is_some(),
    }
}

/// The services whose response time matters.
fn services_with_targets(scenario: &Scenario) -> Vec<FrameworkId> {
    let matters = |config: &FrameworkConfig| {
        config.service.as_ref().is_some_and(|service| service.get_ref().latency.is_some())
    };
    let frameworks = scenario.frameworks.iter().enumerate();
    let services = frameworks.filter(|(_, config)| matters(config));
    services.map(|(index, _)| FrameworkId::from_index(index)).collect()
}

fn explain(failure: Failure<WorkloadError>) -> anyhow::Error {
    match failure {
        Failure::Workload(error) => anyhow::Error::new(error).context("cannot read the workload"),
        Failure::TimeWentBack { job, arrival, now } => anyhow::anyhow!(
            "the workload goes back in time: job '{job}' arrives at {arrival}, after {now}"
        ),
        Failure::Violation(violation) => BrokenInvariant(violation).into(),
    }
}

fn summary(
    cluster: &Cluster,
    recorder: &Recorder,
    end: End,
    fault_rows: &[Tally],
) -> Map<String, Value> {
    let now = cluster.now();
    let workload = cluster.workload();
    let mut others = sum(cluster.agents().map(|agent| agent.metrics(now)));
    others.extend(consumption_totals(cluster, |framework| recorder.name(framework).to_owned()));
    others.extend(cluster.network().map(network_totals).unwrap_or_default());
    summarise(
        recorder,
        &Metrics {
            end: end.name(),
            now,
            events: cluster.steps(),
            allocator: &cluster.master().allocator().metrics(now),
            master: &cluster.master().metrics(now),
            agents: &others,
            transport: cluster.transport(),
            fault_rows,
            tasks_pending: cluster.pending_tasks(),
            tasks_live: cluster.live_tasks(),
            tally: workload.tally(),
            jobs_unmapped: workload.unmapped(),
        },
    )
}

/// Metrics of all agents together. What is no amount is left out: a sum of it says nothing.
fn sum(agents: impl Iterator<Item = MetricsSnapshot>) -> MetricsSnapshot {
    let mut sum = MetricsSnapshot::new();
    for (name, value) in agents.flatten() {
        if !name.ends_with("_percent") && !name.ends_with("_secs") {
            *sum.entry(name).or_default() += value;
        }
    }
    sum
}

/// The files that the scenario names, with their hashes.
fn inputs(scenario: &mut Scenario) -> anyhow::Result<Vec<Input>> {
    let paths = scenario.paths_mut();
    let mut inputs = Vec::with_capacity(paths.len());
    let mut buffer = vec![0; 1 << 16];
    for path in paths {
        let context = || format!("cannot read '{}'", path.display());
        let mut file = File::open(&*path).with_context(context)?;
        let mut hasher = Sha256::new();
        loop {
            let read = file.read(&mut buffer).with_context(context)?;
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]);
        }
        let mut sha256 = String::with_capacity(64);
        for byte in hasher.finalize() {
            write!(sha256, "{byte:02x}").context("cannot format a hash")?;
        }
        inputs.push(Input { path: path.clone(), sha256 });
    }
    Ok(inputs)
}
