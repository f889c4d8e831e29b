//! Agents that come back, at the master's one door (`spec/master.md` 3.1, 3.2, 3.4). The tests that begin
//! with an id are scenarios of `spec/cluster-conformance.md`, as far as they are about the master;
//! `agent_recovery.rs` has the agent's part and `agent_restarts.rs` both together.

use crate::support::master_desk;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn sr_10_remove_non_checkpointing_framework() {
    check(
        "
        framework F0 a
        framework F1 b checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        agent A1 cpus:1;mem:1024
            0s offer O2 to F1: A1 cpus:1;mem:1024
        accept F0 O1 100s T0=cpus:1 T1=cpus:1
            0s A0 runs T0
            0s A0 runs T1
        accept F1 O2 100s T0=cpus:1
            0s A1 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        exit A1
        exit A0
            0s F0 hears T0 TASK_LOST AgentDisconnected
            0s F0 hears T1 TASK_LOST AgentDisconnected
        tasks F0
            completed T0 on A0 TASK_LOST
            completed T1 on A0 TASK_LOST
        tasks F1
            T0 on A1 TASK_STAGING
        agent-is A0
            registered
        reregister A0 cpus:2;mem:1024
            0s A0 is reregistered
        agent-is A0
            registered connected active
        ",
    );
}

#[test]
fn sr_16_shutdown_slave_sigusr1() {
    check(
        "
        framework F0 a checkpoint
        framework F1 b checkpoint not-partition-aware
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        at 1s
            1s offer O2 to F1: A0 cpus:1;mem:1024
        accept F1 O2 0s T0=cpus:1
            1s A0 runs T0
        unregister A0
            1s F1 hears T0 TASK_LOST AgentRemoved
            1s F0 hears T0 TASK_LOST AgentRemoved
            1s F0 loses A0
            1s F1 loses A0
        agent-is A0
            removed
        metric master/slave_removals/reason_unregistered
            1
        tasks F0
            completed T0 on A0 TASK_LOST
        ",
    );
}

#[test]
fn sr_17_register_disconnected_slave() {
    check(
        "
        framework F0 a checkpoint not-partition-aware
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        # The same process, as far as the master knows, is told its id once more.
        agent A0 cpus:2;mem:1024
        exit A0
        agent A0 cpus:2;mem:1024
            0s F0 hears T0 TASK_LOST AgentRemoved
            0s F0 loses A0
            0s A0 is registered as A100
            0s offer O2 to F0: A100 cpus:2;mem:1024
        metric master/slave_removals
            1
        metric master/slave_removals/reason_registered
            1
        metric master/slave_unreachable_scheduled
            0
        metric master/slave_unreachable_completed
            0
        agent-is A0
            removed
        ",
    );
}

#[test]
fn sr_18_reconcile_kill_task() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1 T1=cpus:1
            0s A0 runs T0
            0s A0 runs T1
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        update F0 A0 T1 TASK_RUNNING
            0s F0 hears T1 TASK_RUNNING
        exit A0
        kill F0 T0
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1/a/TASK_RUNNING F0/T1=cpus:1/a/TASK_RUNNING
            0s A0 is reregistered
            0s A0 kills T0
        update F0 A0 T0 TASK_KILLED
            0s F0 hears T0 TASK_KILLED
        ",
    );
}

#[test]
fn sr_19_reconcile_shutdown_framework() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        exit A0
        teardown F0
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1/a/TASK_RUNNING
            0s A0 is reregistered
            0s A0 shuts F0 down
        ",
    );
}

#[test]
fn sr_20_reconcile_tasks_missing_from_slave() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        exit A0
        reregister A0 cpus:2;mem:1024
            0s A0 is reregistered and asked for T0
        update F0 A0 T0 TASK_DROPPED
            0s F0 hears T0 TASK_DROPPED
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:1024
        ",
    );
}

#[test]
fn sr_22_agent_reconfiguration_with_running_task() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:5;mem:512
            0s offer O1 to F0: A0 cpus:5;mem:512
        accept F0 O1 0s T0=cpus:3
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:512
        exit A0
            1s rescind O2 from F0
        reregister A0 cpus:10;mem:512 F0/T0=cpus:3/a/TASK_RUNNING
            1s A0 is reregistered
            1s offer O3 to F0: A0 cpus:7;mem:512
        at 1.5s
        update F0 A0 T0 TASK_KILLED
            1.5s F0 hears T0 TASK_KILLED
        decline F0 O3 0s
        at 2s
            2s offer O4 to F0: A0 cpus:10;mem:512
        ",
    );
}

#[test]
fn sr_23_checkpointed_resources() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024 no-provider
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s reserve cpus(+a):1
            0s A0 checkpoints cpus(+a):1
        exit A0
        reregister A0 cpus:2;mem:1024 no-provider
            0s A0 is reregistered
            0s A0 checkpoints cpus(+a):1
        at 1s
            1s offer O2 to F0: A0 cpus:1;mem:1024;cpus(+a):1
        decline F0 O2 0s
        at 2s
            2s offer O3 to F0: A0 cpus:1;mem:1024;cpus(+a):1
        ",
    );
}

#[test]
fn sr_23_checkpointed_resources_resource_provider_capable() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        silent A0
        accept F0 O1 0s reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        exit A0
        reregister A0 cpus:2;mem:1024
            0s A0 is reregistered
            0s A0 is asked for 1 operations
            0s offer O2 to F0: A0 cpus:2;mem:1024
        at 1s
        # The agent has never heard of the operation.
        drop A0
        decline F0 O2 0s
            1s offer O3 to F0: A0 cpus:2;mem:1024
        at 2s
        ",
    );
}

/// An agent that is back for ten minutes is not given up for the disconnection of before.
#[test]
fn a_disconnected_agent_is_unreachable_after_ten_minutes() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        exit A0
        at 599s
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1/a/TASK_STAGING
            599s A0 is reregistered
            599s offer O2 to F0: A0 cpus:1;mem:1024
        at 1000s
        agent-is A0
            registered connected active
        exit A0
            1000s rescind O2 from F0
        at 1599s
        agent-is A0
            registered
        at 1600s
            1600s F0 hears T0 TASK_UNREACHABLE AgentRemoved since 1600s
            1600s F0 loses A0
        agent-is A0
            unreachable
        tasks F0
            unreachable T0 on A0 TASK_UNREACHABLE
        ",
    );
}

/// An executor that the agent does not have any more is off the books at once.
#[test]
fn an_executor_that_is_missing_is_freed() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        failover
        framework F0 a checkpoint again
        reregister A0 cpus:2;mem:1024 F0/E1=cpus:1/a F0/T0=cpus:1/a/TASK_RUNNING
            0s A0 is reregistered
            0s offer O2 to F0: A0 mem:1024
        at 1s
        exit A0
            1s rescind O2 from F0
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1/a/TASK_RUNNING
            1s A0 is reregistered
        at 2s
            2s offer O3 to F0: A0 cpus:1;mem:1024
        ",
    );
}

/// A new agent never gets the id of one that has been removed, not even from a master that has not
/// met that one.
#[test]
fn ids_are_not_given_twice() {
    check(
        "
        agent A0 cpus:2;mem:1024
        unregister A0
        failover
        agent A0 cpus:2;mem:1024
            0s A0 is registered as A100
        agent-is A0
            unknown
        ",
    );
}
