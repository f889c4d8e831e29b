//! What Mesos publishes about its allocator, as values (`spec/allocator.md` section 8).

use super::HierarchicalAllocator;
use policy_api::{Quantities, Quota, RoleId};

impl HierarchicalAllocator {
    /// `allocator/mesos/roles/<role>/shares/dominant`: the role's own share; `None` while it has no
    /// framework, and in a random order.
    pub fn dominant_share(&self, role: RoleId) -> Option<f64> {
        let slot = self.roles.get(self.roles.by_id(role)?).slot?;
        self.role_sorter.share(slot, &self.pool)
    }

    /// `allocator/mesos/offer_filters/roles/<role>/active`: filters of frameworks in exactly this
    /// role. Ended ones count until the agent is looked at again.
    pub fn active_offer_filters(&self, role: RoleId) -> u32 {
        let Some(node) = self.roles.by_id(role) else { return 0 };
        let subscriptions = self.frameworks.iter_subscriptions();
        subscriptions.filter(|row| row.role == node).map(|row| row.filters).sum()
    }

    /// `allocator/mesos/resources/*/total`.
    pub fn cluster_total(&self) -> &Quantities {
        self.pool.total()
    }

    /// `allocator/mesos/resources/*/offered_or_allocated`.
    pub fn cluster_offered_or_allocated(&self) -> Quantities {
        let rows = self.agents.iter();
        rows.fold(Quantities::ZERO, |sum, (_, row)| sum + row.held.scalar_quantities())
    }

    /// A role's quota.
    pub fn quota(&self, role: RoleId) -> Option<&Quota> {
        Some(&self.roles.get(self.roles.by_id(role)?).quota)
    }

    /// What a role's quota is charged with: reservations, and what is offered or in use.
    pub fn charged(&self, role: RoleId) -> Option<Quantities> {
        Some(self.roles.get(self.roles.by_id(role)?).charged())
    }

    /// `allocator/mesos/quota/roles/<role>/resources/*/consumed`: reservations, and what is in use.
    pub fn consumed(&self, role: RoleId) -> Option<Quantities> {
        let node = self.roles.get(self.roles.by_id(role)?);
        Some(node.used_unreserved + node.reservations)
    }
}
