//! The loop: the only code that moves time.
//!
//! Two lanes make one order. What the cluster does to itself waits in the event queue; what users
//! submit comes straight from the workload's iterator, so a month of arrivals is never in memory.
//! At equal times an arrival comes first. `routes.rs` carries messages, `transport.rs` makes them cost
//! something where they do, `disturbances.rs` lets faults strike, `pings.rs` plays the health checks that
//! can go wrong.

mod disturbances;
mod event;
mod inspect;
mod pings;
mod placeable;
mod routes;
mod transfers;
mod transport;

use crate::agent::{self, Agent};
use crate::event_queue::EventQueue;
use crate::faults::FaultStream;
use crate::framework::{self, Framework};
use crate::health::HealthChecks;
use crate::invariants::{Violation, check_agent, check_all, check_total};
use crate::job::{Job, TaskRun};
use crate::master::{self, Master, MasterOptions, Registry};
use crate::network::{AgentLinks, FrameworkLinks, Network, NetworkOutput};
use crate::observe::{Observation, Observer};
use crate::protocol::{Connection, HostId, OperatorCall, ToAgent};
use event::Event;
use placeable::{AgentKind, distinct_kinds};
use policy_api::{AgentId, Allocator, FrameworkId, IdVec, Span, Time};
use rand_pcg::Pcg64Mcg;
use std::sync::Arc;
use transport::Transport;

pub use transport::TransportReport;

/// A cluster and its workload. `F` are the frameworks, `W` yields what is submitted to them.
pub struct Simulation<A, F, W: Iterator> {
    queue: EventQueue<Event>,
    /// Events in the queue that a run does not end without.
    awaited: usize,
    workload: W,
    /// What the workload yielded last, and is not submitted yet.
    arrival: Option<W::Item>,
    master: Master<A>,
    /// Counts masters: what is meant for an earlier one is lost.
    term: u32,
    /// Whether there is a master now.
    is_led: bool,
    setup: MasterSetup<A>,
    hosts: IdVec<HostId, Host>,
    schedulers: IdVec<FrameworkId, Scheduler<F>>,
    links: Links,
    /// What messages cost besides their time on the link, if anything.
    transport: Option<Box<Transport>>,
    /// What carries the bytes of tasks; `None` where they take no time.
    network: Option<Network>,
    health: HealthChecks,
    /// Where the agents are that the master pings.
    pinged: IdVec<AgentId, Option<HostId>>,
    kinds: Vec<AgentKind>,
    disturbances: Disturbances,
    /// The last time at which a task came, was launched or ended.
    progress: Time,
    steps: u64,
    checks: bool,
    /// The event that was handled last, kept where there are checks.
    handled: Option<Event>,
    scratch: Scratch,
}

/// What a master is made of, the first one and those after it.
#[derive(Clone, Debug)]
pub struct MasterSetup<A> {
    /// An allocator that was told nothing yet.
    pub allocator: A,
    pub options: MasterOptions,
    /// The paths and weights of the roles that are known from the start.
    pub roles: Vec<(String, f64)>,
}

/// What happens to a cluster from outside.
#[derive(Clone, Debug)]
pub struct Disturbances {
    pub faults: FaultStream,
    /// Calls of operators, in the order of time.
    pub calls: Vec<(Time, OperatorCall, Option<Arc<str>>)>,
    /// Draws which executor fails.
    pub draws: Pcg64Mcg,
}

struct Host {
    agent: Agent,
    /// Counts connections of the agent's process: what was sent over an earlier one is lost.
    connection: u32,
    /// The one that the master sends over: an earlier one until it hears that it is broken.
    linked: u32,
}

struct Scheduler<F> {
    framework: F,
    connection: Connection,
    is_connected: bool,
    /// Whether the process runs.
    is_up: bool,
    /// Whether the process has been told so: it is when it finds a master.
    has_started: bool,
}

/// The links of the cluster, by kind of peer.
#[derive(Clone, Debug)]
pub struct Links {
    pub agents: AgentLinks,
    pub frameworks: FrameworkLinks,
}

/// A job that is submitted to a framework.
#[derive(Clone, Debug)]
pub struct Submission {
    pub framework: FrameworkId,
    pub job: Job,
}

