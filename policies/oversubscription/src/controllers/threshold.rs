//! The controller of `blue-yonder/mesos-threshold-oversubscription`.

use crate::{InvalidParameter, Thresholds};
use policy_api::{Correction, QosController, Time, Usage};
use std::cmp::Reverse;

/// Kills at most one best-effort executor each time. While too much memory is used, the one that
/// uses most of it (the first of equals); else, while the load is too high, the first one.
///
/// The original compares the memory of all executors, because its condition is a constant, and then
/// kills nobody for memory if production uses most. Here only best effort is compared, as its comment
/// says.
#[derive(Clone, Copy, Debug)]
pub struct ThresholdController {
    thresholds: Thresholds,
}

impl ThresholdController {
    /// Its authors set on a host with 40 cores and 256 GB loads of 60 (5 min) and 40 (15 min), and 230
    /// GB, and ask every 15 s.
    ///
    /// # Errors
    /// No limit at all, or a negative one.
    pub fn new(thresholds: Thresholds) -> Result<Self, InvalidParameter> {
        thresholds.validate()?;
        Ok(Self { thresholds })
    }
}

impl QosController for ThresholdController {
    fn correct(&mut self, _now: Time, usage: &Usage) -> Option<Vec<Correction>> {
        let mut revocable = usage.executors.iter().filter(|executor| executor.is_revocable());
        let victim = if self.thresholds.memory_is_exceeded(usage) {
            revocable.min_by_key(|executor| {
                Reverse(executor.statistics.map_or(0, |statistics| statistics.mem_total_bytes))
            })
        } else if self.thresholds.load_is_exceeded(usage) {
            revocable.next()
        } else {
            None
        };
        Some(victim.map(Correction::kill).into_iter().collect())
    }
}
