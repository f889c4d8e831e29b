//! Random small clusters, run to the end: nothing is lost, made up or given away twice, and the
//! same cluster runs the same way again.

use crate::support::cluster::{Cluster, Done};
use crate::support::words::{millis, secs};
use policy_api::{AgentId, DenseId, FrameworkId, Span, Time};
use proptest::prelude::*;
use sim_core::agent::AgentOptions;
use sim_core::framework::{
    BatchFramework, BatchOptions, Hold, JobOrder, Placement, ResourceKind, ThinkTime,
};
use sim_core::master::MasterOptions;
use sim_core::network::Latency;
use sim_core::protocol::TaskState;
use sim_core::{Constraint, End, Job, JobIndex, Observation, TaskRecord};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

const ZONES: [&str; 2] = ["x", "y"];
const ROLES: [&str; 3] = ["a", "b", "c"];

/// All that a run depends on; what proptest prints of it is enough to run it again.
#[derive(Clone, Debug)]
struct Plan {
    seed: u64,
    agents: Vec<AgentPlan>,
    frameworks: Vec<FrameworkPlan>,
    jobs: Vec<JobPlan>,
    agent_latency_ms: (u64, u64),
    framework_latency_ms: (u64, u64),
    launch_delay_ms: u64,
    starting_delay_ms: Option<u64>,
    /// In per cent of the time that any framework needs at most to answer an offer.
    offer_timeout_percent: Option<u64>,
}

#[derive(Clone, Debug)]
struct AgentPlan {
    cpus: u64,
    mem: u64,
    zone: usize,
}

#[derive(Clone, Debug)]
struct FrameworkPlan {
    role: usize,
    order: JobOrder,
    placement: Placement,
    decline_ms: u64,
    max_tasks_per_offer: Option<u32>,
    think_ms: (u64, u64),
    /// How many offers, and for how many milliseconds.
    hold: (usize, u64),
}

#[derive(Clone, Debug)]
struct JobPlan {
    framework: usize,
    gap_ms: u64,
    /// Number, cores, MB, milliseconds.
    runs: Vec<(u64, u64, u64, u64)>,
    unique: bool,
    zone: Option<usize>,
}

/// Zero as often as not, so that each feature is absent from many runs.
fn up_to(most: u64) -> impl Strategy<Value = u64> + Clone {
    prop_oneof![Just(0), 0..=most]
}

fn agent() -> impl Strategy<Value = AgentPlan> {
    (1..=8_u64, 256..=8192_u64, 0..ZONES.len()).prop_map(|(cpus, mem, zone)| AgentPlan {
        cpus,
        mem,
        zone,
    })
}

fn framework() -> impl Strategy<Value = FrameworkPlan> {
    (
        0..ROLES.len(),
        prop_oneof![Just(JobOrder::Fifo), Just(JobOrder::Fair)],
        prop_oneof![Just(Placement::FirstFit), Just(Placement::BestFit), Just(Placement::WorstFit)],
        up_to(15_000),
        prop::option::of(1..=3_u32),
        (up_to(50), up_to(200)),
        (prop_oneof![9 => Just(0), 1 => 1..4_usize], up_to(20_000)),
    )
        .prop_map(
            |(role, order, placement, decline_ms, max_tasks_per_offer, think_ms, hold)| {
                FrameworkPlan {
                    role,
                    order,
                    placement,
                    decline_ms,
                    max_tasks_per_offer,
                    think_ms,
                    hold,
                }
            },
        )
}

fn job() -> impl Strategy<Value = JobPlan> {
    let run = (1..=6_u64, 1..=9_u64, 0..=5000_u64, up_to(30_000));
    (
        0..5_usize,
        up_to(20_000),
        prop::collection::vec(run, 1..=3),
        prop::bool::weighted(0.3),
        prop::option::weighted(0.3, 0..ZONES.len()),
    )
        .prop_map(|(framework, gap_ms, runs, unique, zone)| JobPlan {
            framework,
            gap_ms,
            runs,
            unique,
            zone,
        })
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        any::<u64>(),
        prop::collection::vec(agent(), 1..=12),
        prop::collection::vec(framework(), 1..=5),
        prop::collection::vec(job(), 0..=12),
        ((up_to(20), up_to(50)), (up_to(50), up_to(100))),
        up_to(3_000),
        prop::option::of(0..2_000_u64),
        prop::option::of(prop_oneof![1..10_u64, 10..100_u64, 100..200_u64]),
    )
        .prop_map(|(seed, agents, frameworks, jobs, latency, launch, starting, timeout)| {
            Plan {
                seed,
                agents,
                frameworks,
                jobs,
                agent_latency_ms: latency.0,
                framework_latency_ms: latency.1,
                launch_delay_ms: launch,
                starting_delay_ms: starting,
                offer_timeout_percent: timeout,
            }
        })
}

