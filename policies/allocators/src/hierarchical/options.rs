//! What the allocator can be told at the start (`spec/allocator.md` section 9).

use policy_api::{MinAllocatable, Quantities, Scalar, Span};
use rand_pcg::Pcg64Mcg;
use std::sync::Arc;

/// Settings of a [`HierarchicalAllocator`](super::HierarchicalAllocator), by the names of Mesos's
/// flags. The default is Mesos's.
#[derive(Clone, Debug)]
pub struct HierarchicalOptions {
    /// From one batch tick to the next; a refusal lasts at least as long.
    pub allocation_interval: Span,
    /// An offer must contain one of these; anything goes when there are none.
    pub min_allocatable_resources: MinAllocatable,
    /// The order of agents in a cycle, and of resources that are cut. The default draws from a fixed
    /// seed: give each run a stream of its own.
    pub agent_order: AgentOrder,
    /// The order of roles and frameworks.
    pub sorter: SorterKind,
    /// Scalars that fair shares ignore.
    pub fair_sharing_excluded: Vec<Scalar>,
    /// Whether agents with GPUs are withheld from frameworks that cannot use them.
    pub filter_gpu_resources: bool,
    /// The region of the master's fault domain.
    pub region: Option<Arc<str>>,
    /// The part of the expected agents, in thousandths, that ends a recovery.
    pub agent_recovery_factor_milli: u32,
    /// How long a recovery lasts at most.
    pub recovery_timeout: Span,
    /// Whether there are metrics of each framework.
    pub publish_per_framework_metrics: bool,
}

impl Default for HierarchicalOptions {
    fn default() -> Self {
        Self {
            allocation_interval: Span::from_secs(1),
            min_allocatable_resources: vec![
                Quantities::of(Scalar::Cpus, 10).into(),
                Quantities::of(Scalar::Mem, 32_000).into(),
            ],
            agent_order: AgentOrder::Random(Pcg64Mcg::new(0)),
            sorter: SorterKind::Drf,
            fair_sharing_excluded: Vec::new(),
            filter_gpu_resources: true,
            region: None,
            agent_recovery_factor_milli: 800,
            recovery_timeout: Span::from_secs(600),
            publish_per_framework_metrics: true,
        }
    }
}

/// The order in which a cycle visits agents, and in which it takes the resources of one agent when
/// it must cut them down.
#[derive(Clone, Debug)]
pub enum AgentOrder {
    /// As Mesos does, from the caller's stream.
    Random(Pcg64Mcg),
    /// By the agents' names and the resources' names: for comparisons with recordings.
    ById,
}

/// The order of roles, and of frameworks within a role.
#[derive(Clone, Debug)]
pub enum SorterKind {
    Drf,
    Random(Pcg64Mcg),
}
