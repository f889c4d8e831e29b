//! Weighted random order (`spec/allocator.md` 3.2): every refresh draws a new one.

use super::tree::{Node, NodeIndex, ROOT, Tree};
use policy_api::{ClientSlot, Cursor, Pool, Quantities, Sorter};
use rand::{Rng, RngExt};
use rand_pcg::Pcg64Mcg;

/// Positions of `weights` in a random order: each comes first with a chance in proportion to its
/// weight, and among the rest next likewise. They replace what was in `order`, beside the keys that
/// were drawn for them. Weights are above zero.
///
/// The keys are u^(1/weight), largest first. Their logarithms are compared: of a thousand equal
/// clients nearly half would have a key too small for a double, and come in the order they are in.
pub fn weighted_shuffle(
    weights: impl IntoIterator<Item = f64>,
    generator: &mut impl Rng,
    order: &mut Vec<(f64, u32)>,
) {
    order.clear();
    order.extend((0..).zip(weights).map(|(position, weight)| {
        let uniform: f64 = generator.random();
        (uniform.ln() / weight, position)
    }));
    order.sort_unstable_by(|left, right| {
        right.0.total_cmp(&left.0).then_with(|| left.1.cmp(&right.1))
    });
}

/// The sorter that ignores what clients hold: a client's chance to be served first is its weight's
/// part among its siblings, at every level of the tree.
#[derive(Clone, Debug)]
pub struct RandomSorter<C> {
    tree: Tree<C>,
    generator: Pcg64Mcg,
    /// Active leaves with the chance of each to be the first; stale after a change of structure.
    chances: Vec<(f64, C)>,
    stale: bool,
    drawn: Vec<(f64, u32)>,
}

impl<C: Copy> RandomSorter<C> {
    /// A sorter without clients that draws from the caller's stream.
    pub fn new(generator: Pcg64Mcg) -> Self {
        Self { tree: Tree::new(), generator, chances: Vec::new(), stale: false, drawn: Vec::new() }
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

    fn change(&mut self, slot: ClientSlot, mut change: impl FnMut(&mut Node<C>)) {
        let mut index = slot.0;
        loop {
            let node = self.tree.node_mut(index);
            change(node);
            if index == ROOT {
                return;
            }
            index = node.parent;
        }
    }

    /// A node's chance is its parent's, divided among the active siblings by weight.
    fn recompute_chances(&mut self) {
        self.stale = false;
        self.chances.clear();
        let mut open: Vec<(NodeIndex, f64)> = vec![(ROOT, 1.0)];
        while let Some((index, chance)) = open.pop() {
            if let Some(client) = self.tree.node(index).client {
                self.chances.push((chance, client));
                continue;
            }
            let active: Vec<NodeIndex> = self
                .tree
                .node(index)
                .children
                .iter()
                .copied()
                .filter(|&child| self.tree.node(child).active_leaves > 0)
                .collect();
            let total: f64 = active.iter().map(|&child| self.tree.weight(child)).sum();
            for child in active {
                let weight = self.tree.weight(child);
                open.push((child, chance * weight / total));
            }
        }
    }
}

impl<C: Copy> Sorter<C> for RandomSorter<C> {
    fn add(&mut self, client: C, path: &str) -> ClientSlot {
        self.stale = true;
        self.tree.add(client, path, |_, _| {})
    }

    fn remove(&mut self, slot: ClientSlot) {
        self.stale = true;
        self.tree.remove(slot, |_, _| {});
    }

    fn set_active(&mut self, slot: ClientSlot, active: bool) {
        self.stale |= self.tree.set_active(slot, active);
    }

    fn set_weight(&mut self, path: &str, weight: f64) {
        self.stale |= self.tree.set_weight(path, weight).is_some();
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

    fn refresh(&mut self, _pool: &Pool) {
        if self.stale {
            self.recompute_chances();
        }
        let chances = self.chances.iter().map(|&(chance, _)| chance);
        weighted_shuffle(chances, &mut self.generator, &mut self.drawn);
    }

    fn next(&self, cursor: &mut Cursor, mut skip: impl FnMut(C) -> bool) -> Option<C> {
        if !cursor.started {
            cursor.started = true;
            cursor.steps.push((ROOT, 0));
        }
        let (_, position) = cursor.steps.last_mut()?;
        while let Some(&(_, index)) = self.drawn.get(*position as usize) {
            *position += 1;
            let client = self.chances[index as usize].1;
            if !skip(client) {
                return Some(client);
            }
        }
        None
    }
}
