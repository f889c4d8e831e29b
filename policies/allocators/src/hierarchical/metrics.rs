//! What Mesos publishes about its allocator, under Mesos's names (`spec/allocator.md` section 8).

use super::HierarchicalAllocator;
use super::filters::Moment;
use super::roles::RoleNode;
use policy_api::{Allocator, MetricsSnapshot, Quantities, Quota, Scalar, Time, amount_to_f64};

impl HierarchicalAllocator {
    pub(super) fn snapshot(&self, now: Time) -> MetricsSnapshot {
        let mut metrics = MetricsSnapshot::new();
        metrics.insert(name("allocation_runs"), self.allocation_runs(now) as f64);
        self.run_timer.publish(&name("allocation_run_ms"), now, &mut metrics);
        self.latency_timer.publish(&name("allocation_run_latency_ms"), now, &mut metrics);
        // The one message that the allocator sends to itself; facts never wait here.
        let dispatches = f64::from(u8::from(self.is_run_pending()));
        metrics.insert(name("event_queue_dispatches"), dispatches);
        metrics.insert("allocator/event_queue_dispatches".to_owned(), dispatches);
        self.publish_resources(&mut metrics);
        self.publish_roles(now, &mut metrics);
        if self.options.publish_per_framework_metrics {
            self.publish_frameworks(&mut metrics);
        }
        metrics
    }

    fn publish_resources(&self, metrics: &mut MetricsSnapshot) {
        let rows = self.agents.iter();
        let held =
            rows.fold(Quantities::ZERO, |sum, (_, row)| sum + row.held().scalar_quantities());
        for scalar in [Scalar::Cpus, Scalar::Mem, Scalar::Disk] {
            let prefix = name(&format!("resources/{}", scalar.name()));
            let total = amount_to_f64(self.pool.total()[scalar]);
            metrics.insert(format!("{prefix}/total"), total);
            let held = amount_to_f64(held[scalar]);
            metrics.insert(format!("{prefix}/offered_or_allocated"), held);
        }
    }

    fn publish_roles(&self, now: Time, metrics: &mut MetricsSnapshot) {
        let filters = self.active_offer_filters(now);
        for ((node, live), filters) in self.roles.iter().zip(self.roles.live()).zip(filters) {
            if !live {
                continue;
            }
            let path = &node.path;
            publish_quantities(path, "consumed", &node.consumed_by_quota(), metrics);
            if path.is_empty() {
                continue;
            }
            let active = name(&format!("offer_filters/roles/{path}/active"));
            metrics.insert(active, f64::from(filters));
            let share = node.slot.and_then(|slot| self.role_sorter.share(slot, &self.pool));
            if let Some(share) = share {
                metrics.insert(name(&format!("roles/{path}/shares/dominant")), share);
            }
            if !node.quota.is_default() {
                self.publish_quota(node, metrics);
            }
        }
    }

    fn publish_quota(&self, node: &RoleNode, metrics: &mut MetricsSnapshot) {
        let Quota { guarantees, limits } = &node.quota;
        publish_quantities(&node.path, "guarantee", guarantees, metrics);
        let held = node.slot.map_or(Quantities::ZERO, |slot| *self.role_sorter.held_by(slot));
        for scalar in Scalar::ALL {
            let resource = name(&format!("quota/roles/{}/resources/{}", node.path, scalar.name()));
            let limit = limits.limit(scalar);
            if let Some(limit) = limit {
                metrics.insert(format!("{resource}/limit"), amount_to_f64(limit));
            }
            if limit.is_some() || guarantees[scalar] != 0 {
                let held = amount_to_f64(held[scalar]);
                metrics.insert(format!("{resource}/offered_or_allocated"), held);
            }
        }
    }

    /// How many live filters there are, by node of the role tree.
    fn active_offer_filters(&self, now: Time) -> Vec<u32> {
        let mut filters = vec![0_u32; self.roles.iter().count()];
        for row in self.frameworks.iter_subscriptions() {
            filters[row.role as usize] += row.filters;
        }
        for (_, agent) in self.agents.iter() {
            agent.filters.ended(Moment::After(now), |subscription| {
                filters[self.frameworks.subscription(subscription).role as usize] -= 1;
            });
        }
        filters
    }

    /// A framework's name is its id here.
    fn publish_frameworks(&self, metrics: &mut MetricsSnapshot) {
        for row in self.frameworks.iter_subscriptions().filter(|row| row.subscribed) {
            let framework = self.frameworks.get(row.framework).map_or("", |row| &*row.name);
            let role = &self.roles.get(row.role).path;
            metrics.insert(
                format!("master/frameworks/{framework}/{framework}/roles/{role}/suppressed"),
                f64::from(u8::from(row.suppressed)),
            );
        }
    }
}

impl RoleNode {
    /// Reservations, and what is in use.
    fn consumed_by_quota(&self) -> Quantities {
        self.used_unreserved + self.reservations
    }
}

fn name(metric: &str) -> String {
    format!("allocator/mesos/{metric}")
}

fn publish_quantities(
    role: &str,
    what: &str,
    quantities: &Quantities,
    metrics: &mut MetricsSnapshot,
) {
    for (scalar, amount) in quantities.iter() {
        let resource = name(&format!("quota/roles/{role}/resources/{}/{what}", scalar.name()));
        metrics.insert(resource, amount_to_f64(amount));
    }
}
