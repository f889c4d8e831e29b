//! A plain allocator: the specification written down, everything computed anew at every step, every
//! agent visited in every cycle. Section numbers are those of `spec/allocator.md`.
//!
//! It shares nothing with the allocator under test but the vocabulary of `policy_api` and the
//! options. Where Mesos draws at random, [`Draws`] says what was drawn.

mod checks;
mod chop;
mod cycle;
mod draws;
mod facts_agents;
mod facts_frameworks;
mod facts_resources;
mod metrics;
mod sorter;

pub(crate) use draws::Draws;
use policy_allocators::HierarchicalOptions;
use policy_api::{
    AgentId, AgentInfo, Decision, Fact, FrameworkId, FrameworkInfo, InverseOfferStatus, Limits,
    Quota, Resources, RoleId, Time,
};
use sorter::Node;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct Agent {
    pub(crate) info: AgentInfo,
    pub(crate) total: Resources,
    pub(crate) activated: bool,
    /// Offered or in use, also by frameworks that are not known yet.
    pub(crate) held: BTreeMap<(FrameworkId, RoleId), Resources>,
    /// The part in use; only a metric shows it.
    in_use: BTreeMap<RoleId, Resources>,
    pub(crate) maintenance: Option<Maintenance>,
}

#[derive(Clone, Default)]
pub(crate) struct Maintenance {
    /// Frameworks that have not answered their inverse offer.
    unanswered: BTreeSet<FrameworkId>,
    /// The others' last answers.
    pub(crate) answers: BTreeMap<FrameworkId, InverseOfferStatus>,
}

#[derive(Clone)]
pub(crate) struct Framework {
    pub(crate) info: FrameworkInfo,
    pub(crate) active: bool,
    pub(crate) suppressed: BTreeSet<RoleId>,
}

/// Of two timers with one deadline the one that was made first fires first (0.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Timer {
    deadline: Time,
    made: u64,
}

#[derive(Clone)]
struct OfferFilter {
    framework: FrameworkId,
    role: RoleId,
    agent: AgentId,
    refused: Resources,
    end: Timer,
}

#[derive(Clone)]
struct InverseFilter {
    framework: FrameworkId,
    agent: AgentId,
    end: Time,
}

#[derive(Clone)]
pub(crate) struct Reference {
    pub(crate) options: HierarchicalOptions,
    pub(crate) role_paths: BTreeMap<RoleId, String>,
    pub(crate) agents: BTreeMap<AgentId, Agent>,
    pub(crate) frameworks: BTreeMap<FrameworkId, Framework>,
    offer_filters: Vec<OfferFilter>,
    inverse_filters: Vec<InverseFilter>,
    pub(crate) whitelist: Option<BTreeSet<Arc<str>>>,
    weights: BTreeMap<String, f64>,
    pub(crate) quotas: BTreeMap<RoleId, Quota>,
    /// The role sorter's nodes by path; `p/.` is the own leaf of a role with others below.
    nodes: BTreeMap<String, Node>,
    /// Tracked frameworks and how often each was given something in a role.
    tracked: BTreeMap<(RoleId, FrameworkId), u64>,
    candidates: BTreeSet<AgentId>,
    /// A fact has asked for a run that has not been reached yet.
    pub(crate) run_posted: bool,
    pub(crate) paused: bool,
    pub(crate) runs: u64,
    /// The next batch tick.
    tick: Timer,
    timers_made: u64,
    /// In recovery: how many agents end it, and when it ends at the latest.
    pub(crate) expected_agents: Option<usize>,
    recovery_ends: Option<Time>,
}

impl Reference {
    pub(crate) fn new(options: HierarchicalOptions) -> Self {
        let first_tick = Timer { deadline: Time::ZERO + options.allocation_interval, made: 0 };
        Self {
            options,
            role_paths: BTreeMap::new(),
            agents: BTreeMap::new(),
            frameworks: BTreeMap::new(),
            offer_filters: Vec::new(),
            inverse_filters: Vec::new(),
            whitelist: None,
            weights: BTreeMap::new(),
            quotas: BTreeMap::new(),
            nodes: BTreeMap::new(),
            tracked: BTreeMap::new(),
            candidates: BTreeSet::new(),
            run_posted: false,
            paused: false,
            runs: 0,
            tick: first_tick,
            timers_made: 1,
            expected_agents: None,
            recovery_ends: None,
        }
    }

    pub(crate) fn path(&self, role: RoleId) -> &str {
        &self.role_paths[&role]
    }

    pub(crate) fn next_tick(&self) -> Time {
        self.tick.deadline
    }

    pub(crate) fn is_due(&self, now: Time) -> bool {
        self.run_posted || self.tick.deadline <= now
    }

    fn new_timer(&mut self, deadline: Time) -> Timer {
        self.timers_made += 1;
        Timer { deadline, made: self.timers_made }
    }

