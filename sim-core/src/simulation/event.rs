//! What waits in the queue.

use super::disturbances::Repair;
use super::transport::Progress;
use crate::faults::{Fault, Peer};
use crate::health::HealthCheck;
use crate::network::{Direction, NetworkTimer};
use crate::protocol::{Call, Connection, Event as ForFramework, FromAgent, HostId, ToAgent};
use crate::{agent, framework, master};
use policy_api::FrameworkId;

/// A message that arrives, or a wake-up.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// For the master of this term.
    Master(u32, master::Input),
    /// Arrives at the master of this term, which takes its time; so many bytes of it are encrypted.
    ToMaster(u32, u32, master::Input),
    /// By itself.
    Agent(HostId, agent::Input),
    /// Over this connection.
    ToAgent(HostId, u32, ToAgent),
    Framework(FrameworkId, framework::Input),
    ToFramework(FrameworkId, Connection, ForFramework),
    HealthTick(HealthCheck),
    HealthWait(HealthCheck),
    Ping(HealthCheck, HostId, bool),
    Pong(HealthCheck),
    /// This connection of a link makes progress.
    Connection(Peer, Direction, u32, Progress),
    Fault(Box<Fault>),
    Repair(Box<Repair>),
    Network(NetworkTimer),
    /// The operator call of this number.
    Operator(u32),
}

impl Event {
    /// Whether there is something to wait for, even where no task is left.
    pub(super) const fn is_awaited(&self) -> bool {
        match self {
            Self::Master(_, master::Input::Wake(timer)) => match timer {
                master::Timer::BatchTick
                | master::Timer::Allocate
                | master::Timer::OfferTimeout
                | master::Timer::RegistryStored
                | master::Timer::Throttled(_)
                | master::Timer::RemovalPermit { .. } => true,
                master::Timer::RegistryGc
                | master::Timer::AgentReregisterTimeout { .. }
                | master::Timer::FailoverTimeout { .. }
                | master::Timer::RecoveryTimeout => false,
            },
            Self::Agent(_, agent::Input::Wake(timer)) => match timer {
                agent::Timer::Restart { .. }
                | agent::Timer::RecoveryEnds { .. }
                | agent::Timer::Fetch(_)
                | agent::Timer::ExecutorStarted(_)
                | agent::Timer::TaskStarted(_)
                | agent::Timer::TaskEnded(_)
                | agent::Timer::TaskStopped(_)
                | agent::Timer::DiskOperation(_) => true,
                // It is repeated for ever where nobody answers.
                agent::Timer::Register { .. }
                | agent::Timer::RecoveryTimeout { .. }
                | agent::Timer::ExecutorRegistrationTimeout(_)
                | agent::Timer::ExecutorShutdownTimeout(_)
                | agent::Timer::Retry
                | agent::Timer::TaskOverdue(_)
                | agent::Timer::AskEstimator { .. }
                | agent::Timer::AskQosController { .. }
                | agent::Timer::Sample => false,
            },
            Self::Master(..)
            | Self::ToMaster(..)
            | Self::Connection(..)
            | Self::Agent(..)
            | Self::ToAgent(..)
            | Self::Framework(..)
            | Self::ToFramework(..)
            | Self::Operator(_) => true,
            Self::HealthTick(_)
            | Self::HealthWait(_)
            | Self::Ping(..)
            | Self::Pong(_)
            | Self::Fault(_)
            // Stale ones must not keep a run going; those that count belong to live tasks.
            | Self::Network(_)
            | Self::Repair(_) => false,
        }
    }
}

impl Event {
    /// Whether it may come twice: what its sender says again where no answer comes, and the answers.
    /// Connections themselves duplicate nothing, so that nothing else needs to be safe against it.
    pub(super) const fn is_repeated(&self) -> bool {
        match self {
            Self::Master(_, master::Input::Agent { message, .. })
            | Self::ToMaster(_, _, master::Input::Agent { message, .. }) => match message {
                FromAgent::Register(_)
                | FromAgent::Reregister(_)
                | FromAgent::StatusUpdate(_)
                | FromAgent::OperationUpdate(_) => true,
                FromAgent::Unregister(_)
                | FromAgent::ExecutorExited { .. }
                | FromAgent::Update { .. } => false,
            },
            Self::Master(_, master::Input::Call { call, .. })
            | Self::ToMaster(_, _, master::Input::Call { call, .. }) => {
                matches!(call, Call::Subscribe(_) | Call::Kill { .. } | Call::Reconcile { .. })
            }
            Self::ToAgent(_, _, message) => matches!(
                message,
                ToAgent::Registered { .. }
                    | ToAgent::Reregistered { .. }
                    | ToAgent::Acknowledge(_)
                    | ToAgent::AcknowledgeOperation(_)
                    | ToAgent::Kill { .. }
            ),
            Self::ToFramework(_, _, event) => matches!(
                event,
                ForFramework::Subscribed
                    | ForFramework::Update(_)
                    | ForFramework::OperationUpdate(_)
            ),
            Self::Master(..)
            | Self::ToMaster(..)
            | Self::Connection(..)
            | Self::Agent(..)
            | Self::Framework(..)
            | Self::HealthTick(_)
            | Self::HealthWait(_)
            | Self::Ping(..)
            | Self::Pong(_)
            | Self::Fault(_)
            | Self::Repair(_)
            | Self::Network(_)
            | Self::Operator(_) => false,
        }
    }
}
