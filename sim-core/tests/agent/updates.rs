//! Status updates at the agent's one door (`spec/agent.md` 4.2).

use crate::support::agent_desk::{OPTIONS, check};
use policy_api::Span;
use sim_core::agent::AgentOptions;

/// A container takes two seconds, and the executor three more until the task runs.
const SLOW: AgentOptions = AgentOptions {
    launch_delay: Span::from_secs(2),
    starting_delay: Some(Span::from_secs(3)),
    ..OPTIONS
};

#[test]
fn one_update_of_a_task_is_on_its_way_at_a_time() {
    check(
        SLOW,
        "
        run T0=cpus:1@10s
        at 11s
            2s T0 TASK_STARTING latest TASK_STARTING
        # What is sent again carries what is known by then.
        at 20s
            12s T0 TASK_STARTING latest TASK_RUNNING
        # It ended meanwhile and holds nothing, but its updates wait for each other.
        in-use
            '{}'
        acknowledge T0
            20s T0 TASK_RUNNING latest TASK_FINISHED
        acknowledge T0
            20s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        acknowledge T0
        ",
    );
}

#[test]
fn tasks_do_not_wait_for_the_updates_of_others() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@10s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        run T1=cpus:2@5s
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 5s
            5s T1 TASK_FINISHED latest TASK_FINISHED
        in-use
            'cpus:1'
        ",
    );
}

#[test]
fn what_comes_late_for_a_dead_task_is_ignored() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@1s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 1s
            1s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        acknowledge T0
        end T0
        # The next task gets the place of the dead one, not what is meant for it.
        run T1=cpus:1@100s
            1s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        end T0
        in-use
            'cpus:1'
        ",
    );
}

#[test]
fn only_the_first_end_of_a_task_counts() {
    check(
        SLOW,
        "
        run T0=cpus:1@1s
        at 10s
            2s T0 TASK_STARTING latest TASK_STARTING
        end T0
        end T0
        acknowledge T0
            10s T0 TASK_RUNNING latest TASK_FINISHED
        acknowledge T0
            10s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        ",
    );
}

#[test]
fn what_is_not_acknowledged_is_sent_again_less_and_less_often() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever
            0s T0 TASK_RUNNING latest TASK_RUNNING
        # 10 s, 20 s, 40 s and so on, up to ten minutes.
        at 2500s
            10s T0 TASK_RUNNING latest TASK_RUNNING
            30s T0 TASK_RUNNING latest TASK_RUNNING
            70s T0 TASK_RUNNING latest TASK_RUNNING
            150s T0 TASK_RUNNING latest TASK_RUNNING
            310s T0 TASK_RUNNING latest TASK_RUNNING
            630s T0 TASK_RUNNING latest TASK_RUNNING
            1230s T0 TASK_RUNNING latest TASK_RUNNING
            1830s T0 TASK_RUNNING latest TASK_RUNNING
            2430s T0 TASK_RUNNING latest TASK_RUNNING
        # A new one begins at ten seconds, long before the other is due.
        run T1=cpus:1@forever
            2500s T1 TASK_RUNNING latest TASK_RUNNING
        at 2515s
            2510s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        kill T1
            2515s T1 TASK_KILLED latest TASK_KILLED
        at 2526s
            2525s T1 TASK_KILLED latest TASK_KILLED
        acknowledge T1
        at 3100s
            3030s T0 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}

#[test]
fn updates_are_sent_again_at_once_to_a_master_that_is_new() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@30s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        run T1=cpus:1@forever
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 31s
            10s T0 TASK_RUNNING latest TASK_RUNNING
            30s T0 TASK_RUNNING latest TASK_FINISHED
        master-lost
        # Nobody is there to tell, and an acknowledgement is one of the old master.
        at 70s
        acknowledge T0
        master-detected
            70s reregisters A0; F0 T0=TASK_FINISHED/TASK_RUNNING T1=TASK_RUNNING
            70s T0 TASK_RUNNING latest TASK_FINISHED
        at 80s
            80s T0 TASK_RUNNING latest TASK_FINISHED
        acknowledge T0
            80s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        ",
    );
}

#[test]
fn ms_6_slave_reregister_pending_task() {
    check(
        SLOW,
        "
        run T0=cpus:1
        master-lost
        at 1s
        master-detected
            1s reregisters A0; F0 T0=TASK_STAGING
        ",
    );
}

#[test]
fn ms_7_slave_reregister_terminal_task() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@1s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 1s
            1s T0 TASK_FINISHED latest TASK_FINISHED
        master-lost
        master-detected
            1s reregisters A0; F0 T0=TASK_FINISHED
            1s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        at 100s
        ",
    );
}

#[test]
fn ms_8_slave_reregister_frameworks_and_task_executor_ids() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever
        run T1=cpus:1@forever T2=cpus:1@forever group executor=E0
        run T3=cpus:1@forever framework=F1
        kill T3 framework=F1
            0s T3 TASK_KILLED latest TASK_KILLED TaskKilledDuringLaunch
        acknowledge T3
        at 2s
            2s T0 TASK_STARTING latest TASK_STARTING
            2s T1 TASK_STARTING latest TASK_STARTING
            2s T2 TASK_STARTING latest TASK_STARTING
        master-lost
        at 5s
        master-detected
            5s reregisters A0; F0 E0 T0=TASK_RUNNING/TASK_STARTING T1@E0=TASK_RUNNING/TASK_STARTING T2@E0=TASK_RUNNING/TASK_STARTING; completed F1
            5s T0 TASK_STARTING latest TASK_RUNNING
            5s T1 TASK_STARTING latest TASK_RUNNING
            5s T2 TASK_STARTING latest TASK_RUNNING
        ",
    );
}

#[test]
fn ms_2_reconcile_lost_and_dropped_tasks() {
    // The agent's half: the master asks about tasks that the agent has not named.
    check(
        OPTIONS,
        "
        sources
        run T0=cpus:1@forever
            0s T0 TASK_RUNNING latest TASK_RUNNING by Executor
        acknowledge T0
        master-is-silent
        master-lost
        master-detected
            0s reregisters A0; F0 T0=TASK_RUNNING
        reregistered T0 T1
            0s T1 TASK_DROPPED latest TASK_DROPPED Reconciliation by Agent
        master-lost
        master-detected
            0s reregisters A0; F0 T0=TASK_RUNNING
        reregistered T2 not-partition-aware
            0s T1 TASK_DROPPED latest TASK_DROPPED Reconciliation by Agent
            0s T2 TASK_LOST latest TASK_LOST Reconciliation by Agent
        acknowledge T1
        acknowledge T2
        at 100s
        ",
    );
}
