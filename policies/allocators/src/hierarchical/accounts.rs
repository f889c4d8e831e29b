//! The books: what is handed out and given back, at all levels at once.

use super::HierarchicalAllocator;
use super::agents::{Agent, SharedHolding};
use policy_api::{AgentId, Quantities, Resource, Resources, Scalar, Sorter};

/// The quantities that a holding adds to the books. Copies of one shared resource count once in
/// each role and once for each framework, which is why the two levels may differ.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Charge {
    pub(super) role: Quantities,
    pub(super) framework: Quantities,
    reserved: Quantities,
    pub(super) unreserved: Quantities,
}

impl Charge {
    fn plain(amounts: &Quantities) -> Self {
        Self {
            role: *amounts,
            framework: *amounts,
            reserved: Quantities::ZERO,
            unreserved: *amounts,
        }
    }

    /// What resources weigh by themselves; a shared one once, whoever else holds it.
    pub(super) fn alone(resources: &Resources) -> Self {
        if !(resources.has_reserved() || resources.has_revocable()) {
            return Self::plain(&resources.scalar_quantities());
        }
        let mut charge = Self::plain(resources.plain_amounts());
        for entry in resources.others() {
            charge.count(&entry.resource, true, true);
        }
        charge
    }

    fn count(&mut self, resource: &Resource, for_role: bool, for_framework: bool) {
        let (Some(scalar), Some(amount)) = (Scalar::from_name(&resource.name), resource.scalar())
        else {
            return;
        };
        let amounts = Quantities::of(scalar, amount);
        if for_framework {
            self.framework += amounts;
        }
        if !for_role {
            return;
        }
        self.role += amounts;
        if !resource.reservations.is_empty() {
            self.reserved += amounts;
        } else if !resource.revocable {
            self.unreserved += amounts;
        }
    }
}

/// Books copies of shared resources and says what is new.
fn charge_hold(agent: &mut Agent, role: u32, subscription: u32, resources: &Resources) -> Charge {
    if !resources.has_shared() {
        return Charge::alone(resources);
    }
    let mut charge = Charge::plain(resources.plain_amounts());
    for entry in resources.others() {
        if !entry.resource.shared {
            charge.count(&entry.resource, true, true);
            continue;
        }
        let same = |held: &SharedHolding| held.role == role && held.resource == entry.resource;
        let in_role = agent.shared.iter().any(same);
        let own = agent.shared.iter_mut().find(|it| same(it) && it.subscription == subscription);
        charge.count(&entry.resource, !in_role, own.is_none());
        match own {
            Some(held) => held.copies += entry.copies,
            None => agent.shared.push(SharedHolding {
                role,
                subscription,
                resource: entry.resource.clone(),
                copies: entry.copies,
            }),
        }
    }
    charge
}

/// Books copies of shared resources out and says what is gone.
fn charge_release(agent: &mut Agent, role: u32, subscription: u32, gone: &Resources) -> Charge {
    if !gone.has_shared() {
        return Charge::alone(gone);
    }
    let mut charge = Charge::plain(gone.plain_amounts());
    for entry in gone.others() {
        if !entry.resource.shared {
            charge.count(&entry.resource, true, true);
            continue;
        }
        let same = |held: &SharedHolding| held.role == role && held.resource == entry.resource;
        let own = agent.shared.iter().position(|it| same(it) && it.subscription == subscription);
        let Some(own) = own else { continue };
        agent.shared[own].copies = agent.shared[own].copies.saturating_sub(entry.copies);
        if agent.shared[own].copies == 0 {
            agent.shared.swap_remove(own);
            let left_in_role = agent.shared.iter().any(same);
            charge.count(&entry.resource, !left_in_role, true);
        }
    }
    charge
}

impl HierarchicalAllocator {
    /// Books what a subscription was given: in its role and all above, and in both sorters.
    pub(super) fn track(&mut self, agent: AgentId, subscription: u32, resources: &Resources) {
        let row = self.frameworks.subscription_mut(subscription);
        let role = row.role;
        let charge = charge_hold(self.agents.row_mut(agent), role, subscription, resources);
        if row.slot.is_none() {
            self.track_framework(subscription);
        }
        self.roles.up(role, |node| {
            node.held_reserved += charge.reserved;
            node.held_unreserved += charge.unreserved;
        });
        let node = self.roles.get_mut(role);
        if let Some(slot) = node.slot {
            self.role_sorter.allocated(slot, &charge.role);
        }
        if let Some(slot) = self.frameworks.subscription(subscription).slot {
            node.sorter.allocated(slot, &charge.framework);
        }
        self.wake.accounts_changed();
    }

