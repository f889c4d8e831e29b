//! Reconciliation of tasks, at the master's one door (`spec/master.md` 7.2). The tests that begin with
//! an id are scenarios of `spec/cluster-conformance.md`.

use crate::support::master_desk;
use policy_api::Span;
use sim_core::Profile;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

/// The registry takes a second to store.
fn check_slow_registry(script: &str) {
    let registry_store_latency = Span::from_secs(1);
    master_desk::check(
        MasterOptions { registry_store_latency, ..MasterOptions::default() },
        script,
    );
}

#[test]
fn rc_1_task_state_mismatch_and_match() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        reconcile F0 T0@A0
            0s F0 hears T0 TASK_STAGING Reconciliation
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        acknowledge F0 A0 T0
            0s A0 is acknowledged
        reconcile F0 T0@A0
            0s F0 hears T0 TASK_RUNNING Reconciliation
        # The agent need not be named, or be the right one.
        reconcile F0 T0 T0@A7
            0s F0 hears T0 TASK_RUNNING Reconciliation
            0s F0 hears T0 TASK_RUNNING Reconciliation
        ",
    );
}

#[test]
fn rc_2_unknown_slave() {
    check(
        "
        framework F0 a
        reconcile F0 T0@A5
            0s F0 hears T0 TASK_UNKNOWN Reconciliation
        reconcile F0 T0
            0s F0 hears T0 TASK_UNKNOWN Reconciliation
        ",
    );
}

#[test]
fn rc_3_unknown_task() {
    check(
        "
        framework F0 a not-partition-aware
        suppress F0
        agent A0 cpus:2
        reconcile F0 T0@A0
            0s F0 hears T0 TASK_LOST Reconciliation
        ",
    );
}

#[test]
fn rc_4_unknown_task_partition_aware() {
    check(
        "
        framework F0 a
        suppress F0
        agent A0 cpus:2
        reconcile F0 T0@A0
            0s F0 hears T0 TASK_GONE Reconciliation
        ",
    );
}

#[test]
fn rc_5_unknown_kill_task() {
    check(
        "
        framework F0 a not-partition-aware
        suppress F0
        agent A0 cpus:2
        kill F0 T0
            0s F0 hears T0 TASK_LOST Reconciliation
        kill F0 T0 A0
            0s F0 hears T0 TASK_LOST Reconciliation
        ",
    );
}

#[test]
fn rc_6_recovered_agent() {
    check(
        "
        agent A0 cpus:2
        agent A1 cpus:2
        failover
        reregister A1 cpus:2
            0s A1 is reregistered
        framework F0 a again
            0s offer O1 to F0: A1 cpus:2
        reconcile F0 T0@A0
        # Any of the agents to come may have it.
        reconcile F0 T0
        kill F0 T0
        reconcile F0 T0@A1
            0s F0 hears T0 TASK_GONE Reconciliation
        ",
    );
}

#[test]
fn rc_7_recovered_agent_reregistration_in_progress() {
    check_slow_registry(
        "
        agent A0 cpus:2
        at 1s
        failover
        framework F0 a again
        suppress F0
        reregister A0 cpus:2 F0/T0=cpus:1/a/TASK_RUNNING
        reconcile F0 T0@A0
        at 2s
            2s A0 is reregistered
        reconcile F0 T0@A0
            2s F0 hears T0 TASK_RUNNING Reconciliation
        ",
    );
}

#[test]
fn rc_8_implicit_non_terminal_task() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        reconcile F0
            0s F0 hears T0 TASK_RUNNING Reconciliation
        ",
    );
}

#[test]
fn rc_9_implicit_terminal_task() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_FINISHED
            0s F0 hears T0 TASK_FINISHED
        acknowledge F0 A0 T0
            0s A0 is acknowledged
        reconcile F0
        reconcile F0 T0@A0
            0s F0 hears T0 TASK_GONE Reconciliation
        ",
    );
}

