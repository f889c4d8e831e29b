//! Admission to a cache of files, and eviction from it: one policy a file.

mod gdsf;
mod lfu;
mod lru;
mod never_evict;
mod ranking;

pub use gdsf::Gdsf;
pub use lfu::Lfu;
pub use lru::Lru;
pub use never_evict::NeverEvict;
