//! Reservations by ACCEPT, at the master's one door (`spec/master.md` section 6). The tests that begin
//! with an id are scenarios of `spec/cluster-conformance.md`.

use crate::support::{agent_desk, master_desk};
use sim_core::agent::AgentOptions;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn res_1_reserve_then_unreserve() {
    check(
        "
        framework F0 a principal=ops
        agent A0 cpus:1;mem:512
            0s offer O1 to F0: A0 cpus:1;mem:512
        accept F0 O1 0s reserve cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies reserve cpus(+a@ops):1;mem(+a@ops):512
        at 1s
            1s offer O2 to F0: A0 cpus(+a@ops):1;mem(+a@ops):512
        accept F0 O2 0s unreserve cpus(+a@ops):1;mem(+a@ops):512
            1s A0 applies unreserve cpus(+a@ops):1;mem(+a@ops):512
        at 2s
            2s offer O3 to F0: A0 cpus:1;mem:512
        ",
    );
}

#[test]
fn res_2_reserve_twice_with_double_value() {
    check(
        "
        framework F0 a
        agent A0 cpus:24;mem:4096
            0s offer O1 to F0: A0 cpus:24;mem:4096
        accept F0 O1 0s reserve cpus(+a):0.1;mem(+a):512
            0s A0 applies reserve cpus(+a):0.1;mem(+a):512
        at 1s
            1s offer O2 to F0: A0 cpus:23.9;mem:3584;cpus(+a):0.1;mem(+a):512
        accept F0 O2 0s reserve cpus(+a):0.1;mem(+a):512
            1s A0 applies reserve cpus(+a):0.1;mem(+a):512
        at 2s
            2s offer O3 to F0: A0 cpus:23.8;mem:3072;cpus(+a):0.2;mem(+a):1024
        ",
    );
}

#[test]
fn res_3_reserve_and_launch_then_unreserve() {
    check(
        "
        framework F0 a
        agent A0 cpus:1;mem:512
            0s offer O1 to F0: A0 cpus:1;mem:512
        accept F0 O1 0s reserve cpus(+a):1;mem(+a):512 T0=cpus(+a):1;mem(+a):512
            0s A0 applies reserve cpus(+a):1;mem(+a):512
            0s A0 runs T0
        at 1s
        update F0 A0 T0 TASK_FINISHED
            1s F0 hears T0 TASK_FINISHED
        at 2s
            2s offer O2 to F0: A0 cpus(+a):1;mem(+a):512
        accept F0 O2 0s unreserve cpus(+a):1;mem(+a):512
            2s A0 applies unreserve cpus(+a):1;mem(+a):512
        at 3s
            3s offer O3 to F0: A0 cpus:1;mem:512
        ",
    );
}

#[test]
fn res_4_reserve_share_within_role() {
    check(
        "
        framework F0 a
        agent A0 cpus:1;mem:512
            0s offer O1 to F0: A0 cpus:1;mem:512
        framework F1 a
        accept F0 O1 0s reserve cpus(+a):1;mem(+a):512
            0s A0 applies reserve cpus(+a):1;mem(+a):512
        suppress F1
        at 1s
            1s offer O2 to F0: A0 cpus(+a):1;mem(+a):512
        revive F1
        decline F0 O2 100000s
        at 2s
            2s offer O3 to F1: A0 cpus(+a):1;mem(+a):512
        ",
    );
}

#[test]
fn res_5_drop_reserve_too_large() {
    check(
        "
        framework F0 a
        agent A0 cpus:1;mem:512
            0s offer O1 to F0: A0 cpus:1;mem:512
        accept F0 O1 0s reserve cpus(+a):1;mem(+a):1024
            0s RESERVE is dropped: cpus:1; mem:512 does not contain cpus:1; mem:1024
        at 1s
            1s offer O2 to F0: A0 cpus:1;mem:512
        ",
    );
}

#[test]
fn res_9_compatible_checkpointed_resources_with_persistent_volumes() {
    // The first half: until the agent fails.
    check(
        "
        framework F0 a
        agent A0 cpus:8;mem:4096;disk:2048
            0s offer O1 to F0: A0 cpus:8;disk:2048;mem:4096
        accept F0 O1 0s reserve cpus(+a):8;mem(+a):2048;disk(+a):1024 create disk(+a)[v]:1024
            0s A0 applies reserve cpus(+a):8;disk(+a):1024;mem(+a):2048
            0s A0 applies create disk(+a)[v]:1024
        at 1s
            1s offer O2 to F0: A0 disk:1024;mem:2048;cpus(+a):8;disk(+a)[v]:1024;mem(+a):2048
        ",
    );
}

