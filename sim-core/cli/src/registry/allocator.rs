//! Allocators.

use crate::scenario::{AgentOrder, AllocatorConfig, MasterFlags};
use policy_allocators::{self as allocators, HierarchicalAllocator, HierarchicalOptions};
use policy_api::{MinAllocatable, Scalar};
use sim_core::Streams;

/// Makes the allocator of a scenario. Its text fields have been checked.
pub(crate) fn allocator(
    config: &AllocatorConfig,
    flags: &MasterFlags,
    streams: Streams,
) -> HierarchicalAllocator {
    let AllocatorConfig::Hierarchical(config) = config;
    HierarchicalAllocator::new(HierarchicalOptions {
        allocation_interval: flags.allocation_interval.get_ref().0,
        min_allocatable_resources: min_allocatable(flags),
        agent_order: match config.agent_order {
            AgentOrder::Random => allocators::AgentOrder::Random(streams.stream("allocator")),
            AgentOrder::Id => allocators::AgentOrder::ById,
        },
        fair_sharing_excluded: flags
            .fair_sharing_excluded_resource_names
            .iter()
            .filter_map(|name| Scalar::from_name(name.get_ref()))
            .collect(),
        filter_gpu_resources: flags.filter_gpu_resources,
        region: flags.region.as_deref().map(Into::into),
        ..HierarchicalOptions::default()
    })
}

fn min_allocatable(flags: &MasterFlags) -> MinAllocatable {
    let text = flags.min_allocatable_resources.get_ref();
    let sets = text.split('|').filter(|set| !set.trim().is_empty());
    sets.filter_map(|set| set.parse().ok()).collect()
}
