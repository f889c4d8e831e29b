//! Mesos's default: nobody is killed.

use policy_api::{Correction, QosController, Time, Usage};

/// Never answers (`spec/agent.md` 8.5).
#[derive(Clone, Copy, Debug, Default)]
pub struct NoopController;

impl QosController for NoopController {
    fn correct(&mut self, _now: Time, _usage: &Usage) -> Option<Vec<Correction>> {
        None
    }
}
