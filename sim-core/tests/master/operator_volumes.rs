//! Volumes that an operator asks for, at the master's one door (`spec/master.md` section 10). The tests
//! that begin with an id are scenarios of `spec/cluster-conformance.md` section 6: allocations are far
//! apart, so that what is offered comes of events.

use crate::support::master_desk;
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
fn pe_1_static_reservation() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk(a):1024
        operator principal=ops create A0 disk(a)[id1@ops]:64
            0s A0 applies create disk(a)[id1@ops]:64
            0s CREATE_VOLUMES 202
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus:2;mem:1024;disk(a):960;disk(a)[id1@ops]:64
        operator principal=ops destroy A0 disk(a)[id1@ops]:64
            0s rescind O1 from F0
            0s A0 applies destroy disk(a)[id1@ops]:64
            0s DESTROY_VOLUMES 202
        revive F0
            0s offer O2 to F0: A0 cpus:2;mem:1024;disk(a):1024
        ",
    );
}

#[test]
fn pe_2_dynamic_reservation() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk:1024
        operator principal=ops reserve A0 disk(+a@ops):1024
            0s A0 applies reserve disk(+a@ops):1024
            0s RESERVE_RESOURCES 202
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus:2;mem:1024;disk(+a@ops):1024
        operator principal=ops create A0 disk(+a@ops)[id1@ops]:64
            0s rescind O1 from F0
            0s A0 applies create disk(+a@ops)[id1@ops]:64
            0s CREATE_VOLUMES 202
        revive F0
            0s offer O2 to F0: A0 cpus:2;mem:1024;disk(+a@ops):960;disk(+a@ops)[id1@ops]:64
        operator principal=ops destroy A0 disk(+a@ops)[id1@ops]:64
            0s rescind O2 from F0
            0s A0 applies destroy disk(+a@ops)[id1@ops]:64
            0s DESTROY_VOLUMES 202
        revive F0
            0s offer O3 to F0: A0 cpus:2;mem:1024;disk(+a@ops):1024
        ",
    );
}

#[test]
fn pe_3_dynamic_reservation_role_mismatch() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk:1024
        operator principal=ops reserve A0 disk(+a@ops):1024
            0s A0 applies reserve disk(+a@ops):1024
            0s RESERVE_RESOURCES 202
        operator principal=ops create A0 disk(+b@ops)[id1@ops]:64
            0s CREATE_VOLUMES 409: The available resources do not allow the operation
        ",
    );
}

#[test]
fn pe_4_unreserve_volume_resources() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk:1024
        operator principal=ops reserve A0 disk(+a@ops):1024
            0s A0 applies reserve disk(+a@ops):1024
            0s RESERVE_RESOURCES 202
        operator principal=ops create A0 disk(+a@ops)[id1@ops]:64
            0s A0 applies create disk(+a@ops)[id1@ops]:64
            0s CREATE_VOLUMES 202
        operator principal=ops unreserve A0 disk(+a@ops):1024
            0s UNRESERVE_RESOURCES 409: The available resources do not allow the operation
        ",
    );
}

#[test]
fn pe_5_invalid_volume() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk:1024
        operator principal=ops create A0 disk(+*@ops)[id1@ops]:64
            0s CREATE_VOLUMES 400: No valid resources specified
        operator principal=ops destroy A0 disk(+*@ops)[id1@ops]:64
            0s DESTROY_VOLUMES 400: No valid resources specified
        ",
    );
}

#[test]
fn pe_6_volume_exceeds_reserved_size() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk(a):1024
        operator principal=ops create A0 disk(a)[id1@ops]:1025
            0s CREATE_VOLUMES 409: The available resources do not allow the operation
        ",
    );
}

#[test]
fn pe_7_delete_non_existent_volume() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk(a):1024
        operator principal=ops create A0 disk(a)[id1@ops]:64
            0s A0 applies create disk(a)[id1@ops]:64
            0s CREATE_VOLUMES 202
        operator principal=ops destroy A0 disk(a)[id2@ops]:64
            0s DESTROY_VOLUMES 400: Persistent volumes not found
        operator principal=ops destroy A0 disk(b)[id1@ops]:64
            0s DESTROY_VOLUMES 400: Persistent volumes not found
        operator principal=ops destroy A0 disk(a)[id1@ops]:128
            0s DESTROY_VOLUMES 400: Persistent volumes not found
        operator principal=ops destroy A0 disk(a)[id1@ops,path=other]:64
            0s A0 applies destroy disk(a)[id1@ops]:64
            0s DESTROY_VOLUMES 202
        account A0
            total cpus:2;mem:1024;disk(a):1024
        ",
    );
}

