//! What an operator decides about agents: drain, deactivate, reactivate, gone (`spec/master.md` 3.6).

use super::super::acls::Action;
use super::super::registry::{Drain, RegistryOperation, Standing};
use super::super::{AgentState, Master, Output, Request};
use super::{Refusal, respond};
use crate::observe::{AgentChange, Observation};
use crate::protocol::{DrainConfig, Response, ToAgent};
use policy_api::{AgentId, Allocator, Fact, Time};

impl<A: Allocator> Master<A> {
    pub(super) fn mark_agent_gone(
        &mut self,
        now: Time,
        agent: AgentId,
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Option<Response>, Refusal> {
        self.authorise(Action::MarkAgentGone, request, None)?;
        match self.agent_state(agent) {
            AgentState::Gone => return Ok(Some(Response::OK)),
            AgentState::Registered | AgentState::Recovered | AgentState::Unreachable => {}
            AgentState::Removed | AgentState::Unknown => {
                return Err(Response::refused(404, "Agent not found"));
            }
        }
        if self.agents.get(agent).is_some_and(|book| book.in_transition) {
            return Err(Response::refused(503, "Agent is in transition"));
        }
        let request = Some(request.clone());
        let operation = RegistryOperation::MarkGone { agent, since: now, request };
        self.change_agent(now, operation, agent, out);
        Ok(None)
    }

    pub(super) fn drain_agent(
        &mut self,
        now: Time,
        agent: AgentId,
        config: DrainConfig,
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Option<Response>, Refusal> {
        self.authorise(Action::DrainAgent, request, None)?;
        self.known_standing(agent)?;
        if let Some(book) = self.agents.get(agent) {
            if book.in_transition {
                return Err(Response::refused(409, "Agent is in transition"));
            }
            if book.state == AgentState::Registered && book.unavailability.is_some() {
                return Err(Response::refused(400, "Agent is part of a maintenance schedule"));
            }
            let capable = self.infos.get(agent).and_then(Option::as_ref);
            if capable.is_some_and(|info| !info.capabilities.agent_draining) {
                return Err(Response::refused(400, "Agent is not capable of draining"));
            }
        }
        let drain = Some(Drain { config, drained: false, started: now });
        let standing = Standing { deactivated: true, drain };
        self.update_standing(now, agent, standing, request, out);
        Ok(None)
    }

    pub(super) fn deactivate_agent(
        &mut self,
        now: Time,
        agent: AgentId,
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Option<Response>, Refusal> {
        self.authorise(Action::DeactivateAgent, request, None)?;
        let standing = Standing { deactivated: true, ..self.known_standing(agent)? };
        self.update_standing(now, agent, standing, request, out);
        Ok(None)
    }

    pub(super) fn reactivate_agent(
        &mut self,
        now: Time,
        agent: AgentId,
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Option<Response>, Refusal> {
        self.authorise(Action::ReactivateAgent, request, None)?;
        let standing = self.known_standing(agent)?;
        if !standing.deactivated {
            return Err(Response::refused(400, "Agent is not deactivated"));
        }
        if standing.drain.is_some_and(|drain| !drain.drained) {
            return Err(Response::refused(400, "Agent is still in the DRAINING state"));
        }
        self.update_standing(now, agent, Standing::default(), request, out);
        Ok(None)
    }

    fn known_standing(&self, agent: AgentId) -> Result<Standing, Refusal> {
        match self.agent_state(agent) {
            AgentState::Registered | AgentState::Recovered | AgentState::Unreachable => {
                Ok(self.registry().standing(agent))
            }
            AgentState::Removed | AgentState::Gone | AgentState::Unknown => {
                Err(Response::refused(400, "Unknown agent"))
            }
        }
    }

    fn update_standing(
        &mut self,
        now: Time,
        agent: AgentId,
        standing: Standing,
        request: &Request,
        out: &mut Vec<Output>,
    ) {
        let request = Some(request.clone());
        let operation = RegistryOperation::UpdateStanding { agent, standing, request };
        self.change_agent(now, operation, agent, out);
    }

    /// The registry has what was decided about an agent.
    pub(in crate::master) fn standing_updated(
        &mut self,
        now: Time,
        agent: AgentId,
        standing: Standing,
        request: Option<Request>,
        out: &mut Vec<Output>,
    ) {
        let book = &mut self.agents[agent];
        book.in_transition = false;
        let (before, was_active) = (book.standing, book.is_active());
        book.standing = standing;
        let is_active = book.is_active();
        let (call, change) = match (standing.drain, standing.deactivated) {
            (Some(Drain { drained: true, .. }), _) => ("DRAIN_AGENT", AgentChange::Drained),
            (Some(Drain { drained: false, .. }), _) => ("DRAIN_AGENT", AgentChange::Draining),
            (None, true) => ("DEACTIVATE_AGENT", AgentChange::Deactivated),
            (None, false) => ("REACTIVATE_AGENT", AgentChange::Reactivated),
        };
        out.push(Output::Observe(Observation::AgentChanged { agent, change }));
        if self.agents[agent].state == AgentState::Registered {
            if was_active && !is_active {
                self.allocator.apply(now, Fact::DeactivateAgent { agent });
            } else if !was_active && is_active {
                self.allocator.apply(now, Fact::ActivateAgent { agent });
            }
            if !before.deactivated && standing.deactivated {
                self.rescind_all_of_agent(now, agent, out);
            }
        }
        respond(request, call, Response::OK, out);
        if before.drain != standing.drain {
            self.drain_again(now, agent, out);
        }
    }

    /// An agent that is to be drained is told, again each time that it comes back.
    pub(in crate::master) fn drain_again(
        &mut self,
        now: Time,
        agent: AgentId,
        out: &mut Vec<Output>,
    ) {
        let book = &self.agents[agent];
        if book.state != AgentState::Registered {
            return;
        }
        if let Some(Drain { config, drained: false, .. }) = book.standing.drain {
            self.send(agent, ToAgent::Drain(config), out);
            self.finish_drain(now, agent, out);
        }
    }
}
