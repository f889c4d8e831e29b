//! Policies of the fetcher's cache.

use crate::scenario::CachePolicyConfig;
use policy_api::CachePolicy;
use policy_isolation::cache::{Gdsf, Lfu, Lru, NeverEvict};

/// Makes the policy of one agent's cache.
pub(crate) fn cache_policy(config: &CachePolicyConfig) -> Box<dyn CachePolicy> {
    match config {
        CachePolicyConfig::Lru(_) => Box::new(Lru::new()),
        CachePolicyConfig::Lfu(_) => Box::new(Lfu::new()),
        CachePolicyConfig::Gdsf(_) => Box::new(Gdsf::new()),
        CachePolicyConfig::NeverEvict(_) => Box::new(NeverEvict::new()),
    }
}