#[test]
fn pe_9_good_create_and_destroy_acl() {
    check_with(
        vec![
            acl(Action::CreateVolume, ops(), Entity::Any),
            acl(Action::DestroyVolume, ops(), ops()),
        ],
        "
        agent A0 cpus:2;mem:1024;disk(a):1024
        operator principal=ops create A0 disk(a)[id1@ops]:64
            0s A0 applies create disk(a)[id1@ops]:64
            0s CREATE_VOLUMES 202
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus:2;mem:1024;disk(a):960;disk(a)[id1@ops]:64
        operator principal=ops destroy A0 disk(a)[id1@ops]:64
            0s rescind O1 from F0
            0s A0 applies destroy disk(a)[id1@ops]:64
            0s DESTROY_VOLUMES 202
        revive F0
            0s offer O2 to F0: A0 cpus:2;mem:1024;disk(a):1024
        ",
    );
}

#[test]
fn pe_9_good_create_acl_multiple_roles() {
    check_with(
        vec![acl(Action::CreateVolume, ops(), Entity::Any)],
        "
        agent A0 cpus:2;mem:1024;disk(a):1024;disk(b):1024
        operator principal=ops create A0 disk(a)[id1@ops]:64;disk(b)[id2@ops]:64
            0s A0 applies create disk(a)[id1@ops]:64;disk(b)[id2@ops]:64
            0s CREATE_VOLUMES 202
        ",
    );
}

#[test]
fn pe_10_bad_create_and_destroy_acl() {
    check_with(
        vec![
            acl(Action::CreateVolume, ops(), Entity::Any),
            acl(Action::CreateVolume, Entity::Any, Entity::None),
            acl(Action::DestroyVolume, ops(), Entity::Any),
            acl(Action::DestroyVolume, Entity::Any, Entity::None),
        ],
        "
        agent A0 cpus:2;mem:1024;disk(a):1024
        operator principal=dev create A0 disk(a)[id1@dev]:64
            0s CREATE_VOLUMES 403: Not authorized
        operator principal=ops create A0 disk(a)[id1@ops]:64
            0s A0 applies create disk(a)[id1@ops]:64
            0s CREATE_VOLUMES 202
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus:2;mem:1024;disk(a):960;disk(a)[id1@ops]:64
        operator principal=dev destroy A0 disk(a)[id1@ops]:64
            0s DESTROY_VOLUMES 403: Not authorized
        ",
    );
}

#[test]
fn pe_10_bad_create_acl_multiple_roles() {
    check_with(
        vec![acl(Action::CreateVolume, ops(), Entity::Some(vec!["a".into()]))],
        "
        agent A0 cpus:2;mem:1024;disk(a):1024;disk(b):1024
        operator principal=ops create A0 disk(a)[id1@ops]:64;disk(b)[id2@ops]:64
            0s CREATE_VOLUMES 403: Not authorized
        account A0
            total cpus:2;mem:1024;disk(a):1024;disk(b):1024
        ",
    );
}

#[test]
fn pe_11_no_authentication() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk(a):1024
        operator create A0 disk(a)[id1]:64
            0s A0 applies create disk(a)[id1]:64
            0s CREATE_VOLUMES 202
        operator destroy A0 disk(a)[id1]:64
            0s A0 applies destroy disk(a)[id1]:64
            0s DESTROY_VOLUMES 202
        ",
    );
}

#[test]
fn pe_12_no_volumes() {
    // Nothing is the closest that a call can come to a missing parameter.
    check(
        "
        agent A0 cpus:2;mem:1024;disk(a):1024
        operator create A0 nothing
            0s CREATE_VOLUMES 400: No valid resources specified
        operator destroy A0 nothing
            0s DESTROY_VOLUMES 400: No valid resources specified
        ",
    );
}

