//! Whoever was asked for the fewest times leaves first.

use super::ranking::Ranking;
use policy_api::{CacheFact, CachePolicy, CacheRequest, CacheSlot};

/// Least frequently used, of equals the least recently used. Requests count from an entry's coming
/// to its leaving; nothing is remembered of those that have left.
#[derive(Clone, Debug)]
pub struct Lfu {
    ranking: Ranking<u64>,
}

impl Lfu {
    pub const fn new() -> Self {
        Self { ranking: Ranking::new() }
    }
}

impl Default for Lfu {
    fn default() -> Self {
        Self::new()
    }
}

impl CachePolicy for Lfu {
    fn apply(&mut self, fact: CacheFact) {
        match fact {
            CacheFact::Added { slot } => self.ranking.add(slot, 1),
            CacheFact::Used { slot } => {
                let uses = self.ranking.get(slot).map_or(0, |row| row.rank);
                self.ranking.rank(slot, uses.saturating_add(1));
            }
            CacheFact::Sized { slot, bytes } => self.ranking.resize(slot, bytes),
            CacheFact::Removed { slot } => self.ranking.remove(slot),
            CacheFact::Wiped => self.ranking.clear(),
        }
    }

    fn make_room(
        &mut self,
        request: CacheRequest,
        is_pinned: &dyn Fn(CacheSlot) -> bool,
        victims: &mut Vec<CacheSlot>,
    ) -> bool {
        self.ranking.lowest(request.lacks(), is_pinned, victims)
    }

    fn order(&self) -> Vec<CacheSlot> {
        self.ranking.order()
    }

    fn boxed_clone(&self) -> Box<dyn CachePolicy> {
        Box::new(self.clone())
    }
}
