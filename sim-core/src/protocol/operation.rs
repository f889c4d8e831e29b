//! Operations in an ACCEPT, and what is told of those that are watched (`spec/master.md` sections 6
//! and 8).

use super::task::Launch;
use policy_api::{AgentId, FrameworkId, Operation, Quantities, Resource, Resources};
use std::sync::Arc;

/// An operation as its framework names it, when it wants to hear what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(pub u32);

/// An operation as the master names it; stands for its uuid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MasterOperationId(pub u64);

/// What a framework does with offers that it accepts.
#[derive(Clone, Debug)]
pub struct OfferOperation {
    /// Set, the framework hears of the operation's end and acknowledges it. A launch with one is an
    /// error.
    pub id: Option<OperationId>,
    pub kind: OfferOperationKind,
}

#[derive(Clone, Debug)]
pub enum OfferOperationKind {
    /// One task of a LAUNCH: a LAUNCH of several is as many of these.
    Launch(Launch),
    /// `LAUNCH_GROUP`: all tasks, with one executor, or none.
    LaunchGroup(Vec<Launch>),
    /// RESERVE, UNRESERVE, CREATE, DESTROY, `GROW_VOLUME` or `SHRINK_VOLUME`. Their resources carry no
    /// allocation role: it is that of the offers.
    Convert(Box<Operation>),
    /// `CREATE_DISK` or `DESTROY_DISK`, which a resource provider carries out.
    Disk(Box<DiskOperation>),
}

impl From<Launch> for OfferOperation {
    fn from(launch: Launch) -> Self {
        Self { id: None, kind: OfferOperationKind::Launch(launch) }
    }
}

impl From<Operation> for OfferOperation {
    fn from(operation: Operation) -> Self {
        Self { id: None, kind: OfferOperationKind::Convert(Box::new(operation)) }
    }
}

/// An operation on a disk of a resource provider: what it consumes becomes what it makes, once the
/// provider has done it.
#[derive(Clone, Debug, PartialEq)]
pub enum DiskOperation {
    /// A RAW disk becomes a MOUNT or BLOCK disk.
    Create { source: Resource, target: Resource },
    /// A MOUNT, BLOCK or RAW disk with an id becomes a RAW disk.
    Destroy { source: Resource },
}

/// The kinds of operations that change resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationKind {
    Reserve,
    Unreserve,
    Create,
    Destroy,
    GrowVolume,
    ShrinkVolume,
    CreateDisk,
    DestroyDisk,
}

impl OperationKind {
    pub const ALL: [Self; 8] = [
        Self::Reserve,
        Self::Unreserve,
        Self::Create,
        Self::Destroy,
        Self::GrowVolume,
        Self::ShrinkVolume,
        Self::CreateDisk,
        Self::DestroyDisk,
    ];

    pub const fn of(operation: &Operation) -> Self {
        match operation {
            Operation::Reserve { .. } => Self::Reserve,
            Operation::Unreserve(_) => Self::Unreserve,
            Operation::Create(_) => Self::Create,
            Operation::Destroy(_) => Self::Destroy,
            Operation::GrowVolume { .. } => Self::GrowVolume,
            Operation::ShrinkVolume { .. } => Self::ShrinkVolume,
        }
    }

    pub const fn of_disk(operation: &DiskOperation) -> Self {
        match operation {
            DiskOperation::Create { .. } => Self::CreateDisk,
            DiskOperation::Destroy { .. } => Self::DestroyDisk,
        }
    }

    /// Whether a resource provider carries it out.
    pub const fn is_of_disk(self) -> bool {
        match self {
            Self::CreateDisk | Self::DestroyDisk => true,
            Self::Reserve
            | Self::Unreserve
            | Self::Create
            | Self::Destroy
            | Self::GrowVolume
            | Self::ShrinkVolume => false,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Reserve => "RESERVE",
            Self::Unreserve => "UNRESERVE",
            Self::Create => "CREATE",
            Self::Destroy => "DESTROY",
            Self::GrowVolume => "GROW_VOLUME",
            Self::ShrinkVolume => "SHRINK_VOLUME",
            Self::CreateDisk => "CREATE_DISK",
            Self::DestroyDisk => "DESTROY_DISK",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationState {
    Pending,
    Finished,
    Failed,
    Error,
    Dropped,
    Unreachable,
    GoneByOperator,
    Recovering,
    Unknown,
}

impl OperationState {
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Finished | Self::Failed | Self::Error | Self::Dropped | Self::GoneByOperator => {
                true
            }
            Self::Pending | Self::Unreachable | Self::Recovering | Self::Unknown => false,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "OPERATION_PENDING",
            Self::Finished => "OPERATION_FINISHED",
            Self::Failed => "OPERATION_FAILED",
            Self::Error => "OPERATION_ERROR",
            Self::Dropped => "OPERATION_DROPPED",
            Self::Unreachable => "OPERATION_UNREACHABLE",
            Self::GoneByOperator => "OPERATION_GONE_BY_OPERATOR",
            Self::Recovering => "OPERATION_RECOVERING",
            Self::Unknown => "OPERATION_UNKNOWN",
        }
    }
}

/// What a framework hears of an operation with an id.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationStatus {
    pub id: OperationId,
    pub agent: Option<AgentId>,
    pub state: OperationState,
    /// Why it was refused.
    pub message: Option<Arc<str>>,
    /// Set where an acknowledgement is expected.
    pub acknowledge: Option<MasterOperationId>,
}

/// Who asked for an operation. The agent remembers it for a master that does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperationOwner {
    /// `None` for an operator.
    pub framework: Option<FrameworkId>,
    /// Set where the framework wants to hear of the end.
    pub id: Option<OperationId>,
}

/// An operation that is not acknowledged, as an agent that comes back tells of it.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationRecord {
    pub number: MasterOperationId,
    pub kind: OperationKind,
    pub owner: OperationOwner,
    pub state: OperationState,
    /// What it will consume, where that is still in the agent's total: a disk operation without an end.
    pub pending: Resources,
}

/// What an agent tells of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationReport {
    pub agent: AgentId,
    pub operation: MasterOperationId,
    pub state: OperationState,
    /// What a disk operation has made of what it consumed.
    pub converted: Resources,
    pub amounts: Quantities,
    /// Whether it is repeated until it is acknowledged: it has a status uuid in Mesos.
    pub is_repeated: bool,
}
