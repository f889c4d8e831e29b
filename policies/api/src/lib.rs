//! The vocabulary that a policy and its user share.
//!
//! A *policy* decides; it never acts. It is told facts, asked for decisions, and has no clock,
//! socket, file, thread or source of randomness of its own. This crate holds what such code needs
//! to talk: time, dense ids, amounts, resources with Mesos's identity rules, and the traits.
//! It depends on a hasher, an error derive and a JSON reader, and on nothing of ours.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod allocator;
mod cache;
mod connecting;
mod constraints;
mod id;
mod named_quantities;
mod oversubscription;
mod ports;
mod quantities;
mod quota;
pub mod resources;
mod role;
mod shaping;
mod sharing;
mod sorter;
mod time;
mod usage;

pub use allocator::{
    AgentCapabilities, AgentInfo, AllocationStage, Allocator, Decision, Fact,
    FrameworkCapabilities, FrameworkInfo, HeldResources, InverseOfferStatus, MetricsSnapshot,
    MinAllocatable, Unavailability,
};
pub use cache::{CacheFact, CachePolicy, CacheRequest, CacheSlot};
pub use connecting::{Connecting, Distance, Hop, QueueOwner};
pub use constraints::{
    AttributeConstraint, AttributePredicate, AttributeSelector, RoleConstraints,
};
pub use id::{AgentId, DenseId, FrameworkId, IdVec, Lookup, RoleId};
pub use named_quantities::{NamedLimits, NamedQuantities, UnknownScalar};
pub use oversubscription::{
    CloneEstimator, CloneQosController, Correction, Estimator, QosController,
};
pub use ports::{PortAllocator, PortBlock, PortUse};
pub use quantities::{Amount, DisplayAmount, Quantities, Scalar, amount_from_f64, amount_to_f64};
pub use quota::{Limits, Quota};
pub use resources::{Conversion, ConversionError, Operation, Resource, Resources};
pub use role::{InvalidRole, is_strict_subrole, parent_role, validate_role};
pub use shaping::{BucketEvent, Shape, Shaping, TokenBucket};
pub use sharing::{
    BandwidthSharing, FlowDemand, FlowId, FlowPath, GroupId, LinkId, UNLIMITED_RATE,
};
pub use sorter::{ClientSlot, Cursor, Pool, Sorter};
pub use time::{Span, Time};
pub use usage::{
    ContainerKey, ExecutorKey, ExecutorUsage, LatencyReport, LoadAverages, Statistics, TaskUsage,
    Usage,
};