/// Outputs of the machine that runs, kept for their memory.
#[derive(Debug, Default)]
struct Scratch {
    master: Vec<master::Output>,
    agent: Vec<agent::Output>,
    framework: Vec<framework::Output>,
    network: Vec<NetworkOutput>,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Continue,
    Ended(End),
}

/// Why a run is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All work is done.
    Drained,
    /// The horizon was reached.
    Horizon,
    /// Nothing runs, nothing more is submitted, and what waits has found no place for a day.
    Stalled,
}

impl End {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drained => "drained",
            Self::Horizon => "horizon",
            Self::Stalled => "stalled",
        }
    }
}

/// Why a run cannot go on.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure<E> {
    /// The workload could not be read.
    Workload(E),
    /// The workload went back in time: this job comes after one that arrived later.
    TimeWentBack {
        job: Arc<str>,
        arrival: Time,
        now: Time,
    },
    Violation(Violation),
}

/// How long nothing may move before waiting tasks are given up.
const PATIENCE: Span = Span::from_secs(86_400);
/// Steps between two checks of everything.
const CHECK_PERIOD: u64 = 4_096;

impl<A, F, W, E> Simulation<A, F, W>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    /// A cluster in which nothing has happened: agents come up at `starts`, frameworks at zero.
    pub fn new(
        setup: MasterSetup<A>,
        agents: IdVec<HostId, Agent>,
        starts: &IdVec<HostId, Time>,
        frameworks: IdVec<FrameworkId, F>,
        links: Links,
        mut workload: W,
        disturbances: Disturbances,
    ) -> Self {
        let MasterSetup { allocator, options, roles } = setup.clone();
        let delay = links.agents.delay();
        let scheduler = |framework| Scheduler {
            framework,
            connection: Connection(0),
            is_connected: false,
            is_up: true,
            has_started: false,
        };
        let mut simulation = Self {
            queue: EventQueue::new(),
            awaited: 0,
            arrival: workload.next(),
            workload,
            master: Master::new(allocator, options, &roles, Registry::new(agents.len())),
            term: 0,
            is_led: true,
            health: HealthChecks::new(
                setup.options.agent_ping_timeout,
                setup.options.max_agent_ping_timeouts,
                delay,
            ),
            setup,
            kinds: distinct_kinds(&agents),
            hosts: agents
                .into_iter()
                .map(|agent| Host { agent, connection: 0, linked: 0 })
                .collect(),
            schedulers: frameworks.into_iter().map(scheduler).collect(),
            links,
            transport: None,
            network: None,
            pinged: IdVec::new(),
            disturbances,
            progress: Time::ZERO,
            steps: 0,
            checks: false,
            handled: None,
            scratch: Scratch::default(),
        };
        simulation.push(Time::ZERO, Event::Master(0, master::Input::Start));
        for (host, start) in starts.enumerate() {
            simulation.push(*start, Event::Agent(host, agent::Input::Start));
        }
        for framework in simulation.schedulers.ids() {
            simulation.push(Time::ZERO, Event::Framework(framework, framework::Input::Start));
        }
        simulation.schedule_fault();
        simulation.schedule_call(0);
        simulation
    }

    /// Checks conservation after every step, and keeps the event; costs several times the step.
    pub fn check_invariants(&mut self) {
        self.checks = true;
        self.master.watch_agents();
    }

    pub const fn now(&self) -> Time {
        self.queue.now()
    }

    /// Events handled so far, arrivals included.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// The master, or the last one where there is none at the moment.
    pub const fn master(&self) -> &Master<A> {
        &self.master
    }

    /// Whether there is a master at the moment.
    pub const fn is_led(&self) -> bool {
        self.is_led
    }

    pub fn agents(&self) -> impl Iterator<Item = &Agent> {
        self.hosts.iter().map(|host| &host.agent)
    }

    pub fn agent(&self, host: HostId) -> &Agent {
        &self.hosts[host].agent
    }

    pub fn frameworks(&self) -> impl Iterator<Item = &F> {
        self.schedulers.iter().map(|scheduler| &scheduler.framework)
    }

    /// The workload, as far as it was read.
    pub const fn workload(&self) -> &W {
        &self.workload
    }

    pub fn pending_tasks(&self) -> u64 {
        self.frameworks().map(Framework::pending_tasks).sum()
    }

    pub fn live_tasks(&self) -> u64 {
        self.frameworks().map(Framework::live_tasks).sum()
    }

    /// When the next step will be; `None` where nothing is to come.
    pub fn next_time(&self) -> Option<Time> {
        self.queue.peek_time().into_iter().chain(self.next_arrival()).min()
    }

    fn next_arrival(&self) -> Option<Time> {
        match &self.arrival {
            Some(Ok(submission)) => Some(submission.job.arrival),
            // The error is handed over at once.
            Some(Err(_)) => Some(self.now()),
            None => None,
        }
    }

    /// Runs to the end, or to the horizon.
    pub fn run(&mut self, horizon: Time, observer: &mut impl Observer) -> Result<End, Failure<E>> {
        loop {
            if let Step::Ended(end) = self.step(horizon, observer)? {
                return Ok(end);
            }
        }
    }

    /// Handles what comes next.
    pub fn step(
        &mut self,
        horizon: Time,
        observer: &mut impl Observer,
    ) -> Result<Step, Failure<E>> {
        let arrival = self.next_arrival();
        let Some(next) = self.next_time() else {
            // Services run on, though nothing happens to them.
            if horizon < Time::NEVER && self.live_tasks() > 0 {
                self.queue.advance(horizon.max(self.now()));
                return self.end(End::Horizon);
            }
            return self.end(self.outcome());
        };
        if next > horizon {
            self.queue.advance(horizon.max(self.now()));
            return self.end(End::Horizon);
        }
        if arrival.is_none() && self.is_over(next) {
            return self.end(self.outcome());
        }
        self.steps += 1;
        if arrival.is_some_and(|arrival| arrival <= next) {
            self.arrive(observer)?;
        } else if let Some((now, event)) = self.queue.pop() {
            self.awaited -= usize::from(event.is_awaited());
            if self.checks {
                self.handled = Some(event.clone());
            }
            self.dispatch(now, event, observer);
        }
        if self.checks {
            self.check()?;
        }
        Ok(Step::Continue)
    }

    /// Whether what is to come at `next` is of no interest: all work is done, or nothing has moved
    /// for long.
    fn is_over(&self, next: Time) -> bool {
        if self.awaited == 0 && self.pending_tasks() == 0 && self.live_tasks() == 0 {
            return true;
        }
        next > self.progress + PATIENCE && self.live_tasks() == 0
    }

    /// What a run has come to in which nothing moves any more.
    fn outcome(&self) -> End {
        let is_done = self.pending_tasks() == 0 && self.live_tasks() == 0;
        if is_done { End::Drained } else { End::Stalled }
    }

    fn end(&self, end: End) -> Result<Step, Failure<E>> {
        if self.checks {
            self.check_everything()?;
        }
        Ok(Step::Ended(end))
    }

    fn check(&mut self) -> Result<(), Failure<E>> {
        for agent in self.master.take_touched() {
            check_agent(&self.master, agent).map_err(Failure::Violation)?;
            self.check_total(agent)?;
        }
        if self.steps.is_multiple_of(CHECK_PERIOD) {
            self.check_everything()?;
        }
        Ok(())
    }

    fn check_everything(&self) -> Result<(), Failure<E>> {
        check_all(&self.master).map_err(Failure::Violation)?;
        self.master.agents().try_for_each(|agent| self.check_total(agent))
    }

    /// The master speaks of its operations as done; once the agent has answered them all it agrees.
    fn check_total(&self, agent: AgentId) -> Result<(), Failure<E>> {
        let Some(host) = self.master.host_of(agent) else { return Ok(()) };
        let on_host = &self.hosts[host].agent;
        if !self.setup.options.profile.operation_feedback {
            // Nobody says when the agent has followed.
            return Ok(());
        }
        let in_touch = self.master.agent(agent).connected
            && on_host.is_registered()
            && on_host.id() == Some(agent);
        let is_settled = self.master.answers_operations(agent)
            && !self.master.has_operations(agent)
            && !self.master.is_unconfirmed(agent);
        if !in_touch || !is_settled {
            return Ok(());
        }
        check_total(&self.master, agent, on_host).map_err(Failure::Violation)
    }

    fn push(&mut self, at: Time, event: Event) {
        self.awaited += usize::from(event.is_awaited());
        self.queue.push(at, event);
    }

    /// Submits the next job, without the tasks that no agent could ever hold.
    fn arrive(&mut self, observer: &mut impl Observer) -> Result<(), Failure<E>> {
        let Some(submission) = self.arrival.take() else { return Ok(()) };
        self.arrival = self.workload.next();
        let Submission { framework, mut job } = submission.map_err(Failure::Workload)?;
        let now = self.now();
        if job.arrival < now {
            let (job, arrival) = (job.name, job.arrival);
            return Err(Failure::TimeWentBack { job, arrival, now });
        }
        let now = job.arrival;
        self.queue.advance(now);
        self.progress = now;
        job.tasks.retain(|run| run.count > 0);
        for (index, shape) in job.shapes.iter().enumerate() {
            if self.kinds.iter().any(|kind| kind.could_run(shape)) {
                continue;
            }
            let of_shape = |run: &TaskRun| run.shape as usize == index;
            let tasks = job.tasks.iter().filter(|run| of_shape(run));
            let tasks: u64 = tasks.map(|run| u64::from(run.count)).sum();
            if tasks == 0 {
                continue;
            }
            job.tasks.retain(|run| !of_shape(run));
            observer.observe(
                now,
                &Observation::TasksUnplaceable {
                    framework,
                    job: Arc::clone(&job.name),
                    tasks,
                    demand: shape.demand,
                },
            );
        }
        if !job.tasks.is_empty() {
            let submit = framework::Input::Submit(Arc::new(job));
            self.dispatch(now, Event::Framework(framework, submit), observer);
        }
        Ok(())
    }

    fn dispatch(&mut self, now: Time, event: Event, observer: &mut impl Observer) {
        match event {
            Event::Master(term, input) => {
                if self.is_led && term == self.term {
                    if let master::Input::AgentExited { host } = input {
                        self.hosts[host].linked = self.hosts[host].connection;
                    }
                    self.master.handle(now, input, &mut self.scratch.master);
                    self.route_master(now, observer);
                }
            }
            Event::ToMaster(term, encrypted_bytes, input) => {
                if self.is_led && term == self.term {
                    self.arrive_at_master(now, encrypted_bytes, input);
                }
            }
            Event::Connection(peer, direction, connection, progress) => {
                self.connection_progress(now, (peer, direction), connection, progress);
            }
            Event::Agent(host, input) => self.tell_agent(now, host, input, observer),
            Event::ToAgent(host, connection, message) => {
                if self.hosts[host].connection == connection {
                    let answers = matches!(
                        message,
                        ToAgent::Registered { .. } | ToAgent::Reregistered { .. }
                    );
                    self.tell_agent(now, host, agent::Input::Message(message), observer);
                    if answers {
                        self.registration_answered(now, host);
                    }
                }
            }
            Event::Framework(framework, input) => {
                self.tell_framework(now, framework, input, observer);
            }
            Event::ToFramework(framework, connection, event) => {
                let scheduler = &self.schedulers[framework];
                if scheduler.is_connected && scheduler.connection == connection {
                    let input = framework::Input::Event(event);
                    self.tell_framework(now, framework, input, observer);
                }
            }
            Event::HealthTick(check) => self.health_tick(now, check),
            Event::HealthWait(check) => self.health_wait(now, check, observer),
            Event::Ping(check, host, connected) => {
                self.ping(now, check, host, connected, observer);
            }
            Event::Pong(check) => self.pong(now, check, observer),
            Event::Fault(fault) => self.fault(now, *fault, observer),
            Event::Repair(repair) => self.repair(now, *repair, observer),
            Event::Network(timer) => self.wake_network(now, timer, observer),
            Event::Operator(number) => self.operator_call(now, number),
        }
    }
}
