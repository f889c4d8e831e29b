//! Kills and draining at the agent's one door (`spec/agent.md` 4.1 and 11).

use crate::support::agent_desk::{OPTIONS, check};
use policy_api::Span;
use sim_core::agent::AgentOptions;

/// A container takes two seconds.
const SLOW: AgentOptions = AgentOptions { launch_delay: Span::from_secs(2), ..OPTIONS };

#[test]
fn a_task_that_obeys_at_once_is_killed_at_once() {
    check(
        OPTIONS,
        "
        sources
        run T0=cpus:1@forever
            0s T0 TASK_RUNNING latest TASK_RUNNING by Executor
        acknowledge T0
        kill T0
            0s T0 TASK_KILLED latest TASK_KILLED by Executor
        kill T0
        acknowledge T0
        metric tasks_killed
            1
        tasks
        ",
    );
}

#[test]
fn killing_is_told_to_frameworks_that_want_to_hear_of_it() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever killing time-to-stop=2s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        kill T0
            0s T0 TASK_KILLING latest TASK_KILLING
        acknowledge T0
        at 2s
            2s T0 TASK_KILLED latest TASK_KILLED
        acknowledge T0
        ",
    );
}

#[test]
fn a_task_that_does_not_obey_is_killed_after_its_grace() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever time-to-stop=100s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1@forever time-to-stop=100s kill-grace=7s
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        run T2=cpus:1@forever time-to-stop=100s kill-grace=7s
            0s T2 TASK_RUNNING latest TASK_RUNNING
        acknowledge T2
        kill T0
        kill T1
        kill T2 grace=1s
        at 7s
            1s T2 TASK_KILLED latest TASK_KILLED
            3s T0 TASK_KILLED latest TASK_KILLED
            7s T1 TASK_KILLED latest TASK_KILLED
        ",
    );
}

#[test]
fn a_second_kill_can_only_shorten_the_grace() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever time-to-stop=100s kill-grace=20s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        kill T0
        at 2s
        kill T0 grace=50s
        kill T0 grace=5s
        # The two seconds that have passed count.
        at 30s
            5s T0 TASK_KILLED latest TASK_KILLED
            15s T0 TASK_KILLED latest TASK_KILLED
        acknowledge T0
        run T1=cpus:1@forever time-to-stop=100s kill-grace=20s
            30s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        kill T1
        at 40s
        kill T1 grace=5s
            40s T1 TASK_KILLED latest TASK_KILLED
        ",
    );
}

#[test]
fn a_task_that_ends_while_it_is_being_killed_was_killed() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@10s time-to-stop=100s kill-grace=20s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 9s
        kill T0
        at 10s
            10s T0 TASK_KILLED latest TASK_KILLED
        acknowledge T0
        at 100s
        ",
    );
}

#[test]
fn a_task_is_killed_before_it_runs() {
    let options = AgentOptions { starting_delay: Some(Span::from_secs(3)), ..SLOW };
    check(
        options,
        "
        sources
        run T0=cpus:1
        kill T0
            0s T0 TASK_KILLED latest TASK_KILLED TaskKilledDuringLaunch by Agent
        acknowledge T0
        # Its executor still comes up, finds nothing to do, and goes.
        metric executors_registering
            1
        at 2s
        metric frameworks_active
            0
        run T1=cpus:1
        at 5s
            4s T1 TASK_STARTING latest TASK_STARTING by Executor
        acknowledge T1
        kill T1
            5s T1 TASK_KILLED latest TASK_KILLED by Executor
        acknowledge T1
        at 100s
        ",
    );
}

