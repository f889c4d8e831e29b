//! When a host counts as full (`blue-yonder/mesos-threshold-oversubscription`).

use crate::InvalidParameter;
use crate::parameter::{check, not_negative};
use policy_api::Usage;

/// Limits of the load and of the used memory of a host; those that are `None` do not limit.
///
/// As the module's source has it: a limit is exceeded once it is *reached*, and an average over a
/// longer time counts only while the shorter ones have reached its limit too, so that nothing is
/// done about an overload that is over. What cannot be read counts as exceeded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Thresholds {
    pub load_one: Option<f64>,
    pub load_five: Option<f64>,
    pub load_fifteen: Option<f64>,
    pub memory_bytes: Option<u64>,
}

impl Thresholds {
    pub(crate) fn validate(&self) -> Result<(), InvalidParameter> {
        for (name, value) in [
            ("load_one", self.load_one),
            ("load_five", self.load_five),
            ("load_fifteen", self.load_fifteen),
        ] {
            value.map_or(Ok(()), |value| not_negative(name, value))?;
        }
        let any = self.limits_load() || self.memory_bytes.is_some();
        check("thresholds", "empty", "at least one limit of load or memory", any)
    }

    const fn limits_load(&self) -> bool {
        self.load_one.is_some() || self.load_five.is_some() || self.load_fifteen.is_some()
    }

    pub(crate) fn memory_is_exceeded(&self, usage: &Usage) -> bool {
        self.memory_bytes.is_some_and(|limit| usage.memory_used_bytes >= limit)
    }

    pub(crate) fn load_is_exceeded(&self, usage: &Usage) -> bool {
        let Some(load) = usage.load else { return self.limits_load() };
        let reached = |limit: Option<f64>, averages: &[f64]| {
            limit.is_some_and(|limit| averages.iter().all(|average| *average >= limit))
        };
        reached(self.load_one, &[load.one])
            || reached(self.load_five, &[load.one, load.five])
            || reached(self.load_fifteen, &[load.one, load.five, load.fifteen])
    }
}
