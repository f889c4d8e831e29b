//! What master and agent settle when an agent comes back, at the master's one door (`spec/master.md`
//! 3.2). The tests that begin with an id are scenarios of `spec/cluster-conformance.md`; the agent's
//! side of them is in `agent_updates.rs`.

use crate::support::agent_desk;
use crate::support::master_desk::{self, MasterDesk};
use crate::support::script::play;
use crate::support::words::resources;
use policy_api::Operation;
use sim_core::agent::AgentOptions;
use sim_core::master::MasterOptions;
use sim_core::protocol::{OfferOperation, OperationId};

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn ms_1_slave_reregister_terminated_executor() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1/E0=cpus:0.1
            0s A0 runs T0 in new E0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        acknowledge F0 A0 T0
            0s A0 is acknowledged
        # The update of its end is lost.
        executor-exited F0 A0 E0
            0s F0 hears that E0 has left A0
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1/a/TASK_FINISHED/TASK_RUNNING
            0s A0 is reregistered
        update F0 A0 T0 TASK_FINISHED
            0s F0 hears T0 TASK_FINISHED
        acknowledge F0 A0 T0
            0s A0 is acknowledged
        tasks F0
            completed T0 on A0 TASK_FINISHED
        ",
    );
}

#[test]
fn ms_2_reconcile_lost_task() {
    check(
        "
        sources
        framework F0 a not-partition-aware
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        # The message is lost.
        reregister A0 cpus:2;mem:1024
            0s A0 is reregistered and asked for T0
        update F0 A0 T0 TASK_LOST by-agent reason=Reconciliation
            0s F0 hears T0 TASK_LOST Reconciliation by Agent
        metric master/tasks_lost
            1
        metric master/task_lost/source_slave/reason_reconciliation
            1
        ",
    );
}

#[test]
fn ms_2_reconcile_dropped_task() {
    check(
        "
        sources
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        reregister A0 cpus:2;mem:1024
            0s A0 is reregistered and asked for T0
        update F0 A0 T0 TASK_DROPPED by-agent reason=Reconciliation
            0s F0 hears T0 TASK_DROPPED Reconciliation by Agent
        metric master/tasks_dropped
            1
        metric master/task_dropped/source_slave/reason_reconciliation
            1
        ",
    );
}

#[test]
fn ms_3_reconcile_dropped_operation() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        silent A0
        accept F0 O1 100s reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        reregister A0 cpus:2;mem:1024
            0s A0 is reregistered
            0s A0 is asked for 1 operations
            0s offer O2 to F0: A0 cpus:2;mem:1024
        drop A0
        metric master/operations/dropped
            1
        at 101s
        ",
    );
}

#[test]
fn ms_4_forward_operation_dropped_after_explicit_reconciliation() {
    let mut desk = MasterDesk::new(MasterOptions::default());
    play(
        &mut desk,
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        silent A0
        ",
    );
    let reserve = Operation::Reserve { resources: resources("cpus(+a):1"), source: None };
    let id = Some(OperationId(7));
    let operation = OfferOperation { id, ..OfferOperation::from(reserve) };
    assert_eq!(desk.accept_last("F0", vec![operation]), ["0s A0 applies reserve cpus(+a):1"]);
    play(
        &mut desk,
        "
        reregister A0 cpus:2;mem:1024
            0s A0 is reregistered
            0s A0 is asked for 1 operations
            0s offer O2 to F0: A0 cpus:2;mem:1024
        drop A0
            0s F0 hears operation 7 OPERATION_DROPPED
        metric master/operations/dropped
            1
        metric master/operations/reserve/dropped
            1
        ",
    );
}

#[test]
fn ms_5_reconcile_race() {
    // The agent has told what it has before the launch arrives: the master asks for the task.
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        reregister A0 cpus:2;mem:1024
            0s A0 is reregistered and asked for T0
        update F0 A0 T0 TASK_FINISHED
            0s F0 hears T0 TASK_FINISHED
        acknowledge F0 A0 T0
            0s A0 is acknowledged
        tasks F0
            completed T0 on A0 TASK_FINISHED
        ",
    );
    // By the time it hears the question the agent has the task, and says nothing of it.
    agent_desk::check(
        AgentOptions::default(),
        "
        master-is-silent
        master-lost
        master-detected
        run T0=cpus:1@10s
        reregistered T0
        ",
    );
}

#[test]
fn a_task_that_has_ended_in_the_master_s_books_is_not_asked_for() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING latest TASK_FINISHED
            0s F0 hears T0 TASK_RUNNING
        reregister A0 cpus:2;mem:1024
            0s A0 is reregistered
        ",
    );
}

#[test]
fn an_executor_that_the_agent_does_not_name_is_gone() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s T0=cpus:1/E0=cpus:0.5 T1=cpus:0.1/E1=cpus:0.1
            0s A0 runs T0 in new E0
            0s A0 runs T1 in new E1
        exit A0
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1/a/TASK_RUNNING F0/T1=cpus:0.1/a/TASK_RUNNING F0/E1=cpus:0.1/a
            0s A0 is reregistered
        at 1s
            1s offer O2 to F0: A0 cpus:0.8;mem:1024
        ",
    );
}

#[test]
fn a_kill_that_a_disconnected_agent_missed_is_sent_again() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1 T1=cpus:0.1 T2=cpus:0.1
            0s A0 runs T0
            0s A0 runs T1
            0s A0 runs T2
        exit A0
        kill F0 T0
        kill F0 T1
        kill F0 T2
        # One has ended meanwhile, one was never there.
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1/a/TASK_RUNNING F0/T1=cpus:0.1/a/TASK_FINISHED
            0s A0 is reregistered and asked for T2
            0s A0 kills T0
        ",
    );
}

#[test]
fn a_framework_that_was_removed_meanwhile_is_shut_down() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        exit A0
        teardown F0
        tasks F0
            completed T0 on A0 TASK_KILLED
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1/a/TASK_RUNNING
            0s A0 is reregistered
            0s A0 shuts F0 down
        metric master/cpus_used
            0
        ",
    );
}

#[test]
fn the_same_after_the_agent_was_out_of_reach() {
    check(
        "
        framework F0 a checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        unhealthy A0
            0s F0 hears T0 TASK_UNREACHABLE AgentRemoved since 0s
            0s F0 loses A0
        teardown F0
        tasks F0
            completed T0 on A0 TASK_KILLED
        framework F1 b
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1/a/TASK_RUNNING
            0s A0 is reregistered
            0s A0 shuts F0 down
            0s offer O2 to F1: A0 cpus:2;mem:1024
        ",
    );
}

#[test]
fn a_framework_that_nobody_has_heard_of_changes_nothing() {
    // A spurious message of an agent that the master knows.
    check(
        "
        agent A0 cpus:2;mem:1024
        reregister A0 cpus:2;mem:1024 F7/T0=cpus:1/a/TASK_RUNNING
            0s A0 is reregistered
        metric master/cpus_used
            0
        ",
    );
}
