//! What an agent has written down, and what it is configured with when it starts again
//! (`spec/agent.md` sections 5 and 6). The tests that begin with an id are scenarios of
//! `spec/cluster-conformance.md`, as far as they are about the agent.

use crate::support::agent_desk::{OPTIONS, check, check_on};
use crate::support::words::secs;
use sim_core::Profile;
use sim_core::agent::AgentOptions;

#[test]
fn sr_14_reboot_with_slave_info_mismatch_and_restart() {
    let reboot = "
        run T0=cpus:1@forever checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        power-off
        reconfigure cpus:4;mem:2048
        master-is-silent
        power-on
            0s registers
        tasks
        ";
    check_on("cpus:8;mem:4096", OPTIONS, reboot);
    let restart = "
        power-off
        reconfigure cpus:4;mem:2048
        master-is-silent
        power-on
            0s registers
        crash
        restart
            0s registers
        id
            none
        ";
    check_on("cpus:8;mem:4096", OPTIONS, restart);
}

#[test]
fn sr_22_agent_reconfiguration_with_running_task() {
    check_on(
        "cpus:5;mem:256",
        OPTIONS,
        "
        run T0=cpus:3@forever checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        crash
        reconfigure cpus:10;mem:512
        restart
        at 2s
            2s reregisters A0; F0 T0=TASK_RUNNING
        total
            cpus:10;mem:512
        in-use
            'cpus:3'
        ",
    );
}

#[test]
fn an_agent_does_not_come_up_with_less_than_it_had() {
    check(
        AgentOptions { restart_delay: Some(secs(1)), ..OPTIONS },
        "
        crash
        reconfigure cpus:3;mem:8192
        restart
            0s exits
        # It would fail again, so that nobody tries.
        at 100s
        metric registered
            none
        reconfigure cpus:4;mem:4096
        restart
            100s reregisters A0
        ",
    );
}

#[test]
fn an_old_agent_does_not_come_up_with_more_than_it_had_either() {
    let options = AgentOptions { profile: Profile::MESOS_1_1, ..OPTIONS };
    check(options, "crash\nreconfigure cpus:8;mem:4096\nrestart\n    0s exits");
}

#[test]
fn an_old_agent_gets_a_new_id_when_its_host_reboots() {
    let options = AgentOptions { profile: Profile::MESOS_1_1, ..OPTIONS };
    check(
        options,
        "
        run T0=cpus:1@forever checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        checkpoint cpus(+a):2
        power-off
        power-on
            0s registers with cpus(+a):2
        tasks
        ",
    );
}

#[test]
fn res_6_resources_checkpointing() {
    check_on(
        "cpus:8;mem:4096",
        OPTIONS,
        "
        apply reserve cpus(+a):8;mem(+a):2048
        crash
        restart
            0s reregisters A0 with cpus(+a):8;mem(+a):2048
            0s tells of operations []
        ",
    );
}

#[test]
fn res_8_compatible_checkpointed_resources() {
    // There is less memory, so that the agent is a new one.
    check_on(
        "cpus:8;mem:4096",
        OPTIONS,
        "
        apply reserve cpus(+a):8;mem(+a):2048
        power-off
        reconfigure cpus:12;mem:2048
        power-on
            0s registers with cpus(+a):8;mem(+a):2048
        total
            cpus:4;cpus(+a):8;mem(+a):2048
        ",
    );
}

#[test]
fn res_9_compatible_checkpointed_resources_with_persistent_volumes() {
    check_on(
        "cpus:8;mem:4096;disk:2048",
        OPTIONS,
        "
        apply reserve cpus(+a):8;mem(+a):2048;disk(+a):1024 create disk(+a)[v]:1024
            0s volume created with 0 bytes
        power-off
        reconfigure cpus:12;mem:2048;disk:1024
        power-on
            0s registers with cpus(+a):8;disk(+a)[v]:1024;mem(+a):2048
        total
            cpus:4;cpus(+a):8;disk(+a)[v]:1024;mem(+a):2048
        ",
    );
}

