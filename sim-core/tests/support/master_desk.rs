//! A master that is driven by hand: inputs go in by its one door, its timers are kept here.

use super::infos::{agent_info, framework_info, role, roles};
use super::master_lines;
use super::notation;
use super::script::{Desk, play};
use super::timers::Timers;
use super::words::{id, number, task_name};
use policy_allocators::{AgentOrder, HierarchicalAllocator, HierarchicalOptions};
use policy_api::resources::{DiskInfo, DiskSource, DiskSourceKind};
use policy_api::{AgentId, DenseId, FrameworkId, Resource, Resources, Span, Time};
use sim_core::invariants::check_all;
use sim_core::master::{Input, Master, MasterOptions, Output, Registry, Timer};
use sim_core::protocol::{
    Call, Connection, DiskOperation, Event, FromAgent, HostId, InverseOfferId, MasterOperationId,
    OfferId, OfferOperation, OperationId, OperationKind, OperationOwner, OperationRecord,
    OperationReport, OperationState, Registration, StatusId, StatusUpdate, Subscription, TaskId,
    ToAgent,
};
use sim_core::{Handle, Observation, OfferEnd};
use std::sync::Arc;

/// Mesos's allocator with its default settings, agents in the order of their names.
pub(crate) fn allocator() -> HierarchicalAllocator {
    allocator_with(AgentOrder::ById)
}

pub(crate) fn allocator_with(agent_order: AgentOrder) -> HierarchicalAllocator {
    HierarchicalAllocator::new(HierarchicalOptions {
        agent_order,
        ..HierarchicalOptions::default()
    })
}

/// The same with another interval: where it is long, only events allocate.
fn allocator_every(allocation_interval: Span) -> HierarchicalAllocator {
    HierarchicalAllocator::new(HierarchicalOptions {
        agent_order: AgentOrder::ById,
        allocation_interval,
        ..HierarchicalOptions::default()
    })
}

/// A name of a status update, as an agent would make it.
pub(crate) fn status_id(sequence: u32) -> StatusId {
    StatusId { task: Handle::from_parts(0, 0), sequence }
}

pub(crate) fn registration(agent: AgentId, total: Resources) -> Registration {
    let checkpointed =
        total.filter(false, |it| it.is_dynamically_reserved() || it.is_persistent_volume());
    Registration { info: agent_info(agent), ip: "".into(), total, checkpointed }
}

/// Plays a script at a master. `master_lines.rs` has the lines. The books are checked after each.
pub(crate) fn check(options: MasterOptions, script: &str) {
    play(&mut MasterDesk::new(options), script);
}

/// The same with an allocation every 1000 seconds, so that it is events that allocate.
pub(crate) fn check_events(options: MasterOptions, script: &str) {
    play(&mut MasterDesk::with_interval(options, Span::from_secs(1000)), script);
}

/// An operation that an agent was sent, and has not answered.
#[derive(Clone, Debug)]
pub(crate) struct SentOperation {
    pub(crate) agent: AgentId,
    pub(crate) record: OperationRecord,
    /// What a disk operation will have made.
    converted: Resources,
}

pub(crate) struct MasterDesk {
    pub(crate) master: Master<HierarchicalAllocator>,
    allocation_interval: Span,
    pub(crate) options: MasterOptions,
    /// With which the next master is started; one for roles that are not named.
    pub(crate) weights: Vec<(&'static str, f64)>,
    pub(crate) now: Time,
    timers: Timers<Timer>,
    /// `O1` is the first.
    offers: Vec<OfferId>,
    /// `I1` is the first.
    inverse_offers: Vec<InverseOfferId>,
    /// The connection over which each framework speaks.
    pub(crate) connections: Vec<Connection>,
    /// Agents that do not answer operations.
    pub(crate) silent: Vec<AgentId>,
    /// Operations that were sent to agents, and not answered.
    pub(crate) operations: Vec<SentOperation>,
    /// What the master calls the operations that frameworks have heard of.
    heard: Vec<(OperationId, MasterOperationId)>,
    /// The updates that agents have sent, by their names.
    updates: Vec<(FrameworkId, TaskId)>,
    /// Whether answers to SUBSCRIBE are printed.
    pub(crate) shows_subscriptions: bool,
    /// Whether updates say who made them.
    pub(crate) shows_sources: bool,
    last_report: Option<OperationReport>,
}

impl MasterDesk {
    pub(crate) fn new(options: MasterOptions) -> Self {
        Self::start(options, Span::from_secs(1), &[])
    }

