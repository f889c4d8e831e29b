//! The registry: the part of the master's memory that outlives it (`spec/master.md` section 9). It
//! knows agents with their static resources; no reservations, volumes, tasks or frameworks.

use super::Request;
use crate::protocol::{
    DrainConfig, HostId, MachineId, MaintenanceWindow, Registration, Reregistration,
};
use policy_api::{AgentId, DenseId, Quota, Span, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub struct Registry {
    pub(super) admitted: BTreeMap<AgentId, RegisteredAgent>,
    pub(super) unreachable: BTreeMap<AgentId, UnreachableAgent>,
    pub(super) gone: BTreeMap<AgentId, Time>,
    pub(super) schedule: Vec<MaintenanceWindow>,
    pub(super) down: BTreeSet<MachineId>,
    pub(super) quotas: BTreeMap<Arc<str>, Quota>,
    pub(super) weights: BTreeMap<Arc<str>, f64>,
    /// The next agent id that was never given: ids are not used for another agent.
    next_agent: usize,
    /// Whether the agent id of each host's number has been given to it.
    promises_kept: Vec<bool>,
    marked_unreachable: u64,
    /// Counts masters.
    masters: u64,
}

#[derive(Clone, Debug)]
pub(super) struct RegisteredAgent {
    pub(super) standing: Standing,
}

#[derive(Clone, Debug)]
pub(super) struct UnreachableAgent {
    /// Counts agents that were marked: the oldest are forgotten first.
    pub(super) number: u64,
    pub(super) since: Time,
    pub(super) standing: Standing,
}

/// What an operator has decided about an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) deactivated: bool,
    pub(super) drain: Option<Drain>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drain {
    pub(super) config: DrainConfig,
    pub(super) drained: bool,
    pub(super) started: Time,
}

/// A change of the registry, with what the master goes on with once it is stored.
#[derive(Clone, Debug)]
pub(super) enum RegistryOperation {
    Admit {
        agent: AgentId,
        host: HostId,
        registration: Box<Registration>,
    },
    /// Back from wherever the registry has the agent, or nowhere.
    MarkReachable {
        host: HostId,
        message: Box<Reregistration>,
    },
    MarkUnreachable {
        agent: AgentId,
        since: Time,
    },
    MarkGone {
        agent: AgentId,
        since: Time,
        request: Option<Request>,
    },
    Remove {
        agent: AgentId,
        cause: Removal,
    },
    /// Of unreachable agents.
    Prune(Vec<AgentId>),
    UpdateStanding {
        agent: AgentId,
        standing: Standing,
        request: Option<Request>,
    },
    UpdateQuotas {
        quotas: Vec<(Arc<str>, Quota)>,
        rescind: QuotaRescind,
        request: Request,
    },
    UpdateWeights {
        weights: Vec<(Arc<str>, f64)>,
        request: Request,
    },
    UpdateSchedule {
        schedule: Vec<MaintenanceWindow>,
        request: Request,
    },
    StartMaintenance {
        machines: Vec<MachineId>,
        request: Request,
    },
    StopMaintenance {
        machines: Vec<MachineId>,
        request: Request,
    },
}

/// Why an agent leaves the registry for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removal {
    Unregistered,
    /// Another agent registers from the same address.
    Replaced,
    /// It failed its health checks, under a profile without unreachable agents.
    Unhealthy,
    MachineDown,
}

/// Which offers are taken back after a change of quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QuotaRescind {
    /// `UPDATE_QUOTA`.
    ByAmounts,
    /// The older POST.
    ByAgents,
    /// The older DELETE.
    None,
}

impl Registry {
    /// A master writes itself down: how many there were before it.
    pub(super) fn begin_master(&mut self) -> u64 {
        self.masters += 1;
        self.masters - 1
    }

    /// An empty registry. Each of so many hosts is promised the agent id of its own number for its
    /// first agent, so that tables of the two can be compared at sight.
    pub fn new(hosts: usize) -> Self {
        Self {
            admitted: BTreeMap::new(),
            unreachable: BTreeMap::new(),
            gone: BTreeMap::new(),
            schedule: Vec::new(),
            down: BTreeSet::new(),
            quotas: BTreeMap::new(),
            weights: BTreeMap::new(),
            next_agent: hosts,
            promises_kept: vec![false; hosts],
            marked_unreachable: 0,
            masters: 0,
        }
    }

    /// Weights as operators have set them, by role.
    pub fn weights(&self) -> impl Iterator<Item = (&str, f64)> {
        self.weights.iter().map(|(role, weight)| (&**role, *weight))
    }

    /// Takes over the weights that a master was started with, unless there are some already. A weight
    /// of one is what every role has without.
    pub(super) fn store_first_weights(&mut self, roles: &[(String, f64)]) {
        if self.weights.is_empty() {
            let weighted = roles.iter().filter(|(_, weight)| weight.total_cmp(&1.0).is_ne());
            self.weights.extend(weighted.map(|(role, weight)| (role.as_str().into(), *weight)));
        }
    }

