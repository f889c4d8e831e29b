//! The loop: the only code that moves time.
//!
//! Two lanes make one order. What the cluster does to itself waits in the event queue; what users
//! submit comes straight from the workload's iterator, so a month of arrivals is never in memory.
//! At equal times an arrival comes first.

use crate::agent::{self, Agent};
use crate::event_queue::EventQueue;
use crate::framework::{self, Framework};
use crate::invariants::{Violation, check_agent, check_all, check_total};
use crate::job::{Constraint, Job, TaskRun, TaskShape};
use crate::master::{self, Master};
use crate::network::{AgentLinks, Direction, FrameworkLinks};
use crate::observe::{Observation, Observer};
use policy_api::{AgentId, Allocator, FrameworkId, IdVec, Quantities, Span, Time};
use std::sync::Arc;

/// A cluster and its workload. `F` are the frameworks, `W` yields what is submitted to them.
pub struct Simulation<A, F, W: Iterator> {
    queue: EventQueue<Event>,
    workload: W,
    /// What the workload yielded last, and is not submitted yet.
    arrival: Option<W::Item>,
    master: Master<A>,
    agents: IdVec<AgentId, Agent>,
    frameworks: IdVec<FrameworkId, F>,
    links: Links,
    /// The distinct kinds of agents: what a task must fit on to be placeable at all.
    kinds: Vec<AgentKind>,
    /// How many operations are on their way to each agent; none for agents that are missing.
    operations: IdVec<AgentId, u32>,
    /// The last time at which a task came, was launched or ended.
    progress: Time,
    steps: u64,
    checks: bool,
    scratch: Scratch,
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

/// A message that arrives, or a wake-up.
#[derive(Clone, Debug)]
enum Event {
    Master(master::Input),
    Agent(AgentId, agent::Input),
    Framework(FrameworkId, framework::Input),
}

#[derive(Clone, Debug, PartialEq)]
struct AgentKind {
    total: Quantities,
    attributes: Vec<(Arc<str>, Arc<str>)>,
}

/// Outputs of the machine that runs, kept for their memory.
#[derive(Debug, Default)]
struct Scratch {
    master: Vec<master::Output>,
    agent: Vec<agent::Output>,
    framework: Vec<framework::Output>,
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
    A: Allocator,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    /// A cluster in which nothing has happened: agents come up at `starts`, frameworks at zero.
    pub fn new(
        master: Master<A>,
        agents: IdVec<AgentId, Agent>,
        starts: &IdVec<AgentId, Time>,
        frameworks: IdVec<FrameworkId, F>,
        links: Links,
        mut workload: W,
    ) -> Self {
        let mut queue = EventQueue::new();
        for (agent, start) in starts.enumerate() {
            queue.push(*start, Event::Agent(agent, agent::Input::Start));
        }
        for framework in frameworks.ids() {
            queue.push(Time::ZERO, Event::Framework(framework, framework::Input::Start));
        }
        Self {
            queue,
            arrival: workload.next(),
            workload,
            master,
            kinds: distinct_kinds(&agents),
            agents,
            frameworks,
            links,
            operations: IdVec::new(),
            progress: Time::ZERO,
            steps: 0,
            checks: false,
            scratch: Scratch::default(),
        }
    }

    /// Checks conservation after every step; costs several times the step.
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

    pub const fn master(&self) -> &Master<A> {
        &self.master
    }

    /// The workload, as far as it was read.
    pub const fn workload(&self) -> &W {
        &self.workload
    }

    pub fn pending_tasks(&self) -> u64 {
        self.frameworks.iter().map(Framework::pending_tasks).sum()
    }

    pub fn live_tasks(&self) -> u64 {
        self.frameworks.iter().map(Framework::live_tasks).sum()
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
        let due = self.queue.peek_time();
        let arrival = match &self.arrival {
            Some(Ok(submission)) => Some(submission.job.arrival),
            // The error is handed over below, at once.
            Some(Err(_)) => Some(self.now()),
            None => None,
        };
        let Some(next) = due.into_iter().chain(arrival).min() else {
            return self.end(self.outcome());
        };
        if next > horizon {
            self.queue.advance(horizon.max(self.now()));
            return self.end(End::Horizon);
        }
        if next > self.progress + PATIENCE && arrival.is_none() && self.live_tasks() == 0 {
            return self.end(self.outcome());
        }
        self.steps += 1;
        if arrival.is_some_and(|arrival| arrival <= next) {
            self.arrive(observer)?;
        } else if let Some((now, event)) = self.queue.pop() {
            self.dispatch(now, event, observer);
        }
        if self.checks {
            self.check()?;
        }
        Ok(Step::Continue)
    }