    pub(crate) fn apply(&mut self, now: Time, fact: &Fact<'_>) {
        self.end_recovery_if_late(now);
        match *fact {
            Fact::NameRole { role, path } => drop(self.role_paths.insert(role, path.to_owned())),
            Fact::AddAgent { agent, info, total, used } => self.add_agent(agent, info, total, used),
            Fact::RemoveAgent { agent } => self.remove_agent(agent),
            Fact::ActivateAgent { agent } => self.set_agent_activated(agent, true),
            Fact::DeactivateAgent { agent } => self.set_agent_activated(agent, false),
            Fact::UpdateAgent { agent, info, total } => self.update_agent(agent, info, total),
            Fact::AddResourceProvider { agent, total, used } => {
                self.add_resource_provider(agent, total, used);
            }
            Fact::UpdateWhitelist { hostnames } => {
                self.whitelist = hostnames.map(|hostnames| hostnames.iter().cloned().collect());
            }
            Fact::UpdateUnavailability { agent, unavailability } => {
                self.update_unavailability(agent, unavailability.is_some());
            }
            Fact::UpdateInverseOffer { agent, framework, status, refuse } => {
                self.update_inverse_offer(now, agent, framework, status, refuse);
            }
            Fact::AddFramework { framework, info, active, used } => {
                self.add_framework(framework, info, active, used);
            }
            Fact::RemoveFramework { framework } => self.remove_framework(framework),
            Fact::ActivateFramework { framework } => self.activate_framework(framework),
            Fact::DeactivateFramework { framework } => self.deactivate_framework(framework),
            Fact::UpdateFramework { framework, info } => self.update_framework(framework, info),
            Fact::Suppress { framework, roles } => self.suppress(framework, roles),
            Fact::Revive { framework, roles } => self.revive(framework, roles),
            Fact::RecoverResources { framework, role, agent, resources, refuse, was_allocated } => {
                let key = (framework, role, agent);
                self.recover_resources(now, key, resources, refuse, was_allocated);
            }
            Fact::TransitionOfferedToAllocated { framework, role, agent, resources } => {
                self.use_resources(framework, role, agent, resources);
            }
            Fact::UpdateAllocation { framework, role, agent, offered, conversions } => {
                self.update_allocation((framework, role, agent), offered, conversions);
            }
            Fact::UpdateAvailable { agent, conversions } => {
                self.update_available(agent, conversions);
            }
            Fact::SetWeight { role, weight } => self.set_weight(role, weight),
            Fact::SetQuota { role, guarantees, limits } => {
                self.quotas.insert(role, Quota { guarantees, limits: Limits(limits) });
            }
            Fact::Recover { expected_agents, quotas } => {
                self.recover(now, expected_agents, quotas);
            }
            Fact::Pause => self.paused = true,
            Fact::Resume => self.paused = false,
        }
    }

    /// Runs the batch tick or the posted run that is due, if one is (2.3).
    pub(crate) fn allocate(&mut self, now: Time, draws: &Draws<'_>) -> Vec<Decision> {
        self.end_recovery_if_late(now);
        let tick = self.tick;
        let is_tick = tick.deadline <= now;
        if is_tick {
            self.offer_filters.retain(|filter| filter.end > tick);
            if !self.paused {
                self.trigger_all();
            }
        } else {
            self.offer_filters.retain(|filter| filter.end.deadline > now);
        }
        let mut decisions = Vec::new();
        if std::mem::take(&mut self.run_posted) && !self.paused {
            self.runs += 1;
            decisions = self.run(now, draws);
        }
        if is_tick {
            self.tick = self.new_timer(tick.deadline + self.options.allocation_interval);
        }
        decisions
    }

    /// Asks for a cycle over these agents; not in a pause (2.3).
    fn trigger(&mut self, agents: impl IntoIterator<Item = AgentId>) {
        if !self.paused {
            self.candidates.extend(agents);
            self.run_posted = true;
        }
    }

    fn trigger_all(&mut self) {
        let all: Vec<AgentId> = self.agents.keys().copied().collect();
        self.trigger(all);
    }

    /// After a failover (6.2).
    fn recover(&mut self, now: Time, expected_agents: u32, quotas: &[(RoleId, Quota)]) {
        if quotas.is_empty() {
            return;
        }
        self.quotas.extend(quotas.iter().copied());
        let thousandths = u64::from(self.options.agent_recovery_factor_milli);
        let threshold = u64::from(expected_agents) * thousandths / 1000;
        if threshold > 0 {
            self.expected_agents = usize::try_from(threshold).ok();
            self.paused = true;
            self.recovery_ends = Some(now + self.options.recovery_timeout);
        }
    }

    fn end_recovery_if_late(&mut self, now: Time) {
        if self.recovery_ends.is_some_and(|end| end <= now) {
            self.recovery_ends = None;
            self.paused = false;
        }
    }
}
