//! The life of a task at the agent's one door (`spec/agent.md` sections 3 and 4).

use crate::support::agent_desk::{OPTIONS, check, check_on};
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
fn an_agent_registers_when_it_comes_up() {
    check(OPTIONS, "start\n    0s registers\nregistered\nid\n    A0");
}

#[test]
fn a_task_runs_as_long_as_its_work_takes() {
    check(
        OPTIONS,
        "
        at 1s
        run T0=cpus:1;mem:512@10s
            1s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        in-use
            'cpus:1; mem:512'
        at 10.9s
        at 30s
            11s T0 TASK_FINISHED latest TASK_FINISHED
            21s T0 TASK_FINISHED latest TASK_FINISHED
        in-use
            '{}'
        acknowledge T0
        tasks
        ",
    );
}

#[test]
fn the_delays_before_a_task_runs_add_up() {
    check(
        SLOW,
        "
        run T0=cpus:1@10s
        tasks
            F0 T0 TASK_STAGING
        at 2s
            2s T0 TASK_STARTING latest TASK_STARTING
        acknowledge T0
        at 5s
            5s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 15s
            15s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        ",
    );
}

#[test]
fn tasks_end_as_their_outcome_says() {
    check(
        OPTIONS,
        "
        sources
        run T0=cpus:1@5s fails
            0s T0 TASK_RUNNING latest TASK_RUNNING by Executor
        acknowledge T0
        at 5s
            5s T0 TASK_FAILED latest TASK_FAILED by Executor
        acknowledge T0
        run T1=cpus:1@100s max-completion=3s
            5s T1 TASK_RUNNING latest TASK_RUNNING by Executor
        acknowledge T1
        run T2=cpus:1@2s max-completion=3s
            5s T2 TASK_RUNNING latest TASK_RUNNING by Executor
        acknowledge T2
        at 7s
            7s T2 TASK_FINISHED latest TASK_FINISHED by Executor
        acknowledge T2
        at 8s
            8s T1 TASK_FAILED latest TASK_FAILED MaxCompletionTimeReached by Executor
        acknowledge T1
        run T3=cpus:1@forever
            8s T3 TASK_RUNNING latest TASK_RUNNING by Executor
        acknowledge T3
        at 1000000s
        tasks
            F0 T3 TASK_RUNNING
        metric tasks_failed
            2
        metric tasks_finished
            1
        metric tasks_running
            1
        ",
    );
}

#[test]
fn an_executor_that_takes_too_long_to_register_is_destroyed() {
    let options = AgentOptions { launch_delay: secs(90), ..OPTIONS };
    check(
        options,
        "
        sources
        run T0=cpus:1 executor=E0
        at 200s
            60s T0 TASK_FAILED latest TASK_FAILED ExecutorRegistrationTimeout by Agent
            60s E0 of F0 has exited
            70s T0 TASK_FAILED latest TASK_FAILED ExecutorRegistrationTimeout by Agent
            90s T0 TASK_FAILED latest TASK_FAILED ExecutorRegistrationTimeout by Agent
            130s T0 TASK_FAILED latest TASK_FAILED ExecutorRegistrationTimeout by Agent
        ",
    );
}

#[test]
fn an_executor_runs_several_tasks_and_stays_until_it_is_shut_down() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@5s executor=E0 executor-resources=cpus:0.5
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1@forever executor=E0 executor-resources=cpus:0.5 known-executor
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        in-use
            'cpus:2.5'
        at 5s
            5s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        metric executors_running
            1
        shutdown-executor F0 E0
            5s T1 TASK_KILLED latest TASK_KILLED
            5s E0 of F0 has exited
        in-use
            '{}'
        metric frameworks_active
            1
        acknowledge T1
        metric frameworks_active
            0
        ",
    );
}

#[test]
fn a_container_is_destroyed_when_its_executor_does_not_end_in_time() {
    check(
        OPTIONS,
        "
        sources
        run T0=cpus:1@forever executor=E0 executor-grace=2s kill-grace=30s time-to-stop=20s
            0s T0 TASK_RUNNING latest TASK_RUNNING by Executor
        acknowledge T0
        shutdown-executor F0 E0
        at 30s
            2s T0 TASK_FAILED latest TASK_FAILED ExecutorTerminated by Agent
            2s E0 of F0 has exited
            12s T0 TASK_FAILED latest TASK_FAILED ExecutorTerminated by Agent
        ",
    );
}

#[test]
fn an_executor_that_fails_takes_its_tasks_with_it() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever executor=E0
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1@forever executor=E0 known-executor
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        run T2=cpus:1@forever
            0s T2 TASK_RUNNING latest TASK_RUNNING
        acknowledge T2
        # The third of two is the first.
        fail-executor 2
            0s T0 TASK_FAILED latest TASK_FAILED ExecutorTerminated
            0s T1 TASK_FAILED latest TASK_FAILED ExecutorTerminated
            0s E0 of F0 has exited
        fail-executor 5
            0s T2 TASK_FAILED latest TASK_FAILED ExecutorTerminated
        # None is left that could fail.
        fail-executor 0
        metric executors_terminated
            2
        ",
    );
}

