//! Operations that are under way, or whose end is not acknowledged (`spec/master.md` section 8).

use super::agents::checkpointed;
use super::books::{FrameworkBook, FrameworkState};
use super::{AgentState, Master, Output};
use crate::observe::Observation;
use crate::protocol::{
    Event, MasterOperationId, OperationId, OperationKind, OperationOwner, OperationRecord,
    OperationReport, OperationState, OperationStatus, ToAgent,
};
use policy_api::{
    AgentId, Allocator, Conversion, Fact, FrameworkId, Operation, Quantities, Resources, RoleId,
    Span, Time,
};
use std::sync::Arc;

/// `MIN_WAIT_BEFORE_ORPHAN_OPERATION_ADOPTION`, from the registration of the agent on.
const ORPHAN_ADOPTION: Span = Span::from_secs(600);

/// An operation that the agent was sent.
#[derive(Clone, Debug)]
pub(super) struct PendingOperation {
    pub(super) number: MasterOperationId,
    /// Who asked; `None` for an operator, and for an orphan whose framework is gone.
    pub(super) framework: Option<FrameworkId>,
    /// Set where the framework wants to hear of the end.
    pub(super) id: Option<OperationId>,
    pub(super) kind: OperationKind,
    pub(super) state: OperationState,
    pub(super) effect: Effect,
}

/// When the books follow an operation.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// They did at once. Once the agent has come back without it, it is to be done again if the agent
    /// turns out to have got it after all.
    Speculative { operation: Box<Operation>, undone: bool },
    /// They do when the resource provider is done; these are held until then.
    AtEnd { role: RoleId, framework: FrameworkId, consumed: Resources },
    /// They do when the resource provider is done. Nobody holds what it will consume: that is not in
    /// the agent's total until then.
    Apart { consumed: Resources },
    /// They have, or there is nothing to follow.
    Settled,
}

impl<A: Allocator> Master<A> {
    /// Sends all reservations and volumes to an agent that does not keep them by operations: it follows.
    pub(super) fn send_checkpointed(&mut self, agent: AgentId, out: &mut Vec<Output>) {
        let list = checkpointed(&self.agents[agent].total);
        self.send(agent, ToAgent::CheckpointResources(list), out);
        self.agents[agent].doubts.unconfirmed = false;
    }

    /// Remembers an operation, which the books have followed, and sends it. An agent that does not keep
    /// its reservations by operations gets the list of all of them instead, and answers nothing.
    pub(super) fn send_operation(
        &mut self,
        agent: AgentId,
        requester: (Option<FrameworkId>, Option<OperationId>),
        operation: Box<Operation>,
        out: &mut Vec<Output>,
    ) {
        if !self.answers_operations(agent) {
            self.send_checkpointed(agent, out);
            return;
        }
        let number = MasterOperationId(self.next_number());
        let (framework, id) = requester;
        let kind = OperationKind::of(&operation);
        self.agents[agent].operations.push(PendingOperation {
            number,
            framework,
            id,
            kind,
            state: OperationState::Pending,
            effect: Effect::Speculative { operation: operation.clone(), undone: false },
        });
        let owner = OperationOwner { framework, id };
        self.send(agent, ToAgent::Apply { operation, id: number, owner }, out);
    }

