//! Which tasks no agent of the cluster could ever hold, however empty.

use crate::agent::Agent;
use crate::job::{Constraint, TaskShape};
use crate::protocol::HostId;
use policy_api::{IdVec, Quantities};
use std::sync::Arc;

/// What a task must fit on to be placeable at all.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AgentKind {
    total: Quantities,
    attributes: Vec<(Arc<str>, Arc<str>)>,
}

impl AgentKind {
    pub(super) fn could_run(&self, shape: &TaskShape) -> bool {
        self.total.contains(&shape.demand)
            && shape.constraints.iter().all(|constraint| match constraint {
                Constraint::UniqueAgent => true,
                Constraint::AttributeIn { name, values } => {
                    let attribute = self.attributes.iter().find(|(known, _)| known == name);
                    attribute.is_some_and(|(_, value)| values.contains(value))
                }
            })
    }
}

pub(super) fn distinct_kinds(agents: &IdVec<HostId, Agent>) -> Vec<AgentKind> {
    let mut kinds: Vec<AgentKind> = Vec::new();
    for agent in agents {
        let kind = AgentKind {
            total: agent.total().scalar_quantities(),
            attributes: agent.registration().info.attributes.clone(),
        };
        // Agents of one kind usually stand together.
        if kinds.last() != Some(&kind) && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}
