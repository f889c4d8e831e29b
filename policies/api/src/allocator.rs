//! What an allocator is told, what it decides.
//!
//! An allocator is a fold and a decision: [`Allocator::apply`] takes note of a fact,
//! [`Allocator::allocate`] decides. The facts are its whole history, so they can be logged in
//! production, replayed, fuzzed and compared. They correspond one to one to the calls that a Mesos
//! master makes (`spec/allocator.md` section 6); a new kind of fact is a new variant, and no
//! allocator may have a catch-all arm.

use crate::{
    AgentId, Conversion, FrameworkId, NamedQuantities, Quantities, Quota, Resources,
    RoleConstraints, RoleId, Span, Time,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Something that happened in the cluster. Ids are dense and chosen by the teller; the id of an agent
/// that was removed may be added again, for the same agent.
#[derive(Clone, Debug)]
pub enum Fact<'a> {
    /// From now on `role` stands for this path. Told once, before the id is used.
    NameRole {
        role: RoleId,
        path: &'a str,
    },

    AddAgent {
        agent: AgentId,
        info: &'a AgentInfo,
        total: &'a Resources,
        /// Already in use when the agent joins.
        used: &'a [HeldResources],
    },
    /// Everything on the agent is gone; later facts about it are ignored.
    RemoveAgent {
        agent: AgentId,
    },
    /// A deactivated agent is not offered; what is held there stays.
    ActivateAgent {
        agent: AgentId,
    },
    DeactivateAgent {
        agent: AgentId,
    },
    /// What is known of the agent is replaced, its total where one is given. What is held there
    /// stays, even where it no longer fits.
    UpdateAgent {
        agent: AgentId,
        info: &'a AgentInfo,
        total: Option<&'a Resources>,
    },

    AddFramework {
        framework: FrameworkId,
        info: &'a FrameworkInfo,
        active: bool,
        /// Held by the framework on agents that joined before it.
        used: &'a [(AgentId, RoleId, Resources)],
    },
    /// What the framework holds is free again.
    RemoveFramework {
        framework: FrameworkId,
    },
    ActivateFramework {
        framework: FrameworkId,
    },
    /// Drops its filters; what it holds stays accounted.
    DeactivateFramework {
        framework: FrameworkId,
    },
    UpdateFramework {
        framework: FrameworkId,
        info: &'a FrameworkInfo,
    },
    /// The framework wants no offers for these roles (all of its roles when empty).
    Suppress {
        framework: FrameworkId,
        roles: &'a [RoleId],
    },
    /// The framework wants offers again, also of what it has refused.
    Revive {
        framework: FrameworkId,
        roles: &'a [RoleId],
    },

    /// Resources come back: declined, unused, rescinded, or from a task that ended.
    RecoverResources {
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        resources: &'a Resources,
        /// How long the framework refuses to be offered a subset of them again. Zero: not at all.
        refuse: Option<Span>,
        /// Whether they were in use, rather than only offered.
        was_allocated: bool,
    },
    /// A part of an offer is in use now. Changes what is *consumed*, which only metrics show.
    TransitionOfferedToAllocated {
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        resources: &'a Resources,
    },

    /// A role's weight; 1 unless told. Above zero.
    SetWeight {
        role: RoleId,
        weight: f64,
    },
    /// A top-level role's quota, in thousandths as all amounts are. `limits` that are `None` do not
    /// limit.
    SetQuota {
        role: RoleId,
        guarantees: Quantities,
        limits: [Option<i64>; 4],
    },

    /// Operations on what the framework was offered or uses, in order: they change that and the
    /// agent's total. A conversion that consumes nothing adds copies of a shared resource.
    UpdateAllocation {
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        offered: &'a Resources,
        conversions: &'a [Conversion],
    },
    /// An operator's operations on what is free on the agent; nothing happens where
    /// [`Allocator::available_allows`] says no.
    UpdateAvailable {
        agent: AgentId,
        conversions: &'a [Conversion],
    },
    /// A resource provider joins the agent with its resources.
    AddResourceProvider {
        agent: AgentId,
        total: &'a Resources,
        used: &'a [HeldResources],
    },

    /// Only agents on these hosts are offered; all when `None`.
    UpdateWhitelist {
        hostnames: Option<&'a [Arc<str>]>,
    },
    /// Maintenance of the agent is scheduled, or cancelled. An agent that joins with a schedule is
    /// told by both facts.
    UpdateUnavailability {
        agent: AgentId,
        unavailability: Option<Unavailability>,
    },
    /// An inverse offer was answered, or timed out (`status` is `None`).
    UpdateInverseOffer {
        agent: AgentId,
        framework: FrameworkId,
        status: Option<InverseOfferStatus>,
        /// How long the framework wants no other one for the agent. Zero: at once.
        refuse: Option<Span>,
    },

    /// Told first after a master's failover: the quotas hold, and if there are any, allocations
    /// are paused until most of the expected agents are there, or for some minutes.
    Recover {
        expected_agents: u32,
        quotas: &'a [(RoleId, Quota)],
    },

    /// Allocations are skipped meanwhile, and not made up for.
    Pause,
    Resume,
}

