//! Whether a framework can be offered something, and what (`spec/allocator.md` 2.8).

use super::HierarchicalAllocator;
use super::agents::Agent;
use super::frameworks::Subscription;
use policy_api::resources::Value;
use policy_api::{Resource, Resources};

/// Whether quota decides about a resource: scalars that are neither reserved nor revocable.
pub(super) fn is_under_quota(resource: &Resource) -> bool {
    matches!(resource.value, Value::Scalar(_)) && !resource.is_reserved() && !resource.revocable
}

/// What a framework does not understand is taken out.
pub(super) fn strip(available: Resources, subscription: &Subscription) -> Resources {
    let capabilities = &subscription.capabilities;
    let understood = (capabilities.shared_resources || !available.has_shared())
        && (capabilities.revocable_resources || !available.has_revocable())
        && (capabilities.reservation_refinement || !available.has_refined());
    if understood {
        return available;
    }
    available.filter(true, |resource| {
        (capabilities.shared_resources || !resource.shared)
            && (capabilities.revocable_resources || !resource.revocable)
            && (capabilities.reservation_refinement || !resource.has_refined_reservation())
    })
}

impl HierarchicalAllocator {
    /// Whether it is enough for an offer.
    pub(super) fn is_allocatable(&self, resources: &Resources, row: &Subscription) -> bool {
        row.minima.as_ref().unwrap_or(&self.minima).allow(resources)
    }

    /// Whether no framework at all could be offered anything of it, because it is too little.
    pub(super) fn is_too_little_for_all(&self, resources: &Resources) -> bool {
        if self.frameworks.own_minima > 0 {
            return resources.is_empty();
        }
        !self.minima.allow(resources)
    }

    /// Whether the whole agent is withheld from the framework.
    pub(super) fn is_withheld(&self, agent: &Agent, row: &Subscription) -> bool {
        (self.options.filter_gpu_resources && agent.has_gpus && !row.capabilities.gpu_resources)
            || (agent.is_remote && !row.capabilities.region_aware)
    }

    /// Whether the offer must not be made: the agent could not handle it, or it was refused.
    pub(super) fn is_filtered(
        &self,
        agent: &Agent,
        subscription: u32,
        row: &Subscription,
        offer: &Resources,
    ) -> bool {
        let capabilities = &agent.capabilities;
        (row.capabilities.multi_role && !capabilities.multi_role)
            || (!capabilities.hierarchical_role && self.roles.get(row.role).is_nested)
            || (row.filters > 0 && agent.filters.refuses(subscription, offer))
    }
}