#[test]
fn pe_13_offer_create_then_endpoint_remove() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk:1024
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus:2;disk:1024;mem:1024
        accept F0 O1 0s reserve disk(+a@ops):512
            0s A0 applies reserve disk(+a@ops):512
        metric master/operations/finished
            1
        revive F0
            0s offer O2 to F0: A0 cpus:2;disk:512;mem:1024;disk(+a@ops):512
        accept F0 O2 0s create disk(+a@ops)[id1@ops]:1
            0s A0 applies create disk(+a@ops)[id1@ops]:1
        metric master/operations/finished
            2
        revive F0
            0s offer O3 to F0: A0 cpus:2;disk:512;mem:1024;disk(+a@ops):511;disk(+a@ops)[id1@ops]:1
        operator principal=ops destroy A0 disk(+a@ops)[id1@ops]:1
            0s rescind O3 from F0
            0s A0 applies destroy disk(+a@ops)[id1@ops]:1
            0s DESTROY_VOLUMES 202
        revive F0
            0s offer O4 to F0: A0 cpus:2;disk:512;mem:1024;disk(+a@ops):512
        operator principal=ops unreserve A0 disk(+a@ops):512
            0s rescind O4 from F0
            0s A0 applies unreserve disk(+a@ops):512
            0s UNRESERVE_RESOURCES 202
        revive F0
            0s offer O5 to F0: A0 cpus:2;disk:1024;mem:1024
        ",
    );
}

#[test]
fn pe_14_endpoint_create_then_offer_remove() {
    check(
        "
        agent A0 cpus:2;mem:1024;disk:1024
        operator principal=ops reserve A0 disk(+a@ops):512
            0s A0 applies reserve disk(+a@ops):512
            0s RESERVE_RESOURCES 202
        operator principal=ops create A0 disk(+a@ops)[id1@ops]:1
            0s A0 applies create disk(+a@ops)[id1@ops]:1
            0s CREATE_VOLUMES 202
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus:2;disk:512;mem:1024;disk(+a@ops):511;disk(+a@ops)[id1@ops]:1
        accept F0 O1 0s destroy disk(+a@ops)[id1@ops]:1
            0s A0 applies destroy disk(+a@ops)[id1@ops]:1
        metric master/operations/finished
            3
        revive F0
            0s offer O2 to F0: A0 cpus:2;disk:512;mem:1024;disk(+a@ops):512
        accept F0 O2 0s unreserve disk(+a@ops):512
            0s A0 applies unreserve disk(+a@ops):512
        metric master/operations/finished
            4
        revive F0
            0s offer O3 to F0: A0 cpus:2;disk:1024;mem:1024
        ",
    );
}

#[test]
fn pe_15_reserve_and_slave_removal() {
    check(
        "
        agent A0 cpus:4
        agent A1 cpus:3
        operator principal=ops reserve A0 cpus(+a@ops):4
            0s A0 applies reserve cpus(+a@ops):4
            0s RESERVE_RESOURCES 202
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus(+a@ops):4
            0s offer O2 to F0: A1 cpus:3
        accept F0 O2 0s reserve cpus(+a@ops):3
            0s A1 applies reserve cpus(+a@ops):3
        metric master/operations/finished
            2
        revive F0
            0s offer O3 to F0: A1 cpus(+a@ops):3
        unregister A1
            0s rescind O3 from F0
            0s F0 loses A1
        operator principal=ops unreserve A0 cpus(+a@ops):4
            0s rescind O1 from F0
            0s A0 applies unreserve cpus(+a@ops):4
            0s UNRESERVE_RESOURCES 202
        revive F0
            0s offer O4 to F0: A0 cpus:4
        ",
    );
}

