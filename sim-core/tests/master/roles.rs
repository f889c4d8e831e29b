//! Roles: those that are met on the way, and those of an explicit list (`spec/master.md` section 11). The
//! tests that begin with an id are scenarios of `spec/cluster-conformance.md`.

use crate::support::{agent_desk, master_desk};
use sim_core::agent::AgentOptions;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

/// The endpoint's numbers, as far as a limit of the quota may not be below them.
#[test]
fn rt_1_roles_endpoint_contains_consumed_quota() {
    check(
        "
        framework F0 a
        agent A0 cpus(a):1;mem(a):10
            0s offer O1 to F0: A0 cpus(a):1;mem(a):10
        accept F0 O1 100s T0=cpus(a):1;mem(a):10
            0s A0 runs T0
        agent A1 cpus:10;mem:100
            0s offer O2 to F0: A1 cpus:10;mem:100
        accept F0 O2 100s T1=cpus:10;mem:100
            0s A1 runs T1
        agent A2 cpus(a):100;mem(a):1000;ports(a):[31000-31099];cpus:1000;mem:10000;ports:[1-1000]
            0s offer O3 to F0: A2 cpus:1000;mem:10000;cpus(a):100;mem(a):1000;ports(a):[31000-31099];ports:[1-1000]
        operator quota a none cpus:110.9;mem:2000
            0s UPDATE_QUOTA 400: Invalid quota limits: role 'a' is already consuming cpus:111;mem:1110; use the force flag to bypass this check
        operator quota a none cpus:111;mem:1109
            0s UPDATE_QUOTA 400: Invalid quota limits: role 'a' is already consuming cpus:111;mem:1110; use the force flag to bypass this check
        operator quota a none cpus:111;mem:1110
            0s rescind O3 from F0
            0s UPDATE_QUOTA 200
        ",
    );
}

#[test]
fn rt_2_implicit_role_register() {
    check(
        "
        framework F0 c
        agent A0 cpus:2;mem:1024;disk:1024
            0s offer O1 to F0: A0 cpus:2;disk:1024;mem:1024
        accept F0 O1 0s reserve disk(+c):64 create disk(+c)[v1]:64 T0=cpus:1;disk(+c)[v1]:64
            0s A0 applies reserve disk(+c):64
            0s A0 applies create disk(+c)[v1]:64
            0s A0 runs T0
        at 1s
            1s offer O2 to F0: A0 cpus:1;disk:960;mem:1024
        ",
    );
}

#[test]
fn rt_2_implicit_role_static_reservation() {
    check(
        "
        # The role is met with the reservation.
        agent A0 cpus(c):2;mem(c):1024
        framework F0 c
            0s offer O1 to F0: A0 cpus(c):2;mem(c):1024
        accept F0 O1 0s T0=cpus(c):1;mem(c):512
            0s A0 runs T0
        framework F1 a
            0s offer O2 to F0: A0 cpus(c):1;mem(c):512
        at 1s
        ",
    );
}

#[test]
fn rt_2_bad_register() {
    let options = MasterOptions { explicit_roles: true, ..MasterOptions::default() };
    master_desk::check(
        options,
        "
        framework F0 unknown
            0s F0 is refused: Framework has a role that is not known
        framework-is F0
            unknown
        framework F0 a
        framework-is F0
            connected
        operator quota unknown none cpus:1
            0s UPDATE_QUOTA 400: Unknown role 'unknown'
        ",
    );
}

#[test]
fn rt_4_volumes_in_overlapping_hierarchies() {
    check(
        "
        framework F0 a
        framework F1 a/x
        agent A0 cpus(a):1;mem(a):64;disk(a):64;cpus(a/x):1;mem(a/x):64;disk(a/x):64
            0s offer O1 to F0: A0 cpus(a):1;disk(a):64;mem(a):64
            0s offer O2 to F1: A0 cpus(a/x):1;disk(a/x):64;mem(a/x):64
        accept F0 O1 100s create disk(a)[v1]:64 T0=cpus(a):1;disk(a)[v1]:64
            0s A0 applies create disk(a)[v1]:64
            0s A0 runs T0
        accept F1 O2 100s create disk(a/x)[v1]:64 T0=cpus(a/x):1;disk(a/x)[v1]:64
            0s A0 applies create disk(a/x)[v1]:64
            0s A0 runs T0
        at 1s
            1s offer O3 to F1: A0 mem(a):64;mem(a/x):64
        ",
    );
    // The directories are two: what is in one goes, what is in the other stays.
    agent_desk::check_on(
        "cpus:2;disk(a):64;disk(a/x):64",
        AgentOptions::DEFAULT,
        "
        apply create disk(a)[v1]:64
            0s volume created with 0 bytes
        apply create disk(a/x)[v1]:64
            0s volume created with 0 bytes
        run T0=disk(a)[v1]:64@10s write-rate=1048576
            0s T0 TASK_RUNNING latest TASK_RUNNING
        run T1=disk(a/x)[v1]:64@20s write-rate=1048576
            0s T1 TASK_RUNNING latest TASK_RUNNING
        at 30s
            10s T0 TASK_RUNNING latest TASK_RUNNING
            10s T1 TASK_RUNNING latest TASK_RUNNING
            30s T0 TASK_RUNNING latest TASK_FINISHED
            30s T1 TASK_RUNNING latest TASK_FINISHED
        apply destroy disk(a)[v1]:64
            30s volume destroyed with 10485760 bytes
        apply destroy disk(a/x)[v1]:64
            30s volume destroyed with 20971520 bytes
        ",
    );
}
