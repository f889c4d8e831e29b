//! Who must end (`spec/agent.md` 9.2).

mod latency_slack;
mod load;
mod noop;
mod seniority;
mod threshold;
mod too_high_cpu;

pub use latency_slack::{BestEffort, LatencySlack, LatencySlackController, LatencySlackParameters};
pub use load::{LoadController, LoadParameters};
pub use noop::NoopController;
pub use seniority::youngest;
pub use threshold::ThresholdController;
pub use too_high_cpu::{TooHighCpuController, TooHighCpuParameters};