#[test]
fn pe_16_slaves_endpoint_full_resources() {
    check(
        "
        agent A0 cpus:4;mem:2048;disk:4096;ports:[31000-32000]
        operator principal=ops reserve A0 cpus(+a@ops):1;mem(+a@ops):512;disk(+a@ops):1024
            0s A0 applies reserve cpus(+a@ops):1;disk(+a@ops):1024;mem(+a@ops):512
            0s RESERVE_RESOURCES 202
        operator principal=ops create A0 disk(+a@ops)[id1@ops]:64
            0s A0 applies create disk(+a@ops)[id1@ops]:64
            0s CREATE_VOLUMES 202
        framework F0 a principal=ops
            0s offer O1 to F0: A0 cpus:3;disk:3072;mem:1536;cpus(+a@ops):1;disk(+a@ops):960;disk(+a@ops)[id1@ops]:64;mem(+a@ops):512;ports:[31000-32000]
        accept F0 O1 0s T0=cpus(+a@ops):1;mem(+a@ops):256
            0s A0 runs T0
        revive F0
            0s offer O2 to F0: A0 cpus:3;disk:3072;mem:1536;disk(+a@ops):960;disk(+a@ops)[id1@ops]:64;mem(+a@ops):256;ports:[31000-32000]
        account A0
            total cpus:3;disk:3072;mem:1536;cpus(+a@ops):1;disk(+a@ops):960;disk(+a@ops)[id1@ops]:64;mem(+a@ops):512;ports:[31000-32000]
            offered cpus:3;disk:3072;mem:1536;disk(+a@ops):960;disk(+a@ops)[id1@ops]:64;mem(+a@ops):256;ports:[31000-32000]
            used cpus(+a@ops):1;mem(+a@ops):256
        ",
    );
}

#[test]
fn a_shared_volume_is_taken_back_from_all_who_are_offered_it() {
    check(
        "
        agent A0 cpus:4;mem:1024;disk(a):1024
        operator create A0 disk(a)<id1>:64
            0s A0 applies create disk(a)<id1>:64
            0s CREATE_VOLUMES 202
        framework F0 a shared
            0s offer O1 to F0: A0 cpus:4;mem:1024;disk(a):960;disk(a)<id1>:64
        accept F0 O1 0s T0=cpus:2;disk(a)<id1>:64
            0s A0 runs T0
        operator destroy A0 disk(a)<id1>:64
            0s DESTROY_VOLUMES 400: Persistent volumes in use
        suppress F0
        framework F1 a shared
            0s offer O2 to F1: A0 cpus:2;mem:1024;disk(a):960;disk(a)<id1>:64
        update F0 A0 T0 TASK_FINISHED
            0s F0 hears T0 TASK_FINISHED
        revive F0
            0s offer O3 to F0: A0 cpus:2;disk(a)<id1>:64
        account A0
            total cpus:4;mem:1024;disk(a):960;disk(a)<id1>:64
            offered cpus:4;mem:1024;disk(a):960;disk(a)<id1>:64x2
        operator destroy A0 disk(a)<id1>:64
            0s rescind O2 from F1
            0s rescind O3 from F0
            0s A0 applies destroy disk(a)<id1>:64
            0s DESTROY_VOLUMES 202
        account A0
            total cpus:4;mem:1024;disk(a):1024
        ",
    );
}

#[test]
fn an_operator_resizes_a_volume_that_nobody_uses() {
    check(
        "
        agent A0 cpus:4;mem:1024;disk(a):1024
        operator create A0 disk(a)[id1]:64
            0s A0 applies create disk(a)[id1]:64
            0s CREATE_VOLUMES 202
        framework F0 a
            0s offer O1 to F0: A0 cpus:4;mem:1024;disk(a):960;disk(a)[id1]:64
        operator grow A0 disk(a)[id1]:64 disk(a):64
            0s rescind O1 from F0
            0s A0 applies grow disk(a)[id1]:64 disk(a):64
            0s GROW_VOLUME 202
        revive F0
            0s offer O2 to F0: A0 cpus:4;mem:1024;disk(a):896;disk(a)[id1]:128
        operator shrink A0 disk(a)[id1]:128 32
            0s rescind O2 from F0
            0s A0 applies shrink disk(a)[id1]:128 32
            0s SHRINK_VOLUME 202
        revive F0
            0s offer O3 to F0: A0 cpus:4;mem:1024;disk(a):928;disk(a)[id1]:96
        accept F0 O3 0s T0=cpus:1;disk(a)[id1]:96
            0s A0 runs T0
        operator grow A0 disk(a)[id1]:96 disk(a):64
            0s GROW_VOLUME 409: The available resources do not allow the operation
        operator shrink A0 disk(a)[id1]:96 32
            0s SHRINK_VOLUME 409: The available resources do not allow the operation
        operator grow A0 disk(a)[id2]:64 disk(a):64
            0s GROW_VOLUME 409: The available resources do not allow the operation
        account A0
            total cpus:4;mem:1024;disk(a):928;disk(a)[id1]:96
            used cpus:1;disk(a)[id1]:96
        ",
    );
}
