//! A master fails over: how long the re-registration of a whole cluster takes to simulate.
//!
//! `cargo bench -p sim-core --bench failover`. The sizes are agents; each runs ten tasks.

use divan::Bencher;
use policy_allocators::{HierarchicalAllocator, HierarchicalOptions};
use policy_api::{
    AgentId, AgentInfo, DenseId, FrameworkId, FrameworkInfo, IdVec, Quantities, Resources, Span,
    Time,
};
use sim_core::agent::{Agent, AgentOptions};
use sim_core::faults::{Fault, FaultSource, FaultStream, ScriptedFaults};
use sim_core::framework::{
    BatchFramework, BatchOptions, Hold, JobOrder, Placement, ResourceKind, ThinkTime,
};
use sim_core::master::{AgentState, MasterOptions};
use sim_core::network::{Latency, Links as PeerLinks};
use sim_core::protocol::{HostId, Registration, Subscription};
use sim_core::{
    Disturbances, Job, Links, MasterSetup, Simulation, Streams, Submission, TaskRun, TaskShape,
};
use std::convert::Infallible;

const TASKS_PER_AGENT: u32 = 10;
/// By then all tasks run.
const CRASH: Time = Time::from_secs(60);
/// By then all agents are back: they wait for up to a second.
const BACK: Time = Time::from_secs(75);

type Cluster = Simulation<
    HierarchicalAllocator,
    BatchFramework,
    std::vec::IntoIter<Result<Submission, Infallible>>,
>;

fn main() {
    divan::main();
}

/// A cluster whose tasks all run, just before its master fails.
fn running(agents: usize) -> Cluster {
    let mut cluster = cluster(agents);
    let before = Time::ZERO + Span::from_secs(59);
    cluster.run(before, &mut ()).expect("no violation is looked for");
    assert_eq!(cluster.live_tasks(), agents as u64 * u64::from(TASKS_PER_AGENT));
    cluster
}

#[divan::bench(args = [1_000, 10_000, 50_000], sample_count = 3, sample_size = 1)]
fn master_failover(bencher: Bencher, agents: usize) {
    bencher.with_inputs(|| running(agents)).bench_local_values(|mut cluster| {
        cluster.run(BACK, &mut ()).expect("no violation is looked for");
        let master = cluster.master();
        let registered = |agent| master.agent_state(agent) == AgentState::Registered;
        let back = (0..agents).map(AgentId::from_index).filter(|agent| registered(*agent)).count();
        assert_eq!(back, agents);
        cluster
    });
}

#[expect(clippy::too_many_lines, reason = "all that a cluster is made of, in order")]
fn cluster(agents: usize) -> Cluster {
    let streams = Streams::new(1);
    let total = Quantities::from_amounts([16_000, 0, 0, 65_536_000]);
    let agent = |index: usize| {
        let name = format!("agent-{index:05}");
        let info =
            AgentInfo { hostname: name.as_str().into(), name: name.into(), ..AgentInfo::default() };
        let registration = Registration {
            info,
            ip: "".into(),
            total: Resources::plain(total),
            checkpointed: Resources::EMPTY,
        };
        let backoff = streams.stream(&format!("agents/backoff/{index}"));
        Agent::new(HostId::from_index(index), registration, AgentOptions::DEFAULT, backoff)
    };
    let hosts: IdVec<HostId, Agent> = (0..agents).map(agent).collect();
    let starts = hosts.iter().map(|_| Time::ZERO).collect();
    let setup = MasterSetup {
        allocator: HierarchicalAllocator::new(HierarchicalOptions::default()),
        options: MasterOptions::default(),
        roles: vec![("batch".to_owned(), 1.0)],
    };
    let info = FrameworkInfo {
        name: "framework".into(),
        roles: vec![policy_api::RoleId::from_index(0)],
        ..FrameworkInfo::default()
    };
    let subscription = Subscription {
        info,
        checkpoint: true,
        failover_timeout: Span::from_secs(3_600),
        ..Subscription::default()
    };
    let options = BatchOptions {
        order: JobOrder::Fifo,
        placement: Placement::FirstFit,
        decline: Span::from_secs(5),
        max_tasks_per_offer: Some(TASKS_PER_AGENT),
        hold: Hold::default(),
        think_time: ThinkTime::default(),
        uses: ResourceKind::Regular,
        unreachable_timeout: Span::ZERO,
    };
    let framework = BatchFramework::new(FrameworkId::from_index(0), subscription, options);
    let latency = Latency { constant: Span::from_millis(1), jitter: Span::from_millis(1) };
    let links = Links {
        agents: PeerLinks::new(latency, streams.stream("a"), streams.stream("b")),
        frameworks: PeerLinks::new(latency, streams.stream("c"), streams.stream("d")),
    };
    let count = u32::try_from(agents).expect("fewer than 2^32") * TASKS_PER_AGENT;
    let job = Job {
        arrival: Time::from_secs(2),
        name: "long".into(),
        user: "".into(),
        queue: "".into(),
        priority: 0,
        shapes: vec![TaskShape {
            demand: Quantities::from_amounts([1_000, 0, 0, 1_024_000]),
            constraints: Vec::new(),
            details: None,
        }],
        tasks: vec![TaskRun { shape: 0, count, duration: Span::from_secs(3_600) }],
    };
    let jobs = vec![Ok(Submission { framework: FrameworkId::from_index(0), job })];
    let crash = Fault::MasterCrash { election: Span::from_secs(5) };
    let crash = ScriptedFaults::new(vec![(CRASH, crash)]).expect("a fault");
    let disturbances = Disturbances {
        faults: FaultStream::new(vec![FaultSource::Scripted(crash)]),
        calls: Vec::new(),
        draws: streams.stream("draws"),
    };
    let frameworks = [framework].into_iter().collect();
    Simulation::new(setup, hosts, &starts, frameworks, links, jobs.into_iter(), disturbances)
}
