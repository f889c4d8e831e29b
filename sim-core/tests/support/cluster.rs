//! Whole clusters in a few lines.

use super::infos::{framework_info, role, roles};
use super::master_desk::{allocator_with, registration};
use super::scripted::{Answer, Log, Scripted};
use super::words::{at, job, resources};
use policy_allocators::{AgentOrder, HierarchicalAllocator};
use policy_api::{AgentId, DenseId, FrameworkId, IdVec, Resources, Span, Time};
use policy_isolation::ports::EphemeralPorts;
use sim_core::agent::fetcher::FetchTls;
use sim_core::agent::{Agent, AgentOptions, ConsumptionModel, Oversubscription};
use sim_core::faults::{Fault, FaultSource, FaultStream, ScriptedFaults};
use sim_core::framework::{BatchFramework, BatchOptions, Framework};
use sim_core::master::MasterOptions;
use sim_core::network::{Latency, Links as PeerLinks};
use sim_core::protocol::{HostId, LaunchDetails, OperatorCall, Subscription};
use sim_core::{
    Digest, Disturbances, End, Links, MasterSetup, Observation, Observer, Simulation, Streams,
    Submission, Transfers,
};
use std::convert::Infallible;
use std::sync::Arc;

/// A workload that is known from the start.
pub(crate) type Workload = std::vec::IntoIter<Result<Submission, Infallible>>;
pub(crate) type Running<F> = Simulation<HierarchicalAllocator, F, Workload>;

/// A cluster in the making: Mesos's allocator, links without delay, agents without delay.
pub(crate) struct Cluster<F> {
    pub(crate) seed: u64,
    /// Whether agents are offered in random order, as Mesos does, and not by their names.
    pub(crate) random_agent_order: bool,
    pub(crate) master: MasterOptions,
    pub(crate) agent: AgentOptions,
    /// Whether agents keep their reservations by operations, as all have since 1.5.
    pub(crate) resource_provider: bool,
    pub(crate) oversubscription: Option<Oversubscription>,
    pub(crate) fetch_tls: Option<FetchTls>,
    pub(crate) consumption: Option<ConsumptionModel>,
    pub(crate) agent_latency: Latency,
    pub(crate) framework_latency: Latency,
    /// The blocks of ephemeral ports of each agent.
    pub(crate) ports: Option<EphemeralPorts>,
    agents: Vec<(Resources, Option<&'static str>)>,
    frameworks: Vec<F>,
    jobs: Vec<Submission>,
    faults: Vec<(Time, Fault)>,
    calls: Vec<(Time, OperatorCall)>,
}

/// All that was observed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) seen: Vec<(Time, Observation)>,
}

impl Observer for Recorder {
    fn observe(&mut self, now: Time, observation: &Observation) {
        self.seen.push((now, observation.clone()));
    }
}

/// A run that is over.
pub(crate) struct Done<F> {
    pub(crate) end: End,
    pub(crate) digest: Digest,
    pub(crate) seen: Vec<(Time, Observation)>,
    pub(crate) simulation: Running<F>,
}

pub(crate) const fn constant(constant: Span) -> Latency {
    Latency { constant, jitter: Span::ZERO }
}

impl<F: Framework> Cluster<F> {
    pub(crate) fn new() -> Self {
        Self {
            seed: 1,
            random_agent_order: false,
            master: MasterOptions::default(),
            agent: AgentOptions::default(),
            resource_provider: true,
            oversubscription: None,
            fetch_tls: None,
            consumption: None,
            agent_latency: Latency::default(),
            framework_latency: Latency::default(),
            ports: None,
            agents: Vec::new(),
            frameworks: Vec::new(),
            jobs: Vec::new(),
            faults: Vec::new(),
            calls: Vec::new(),
        }
    }

    #[must_use]
    pub(crate) fn agents(mut self, count: usize, total: &str) -> Self {
        self.agents.extend((0..count).map(|_| (resources(total), None)));
        self
    }

