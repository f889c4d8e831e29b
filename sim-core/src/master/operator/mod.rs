//! The operator API (`spec/master.md` sections 3.6, 4, 10 and 11): who may ask for what, and the
//! answer that a client would see.

mod agents;
mod maintenance;
mod quota;
mod resources;
mod weights;

pub use maintenance::MaintenanceAnswer;
pub(super) use maintenance::fits;

use super::acls::Action;
use super::{FrameworkState, Master, Output, Request};
use crate::protocol::{OperatorCall, Response};
use policy_api::{Allocator, FrameworkId, Operation, Time};

/// Answers, where anybody asked.
pub(super) fn respond(
    request: Option<Request>,
    call: &'static str,
    response: Response,
    out: &mut Vec<Output>,
) {
    if let Some(request) = request {
        out.push(Output::Response { request, call, response });
    }
}

/// A call that is refused.
type Refusal = Response;

impl<A: Allocator> Master<A> {
    pub(super) fn operator_call(
        &mut self,
        now: Time,
        request: Request,
        call: OperatorCall,
        out: &mut Vec<Output>,
    ) {
        let name = call.name();
        if let Err(refusal) = self.supports(&call) {
            respond(Some(request), name, refusal, out);
            return;
        }
        // A call that goes on is answered when the registry has it.
        let ended = match call {
            OperatorCall::Operate { agent, operation } => {
                self.operate_on(now, agent, *operation, &request, out).map(Some)
            }
            OperatorCall::UpdateQuota { force, quotas } => {
                self.update_quota(now, force, &quotas, &request, out)
            }
            OperatorCall::SetQuota { force, role, guarantee } => {
                self.set_quota(now, force, &role, &guarantee, &request, out)
            }
            OperatorCall::RemoveQuota { role } => self.remove_quota(now, &role, &request, out),
            OperatorCall::UpdateWeights(weights) => {
                self.update_weights(now, weights, &request, out)
            }
            OperatorCall::UpdateMaintenanceSchedule(schedule) => {
                self.update_schedule(now, schedule, &request, out)
            }
            OperatorCall::StartMaintenance(machines) => {
                self.start_maintenance(now, machines, &request, out)
            }
            OperatorCall::StopMaintenance(machines) => {
                self.stop_maintenance(now, machines, &request, out)
            }
            OperatorCall::DrainAgent { agent, config } => {
                self.drain_agent(now, agent, config, &request, out)
            }
            OperatorCall::DeactivateAgent { agent } => {
                self.deactivate_agent(now, agent, &request, out)
            }
            OperatorCall::ReactivateAgent { agent } => {
                self.reactivate_agent(now, agent, &request, out)
            }
            OperatorCall::MarkAgentGone { agent } => {
                self.mark_agent_gone(now, agent, &request, out)
            }
            OperatorCall::Teardown { framework } => {
                self.tear_down(now, framework, &request, out).map(Some)
            }
        };
        match ended {
            Ok(Some(response)) | Err(response) => respond(Some(request), name, response, out),
            Ok(None) => {}
        }
    }

    /// A version that lacks the call does not know it.
    fn supports(&self, call: &OperatorCall) -> Result<(), Refusal> {
        let profile = &self.options.profile;
        let supported = match call {
            OperatorCall::Operate { operation, .. } => match **operation {
                Operation::Reserve { .. } | Operation::Unreserve(_) => {
                    profile.operator_reservations
                }
                Operation::Create(_) | Operation::Destroy(_) => profile.operator_volumes,
                Operation::GrowVolume { .. } | Operation::ShrinkVolume { .. } => {
                    profile.resize_volumes
                }
            },
            OperatorCall::UpdateQuota { .. } => profile.quota_limits,
            OperatorCall::SetQuota { .. } | OperatorCall::RemoveQuota { .. } => profile.quota,
            OperatorCall::UpdateWeights(_) => profile.update_weights,
            OperatorCall::UpdateMaintenanceSchedule(_)
            | OperatorCall::StartMaintenance(_)
            | OperatorCall::StopMaintenance(_) => profile.maintenance,
            OperatorCall::DrainAgent { .. }
            | OperatorCall::DeactivateAgent { .. }
            | OperatorCall::ReactivateAgent { .. } => profile.draining,
            OperatorCall::MarkAgentGone { .. } => profile.mark_gone,
            OperatorCall::Teardown { .. } => true,
        };
        if supported {
            return Ok(());
        }
        let message = format!("unsupported operation: {} lacks {}", profile.name, call.name());
        Err(Response::refused(400, message))
    }

    /// 403 where the rules refuse it.
    fn authorise(
        &self,
        action: Action,
        request: &Request,
        object: Option<&str>,
    ) -> Result<(), Refusal> {
        if self.options.acls.allow(action, request.principal.as_deref(), object) {
            Ok(())
        } else {
            Err(Response::refused(403, "Not authorized"))
        }
    }

    fn tear_down(
        &mut self,
        now: Time,
        framework: FrameworkId,
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Response, Refusal> {
        let book = self.frameworks.get(framework).filter(|book| book.is_known());
        let Some(book) = book else {
            return Err(Response::refused(400, "No framework found with specified ID"));
        };
        if book.state == FrameworkState::Recovered && !self.options.profile.recovered_frameworks {
            return Err(Response::refused(400, "No framework found with specified ID"));
        }
        let principal = book.subscription.principal.as_deref();
        self.authorise(Action::TeardownFramework, request, principal)?;
        self.remove_framework(now, framework, out);
        Ok(Response::OK)
    }
}