    pub(crate) fn with_interval(options: MasterOptions, allocation_interval: Span) -> Self {
        Self::start(options, allocation_interval, &[])
    }

    /// The first master is started with these weights.
    pub(crate) fn with_weights(options: MasterOptions, weights: &[(&'static str, f64)]) -> Self {
        Self::start(options, Span::from_secs(1), weights)
    }

    fn start(
        options: MasterOptions,
        allocation_interval: Span,
        weights: &[(&'static str, f64)],
    ) -> Self {
        let (allocator, roles) = (allocator_every(allocation_interval), weighted_roles(weights));
        let master = Master::new(allocator, options.clone(), &roles, Registry::new(100));
        let mut desk = Self {
            master,
            allocation_interval,
            options,
            weights: weights.to_vec(),
            now: Time::ZERO,
            timers: Timers::new(),
            offers: Vec::new(),
            inverse_offers: Vec::new(),
            connections: Vec::new(),
            silent: Vec::new(),
            operations: Vec::new(),
            heard: Vec::new(),
            updates: Vec::new(),
            shows_subscriptions: false,
            shows_sources: false,
            last_report: None,
        };
        desk.handle(Input::Start);
        desk
    }

    /// Another master takes over; nobody is connected to it yet.
    pub(crate) fn fail_over(&mut self) -> Vec<String> {
        let registry = self.master.registry().clone();
        let allocator = allocator_every(self.allocation_interval);
        let roles = weighted_roles(&self.weights);
        self.master = Master::new(allocator, self.options.clone(), &roles, registry);
        self.timers = Timers::new();
        self.hand_in(Input::Start)
    }

    /// Hands an input in and says what came out, of timers that were due then included.
    pub(crate) fn hand_in(&mut self, input: Input) -> Vec<String> {
        let mut lines = self.handle(input);
        lines.extend(self.move_to(self.now));
        lines
    }

    /// Accepts the last offer for operations that scripts have no words for.
    pub(crate) fn accept_last(
        &mut self,
        framework: &str,
        operations: Vec<OfferOperation>,
    ) -> Vec<String> {
        let offers = self.offers.last().copied().into_iter().collect();
        self.call(framework, Call::Accept { offers, operations, refuse: Span::ZERO })
    }

    fn handle(&mut self, input: Input) -> Vec<String> {
        let mut out = Vec::new();
        self.master.handle(self.now, input, &mut out);
        check_all(&self.master).unwrap_or_else(|violation| panic!("{violation}"));
        out.into_iter().flat_map(|output| self.note(output)).collect()
    }

    /// Wakes the master whenever it asked for it, up to a time.
    pub(crate) fn move_to(&mut self, to: Time) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            for operation in std::mem::take(&mut self.operations) {
                if self.silent.contains(&operation.agent) {
                    self.operations.push(operation);
                } else {
                    lines.extend(self.report_operation(operation, OperationState::Finished));
                }
            }
            let Some((at, timer)) = self.timers.pop_due(to) else { break };
            self.now = at;
            lines.extend(self.handle(Input::Wake(timer)));
        }
        self.now = to;
        lines
    }

    pub(crate) fn report_operation(
        &mut self,
        operation: SentOperation,
        state: OperationState,
    ) -> Vec<String> {
        let SentOperation { agent, record, converted } = operation;
        let finished = state == OperationState::Finished;
        let converted = if finished { converted } else { Resources::EMPTY };
        let amounts = converted.scalar_quantities();
        let operation = record.number;
        // An agent says once that it never got an operation.
        let is_repeated = state != OperationState::Dropped;
        self.last_report =
            Some(OperationReport { agent, operation, state, converted, amounts, is_repeated });
        self.repeat_report()
    }

    /// The last report once more, as an agent sends it that was not acknowledged.
    pub(crate) fn repeat_report(&mut self) -> Vec<String> {
        let report = self.last_report.clone().expect("a report");
        self.hear_agent(report.agent, FromAgent::OperationUpdate(Box::new(report)))
    }

    fn note_operation(
        &mut self,
        host: HostId,
        (number, kind, owner): (MasterOperationId, OperationKind, OperationOwner),
        pending: Resources,
        converted: Resources,
    ) {
        let (agent, state) = (agent_of(host), OperationState::Pending);
        let record = OperationRecord { number, kind, owner, state, pending };
        self.operations.push(SentOperation { agent, record, converted });
    }

    pub(crate) fn hear_agent(&mut self, agent: AgentId, message: FromAgent) -> Vec<String> {
        let host = self.master.host_of(agent).unwrap_or(HostId::from_index(agent.index()));
        self.handle(Input::Agent { host, message })
    }

    fn note(&mut self, output: Output) -> Vec<String> {
        let now = self.now;
        let lines = match output {
            Output::Wake { at, timer } => {
                self.timers.push(at, timer);
                Vec::new()
            }
            Output::Health(_) => Vec::new(),
            Output::Observe(observation) => observed(&observation).into_iter().collect(),
            Output::ToAgent { host, message } => self.at_agent(host, message),
            Output::ToFramework { framework, connection, event } => {
                self.at_framework(framework, connection, event)
            }
            Output::Response { call, response, .. } => {
                let message = response.message.map(|it| format!(": {it}")).unwrap_or_default();
                vec![format!("{call} {}{message}", response.status)]
            }
            Output::Exit(reason) => vec![format!("the master exits: {reason}")],
        };
        lines.into_iter().map(|line| format!("{now} {line}")).collect()
    }

    fn at_agent(&mut self, host: HostId, message: ToAgent) -> Vec<String> {
        let name = format!("A{}", host.index());
        match message {
            // The setting up of each script.
            ToAgent::Registered { agent } if agent.index() == host.index() => Vec::new(),
            ToAgent::Registered { agent } => {
                vec![format!("{name} is registered as A{}", agent.index())]
            }
            ToAgent::Reregistered { reconcile, .. } if reconcile.is_empty() => {
                vec![format!("{name} is reregistered")]
            }
            ToAgent::Reregistered { reconcile, .. } => {
                let tasks: Vec<_> = reconcile.iter().map(|(_, task, _)| task_name(*task)).collect();
                vec![format!("{name} is reregistered and asked for {}", tasks.join(","))]
            }
            ToAgent::Run(run) => {
                let launches = run.tasks.as_slice();
                let tasks: Vec<_> = launches.iter().map(|it| task_name(it.task)).collect();
                let executor = launches.first().and_then(|launch| launch.executor());
                let executor = executor.map(|executor| {
                    let new = if run.launch_executor { "new " } else { "" };
                    format!(" in {new}E{}", executor.id.0)
                });
                vec![format!("{name} runs {}{}", tasks.join("+"), executor.unwrap_or_default())]
            }
            ToAgent::Kill { task, .. } => vec![format!("{name} kills {}", task_name(task))],
            ToAgent::ShutdownExecutor { executor, .. } => {
                vec![format!("{name} shuts E{} down", executor.0)]
            }
            ToAgent::ShutdownFramework(framework) => {
                vec![format!("{name} shuts F{} down", framework.index())]
            }
            ToAgent::Acknowledge(_) => vec![format!("{name} is acknowledged")],
            ToAgent::Apply { operation, id, owner } => {
                let kind = OperationKind::of(&operation);
                self.note_operation(host, (id, kind, owner), Resources::EMPTY, Resources::EMPTY);
                vec![format!("{name} applies {}", notation::conversion_name(&operation))]
            }
            ToAgent::ApplyDisk { operation, id, owner } => {
                let kind = OperationKind::of_disk(&operation);
                let (pending, converted) = conversion(&operation);
                self.note_operation(host, (id, kind, owner), pending, converted);
                vec![format!("{name} applies {}", notation::disk_operation_name(&operation))]
            }
            // Those that no framework asked to hear of are acknowledged at once.
            ToAgent::AcknowledgeOperation(number) => {
                let heard = self.heard.iter().find(|(_, known)| *known == number);
                let line = |(id, _): &(OperationId, _)| {
                    format!("{name} is acknowledged operation {}", id.0)
                };
                heard.map(line).into_iter().collect()
            }
            ToAgent::ReconcileOperations(operations) => {
                vec![format!("{name} is asked for {} operations", operations.len())]
            }
            ToAgent::CheckpointResources(resources) => {
                let list = notation::write(&resources);
                let list = if list.is_empty() { "nothing" } else { &list };
                vec![format!("{name} checkpoints {list}")]
            }
            ToAgent::Drain(config) => {
                let gone = if config.mark_gone { " to be gone" } else { "" };
                vec![format!("{name} drains{gone}")]
            }
            ToAgent::Shutdown { message, .. } => vec![format!("{name} shuts down: {message}")],
            ToAgent::Ping { connected } => vec![format!("{name} is pinged, {connected}")],
        }
    }

    fn at_framework(
        &mut self,
        framework: FrameworkId,
        connection: Connection,
        event: Event,
    ) -> Vec<String> {
        let mut name = format!("F{}", framework.index());
        if self.connections.get(framework.index()) != Some(&connection) {
            name = format!("the old {name}");
        }
        match event {
            Event::Subscribed if self.shows_subscriptions => vec![format!("{name} is subscribed")],
            // The setting up of each script; `registration` in offers.rs looks at it.
            Event::Subscribed => Vec::new(),
            Event::Offers(offers) => {
                let mut lines = Vec::new();
                for offer in offers {
                    self.offers.push(offer.id);
                    let (number, agent) = (self.offers.len(), offer.agent.index());
                    let what = notation::write(&offer.resources);
                    let until = offer.unavailability.map(|it| format!(" until {}", it.start));
                    let until = until.unwrap_or_default();
                    lines.push(format!("offer O{number} to {name}: A{agent} {what}{until}"));
                }
                lines
            }
            Event::InverseOffers(offers) => {
                let mut lines = Vec::new();
                for (id, agent, unavailability) in offers {
                    self.inverse_offers.push(id);
                    let (number, agent) = (self.inverse_offers.len(), agent.index());
                    let start = unavailability.start;
                    lines.push(format!("inverse offer I{number} to {name}: A{agent} from {start}"));
                }
                lines
            }
            Event::Rescind(offers) => {
                // A new master counts from the beginning.
                let place = |id| self.offers.iter().rposition(|known| *known == id).unwrap() + 1;
                let names: Vec<_> =
                    offers.into_iter().map(|id| format!("O{}", place(id))).collect();
                vec![format!("rescind {} from {name}", names.join(","))]
            }
            Event::RescindInverse(offers) => {
                let place =
                    |id| self.inverse_offers.iter().rposition(|known| *known == id).unwrap() + 1;
                let names: Vec<_> =
                    offers.into_iter().map(|id| format!("I{}", place(id))).collect();
                vec![format!("rescind {} from {name}", names.join(","))]
            }
            Event::Update(update) => {
                let StatusUpdate { task, state, reason, unreachable_since, source, .. } = update;
                let reason = reason.map(|reason| format!(" {reason:?}")).unwrap_or_default();
                let since = unreachable_since.map(|it| format!(" since {it}")).unwrap_or_default();
                let source = Some(format!(" by {source:?}")).filter(|_| self.shows_sources);
                let source = source.unwrap_or_default();
                let (task, state) = (task_name(task), state.name());
                vec![format!("{name} hears {task} {state}{reason}{since}{source}")]
            }
            Event::OperationUpdate(status) => {
                let message = status.message.map(|it| format!(": {it}")).unwrap_or_default();
                let state = status.state.name();
                self.heard.extend(status.acknowledge.map(|number| (status.id, number)));
                vec![format!("{name} hears operation {} {state}{message}", status.id.0)]
            }
            Event::AgentLost(agent) => vec![format!("{name} loses A{}", agent.index())],
            Event::ExecutorExited { agent, executor } => {
                vec![format!("{name} hears that E{} has left A{}", executor.0, agent.index())]
            }
            Event::Error(message) => vec![format!("{name} is refused: {message}")],
        }
    }

    pub(crate) fn offer_ids(&self, word: &str) -> Vec<OfferId> {
        let words = word.split(',').filter(|word| *word != "none");
        words.map(|offer| self.offers[number(offer) - 1]).collect()
    }

    pub(crate) fn inverse_offer_ids(&self, word: &str) -> Vec<InverseOfferId> {
        word.split(',').map(|offer| self.inverse_offers[number(offer) - 1]).collect()
    }

    pub(crate) fn call(&mut self, framework: &str, call: Call) -> Vec<String> {
        let framework: FrameworkId = id(framework);
        let place = framework.index();
        if self.connections.len() <= place {
            self.connections.resize(place + 1, Connection(1));
        }
        let connection = self.connections[place];
        self.hand_in(Input::Call { framework, connection, call })
    }

    /// A new name, for an update of this task.
    pub(crate) fn next_status(&mut self, framework: FrameworkId, task: TaskId) -> StatusId {
        self.updates.push((framework, task));
        status_id(u32::try_from(self.updates.len()).unwrap())
    }

    /// The name of the last update of a task, if it has had one.
    pub(crate) fn last_status(&self, framework: FrameworkId, task: TaskId) -> Option<StatusId> {
        let place = self.updates.iter().rposition(|it| *it == (framework, task))?;
        Some(status_id(u32::try_from(place + 1).unwrap()))
    }

    /// What the master calls an operation that a framework has heard of.
    pub(crate) fn number_of(&self, id: OperationId) -> MasterOperationId {
        self.heard.iter().rfind(|(known, _)| *known == id).expect("heard of").1
    }

    /// Whether the master has the task in its books.
    pub(crate) fn knows(&self, framework: FrameworkId, task: TaskId) -> bool {
        self.master.tasks_of(framework).any(|(known, _, _)| known == task)
    }
}

fn agent_of(host: HostId) -> AgentId {
    AgentId::from_index(host.index())
}

/// What a disk operation consumes and what becomes of it, as a resource provider would have it.
fn conversion(operation: &DiskOperation) -> (Resources, Resources) {
    let (source, made) = match operation {
        DiskOperation::Create { source, target } => (source, target.clone()),
        DiskOperation::Destroy { source } => {
            let raw = DiskSource::new(DiskSourceKind::Raw);
            let info = DiskInfo { source: Some(raw), ..DiskInfo::default() };
            (source, Resource { disk: Some(Arc::new(info)), ..source.clone() })
        }
    };
    ([source.clone()].into_iter().collect(), [made].into_iter().collect())
}

fn weighted_roles(weights: &[(&str, f64)]) -> Vec<(String, f64)> {
    let weight_of = |path: &str| weights.iter().find(|(role, _)| *role == path).map(|it| it.1);
    let with_weight = |(path, weight): (String, f64)| {
        let weight = weight_of(&path).unwrap_or(weight);
        (path, weight)
    };
    roles().into_iter().map(with_weight).collect()
}

/// What a framework of a script says of itself.
pub(crate) fn subscription(framework: FrameworkId) -> Subscription {
    Subscription { info: framework_info(framework, role("a")), ..Subscription::default() }
}

/// What only observations tell.
fn observed(observation: &Observation) -> Option<String> {
    if let Observation::OperationDropped { operation, error, .. } = observation {
        return Some(format!("{} is dropped: {error}", operation.name()));
    }
    let Observation::OffersEnded { framework, end: OfferEnd::Discarded, offers, .. } = observation
    else {
        return None;
    };
    Some(format!("{offers} offers of F{} are discarded", framework.index()))
}

impl Desk for MasterDesk {
    fn command(&mut self, words: &[&str]) -> Vec<String> {
        master_lines::command(self, words)
    }
}