    /// An id for a new agent on this host. No id is given twice.
    pub(super) fn new_agent_id(&mut self, host: HostId) -> AgentId {
        if let Some(kept @ false) = self.promises_kept.get_mut(host.index()) {
            *kept = true;
            return AgentId::from_index(host.index());
        }
        self.next_agent += 1;
        AgentId::from_index(self.next_agent - 1)
    }

    pub(super) fn apply(&mut self, operation: &RegistryOperation) {
        match operation {
            RegistryOperation::Admit { agent, .. } => {
                let standing = Standing::default();
                self.admitted.insert(*agent, RegisteredAgent { standing });
            }
            RegistryOperation::MarkReachable { message, .. } => {
                let agent = message.agent;
                let standing = self.standing(agent);
                self.unreachable.remove(&agent);
                self.admitted.insert(agent, RegisteredAgent { standing });
            }
            RegistryOperation::MarkUnreachable { agent, since } => {
                if let Some(RegisteredAgent { standing }) = self.admitted.remove(agent) {
                    self.marked_unreachable += 1;
                    let (number, since) = (self.marked_unreachable, *since);
                    let row = UnreachableAgent { number, since, standing };
                    self.unreachable.insert(*agent, row);
                }
            }
            RegistryOperation::MarkGone { agent, since, .. } => {
                self.admitted.remove(agent);
                self.unreachable.remove(agent);
                self.gone.insert(*agent, *since);
            }
            RegistryOperation::Remove { agent, .. } => {
                self.admitted.remove(agent);
            }
            RegistryOperation::Prune(agents) => {
                for agent in agents {
                    self.unreachable.remove(agent);
                    self.gone.remove(agent);
                }
            }
            RegistryOperation::UpdateStanding { agent, standing, .. } => {
                if let Some(row) = self.admitted.get_mut(agent) {
                    row.standing = *standing;
                }
                if let Some(row) = self.unreachable.get_mut(agent) {
                    row.standing = *standing;
                }
            }
            RegistryOperation::UpdateQuotas { quotas, .. } => set_quotas(&mut self.quotas, quotas),
            RegistryOperation::UpdateWeights { weights, .. } => {
                self.weights.extend(weights.iter().cloned());
            }
            RegistryOperation::UpdateSchedule { schedule, .. } => {
                self.schedule.clone_from(schedule);
            }
            RegistryOperation::StartMaintenance { machines, .. } => {
                self.down.extend(machines.iter().cloned());
            }
            RegistryOperation::StopMaintenance { machines, .. } => {
                for machine in machines {
                    self.down.remove(machine);
                }
                for window in &mut self.schedule {
                    window.machines.retain(|machine| !machines.contains(machine));
                }
                self.schedule.retain(|window| !window.machines.is_empty());
            }
        }
    }

    pub(super) fn standing(&self, agent: AgentId) -> Standing {
        let admitted = self.admitted.get(&agent).map(|row| row.standing);
        let unreachable = || self.unreachable.get(&agent).map(|row| row.standing);
        admitted.or_else(unreachable).unwrap_or_default()
    }

    pub(super) fn unreachable_since(&self, agent: AgentId) -> Option<Time> {
        self.unreachable.get(&agent).map(|row| row.since)
    }

    pub(super) fn is_gone(&self, agent: AgentId) -> bool {
        self.gone.contains_key(&agent)
    }

    /// When there will be agents to forget.
    pub(super) fn first_outdated(&self, now: Time, age: Span, count: usize) -> Option<Time> {
        if self.unreachable.len() > count || self.gone.len() > count {
            return Some(now);
        }
        let unreachable = self.unreachable.values().map(|row| row.since);
        unreachable.chain(self.gone.values().copied()).min().map(|oldest| oldest + age)
    }

    /// Agents to forget: beyond the age, and the oldest beyond the number, of each list.
    pub(super) fn outdated(&self, now: Time, age: Span, count: usize) -> Vec<AgentId> {
        let mut unreachable: Vec<_> =
            self.unreachable.iter().map(|(agent, row)| (row.number, row.since, *agent)).collect();
        unreachable.sort_unstable();
        let mut gone: Vec<_> = self.gone.iter().map(|(agent, since)| (0, *since, *agent)).collect();
        gone.sort_unstable_by_key(|(_, since, agent)| (*since, *agent));
        let outdated = |list: Vec<(u64, Time, AgentId)>| {
            let surplus = list.len().saturating_sub(count);
            let is_outdated = move |&(place, (_, since, _)): &(usize, (u64, Time, AgentId))| {
                place < surplus || now.since(since) >= age
            };
            list.into_iter().enumerate().filter(is_outdated).map(|(_, (_, _, agent))| agent)
        };
        outdated(unreachable).chain(outdated(gone)).collect()
    }
}

/// A role without guarantees and limits has no quota.
pub(super) fn set_quotas(all: &mut BTreeMap<Arc<str>, Quota>, updated: &[(Arc<str>, Quota)]) {
    for (role, quota) in updated {
        if quota.is_default() {
            all.remove(role);
        } else {
            all.insert(Arc::clone(role), *quota);
        }
    }
}