impl Plan {
    fn build(&self) -> Cluster<BatchFramework> {
        let mut cluster = Cluster::new();
        cluster.seed = self.seed;
        // In a fixed order two frameworks that refuse for no time at all may be offered the same
        // useless agents for ever.
        cluster.random_agent_order = true;
        cluster.agent_latency = latency(self.agent_latency_ms);
        cluster.framework_latency = latency(self.framework_latency_ms);
        cluster.agent = AgentOptions {
            launch_delay: millis(self.launch_delay_ms),
            starting_delay: self.starting_delay_ms.map(millis),
            ..AgentOptions::default()
        };
        let offer_timeout = self
            .offer_timeout_percent
            .map(|percent| Span::from_nanos(self.longest_answer().as_nanos() / 100 * percent));
        cluster.master = MasterOptions { offer_timeout, ..MasterOptions::default() };
        for AgentPlan { cpus, mem, zone } in &self.agents {
            cluster = cluster.agent_in_zone(&format!("cpus:{cpus};mem:{mem}"), ZONES[*zone]);
        }
        for plan in &self.frameworks {
            let think_time =
                ThinkTime { per_offer: millis(plan.think_ms.0), per_task: millis(plan.think_ms.1) };
            let options = BatchOptions {
                order: plan.order,
                placement: plan.placement,
                decline: millis(plan.decline_ms),
                max_tasks_per_offer: plan.max_tasks_per_offer,
                hold: Hold { offers: plan.hold.0, time: millis(plan.hold.1) },
                think_time,
                uses: ResourceKind::Regular,
                unreachable_timeout: Span::ZERO,
            };
            cluster = cluster.batch(ROLES[plan.role], options);
        }
        let mut arrival = Span::ZERO;
        for job in &self.jobs {
            arrival = arrival + millis(job.gap_ms);
            cluster = cluster.job(job.framework % self.frameworks.len(), arrival, &job.line());
        }
        cluster
    }

    /// A framework that thinks for longer than offers stand may never get anything done. None
    /// thinks for longer than this about offers that have not waited.
    fn longest_answer(&self) -> Span {
        let offers = self.agents.len() as u64 * 3;
        let tasks = self.tasks();
        let think = |plan: &FrameworkPlan| {
            millis(plan.think_ms.0) * offers + millis(plan.think_ms.1) * tasks
        };
        let longest = self.frameworks.iter().map(think).max().unwrap_or(Span::ZERO);
        let (constant, jitter) = self.framework_latency_ms;
        longest + millis(constant + jitter) * 2 + secs(1)
    }

    /// Whether all work gets done for certain.
    fn is_patient(&self) -> bool {
        self.offer_timeout_percent.is_none_or(|percent| percent >= 100)
    }

    fn tasks(&self) -> u64 {
        self.jobs.iter().flat_map(|job| &job.runs).map(|run| run.0).sum()
    }
}

impl JobPlan {
    fn line(&self) -> String {
        let mut line = String::new();
        for (count, cpus, mem, duration) in &self.runs {
            let seconds = *duration as f64 / 1000.0;
            write!(line, "{count}xcpus:{cpus};mem:{mem}@{seconds}s ").expect("memory takes it");
        }
        if self.unique {
            line += "unique ";
        }
        if let Some(zone) = self.zone {
            write!(line, "zone={}", ZONES[zone]).expect("memory takes it");
        }
        line
    }
}

fn latency((constant, jitter): (u64, u64)) -> Latency {
    Latency { constant: millis(constant), jitter: millis(jitter) }
}

/// What a run shows of its tasks.
#[derive(Default)]
struct Tally {
    jobs: BTreeMap<(FrameworkId, JobIndex), Arc<Job>>,
    jobs_over: usize,
    unplaceable: u64,
    /// How often each task finished.
    finished: BTreeMap<(FrameworkId, JobIndex, u32), u32>,
    records: Vec<TaskRecord>,
    /// Resources launched and not released, offers made and not ended.
    in_use: [i64; 4],
    offered: i64,
}

impl Tally {
    fn new<F>(done: &Done<F>) -> Self {
        let mut tally = Self::default();
        for (_, observation) in &done.seen {
            tally.note(observation);
        }
        tally
    }

