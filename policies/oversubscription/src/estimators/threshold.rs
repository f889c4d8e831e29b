//! The estimator of `blue-yonder/mesos-threshold-oversubscription`.

use super::FixedEstimator;
use crate::{InvalidParameter, Thresholds};
use policy_api::{Estimator, Resources, Time, Usage};

/// A fixed amount, and nothing more than is allocated of it while the host is full.
#[derive(Clone, Debug)]
pub struct ThresholdEstimator {
    fixed: FixedEstimator,
    thresholds: Thresholds,
}

impl ThresholdEstimator {
    /// Its authors give of a host with 40 cores and 256 GB `cpus:16;mem:98304` while the loads are
    /// below 64, 48 and 32 and 200 GB are used.
    ///
    /// # Errors
    /// No limit at all, or a negative one.
    pub fn new(resources: &Resources, thresholds: Thresholds) -> Result<Self, InvalidParameter> {
        thresholds.validate()?;
        Ok(Self { fixed: FixedEstimator::new(resources), thresholds })
    }
}

impl Estimator for ThresholdEstimator {
    fn estimate(&mut self, _now: Time, usage: &Usage) -> Option<Resources> {
        let is_full =
            self.thresholds.memory_is_exceeded(usage) || self.thresholds.load_is_exceeded(usage);
        Some(if is_full { Resources::EMPTY } else { self.fixed.free(usage) })
    }
}
