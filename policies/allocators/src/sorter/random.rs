//! Weighted random order (`spec/allocator.md` 3.2): every refresh draws a new one.

use super::tree::{Node, NodeIndex, ROOT, Tree};
use policy_api::{ClientSlot, Cursor, Pool, Quantities, Sorter};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

#[derive(Clone, Debug)]
pub(crate) struct RandomSorter<C> {
    tree: Tree<C>,
    generator: Pcg64Mcg,
    /// Active leaves with the chance of each to be the first; stale after a change of structure.
    chances: Vec<(f64, C)>,
    stale: bool,
    drawn: Vec<(f64, u32)>,
}

impl<C: Copy> RandomSorter<C> {
    pub(crate) fn new(generator: Pcg64Mcg) -> Self {
        Self { tree: Tree::new(), generator, chances: Vec::new(), stale: false, drawn: Vec::new() }
    }

    /// What all clients together hold.
    pub(crate) fn held(&self) -> &Quantities {
        &self.tree.node(ROOT).held
    }

    /// What a client itself holds.
    pub(crate) fn held_by(&self, slot: ClientSlot) -> &Quantities {
        &self.tree.node(slot.0).held
    }

    /// How often the client was allocated something.
    pub(crate) fn allocations(&self, slot: ClientSlot) -> u64 {
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

    /// Keys u^(1/chance), largest first: sampling without replacement by chance.
    fn refresh(&mut self, _pool: &Pool) {
        if self.stale {
            self.recompute_chances();
        }
        self.drawn.clear();
        for (index, &(chance, _)) in self.chances.iter().enumerate() {
            let uniform: f64 = self.generator.random();
            let index = u32::try_from(index).expect("fewer than 2^32 clients");
            self.drawn.push((uniform.powf(1.0 / chance), index));
        }
        self.drawn.sort_unstable_by(|left, right| {
            right.0.total_cmp(&left.0).then_with(|| left.1.cmp(&right.1))
        });
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
