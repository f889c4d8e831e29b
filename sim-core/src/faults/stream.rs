//! All faults of a run, in the order of time.

use super::{DrawnFaults, Fault, ScriptedFaults};
use policy_api::Time;

/// Where faults come from.
#[derive(Clone, Debug)]
pub enum FaultSource {
    Scripted(ScriptedFaults),
    Drawn(DrawnFaults),
}

impl FaultSource {
    fn peek_time(&self) -> Option<Time> {
        match self {
            Self::Scripted(faults) => faults.peek_time(),
            Self::Drawn(faults) => faults.peek_time(),
        }
    }

    fn next(&mut self) -> Option<(Time, Fault)> {
        match self {
            Self::Scripted(faults) => faults.next(),
            Self::Drawn(faults) => faults.next(),
        }
    }
}

/// The faults of several sources. Those of one instant come in the order of their sources. It ends only
/// where no source draws.
#[derive(Clone, Debug, Default)]
pub struct FaultStream {
    sources: Vec<FaultSource>,
}

impl FaultStream {
    pub const fn new(sources: Vec<FaultSource>) -> Self {
        Self { sources }
    }

    /// When the next fault is.
    pub fn peek_time(&self) -> Option<Time> {
        self.sources.iter().filter_map(FaultSource::peek_time).min()
    }
}

impl Iterator for FaultStream {
    type Item = (Time, Fault);

    fn next(&mut self) -> Option<(Time, Fault)> {
        let at = self.peek_time()?;
        self.sources.iter_mut().find(|source| source.peek_time() == Some(at))?.next()
    }
}
