//! Flags of an agent (`spec/agent.md` section 1).

use super::fetcher::FetcherOptions;
use crate::profile::Profile;
use policy_api::Span;

/// Flags of an agent, under Mesos's names where it has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentOptions {
    /// From the arrival of a task, or from the end of its fetch if it has URIs, to its executor's
    /// start: container, executor.
    pub launch_delay: Span,
    /// From the executor's start to RUNNING. With it the executor reports STARTING, as Mesos's
    /// command executor does.
    pub starting_delay: Option<Span>,
    /// The longest wait before the first registration with a master; retries wait up to twice as
    /// long each time, and a minute at most.
    pub registration_backoff_factor: Span,
    /// How long a container may take to launch until its executor registers.
    pub executor_registration_timeout: Span,
    /// How long a recovering agent waits for its executors, always in full.
    pub executor_reregistration_timeout: Span,
    /// From the request to shut an executor down until its container is destroyed, where the
    /// executor itself says nothing else.
    pub executor_shutdown_grace_period: Span,
    /// From SIGTERM to SIGKILL, where neither the task nor the call says anything else.
    pub kill_grace: Span,
    /// How long executors of checkpointing frameworks wait for their agent.
    pub recovery_timeout: Span,
    /// `recover=cleanup`: an agent that finds a checkpoint ends the executors in it and then itself.
    /// The next start finds no checkpoint and registers anew.
    pub recover_cleanup: bool,
    /// A supervisor starts the process again this long after it has ended by itself, but not before
    /// [`SHORTEST_RESTART_DELAY`](Self::SHORTEST_RESTART_DELAY); `None`: it stays away.
    pub restart_delay: Option<Span>,
    /// How long a resource provider takes to make a disk or to take one back.
    pub disk_operation_time: Span,
    pub fetcher: FetcherOptions,
    pub profile: Profile,
    /// A deliberate bug, for the tests of the checks.
    #[cfg(feature = "sabotage")]
    #[doc(hidden)]
    pub sabotage: Option<crate::sabotage::Sabotage>,
}

impl AgentOptions {
    /// Mesos's defaults, with tasks that run as soon as they arrive.
    pub const DEFAULT: Self = Self {
        launch_delay: Span::ZERO,
        starting_delay: None,
        registration_backoff_factor: Span::from_secs(1),
        executor_registration_timeout: Span::from_secs(60),
        executor_reregistration_timeout: Span::from_secs(2),
        executor_shutdown_grace_period: Span::from_secs(5),
        kill_grace: Span::from_secs(3),
        recovery_timeout: Span::from_secs(15 * 60),
        recover_cleanup: false,
        restart_delay: None,
        disk_operation_time: Span::ZERO,
        fetcher: FetcherOptions::DEFAULT,
        profile: Profile::MODERN,
        #[cfg(feature = "sabotage")]
        sabotage: None,
    };

    /// An agent that ends as soon as it is up must not be started endlessly at one instant. This is
    /// what systemd waits.
    pub const SHORTEST_RESTART_DELAY: Span = Span::from_millis(100);
}

impl Default for AgentOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}
