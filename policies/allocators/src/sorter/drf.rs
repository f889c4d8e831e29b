//! Dominant resource fairness: the smallest share first, then the fewest allocations, then by path
//! (`spec/allocator.md` 3.1).
//!
//! Siblings are kept in a sorted array. A change of the books marks a node and its ancestors; the
//! next refresh moves each marked node once, however often it changed, so ten thousand declines
//! of one framework cost one move.

use super::tree::{NodeIndex, ROOT, Tree};
use policy_api::{ClientSlot, Cursor, Pool, Quantities, Sorter};

/// Share, allocations, rank by path: a strict total order among siblings. The share is a double
/// that is never negative, so its bits order as it does.
type Key = (u64, u64, u64);

/// The sorter of weighted dominant resource fairness. It tells clients apart by ids of the caller's.
///
/// ```
/// use policy_allocators::DrfSorter;
/// use policy_api::{Pool, Quantities, Scalar, Sorter};
///
/// let mut pool = Pool::new(&[]);
/// pool.set_total(Quantities::of(Scalar::Cpus, 100_000));
/// let mut sorter = DrfSorter::new();
/// for (client, cpus) in [("eng", 10_000), ("ads", 20_000)] {
///     let slot = sorter.add(client, client);
///     sorter.set_active(slot, true);
///     sorter.allocated(slot, &Quantities::of(Scalar::Cpus, cpus));
/// }
/// sorter.refresh(&pool);
/// assert_eq!(sorter.order(), ["eng", "ads"]);
///
/// sorter.set_weight("ads", 3.0);
/// sorter.refresh(&pool);
/// assert_eq!(sorter.order(), ["ads", "eng"], "a third of 0.2 is less than 0.1");
/// ```
#[derive(Clone, Debug)]
pub struct DrfSorter<C> {
    tree: Tree<C>,
    /// Per node, as of the last refresh.
    keys: Vec<Key>,
    places: Vec<Place>,
    /// Per inner node: its children with active leaves, sorted by their keys.
    orders: Vec<Vec<NodeIndex>>,
    dirty: Vec<NodeIndex>,
    detached: Vec<NodeIndex>,
    pool_version: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    ordered: bool,
    dirty: bool,
}

impl<C: Copy> DrfSorter<C> {
    /// A sorter without clients.
    pub fn new() -> Self {
        let mut sorter = Self {
            tree: Tree::new(),
            keys: Vec::new(),
            places: Vec::new(),
            orders: Vec::new(),
            dirty: Vec::new(),
            detached: Vec::new(),
            pool_version: 0,
        };
        sorter.grow();
        sorter
    }

    /// Whether the path is that of a client, rather than only on the way to one.
    pub fn contains(&self, path: &str) -> bool {
        self.tree.contains(path)
    }

    /// How many clients there are, active or not.
    pub fn count(&self) -> usize {
        self.tree.count()
    }

    /// What all clients together hold.
    pub fn held(&self) -> &Quantities {
        &self.tree.node(ROOT).held
    }

    /// What a client itself holds.
    pub fn held_by(&self, slot: ClientSlot) -> &Quantities {
        &self.tree.node(slot.0).held
    }

    /// How often the client was allocated something.
    pub fn allocations(&self, slot: ClientSlot) -> u64 {
        self.tree.node(slot.0).allocations
    }

    /// A client's own share, for inspection.
    pub fn share(&self, slot: ClientSlot, pool: &Pool) -> f64 {
        pool.dominant_share(self.held_by(slot)) / self.tree.current_weight(slot.0)
    }

    fn grow(&mut self) {
        let nodes = self.tree.nodes.len();
        if nodes == 1 {
            self.keys.reserve_exact(2);
            self.orders.reserve_exact(2);
        }
        self.keys.resize(nodes, (0, 0, 0));
        self.places.resize(nodes, Place::default());
        self.orders.resize(nodes, Vec::new());
    }

    /// Marks a node and its ancestors. A marked node's ancestors are marked already.
    fn mark(&mut self, mut index: NodeIndex) {
        while index != ROOT && !self.places[index as usize].dirty {
            self.places[index as usize].dirty = true;
            self.dirty.push(index);
            index = self.tree.node(index).parent;
        }
    }

    fn change(&mut self, slot: ClientSlot, mut change: impl FnMut(&mut super::tree::Node<C>)) {
        let mut index = slot.0;
        loop {
            let node = self.tree.node_mut(index);
            change(node);
            if index == ROOT {
                break;
            }
            index = node.parent;
        }
        self.mark(slot.0);
    }

    fn key(&mut self, index: NodeIndex, pool: &Pool) -> Key {
        let weight = self.tree.weight(index);
        let node = self.tree.node(index);
        let share = pool.dominant_share(&node.held) / weight;
        (share.to_bits(), node.allocations, node.rank)
    }