    /// Books what a subscription gave back. `gone`: the agent holds nothing for it any more.
    pub(super) fn untrack(
        &mut self,
        agent: AgentId,
        subscription: u32,
        resources: &Resources,
        gone: bool,
    ) {
        let row = self.frameworks.subscription(subscription);
        let (role, slot) = (row.role, row.slot);
        let charge = charge_release(self.agents.row_mut(agent), role, subscription, resources);
        self.untrack_charge(role, &charge);
        let node = self.roles.get_mut(role);
        if let Some(slot) = node.slot {
            self.role_sorter.released(slot, &charge.role);
        }
        if let Some(slot) = slot {
            node.sorter.released(slot, &charge.framework);
        }
        if gone {
            self.forget_holding(subscription);
        }
        self.wake.accounts_changed();
    }

    /// A subscription holds nothing on an agent any more.
    pub(super) fn forget_holding(&mut self, subscription: u32) {
        let row = self.frameworks.subscription_mut(subscription);
        row.holdings = row.holdings.saturating_sub(1);
        self.untrack_framework_if_idle(subscription);
    }

    fn untrack_charge(&mut self, role: u32, charge: &Charge) {
        self.roles.up(role, |node| {
            node.held_reserved = node.held_reserved.saturating_sub(&charge.reserved);
            node.held_unreserved = node.held_unreserved.saturating_sub(&charge.unreserved);
        });
    }

    /// Books a conversion of what a subscription holds. Not an allocation: no count changes.
    pub(super) fn track_conversion(
        &mut self,
        agent: AgentId,
        subscription: u32,
        old: &Resources,
        new: &Resources,
    ) {
        let row = self.frameworks.subscription(subscription);
        let (role, slot) = (row.role, row.slot);
        let record = self.agents.row_mut(agent);
        let released = charge_release(record, role, subscription, old);
        let held = charge_hold(record, role, subscription, new);
        self.untrack_charge(role, &released);
        self.roles.up(role, |node| {
            node.held_reserved += held.reserved;
            node.held_unreserved += held.unreserved;
        });
        // The sorters take quantities of the whole, without regard to other copies (3.1.3).
        let (old, new) = (old.scalar_quantities(), new.scalar_quantities());
        let node = self.roles.get_mut(role);
        if let Some(slot) = node.slot {
            self.role_sorter.converted(slot, &old, &new);
        }
        if let Some(slot) = slot {
            node.sorter.converted(slot, &old, &new);
        }
        self.wake.accounts_changed();
    }

    /// Makes a framework a client in a role, and the role one, if they are not.
    pub(super) fn track_framework(&mut self, subscription: u32) {
        let row = self.frameworks.subscription_mut(subscription);
        if row.slot.is_some() {
            return;
        }
        let role = row.role;
        let node = self.roles.get_mut(role);
        if node.tracked == 0 {
            let slot = self.role_sorter.add(role, &node.path);
            self.role_sorter.set_active(slot, true);
            node.slot = Some(slot);
        }
        node.tracked += 1;
        let framework = row.framework;
        let name = self.frameworks.get(framework).map_or("", |row| &*row.name);
        let slot = node.sorter.add(subscription, name);
        self.frameworks.subscription_mut(subscription).slot = Some(slot);
        self.wake_all();
    }

    /// Drops a framework from a role to which it is not subscribed and where it holds nothing, and
    /// the role from the role sorter with the last one.
    pub(super) fn untrack_framework_if_idle(&mut self, subscription: u32) {
        let row = self.frameworks.subscription_mut(subscription);
        if row.subscribed || row.holdings > 0 {
            return;
        }
        let Some(slot) = row.slot.take() else { return };
        let node = self.roles.get_mut(row.role);
        node.sorter.remove(slot);
        node.tracked -= 1;
        if node.tracked == 0
            && let Some(slot) = node.slot.take()
        {
            self.role_sorter.remove(slot);
        }
        self.wake.accounts_changed();
    }

    /// Follows a change of an agent's total in the reservations and the pool.
    pub(super) fn follow_total(&mut self, agent: AgentId, before: &Quantities) {
        let row = self.agents.row_mut(agent);
        for (role, amounts) in row.reservations.drain(..) {
            self.roles.up(role, |node| {
                node.reservations = node.reservations.saturating_sub(&amounts);
            });
        }
        for entry in row.total.others() {
            let resource = &entry.resource;
            let scalar = Scalar::from_name(&resource.name).zip(resource.scalar());
            if let (Some(role), Some((scalar, amount))) = (resource.reservation_role(), scalar) {
                let (role, amounts) = (self.roles.intern(role), Quantities::of(scalar, amount));
                row.reservations.push((role, amounts));
                self.roles.up(role, |node| node.reservations += amounts);
            }
        }
        let after = row.total.scalar_quantities();
        self.pool.set_total(self.pool.total().saturating_sub(before) + after);
        self.wake.accounts_changed();
    }
}
