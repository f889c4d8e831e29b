//! Crashes, restarts and reboots at the agent's one door (`spec/agent.md` section 6). The tests that
//! begin with an id are scenarios of `spec/cluster-conformance.md`, as far as they are about the
//! agent. Frameworks in them do checkpoint.

use crate::support::agent_desk::{OPTIONS, check};
use crate::support::words::secs;
use policy_api::Span;
use sim_core::agent::AgentOptions;

/// A container takes two seconds, and the executor three more until the task runs.
const SLOW: AgentOptions = AgentOptions {
    launch_delay: Span::from_secs(2),
    starting_delay: Some(Span::from_secs(3)),
    ..OPTIONS
};

#[test]
fn sr_1_recover_task_status_update_manager() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever checkpoint
        at 2s
            2s T0 TASK_STARTING latest TASK_STARTING
        crash
        restart
        at 4s
            4s reregisters A0; F0 T0=TASK_STARTING
            4s T0 TASK_STARTING latest TASK_STARTING
        ",
    );
}

#[test]
fn sr_2_reconnect_executor() {
    // The agent is away when the task says that it runs.
    check(
        SLOW,
        "
        run T0=cpus:1@forever checkpoint executor=E0
        at 2s
            2s T0 TASK_STARTING latest TASK_STARTING
        acknowledge T0
        crash
        at 6s
        tasks
            F0 T0 TASK_RUNNING
        restart
        metric executors_running
            1
        at 8s
            8s reregisters A0; F0 E0 T0@E0=TASK_RUNNING/TASK_STARTING
            8s T0 TASK_RUNNING latest TASK_RUNNING
        metric recovery_time_secs
            2
        ",
    );
}

#[test]
fn sr_4_recovery_waits_in_full_though_all_executors_are_back() {
    let options = AgentOptions { executor_reregistration_timeout: secs(15), ..OPTIONS };
    check(
        options,
        "
        run T0=cpus:1@forever checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        crash
        restart
        # What a recovering agent cannot do is dropped, and a ping does not disturb it.
        ping disconnected
        run T1=cpus:1@forever checkpoint
        kill T0
        at 14.9s
        at 15s
            15s reregisters A0; F0 T0=TASK_RUNNING
        ",
    );
}

#[test]
fn sr_5_recover_unregistered_executor() {
    // Its executor came up while there was no agent to register with.
    check(
        SLOW,
        "
        sources
        run T0=cpus:1@forever checkpoint not-partition-aware
        run T1=cpus:1@forever checkpoint framework=F1
        crash
        at 3s
        restart
        at 5s
            5s reregisters A0; F0 T0=TASK_LOST/TASK_STAGING; F1 T1=TASK_GONE/TASK_STAGING
            5s T0 TASK_LOST latest TASK_LOST ExecutorReregistrationTimeout by Agent
            5s T1 TASK_GONE latest TASK_GONE ExecutorReregistrationTimeout by Agent
        metric tasks_lost
            1
        metric tasks_gone
            1
        ",
    );
}

#[test]
fn sr_6_kill_queued_task_during_executor_registration() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever checkpoint executor=E0
        kill T0
            0s T0 TASK_KILLED latest TASK_KILLED TaskKilledDuringLaunch
        crash
        restart
        at 2s
            2s reregisters A0; F0 T0@E0=TASK_KILLED
            2s T0 TASK_KILLED latest TASK_KILLED TaskKilledDuringLaunch
        acknowledge T0
        tasks
        metric frameworks_active
            0
        ",
    );
}

#[test]
fn sr_7_recover_terminated_executor() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever checkpoint not-partition-aware executor=E0
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        crash
        fail-executor 0
        restart
        metric executors_registering
            1
        at 2s
            2s reregisters A0; F0 T0@E0=TASK_LOST/TASK_RUNNING
            2s T0 TASK_LOST latest TASK_LOST ExecutorReregistrationTimeout
        ",
    );
}

