//! Heracles's "no growth": an estimator behind the latency of services.

use crate::InvalidParameter;
use crate::controllers::{BestEffort, LatencySlack, LatencySlackParameters};
use policy_api::{Estimator, Resources, Time, Usage};

/// Another estimator, which is heard only while the services of the host leave best effort to grow.
/// A QoS controller can only kill: this is the other half of
/// [`LatencySlackController`](crate::LatencySlackController).
#[derive(Clone, Debug)]
pub struct LatencyGate {
    inner: Box<dyn Estimator>,
    slack: LatencySlack,
}

impl LatencyGate {
    /// # Errors
    /// A parameter outside its range.
    pub fn new(
        inner: Box<dyn Estimator>,
        parameters: LatencySlackParameters,
    ) -> Result<Self, InvalidParameter> {
        Ok(Self { inner, slack: LatencySlack::new(parameters)? })
    }
}

impl Estimator for LatencyGate {
    fn estimate(&mut self, now: Time, usage: &Usage) -> Option<Resources> {
        let answer = self.inner.estimate(now, usage)?;
        Some(match self.slack.judge(now, usage) {
            BestEffort::Grows => answer,
            BestEffort::Stays | BestEffort::Shrinks | BestEffort::Ends => Resources::EMPTY,
        })
    }
}