    pub(super) fn operation_update(
        &mut self,
        now: Time,
        report: &OperationReport,
        out: &mut Vec<Output>,
    ) {
        let agent = report.agent;
        if self.agent_state(agent) != AgentState::Registered {
            return;
        }
        self.counters.operation_updates += 1;
        let book = &mut self.agents[agent];
        let returned = book.registered_at;
        let Some(known) = book.operations.iter_mut().find(|it| it.number == report.operation)
        else {
            // Nobody waits for it any more.
            if report.is_repeated {
                self.send(agent, ToAgent::AcknowledgeOperation(report.operation), out);
            }
            return;
        };
        // Sent since the agent was let in, it was answered after all that was under way then.
        book.doubts.unconfirmed &= !matches!(known.effect, Effect::Speculative { .. });
        let first_end = !known.state.is_terminal() && report.state.is_terminal();
        known.state = report.state;
        let known = known.clone();
        if first_end {
            self.counters.operation_ended(known.kind, report.state);
            self.settle_operation(now, agent, &known, report, out);
        }
        if !report.state.is_terminal() {
            return;
        }
        // One that has not subscribed with this master yet hears of it when the agent repeats it, unless
        // nobody but that operation has told of it for long.
        let is_orphan = now >= returned + ORPHAN_ADOPTION;
        let waits = known.framework.filter(|it| match self.frameworks[*it].state {
            FrameworkState::Completed => false,
            FrameworkState::Unknown => !is_orphan,
            FrameworkState::Connected
            | FrameworkState::Disconnected
            | FrameworkState::Recovered => true,
        });
        let waits = waits.zip(known.id);
        if let Some((framework, id)) = waits {
            let (agent, state) = (Some(agent), report.state);
            let acknowledge = report.is_repeated.then_some(known.number);
            let status = OperationStatus { id, agent, state, message: None, acknowledge };
            self.tell(framework, Event::OperationUpdate(status), out);
        }
        if !report.is_repeated {
            self.forget_operation(now, agent, known.number, out);
        } else if waits.is_none() {
            self.drop_operation(now, agent, known.number, out);
        }
    }

    /// An operation that is done, or not: the books follow.
    fn settle_operation(
        &mut self,
        now: Time,
        agent: AgentId,
        known: &PendingOperation,
        report: &OperationReport,
        out: &mut Vec<Output>,
    ) {
        let finished = report.state == OperationState::Finished;
        match &known.effect {
            Effect::Speculative { operation, undone: true } if finished => {
                // It was on its way while the agent told of its resources.
                if let Ok(total) = self.agents[agent].total.apply(operation) {
                    self.set_total(now, agent, total, out);
                }
            }
            Effect::Speculative { .. } | Effect::Settled => {}
            Effect::Apart { consumed } => {
                let mut total = self.agents[agent].total.clone();
                total.add(if finished { &report.converted } else { consumed });
                self.set_total(now, agent, total, out);
            }
            Effect::AtEnd { role, framework, consumed } => {
                let (role, framework) = (*role, *framework);
                self.agents[agent].used.subtract(consumed);
                if finished && self.agents[agent].total.contains(consumed) {
                    let conversion = Conversion {
                        consumed: consumed.clone(),
                        converted: report.converted.clone(),
                        must_vanish: Resources::EMPTY,
                    };
                    let mut total = self.agents[agent].total.clone();
                    total.subtract(consumed);
                    total.add(&report.converted);
                    self.agents[agent].total = total;
                    let conversions = std::slice::from_ref(&conversion);
                    self.allocator.apply(
                        now,
                        Fact::UpdateAllocation {
                            framework,
                            role,
                            agent,
                            offered: consumed,
                            conversions,
                        },
                    );
                    let resources = report.converted.clone();
                    self.recover_used(now, (framework, role, agent), &resources);
                } else {
                    self.recover_used(now, (framework, role, agent), consumed);
                }
                self.touch(agent);
            }
        }
        if known.kind.is_of_disk() && finished {
            out.push(Output::Observe(Observation::OperationApplied {
                framework: known.framework,
                agent,
                operation: known.kind,
                resources: report.amounts,
            }));
        }
    }

    fn recover_used(
        &mut self,
        now: Time,
        (framework, role, agent): (FrameworkId, RoleId, AgentId),
        resources: &Resources,
    ) {
        let (refuse, was_allocated) = (None, true);
        self.allocator.apply(
            now,
            Fact::RecoverResources { framework, role, agent, resources, refuse, was_allocated },
        );
    }