#[test]
fn a_group_that_waits_is_killed_as_a_whole() {
    check(
        SLOW,
        "
        run T0=cpus:1 T1=cpus:1 group executor=E0
        run T2=cpus:1 executor=E0 known-executor
        kill T1
            0s T1 TASK_KILLED latest TASK_KILLED TaskKilledDuringLaunch
            0s T0 TASK_KILLED latest TASK_KILLED TaskKilledDuringLaunch
        acknowledge T0
        acknowledge T1
        at 2s
            2s T2 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}

#[test]
fn an_executor_whose_first_tasks_were_killed_is_shut_down() {
    check(
        SLOW,
        "
        run T0=cpus:1 executor=E0
        kill T0
            0s T0 TASK_KILLED latest TASK_KILLED TaskKilledDuringLaunch
        at 2s
            2s E0 of F0 has exited
        ",
    );
}

#[test]
fn a_task_that_is_not_there_cannot_be_killed() {
    check(
        OPTIONS,
        "
        sources
        kill T0
            0s T0 TASK_DROPPED latest TASK_DROPPED ExecutorTerminated by Agent
        kill T1 not-partition-aware
            0s T1 TASK_LOST latest TASK_LOST ExecutorTerminated by Agent
        # It says so until it is acknowledged, and once only.
        kill T0
        acknowledge T0
        acknowledge T1
        tasks
        ",
    );
}

#[test]
fn draining_kills_what_runs_and_refuses_what_comes() {
    check(
        SLOW,
        "
        run T0=cpus:1@forever time-to-stop=100s kill-grace=60s killing framework=F1
        run T1=cpus:1@forever time-to-stop=100s kill-grace=3s
        at 2s
            2s T0 TASK_RUNNING latest TASK_RUNNING
            2s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        acknowledge T1
        run T2=cpus:1
        # The longest grace is for T0, whose own is longer.
        drain max-grace=10s
            2s T0 TASK_KILLING latest TASK_KILLING AgentDraining
            2s T2 TASK_KILLED latest TASK_KILLED AgentDraining
        acknowledge T0
        acknowledge T2
        run T3=cpus:1
            2s T3 TASK_DROPPED latest TASK_DROPPED AgentDraining
        acknowledge T3
        run T4=cpus:1 executor=E0 not-partition-aware
            2s T4 TASK_LOST latest TASK_LOST AgentDraining
            2s E0 of F0 has exited
        acknowledge T4
        at 12s
            5s T1 TASK_KILLED latest TASK_KILLED AgentDraining
            12s T0 TASK_KILLED latest TASK_KILLED AgentDraining
        acknowledge T1
        run T5=cpus:1
            12s T5 TASK_DROPPED latest TASK_DROPPED AgentDraining
        acknowledge T5
        # With the last acknowledgement the agent is drained, and can be used again.
        acknowledge T0
        run T6=cpus:1
        at 14s
            14s T6 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}

#[test]
fn draining_overrides_the_kill_policy_of_tasks_that_have_none() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever time-to-stop=100s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        drain max-grace=8s
        at 8s
            8s T0 TASK_KILLED latest TASK_KILLED AgentDraining
        ",
    );
}

#[test]
fn who_is_killed_on_an_agent_that_will_be_gone_is_gone_with_it() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever killing
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1@forever framework=F1 not-partition-aware
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        drain mark-gone
            0s T0 TASK_KILLING latest TASK_KILLING AgentDraining
            0s T1 TASK_KILLED latest TASK_KILLED AgentDraining
        acknowledge T0
            0s T0 TASK_GONE_BY_OPERATOR latest TASK_GONE_BY_OPERATOR AgentDraining
        metric tasks_killed
            1
        ",
    );
}

#[test]
fn an_idle_agent_has_nothing_to_drain() {
    check(
        OPTIONS,
        "
        drain
        run T0=cpus:1
            0s T0 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}

#[test]
fn draining_goes_on_after_a_restart() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever checkpoint time-to-stop=100s kill-grace=60s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        drain
        crash
        at 1s
        restart
        at 3s
            3s reregisters A0; F0 T0=TASK_RUNNING
        run T1=cpus:1
            3s T1 TASK_DROPPED latest TASK_DROPPED AgentDraining
        at 60s
            13s T1 TASK_DROPPED latest TASK_DROPPED AgentDraining
            33s T1 TASK_DROPPED latest TASK_DROPPED AgentDraining
            60s T0 TASK_KILLED latest TASK_KILLED AgentDraining
        ",
    );
}

#[test]
fn old_versions_tell_nothing_apart() {
    let options = AgentOptions { profile: sim_core::Profile::MESOS_0_23, ..OPTIONS };
    check(
        options,
        "
        kill T0
            0s T0 TASK_LOST latest TASK_LOST ExecutorTerminated
        run T1=cpus(+a):1
            0s T1 TASK_LOST latest TASK_LOST ResourcesUnknown
        run T2=cpus:1@forever killing
            0s T2 TASK_RUNNING latest TASK_RUNNING
        acknowledge T2
        kill T2
            0s T2 TASK_KILLED latest TASK_KILLED
        ",
    );
}
