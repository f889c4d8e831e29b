//! The tree of roles: quota, reservations, and what each subtree holds (`spec/allocator.md` 2.2).
//!
//! Nodes are never removed: one without frameworks, reservations and quota decides nothing.

use super::options::SorterKind;
use crate::sorter::{AnySorter, DrfSorter, RandomSorter};
use policy_api::{ClientSlot, IdVec, Lookup, Quantities, Quota, RoleId, parent_role};
use rand::{Rng, SeedableRng};
use std::sync::Arc;

/// The root of the role tree, above all top-level roles.
pub(super) const ROOT_ROLE: u32 = 0;

#[derive(Clone, Debug)]
pub(super) struct RoleNode {
    pub(super) path: Arc<str>,
    pub(super) parent: u32,
    /// How facts and decisions call it.
    pub(super) id: Option<RoleId>,
    pub(super) is_nested: bool,
    pub(super) weight: f64,
    pub(super) quota: Quota,
    /// Scalars reserved to this role or one below it, held or not.
    pub(super) reservations: Quantities,
    /// What frameworks in this role or one below it hold, of their reservations.
    pub(super) held_reserved: Quantities,
    /// The same, of unreserved resources that are not revocable.
    pub(super) held_unreserved: Quantities,
    /// The part of the latter that is in use.
    pub(super) used_unreserved: Quantities,
    /// What the quota is charged within the running cycle.
    pub(super) consumed: Quantities,
    /// Frameworks tracked here: subscribed, or holding something.
    pub(super) tracked: u32,
    /// Orders the tracked frameworks.
    pub(super) sorter: AnySorter<u32>,
    /// The place in the role sorter while frameworks are tracked.
    pub(super) slot: Option<ClientSlot>,
}

impl RoleNode {
    /// What counts against quota (`spec/allocator.md` 4.2).
    pub(super) fn charged(&self) -> Quantities {
        self.held_unreserved + self.reservations
    }
}

#[derive(Clone, Debug)]
pub(super) struct Roles {
    nodes: Vec<RoleNode>,
    by_path: Lookup<Arc<str>, u32>,
    by_id: IdVec<RoleId, Option<u32>>,
    /// Roles with a quota other than the default one, ascending.
    with_quota: Vec<u32>,
    sorter_kind: SorterKind,
}

impl Roles {
    pub(super) fn new(sorter_kind: SorterKind) -> Self {
        let mut roles = Self {
            nodes: Vec::new(),
            by_path: Lookup::default(),
            by_id: IdVec::new(),
            with_quota: Vec::new(),
            sorter_kind,
        };
        let root = roles.node("".into(), ROOT_ROLE, false);
        roles.nodes.push(root);
        roles
    }

    /// A sorter of the kind that was chosen; random ones each draw from their own stream.
    pub(super) fn new_sorter(&mut self) -> AnySorter<u32> {
        match &mut self.sorter_kind {
            SorterKind::Drf => AnySorter::Drf(DrfSorter::new()),
            SorterKind::Random(generator) => {
                let seed =
                    (u128::from(generator.next_u64()) << 64) | u128::from(generator.next_u64());
                AnySorter::Random(RandomSorter::new(rand_pcg::Pcg64Mcg::from_seed(
                    seed.to_le_bytes(),
                )))
            }
        }
    }

    fn node(&mut self, path: Arc<str>, parent: u32, is_nested: bool) -> RoleNode {
        RoleNode {
            path,
            parent,
            id: None,
            is_nested,
            weight: 1.0,
            quota: Quota::default(),
            reservations: Quantities::ZERO,
            held_reserved: Quantities::ZERO,
            held_unreserved: Quantities::ZERO,
            used_unreserved: Quantities::ZERO,
            consumed: Quantities::ZERO,
            tracked: 0,
            sorter: self.new_sorter(),
            slot: None,
        }
    }

    /// The node of a path, made together with its ancestors if it is new.
    pub(super) fn intern(&mut self, path: &str) -> u32 {
        if let Some(&node) = self.by_path.get(path) {
            return node;
        }
        let mut parent = ROOT_ROLE;
        let ends = path.match_indices('/').map(|(end, _)| end).chain(std::iter::once(path.len()));
        for end in ends {
            parent = match self.by_path.get(&path[..end]) {
                Some(&node) => node,
                None => self.push(&path[..end], parent),
            };
        }
        parent
    }

    fn push(&mut self, path: &str, parent: u32) -> u32 {
        let path: Arc<str> = path.into();
        let is_nested = parent_role(&path).is_some();
        let node = self.node(Arc::clone(&path), parent, is_nested);
        let index = u32::try_from(self.nodes.len()).expect("fewer than 2^32 roles");
        self.nodes.push(node);
        self.by_path.insert(path, index);
        index
    }

    pub(super) fn name(&mut self, id: RoleId, path: &str) {
        let node = self.intern(path);
        *self.by_id.grow_to(id, || None) = Some(node);
        self.get_mut(node).id = Some(id);
    }

    pub(super) fn by_id(&self, id: RoleId) -> Option<u32> {
        self.by_id.get(id).copied().flatten()
    }

    pub(super) fn get(&self, node: u32) -> &RoleNode {
        &self.nodes[node as usize]
    }

    pub(super) fn get_mut(&mut self, node: u32) -> &mut RoleNode {
        &mut self.nodes[node as usize]
    }

    /// The nodes that Mesos would have: those that say something about a role, and all above them.
    pub(super) fn live(&self) -> Vec<bool> {
        let mut live = vec![false; self.nodes.len()];
        live[ROOT_ROLE as usize] = true;
        for (index, node) in self.nodes.iter().enumerate() {
            let mut ancestor = index;
            #[expect(clippy::float_cmp, reason = "the default weight is exactly this")]
            let says_something = node.tracked > 0
                || node.weight != 1.0
                || !node.quota.is_default()
                || !node.reservations.is_zero();
            while says_something && !live[ancestor] {
                live[ancestor] = true;
                ancestor = self.nodes[ancestor].parent as usize;
            }
        }
        live
    }

    /// All nodes that were ever needed, the root first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &RoleNode> {
        self.nodes.iter()
    }

    pub(super) fn set_quota(&mut self, node: u32, quota: Quota) {
        self.get_mut(node).quota = quota;
        self.with_quota.retain(|&other| other != node);
        if !quota.is_default() {
            let position = self.with_quota.partition_point(|&other| other < node);
            self.with_quota.insert(position, node);
        }
    }

    pub(super) fn with_quota(&self) -> &[u32] {
        &self.with_quota
    }

    /// Changes the books of a role and of all above it, the root included.
    pub(super) fn up(&mut self, mut node: u32, mut change: impl FnMut(&mut RoleNode)) {
        loop {
            let row = self.get_mut(node);
            change(row);
            if node == ROOT_ROLE {
                return;
            }
            node = row.parent;
        }
    }
}
