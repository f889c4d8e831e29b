//! Mesos's built-in allocator (`spec/allocator.md`; Mesos `src/master/allocator/mesos/hierarchical.cpp`).
//!
//! Facts arrive in `facts_*.rs`, the books are kept in `accounts.rs`, `cycle.rs` decides, `wake.rs`
//! knows where a decision is possible at all.

mod accounts;
mod agents;
mod bits;
mod constraints;
mod cycle;
mod facts_agents;
mod facts_frameworks;
mod facts_resources;
mod filters;
mod frameworks;
mod inspect;
mod maintenance;
mod metrics;
mod minima;
mod offer;
mod options;
mod roles;
mod schedule;
mod stages;
mod timer;
mod wake;

use crate::chop::ChopOrder;
use crate::sorter::AnySorter;
use agents::Agents;
pub(crate) use constraints::full_match;
use cycle::Cycle;
use frameworks::Frameworks;
pub use inspect::{AgentState, ClientState, FilterState, FrameworkState, Headroom, RoleState};
use minima::Minima;
pub use options::{AgentOrder, HierarchicalOptions, SorterKind};
use policy_api::{
    AgentId, Allocator, Conversion, Decision, Fact, FrameworkId, Limits, MetricsSnapshot, Pool,
    Quota, Resources, Sorter, Span, Time,
};
use roles::Roles;
use schedule::{Candidates, Schedule};
use std::sync::Arc;
use timer::Timer;
use wake::Wake;

/// Mesos's hierarchical allocator.
///
/// ```
/// use policy_allocators::{HierarchicalAllocator, HierarchicalOptions};
/// use policy_api::{
///     AgentId, AgentInfo, Allocator, DenseId, Fact, FrameworkId, FrameworkInfo, RoleId, Time,
/// };
///
/// let mut allocator = HierarchicalAllocator::new(HierarchicalOptions::default());
/// let (role, agent, framework) =
///     (RoleId::from_index(0), AgentId::from_index(0), FrameworkId::from_index(0));
/// let total = "cpus:2;mem:1024".parse().unwrap();
/// let info = FrameworkInfo { name: "f1".into(), roles: vec![role], ..Default::default() };
/// let now = Time::ZERO;
/// allocator.apply(now, Fact::NameRole { role, path: "eng" });
/// allocator.apply(now, Fact::AddFramework { framework, info: &info, active: true, used: &[] });
/// let info = AgentInfo { name: "s1".into(), ..Default::default() };
/// allocator.apply(now, Fact::AddAgent { agent, info: &info, total: &total, used: &[] });
///
/// assert_eq!(allocator.next_allocation(), Some(now));
/// let mut decisions = Vec::new();
/// allocator.allocate(now, &mut decisions);
/// assert_eq!(decisions.len(), 1);
/// assert_eq!(allocator.next_allocation(), None, "nothing is left to decide");
/// ```
#[derive(Clone, Debug)]
pub struct HierarchicalAllocator {
    options: HierarchicalOptions,
    minima: Minima,
    chop_order: ChopOrder,
    schedule: Schedule,
    pool: Pool,
    roles: Roles,
    role_sorter: AnySorter<u32>,
    agents: Agents,
    frameworks: Frameworks,
    whitelist: Option<Vec<Arc<str>>>,
    /// Ascending.
    under_maintenance: Vec<AgentId>,
    candidates: Candidates,
    wake: Wake,
    cycle: Cycle,
    run_timer: Timer,
    latency_timer: Timer,
}

impl HierarchicalAllocator {
    pub fn new(options: HierarchicalOptions) -> Self {
        let mut roles = Roles::new(options.sorter.clone());
        let role_sorter = roles.new_sorter();
        Self {
            minima: Minima::new(&options.min_allocatable_resources),
            chop_order: match &options.agent_order {
                AgentOrder::Random(generator) => ChopOrder::Random(generator.clone()),
                AgentOrder::ById => ChopOrder::Fixed,
            },
            schedule: Schedule::new(options.allocation_interval),
            pool: Pool::new(&options.fair_sharing_excluded),
            roles,
            role_sorter,
            agents: Agents::default(),
            frameworks: Frameworks::default(),
            whitelist: None,
            under_maintenance: Vec::new(),
            candidates: Candidates::default(),
            wake: Wake::default(),
            cycle: Cycle::default(),
            run_timer: Timer::new(),
            latency_timer: Timer::new(),
            options,
        }
    }

    /// Whether a fact has asked for a run that has not happened yet.
    pub fn is_run_pending(&self) -> bool {
        self.schedule.pending.is_some()
    }

    /// Whether the framework has been added and not removed.
    pub fn knows_framework(&self, framework: FrameworkId) -> bool {
        self.frameworks.is_known(framework)
    }

    fn wake(&mut self, agent: AgentId) {
        if self.agents.get(agent).is_some() {
            self.wake.wake(agent);
        }
    }

    fn wake_all(&mut self) {
        self.wake.wake_all();
    }

    /// Asks for a cycle over one agent. Dropped in a pause.
    fn trigger(&mut self, now: Time, agent: AgentId) {
        if !self.schedule.paused {
            self.candidates.insert(agent);
            self.schedule.pending.get_or_insert(now);
        }
    }

    /// Asks for a cycle over all agents. Dropped in a pause.
    fn trigger_all(&mut self, now: Time) {
        if !self.schedule.paused {
            self.candidates.insert_all();
            self.schedule.pending.get_or_insert(now);
        }
    }

