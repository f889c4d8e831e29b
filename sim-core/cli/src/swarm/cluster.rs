//! Builds the cluster of a plan.

use super::disturb::machine;
use super::generate::principal;
use super::network::{Movements, NetworkPlan};
use super::operations::Hand;
use super::plan::{AgentPlan, FrameworkPlan, JobPlan, Kind, Plan, ROLES};
use super::restless::Restless;
use policy_allocators::{AgentOrder, HierarchicalAllocator, HierarchicalOptions};
use policy_api::{
    AgentCapabilities, AgentInfo, DenseId, FrameworkCapabilities, FrameworkId, FrameworkInfo,
    IdVec, RoleId, Time,
};
use policy_isolation::cache::Lru;
use sim_core::agent::Agent;
use sim_core::faults::{FaultSource, FaultStream, ScriptedFaults};
use sim_core::framework::{
    Agents, BatchFramework, Framework, Input, Output, ServiceFramework, StatefulFramework,
};
use sim_core::invariants::Witness;
use sim_core::network::Links as PeerLinks;
use sim_core::protocol::{HostId, LaunchDetails, Registration, Subscription};
use sim_core::{
    Constraint, Disturbances, Job, Links, MasterSetup, Profile, Simulation, Streams, Submission,
    TaskRun, TaskShape,
};
use std::convert::Infallible;
use std::sync::Arc;

type Workload = std::vec::IntoIter<Result<Submission, Infallible>>;
pub(crate) type Cluster = Simulation<HierarchicalAllocator, Witness<Scheduler>, Workload>;

/// A framework of any kind.
pub(crate) enum Scheduler {
    Batch(Box<BatchFramework>),
    Service(Box<ServiceFramework>),
    Stateful(Box<StatefulFramework>),
    Restless(Box<Restless>),
}

impl Framework for Scheduler {
    fn handle(&mut self, now: Time, input: Input, agents: &Agents, out: &mut Vec<Output>) {
        match self {
            Self::Batch(framework) => framework.handle(now, input, agents, out),
            Self::Service(framework) => framework.handle(now, input, agents, out),
            Self::Stateful(framework) => framework.handle(now, input, agents, out),
            Self::Restless(framework) => framework.handle(now, input, agents, out),
        }
    }

    fn pending_tasks(&self) -> u64 {
        match self {
            Self::Batch(framework) => framework.pending_tasks(),
            Self::Service(framework) => framework.pending_tasks(),
            Self::Stateful(framework) => framework.pending_tasks(),
            Self::Restless(framework) => framework.pending_tasks(),
        }
    }

    fn live_tasks(&self) -> u64 {
        match self {
            Self::Batch(framework) => framework.live_tasks(),
            Self::Service(framework) => framework.live_tasks(),
            Self::Stateful(framework) => framework.live_tasks(),
            Self::Restless(framework) => framework.live_tasks(),
        }
    }
}

pub(crate) fn build(plan: &Plan) -> Cluster {
    let streams = Streams::new(plan.seed);
    let agents: IdVec<HostId, Agent> =
        plan.agents.iter().enumerate().map(|(index, it)| agent(index, it, plan, streams)).collect();
    let starts = plan.agents.iter().map(|agent| agent.start).collect();
    let frameworks = plan.frameworks.iter().enumerate();
    let frameworks =
        frameworks.map(|(index, it)| Witness::new(framework(index, it, plan, streams))).collect();
    let links = Links {
        agents: PeerLinks::new(
            plan.agent_latency,
            streams.stream("links/agents"),
            streams.stream("links/agents/faults"),
        ),
        frameworks: PeerLinks::new(
            plan.framework_latency,
            streams.stream("links/frameworks"),
            streams.stream("links/frameworks/faults"),
        ),
    };
    let agent_order = if plan.random_agent_order {
        AgentOrder::Random(streams.stream("allocator"))
    } else {
        AgentOrder::ById
    };
    let options = HierarchicalOptions { agent_order, ..HierarchicalOptions::default() };
    let setup = MasterSetup {
        allocator: HierarchicalAllocator::new(options),
        options: plan.master.clone(),
        roles: ROLES.map(|path| (path.to_owned(), 1.0)).to_vec(),
    };
    let faults = ScriptedFaults::new(plan.faults.clone()).expect("the plan draws sensible faults");
    let calls =
        plan.calls.iter().map(|(at, call)| (*at, call.clone(), Some(principal()))).collect();
    let disturbances = Disturbances {
        faults: FaultStream::new(vec![FaultSource::Scripted(faults)]),
        calls,
        draws: streams.stream("faults/draws"),
    };
    let jobs: Vec<_> = plan.jobs.iter().enumerate().map(|it| Ok(submission(it))).collect();
    let workload = jobs.into_iter();
    let mut cluster =
        Simulation::new(setup, agents, &starts, frameworks, links, workload, disturbances);
    if let Some(options) = plan.transport {
        cluster.use_transport(options, streams.stream("transport"));
    }
    if let Some(network) = &plan.network {
        cluster.connect(network.build(plan.agents.len(), streams));
    }
    cluster.check_invariants();
    cluster
}