/// What a framework holds in a role on the agent that the context names.
#[derive(Clone, Debug)]
pub struct HeldResources {
    pub framework: FrameworkId,
    pub role: RoleId,
    pub resources: Resources,
}

/// When an agent is to be drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailability {
    pub start: Time,
    /// Without an end when `None`.
    pub duration: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InverseOfferStatus {
    Accept,
    Decline,
}

/// What an agent announces about itself, besides its resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentInfo {
    /// The agent's id as Mesos writes it; agents are ordered by it where an order by id is asked for.
    pub name: Arc<str>,
    pub hostname: Arc<str>,
    /// Text attributes; several of one name are allowed.
    pub attributes: Vec<(Arc<str>, Arc<str>)>,
    /// Attributes whose value is a number, ranges or a set, in their text form.
    pub other_attributes: Vec<(Arc<str>, Arc<str>)>,
    pub capabilities: AgentCapabilities,
    /// The fault domain, if it has one.
    pub region: Option<Arc<str>>,
    pub zone: Option<Arc<str>>,
}

/// Capabilities that an agent announces. Only the first two decide about offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a Mesos capability of its own")]
pub struct AgentCapabilities {
    pub multi_role: bool,
    pub hierarchical_role: bool,
    pub reservation_refinement: bool,
    /// Its own list of reservations and volumes wins over the master's.
    pub resource_provider: bool,
    pub resize_volume: bool,
    pub agent_operation_feedback: bool,
    pub agent_draining: bool,
    pub task_resource_limits: bool,
}

/// A modern agent has them all.
impl Default for AgentCapabilities {
    fn default() -> Self {
        Self {
            multi_role: true,
            hierarchical_role: true,
            reservation_refinement: true,
            resource_provider: true,
            resize_volume: true,
            agent_operation_feedback: true,
            agent_draining: true,
            task_resource_limits: true,
        }
    }
}

/// What an offer must at least contain: one of these, by their amounts, the counts of ranges and
/// the sizes of sets; anything when there are none.
pub type MinAllocatable = Vec<NamedQuantities>;

/// What a framework announces about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameworkInfo {
    /// The framework's id as Mesos writes it; ties are broken by its byte order.
    pub name: Arc<str>,
    pub roles: Vec<RoleId>,
    pub suppressed_roles: Vec<RoleId>,
    pub capabilities: FrameworkCapabilities,
    /// Instead of the allocator's own minimum, for offers in these roles.
    pub min_allocatable: Vec<(RoleId, MinAllocatable)>,
    pub offer_constraints: Vec<RoleConstraints>,
}

