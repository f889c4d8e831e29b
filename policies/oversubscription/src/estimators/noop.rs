//! Mesos's default: no oversubscription.

use policy_api::{Estimator, Resources, Time, Usage};

/// Never answers (`spec/agent.md` 8.5).
#[derive(Clone, Copy, Debug, Default)]
pub struct NoopEstimator;

impl Estimator for NoopEstimator {
    fn estimate(&mut self, _now: Time, _usage: &Usage) -> Option<Resources> {
        None
    }
}
