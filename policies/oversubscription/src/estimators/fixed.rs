//! Mesos's `FixedResourceEstimator` (`spec/agent.md` 8.5).

use policy_api::{Estimator, Resources, Time, Usage};

/// A fixed amount, whatever the host does: what is allocated of it is taken off.
#[derive(Clone, Debug)]
pub struct FixedEstimator {
    total: Resources,
}

impl FixedEstimator {
    /// All of `resources` counts as revocable.
    pub fn new(resources: &Resources) -> Self {
        Self { total: resources.to_revocable() }
    }

    pub(super) fn free(&self, usage: &Usage) -> Resources {
        let mut free = self.total.clone();
        free.subtract(&usage.revocable());
        free
    }
}

impl Estimator for FixedEstimator {
    fn estimate(&mut self, _now: Time, usage: &Usage) -> Option<Resources> {
        Some(self.free(usage))
    }
}
