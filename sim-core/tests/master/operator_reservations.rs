//! Reservations that an operator asks for, at the master's one door (`spec/master.md` section 10). The
//! tests that begin with an id are scenarios of `spec/cluster-conformance.md` section 4: allocations
//! are far apart, so that what is offered comes of events.

use crate::support::{agent_desk, master_desk, notation};
use sim_core::agent::AgentOptions;
use sim_core::master::{Acl, Acls, Action, Entity, MasterOptions};

fn check(script: &str) {
    master_desk::check_events(MasterOptions::default(), script);
}

fn check_with(rules: Vec<Acl>, script: &str) {
    let acls = Acls { rules, ..Acls::default() };
    master_desk::check_events(MasterOptions { acls, ..MasterOptions::default() }, script);
}

fn acl(action: Action, principals: Entity, objects: Entity) -> Acl {
    Acl { action, principals, objects }
}

fn ops() -> Entity {
    Entity::Some(vec!["ops".into()])
}

#[test]
fn re_1_available_resources() {
    check(
        "
        agent A0 cpus:1;mem:512
        operator principal=ops reserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies reserve cpus(+a@ops):1;mem(+a@ops):512
            0s RESERVE_RESOURCES 202
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus(+a@ops):1;mem(+a@ops):512
        decline F0 O1 1000s
        operator principal=ops unreserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies unreserve cpus(+a@ops):1;mem(+a@ops):512
            0s UNRESERVE_RESOURCES 202
        revive F0
            0s offer O2 to F0: A0 cpus:1;mem:512
        ",
    );
}

#[test]
fn re_2_reserve_offered_resources() {
    check(
        "
        agent A0 cpus:1;mem:512
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus:1;mem:512
        operator principal=ops reserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s rescind O1 from F0
            0s A0 applies reserve cpus(+a@ops):1;mem(+a@ops):512
            0s RESERVE_RESOURCES 202
        revive F0
            0s offer O2 to F0: A0 cpus(+a@ops):1;mem(+a@ops):512
        ",
    );
}

#[test]
fn re_3_unreserve_offered_resources() {
    check(
        "
        agent A0 cpus:1;mem:512
        operator principal=ops reserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies reserve cpus(+a@ops):1;mem(+a@ops):512
            0s RESERVE_RESOURCES 202
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus(+a@ops):1;mem(+a@ops):512
        operator principal=ops unreserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s rescind O1 from F0
            0s A0 applies unreserve cpus(+a@ops):1;mem(+a@ops):512
            0s UNRESERVE_RESOURCES 202
        revive F0
            0s offer O2 to F0: A0 cpus:1;mem:512
        ",
    );
}

#[test]
fn re_4_reserve_available_and_offered_resources() {
    check(
        "
        agent A0 cpus:1;mem:512
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus:1;mem:512
        accept F0 O1 0s T0=cpus:1;mem:128
            0s A0 runs T0
        revive F0
            0s offer O2 to F0: A0 mem:384
        kill F0 T0
            0s A0 kills T0
        update F0 A0 T0 TASK_KILLED
            0s F0 hears T0 TASK_KILLED
        acknowledge F0 A0 T0
            0s A0 is acknowledged
        operator principal=ops reserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s rescind O2 from F0
            0s A0 applies reserve cpus(+a@ops):1;mem(+a@ops):512
            0s RESERVE_RESOURCES 202
        revive F0
            0s offer O3 to F0: A0 cpus(+a@ops):1;mem(+a@ops):512
        ",
    );
}

#[test]
fn re_5_unreserve_available_and_offered_resources() {
    check(
        "
        agent A0 cpus:1;mem:512
        operator principal=ops reserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies reserve cpus(+a@ops):1;mem(+a@ops):512
            0s RESERVE_RESOURCES 202
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus(+a@ops):1;mem(+a@ops):512
        accept F0 O1 0s T0=cpus(+a@ops):1;mem(+a@ops):128
            0s A0 runs T0
        revive F0
            0s offer O2 to F0: A0 mem(+a@ops):384
        kill F0 T0
            0s A0 kills T0
        update F0 A0 T0 TASK_KILLED
            0s F0 hears T0 TASK_KILLED
        acknowledge F0 A0 T0
            0s A0 is acknowledged
        operator principal=ops unreserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s rescind O2 from F0
            0s A0 applies unreserve cpus(+a@ops):1;mem(+a@ops):512
            0s UNRESERVE_RESOURCES 202
        revive F0
            0s offer O3 to F0: A0 cpus:1;mem:512
        ",
    );
}