#[test]
fn res_15_without_authentication() {
    // The framework has proved nothing, so that it may name a principal or none.
    check(
        "
        framework F0 a
        agent A0 cpus:1;mem:512
            0s offer O1 to F0: A0 cpus:1;mem:512
        accept F0 O1 0s reserve cpus(+a):1 reserve mem(+a@ops):512
            0s A0 applies reserve cpus(+a):1
            0s A0 applies reserve mem(+a@ops):512
        at 1s
            1s offer O2 to F0: A0 cpus(+a):1;mem(+a@ops):512
        accept F0 O2 0s unreserve cpus(+a):1 unreserve mem(+a@ops):512
            1s A0 applies unreserve cpus(+a):1
            1s A0 applies unreserve mem(+a@ops):512
        at 2s
            2s offer O3 to F0: A0 cpus:1;mem:512
        ",
    );
}

#[test]
fn res_16_drop_reserve_with_different_role() {
    check(
        "
        framework F0 a
        agent A0 cpus:1;mem:512
            0s offer O1 to F0: A0 cpus:1;mem:512
        accept F0 O1 0s reserve cpus(+b):1
            0s RESERVE is dropped: Resource cpus(reservations: [(DYNAMIC,b)]):1 is not reserved for the role that it is allocated to, 'a'
        at 1s
            1s offer O2 to F0: A0 cpus:1;mem:512
        ",
    );
}

#[test]
fn res_17_prevent_unreserving_alien_resources() {
    check(
        "
        framework F0 a
        agent A0 cpus:1;mem:512
            0s offer O1 to F0: A0 cpus:1;mem:512
        accept F0 O1 100000s reserve mem(+a):256
            0s A0 applies reserve mem(+a):256
        at 1s
            1s offer O2 to F0: A0 cpus:1;mem:256;mem(+a):256
        decline F0 O2 100000s
        framework F1 b
            1s offer O3 to F1: A0 cpus:1;mem:256
        at 2s
        accept F1 O3 0s unreserve mem(+a):256
            2s UNRESERVE is dropped: cpus:1; mem:256 does not contain mem(reservations: [(DYNAMIC,a)]):256
            2s offer O4 to F1: A0 cpus:1;mem:256
        at 3s
        decline F1 O4 100000s
        revive F0
            3s offer O5 to F0: A0 cpus:1;mem:256;mem(+a):256
        ",
    );
}

#[test]
fn res_18_sending_checkpoint_resources_message() {
    // What the agent is to have after each of the operations.
    check(
        "
        framework F0 a
        agent A0 cpus:8;mem:4096 no-provider
            0s offer O1 to F0: A0 cpus:8;mem:4096
        accept F0 O1 0s reserve cpus(+a):8 reserve mem(+a):2048 unreserve cpus(+a):8
            0s A0 checkpoints cpus(+a):8
            0s A0 checkpoints cpus(+a):8;mem(+a):2048
            0s A0 checkpoints mem(+a):2048
        at 1s
            1s offer O2 to F0: A0 cpus:8;mem:2048;mem(+a):2048
        ",
    );
    on_agent(
        "
        apply reserve cpus(+a):4
        checkpointed
            cpus(+a):4
        apply reserve mem(+a):2048
        checkpointed
            cpus(+a):4;mem(+a):2048
        apply unreserve cpus(+a):4
        checkpointed
            mem(+a):2048
        total
            cpus:4;mem:2048;mem(+a):2048
        ",
    );
}

/// Plays a script at an agent of four cores and 4096 MB.
fn on_agent(script: &str) {
    agent_desk::check(AgentOptions::default(), script);
}

#[test]
fn an_agent_drops_a_task_on_reservations_that_it_does_not_have() {
    on_agent(
        "
        run T0=cpus(+a):1
            0s T0 TASK_DROPPED latest TASK_DROPPED ResourcesUnknown
        run T3=cpus(+a):1 not-partition-aware
            0s T3 TASK_LOST latest TASK_LOST ResourcesUnknown
        run T1=cpus:1@10s
            0s T1 TASK_RUNNING latest TASK_RUNNING
        apply reserve cpus(+a):1
        run T2=cpus(+a):1@10s
            0s T2 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        in-use
            'cpus:1; cpus(reservations: [(DYNAMIC,a)]):1'
        ",
    );
}

#[test]
fn an_operation_that_does_not_fit_changes_nothing_on_the_agent() {
    on_agent(
        "
        apply reserve cpus(+a):5
            0s tells of operations [1001=OPERATION_DROPPED] and has cpus:4;mem:4096
        total
            cpus:4;mem:4096
        ",
    );
}