    /// Moves one node to where it belongs among its siblings.
    fn reposition(&mut self, index: NodeIndex, pool: &Pool) {
        let parent = self.tree.node(index).parent;
        // A client without anybody active is not in the order, and Mesos does not look at it.
        let node = self.tree.node(index);
        let ordered = node.active_leaves > 0;
        let old = self.places[index as usize];
        self.places[index as usize] = Place { ordered, dirty: false };
        let old_key = self.keys[index as usize];
        let key = if ordered || node.client.is_none() { self.key(index, pool) } else { old_key };
        let order = &mut self.orders[parent as usize];
        let keys = &mut self.keys;
        if old.ordered {
            if ordered && key == old_key {
                return;
            }
            let from = order.partition_point(|&other| keys[other as usize] < old_key);
            order.remove(from);
        }
        keys[index as usize] = key;
        if ordered {
            let to = order.partition_point(|&other| keys[other as usize] < key);
            order.insert(to, index);
        }
    }

    /// Makes all orders again: when shares are fractions of something new, or when most changed.
    fn rebuild(&mut self, pool: &Pool) {
        self.dirty.clear();
        self.tree.renumbered = false;
        for order in &mut self.orders {
            order.clear();
        }
        for index in 1..self.tree.nodes.len() {
            let node = u32::try_from(index).expect("node indices are u32");
            self.places[index] = Place::default();
            let (active, inner) =
                (self.tree.node(node).active_leaves > 0, self.tree.node(node).client.is_none());
            if !self.tree.is_live(node) || !(active || inner) {
                continue;
            }
            self.keys[index] = self.key(node, pool);
            if active {
                self.places[index].ordered = true;
                self.orders[self.tree.node(node).parent as usize].push(node);
            }
        }
        let keys = &self.keys;
        for order in &mut self.orders {
            order.sort_unstable_by_key(|&node| keys[node as usize]);
        }
    }

    /// Takes a node out of its parent's order and forgets that it was marked.
    fn detach(
        index: NodeIndex,
        parent: NodeIndex,
        keys: &[Key],
        places: &mut [Place],
        orders: &mut [Vec<NodeIndex>],
        dirty: &mut Vec<NodeIndex>,
    ) {
        // Nodes that were added in the same change have no place yet.
        let Some(place) = places.get_mut(index as usize) else { return };
        if place.ordered {
            orders[parent as usize].retain(|&other| other != index);
        }
        if place.dirty {
            dirty.retain(|&other| other != index);
        }
        *place = Place::default();
        debug_assert!(keys.len() == places.len());
    }

    fn mark_detached(&mut self) {
        while let Some(index) = self.detached.pop() {
            if self.tree.is_live(index) {
                self.mark(index);
            }
        }
    }
}

impl<C: Copy> Default for DrfSorter<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: Copy> Sorter<C> for DrfSorter<C> {
    fn add(&mut self, client: C, path: &str) -> ClientSlot {
        let Self { tree, keys, places, orders, dirty, detached, .. } = self;
        let slot = tree.add(client, path, |tree, index| {
            Self::detach(index, tree.node(index).parent, keys, places, orders, dirty);
            detached.push(index);
        });
        self.grow();
        self.mark(slot.0);
        self.mark_detached();
        slot
    }

    fn remove(&mut self, slot: ClientSlot) {
        self.mark(slot.0);
        let Self { tree, keys, places, orders, dirty, detached, .. } = self;
        let lowest = tree.remove(slot, |tree, index| {
            Self::detach(index, tree.node(index).parent, keys, places, orders, dirty);
            detached.push(index);
        });
        self.mark(lowest);
        self.mark_detached();
    }

    fn set_active(&mut self, slot: ClientSlot, active: bool) {
        if self.tree.set_active(slot, active) {
            self.mark(slot.0);
        }
    }

    fn set_weight(&mut self, path: &str, weight: f64) {
        if let Some(index) = self.tree.set_weight(path, weight) {
            self.mark(index);
        }
    }

    fn allocated(&mut self, slot: ClientSlot, quantities: &Quantities) {
        self.change(slot, |node| {
            node.held += *quantities;
            node.allocations += 1;
        });
    }

    fn released(&mut self, slot: ClientSlot, quantities: &Quantities) {
        self.change(slot, |node| node.held = node.held.saturating_sub(quantities));
    }

    fn converted(&mut self, slot: ClientSlot, old: &Quantities, new: &Quantities) {
        self.change(slot, |node| node.held = node.held.saturating_sub(old) + *new);
    }

    fn refresh(&mut self, pool: &Pool) {
        let most = self.dirty.len() > 16 && self.dirty.len() * 8 > self.tree.nodes.len();
        if pool.version() != self.pool_version || self.tree.renumbered || most {
            self.pool_version = pool.version();
            self.rebuild(pool);
            return;
        }
        while let Some(index) = self.dirty.pop() {
            self.reposition(index, pool);
        }
    }

    fn next(&self, cursor: &mut Cursor, mut skip: impl FnMut(C) -> bool) -> Option<C> {
        if !cursor.started {
            cursor.started = true;
            cursor.steps.push((ROOT, 0));
        }
        loop {
            let (inner, position) = cursor.steps.last_mut()?;
            let order = &self.orders[*inner as usize];
            let mut below = None;
            while let Some(&child) = order.get(*position as usize) {
                *position += 1;
                match self.tree.node(child).client {
                    Some(client) if skip(client) => {}
                    Some(client) => return Some(client),
                    None => {
                        below = Some(child);
                        break;
                    }
                }
            }
            match below {
                Some(child) => cursor.steps.push((child, 0)),
                None => drop(cursor.steps.pop()),
            }
        }
    }
}
