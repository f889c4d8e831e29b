//! What a cache of files is told and decides: who is let in, and who has to leave.

use crate::dense_id;
use std::fmt::Debug;

dense_id!(
    /// A row of a cache's table. It is used again when its entry has gone.
    CacheSlot
);

/// What has happened in a cache. An entry is added before its size is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheFact {
    /// An entry has come: its first request.
    Added { slot: CacheSlot },
    /// An entry that is there was asked for again.
    Used { slot: CacheSlot },
    /// An entry takes so many bytes now.
    Sized { slot: CacheSlot, bytes: u64 },
    /// An entry has gone, evicted or not.
    Removed { slot: CacheSlot },
    /// The cache is empty, as when it was made.
    Wiped,
}

/// An entry that was added asks for its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheRequest {
    pub slot: CacheSlot,
    pub bytes: u64,
    /// Bytes that nobody takes.
    pub available: u64,
}

impl CacheRequest {
    /// Bytes that have to be freed.
    pub const fn lacks(&self) -> u64 {
        self.bytes.saturating_sub(self.available)
    }
}

/// Admission and eviction of a cache, such as that of Mesos's fetcher (`spec/fetcher.md` 5.1).
///
/// As an allocator it is a fold over facts and a decision. It knows neither files nor names.
pub trait CachePolicy: Debug + Send + Sync {
    /// Takes note.
    fn apply(&mut self, fact: CacheFact);

    /// Whether the entry is let in. If so, `victims` (empty before) has those that leave for it, in
    /// the order of leaving, and they free what the request lacks; if not, it is left empty. None of
    /// them `is_pinned`. The victims' removal follows as facts.
    fn make_room(
        &mut self,
        request: CacheRequest,
        is_pinned: &dyn Fn(CacheSlot) -> bool,
        victims: &mut Vec<CacheSlot>,
    ) -> bool;

    /// All entries, those that would leave first before the others; for inspection.
    fn order(&self) -> Vec<CacheSlot>;

    /// A copy with all that it has taken note of.
    fn boxed_clone(&self) -> Box<dyn CachePolicy>;
}

impl Clone for Box<dyn CachePolicy> {
    fn clone(&self) -> Self {
        self.boxed_clone()
    }
}
