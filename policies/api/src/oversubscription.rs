//! What can be given out beyond what is free, and what must be taken back (`spec/agent.md` section 8).

use crate::usage::{ContainerKey, ExecutorKey, ExecutorUsage, Usage};
use crate::{FrameworkId, Resources, Time};
use std::fmt::Debug;

/// Estimates what an agent can give out beyond what is free, for as long as it lasts.
///
/// It is asked by its agent each `oversubscribed_resources_interval`. It sees one host only, and what
/// it remembers is lost when the agent's process ends: the next one begins with a copy of
/// what the first began with.
pub trait Estimator: CloneEstimator + Debug + Send {
    /// How much **more** can be given out now, beyond what is allocated of it: revocable resources
    /// only; with anything else among them the agent's process ends, as Mesos's does. `None`: it never
    /// answers, and is not asked again.
    fn estimate(&mut self, now: Time, usage: &Usage) -> Option<Resources>;
}

/// Decides which executors must end because the host has become too full.
pub trait QosController: CloneQosController + Debug + Send {
    /// What the agent is to correct, in order. `None`: it never answers, and is not asked again.
    fn correct(&mut self, now: Time, usage: &Usage) -> Option<Vec<Correction>>;
}

/// Mesos's `QoSCorrection`, of which there is one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// The executor's container is destroyed at once.
    Kill {
        framework: FrameworkId,
        executor: ExecutorKey,
        /// Only if it is still in this container; `None`: in whichever.
        container: Option<ContainerKey>,
    },
}

impl Correction {
    pub const fn kill(executor: &ExecutorUsage) -> Self {
        Self::Kill {
            framework: executor.framework,
            executor: executor.executor,
            container: Some(executor.container),
        }
    }
}

/// What lets boxed estimators be copied; whoever is `Clone` has it.
pub trait CloneEstimator {
    fn boxed(&self) -> Box<dyn Estimator>;
}

impl<E: Estimator + Clone + 'static> CloneEstimator for E {
    fn boxed(&self) -> Box<dyn Estimator> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Estimator> {
    fn clone(&self) -> Self {
        (**self).boxed()
    }
}

/// What lets boxed controllers be copied; whoever is `Clone` has it.
pub trait CloneQosController {
    fn boxed(&self) -> Box<dyn QosController>;
}

impl<C: QosController + Clone + 'static> CloneQosController for C {
    fn boxed(&self) -> Box<dyn QosController> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn QosController> {
    fn clone(&self) -> Self {
        (**self).boxed()
    }
}
