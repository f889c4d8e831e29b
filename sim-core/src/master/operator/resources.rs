//! Reservations and volumes that an operator asks for (`spec/master.md` section 10).

use super::super::accept::{amounts, authorised};
use super::super::validation::{self, OnAgent, Requester, ValidationError};
use super::super::{AgentState, Master, Output, Request};
use super::Refusal;
use crate::observe::Observation;
use crate::protocol::{OperationKind, Response};
use policy_api::{
    AgentId, Allocator, Conversion, Fact, FrameworkCapabilities, Operation, Resources, Span, Time,
};

/// The filter that keeps rescinded resources from being offered before the operation has them.
const FILTER: Span = Span::from_secs(5);

impl<A: Allocator> Master<A> {
    pub(super) fn operate_on(
        &mut self,
        now: Time,
        agent: AgentId,
        operation: Operation,
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Response, Refusal> {
        if self.agent_state(agent) != AgentState::Registered {
            return Err(Response::refused(400, "No agent found with specified ID"));
        }
        self.may_operate(agent, &operation, request)?;
        let bad = |error: &dyn std::fmt::Display| Response::refused(400, error.to_string());
        let conversions = operation.conversions().map_err(|error| bad(&error))?;
        if let Operation::Destroy(volumes) = &operation {
            self.rescind_offers_with(now, agent, volumes, Some(FILTER), out);
        }
        self.make_room(now, agent, &operation, &conversions, out);
        let conflict = |error: &dyn std::fmt::Display| Response::refused(409, error.to_string());
        if !self.allocator.available_allows(agent, &conversions) {
            return Err(conflict(&"The available resources do not allow the operation"));
        }
        let total = self.agents[agent].total.apply(&operation).map_err(|error| conflict(&error))?;
        self.agents[agent].total = total;
        self.touch(agent);
        let conversions = &conversions;
        self.allocator.apply(now, Fact::UpdateAvailable { agent, conversions });
        out.push(Output::Observe(Observation::OperationApplied {
            framework: None,
            agent,
            operation: OperationKind::of(&operation),
            resources: amounts(&operation),
        }));
        self.send_operation(agent, (None, None), Box::new(operation), out);
        Ok(Response::ACCEPTED)
    }

    fn may_operate(
        &self,
        agent: AgentId,
        operation: &Operation,
        request: &Request,
    ) -> Result<(), Refusal> {
        let capabilities = self.infos[agent].as_ref().map(|it| it.capabilities).unwrap_or_default();
        let requester = Requester {
            role: None,
            principal: request.principal.as_deref(),
            capabilities: FrameworkCapabilities::default(),
        };
        let on_agent = OnAgent {
            capabilities,
            total: &self.agents[agent].total,
            used: &self.agents[agent].used,
        };
        let profile = &self.options.profile;
        validation::supported(operation, profile)
            .and_then(|()| validation::operation(operation, &requester, &on_agent, profile))
            .map_err(|error| Response::refused(400, error.to_string()))?;
        authorised(&self.options.acls, requester.principal, operation).map_err(|error| {
            debug_assert_eq!(error, ValidationError::Unauthorized);
            Response::refused(403, error.to_string())
        })
    }

    /// Takes offers back, one by one, until what came back is enough for the operation. Offers that
    /// have nothing of what it needs stay.
    fn make_room(
        &mut self,
        now: Time,
        agent: AgentId,
        operation: &Operation,
        conversions: &[Conversion],
        out: &mut Vec<Output>,
    ) {
        let mut required = Resources::EMPTY;
        for conversion in conversions {
            required.add(&conversion.consumed);
        }
        let mut recovered = Resources::EMPTY;
        for id in self.agents[agent].offers.clone() {
            let Some(offer) = self.offers.get(id) else { continue };
            let mut left = required.clone();
            left.subtract(&offer.resources);
            if left == required {
                continue;
            }
            recovered.add(&offer.resources);
            required = left;
            self.rescind(now, &[id], Some(FILTER), out);
            if recovered.apply(operation).is_ok() {
                break;
            }
        }
    }
}
