//! The orders of roles and of frameworks (3.1).

use super::Reference;
use policy_api::{
    FrameworkId, Quantities, Resource, RoleId, Scalar, amount_to_f64, is_strict_subrole,
    parent_role,
};
use std::collections::BTreeMap;

/// A node of the role sorter's tree.
#[derive(Clone, Default)]
pub(super) struct Node {
    /// How often something was allocated here or below.
    count: u64,
    /// The weight as it was when first needed.
    weight: Option<f64>,
}

impl Node {
    /// The own leaf of a role that has others below.
    fn virtual_leaf(count: u64) -> Self {
        Self { count, weight: Some(1.0) }
    }
}

impl Reference {
    // Clients ------------------------------------------------------------------------------------

    /// Whether frameworks are tracked in the role of this path.
    fn is_client(&self, path: &str) -> bool {
        self.tracked.keys().any(|&(role, _)| self.path(role) == path)
    }

    /// Whether the path is only on the way to clients.
    pub(crate) fn is_inner(&self, path: &str) -> bool {
        self.nodes.contains_key(path) && !self.is_client(path)
    }

    fn has_below(&self, path: &str) -> bool {
        self.nodes.keys().any(|node| is_strict_subrole(node, path))
    }

    pub(super) fn track(&mut self, framework: FrameworkId, role: RoleId) {
        if self.tracked.contains_key(&(role, framework)) {
            return;
        }
        let path = self.path(role).to_owned();
        if !self.is_client(&path) {
            self.add_client(&path);
        }
        self.tracked.insert((role, framework), 0);
    }

    fn add_client(&mut self, path: &str) {
        for (end, _) in path.match_indices('/') {
            let ancestor = &path[..end];
            let Some(node) = self.nodes.get(ancestor) else {
                self.nodes.insert(ancestor.to_owned(), Node::default());
                continue;
            };
            if !self.has_below(ancestor) {
                let own = Node::virtual_leaf(node.count);
                self.nodes.insert(format!("{ancestor}/."), own);
            }
        }
        if self.nodes.contains_key(path) {
            self.nodes.insert(format!("{path}/."), Node::virtual_leaf(0));
        } else {
            self.nodes.insert(path.to_owned(), Node::default());
        }
    }

    /// Drops a framework from a role that it is not subscribed to and holds nothing in.
    pub(super) fn untrack_if_idle(&mut self, framework: FrameworkId, role: RoleId) {
        let row = self.frameworks.get(&framework);
        let subscribed = row.is_some_and(|row| row.info.roles.contains(&role));
        let holds = self.agents.values().any(|agent| agent.held.contains_key(&(framework, role)));
        if subscribed || holds || self.tracked.remove(&(role, framework)).is_none() {
            return;
        }
        let path = self.path(role).to_owned();
        if !self.is_client(&path) {
            self.remove_client(&path);
        }
    }

    fn remove_client(&mut self, path: &str) {
        if self.nodes.remove(&format!("{path}/.")).is_none() {
            self.nodes.remove(path);
        }
        let mut node = Some(path);
        while let Some(ancestor) = node {
            let own = format!("{ancestor}/.");
            let below: Vec<&String> =
                self.nodes.keys().filter(|node| is_strict_subrole(node, ancestor)).collect();
            if below.is_empty() && !self.is_client(ancestor) {
                self.nodes.remove(ancestor);
            } else if below == [&own] {
                self.nodes.remove(&own);
            }
            node = parent_role(ancestor);
        }
    }

    /// One `allocated` call: it counts in the framework, the role and all above.
    pub(super) fn count_allocation(&mut self, framework: FrameworkId, role: RoleId) {
        *self.tracked.get_mut(&(role, framework)).expect("tracked before") += 1;
        let path = self.path(role).to_owned();
        let own = format!("{path}/.");
        for (node, row) in &mut self.nodes {
            if *node == own || *node == path || is_strict_subrole(&path, node) {
                row.count += 1;
            }
        }
    }

    pub(super) fn set_weight(&mut self, role: RoleId, weight: f64) {
        let path = self.path(role).to_owned();
        if self.is_client(&path) {
            self.nodes.get_mut(&path).expect("a client has a node").weight = Some(weight);
        }
        self.weights.insert(path, weight);
    }

    // Shares -------------------------------------------------------------------------------------

    pub(super) fn cluster_total(&self) -> Quantities {
        let rows = self.agents.values();
        rows.fold(Quantities::ZERO, |sum, row| sum + row.total.scalar_quantities())
    }

