//! Operations and volumes at the agent's one door (`spec/agent.md` section 5,
//! `spec/reservations-volumes.md` sections 4, 5 and 7). A MB is 1,048,576 bytes.

use crate::support::agent_desk::{OPTIONS, check_on};
use policy_api::Span;
use sim_core::Profile;
use sim_core::agent::AgentOptions;

const TOTAL: &str = "cpus:4;disk(a):1024";

fn check(script: &str) {
    check_on(TOTAL, OPTIONS, script);
}

#[test]
fn pv_9_prepare_persistent_volume() {
    check(
        "
        operate 1 create disk(a)[v]:64
            0s volume created with 0 bytes
            0s operation 1 OPERATION_FINISHED
        ",
    );
}

#[test]
fn a_volume_keeps_what_its_tasks_write_until_it_is_full() {
    check(
        "
        apply create disk(a)[v]:1
            0s volume created with 0 bytes
        run T0=cpus:1;disk(a)[v]:1@4s write-rate=200000
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 10s
            4s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        # The next task finds 800,000 bytes; there is place for 248,576 more.
        run T1=cpus:1;disk(a)[v]:1@1s write-rate=200000
            10s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 11s
            11s T1 TASK_FINISHED latest TASK_FINISHED
        acknowledge T1
        run T2=cpus:1;disk(a)[v]:1@10s write-rate=200000
            11s T2 TASK_RUNNING latest TASK_RUNNING
        acknowledge T2
        at 21s
            21s T2 TASK_FINISHED latest TASK_FINISHED
        apply destroy disk(a)[v]:1
            21s volume destroyed with 1048576 bytes
        # Its content is gone with it.
        apply create disk(a)[v]:1
            21s volume created with 0 bytes
        ",
    );
}

#[test]
fn tasks_of_a_shared_volume_write_together() {
    check(
        "
        apply create disk(a)<v>:64
            0s volume created with 0 bytes
        run T0=cpus:1;disk(a)<v>:64@3s write-rate=1000
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1;disk(a)<v>:64@forever write-rate=100 checkpoint framework=F1
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        # T1 goes on while the agent is away; T0 ends with it.
        at 2s
        crash
        at 10s
        power-off
        at 20s
        replace
            20s volume lost with 3000 bytes
            20s registers
        ",
    );
}

#[test]
fn a_volume_that_shrinks_keeps_its_data_and_takes_no_more() {
    check(
        "
        apply create disk(a)[v]:2
            0s volume created with 0 bytes
        run T0=cpus:1;disk(a)[v]:2@2s write-rate=1000000
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 2s
            2s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        apply shrink disk(a)[v]:2 1
        run T1=cpus:1;disk(a)[v]:1@1s write-rate=1000000
            2s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 3s
            3s T1 TASK_FINISHED latest TASK_FINISHED
        acknowledge T1
        apply grow disk(a)[v]:1 disk(a):3
        run T2=cpus:1;disk(a)[v]:4@1s write-rate=1000000
            3s T2 TASK_RUNNING latest TASK_RUNNING
        acknowledge T2
        at 4s
            4s T2 TASK_FINISHED latest TASK_FINISHED
        acknowledge T2
        apply destroy disk(a)[v]:4
            4s volume destroyed with 3000000 bytes
        ",
    );
}

#[test]
fn old_versions_leave_the_data_behind() {
    let options = AgentOptions { profile: Profile::MESOS_0_23, ..OPTIONS };
    check_on(
        TOTAL,
        options,
        "
        checkpoint disk(a)[v]:64
            0s volume created with 0 bytes
        run T0=cpus:1;disk(a)[v]:64@1s write-rate=1000
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 1s
            1s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        checkpoint nothing
            1s volume destroyed with 1000 bytes
        total
            cpus:4;disk(a):1024
        # Another volume is another directory.
        checkpoint disk(a)[w]:64
            1s volume created with 0 bytes
        checkpoint disk(a)[v]:32;disk(a)[w]:64
            1s volume created with 1000 bytes
        ",
    );
}