#[test]
fn rc_10_unacknowledged_terminal_task() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_FINISHED
            0s F0 hears T0 TASK_FINISHED
        reconcile F0
            0s F0 hears T0 TASK_FINISHED Reconciliation
        ",
    );
}

#[test]
fn rc_11_reconcile_status_update_task_state() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        failover
        framework F0 a again
        suppress F0
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1/a/TASK_FINISHED/TASK_RUNNING
            0s A0 is reregistered
        reconcile F0
            0s F0 hears T0 TASK_RUNNING Reconciliation
        reconcile F0 T0@A0
            0s F0 hears T0 TASK_RUNNING Reconciliation
        ",
    );
}

#[test]
fn rc_12_partitioned_agent_then_master_failover() {
    check(
        "
        framework F0 a not-partition-aware
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        at 90s
        unhealthy A0
            90s F0 hears T0 TASK_LOST AgentRemoved since 90s
            90s F0 loses A0
        at 100s
        reconcile F0 T0@A0
            100s F0 hears T0 TASK_LOST Reconciliation since 90s
        failover
        framework F0 a not-partition-aware again
        reconcile F0 T0@A0
            100s F0 hears T0 TASK_LOST Reconciliation since 90s
        ",
    );
}

#[test]
fn rc_13_removal_in_progress() {
    check_slow_registry(
        "
        framework F0 a not-partition-aware
        suppress F0
        agent A0 cpus:2
        at 1s
        unregister A0
        reconcile F0 T0@A0
            1s F0 hears T0 TASK_LOST Reconciliation
        at 2s
            2s F0 loses A0
        reconcile F0 T0@A0
            2s F0 hears T0 TASK_LOST Reconciliation
        ",
    );
}

#[test]
fn unreachable_tasks_are_named_only_when_they_are_asked_for() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        at 90s
        unhealthy A0
            90s F0 hears T0 TASK_UNREACHABLE AgentRemoved since 90s
            90s F0 loses A0
        at 95s
        reconcile F0
        reconcile F0 T0@A0
            95s F0 hears T0 TASK_UNREACHABLE Reconciliation since 90s
        # By its agent only: the task itself is not in the books any more.
        reconcile F0 T0
            95s F0 hears T0 TASK_UNKNOWN Reconciliation
        ",
    );
}

#[test]
fn a_task_of_an_agent_that_is_gone_is_gone_by_operator() {
    check(
        "
        framework F0 a
        framework F1 b not-partition-aware
        suppress F1
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        operator gone A0
            0s A0 shuts down: Agent has been marked gone
            0s F0 hears T0 TASK_GONE_BY_OPERATOR AgentRemovedByOperator
            0s F0 loses A0
            0s F1 loses A0
            0s MARK_AGENT_GONE 200
        reconcile F0 T0@A0
            0s F0 hears T0 TASK_GONE_BY_OPERATOR Reconciliation
        reconcile F1 T1@A0
            0s F1 hears T1 TASK_LOST Reconciliation
        ",
    );
}

#[test]
fn a_launch_on_its_way_is_known() {
    // The task is in memory before the message is sent.
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        reconcile F0
            0s F0 hears T0 TASK_STAGING Reconciliation
        reconcile F0 T0@A0
            0s F0 hears T0 TASK_STAGING Reconciliation
        ",
    );
}

#[test]
fn older_versions_do_not_say_gone() {
    let profile = Profile { gone_in_reconciliation: false, ..Profile::MODERN };
    master_desk::check(
        MasterOptions { profile, ..MasterOptions::default() },
        "
        framework F0 a
        suppress F0
        agent A0 cpus:2
        reconcile F0 T0@A0
            0s F0 hears T0 TASK_UNKNOWN Reconciliation
        ",
    );
}

#[test]
fn answers_say_that_the_master_made_them() {
    check(
        "
        sources
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING by Executor
        reconcile F0 T0@A0
            0s F0 hears T0 TASK_RUNNING Reconciliation by Master
        # They need no acknowledgement, and do not stand in the way of the one that is due.
        acknowledge F0 A0 T0
            0s A0 is acknowledged
        ",
    );
}