fn agent(index: usize, plan: &AgentPlan, all: &Plan, streams: Streams) -> Agent {
    let name = machine(index).hostname;
    let modern = plan.options.profile == Profile::MODERN;
    let capabilities = AgentCapabilities {
        reservation_refinement: modern,
        resource_provider: modern,
        resize_volume: modern,
        agent_operation_feedback: modern,
        agent_draining: modern,
        ..AgentCapabilities::default()
    };
    let info = AgentInfo {
        hostname: Arc::clone(&name),
        name,
        attributes: vec![("zone".into(), plan.zone.into())],
        capabilities,
        ..AgentInfo::default()
    };
    let total = plan.total.clone();
    let checkpointed = policy_api::Resources::EMPTY;
    let registration = Registration { info, ip: "".into(), total, checkpointed };
    let backoff = streams.stream(&format!("agents/{index}"));
    let mut agent = Agent::new(HostId::from_index(index), registration, plan.options, backoff);
    agent.set_cache_policy(Box::new(Lru::new()));
    if let Some(oversubscription) = &all.oversubscription {
        let draws = streams.stream(&format!("agents/{index}/consumption"));
        oversubscription.apply(&mut agent, &all.frameworks, draws);
    }
    if let Some(blocks) = all.network.as_ref().and_then(|_| NetworkPlan::blocks(&plan.total)) {
        agent.set_port_blocks(Box::new(blocks));
    }
    if let Some(tls) = plan.fetch_tls {
        agent.set_fetch_tls(tls);
    }
    agent
}

fn framework(index: usize, plan: &FrameworkPlan, all: &Plan, streams: Streams) -> Scheduler {
    let id = FrameworkId::from_index(index);
    let capabilities = FrameworkCapabilities {
        gpu_resources: plan.gpus,
        shared_resources: plan.shared,
        revocable_resources: plan.revocable,
        partition_aware: plan.partition_aware,
        task_killing_state: plan.killing_state,
        ..FrameworkCapabilities::default()
    };
    let info = FrameworkInfo {
        name: format!("framework-{index}").into(),
        roles: plan.roles.iter().map(|role| RoleId::from_index(*role)).collect(),
        capabilities,
        ..FrameworkInfo::default()
    };
    let subscription = Subscription {
        info,
        principal: Some(principal()),
        failover_timeout: plan.failover_timeout,
        checkpoint: plan.checkpoint,
        ..Subscription::default()
    };
    match &plan.kind {
        Kind::Batch(options) => {
            Scheduler::Batch(Box::new(BatchFramework::new(id, subscription, *options)))
        }
        Kind::Service(options) => {
            let service = ServiceFramework::new(id, subscription, options.clone());
            Scheduler::Service(Box::new(service))
        }
        Kind::Stateful(options) => {
            let stateful = StatefulFramework::new(id, subscription, options.clone());
            Scheduler::Stateful(Box::new(stateful))
        }
        Kind::Restless { accepts } => {
            let random = streams.stream(&format!("restless/{index}"));
            let roles = plan.roles.iter().map(|role| ROLES[*role]).collect();
            let movements = all.network.as_ref().map(|_| {
                Movements::new(streams.stream(&format!("restless/{index}/transfers")), all)
            });
            let hand = Hand::new(random, roles, movements);
            let restless = Restless::new(subscription, hand, (*accepts, all.quiet_from));
            Scheduler::Restless(Box::new(restless))
        }
    }
}

fn submission((index, plan): (usize, &JobPlan)) -> Submission {
    let mut constraints = Vec::new();
    if plan.unique {
        constraints.push(Constraint::UniqueAgent);
    }
    if let Some(zone) = plan.zone {
        constraints
            .push(Constraint::AttributeIn { name: "zone".into(), values: vec![zone.into()] });
    }
    let details = plan.transfers.clone().map(|transfers| {
        Arc::new(LaunchDetails { transfers: Some(transfers), ..LaunchDetails::default() })
    });
    let job = Job {
        arrival: plan.arrival,
        name: format!("job-{index}").into(),
        user: "".into(),
        queue: "".into(),
        priority: 0,
        shapes: vec![TaskShape { demand: plan.demand, constraints, details }],
        tasks: vec![TaskRun { shape: 0, count: plan.tasks, duration: plan.duration }],
    };
    Submission { framework: FrameworkId::from_index(plan.framework), job }
}
