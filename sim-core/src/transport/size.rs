//! How long messages are.

use crate::protocol::{Call, Event, FromAgent, ToAgent};

/// Bytes of messages. Encryption costs by them; time on a link does not depend on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageSizes {
    /// Of any message: a status update has about 500 (`spec/ssl.md` 4.3).
    pub message: u64,
    /// Of each task, executor, operation or offer that a message lists.
    pub entry: u64,
}

impl Default for MessageSizes {
    fn default() -> Self {
        Self { message: 500, entry: 500 }
    }
}

impl MessageSizes {
    /// The length of a message that lists so much.
    pub fn bytes(&self, entries: usize) -> u64 {
        self.message + self.entry * entries as u64
    }
}

/// What messages list.
pub(crate) trait Entries {
    fn entries(&self) -> usize;
}

impl Entries for FromAgent {
    fn entries(&self) -> usize {
        match self {
            Self::Reregister(message) => {
                let listed = message.frameworks.iter();
                let listed: usize = listed.map(|it| it.executors.len() + it.tasks.len()).sum();
                listed + message.operations.len()
            }
            Self::Update { update, .. } => update.operations.as_ref().map_or(0, Vec::len),
            Self::Register(_)
            | Self::Unregister(_)
            | Self::StatusUpdate(_)
            | Self::ExecutorExited { .. }
            | Self::OperationUpdate(_) => 0,
        }
    }
}

impl Entries for ToAgent {
    fn entries(&self) -> usize {
        match self {
            Self::Run(_) => 1,
            Self::Reregistered { reconcile, .. } => reconcile.len(),
            Self::ReconcileOperations(operations) => operations.len(),
            Self::Registered { .. }
            | Self::Kill { .. }
            | Self::ShutdownExecutor { .. }
            | Self::ShutdownFramework(_)
            | Self::Acknowledge(_)
            | Self::Apply { .. }
            | Self::ApplyDisk { .. }
            | Self::AcknowledgeOperation(_)
            | Self::CheckpointResources(_)
            | Self::Drain(_)
            | Self::Shutdown { .. }
            | Self::Ping { .. } => 0,
        }
    }
}

impl Entries for Event {
    fn entries(&self) -> usize {
        match self {
            Self::Offers(offers) => offers.len(),
            Self::InverseOffers(offers) => offers.len(),
            Self::Rescind(offers) => offers.len(),
            Self::RescindInverse(offers) => offers.len(),
            Self::Subscribed
            | Self::Update(_)
            | Self::OperationUpdate(_)
            | Self::AgentLost(_)
            | Self::ExecutorExited { .. }
            | Self::Error(_) => 0,
        }
    }
}

impl Entries for Call {
    fn entries(&self) -> usize {
        match self {
            Self::Accept { offers, operations, .. } => offers.len() + operations.len(),
            Self::Decline { offers, .. } => offers.len(),
            Self::AnswerInverseOffers { offers, .. } => offers.len(),
            Self::Reconcile { tasks } => tasks.len(),
            Self::ReconcileOperations { operations } => operations.len(),
            Self::Subscribe(_)
            | Self::UpdateFramework(_)
            | Self::Suppress { .. }
            | Self::Revive { .. }
            | Self::Acknowledge { .. }
            | Self::AcknowledgeOperation { .. }
            | Self::Kill { .. }
            | Self::Shutdown { .. }
            | Self::Deactivate
            | Self::Teardown => 0,
        }
    }
}