/// Capabilities that a framework announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a Mesos capability of its own")]
pub struct FrameworkCapabilities {
    pub multi_role: bool,
    pub gpu_resources: bool,
    pub revocable_resources: bool,
    pub shared_resources: bool,
    pub reservation_refinement: bool,
    pub region_aware: bool,
    /// Does not concern offers, but which states a lost task gets.
    pub partition_aware: bool,
    /// Nor does this: a task that is being killed says so.
    pub task_killing_state: bool,
}

/// What a modern scheduler announces when it does not care: roles, and no special resources.
impl Default for FrameworkCapabilities {
    fn default() -> Self {
        Self {
            multi_role: true,
            gpu_resources: false,
            revocable_resources: false,
            shared_resources: false,
            reservation_refinement: true,
            region_aware: false,
            partition_aware: true,
            task_killing_state: false,
        }
    }
}

/// What an allocation decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Resources handed out: the framework holds them until they are recovered. Within one
    /// allocation there may be two for one framework, role and agent, one of each stage; they
    /// make one offer.
    Offer {
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        resources: Resources,
        stage: AllocationStage,
    },
    /// The framework is asked to give back all that it holds on an agent under maintenance.
    InverseOffer { framework: FrameworkId, agent: AgentId },
}

/// The two passes of Mesos's allocator over the agents. One without passes says `FairShare`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllocationStage {
    /// Serves quota guarantees.
    Guarantees,
    /// Everything else, by fair share.
    FairShare,
}

/// Numbers that a component publishes, by the names that Mesos gives them.
pub type MetricsSnapshot = BTreeMap<String, f64>;

/// Decides who is offered what.
///
/// The caller drives it as Mesos's master drives its allocator: facts in the order in which they
/// happen, then [`allocate`](Self::allocate) at the time that
/// [`next_allocation`](Self::next_allocation) names, after all facts of that instant that were
/// already on their way.
///
/// Mesos allocates over all agents at each batch tick and at once after a framework was added
/// active, activated or revived; and over one agent after it was added, updated or had its
/// maintenance changed. No other fact asks for an allocation: what is recovered waits
/// (`spec/allocator.md` 2.3). An allocator of another kind may choose otherwise.
///
/// Facts may arrive late: about agents and frameworks that were removed meanwhile, which must be
/// ignored. `used` of an agent may name frameworks that are added only later; what they use is
/// taken, but counts for nobody until then.
pub trait Allocator {
    /// Takes note of a fact. `now` never goes back.
    fn apply(&mut self, now: Time, fact: Fact<'_>);

    /// When to allocate next: at once (a time not later than now) after a fact that triggers an
    /// allocation, else at the first batch tick that could decide anything. `None`: nothing will
    /// be decided until another fact comes. Naming every tick is right as well, and slower.
    fn next_allocation(&self) -> Option<Time>;

    /// Runs one allocation and appends what it hands out, in the order in which it decided.
    fn allocate(&mut self, now: Time, decisions: &mut Vec<Decision>);

    /// How many allocations have run by `now`, those that were skipped because they could decide
    /// nothing included: Mesos's `allocator/mesos/allocation_runs`.
    fn allocation_runs(&self, now: Time) -> u64;

    /// How long the allocation just run at `now` took, by the clock of the caller, who has one. Shows
    /// in metrics only.
    fn allocation_took(&mut self, now: Time, elapsed: Span) {
        let _ = (now, elapsed);
    }

    /// All metrics, as they stand at `now`. Made anew at each call; not for hot loops.
    fn metrics(&self, now: Time) -> MetricsSnapshot {
        let _ = now;
        MetricsSnapshot::new()
    }

    /// Whether what is free on the agent allows these operations
    /// ([`Fact::UpdateAvailable`]). An allocator that says nothing else allows none.
    fn available_allows(&self, agent: AgentId, conversions: &[Conversion]) -> bool {
        let _ = (agent, conversions);
        false
    }

    /// What is offered or in use on an agent, all frameworks together; nothing for an agent that is
    /// not there. Added up at each call: for checks of conservation.
    fn offered_or_allocated(&self, agent: AgentId) -> Resources;
}
