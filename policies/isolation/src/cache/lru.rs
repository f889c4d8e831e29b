//! Whoever was not asked for the longest time leaves first, as in Mesos.

use super::ranking::Ranking;
use policy_api::{CacheFact, CachePolicy, CacheRequest, CacheSlot};

/// Mesos's policy (`spec/fetcher.md` 5.1): the least recently used leave, a strict prefix of the
/// order. Small old files go even where one newer one would be enough.
#[derive(Clone, Debug)]
pub struct Lru {
    ranking: Ranking<()>,
}

impl Lru {
    pub const fn new() -> Self {
        Self { ranking: Ranking::new() }
    }
}

impl Default for Lru {
    fn default() -> Self {
        Self::new()
    }
}

impl CachePolicy for Lru {
    fn apply(&mut self, fact: CacheFact) {
        match fact {
            CacheFact::Added { slot } => self.ranking.add(slot, ()),
            CacheFact::Used { slot } => self.ranking.rank(slot, ()),
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