#[test]
fn sr_9_cleanup_executor() {
    let options = AgentOptions { recover_cleanup: true, ..OPTIONS };
    check(
        options,
        "
        run T0=cpus:1@forever checkpoint time-to-stop=1s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        crash
        restart
        at 3s
            3s exits
        tasks
        # There is nothing left to clean up.
        restart
            3s registers
        ",
    );
}

#[test]
fn sr_10_executors_that_are_not_checkpointed_end_with_their_agent() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever
            0s T0 TASK_RUNNING latest TASK_RUNNING
        run T1=cpus:1@forever executor=E0
            0s T1 TASK_RUNNING latest TASK_RUNNING
        crash
        tasks
        # Nothing was recovered, so that nothing is waited for.
        restart
            0s reregisters A0
        at 100s
        ",
    );
}

#[test]
fn sr_11_a_task_that_has_survived_can_be_killed() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        crash
        # What is sent to an agent that is not there does not arrive.
        kill T0
        acknowledge T0
        restart
        at 2s
            2s reregisters A0; F0 T0=TASK_RUNNING
            2s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        kill T0
            2s T0 TASK_KILLED latest TASK_KILLED
        acknowledge T0
        ",
    );
}

#[test]
fn sr_12_reboot() {
    // SR-13 as well: what ran has failed with its executor.
    check(
        OPTIONS,
        "
        sources
        run T0=cpus:1@5s checkpoint executor=E0
            0s T0 TASK_RUNNING latest TASK_RUNNING by Executor
        acknowledge T0
        run T1=cpus:1@forever framework=F1
            0s T1 TASK_RUNNING latest TASK_RUNNING by Executor
        power-off
        restart
        at 100s
        power-on
        at 102s
            102s reregisters A0; F0 T0@E0=TASK_FAILED/TASK_RUNNING
            102s T0 TASK_FAILED latest TASK_FAILED ExecutorTerminated by Agent
        ",
    );
}

#[test]
fn what_no_agent_has_heard_of_is_lost_with_the_power() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@5s checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        crash
        at 6s
        tasks
            F0 T0 TASK_FINISHED
        power-off
        tasks
            F0 T0 TASK_RUNNING
        power-on
        at 8s
            8s reregisters A0; F0 T0=TASK_FAILED/TASK_RUNNING
            8s T0 TASK_FAILED latest TASK_FAILED ExecutorTerminated
        ",
    );
}

#[test]
fn sr_21_restart_before_containerizer_launch() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever checkpoint
        crash
        at 1s
        restart
        at 10s
            3s reregisters A0; F0 T0=TASK_FAILED/TASK_STAGING
            3s T0 TASK_FAILED latest TASK_FAILED ExecutorTerminated
        ",
    );
}

#[test]
fn what_happened_while_the_agent_was_away_is_told_in_order() {
    check(
        SLOW,
        "
        run T0=cpus:1@10s checkpoint
        at 2s
            2s T0 TASK_STARTING latest TASK_STARTING
        crash
        at 20s
        restart
        at 22s
            22s reregisters A0; F0 T0=TASK_FINISHED/TASK_STARTING
            22s T0 TASK_STARTING latest TASK_FINISHED
        acknowledge T0
            22s T0 TASK_RUNNING latest TASK_FINISHED
        acknowledge T0
            22s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        tasks
        ",
    );
}

#[test]
fn executors_give_up_waiting_after_the_recovery_timeout() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        crash
        at 899s
        restart
        at 901s
            901s reregisters A0; F0 T0=TASK_RUNNING
        # The wait begins anew each time.
        crash
        at 1802s
        restart
        at 1804s
            1804s reregisters A0; F0 T0=TASK_GONE/TASK_RUNNING
            1804s T0 TASK_GONE latest TASK_GONE ExecutorReregistrationTimeout
        ",
    );
}

#[test]
fn an_agent_recovers_though_there_is_no_master() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        crash
        master-lost
        restart
        at 100s
        master-detected
            100s reregisters A0; F0 T0=TASK_RUNNING
        ",
    );
}
