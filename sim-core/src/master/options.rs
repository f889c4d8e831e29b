//! Flags of the master, under Mesos's names and with its defaults (`spec/master.md` section 1).

use super::acls::Acls;
use super::rate_limits::RateLimits;
use crate::profile::Profile;
use policy_api::Span;

#[derive(Clone, Debug, PartialEq)]
pub struct MasterOptions {
    pub profile: Profile,
    /// How long an offer stands; for ever when not given.
    pub offer_timeout: Option<Span>,
    /// The time between two pings of an agent.
    pub agent_ping_timeout: Span,
    /// So many pings may go unanswered.
    pub max_agent_ping_timeouts: u32,
    /// How long an agent may stay disconnected, and how long a new master waits for agents.
    pub agent_reregister_timeout: Span,
    /// The time between two agents that are marked unreachable; none when not given.
    pub agent_removal_interval: Option<Span>,
    /// A new master exits when a larger part of the registered agents, in thousandths, is not back in
    /// time.
    pub recovery_agent_removal_limit: u32,
    /// How long the registry takes to store what waits.
    pub registry_store_latency: Span,
    pub registry_gc_interval: Span,
    pub registry_max_agent_age: Span,
    pub registry_max_agent_count: usize,
    /// No offers of an agent that runs so many executors, those of commands aside; any number when not
    /// given.
    pub max_executors_per_agent: Option<usize>,
    pub max_completed_frameworks: usize,
    pub max_completed_tasks_per_framework: usize,
    pub max_unreachable_tasks_per_framework: usize,
    /// Refuses roles that are not known from the start.
    pub explicit_roles: bool,
    pub acls: Acls,
    pub rate_limits: RateLimits,
    /// A deliberate bug, for the tests of the checks.
    #[cfg(feature = "sabotage")]
    #[doc(hidden)]
    pub sabotage: Option<crate::sabotage::Sabotage>,
}

impl Default for MasterOptions {
    fn default() -> Self {
        Self {
            profile: Profile::MODERN,
            offer_timeout: None,
            agent_ping_timeout: Span::from_secs(15),
            max_agent_ping_timeouts: 5,
            agent_reregister_timeout: Span::from_secs(600),
            agent_removal_interval: None,
            recovery_agent_removal_limit: 1000,
            registry_store_latency: Span::ZERO,
            registry_gc_interval: Span::from_secs(900),
            registry_max_agent_age: Span::from_secs(14 * 86_400),
            registry_max_agent_count: 102_400,
            max_executors_per_agent: None,
            max_completed_frameworks: 50,
            max_completed_tasks_per_framework: 1000,
            max_unreachable_tasks_per_framework: 1000,
            explicit_roles: false,
            acls: Acls::default(),
            rate_limits: RateLimits::default(),
            #[cfg(feature = "sabotage")]
            sabotage: None,
        }
    }
}
