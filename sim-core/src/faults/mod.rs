//! Faults: what breaks, when, and for how long.
//!
//! A scenario lists them ([`ScriptedFaults`]), has them drawn ([`DrawnFaults`]), or takes them from a
//! trace of machines ([`machine_faults`]). [`FaultStream`] merges all of them in the order of time.

mod drawn;
mod law;
mod scripted;
mod stream;
mod trace;

pub use drawn::{DrawnFaults, FaultRule, Rhythm, Targets};
pub use law::Law;
pub use scripted::ScriptedFaults;
pub use stream::{FaultSource, FaultStream};
pub use trace::{MachineChange, MachineEvent, machine_faults};

use crate::network::{Direction, Latency, LinkFault};
use crate::observe::FaultKind;
use crate::protocol::HostId;
use policy_api::{DenseId, FrameworkId, Span};

/// A million: what probabilities of faults are parts of.
const MILLION: u32 = 1_000_000;

/// Something that breaks. A span of [`Span::MAX`] is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process of the agent dies; executors and tasks live on.
    AgentCrash {
        host: HostId,
        restart_after: Option<Span>,
    },
    /// The host goes down with all that runs on it, and comes back with its disks.
    HostReboot {
        host: HostId,
        down_for: Span,
    },
    /// The host goes down, and another one comes up in its place, with empty disks.
    HostReplacement {
        host: HostId,
        down_for: Span,
    },
    /// Messages to the master, from it, or both do not pass.
    Partition {
        peer: Peer,
        to_master: bool,
        from_master: bool,
        duration: Span,
        /// The sockets close at once, instead of going silent.
        closes: bool,
    },
    /// Each message takes longer.
    SlowLink {
        peer: Peer,
        extra: Latency,
        duration: Span,
    },
    /// Of a million messages so many are lost. Of those that their sender says again where no answer
    /// comes, so many arrive twice.
    LossyLink {
        peer: Peer,
        loss: u32,
        duplication: u32,
        duration: Span,
    },
    FrameworkCrash {
        framework: FrameworkId,
        restart_after: Option<Span>,
    },
    /// One executor of the host dies.
    ExecutorFailure {
        host: HostId,
    },
    DiskFull {
        host: HostId,
        duration: Span,
    },
    /// The leading master dies; `election` is the time until another one leads.
    MasterCrash {
        election: Span,
    },
    /// Nobody trusts the certificate of the peer, or of the master: new encrypted connections fail where
    /// certificates are looked at.
    BadCertificate {
        of: Option<Peer>,
        duration: Span,
    },
}

/// The other end of a link to the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    Host(HostId),
    Framework(FrameworkId),
}

impl Peer {
    /// The host's or the framework's number.
    pub fn number(self) -> u32 {
        let index = match self {
            Self::Host(host) => host.index(),
            Self::Framework(framework) => framework.index(),
        };
        u32::try_from(index).unwrap_or(u32::MAX)
    }
}

impl Fault {
    pub const fn kind(&self) -> FaultKind {
        match self {
            Self::AgentCrash { .. } => FaultKind::AgentCrash,
            Self::HostReboot { .. } => FaultKind::HostReboot,
            Self::HostReplacement { .. } => FaultKind::HostReplacement,
            Self::Partition { .. } => FaultKind::Partition,
            Self::SlowLink { .. } => FaultKind::SlowLink,
            Self::LossyLink { .. } => FaultKind::LossyLink,
            Self::FrameworkCrash { .. } => FaultKind::FrameworkCrash,
            Self::ExecutorFailure { .. } => FaultKind::ExecutorFailure,
            Self::DiskFull { .. } => FaultKind::DiskFull,
            Self::MasterCrash { .. } => FaultKind::MasterCrash,
            Self::BadCertificate { .. } => FaultKind::BadCertificate,
        }
    }

