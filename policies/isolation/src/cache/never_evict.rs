//! Whoever is in stays in.

use super::ranking::Ranking;
use policy_api::{CacheFact, CachePolicy, CacheRequest, CacheSlot};

/// What finds free space is let in, and nothing ever leaves for something else.
#[derive(Clone, Debug)]
pub struct NeverEvict {
    /// By coming; for inspection only.
    ranking: Ranking<()>,
}

impl NeverEvict {
    pub const fn new() -> Self {
        Self { ranking: Ranking::new() }
    }
}

impl Default for NeverEvict {
    fn default() -> Self {
        Self::new()
    }
}

impl CachePolicy for NeverEvict {
    fn apply(&mut self, fact: CacheFact) {
        match fact {
            CacheFact::Added { slot } => self.ranking.add(slot, ()),
            CacheFact::Used { .. } | CacheFact::Sized { .. } => {}
            CacheFact::Removed { slot } => self.ranking.remove(slot),
            CacheFact::Wiped => self.ranking.clear(),
        }
    }

    fn make_room(
        &mut self,
        request: CacheRequest,
        _: &dyn Fn(CacheSlot) -> bool,
        _: &mut Vec<CacheSlot>,
    ) -> bool {
        request.lacks() == 0
    }

    fn order(&self) -> Vec<CacheSlot> {
        self.ranking.order()
    }

    fn boxed_clone(&self) -> Box<dyn CachePolicy> {
        Box::new(self.clone())
    }
}
