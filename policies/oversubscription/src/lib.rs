//! Resource estimators and QoS controllers of Mesos agents (`spec/agent.md` section 9).
//!
//! An [`Estimator`](policy_api::Estimator) says how much more an agent can give out than it has; a
//! [`QosController`](policy_api::QosController) says who must go when that was too much. Each is a
//! fold over what the agent tells of its host; none holds a clock or a source of randomness.
//!
//! *Production* executors hold nothing revocable, *best-effort* ones hold something revocable. Amounts are
//! whole thousandths and times whole nanoseconds, so that the same run gives the same estimates on
//! every machine.
//!
//! The parameters of each policy are a plain struct, whose default is what its source says. A
//! policy is made of parameters that make sense, or not at all ([`InvalidParameter`]).

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod controllers;
mod estimators;
mod meter;
mod parameter;
mod thresholds;

pub use controllers::{
    BestEffort, LatencySlack, LatencySlackController, LatencySlackParameters, LoadController,
    LoadParameters, NoopController, ThresholdController, TooHighCpuController,
    TooHighCpuParameters, youngest,
};
pub use estimators::{
    FixedEstimator, LatencyGate, LimitsParameters, NSigmaParameters, NoopEstimator, Peak,
    PeakEstimator, PercentileParameters, ReclamationEstimator, ReclamationParameters,
    SlackEstimator, SlackParameters, ThresholdEstimator,
};
pub use parameter::InvalidParameter;
pub use thresholds::Thresholds;
