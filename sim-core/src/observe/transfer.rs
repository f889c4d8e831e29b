//! Bytes that have moved.

use crate::protocol::HostId;
use policy_api::{FrameworkId, Span, Time};

/// What bytes are moved for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferPhase {
    /// A task reads before it computes.
    Read,
    /// A task writes after it has computed.
    Write,
    /// A fetcher downloads a file of a container.
    Fetch,
}

impl TransferPhase {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Fetch => "fetch",
        }
    }
}

/// The bytes of one phase of a task, or of one file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransferRecord {
    pub host: HostId,
    pub framework: FrameworkId,
    pub phase: TransferPhase,
    pub started: Time,
    /// In bytes.
    pub sent: f64,
    pub received: f64,
    /// How long the container was held to its cap meanwhile, both directions added.
    pub throttled: Span,
    /// Connections that found no port, and were tried again.
    pub failed_connects: u64,
    /// What was sent in vain by senders that do not adapt, in bytes.
    pub sent_dropped: f64,
    pub received_dropped: f64,
    /// False where nobody wanted them any more before all was moved.
    pub is_complete: bool,
}

impl TransferRecord {
    /// Of a transfer that has moved nothing yet.
    pub(crate) const fn begun(
        started: Time,
        host: HostId,
        framework: FrameworkId,
        phase: TransferPhase,
    ) -> Self {
        Self {
            host,
            framework,
            phase,
            started,
            sent: 0.0,
            received: 0.0,
            throttled: Span::ZERO,
            failed_connects: 0,
            sent_dropped: 0.0,
            received_dropped: 0.0,
            is_complete: false,
        }
    }
}
