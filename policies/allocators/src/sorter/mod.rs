//! The two orders that Mesos knows (`spec/allocator.md` section 3).

mod drf;
mod random;
mod tree;

pub use drf::DrfSorter;
use policy_api::{ClientSlot, Cursor, Pool, Quantities, Sorter};
pub use random::{RandomSorter, weighted_shuffle};

/// A sorter of the kind that was asked for. Both levels use the same kind.
#[derive(Clone, Debug)]
pub(crate) enum AnySorter<C> {
    Drf(DrfSorter<C>),
    Random(RandomSorter<C>),
}

macro_rules! either {
    ($self:ident, $sorter:ident => $call:expr) => {
        match $self {
            AnySorter::Drf($sorter) => $call,
            AnySorter::Random($sorter) => $call,
        }
    };
}

impl<C: Copy> AnySorter<C> {
    /// What all clients together hold.
    pub(crate) fn held(&self) -> &Quantities {
        either!(self, sorter => sorter.held())
    }

    /// What a client itself holds.
    pub(crate) fn held_by(&self, slot: ClientSlot) -> &Quantities {
        either!(self, sorter => sorter.held_by(slot))
    }

    /// How often the client was allocated something.
    pub(crate) fn allocations(&self, slot: ClientSlot) -> u64 {
        either!(self, sorter => sorter.allocations(slot))
    }

    /// A client's own dominant share; there is none in a random order.
    pub(crate) fn share(&self, slot: ClientSlot, pool: &Pool) -> Option<f64> {
        match self {
            Self::Drf(sorter) => Some(sorter.share(slot, pool)),
            Self::Random(_) => None,
        }
    }
}

impl<C: Copy> Sorter<C> for AnySorter<C> {
    fn add(&mut self, client: C, path: &str) -> ClientSlot {
        either!(self, sorter => sorter.add(client, path))
    }

    fn remove(&mut self, slot: ClientSlot) {
        either!(self, sorter => sorter.remove(slot));
    }

    fn set_active(&mut self, slot: ClientSlot, active: bool) {
        either!(self, sorter => sorter.set_active(slot, active));
    }

    fn set_weight(&mut self, path: &str, weight: f64) {
        either!(self, sorter => sorter.set_weight(path, weight));
    }

    fn allocated(&mut self, slot: ClientSlot, quantities: &Quantities) {
        either!(self, sorter => sorter.allocated(slot, quantities));
    }

    fn released(&mut self, slot: ClientSlot, quantities: &Quantities) {
        either!(self, sorter => sorter.released(slot, quantities));
    }

    fn converted(&mut self, slot: ClientSlot, old: &Quantities, new: &Quantities) {
        either!(self, sorter => sorter.converted(slot, old, new));
    }

    fn refresh(&mut self, pool: &Pool) {
        either!(self, sorter => sorter.refresh(pool));
    }

    fn next(&self, cursor: &mut Cursor, skip: impl FnMut(C) -> bool) -> Option<C> {
        either!(self, sorter => sorter.next(cursor, skip))
    }
}
