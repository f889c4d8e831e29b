//! The order in which clients of one level are served.

use crate::{Quantities, Scalar, amount_to_f64};

/// Orders clients (roles, or the frameworks of one role). A client is named by the caller's id `C`
/// and has a slash-separated path, because siblings compete at each level of a tree
/// (`spec/allocator.md` section 3).
///
/// The order is a snapshot: what is allocated or released changes it at the next
/// [`refresh`](Self::refresh) only, so that a walk over it is never disturbed by its own decisions.
pub trait Sorter<C: Copy> {
    /// Adds an inactive client. `path` must not be a client already.
    fn add(&mut self, client: C, path: &str) -> ClientSlot;

    /// Removes a client together with what is accounted to it.
    fn remove(&mut self, slot: ClientSlot);

    /// Inactive clients are left out of the order, but what they hold still counts.
    fn set_active(&mut self, slot: ClientSlot, active: bool);

    /// Weights belong to paths, which need not be clients. `weight` is above zero.
    fn set_weight(&mut self, path: &str, weight: f64);

    /// The client was given `quantities`: one allocation, which counts in the tie-break.
    fn allocated(&mut self, slot: ClientSlot, quantities: &Quantities);

    /// The client gave `quantities` back.
    fn released(&mut self, slot: ClientSlot, quantities: &Quantities);

    /// What the client holds was converted: `old` became `new`. Not an allocation.
    fn converted(&mut self, slot: ClientSlot, old: &Quantities, new: &Quantities);

    /// Brings the order up to date. `pool` is the same one at each call, whether it changed or not.
    fn refresh(&mut self, pool: &Pool);

    /// The next active client in the order of the last refresh for which `skip` does not hold.
    /// A new cursor starts at the client to be served first.
    fn next(&self, cursor: &mut Cursor, skip: impl FnMut(C) -> bool) -> Option<C>;

    /// All active clients in the order of the last refresh, for inspection.
    fn order(&self) -> Vec<C> {
        let mut cursor = Cursor::default();
        std::iter::from_fn(|| self.next(&mut cursor, |_| false)).collect()
    }
}

/// Where a sorter keeps a client; valid until the client is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientSlot(pub u32);

/// A position in a sorter's order. Cleared and used again, it does not allocate.
#[derive(Clone, Debug, Default)]
pub struct Cursor {
    /// Positions on the way from the root of the tree to the current client.
    pub steps: Vec<(u32, u32)>,
    pub started: bool,
}

impl Cursor {
    pub fn restart(&mut self) {
        self.steps.clear();
        self.started = false;
    }
}

/// What shares are fractions of: the scalars of the whole cluster, at both levels.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    total: Quantities,
    excluded: [bool; Scalar::COUNT],
    /// Zero where a scalar does not count.
    divisors: [f64; Scalar::COUNT],
    version: u64,
}

impl Pool {
    /// An empty pool in which the `excluded` scalars do not count.
    pub fn new(excluded: &[Scalar]) -> Self {
        let mut pool = Self::default();
        for &scalar in excluded {
            pool.excluded[scalar as usize] = true;
        }
        pool
    }

    pub const fn total(&self) -> &Quantities {
        &self.total
    }

    /// Changes whenever the total does.
    pub const fn version(&self) -> u64 {
        self.version
    }

    pub fn set_total(&mut self, total: Quantities) {
        if total == self.total {
            return;
        }
        self.total = total;
        self.version += 1;
        for (scalar, divisor) in Scalar::ALL.into_iter().zip(&mut self.divisors) {
            let counts = !self.excluded[scalar as usize] && total[scalar] > 0;
            *divisor = if counts { amount_to_f64(total[scalar]) } else { 0.0 };
        }
    }

    /// The largest fraction of any scalar that `held` is: divide, then take the larger, from 0.0
    /// on, in that order, so that the double is Mesos's (`spec/allocator.md` 3.1.3).
    pub fn dominant_share(&self, held: &Quantities) -> f64 {
        let mut share: f64 = 0.0;
        for (&amount, &divisor) in held.amounts().iter().zip(&self.divisors) {
            if amount != 0 && divisor > 0.0 {
                share = share.max(amount_to_f64(amount) / divisor);
            }
        }
        share
    }
}