    fn note(&mut self, observation: &Observation) {
        match observation {
            Observation::AgentRegistered { .. }
            | Observation::FrameworkSubscribed { .. }
            | Observation::TaskStarted { .. }
            | Observation::OperationApplied { .. }
            | Observation::OperationDropped { .. }
            | Observation::TaskRecovered { .. }
            | Observation::AgentChanged { .. }
            | Observation::FrameworkChanged { .. }
            | Observation::Oversubscribed { .. }
            | Observation::ContainerKilled { .. }
            | Observation::EstimateNotRevocable { .. }
            | Observation::Volume { .. }
            | Observation::Fetched { .. }
            | Observation::OperatorCall { .. }
            | Observation::Fault { .. }
            | Observation::MasterFailed
            | Observation::MasterRecovered { .. }
            | Observation::ServiceLevel { .. }
            | Observation::ReplicaChanged { .. }
            | Observation::RangeChanged { .. }
            | Observation::TransferEnded(_) => {}
            Observation::OffersSent { offers, .. } => self.offered += i64::from(*offers),
            Observation::OffersEnded { offers, .. } => self.offered -= i64::from(*offers),
            Observation::TaskLaunched { resources, .. } => {
                (0..4).for_each(|index| self.in_use[index] += resources.amounts()[index]);
            }
            Observation::TaskReleased { resources, .. } => {
                (0..4).for_each(|index| self.in_use[index] -= resources.amounts()[index]);
            }
            Observation::JobArrived { framework, job, index } => {
                self.jobs.insert((*framework, *index), Arc::clone(job));
            }
            Observation::TasksUnplaceable { tasks, .. } => self.unplaceable += tasks,
            Observation::TaskEnded(record) => {
                if record.state == TaskState::Finished {
                    let task = (record.framework, record.job, record.number);
                    *self.finished.entry(task).or_default() += 1;
                }
                self.records.push(*record);
            }
            Observation::JobEnded { .. } => self.jobs_over += 1,
        }
    }
}

/// The times of a task are in order, and its agent is one that its job allows.
fn check_record(plan: &Plan, tally: &Tally, task: &TaskRecord) -> Result<(), TestCaseError> {
    let job = &tally.jobs[&(task.framework, task.job)];
    prop_assert!(task.arrived <= task.launched && task.launched <= task.started);
    prop_assert!(task.started <= task.ended);
    prop_assert!(matches!(task.state, TaskState::Finished | TaskState::Dropped), "{:?}", task);
    for constraint in &job.shapes[0].constraints {
        match constraint {
            Constraint::AttributeIn { values, .. } => {
                let zone = ZONES[plan.agents[task.agent.index()].zone];
                prop_assert!(values.iter().any(|value| &**value == zone), "{task:?}");
            }
            Constraint::UniqueAgent => {
                let others = tally.records.iter().filter(|other| {
                    let same = |a: &TaskRecord| (a.framework, a.job, a.agent);
                    same(other) == same(task)
                        && other.launched < task.ended
                        && task.launched < other.ended
                });
                let instant = task.launched == task.ended;
                prop_assert_eq!(others.count(), usize::from(!instant), "{:?}", task);
            }
        }
    }
    Ok(())
}

/// Every task finished or was reported as too large, and nothing is held any more.
fn check_all_done(
    plan: &Plan,
    tally: &Tally,
    done: &Done<BatchFramework>,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(tally.finished.len() as u64 + tally.unplaceable, plan.tasks());
    prop_assert_eq!(tally.jobs_over, tally.jobs.len());
    prop_assert_eq!((tally.in_use, tally.offered), ([0; 4], 0));
    prop_assert_eq!(done.simulation.pending_tasks() + done.simulation.live_tasks(), 0);
    let master = done.simulation.master();
    for agent in (0..plan.agents.len()).map(AgentId::from_index) {
        let account = master.account(agent);
        let held = [account.offered, account.used, &account.offered_or_allocated];
        prop_assert!(held.iter().all(|held| held.is_empty()), "{:?}: {:?}", agent, account);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn all_work_is_done_once_and_everything_is_free_in_the_end(plan in plan()) {
        let patient = plan.is_patient();
        let horizon = if patient { Time::NEVER } else { Time::from_secs(1_000) };
        let done = plan.build().run_until(horizon);
        let tally = Tally::new(&done);
        prop_assert!(tally.finished.values().all(|times| *times == 1), "{:?}", tally.finished);
        for record in &tally.records {
            check_record(&plan, &tally, record)?;
        }
        if patient || done.end != End::Horizon {
            prop_assert_eq!(done.end, End::Drained);
            check_all_done(&plan, &tally, &done)?;
        }
        prop_assert_eq!(plan.build().run_until(horizon).digest, done.digest);
    }
}

/// The random clusters are worth running only if things go wrong in some of them.
#[test]
fn think_time_beyond_the_offer_timeout_costs_tasks_but_loses_none() {
    let think_time = ThinkTime { per_offer: secs(1), per_task: secs(2) };
    let options = BatchOptions { think_time, ..crate::support::batch::options() };
    let mut cluster = Cluster::new()
        .agents(2, "cpus:2;mem:2048")
        .batch("a", options)
        .job(0, secs(0), "cpus:2@10s")
        .job(0, secs(0), "2xcpus:1@10s");
    cluster.master = MasterOptions { offer_timeout: Some(secs(7)), ..MasterOptions::default() };
    let done = cluster.run_until(Time::from_secs(1000));
    let ends = done.lines(|observation| {
        let Observation::TaskEnded(task) = observation else { return None };
        Some(format!("{} {}", task.job.0, task.state.name()))
    });
    // Both offers are thought about for 8 s, so all three tasks are dropped at first.
    assert_eq!(ends[..3], ["8s 0 TASK_DROPPED", "8s 1 TASK_DROPPED", "8s 1 TASK_DROPPED"]);
}
