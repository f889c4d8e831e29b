//! How much more can be given out (`spec/agent.md` 9.1).

mod fixed;
mod latency_gate;
mod n_sigma;
mod noop;
mod peak;
mod percentile;
mod reclamation;
mod slack;
mod threshold;

pub use fixed::FixedEstimator;
pub use latency_gate::LatencyGate;
pub use n_sigma::NSigmaParameters;
pub use noop::NoopEstimator;
pub use peak::{LimitsParameters, Peak, PeakEstimator};
pub use percentile::PercentileParameters;
pub use reclamation::{ReclamationEstimator, ReclamationParameters};
pub use slack::{SlackEstimator, SlackParameters};
pub use threshold::ThresholdEstimator;