    /// Forgets an operation whose end is known, and lets the agent do the same.
    fn drop_operation(
        &mut self,
        now: Time,
        agent: AgentId,
        number: MasterOperationId,
        out: &mut Vec<Output>,
    ) {
        self.send(agent, ToAgent::AcknowledgeOperation(number), out);
        self.forget_operation(now, agent, number, out);
    }

    fn forget_operation(
        &mut self,
        now: Time,
        agent: AgentId,
        number: MasterOperationId,
        out: &mut Vec<Output>,
    ) {
        self.agents[agent].operations.retain(|it| it.number != number);
        self.finish_drain(now, agent, out);
    }

    pub(super) fn acknowledge_operation(
        &mut self,
        now: Time,
        framework: FrameworkId,
        number: MasterOperationId,
        out: &mut Vec<Output>,
    ) {
        let of_it = |(_, book): &(AgentId, &super::books::AgentBook)| {
            let mut all = book.operations.iter();
            all.any(|it| it.number == number && it.framework == Some(framework))
        };
        let found = self.agents.enumerate().find(of_it).map(|(agent, _)| agent);
        if let Some(agent) = found {
            self.drop_operation(now, agent, number, out);
        }
    }

    /// What a framework asked for that is removed goes on without it.
    pub(super) fn orphan_operations_of(
        &mut self,
        now: Time,
        framework: FrameworkId,
        out: &mut Vec<Output>,
    ) {
        let agents: Vec<AgentId> = self.agents.enumerate().map(|(agent, _)| agent).collect();
        for agent in agents {
            for index in 0..self.agents[agent].operations.len() {
                let operation = &mut self.agents[agent].operations[index];
                if operation.framework != Some(framework) {
                    continue;
                }
                operation.framework = None;
                if let Some(consumed) = self.release_consumed(now, agent, index) {
                    let mut total = self.agents[agent].total.clone();
                    total.subtract(&consumed);
                    self.agents[agent].operations[index].effect = Effect::Apart { consumed };
                    self.set_total(now, agent, total, out);
                }
            }
        }
    }

    /// What an operation under way will consume is its framework's no longer.
    fn release_consumed(&mut self, now: Time, agent: AgentId, index: usize) -> Option<Resources> {
        let book = &mut self.agents[agent];
        let operation = &mut book.operations[index];
        if operation.state.is_terminal() {
            return None;
        }
        let effect = std::mem::replace(&mut operation.effect, Effect::Settled);
        let Effect::AtEnd { role, framework, consumed } = effect else {
            operation.effect = effect;
            return None;
        };
        book.used.subtract(&consumed);
        self.touch(agent);
        self.recover_used(now, (framework, role, agent), &consumed);
        Some(consumed)
    }

    /// An agent has told of its total, in which some operations may have come to their end unheard, and
    /// of which some others will consume a part that nobody holds: what the books are to have.
    pub(super) fn settle_with_total(
        &mut self,
        now: Time,
        agent: AgentId,
        named: &[(MasterOperationId, OperationState)],
        mut total: Resources,
    ) -> Resources {
        for index in 0..self.agents[agent].operations.len() {
            let number = self.agents[agent].operations[index].number;
            let is_ended = |(it, state): &(_, OperationState)| *it == number && state.is_terminal();
            let has_ended = named.iter().any(is_ended);
            if has_ended {
                self.release_consumed(now, agent, index);
            }
            let operation = &mut self.agents[agent].operations[index];
            match &operation.effect {
                Effect::Apart { .. } if has_ended => operation.effect = Effect::Settled,
                Effect::Apart { consumed } => total.subtract(consumed),
                Effect::Speculative { .. } | Effect::AtEnd { .. } | Effect::Settled => {}
            }
        }
        total
    }

