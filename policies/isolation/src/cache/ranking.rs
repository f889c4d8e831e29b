//! Entries in the order of leaving.

use policy_api::{CacheSlot, IdVec};
use std::collections::BTreeSet;

/// Entries by rank, the lowest first; of equal ones, that which was ranked first.
#[derive(Clone, Debug)]
pub(super) struct Ranking<R> {
    rows: IdVec<CacheSlot, Option<Row<R>>>,
    order: BTreeSet<(R, u64, CacheSlot)>,
    /// Counts how often anything was ranked.
    turns: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Row<R> {
    pub(super) rank: R,
    pub(super) bytes: u64,
    turn: u64,
}

impl<R: Ord + Copy> Ranking<R> {
    pub(super) const fn new() -> Self {
        Self { rows: IdVec::new(), order: BTreeSet::new(), turns: 0 }
    }

    pub(super) fn get(&self, slot: CacheSlot) -> Option<&Row<R>> {
        self.rows.get(slot)?.as_ref()
    }

    /// An entry without any bytes yet. One that is there already is replaced.
    pub(super) fn add(&mut self, slot: CacheSlot, rank: R) {
        self.remove(slot);
        self.turns += 1;
        let row = Row { rank, bytes: 0, turn: self.turns };
        *self.rows.grow_to(slot, || None) = Some(row);
        self.order.insert((rank, row.turn, slot));
    }

    /// Gives an entry another rank, the last one of that rank. Its bytes stay.
    pub(super) fn rank(&mut self, slot: CacheSlot, rank: R) {
        let Some(row) = self.rows.get_mut(slot).and_then(Option::as_mut) else { return };
        self.order.remove(&(row.rank, row.turn, slot));
        self.turns += 1;
        (row.rank, row.turn) = (rank, self.turns);
        self.order.insert((rank, row.turn, slot));
    }

    pub(super) fn resize(&mut self, slot: CacheSlot, bytes: u64) {
        if let Some(row) = self.rows.get_mut(slot).and_then(Option::as_mut) {
            row.bytes = bytes;
        }
    }

    pub(super) fn remove(&mut self, slot: CacheSlot) {
        if let Some(row) = self.rows.get_mut(slot).and_then(Option::take) {
            self.order.remove(&(row.rank, row.turn, slot));
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    /// The lowest that are not pinned and together have the bytes. If there are not so many, false and
    /// none.
    pub(super) fn lowest(
        &self,
        bytes: u64,
        is_pinned: &dyn Fn(CacheSlot) -> bool,
        victims: &mut Vec<CacheSlot>,
    ) -> bool {
        let mut freed = 0_u64;
        for (_, _, slot) in &self.order {
            if freed >= bytes {
                break;
            }
            if !is_pinned(*slot) {
                freed = freed.saturating_add(self.get(*slot).map_or(0, |row| row.bytes));
                victims.push(*slot);
            }
        }
        if freed < bytes {
            victims.clear();
        }
        freed >= bytes
    }

    pub(super) fn order(&self) -> Vec<CacheSlot> {
        self.order.iter().map(|(_, _, slot)| *slot).collect()
    }
}
