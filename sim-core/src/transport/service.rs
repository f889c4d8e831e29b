//! How long the master takes for what it hears.

use super::size::Entries;
use crate::master::Input;
use crate::protocol::FromAgent;
use policy_api::Span;

/// Processor time of the master's one thread. The allocator has a thread of its own in Mesos, and takes
/// no time here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceTimes {
    /// Of a registration or re-registration of an agent.
    pub registration: Span,
    /// Of a status update.
    pub status_update: Span,
    /// Of a call of a framework.
    pub call: Span,
    /// Of a call of an operator.
    pub operator_call: Span,
    /// Of any other message.
    pub message: Span,
    /// Of each task, executor, operation or offer that it lists, on top of that.
    pub entry: Span,
}

impl Default for ServiceTimes {
    /// Orders of magnitude: no source gives these times one by one. With them 40,000 agents with ten
    /// tasks each are re-registered in 14 s of processor time.
    fn default() -> Self {
        Self {
            registration: Span::from_micros(100),
            status_update: Span::from_micros(50),
            call: Span::from_micros(50),
            operator_call: Span::from_micros(500),
            message: Span::from_micros(20),
            entry: Span::from_micros(25),
        }
    }
}

impl ServiceTimes {
    /// What the master takes for this. Its own timers take no time.
    pub(crate) fn of(&self, input: &Input) -> Span {
        let (time, entries) = match input {
            Input::Agent { message, .. } => {
                let time = match message {
                    FromAgent::Register(_) | FromAgent::Reregister(_) => self.registration,
                    FromAgent::StatusUpdate(_) => self.status_update,
                    FromAgent::Unregister(_)
                    | FromAgent::ExecutorExited { .. }
                    | FromAgent::Update { .. }
                    | FromAgent::OperationUpdate(_) => self.message,
                };
                (time, message.entries())
            }
            Input::Call { call, .. } => (self.call, call.entries()),
            Input::Operator { .. } => (self.operator_call, 0),
            Input::AgentExited { .. } | Input::FrameworkExited { .. } => (self.message, 0),
            Input::Start | Input::AgentUnhealthy(_) | Input::AgentHealthy(_) | Input::Wake(_) => {
                (Span::ZERO, 0)
            }
        };
        time + self.entry * entries as u64
    }
}