#[test]
fn what_the_master_says_of_an_executor_must_be_so() {
    check(
        OPTIONS,
        "
        # It is said to be there.
        run T0=cpus:1 executor=E0 known-executor
            0s T0 TASK_DROPPED latest TASK_DROPPED ExecutorTerminated
        run T1=cpus:1@forever executor=E0
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        # It is said not to be there, so that master and agent are at odds: it goes.
        run T2=cpus:1 executor=E0 not-partition-aware
            0s T2 TASK_LOST latest TASK_LOST ExecutorTerminated
            0s T1 TASK_KILLED latest TASK_KILLED
            0s E0 of F0 has exited
        # It has ended, and the agent still remembers it.
        run T3=cpus:1 executor=E0
            0s T3 TASK_DROPPED latest TASK_DROPPED ExecutorTerminated
            0s E0 of F0 has exited
        acknowledge T1
        run T4=cpus:1 executor=E0
            0s T4 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}

#[test]
fn an_agent_drops_tasks_and_executors_on_reservations_that_it_does_not_have() {
    check(
        OPTIONS,
        "
        sources
        run T0=cpus(+a):1
            0s T0 TASK_DROPPED latest TASK_DROPPED ResourcesUnknown by Agent
        run T3=cpus(+a):1 not-partition-aware
            0s T3 TASK_LOST latest TASK_LOST ResourcesUnknown by Agent
        # The master has set resources aside for the executor.
        run T1=cpus:1 executor=E0 executor-resources=cpus(+a):1
            0s T1 TASK_DROPPED latest TASK_DROPPED ResourcesUnknown by Agent
            0s E0 of F0 has exited
        apply reserve cpus(+a):1
        run T2=cpus(+a):1@10s
            0s T2 TASK_RUNNING latest TASK_RUNNING by Executor
        ",
    );
}

#[test]
fn a_task_group_lives_and_dies_together() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@5s T1=cpus:1@forever group executor=E0 fails
            0s T0 TASK_RUNNING latest TASK_RUNNING
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        acknowledge T1
        at 5s
            5s T0 TASK_FAILED latest TASK_FAILED
            5s T1 TASK_KILLED latest TASK_KILLED
            5s E0 of F0 has exited
        ",
    );
    // The default executor ends with its last task.
    check(
        OPTIONS,
        "
        run T0=cpus:1@5s T1=cpus:1@6s group executor=E0
            0s T0 TASK_RUNNING latest TASK_RUNNING
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        acknowledge T1
        at 6s
            5s T0 TASK_FINISHED latest TASK_FINISHED
            6s T1 TASK_FINISHED latest TASK_FINISHED
            6s E0 of F0 has exited
        ",
    );
}

#[test]
fn a_task_group_is_dropped_as_a_whole() {
    check(
        OPTIONS,
        "
        run T0=cpus:1 T1=cpus(+a):1 group executor=E0
            0s T0 TASK_DROPPED latest TASK_DROPPED ResourcesUnknown
            0s T1 TASK_DROPPED latest TASK_DROPPED ResourcesUnknown
            0s E0 of F0 has exited
        ",
    );
}

#[test]
fn nothing_is_told_of_a_framework_that_is_shut_down() {
    check(
        SLOW,
        "
        run T0=cpus:1@100s executor=E0
        run T1=cpus:1@100s
        run T2=cpus:1@1s framework=F1
        at 1s
        shutdown-framework F0
        run T3=cpus:1
        at 7s
            2s E0 of F0 has exited
            2s T2 TASK_STARTING latest TASK_STARTING
        # T1 was a command, of whose executor nothing is told.
        tasks
            F1 T2 TASK_FINISHED
        metric frameworks_active
            1
        ",
    );
}

#[test]
fn containers_are_not_launched_on_a_full_disk() {
    check(
        OPTIONS,
        "
        sources
        disk-full
        run T0=cpus:1 executor=E0
            0s T0 TASK_FAILED latest TASK_FAILED ContainerLaunchFailed by Agent
            0s E0 of F0 has exited
        metric container_launch_errors
            1
        disk-freed
        run T1=cpus:1
            0s T1 TASK_RUNNING latest TASK_RUNNING by Executor
        ",
    );
}

#[test]
fn metrics_count_a_shared_volume_once() {
    check_on(
        "cpus:4;disk(a):4096",
        OPTIONS,
        "
        apply create disk(a)<v>:64
            0s volume created with 0 bytes
        run T0=cpus:1;disk(a)<v>:64@forever
            0s T0 TASK_RUNNING latest TASK_RUNNING
        run T1=cpus:1;disk(a)<v>:64@forever
            0s T1 TASK_RUNNING latest TASK_RUNNING
        metric cpus_used
            2
        metric cpus_percent
            0.5
        metric disk_used
            64
        metric disk_total
            4096
        at 7s
        metric uptime_secs
            7
        metric registered
            1
        crash
        metric registered
            none
        ",
    );
}
