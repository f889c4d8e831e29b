//! What an agent has: its configured resources, changed by operations (`spec/agent.md` section 5).

use policy_api::resources::{DiskInfo, DiskSource, DiskSourceKind};
use policy_api::{Operation, Resource, Resources};
use std::sync::Arc;

/// The resources of an agent.
#[derive(Clone, Debug)]
pub(super) struct AgentResources {
    configured: Resources,
    total: Resources,
}

impl AgentResources {
    pub(super) fn new(configured: Resources) -> Self {
        Self { total: configured.clone(), configured }
    }

    pub(super) const fn total(&self) -> &Resources {
        &self.total
    }

    /// What operations have made: it outlives the process.
    pub(super) fn checkpointed(&self) -> Resources {
        self.total.filter(false, needs_checkpointing)
    }

    /// What it would have after an operation; `None` where that does not fit.
    pub(super) fn after(&self, operation: &Operation) -> Option<Resources> {
        self.total.apply(operation).ok()
    }

    /// What it would have with these reservations and volumes instead of its own; `None` where they do
    /// not fit.
    pub(super) fn with_checkpointed(&self, list: &Resources) -> Option<Resources> {
        rebuilt(&self.configured, list, &self.provided())
    }

    pub(super) fn set_total(&mut self, total: Resources) {
        self.total = total;
    }

    /// It is configured anew, and keeps its reservations, volumes and provided disks. False, and
    /// nothing changes, where they do not fit.
    pub(super) fn configure(&mut self, configured: &Resources) -> bool {
        if *configured == self.configured {
            return true;
        }
        let total = rebuilt(configured, &self.checkpointed(), &self.provided());
        let Some(total) = total else { return false };
        *self = Self { configured: configured.clone(), total };
        true
    }

    fn provided(&self) -> Resources {
        self.total.filter(false, is_provided)
    }

    /// Whether the reservations and volumes among these are there.
    pub(super) fn has_checkpointed(&self, resources: &Resources) -> bool {
        resources.is_plain() || self.total.contains(&resources.filter(false, needs_checkpointing))
    }
}

/// Configured resources, after a list of reservations and volumes has been made of some of them. What
/// resource providers have is theirs to remember.
fn rebuilt(configured: &Resources, list: &Resources, provided: &Resources) -> Option<Resources> {
    let mut total = configured.filter(true, |resource| !is_provided(resource));
    for (resource, _) in list.iter() {
        let origin: Resources = [origin(&resource)].into_iter().collect();
        if !total.contains(&origin) {
            return None;
        }
        total.subtract(&origin);
        total.add_resource(resource.into_owned());
    }
    total.add(provided);
    Some(total)
}

/// What a reservation or a volume was made of: as the agent was configured.
fn origin(resource: &Resource) -> Resource {
    let mut origin = Resource { shared: false, ..resource.clone() };
    while origin.is_dynamically_reserved() {
        origin.reservations.pop();
    }
    let source = origin.disk.as_ref().and_then(|disk| disk.source.clone());
    origin.disk = source.map(of_source);
    origin
}

pub(super) fn of_source(source: DiskSource) -> Arc<DiskInfo> {
    Arc::new(DiskInfo { source: Some(source), ..DiskInfo::default() })
}

/// Dynamic reservations and volumes of the agent itself; a resource provider keeps its own.
fn needs_checkpointing(resource: &Resource) -> bool {
    !is_provided(resource)
        && (resource.is_dynamically_reserved() || resource.is_persistent_volume())
}

/// Whether it belongs to a resource provider, of which some scenarios give no more than its disks.
fn is_provided(resource: &Resource) -> bool {
    let source = resource.disk.as_ref().and_then(|disk| disk.source.as_ref());
    resource.provider.is_some()
        || source.is_some_and(|source| match source.kind {
            DiskSourceKind::Path | DiskSourceKind::Mount => source.id.is_some(),
            DiskSourceKind::Block | DiskSourceKind::Raw => true,
        })
}
