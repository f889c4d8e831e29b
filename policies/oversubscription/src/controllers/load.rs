//! Mesos's `LoadQoSController` (`spec/agent.md` 8.5).

use crate::InvalidParameter;
use crate::parameter::{check, not_negative};
use policy_api::{Correction, ExecutorUsage, QosController, Time, Usage};

/// The parameters of [`LoadController`]. At least one is given, and none is negative.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LoadParameters {
    pub load_five: Option<f64>,
    pub load_fifteen: Option<f64>,
}

/// Kills all best-effort executors while the load of five or fifteen minutes is above its limit. The
/// load of one minute does not count: it moves too much. Nothing happens where no load can be read.
#[derive(Clone, Copy, Debug)]
pub struct LoadController {
    parameters: LoadParameters,
}

impl LoadController {
    /// # Errors
    /// No limit at all, or a negative one.
    pub fn new(parameters: LoadParameters) -> Result<Self, InvalidParameter> {
        let LoadParameters { load_five, load_fifteen } = parameters;
        for (name, value) in [("load_five", load_five), ("load_fifteen", load_fifteen)] {
            value.map_or(Ok(()), |value| not_negative(name, value))?;
        }
        let any = load_five.is_some() || load_fifteen.is_some();
        check("load_five", "not given, nor is load_fifteen", "one of the two at least", any)?;
        Ok(Self { parameters })
    }
}

impl QosController for LoadController {
    fn correct(&mut self, _now: Time, usage: &Usage) -> Option<Vec<Correction>> {
        let above = |average: f64, limit: Option<f64>| limit.is_some_and(|limit| average > limit);
        let is_overloaded = usage.load.is_some_and(|load| {
            above(load.five, self.parameters.load_five)
                || above(load.fifteen, self.parameters.load_fifteen)
        });
        Some(if is_overloaded { all_revocable(usage) } else { Vec::new() })
    }
}

/// Kills everything that is best effort, in the order of the usage.
pub(super) fn all_revocable(usage: &Usage) -> Vec<Correction> {
    let revocable = usage.executors.iter().filter(|executor| ExecutorUsage::is_revocable(executor));
    revocable.map(Correction::kill).collect()
}
