//! The tree of clients that both sorters order (`spec/allocator.md` 3.1.1).
//!
//! Inner nodes compete with their siblings for their whole subtree. A client that also has clients
//! below it is a leaf named `.` under the inner node of its path. A leaf keeps its slot for as long
//! as its client exists, whatever happens around it.

use policy_api::{ClientSlot, Quantities};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) type NodeIndex = u32;
pub(super) const ROOT: NodeIndex = 0;
/// The parent of a node that is none any more.
const GONE: NodeIndex = NodeIndex::MAX;

#[derive(Clone, Debug)]
pub(super) struct Node<C> {
    /// The full path; siblings differ in their last component only, so it orders them as well.
    pub(super) path: Arc<str>,
    pub(super) parent: NodeIndex,
    /// Leaves only.
    pub(super) client: Option<C>,
    pub(super) active: bool,
    pub(super) active_leaves: u32,
    /// By path.
    pub(super) children: Vec<NodeIndex>,
    /// A number in path order among the siblings.
    pub(super) rank: u64,
    /// The weight as first needed: Mesos does not look again when the weight of a path that is no
    /// client changes (`spec/allocator.md` 3.1.2).
    pub(super) weight: Option<f64>,
    pub(super) held: Quantities,
    /// How often something was allocated in this subtree; never reduced.
    pub(super) allocations: u64,
    is_virtual: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Tree<C> {
    pub(super) nodes: Vec<Node<C>>,
    free: Vec<NodeIndex>,
    weights: BTreeMap<Box<str>, f64>,
    /// Ranks were given anew: orders must be made again.
    pub(super) renumbered: bool,
}

impl<C: Copy> Tree<C> {
    pub(super) fn new() -> Self {
        // With thousands of roles, most have one framework: room for the root and one leaf.
        let mut nodes = Vec::with_capacity(2);
        nodes.push(Node::new("".into(), ROOT));
        Self { nodes, free: Vec::new(), weights: BTreeMap::new(), renumbered: false }
    }

    pub(super) fn node(&self, index: NodeIndex) -> &Node<C> {
        &self.nodes[index as usize]
    }

    pub(super) fn node_mut(&mut self, index: NodeIndex) -> &mut Node<C> {
        &mut self.nodes[index as usize]
    }

    pub(super) fn is_live(&self, index: NodeIndex) -> bool {
        self.node(index).parent != GONE
    }

    /// Adds an inactive leaf. `detach` is told about a node before its place changes.
    pub(super) fn add(
        &mut self,
        client: C,
        path: &str,
        mut detach: impl FnMut(&mut Self, NodeIndex),
    ) -> ClientSlot {
        let mut parent = ROOT;
        for end in component_ends(path) {
            let last = end == path.len();
            match self.find_child(parent, &path[..end]) {
                Some(child) if self.node(child).client.is_some() => {
                    detach(self, child);
                    parent = self.open(child);
                }
                Some(child) => parent = child,
                None => {
                    let child = self.insert(parent, path[..end].into());
                    if last {
                        self.node_mut(child).client = Some(client);
                        return ClientSlot(child);
                    }
                    parent = child;
                }
            }
        }
        let leaf = self.insert(parent, format!("{path}/.").into());
        let node = self.node_mut(leaf);
        node.client = Some(client);
        node.is_virtual = true;
        node.weight = Some(1.0);
        ClientSlot(leaf)
    }

    /// Makes room below the leaf: an inner node takes its place, path, weight and books; the leaf
    /// becomes its first child, with a copy of the books.
    fn open(&mut self, leaf: NodeIndex) -> NodeIndex {
        let old = self.node(leaf).clone();
        let inner = self.allocate(Node {
            client: None,
            active: false,
            children: vec![leaf],
            is_virtual: false,
            ..old.clone()
        });
        self.replace_child(old.parent, leaf, inner);
        let node = self.node_mut(leaf);
        node.path = format!("{}/.", old.path).into();
        node.parent = inner;
        node.rank = FIRST_RANK;
        node.weight = Some(1.0);
        node.is_virtual = true;
        inner
    }

    /// Removes a leaf, then ancestors without children; an ancestor with nothing but its own leaf
    /// left becomes that leaf again and keeps its own books (`spec/allocator.md` 3.1.1). Returns the
    /// lowest node that is still there.
    pub(super) fn remove(
        &mut self,
        slot: ClientSlot,
        mut detach: impl FnMut(&mut Self, NodeIndex),
    ) -> NodeIndex {
        self.set_active(slot, false);
        let held = self.node(slot.0).held;
        let mut index = self.node(slot.0).parent;
        while index != ROOT {
            let node = self.node_mut(index);
            node.held = node.held.saturating_sub(&held);
            index = node.parent;
        }
        let root = self.node_mut(ROOT);
        root.held = root.held.saturating_sub(&held);

        let mut index = slot.0;
        loop {
            let parent = self.node(index).parent;
            detach(self, index);
            self.node_mut(parent).children.retain(|&child| child != index);
            self.release(index);
            if parent == ROOT {
                return ROOT;
            }
            match *self.node(parent).children.as_slice() {
                [] => index = parent,
                [only] if self.node(only).is_virtual => {
                    detach(self, parent);
                    detach(self, only);
                    self.close(parent, only);
                    return only;
                }
                _ => return parent,
            }
        }
    }

    fn close(&mut self, inner: NodeIndex, leaf: NodeIndex) {
        let old = self.node(inner).clone();
        self.replace_child(old.parent, inner, leaf);
        self.release(inner);
        let node = self.node_mut(leaf);
        node.path = old.path;
        node.parent = old.parent;
        node.rank = old.rank;
        node.weight = old.weight;
        node.held = old.held;
        node.allocations = old.allocations;
        node.is_virtual = false;
    }

