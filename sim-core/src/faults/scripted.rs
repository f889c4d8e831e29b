//! Faults that are listed one by one.

use super::{Fault, FaultError};
use policy_api::Time;

/// A list of faults in the order of time. Those of one instant keep the order in which they came.
#[derive(Clone, Debug)]
pub struct ScriptedFaults {
    faults: std::vec::IntoIter<(Time, Fault)>,
}

impl ScriptedFaults {
    /// In any order. Returns all bad parameters, named after the fault's number from zero: `[3].loss`.
    pub fn new(mut faults: Vec<(Time, Fault)>) -> Result<Self, Vec<FaultError>> {
        let mut errors = Vec::new();
        for (number, (_, fault)) in faults.iter().enumerate() {
            fault.check(&format!("[{number}]"), &mut errors);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        faults.sort_by_key(|(at, _)| *at);
        Ok(Self { faults: faults.into_iter() })
    }

    pub(super) fn peek_time(&self) -> Option<Time> {
        self.faults.as_slice().first().map(|(at, _)| *at)
    }
}

impl Iterator for ScriptedFaults {
    type Item = (Time, Fault);

    fn next(&mut self) -> Option<(Time, Fault)> {
        self.faults.next()
    }
}