    /// An agent with the attribute `zone`.
    #[must_use]
    pub(crate) fn agent_in_zone(mut self, total: &str, zone: &'static str) -> Self {
        self.agents.push((resources(total), Some(zone)));
        self
    }

    #[must_use]
    pub(crate) fn framework(mut self, make: impl FnOnce(FrameworkId) -> F) -> Self {
        self.frameworks.push(make(FrameworkId::from_index(self.frameworks.len())));
        self
    }

    /// Jobs must be added in the order of their arrival.
    #[must_use]
    pub(crate) fn job(mut self, framework: usize, arrival: Span, line: &str) -> Self {
        let framework = FrameworkId::from_index(framework);
        self.jobs.push(Submission { framework, job: job(at(arrival), line) });
        self
    }

    /// What the tasks of the last job move.
    #[must_use]
    pub(crate) fn moving(mut self, transfers: Transfers) -> Self {
        let transfers = Arc::new(transfers);
        for shape in self.jobs.iter_mut().last().into_iter().flat_map(|it| &mut it.job.shapes) {
            let transfers = Some(Arc::clone(&transfers));
            let details = LaunchDetails { transfers, ..LaunchDetails::default() };
            shape.details = Some(Arc::new(details));
        }
        self
    }

    /// The files that the tasks of the last job need.
    #[must_use]
    pub(crate) fn needing(mut self, uris: &[&str]) -> Self {
        let command = super::uris::command(uris);
        for shape in self.jobs.iter_mut().last().into_iter().flat_map(|it| &mut it.job.shapes) {
            let details = LaunchDetails { command: command.clone(), ..LaunchDetails::default() };
            shape.details = Some(Arc::new(details));
        }
        self
    }

    #[must_use]
    pub(crate) fn fault(mut self, at: Span, fault: Fault) -> Self {
        self.faults.push((Time::ZERO + at, fault));
        self
    }

    /// Calls of operators must be added in the order of time.
    #[must_use]
    pub(crate) fn operator(mut self, at: Span, call: OperatorCall) -> Self {
        self.calls.push((Time::ZERO + at, call));
        self
    }

    pub(crate) fn build(mut self) -> Running<F> {
        let jobs: Vec<_> = std::mem::take(&mut self.jobs).into_iter().map(Ok).collect();
        self.build_with(jobs.into_iter())
    }

    /// With a workload of the test's own.
    pub(crate) fn build_with<W, E>(self, workload: W) -> Simulation<HierarchicalAllocator, F, W>
    where
        W: Iterator<Item = Result<Submission, E>>,
    {
        let streams = Streams::new(self.seed);
        let (options, resource_provider) = (self.agent, self.resource_provider);
        let ports = self.ports;
        let agents: IdVec<HostId, Agent> = self
            .agents
            .into_iter()
            .enumerate()
            .map(|(index, (total, zone))| {
                let mut registration = registration(AgentId::from_index(index), total);
                registration.info.capabilities.resource_provider = resource_provider;
                registration.info.attributes =
                    zone.map(|zone| ("zone".into(), zone.into())).into_iter().collect();
                let backoff = streams.stream(&format!("agents/{index}"));
                let host = HostId::from_index(index);
                let mut agent = Agent::new(host, registration, options, backoff);
                if let Some(tls) = self.fetch_tls {
                    agent.set_fetch_tls(tls);
                }
                if let Some(setup) = &self.oversubscription {
                    agent.oversubscribe(setup.clone());
                }
                if let Some(model) = &self.consumption {
                    agent.consume(model.clone());
                }
                if let Some(ports) = &ports {
                    agent.set_port_blocks(Box::new(ports.clone()));
                }
                agent
            })
            .collect();
        let starts = agents.iter().map(|_| Time::ZERO).collect();
        let links = Links {
            agents: PeerLinks::new(
                self.agent_latency,
                streams.stream("links/agents"),
                streams.stream("faults/agents"),
            ),
            frameworks: PeerLinks::new(
                self.framework_latency,
                streams.stream("links/frameworks"),
                streams.stream("faults/frameworks"),
            ),
        };
        let agent_order = if self.random_agent_order {
            AgentOrder::Random(streams.stream("allocator"))
        } else {
            AgentOrder::ById
        };
        let setup = MasterSetup {
            allocator: allocator_with(agent_order),
            options: self.master,
            roles: roles(),
        };
        let frameworks = self.frameworks.into_iter().collect();
        let calls = self.calls.into_iter().map(|(at, call)| (at, call, None)).collect();
        let faults = FaultSource::Scripted(ScriptedFaults::new(self.faults).expect("faults"));
        let faults = FaultStream::new(vec![faults]);
        let disturbances = Disturbances { faults, calls, draws: streams.stream("faults/draws") };
        Simulation::new(setup, agents, &starts, frameworks, links, workload, disturbances)
    }