#[test]
fn a_failed_operation_does_not_hold_up_the_others() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        accept F0 O1 0s reserve cpus(+a):5 unreserve cpus(+a):1 T0=cpus(+a):1 reserve cpus(+a):1 T1=cpus(+a):1 T2=cpus:3
            0s RESERVE is dropped: cpus:4; mem:4096 does not contain cpus:5
            0s UNRESERVE is dropped: cpus:4; mem:4096 does not contain cpus(reservations: [(DYNAMIC,a)]):1
            0s F0 hears T0 TASK_ERROR TaskInvalid
            0s A0 applies reserve cpus(+a):1
            0s A0 runs T1
            0s A0 runs T2
        at 1s
            1s offer O2 to F0: A0 mem:4096
        ",
    );
}

#[test]
fn the_filter_of_the_call_is_for_what_was_offered_and_not_for_what_was_made() {
    // The reservation is in use, so that what is left was refused.
    check(
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        at 0.5s
        accept F0 O1 10s reserve cpus(+a):1 T0=cpus(+a):1
            0.5s A0 applies reserve cpus(+a):1
            0.5s A0 runs T0
        at 20s
            11s offer O2 to F0: A0 cpus:3;mem:4096
        ",
    );
    // All else is in use, so that the reservation is all there is.
    check(
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        at 0.5s
        accept F0 O1 10s reserve cpus(+a):1 T0=cpus:3;mem:4096
            0.5s A0 applies reserve cpus(+a):1
            0.5s A0 runs T0
        at 20s
            1s offer O2 to F0: A0 cpus(+a):1
        ",
    );
}

#[test]
fn only_dynamic_reservations_are_made_and_taken_back() {
    check(
        "
        framework F0 a
        agent A0 cpus(a):2;cpus:2;mem:4096
            0s offer O1 to F0: A0 cpus:2;mem:4096;cpus(a):2
        accept F0 O1 0s reserve cpus(a):1 reserve cpus:1 unreserve cpus(a):1 unreserve cpus:1
            0s RESERVE is dropped: Resource cpus(reservations: [(STATIC,a)]):1 is not dynamically reserved
            0s RESERVE is dropped: Resource cpus:1 is not dynamically reserved
            0s UNRESERVE is dropped: Resource cpus(reservations: [(STATIC,a)]):1 is not dynamically reserved
            0s UNRESERVE is dropped: Resource cpus:1 is not dynamically reserved
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:4096;cpus(a):2
        ",
    );
}

#[test]
fn a_reservation_is_refined_for_a_role_below() {
    check(
        "
        framework F0 a/x
        agent A0 cpus(a):2;mem:4096
            0s offer O1 to F0: A0 mem:4096;cpus(a):2
        accept F0 O1 0s reserve cpus(a,+a/x):2
            0s A0 applies reserve cpus(a,+a/x):2
        at 1s
            1s offer O2 to F0: A0 mem:4096;cpus(a,+a/x):2
        accept F0 O2 0s unreserve cpus(a,+a/x):1
            1s A0 applies unreserve cpus(a,+a/x):1
        at 2s
            2s offer O3 to F0: A0 mem:4096;cpus(a):1;cpus(a,+a/x):1
        ",
    );
}

#[test]
fn a_framework_that_does_not_know_refinement_makes_none() {
    check(
        "
        framework F0 a/x unrefined
        agent A0 cpus(a):2;mem:4096
            0s offer O1 to F0: A0 mem:4096;cpus(a):2
        accept F0 O1 0s reserve cpus(a,+a/x):2
            0s RESERVE is dropped: Resource cpus(reservations: [(STATIC,a),(DYNAMIC,a/x)]):2 with reservation refinement without RESERVATION_REFINEMENT capability
        ",
    );
}

#[test]
fn a_framework_with_a_principal_signs_its_reservations() {
    check(
        "
        framework F0 a principal=ops
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        accept F0 O1 0s reserve cpus(+a):1 reserve cpus(+a@dev):1 reserve cpus(+a@ops):1
            0s RESERVE is dropped: Attempted by principal 'ops', but there is no principal in the resource
            0s RESERVE is dropped: Attempted by principal 'ops', but the resource is of principal 'dev'
            0s A0 applies reserve cpus(+a@ops):1
        at 1s
            1s offer O2 to F0: A0 cpus:3;mem:4096;cpus(+a@ops):1
        # To unreserve needs no signature.
        accept F0 O2 0s unreserve cpus(+a@ops):1
            1s A0 applies unreserve cpus(+a@ops):1
        ",
    );
}

#[test]
fn gpus_are_reserved_whole() {
    check(
        "
        framework F0 a gpus
        agent A0 cpus:4;gpus:2
            0s offer O1 to F0: A0 cpus:4;gpus:2
        accept F0 O1 0s reserve gpus(+a):0.5 reserve gpus(+a):1
            0s RESERVE is dropped: Invalid resources: The 'gpus' resource must be an unsigned integer
            0s A0 applies reserve gpus(+a):1
        at 1s
            1s offer O2 to F0: A0 cpus:4;gpus:1;gpus(+a):1
        ",
    );
}
