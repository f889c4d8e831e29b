//! What a version of Mesos does and lacks (`spec/versions.md`).

use policy_api::Span;

/// Switches between versions. The same scenario can be run with any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Profile {
    pub name: &'static str,

    /// An agent that fails its health checks may come back with its id (1.1). Before, it was removed
    /// and told to shut down when it came back.
    pub unreachable_agents: bool,
    /// Tasks of frameworks that are not partition-aware are killed when their agent comes back (1.1 to
    /// 1.4).
    pub kill_non_partition_aware_on_return: bool,
    /// UNREACHABLE, DROPPED, GONE for frameworks that are partition-aware (1.1); LOST before.
    pub partition_aware_states: bool,
    /// The agent keeps its id when its host reboots (1.4).
    pub reboot_keeps_id: bool,
    /// The agent may come back with more resources (1.5).
    pub agent_reconfiguration: bool,
    /// The agent's list of reservations and volumes wins over the master's when it comes back (1.5).
    pub agent_list_wins: bool,
    /// An agent that stays disconnected is marked unreachable even where it answers pings (1.2).
    pub agent_reregister_timeout: bool,
    /// Frameworks that only agents have told of can be torn down (1.2).
    pub recovered_frameworks: bool,
    /// The first terminal state of a task stays (0.26).
    pub first_terminal_state_stays: bool,
    /// Frameworks hear of the ends of executors (0.27).
    pub executor_exits: bool,
    /// A task that is unknown on a registered agent is GONE in an explicit reconciliation (1.5).
    pub gone_in_reconciliation: bool,
    /// Refusals are capped (1.5).
    pub longest_refusal: Option<Span>,
    /// The content of a volume goes with it (1.0).
    pub destroy_deletes_data: bool,
    /// A reservation must name the principal, even if there is none to compare with.
    pub principal_is_mandatory: bool,

    pub quota: bool,
    pub quota_limits: bool,
    pub suppress: bool,
    pub maintenance: bool,
    pub draining: bool,
    pub mark_gone: bool,
    pub update_weights: bool,
    pub operator_reservations: bool,
    pub operator_volumes: bool,
    pub reservation_refinement: bool,
    pub reservation_labels: bool,
    pub shared_volumes: bool,
    pub resize_volumes: bool,
    pub disk_sources: bool,
    pub disk_operations: bool,
    pub task_groups: bool,
    pub task_killing_state: bool,
    pub multi_role: bool,
    pub operation_feedback: bool,
}

impl Profile {
    /// Everything.
    pub const MODERN: Self = Self {
        name: "mesos-modern",
        unreachable_agents: true,
        kill_non_partition_aware_on_return: false,
        partition_aware_states: true,
        reboot_keeps_id: true,
        agent_reconfiguration: true,
        agent_list_wins: true,
        agent_reregister_timeout: true,
        recovered_frameworks: true,
        first_terminal_state_stays: true,
        executor_exits: true,
        gone_in_reconciliation: true,
        longest_refusal: Some(Span::from_secs(365 * 86_400)),
        destroy_deletes_data: true,
        principal_is_mandatory: false,
        quota: true,
        quota_limits: true,
        suppress: true,
        maintenance: true,
        draining: true,
        mark_gone: true,
        update_weights: true,
        operator_reservations: true,
        operator_volumes: true,
        reservation_refinement: true,
        reservation_labels: true,
        shared_volumes: true,
        resize_volumes: true,
        disk_sources: true,
        disk_operations: true,
        task_groups: true,
        task_killing_state: true,
        multi_role: true,
        operation_feedback: true,
    };

    /// Mesos 1.1 of November 2016: unreachable agents, task groups, shared volumes.
    pub const MESOS_1_1: Self = Self {
        name: "mesos-1.1",
        kill_non_partition_aware_on_return: true,
        reboot_keeps_id: false,
        agent_reconfiguration: false,
        agent_list_wins: false,
        agent_reregister_timeout: false,
        recovered_frameworks: false,
        gone_in_reconciliation: false,
        longest_refusal: None,
        quota_limits: false,
        draining: false,
        mark_gone: false,
        reservation_refinement: false,
        resize_volumes: false,
        disk_operations: false,
        multi_role: false,
        operation_feedback: false,
        ..Self::MODERN
    };

    /// Mesos 0.23 of July 2015: the floor.
    pub const MESOS_0_23: Self = Self {
        name: "mesos-0.23",
        unreachable_agents: false,
        partition_aware_states: false,
        first_terminal_state_stays: false,
        executor_exits: false,
        destroy_deletes_data: false,
        principal_is_mandatory: true,
        quota: false,
        suppress: false,
        maintenance: false,
        update_weights: false,
        operator_reservations: false,
        operator_volumes: false,
        reservation_labels: false,
        shared_volumes: false,
        disk_sources: false,
        task_groups: false,
        task_killing_state: false,
        ..Self::MESOS_1_1
    };

    pub const ALL: [Self; 3] = [Self::MESOS_0_23, Self::MESOS_1_1, Self::MODERN];

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name == name)
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::MODERN
    }
}