    /// Runs to the end with all checks on.
    pub(crate) fn run(self) -> Done<F> {
        self.run_until(Time::NEVER)
    }

    pub(crate) fn run_until(self, horizon: Time) -> Done<F> {
        let mut simulation = self.build();
        simulation.check_invariants();
        let mut observer = (Recorder::default(), Digest::default());
        let end = simulation.run(horizon, &mut observer).expect("no violation");
        let (Recorder { seen }, digest) = observer;
        Done { end, digest, seen, simulation }
    }
}

impl Cluster<BatchFramework> {
    /// A batch framework in this role.
    #[must_use]
    pub(crate) fn batch(self, letter: &str, options: BatchOptions) -> Self {
        let role = role(letter);
        self.framework(|id| {
            let info = framework_info(id, role);
            let subscription = Subscription { info, ..Subscription::default() };
            BatchFramework::new(id, subscription, options)
        })
    }
}

impl Cluster<Scripted> {
    /// A framework in this role that answers offers so, in turn.
    #[must_use]
    pub(crate) fn scripted(self, letter: &str, log: &Log, answers: Vec<Answer>) -> Self {
        self.scripted_as(letter, log, answers, |framework| framework)
    }

    /// The same, made into something more.
    #[must_use]
    pub(crate) fn scripted_as(
        self,
        letter: &str,
        log: &Log,
        answers: Vec<Answer>,
        and: impl FnOnce(Scripted) -> Scripted,
    ) -> Self {
        let role = role(letter);
        self.framework(|id| and(Scripted::new(framework_info(id, role), answers, log.clone())))
    }
}

impl<F> Done<F> {
    /// The observations that `pick` finds a text for, each with its time.
    pub(crate) fn lines(&self, pick: impl Fn(&Observation) -> Option<String>) -> Vec<String> {
        let line = |(now, observation): &(Time, Observation)| {
            pick(observation).map(|text| format!("{now} {text}"))
        };
        self.seen.iter().filter_map(line).collect()
    }
}

/// What offers and tasks came and went, in short.
pub(crate) fn task_events(observation: &Observation) -> Option<String> {
    match observation {
        Observation::TaskLaunched { framework, agent, resources, .. } => {
            Some(format!("F{} launches on A{}: {resources}", framework.index(), agent.index()))
        }
        Observation::TaskReleased { framework, agent, resources, .. } => {
            Some(format!("F{} releases on A{}: {resources}", framework.index(), agent.index()))
        }
        Observation::TaskStarted { framework, .. } => {
            Some(format!("F{} hears of a start", framework.index()))
        }
        Observation::TaskEnded(task) => {
            Some(format!("F{} hears {}", task.framework.index(), task.state.name()))
        }
        Observation::JobEnded { job, .. } => Some(format!("job {} is over", job.0)),
        Observation::AgentRegistered { .. }
        | Observation::FrameworkSubscribed { .. }
        | Observation::OffersSent { .. }
        | Observation::OffersEnded { .. }
        | Observation::JobArrived { .. }
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
        | Observation::TransferEnded(_)
        | Observation::TasksUnplaceable { .. } => None,
    }
}