    /// What a run has come to in which nothing moves any more.
    fn outcome(&self) -> End {
        if self.pending_tasks() == 0 { End::Drained } else { End::Stalled }
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

    /// The master speaks of its operations as done; once the agent has heard of them all it agrees.
    fn check_total(&self, agent: AgentId) -> Result<(), Failure<E>> {
        if self.operations.get(agent).is_some_and(|&on_their_way| on_their_way > 0) {
            return Ok(());
        }
        check_total(&self.master, &self.agents[agent]).map_err(Failure::Violation)
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
            Event::Master(input) => {
                self.master.handle(now, input, &mut self.scratch.master);
                self.route_master(now, observer);
            }
            Event::Agent(agent, input) => {
                if let agent::Input::ApplyOperation(_) = input {
                    self.operations[agent] -= 1;
                }
                self.agents[agent].handle(now, input, &mut self.scratch.agent);
                self.route_agent(now, agent);
            }
            Event::Framework(framework, input) => {
                let infos = self.master.agent_infos();
                let out = &mut self.scratch.framework;
                self.frameworks[framework].handle(now, input, infos, out);
                self.route_framework(now, framework, observer);
            }
        }
    }

    fn route_master(&mut self, now: Time, observer: &mut impl Observer) {
        use framework::Input as ToFramework;
        use master::Output;
        let mut outputs = std::mem::take(&mut self.scratch.master);
        for output in outputs.drain(..) {
            match output {
                Output::AgentRegistered(agent) => {
                    self.send_to_agent(now, agent, agent::Input::Registered);
                }
                Output::RunTask { agent, task } => {
                    self.progress = now;
                    self.send_to_agent(now, agent, agent::Input::RunTask(task));
                }
                Output::ApplyOperation { agent, operation } => {
                    *self.operations.grow_to(agent, || 0) += 1;
                    self.send_to_agent(now, agent, agent::Input::ApplyOperation(operation));
                }
                Output::AcknowledgeUpdate { agent, status } => {
                    self.send_to_agent(now, agent, agent::Input::Acknowledge(status));
                }
                Output::FrameworkSubscribed(framework) => {
                    self.send_to_framework(now, framework, ToFramework::Subscribed);
                }
                Output::Offers { framework, offers } => {
                    self.send_to_framework(now, framework, ToFramework::Offers(offers));
                }
                Output::Rescind { framework, offers } => {
                    self.send_to_framework(now, framework, ToFramework::Rescind(offers));
                }
                Output::Update(update) => {
                    self.send_to_framework(now, update.framework, ToFramework::Update(update));
                }
                Output::Wake { at, timer } => {
                    self.queue.push(at, Event::Master(master::Input::Wake(timer)));
                }
                Output::Observe(observation) => observer.observe(now, &observation),
            }
        }
        self.scratch.master = outputs;
    }

    fn route_agent(&mut self, now: Time, agent: AgentId) {
        let mut outputs = std::mem::take(&mut self.scratch.agent);
        for output in outputs.drain(..) {
            let input = match output {
                agent::Output::Register(registration) => {
                    let registration = Box::new(registration);
                    master::Input::RegisterAgent { agent, registration }
                }
                agent::Output::StatusUpdate(update) => {
                    self.progress = now;
                    master::Input::StatusUpdate(update)
                }
                agent::Output::Wake { at, timer } => {
                    self.queue.push(at, Event::Agent(agent, agent::Input::Wake(timer)));
                    continue;
                }
            };
            let at = self.links.agents.deliver(now, agent, Direction::ToMaster);
            self.queue.push(at, Event::Master(input));
        }
        self.scratch.agent = outputs;
    }

    fn route_framework(&mut self, now: Time, framework: FrameworkId, observer: &mut impl Observer) {
        use framework::Output;
        let mut outputs = std::mem::take(&mut self.scratch.framework);
        for output in outputs.drain(..) {
            match output {
                Output::Call(call) => {
                    let at = self.links.frameworks.deliver(now, framework, Direction::ToMaster);
                    self.queue.push(at, Event::Master(master::Input::Call { framework, call }));
                }
                Output::Wake { at } => {
                    let wake = framework::Input::Wake;
                    self.queue.push(at, Event::Framework(framework, wake));
                }
                Output::Observe(observation) => observer.observe(now, &observation),
            }
        }
        self.scratch.framework = outputs;
    }

    fn send_to_agent(&mut self, now: Time, agent: AgentId, input: agent::Input) {
        let at = self.links.agents.deliver(now, agent, Direction::FromMaster);
        self.queue.push(at, Event::Agent(agent, input));
    }

    fn send_to_framework(&mut self, now: Time, framework: FrameworkId, input: framework::Input) {
        let at = self.links.frameworks.deliver(now, framework, Direction::FromMaster);
        self.queue.push(at, Event::Framework(framework, input));
    }
}

impl AgentKind {
    fn could_run(&self, shape: &TaskShape) -> bool {
        self.total.contains(&shape.demand)
            && shape.constraints.iter().all(|constraint| match constraint {
                Constraint::UniqueAgent => true,
                Constraint::AttributeIn { name, values } => {
                    let attribute = self.attributes.iter().find(|(known, _)| known == name);
                    attribute.is_some_and(|(_, value)| values.contains(value))
                }
            })
    }
}

fn distinct_kinds(agents: &IdVec<AgentId, Agent>) -> Vec<AgentKind> {
    let mut kinds: Vec<AgentKind> = Vec::new();
    for agent in agents {
        let kind = AgentKind {
            total: agent.total().scalar_quantities(),
            attributes: agent.registration().info.attributes.clone(),
        };
        // Agents of one kind usually stand together.
        if kinds.last() != Some(&kind) && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}
