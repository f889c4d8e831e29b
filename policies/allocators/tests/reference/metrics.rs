//! The metrics of section 8, counted by hand.

use super::{OfferFilter, Reference};
use policy_api::{
    MetricsSnapshot, Quantities, Resource, Resources, RoleId, Scalar, Time, amount_to_f64,
    is_strict_subrole, parent_role,
};
use std::collections::BTreeSet;

impl Reference {
    /// All but the two timers and the mailbox, which depend on the machine.
    pub(crate) fn metrics(&self, now: Time) -> MetricsSnapshot {
        let mut metrics = MetricsSnapshot::new();
        let mut insert = |name: String, value: f64| {
            metrics.insert(format!("allocator/mesos/{name}"), value);
        };
        insert("allocation_runs".to_owned(), self.runs as f64);
        let (total, held) = (self.cluster_total(), self.held_of_all_agents());
        for scalar in [Scalar::Cpus, Scalar::Mem, Scalar::Disk] {
            let name = scalar.name();
            insert(format!("resources/{name}/total"), amount_to_f64(total[scalar]));
            insert(format!("resources/{name}/offered_or_allocated"), amount_to_f64(held[scalar]));
        }
        for path in self.live_paths() {
            for (scalar, amount) in self.consumed(&path).iter() {
                let name = scalar.name();
                insert(
                    format!("quota/roles/{path}/resources/{name}/consumed"),
                    amount_to_f64(amount),
                );
            }
            if !path.is_empty() {
                let filters = self.filters_in(&path, now);
                insert(format!("offer_filters/roles/{path}/active"), filters as f64);
            }
        }
        for (&role, path) in &self.role_paths {
            if let Some(share) = self.dominant_share(role) {
                insert(format!("roles/{path}/shares/dominant"), share);
            }
            for (name, amount) in self.quota_of(role) {
                insert(format!("quota/roles/{path}/resources/{name}"), amount_to_f64(amount));
            }
        }
        for row in self.frameworks.values() {
            for role in &row.info.roles {
                let (framework, path) = (&row.info.name, self.path(*role));
                metrics.insert(
                    format!("master/frameworks/{framework}/{framework}/roles/{path}/suppressed"),
                    f64::from(u8::from(row.suppressed.contains(role))),
                );
            }
        }
        metrics
    }

    /// Frameworks that are not known yet included.
    fn held_of_all_agents(&self) -> Quantities {
        let mut sum = Quantities::ZERO;
        for agent in self.agents.values() {
            let mut held = Resources::EMPTY;
            agent.held.values().for_each(|resources| held.add(resources));
            sum += held.scalar_quantities();
        }
        sum
    }

    /// The role tree's nodes (2.2): whatever a weight, a quota, a reservation or a framework needs,
    /// with all above.
    fn live_paths(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::from([String::new()]);
        #[expect(clippy::float_cmp, reason = "the default is exactly that")]
        let weighted = self.weights.iter().filter(|(_, weight)| **weight != 1.0);
        paths.extend(weighted.map(|(path, _)| path.clone()));
        let quotas = self.quotas.iter().filter(|(_, quota)| !quota.is_default());
        paths.extend(quotas.map(|(role, _)| self.path(*role).to_owned()));
        paths.extend(self.tracked.keys().map(|(role, _)| self.path(*role).to_owned()));
        for agent in self.agents.values() {
            let scalars =
                agent.total.others().iter().filter(|entry| entry.resource.scalar().is_some());
            let roles = scalars.filter_map(|entry| entry.resource.reservation_role());
            paths.extend(roles.map(str::to_owned));
        }
        for path in paths.clone() {
            let mut node = path.as_str();
            while let Some(parent) = parent_role(node) {
                paths.insert(parent.to_owned());
                node = parent;
            }
        }
        paths
    }

    /// Reservations, and what is in use of anything that is neither reserved nor revocable.
    fn consumed(&self, top: &str) -> Quantities {
        let within = |path: &str| top.is_empty() || path == top || is_strict_subrole(path, top);
        let mut consumed = Quantities::ZERO;
        for agent in self.agents.values() {
            let reserved = |it: &Resource| it.reservation_role().is_some_and(within);
            consumed += agent.total.filter(false, reserved).scalar_quantities();
            for (_, in_use) in agent.in_use.iter().filter(|(role, _)| within(self.path(**role))) {
                let unreserved =
                    |resource: &Resource| resource.reservations.is_empty() && !resource.revocable;
                consumed += in_use.filter(true, unreserved).scalar_quantities();
            }
        }
        consumed
    }

    fn filters_in(&self, path: &str, now: Time) -> usize {
        let live = |it: &&OfferFilter| it.end.deadline > now && self.path(it.role) == path;
        self.offer_filters.iter().filter(live).count()
    }

    fn quota_of(&self, role: RoleId) -> Vec<(String, i64)> {
        let quota = self.quotas.get(&role).copied().unwrap_or_default();
        let held = self.held_by(|_, of| of == role);
        let mut metrics = Vec::new();
        for scalar in Scalar::ALL {
            let (name, guarantee) = (scalar.name(), quota.guarantees[scalar]);
            if guarantee > 0 {
                metrics.push((format!("{name}/guarantee"), guarantee));
            }
            if let Some(limit) = quota.limits.limit(scalar) {
                metrics.push((format!("{name}/limit"), limit));
            }
            if guarantee > 0 || quota.limits.limit(scalar).is_some() {
                metrics.push((format!("{name}/offered_or_allocated"), held[scalar]));
            }
        }
        metrics
    }
}