    /// What the agent will have once it has got what was sent to it before it told of its total. It says so
    /// of an operation that it cannot do.
    pub(super) fn with_what_is_on_its_way(
        &mut self,
        agent: AgentId,
        named: &[(MasterOperationId, OperationState)],
        mut total: Resources,
    ) -> Resources {
        let book = &mut self.agents[agent];
        for pending in book.operations.iter_mut().filter(|it| it.state == OperationState::Pending) {
            let is_named = named.iter().any(|(number, _)| *number == pending.number);
            let Effect::Speculative { operation, undone } = &mut pending.effect else { continue };
            if is_named || *undone {
                continue;
            }
            match total.apply(operation) {
                Ok(with) => total = with,
                Err(_) => *undone = true,
            }
            book.doubts.disputed |= *undone;
        }
        total
    }

    /// What agents tell of operations to a master that does not know them. Those that nobody waits for
    /// are acknowledged.
    pub(super) fn recover_operations(
        &mut self,
        agent: AgentId,
        records: Vec<OperationRecord>,
        out: &mut Vec<Output>,
    ) {
        for record in records {
            let OperationRecord { number, kind, owner, state, pending } = record;
            let framework = owner.framework.filter(|framework| {
                let book = self.frameworks.grow_to(*framework, FrameworkBook::default);
                book.state != FrameworkState::Completed
            });
            if state.is_terminal() && framework.and(owner.id).is_none() {
                self.send(agent, ToAgent::AcknowledgeOperation(number), out);
                continue;
            }
            let effect = if pending.is_empty() {
                Effect::Settled
            } else {
                Effect::Apart { consumed: pending }
            };
            let id = owner.id;
            let operation = PendingOperation { number, framework, id, kind, state, effect };
            self.agents[agent].operations.push(operation);
        }
    }

    /// Compares with the operations that an agent names. Those that it does not name are asked for.
    pub(super) fn compare_operations(
        &mut self,
        agent: AgentId,
        named: &[(MasterOperationId, OperationState)],
        total_replaced: bool,
        out: &mut Vec<Output>,
    ) {
        let mut missing = Vec::new();
        let book = &mut self.agents[agent];
        for operation in &mut book.operations {
            if named.iter().any(|(number, _)| *number == operation.number) {
                continue;
            }
            if let Effect::Speculative { undone, .. } = &mut operation.effect {
                *undone |= total_replaced && operation.state == OperationState::Pending;
                book.doubts.disputed |= *undone;
            }
            if !operation.state.is_terminal() {
                missing.push(operation.number);
            }
        }
        if !missing.is_empty() {
            self.send(agent, ToAgent::ReconcileOperations(missing), out);
        }
    }

    /// Tells frameworks what has become of their operations with an agent that is lost.
    pub(super) fn lose_operations(
        &mut self,
        agent: AgentId,
        state: OperationState,
        out: &mut Vec<Output>,
    ) {
        for operation in std::mem::take(&mut self.agents[agent].operations) {
            let waits = operation.framework.zip(operation.id);
            if let Some((framework, id)) = waits
                && !operation.state.is_terminal()
            {
                let (agent, message) = (Some(agent), None);
                let status = OperationStatus { id, agent, state, message, acknowledge: None };
                self.tell(framework, Event::OperationUpdate(status), out);
            }
        }
    }

    /// An operation that was refused: only a framework that gave it an id hears of it.
    pub(super) fn refuse_operation(
        &mut self,
        framework: FrameworkId,
        agent: Option<AgentId>,
        (kind, id): (OperationKind, Option<OperationId>),
        resources: Quantities,
        error: Arc<super::ValidationError>,
        out: &mut Vec<Output>,
    ) {
        if let Some(id) = id {
            let message = Some(error.to_string().into());
            let state = OperationState::Error;
            let status = OperationStatus { id, agent, state, message, acknowledge: None };
            self.tell(framework, Event::OperationUpdate(status), out);
        }
        self.counters.operation_ended(kind, OperationState::Error);
        let operation = kind;
        out.push(Output::Observe(Observation::OperationDropped {
            framework,
            agent,
            operation,
            resources,
            error,
        }));
    }
}