#[test]
fn a_list_that_does_not_fit_ends_the_agent() {
    check(
        "
        checkpoint cpus(+a):5
            0s exits
        total
            cpus:4;disk(a):1024
        ",
    );
}

#[test]
fn an_operation_is_told_until_it_is_acknowledged() {
    check(
        "
        operate 7 reserve cpus(+a):1
            0s operation 7 OPERATION_FINISHED
        # The same again changes nothing.
        operate 7 reserve cpus(+a):1
        total
            cpus:3;cpus(+a):1;disk(a):1024
        at 30s
            10s operation 7 OPERATION_FINISHED
            30s operation 7 OPERATION_FINISHED
        ping disconnected
            30s reregisters A0 with cpus(+a):1; operations 7=OPERATION_FINISHED
            30s operation 7 OPERATION_FINISHED
            30s tells of operations [7=OPERATION_FINISHED]
        at 40s
            40s operation 7 OPERATION_FINISHED
        crash
        restart
            40s reregisters A0 with cpus(+a):1; operations 7=OPERATION_FINISHED
            40s operation 7 OPERATION_FINISHED
            40s tells of operations [7=OPERATION_FINISHED]
        acknowledge-operation 7
        at 1000s
        ",
    );
}

#[test]
fn an_operation_that_does_not_fit_changes_nothing_and_is_dropped() {
    check(
        "
        operate 1 reserve cpus(+a):5
            0s tells of operations [1=OPERATION_DROPPED] and has cpus:4;disk(a):1024
            0s operation 1 OPERATION_DROPPED
        total
            cpus:4;disk(a):1024
        ",
    );
}

#[test]
fn versions_without_feedback_tell_nothing_of_operations() {
    let options = AgentOptions { profile: Profile::MESOS_1_1, ..OPTIONS };
    check_on(
        TOTAL,
        options,
        "
        operate 1 reserve cpus(+a):1
        total
            cpus:3;cpus(+a):1;disk(a):1024
        ping disconnected
            0s reregisters A0 with cpus(+a):1
        ",
    );
}

#[test]
fn operations_that_never_came_are_dropped() {
    check(
        "
        operate 1 reserve cpus(+a):1
            0s operation 1 OPERATION_FINISHED
        reconcile-operations 1 2
            0s operation 2 OPERATION_DROPPED
        acknowledge-operation 1
        # That is told once.
        at 100s
        ",
    );
}

#[test]
fn a_resource_provider_takes_its_time_to_make_a_disk() {
    let options = AgentOptions { disk_operation_time: Span::from_secs(5), ..OPTIONS };
    check_on(
        "cpus:4;disk[RAW:]:1024",
        options,
        "
        operate-disk 1 disk[RAW:]:512 disk[MOUNT:/m]:512
        ping disconnected
            0s reregisters A0; operations 1=OPERATION_PENDING
            0s tells of operations [1=OPERATION_PENDING]
        at 5s
            5s operation 1 OPERATION_FINISHED makes disk[MOUNT:/m]:512
        acknowledge-operation 1
        total
            cpus:4;disk[MOUNT:/m]:512;disk[RAW:]:512
        # It does not survive its agent, and begins again.
        operate-disk 2 disk[MOUNT:/m]:512
        at 9s
        crash
        at 20s
        restart
            20s reregisters A0; operations 2=OPERATION_PENDING
            20s tells of operations [2=OPERATION_PENDING]
        at 25s
            25s operation 2 OPERATION_FINISHED makes disk[RAW:]:512
        acknowledge-operation 2
        # There is no such disk any more.
        operate-disk 3 disk[MOUNT:/m]:512
        at 30s
            30s operation 3 OPERATION_FAILED
        ",
    );
}

#[test]
fn draining_waits_for_operations() {
    check(
        "
        operate 1 reserve cpus(+a):1
            0s operation 1 OPERATION_FINISHED
        drain
        run T0=cpus:1
            0s T0 TASK_DROPPED latest TASK_DROPPED AgentDraining
        acknowledge T0
        acknowledge-operation 1
        run T1=cpus:1
            0s T1 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}
