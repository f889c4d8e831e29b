//! Greedy-Dual-Size-Frequency: small files that are often asked for stay.

use super::ranking::Ranking;
use policy_api::{CacheFact, CachePolicy, CacheRequest, CacheSlot, IdVec};
use std::cmp::Ordering;

/// L. Cherkasova, "Improving WWW Proxies Performance with Greedy-Dual-Size-Frequency Caching
/// Policy", HPL-98-69R1, 1998, with the cost of a file set to one: the best rate of hits.
///
/// A file's priority is `clock + uses / bytes`, taken when it is asked for. The lowest leave. The
/// clock goes to the highest priority that has left, so that files that nobody asks for any more grow
/// old. A file that would be among those that leave for it is not let in, and then nobody leaves.
#[derive(Clone, Debug)]
pub struct Gdsf {
    ranking: Ranking<Priority>,
    uses: IdVec<CacheSlot, u32>,
    clock: f64,
}

/// A finite number, so that the order is total.
#[derive(Clone, Copy, Debug)]
struct Priority(f64);

impl Ord for Priority {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Priority {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Priority {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Priority {}

impl Gdsf {
    pub const fn new() -> Self {
        Self { ranking: Ranking::new(), uses: IdVec::new(), clock: 0.0 }
    }

    /// An empty file counts as one byte.
    fn priority(&self, slot: CacheSlot, bytes: u64) -> Priority {
        let uses = self.uses.get(slot).copied().unwrap_or(1);
        Priority(self.clock + f64::from(uses) / bytes.max(1) as f64)
    }

    fn rank_anew(&mut self, slot: CacheSlot) {
        let bytes = self.ranking.get(slot).map_or(0, |row| row.bytes);
        self.ranking.rank(slot, self.priority(slot, bytes));
    }
}

impl Default for Gdsf {
    fn default() -> Self {
        Self::new()
    }
}

impl CachePolicy for Gdsf {
    fn apply(&mut self, fact: CacheFact) {
        match fact {
            CacheFact::Added { slot } => {
                *self.uses.grow_to(slot, || 0) = 1;
                self.ranking.add(slot, self.priority(slot, 0));
            }
            CacheFact::Used { slot } => {
                let uses = self.uses.grow_to(slot, || 0);
                *uses = uses.saturating_add(1);
                self.rank_anew(slot);
            }
            CacheFact::Sized { slot, bytes } => {
                self.ranking.resize(slot, bytes);
                self.rank_anew(slot);
            }
            CacheFact::Removed { slot } => self.ranking.remove(slot),
            CacheFact::Wiped => *self = Self::new(),
        }
    }

    fn make_room(
        &mut self,
        request: CacheRequest,
        is_pinned: &dyn Fn(CacheSlot) -> bool,
        victims: &mut Vec<CacheSlot>,
    ) -> bool {
        if !self.ranking.lowest(request.lacks(), is_pinned, victims) {
            return false;
        }
        let Some(last) = victims.last().and_then(|slot| self.ranking.get(*slot)) else {
            return true;
        };
        let highest = last.rank;
        if self.priority(request.slot, request.bytes) < highest {
            victims.clear();
            return false;
        }
        self.clock = highest.0;
        true
    }

    fn order(&self) -> Vec<CacheSlot> {
        self.ranking.order()
    }

    fn boxed_clone(&self) -> Box<dyn CachePolicy> {
        Box::new(self.clone())
    }
}