    fn recover(&mut self, now: Time, expected_agents: u32, quotas: &[(policy_api::RoleId, Quota)]) {
        if quotas.is_empty() {
            return;
        }
        for &(role, quota) in quotas {
            self.set_quota(role, quota);
        }
        let factor = u64::from(self.options.agent_recovery_factor_milli);
        let expected = u64::from(expected_agents) * factor / 1000;
        if expected > 0 {
            self.schedule.expected_agents = usize::try_from(expected).ok();
            self.schedule.paused = true;
            self.schedule.resume_at = Some(now + self.options.recovery_timeout);
        }
    }

    fn set_quota(&mut self, role: policy_api::RoleId, quota: Quota) {
        if let Some(node) = self.roles.by_id(role) {
            self.roles.set_quota(node, quota);
            self.wake.accounts_changed();
        }
    }

    fn set_weight(&mut self, role: policy_api::RoleId, weight: f64) {
        if weight > 0.0
            && let Some(node) = self.roles.by_id(role)
        {
            self.roles.get_mut(node).weight = weight;
            self.role_sorter.set_weight(&self.roles.get(node).path, weight);
        }
    }
}

impl Allocator for HierarchicalAllocator {
    fn apply(&mut self, now: Time, fact: Fact<'_>) {
        self.schedule.settle(now);
        match fact {
            Fact::NameRole { role, path } => self.roles.name(role, path),
            Fact::AddAgent { agent, info, total, used } => {
                self.add_agent(now, agent, info, total, used);
            }
            Fact::RemoveAgent { agent } => self.remove_agent(agent),
            Fact::ActivateAgent { agent } => self.set_agent_active(agent, true),
            Fact::DeactivateAgent { agent } => self.set_agent_active(agent, false),
            Fact::UpdateAgent { agent, info, total } => self.update_agent(now, agent, info, total),
            Fact::AddResourceProvider { agent, total, used } => {
                self.add_resource_provider(agent, total, used);
            }
            Fact::UpdateWhitelist { hostnames } => self.update_whitelist(hostnames),
            Fact::UpdateUnavailability { agent, unavailability } => {
                self.update_unavailability(now, agent, unavailability);
            }
            Fact::UpdateInverseOffer { agent, framework, status, refuse } => {
                self.update_inverse_offer(now, agent, framework, status, refuse);
            }
            Fact::AddFramework { framework, info, active, used } => {
                self.add_framework(now, framework, info, active, used);
            }
            Fact::RemoveFramework { framework } => self.remove_framework(framework),
            Fact::ActivateFramework { framework } => self.activate_framework(now, framework),
            Fact::DeactivateFramework { framework } => self.deactivate_framework(framework),
            Fact::UpdateFramework { framework, info } => self.update_framework(framework, info),
            Fact::Suppress { framework, roles } => self.suppress(framework, roles),
            Fact::Revive { framework, roles } => self.revive(now, framework, roles),
            Fact::RecoverResources { framework, role, agent, resources, refuse, was_allocated } => {
                let Some(role) = self.roles.by_id(role) else { return };
                self.recover_resources(
                    now,
                    framework,
                    role,
                    agent,
                    resources,
                    refuse,
                    was_allocated,
                );
            }
            Fact::TransitionOfferedToAllocated { framework, role, agent, resources } => {
                self.transition_to_allocated(framework, role, agent, resources);
            }
            Fact::UpdateAllocation { framework, role, agent, offered, conversions } => {
                self.update_allocation(framework, role, agent, offered, conversions);
            }
            Fact::UpdateAvailable { agent, conversions } => {
                self.update_available(agent, conversions);
            }
            Fact::SetWeight { role, weight } => self.set_weight(role, weight),
            Fact::SetQuota { role, guarantees, limits } => {
                self.set_quota(role, Quota { guarantees, limits: Limits(limits) });
            }
            Fact::Recover { expected_agents, quotas } => {
                self.recover(now, expected_agents, quotas);
            }
            Fact::Pause => self.schedule.paused = true,
            Fact::Resume => self.schedule.paused = false,
        }
    }

    fn next_allocation(&self) -> Option<Time> {
        if let Some(pending) = self.schedule.pending {
            return Some(pending);
        }
        let tick = self.schedule.next_running_tick()?;
        // An inverse offer that was answered may be made again at any tick.
        if self.wake.anyone() || !self.under_maintenance.is_empty() {
            return Some(tick);
        }
        let end = self.wake.first_end()?;
        Some(end.first_tick(self.schedule.interval).max(tick))
    }

    fn allocate(&mut self, now: Time, decisions: &mut Vec<Decision>) {
        self.schedule.settle(now);
        self.run(now, decisions);
    }

    fn allocation_runs(&self, now: Time) -> u64 {
        let waits = self.next_allocation().is_some_and(|next| next <= now);
        self.schedule.runs + self.schedule.uncounted(now, !waits)
    }

    fn allocation_took(&mut self, now: Time, elapsed: Span) {
        self.run_timer.record(now, elapsed);
    }

    fn metrics(&self, now: Time) -> MetricsSnapshot {
        self.snapshot(now)
    }

    fn available_allows(&self, agent: AgentId, conversions: &[Conversion]) -> bool {
        let row = self.agents.get(agent);
        row.is_some_and(|row| row.available.convert(conversions).is_ok())
    }

    fn offered_or_allocated(&self, agent: AgentId) -> Resources {
        self.agents.get(agent).map_or(Resources::EMPTY, agents::Agent::held)
    }
}
