//! What an agent has: its configured resources, changed by operations (`spec/agent.md` section 5).

use policy_api::{Operation, Resource, Resources};

/// The resources of an agent.
#[derive(Clone, Debug)]
pub(super) struct AgentResources {
    total: Resources,
}

impl AgentResources {
    pub(super) const fn new(configured: Resources) -> Self {
        Self { total: configured }
    }

    pub(super) const fn total(&self) -> &Resources {
        &self.total
    }

    /// What operations have made: it outlives the process.
    pub(super) fn checkpointed(&self) -> Resources {
        self.total.filter(false, needs_checkpointing)
    }

    /// Carries out an operation that the master has already carried out in its books, on an equal
    /// total. One that does not fit would end Mesos's agent; here it changes nothing.
    pub(super) fn apply(&mut self, operation: &Operation) {
        if let Ok(total) = self.total.apply(operation) {
            self.total = total;
        }
    }

    /// Whether the reservations and volumes among these are there.
    pub(super) fn has_checkpointed(&self, resources: &Resources) -> bool {
        resources.is_plain() || self.total.contains(&resources.filter(false, needs_checkpointing))
    }
}

/// Dynamic reservations and volumes of the agent itself; a resource provider keeps its own.
fn needs_checkpointing(resource: &Resource) -> bool {
    resource.provider.is_none()
        && (resource.is_dynamically_reserved() || resource.is_persistent_volume())
}