#[test]
fn res_10_incompatible_checkpointed_resources() {
    check_on(
        "cpus:8;mem:4096",
        OPTIONS,
        "
        apply reserve cpus(+a):8;mem(+a):2048
        power-off
        reconfigure cpus:4;mem:2048
        power-on
            0s exits
        # The reboot is not forgotten.
        reconfigure cpus:12;mem:2048
        restart
            0s registers with cpus(+a):8;mem(+a):2048
        ",
    );
}

#[test]
fn res_19_reservation_checkpointed_backwards_compatibility() {
    // There is one form of checkpoint here, so that only the list that an old master sends and the
    // operations of a new one have to lead to the same.
    check_on(
        "cpus:8;mem:4096",
        OPTIONS,
        "
        checkpoint cpus(+a):8;mem(+a):2048
        total
            mem:2048;cpus(+a):8;mem(+a):2048
        crash
        restart
            0s reregisters A0 with cpus(+a):8;mem(+a):2048
        ",
    );
}

#[test]
fn pv_8_resources_checkpointing() {
    check_on(
        "cpus:2;mem:1024;disk(a):2048",
        OPTIONS,
        "
        apply create disk(a)[v]:1024
            0s volume created with 0 bytes
        crash
        restart
            0s reregisters A0 with disk(a)[v]:1024
            0s tells of operations []
        ",
    );
}

#[test]
fn pv_11_incompatible_checkpointed_resources() {
    check_on(
        "cpus:2;mem:1024;disk(a):2048",
        OPTIONS,
        "
        apply create disk(a)[v]:2048
            0s volume created with 0 bytes
        power-off
        reconfigure cpus:2;mem:1024;disk(a):1024
        power-on
            0s exits
        ",
    );
}

#[test]
fn an_agent_that_cannot_checkpoint_ends_and_tries_again() {
    let options = AgentOptions { restart_delay: Some(secs(5)), ..OPTIONS };
    check(
        options,
        "
        run T0=cpus:1@12s checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        disk-full
        run T1=cpus:1 checkpoint
            0s exits
        at 14s
            7s reregisters A0; F0 T0=TASK_RUNNING
            12s exits
        # The executor keeps what the agent could not write down.
        tasks
            F0 T0 TASK_FINISHED
        at 17s
            17s exits
        disk-freed
        at 24s
            24s reregisters A0; F0 T0=TASK_FINISHED/TASK_RUNNING
            24s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        disk-full
        apply reserve cpus(+a):1
            24s exits
        total
            cpus:4;mem:4096
        ",
    );
}

#[test]
fn a_host_that_is_replaced_knows_nothing() {
    check_on(
        "cpus:2;mem:1024;disk(a):2048",
        OPTIONS,
        "
        apply create disk(a)[v]:1024
            0s volume created with 0 bytes
        run T0=cpus:1;disk(a)[v]:1024@forever checkpoint write-rate=1000
            0s T0 TASK_RUNNING latest TASK_RUNNING
        at 5s
        replace
            5s volume lost with 5000 bytes
            5s registers
        total
            cpus:2;mem:1024;disk(a):2048
        tasks
        at 100s
        ",
    );
}

#[test]
fn an_end_that_could_not_be_written_down_is_found_out_later() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        disk-full
        fail-executor 0
            0s exits
        disk-freed
        restart
        at 2s
            2s reregisters A0; F0 T0=TASK_GONE/TASK_RUNNING
            2s T0 TASK_GONE latest TASK_GONE ExecutorReregistrationTimeout
        acknowledge T0
        tasks
        ",
    );
}

#[test]
fn executors_do_not_wait_longer_for_an_agent_that_cannot_start() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        crash
        reconfigure cpus:1
        at 800s
        restart
            800s exits
        at 901s
        reconfigure cpus:4;mem:4096
        restart
        at 903s
            903s reregisters A0; F0 T0=TASK_GONE/TASK_RUNNING
            903s T0 TASK_GONE latest TASK_GONE ExecutorReregistrationTimeout
        ",
    );
}
