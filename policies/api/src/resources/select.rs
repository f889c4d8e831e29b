//! Parts of a collection and questions about it, by Mesos's names (`spec/allocator.md` 1.6, 1.9).

use super::{Items, Ranges, Resource, Resources, Value, ValueKind};
use crate::named_quantities::NamedQuantities;
use crate::quantities::{Amount, Quantities, Scalar, amount_to_f64};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Filters: the objects of a kind, in order.
impl Resources {
    #[must_use]
    pub fn unreserved(&self) -> Self {
        self.filter(true, |resource| !resource.is_reserved())
    }

    /// Reserved for `role` itself.
    #[must_use]
    pub fn reserved(&self, role: &str) -> Self {
        self.filter(false, |resource| resource.is_reserved_to(role))
    }

    /// Reserved for whomever.
    #[must_use]
    pub fn reserved_any(&self) -> Self {
        self.filter(false, Resource::is_reserved)
    }

    /// What `role` may be offered: unreserved, or reserved for it or a role above it.
    #[must_use]
    pub fn allocatable_to(&self, role: &str) -> Self {
        if !self.has_reserved() {
            return self.clone();
        }
        self.filter(true, |resource| resource.is_allocatable_to(role))
    }

    /// Reserved for `role` or a role below it.
    #[must_use]
    pub fn reserved_to_subtree(&self, role: &str) -> Self {
        self.filter(false, |resource| resource.is_reserved_to_subtree(role))
    }

    /// Allocated to `role` or a role below it.
    #[must_use]
    pub fn allocated_to_subtree(&self, role: &str) -> Self {
        self.filter(false, |resource| resource.is_allocated_to_subtree(role))
    }

    #[must_use]
    pub fn revocable(&self) -> Self {
        self.filter(false, |resource| resource.revocable)
    }

    #[must_use]
    pub fn non_revocable(&self) -> Self {
        self.filter(true, |resource| !resource.revocable)
    }

    #[must_use]
    pub fn shared(&self) -> Self {
        self.filter(false, |resource| resource.shared)
    }

    #[must_use]
    pub fn non_shared(&self) -> Self {
        self.filter(true, |resource| !resource.shared)
    }

    #[must_use]
    pub fn scalars(&self) -> Self {
        self.filter(true, |resource| resource.scalar().is_some())
    }

    #[must_use]
    pub fn persistent_volumes(&self) -> Self {
        self.filter(false, Resource::is_persistent_volume)
    }

    /// All of one name.
    #[must_use]
    pub fn get(&self, name: &str) -> Self {
        let plain = Scalar::from_name(name)
            .map_or(Quantities::ZERO, |scalar| Quantities::of(scalar, self.plain[scalar]));
        self.filter(true, |resource| &*resource.name == name).with_plain(plain)
    }

    /// What is reserved, by the role that it is reserved for.
    pub fn reservations(&self) -> BTreeMap<Arc<str>, Self> {
        self.grouped(|resource| resource.reservations.last().map(|top| &top.role))
    }

    /// What is allocated, by the role that it is allocated to. The rest is in no group.
    pub fn allocations(&self) -> BTreeMap<Arc<str>, Self> {
        self.grouped(|resource| resource.allocation.as_ref())
    }

    fn grouped(&self, role: impl Fn(&Resource) -> Option<&Arc<str>>) -> BTreeMap<Arc<str>, Self> {
        let mut groups = BTreeMap::<_, Self>::new();
        for entry in self.others() {
            if let Some(role) = role(&entry.resource) {
                groups.entry(Arc::clone(role)).or_default().add_entry(entry);
            }
        }
        groups
    }
}

/// Sums over all objects of a name; a shared one counts once. `None` where there is no such object.
impl Resources {
    /// In thousandths.
    pub fn scalar(&self, name: &str) -> Option<Amount> {
        let plain = Scalar::from_name(name).map(|scalar| self.plain[scalar]);
        let others = self.values(name).filter_map(|value| match value {
            Value::Scalar(amount) => Some(*amount),
            Value::Ranges(_) | Value::Set(_) => None,
        });
        plain.filter(|&amount| amount > 0).into_iter().chain(others).reduce(Amount::saturating_add)
    }

    pub fn ranges(&self, name: &str) -> Option<Ranges> {
        let ranges = self.values(name).filter_map(|value| match value {
            Value::Ranges(ranges) => Some(ranges),
            Value::Scalar(_) | Value::Set(_) => None,
        });
        ranges.cloned().reduce(|sum, ranges| sum.union(&ranges))
    }