    /// Returns whether anything changed.
    pub(super) fn set_active(&mut self, slot: ClientSlot, active: bool) -> bool {
        let leaf = self.node_mut(slot.0);
        if leaf.active == active {
            return false;
        }
        leaf.active = active;
        let mut index = slot.0;
        loop {
            let node = self.node_mut(index);
            if active {
                node.active_leaves += 1;
            } else {
                node.active_leaves -= 1;
            }
            if index == ROOT {
                return true;
            }
            index = node.parent;
        }
    }

    /// Returns the node whose weight is a new one now, if the path is a client.
    pub(super) fn set_weight(&mut self, path: &str, weight: f64) -> Option<NodeIndex> {
        self.weights.insert(path.into(), weight);
        let index = self.find_client(path)?;
        self.node_mut(index).weight = Some(weight);
        Some(index)
    }

    /// The node of a client's path: its leaf, or the inner node that has its leaf.
    fn find_client(&self, path: &str) -> Option<NodeIndex> {
        let mut index = ROOT;
        for end in component_ends(path) {
            index = self.find_child(index, &path[..end])?;
        }
        let node = self.node(index);
        // The own leaf need not be the first child: `+` may start a name, and sorts before `.`.
        let has_own_leaf = || node.children.iter().any(|&child| self.node(child).is_virtual);
        ((node.client.is_some() && !node.is_virtual) || has_own_leaf()).then_some(index)
    }

    /// Whether the path is that of a client, rather than only on the way to one.
    pub(super) fn contains(&self, path: &str) -> bool {
        self.find_client(path).is_some()
    }

    /// How many clients there are, active or not.
    pub(super) fn count(&self) -> usize {
        self.nodes.iter().filter(|node| node.client.is_some()).count()
    }

    /// The node's weight, looked up now if it never was.
    pub(super) fn weight(&mut self, index: NodeIndex) -> f64 {
        let weight = self.current_weight(index);
        *self.node_mut(index).weight.get_or_insert(weight)
    }

    /// The weight that counts now, or would if it were needed now.
    pub(super) fn current_weight(&self, index: NodeIndex) -> f64 {
        let node = self.node(index);
        node.weight.unwrap_or_else(|| {
            // Most sorters never get a weight.
            if self.weights.is_empty() {
                1.0
            } else {
                self.weights.get(&*node.path).copied().unwrap_or(1.0)
            }
        })
    }

    fn find_child(&self, parent: NodeIndex, path: &str) -> Option<NodeIndex> {
        let children = &self.node(parent).children;
        let found = children.binary_search_by(|&child| (*self.node(child).path).cmp(path));
        found.ok().map(|position| children[position])
    }

    fn insert(&mut self, parent: NodeIndex, path: Arc<str>) -> NodeIndex {
        let children = &self.node(parent).children;
        let position = children.partition_point(|&child| *self.node(child).path < *path);
        let before = position.checked_sub(1).map(|index| self.node(children[index]).rank);
        let after = children.get(position).map(|&child| self.node(child).rank);
        let rank = rank_between(before, after);
        let mut node = Node::new(path, parent);
        node.rank = rank.unwrap_or(0);
        let index = self.allocate(node);
        self.node_mut(parent).children.insert(position, index);
        if rank.is_none() {
            self.renumber(parent);
        }
        index
    }

    /// Spreads the ranks of all children evenly again.
    fn renumber(&mut self, parent: NodeIndex) {
        self.renumbered = true;
        let children = std::mem::take(&mut self.node_mut(parent).children);
        for (position, &child) in children.iter().enumerate() {
            self.node_mut(child).rank = FIRST_RANK + (position as u64) * RANK_STEP;
        }
        self.node_mut(parent).children = children;
    }

    fn replace_child(&mut self, parent: NodeIndex, old: NodeIndex, new: NodeIndex) {
        for child in &mut self.node_mut(parent).children {
            if *child == old {
                *child = new;
            }
        }
    }

    fn allocate(&mut self, node: Node<C>) -> NodeIndex {
        if let Some(index) = self.free.pop() {
            self.nodes[index as usize] = node;
            return index;
        }
        self.nodes.push(node);
        u32::try_from(self.nodes.len() - 1).expect("fewer than 2^32 clients")
    }

    fn release(&mut self, index: NodeIndex) {
        self.nodes[index as usize] = Node::new("".into(), GONE);
        self.free.push(index);
    }
}

impl<C> Node<C> {
    fn new(path: Arc<str>, parent: NodeIndex) -> Self {
        Self {
            path,
            parent,
            client: None,
            active: false,
            active_leaves: 0,
            children: Vec::new(),
            rank: 0,
            weight: None,
            held: Quantities::ZERO,
            allocations: 0,
            is_virtual: false,
        }
    }
}

const RANK_STEP: u64 = 1 << 32;
const FIRST_RANK: u64 = 1 << 62;

/// A number between two neighbours'; `None` when there is no room.
fn rank_between(before: Option<u64>, after: Option<u64>) -> Option<u64> {
    match (before, after) {
        (None, None) => Some(FIRST_RANK),
        (Some(before), None) => before.checked_add(RANK_STEP),
        (None, Some(after)) => after.checked_sub(RANK_STEP),
        (Some(before), Some(after)) => {
            let middle = before + (after - before) / 2;
            (middle > before).then_some(middle)
        }
    }
}

/// Where each component of a path ends.
fn component_ends(path: &str) -> impl Iterator<Item = usize> + '_ {
    path.bytes()
        .enumerate()
        .filter(|&(_, byte)| byte == b'/')
        .map(|(position, _)| position)
        .chain(std::iter::once(path.len()))
}