#[test]
fn re_6_labeled_resources() {
    check(
        "
        agent A0 cpus:2;mem:1024
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus:2;mem:1024
        operator principal=ops reserve A0 cpus(+a@ops#foo=bar):1;mem(+a@ops#foo=bar):512
            0s rescind O1 from F0
            0s A0 applies reserve cpus(+a@ops#foo=bar):1;mem(+a@ops#foo=bar):512
            0s RESERVE_RESOURCES 202
        operator principal=ops reserve A0 cpus(+a@ops#foo=baz):1;mem(+a@ops#foo=baz):512
            0s A0 applies reserve cpus(+a@ops#foo=baz):1;mem(+a@ops#foo=baz):512
            0s RESERVE_RESOURCES 202
        revive F0
            0s offer O2 to F0: A0 cpus(+a@ops#foo=bar):1;cpus(+a@ops#foo=baz):1;mem(+a@ops#foo=bar):512;mem(+a@ops#foo=baz):512
        operator principal=ops unreserve A0 cpus(+a@ops#foo=bar):1;mem(+a@ops#foo=bar):512
            0s rescind O2 from F0
            0s A0 applies unreserve cpus(+a@ops#foo=bar):1;mem(+a@ops#foo=bar):512
            0s UNRESERVE_RESOURCES 202
        revive F0
            0s offer O3 to F0: A0 cpus:1;mem:512;cpus(+a@ops#foo=baz):1;mem(+a@ops#foo=baz):512
        operator principal=ops unreserve A0 cpus(+a@ops#foo=bar):1;mem(+a@ops#foo=bar):512
            0s UNRESERVE_RESOURCES 409: The available resources do not allow the operation
        operator principal=ops unreserve A0 cpus(+a@ops#foo=baz):1;mem(+a@ops#foo=baz):512
            0s rescind O3 from F0
            0s A0 applies unreserve cpus(+a@ops#foo=baz):1;mem(+a@ops#foo=baz):512
            0s UNRESERVE_RESOURCES 202
        revive F0
            0s offer O4 to F0: A0 cpus:2;mem:1024
        ",
    );
}

#[test]
fn re_7_invalid_resource() {
    // What is not valid says why where it is read; a collection leaves it out.
    let error = notation::read_one("cpus(+*@ops):1").validate().unwrap_err();
    assert_eq!(error.to_string(), "nothing can be reserved for *");
    check(
        "
        agent A0 cpus:1;mem:512
        operator principal=ops reserve A0 cpus(+*@ops):1
            0s RESERVE_RESOURCES 400: No valid resources specified
        operator principal=ops unreserve A0 cpus(+*@ops):1
            0s UNRESERVE_RESOURCES 400: No valid resources specified
        account A0
            total cpus:1;mem:512
        ",
    );
}

#[test]
fn re_8_insufficient_resources() {
    check(
        "
        agent A0 cpus:2;mem:1024
        operator principal=ops reserve A0 cpus(+a@ops):4;mem(+a@ops):4096
            0s RESERVE_RESOURCES 409: The available resources do not allow the operation
        operator principal=ops unreserve A0 cpus(+a@ops):4;mem(+a@ops):4096
            0s UNRESERVE_RESOURCES 409: The available resources do not allow the operation
        ",
    );
}

#[test]
fn re_10_good_reserve_and_unreserve_acl() {
    check_with(
        vec![
            acl(Action::ReserveResources, ops(), Entity::Any),
            acl(Action::UnreserveResources, ops(), ops()),
        ],
        "
        agent A0 cpus:1;mem:512
        operator principal=ops reserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies reserve cpus(+a@ops):1;mem(+a@ops):512
            0s RESERVE_RESOURCES 202
        operator principal=ops unreserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies unreserve cpus(+a@ops):1;mem(+a@ops):512
            0s UNRESERVE_RESOURCES 202
        ",
    );
}

#[test]
fn re_10_good_reserve_acl_multiple_roles() {
    check_with(
        vec![acl(Action::ReserveResources, ops(), Entity::Any)],
        "
        agent A0 cpus:2;mem:1024
        operator principal=ops reserve A0 cpus(+a@ops):1;mem(+b@ops):512
            0s A0 applies reserve cpus(+a@ops):1;mem(+b@ops):512
            0s RESERVE_RESOURCES 202
        ",
    );
}

#[test]
fn re_11_bad_reserve_acl() {
    check_with(
        vec![acl(Action::ReserveResources, ops(), Entity::None)],
        "
        agent A0 cpus:1;mem:512
        operator principal=ops reserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s RESERVE_RESOURCES 403: Not authorized
        account A0
            total cpus:1;mem:512
        ",
    );
}

#[test]
fn re_11_bad_unreserve_acl() {
    check_with(
        vec![acl(Action::UnreserveResources, ops(), Entity::None)],
        "
        agent A0 cpus:1;mem:512
        operator principal=ops reserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies reserve cpus(+a@ops):1;mem(+a@ops):512
            0s RESERVE_RESOURCES 202
        operator principal=ops unreserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s UNRESERVE_RESOURCES 403: Not authorized
        account A0
            total cpus(+a@ops):1;mem(+a@ops):512
        ",
    );
}

#[test]
fn re_11_bad_reserve_acl_multiple_roles() {
    check_with(
        vec![acl(Action::ReserveResources, ops(), Entity::Some(vec!["a".into()]))],
        "
        agent A0 cpus:2;mem:1024
        operator principal=ops reserve A0 cpus(+a@ops):1;mem(+b@ops):512
            0s RESERVE_RESOURCES 403: Not authorized
        account A0
            total cpus:2;mem:1024
        ",
    );
}

#[test]
fn re_12_no_resources() {
    // Nothing is the closest that a call can come to a missing parameter.
    check(
        "
        agent A0 cpus:1;mem:512
        operator reserve A0 nothing
            0s RESERVE_RESOURCES 400: No valid resources specified
        operator unreserve A0 nothing
            0s UNRESERVE_RESOURCES 400: No valid resources specified
        ",
    );
}

#[test]
fn re_13_non_matching_principal() {
    check(
        "
        agent A0 cpus:1;mem:512
        operator principal=ops reserve A0 cpus(+a@dev):1
            0s RESERVE_RESOURCES 400: Attempted by principal 'ops', but the resource is of principal 'dev'
        operator principal=ops reserve A0 cpus(+a):1
            0s RESERVE_RESOURCES 400: Attempted by principal 'ops', but there is no principal in the resource
        ",
    );
}

#[test]
fn re_14_reserve_and_unreserve_no_authentication() {
    check(
        "
        agent A0 cpus:1;mem:512
        operator reserve A0 cpus(+a):1;mem(+a):512
            0s A0 applies reserve cpus(+a):1;mem(+a):512
            0s RESERVE_RESOURCES 202
        operator unreserve A0 cpus(+a):1;mem(+a):512
            0s A0 applies unreserve cpus(+a):1;mem(+a):512
            0s UNRESERVE_RESOURCES 202
        operator reserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies reserve cpus(+a@ops):1;mem(+a@ops):512
            0s RESERVE_RESOURCES 202
        operator unreserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies unreserve cpus(+a@ops):1;mem(+a@ops):512
            0s UNRESERVE_RESOURCES 202
        ",
    );
}

#[test]
fn re_15_different_principals_same_role() {
    check(
        "
        agent A0 cpus:2;mem:1024
        operator principal=ops reserve A0 cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies reserve cpus(+a@ops):1;mem(+a@ops):512
            0s RESERVE_RESOURCES 202
        operator principal=dev reserve A0 cpus(+a@dev):1;mem(+a@dev):512
            0s A0 applies reserve cpus(+a@dev):1;mem(+a@dev):512
            0s RESERVE_RESOURCES 202
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus(+a@dev):1;cpus(+a@ops):1;mem(+a@dev):512;mem(+a@ops):512
        ",
    );
}

#[test]
fn re_16_agent_state_endpoint_resources() {
    // What the master says of the agent. The executors of commands have no resources of their own
    // here.
    check(
        "
        agent A0 cpus:4;mem:2048;disk:4096;ports:[31000-32000];cpus(a):2;mem(a):512
        operator principal=ops reserve A0 cpus(+b@ops):1;mem(+b@ops):512;disk(+b@ops):1024
            0s A0 applies reserve cpus(+b@ops):1;disk(+b@ops):1024;mem(+b@ops):512
            0s RESERVE_RESOURCES 202
        metric master/operations/finished
            1
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus:3;disk:3072;mem:1536;cpus(a):2;mem(a):512;ports:[31000-32000]
        accept F0 O1 0s T0=cpus(a):2;mem(a):512;cpus:2;mem:1024
            0s A0 runs T0
        account A0
            total cpus:3;disk:3072;mem:1536;cpus(+b@ops):1;cpus(a):2;disk(+b@ops):1024;mem(+b@ops):512;mem(a):512;ports:[31000-32000]
            used cpus:2;mem:1024;cpus(a):2;mem(a):512
        ",
    );
    // And what it says itself.
    agent_desk::check_on(
        "cpus:4;mem:2048;disk:4096;ports:[31000-32000];cpus(a):2;mem(a):512",
        AgentOptions::default(),
        "
        apply reserve cpus(+b@ops):1;mem(+b@ops):512;disk(+b@ops):1024
        run T0=cpus(a):2;mem(a):512;cpus:2;mem:1024
            0s T0 TASK_RUNNING latest TASK_RUNNING
        total
            cpus:3;disk:3072;mem:1536;cpus(+b@ops):1;cpus(a):2;disk(+b@ops):1024;mem(+b@ops):512;mem(a):512;ports:[31000-32000]
        in-use
            'cpus:2; mem:1024; cpus(reservations: [(STATIC,a)]):2; mem(reservations: [(STATIC,a)]):512'
        ",
    );
}

#[test]
fn an_operator_reserves_again_in_one_step() {
    check(
        "
        agent A0 cpus:2
        operator reserve A0 cpus(+a):2
            0s A0 applies reserve cpus(+a):2
            0s RESERVE_RESOURCES 202
        framework F0 b
        operator reserve A0 cpus(+b):2 from cpus(+a):2
            0s A0 applies reserve cpus(+b):2
            0s RESERVE_RESOURCES 202
        revive F0
            0s offer O1 to F0: A0 cpus(+b):2
        operator reserve A0 cpus(+b):2 from cpus(+a):2
            0s RESERVE_RESOURCES 409: The available resources do not allow the operation
        operator reserve A0 cpus(+b):1 from cpus(+b):2
            0s RESERVE_RESOURCES 400: cpus(reservations: [(DYNAMIC,b)]):2 cannot be reserved as cpus(reservations: [(DYNAMIC,b)]):1
        account A0
            total cpus(+b):2
            offered cpus(+b):2
        ",
    );
}

#[test]
fn an_operator_is_refused_agents_that_are_not_registered() {
    check(
        "
        operator reserve A0 cpus(+a):1
            0s RESERVE_RESOURCES 400: No agent found with specified ID
        agent A0 cpus:1
        operator reserve A1 cpus(+a):1
            0s RESERVE_RESOURCES 400: No agent found with specified ID
        unregister A0
        operator reserve A0 cpus(+a):1
            0s RESERVE_RESOURCES 400: No agent found with specified ID
        failover
        operator reserve A0 cpus(+a):1
            0s RESERVE_RESOURCES 400: No agent found with specified ID
        ",
    );
}

#[test]
fn only_as_many_offers_are_taken_back_as_are_needed() {
    check(
        "
        agent A0 cpus:4;mem:400
        framework F0 a
            0s offer O1 to F0: A0 cpus:4;mem:400
        accept F0 O1 0s T0=cpus:1;mem:100 T1=cpus:1;mem:100
            0s A0 runs T0
            0s A0 runs T1
        revive F0
            0s offer O2 to F0: A0 cpus:2;mem:200
        update F0 A0 T0 TASK_FINISHED
            0s F0 hears T0 TASK_FINISHED
        revive F0
            0s offer O3 to F0: A0 cpus:1;mem:100
        update F0 A0 T1 TASK_FINISHED
            0s F0 hears T1 TASK_FINISHED
        revive F0
            0s offer O4 to F0: A0 cpus:1;mem:100
        operator reserve A0 cpus(+b):3
            0s rescind O2 from F0
            0s rescind O3 from F0
            0s A0 applies reserve cpus(+b):3
            0s RESERVE_RESOURCES 202
        # What is in use is not to be had.
        accept F0 O4 0s T2=cpus:1
            0s A0 runs T2
        operator reserve A0 cpus(+b):1
            0s RESERVE_RESOURCES 409: The available resources do not allow the operation
        ",
    );
}

#[test]
fn what_was_taken_back_is_kept_from_the_framework_for_a_while() {
    master_desk::check(
        MasterOptions::default(),
        "
        agent A0 cpus:4
        framework F0 a
            0s offer O1 to F0: A0 cpus:4
        operator reserve A0 cpus(+b):1
            0s rescind O1 from F0
            0s A0 applies reserve cpus(+b):1
            0s RESERVE_RESOURCES 202
        at 10s
            5s offer O2 to F0: A0 cpus:3
        ",
    );
}