    pub fn items(&self, name: &str) -> Option<Items> {
        let items = self.values(name).filter_map(|value| match value {
            Value::Set(items) => Some(items),
            Value::Scalar(_) | Value::Ranges(_) => None,
        });
        items.cloned().reduce(|sum, items| sum.union(&items))
    }

    /// Cores, in thousandths.
    pub fn cpus(&self) -> Option<Amount> {
        self.scalar("cpus")
    }

    /// GPUs, in thousandths.
    pub fn gpus(&self) -> Option<Amount> {
        self.scalar("gpus")
    }

    /// Whole MB.
    pub fn mem(&self) -> Option<Amount> {
        self.scalar("mem").map(|amount| amount / 1000)
    }

    /// Whole MB.
    pub fn disk(&self) -> Option<Amount> {
        self.scalar("disk").map(|amount| amount / 1000)
    }

    pub fn ports(&self) -> Option<Ranges> {
        self.ranges("ports")
    }

    pub fn ephemeral_ports(&self) -> Option<Ranges> {
        self.ranges("ephemeral_ports")
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &Value> {
        let of_name = self.others().iter().filter(move |entry| &*entry.resource.name == name);
        of_name.map(|entry| &entry.resource.value)
    }
}

/// Questions.
impl Resources {
    pub fn names(&self) -> BTreeSet<Arc<str>> {
        self.types().into_keys().collect()
    }

    /// The type of each name.
    pub fn types(&self) -> BTreeMap<Arc<str>, ValueKind> {
        self.iter()
            .map(|(resource, _)| (Arc::clone(&resource.name), resource.value.kind()))
            .collect()
    }

    /// How many of this very object there are: the copies of a shared one, else one or none.
    pub fn count(&self, resource: &Resource) -> u32 {
        if let Some((scalar, amount)) = resource.as_plain_scalar() {
            return u32::from(amount > 0 && self.plain[scalar] == amount);
        }
        let equal = self.others().iter().find(|entry| entry.resource == *resource);
        equal.map_or(0, |entry| entry.copies)
    }

    /// Whether there is that much of each name, whatever the reservations. Ranges and sets count
    /// by their size, shared resources once. Allocates nothing.
    pub fn contains_quantities(&self, quantities: &NamedQuantities) -> bool {
        quantities.iter().all(|(name, amount)| self.covers(name, amount))
    }

    /// Mesos subtracts doubles until nothing remains, without rounding to thousandths between.
    fn covers(&self, name: &str, amount: Amount) -> bool {
        let plain = Scalar::from_name(name).map_or(0.0, |scalar| self.plain_double(scalar));
        let mut remaining = amount_to_f64(amount) - plain;
        for value in self.values(name) {
            if remaining <= 0.0 {
                break;
            }
            remaining -= match value {
                Value::Scalar(amount) => amount_to_f64(*amount),
                Value::Ranges(ranges) => ranges.count() as f64,
                Value::Set(items) => items.as_slice().len() as f64,
            };
        }
        remaining <= 0.0
    }

    /// Resources for each target, whoever they are reserved for: first from the target's own
    /// reservation role, then unreserved ones, then any others. `None` when a target is not met.
    pub fn find(&self, targets: &Self) -> Option<Self> {
        let (mut pool, mut found) = (self.clone(), Self::EMPTY);
        for target in targets.singles() {
            let part = pool.find_one(&target)?;
            pool.subtract(&part);
            found.add(&part);
        }
        Some(found)
    }

    fn find_one(&self, target: &Self) -> Option<Self> {
        let role = target.others().first().and_then(|entry| entry.resource.reservation_role());
        let preferences = [
            role.map_or(Self::EMPTY, |role| self.reserved(role)),
            self.unreserved(),
            self.filter(false, |other| {
                other.is_reserved() && role.is_none_or(|role| !other.is_reserved_to(role))
            }),
        ];
        let mut remaining = target.to_unreserved();
        let mut found = Self::EMPTY;
        for single in preferences.iter().flat_map(Self::singles) {
            let unreserved = single.to_unreserved();
            if unreserved.contains(&remaining) {
                let stack = single.others().first().map(|entry| &*entry.resource.reservations);
                found.add(&remaining.with_stack(stack.unwrap_or_default()));
                return Some(found);
            }
            if remaining.contains(&unreserved) {
                found.add(&single);
                remaining.subtract(&unreserved);
            }
        }
        None
    }
}