    /// What known frameworks hold in the roles that `of` accepts. A shared volume counts once on
    /// each agent in each role, however many frameworks hold copies.
    pub(super) fn held_by(&self, of: impl Fn(FrameworkId, RoleId) -> bool) -> Quantities {
        let mut sum = Quantities::ZERO;
        for agent in self.agents.values() {
            let mut seen: Vec<(RoleId, &Resource)> = Vec::new();
            for (&(framework, role), held) in &agent.held {
                if !self.frameworks.contains_key(&framework) || !of(framework, role) {
                    continue;
                }
                sum += held.scalar_quantities();
                for entry in held.others().iter().filter(|entry| entry.resource.shared) {
                    if seen.contains(&(role, &entry.resource)) {
                        let amount = entry.resource.scalar().expect("volumes are scalars");
                        sum = sum.saturating_sub(&Quantities::of(Scalar::Disk, amount));
                    } else {
                        seen.push((role, &entry.resource));
                    }
                }
            }
        }
        sum
    }

    fn share(&self, held: &Quantities, total: &Quantities) -> f64 {
        let mut share: f64 = 0.0;
        for scalar in Scalar::ALL {
            if total[scalar] > 0 && !self.options.fair_sharing_excluded.contains(&scalar) {
                share = share.max(amount_to_f64(held[scalar]) / amount_to_f64(total[scalar]));
            }
        }
        share
    }

    fn share_of_node(&self, path: &str, node: &Node, total: &Quantities) -> f64 {
        let held = match path.strip_suffix("/.") {
            Some(own) => self.held_by(|_, role| self.path(role) == own),
            None => self.held_by(|_, role| {
                self.path(role) == path || is_strict_subrole(self.path(role), path)
            }),
        };
        let weight = node.weight.unwrap_or_else(|| weight_of(&self.weights, path));
        self.share(&held, total) / weight
    }

    /// The share of a client of the role sorter: its own leaf's.
    pub(super) fn dominant_share(&self, role: RoleId) -> Option<f64> {
        let path = self.path(role);
        if !self.is_client(path) {
            return None;
        }
        let own = format!("{path}/.");
        let leaf = if self.nodes.contains_key(&own) { own.as_str() } else { path };
        Some(self.share_of_node(leaf, &self.nodes[leaf], &self.cluster_total()))
    }

    // Orders -------------------------------------------------------------------------------------

    /// Weights are looked up when first needed, and not again (3.1.2).
    pub(super) fn sorted_roles(&mut self) -> Vec<RoleId> {
        for (path, node) in &mut self.nodes {
            node.weight.get_or_insert(weight_of(&self.weights, path));
        }
        let mut order = Vec::new();
        self.sort_below("", &self.cluster_total(), &mut order);
        order
    }

    fn sort_below(&self, parent: &str, total: &Quantities, order: &mut Vec<RoleId>) {
        let children =
            self.nodes.iter().filter(|(path, _)| parent_role(path).unwrap_or("") == parent);
        let mut keys: Vec<(f64, u64, &str)> = children
            .map(|(path, node)| (self.share_of_node(path, node, total), node.count, path.as_str()))
            .collect();
        sort_by_share(&mut keys);
        for (_, _, path) in keys {
            if self.has_below(path) {
                self.sort_below(path, total, order);
            } else {
                let client = path.strip_suffix("/.").unwrap_or(path);
                let roles = self.tracked.keys().map(|key| key.0);
                order.extend(roles.into_iter().find(|&role| self.path(role) == client));
            }
        }
    }

    pub(super) fn sorted_frameworks(&self, role: RoleId) -> Vec<FrameworkId> {
        let total = self.cluster_total();
        let mut keys: Vec<(f64, u64, (&str, FrameworkId))> = Vec::new();
        for (&(_, framework), &count) in self.tracked.iter().filter(|(key, _)| key.0 == role) {
            let row = &self.frameworks[&framework];
            let active = row.active && row.info.roles.contains(&role);
            if active && !row.suppressed.contains(&role) {
                let held = self.held_by(|other, of| (other, of) == (framework, role));
                keys.push((self.share(&held, &total), count, (&row.info.name, framework)));
            }
        }
        sort_by_share(&mut keys);
        keys.into_iter().map(|(_, _, (_, framework))| framework).collect()
    }
}

fn weight_of(weights: &BTreeMap<String, f64>, path: &str) -> f64 {
    weights.get(path).copied().unwrap_or(1.0)
}

/// Smallest share first, then fewest allocations, then by name (3.1.4).
fn sort_by_share<T: Ord>(keys: &mut [(f64, u64, T)]) {
    keys.sort_by(|left, right| {
        left.0
            .total_cmp(&right.0)
            .then_with(|| left.1.cmp(&right.1))
            .then_with(|| left.2.cmp(&right.2))
    });
}