    /// Whom it strikes; `None` for the master.
    pub const fn target(&self) -> Option<Peer> {
        match *self {
            Self::AgentCrash { host, .. }
            | Self::HostReboot { host, .. }
            | Self::HostReplacement { host, .. }
            | Self::ExecutorFailure { host }
            | Self::DiskFull { host, .. } => Some(Peer::Host(host)),
            Self::Partition { peer, .. }
            | Self::SlowLink { peer, .. }
            | Self::LossyLink { peer, .. } => Some(peer),
            Self::FrameworkCrash { framework, .. } => Some(Peer::Framework(framework)),
            Self::BadCertificate { of, .. } => of,
            Self::MasterCrash { .. } => None,
        }
    }

    /// What it does to which link; `None` where it strikes something else.
    pub fn link_fault(&self) -> Option<(Peer, LinkFault)> {
        let sound = LinkFault::default();
        match *self {
            Self::Partition { peer, to_master, from_master, .. } => {
                let mut blocked = [false; 2];
                blocked[Direction::ToMaster as usize] = to_master;
                blocked[Direction::FromMaster as usize] = from_master;
                Some((peer, LinkFault { blocked, ..sound }))
            }
            Self::SlowLink { peer, extra, .. } => Some((peer, LinkFault { extra, ..sound })),
            Self::LossyLink { peer, loss, duplication, .. } => {
                Some((peer, LinkFault { loss, duplication, ..sound }))
            }
            Self::AgentCrash { .. }
            | Self::HostReboot { .. }
            | Self::HostReplacement { .. }
            | Self::FrameworkCrash { .. }
            | Self::ExecutorFailure { .. }
            | Self::DiskFull { .. }
            | Self::MasterCrash { .. }
            | Self::BadCertificate { .. } => None,
        }
    }

    /// The same fault on this host. Those of frameworks and of the master strike no host and stay.
    #[must_use]
    pub fn on(mut self, struck: HostId) -> Self {
        match &mut self {
            Self::AgentCrash { host, .. }
            | Self::HostReboot { host, .. }
            | Self::HostReplacement { host, .. }
            | Self::ExecutorFailure { host }
            | Self::DiskFull { host, .. } => *host = struck,
            Self::Partition { peer, .. }
            | Self::SlowLink { peer, .. }
            | Self::LossyLink { peer, .. }
            | Self::BadCertificate { of: Some(peer), .. } => *peer = Peer::Host(struck),
            Self::FrameworkCrash { .. }
            | Self::MasterCrash { .. }
            | Self::BadCertificate { of: None, .. } => {}
        }
        self
    }

    /// The same fault, repaired after this span. The end of an executor is not repaired.
    #[must_use]
    fn lasting(mut self, span: Span) -> Self {
        match &mut self {
            Self::AgentCrash { restart_after, .. } | Self::FrameworkCrash { restart_after, .. } => {
                *restart_after = Some(span);
            }
            Self::HostReboot { down_for: duration, .. }
            | Self::HostReplacement { down_for: duration, .. }
            | Self::Partition { duration, .. }
            | Self::SlowLink { duration, .. }
            | Self::LossyLink { duration, .. }
            | Self::DiskFull { duration, .. }
            | Self::BadCertificate { duration, .. }
            | Self::MasterCrash { election: duration } => *duration = span,
            Self::ExecutorFailure { .. } => {}
        }
        self
    }

    /// Appends what is wrong with its parameters, with their names under `key`.
    fn check(&self, key: &str, errors: &mut Vec<FaultError>) {
        if let Self::LossyLink { loss, duplication, .. } = *self {
            for (name, per_million) in [("loss", loss), ("duplication", duplication)] {
                check_probability(&format!("{key}.{name}"), per_million, errors);
            }
        }
        if let Self::Partition { to_master: false, from_master: false, .. } = self {
            let expected = "found neither `to_master` nor `from_master`, expected at least one";
            errors.push(FaultError::new(key, expected));
        }
    }
}

fn check_probability(key: &str, per_million: u32, errors: &mut Vec<FaultError>) {
    if per_million > MILLION {
        let problem = format!("found {per_million} of a million, expected at most all");
        errors.push(FaultError::new(key, problem));
    }
}

/// A parameter that makes no sense, by name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct FaultError {
    pub key: String,
    /// What was found, and what was expected.
    pub problem: String,
}

impl FaultError {
    fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }
}
