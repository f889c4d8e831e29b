//! Who may reserve, make volumes and change them by ACCEPT (`spec/master.md` section 6). The tests that
//! begin with an id are scenarios of `spec/cluster-conformance.md`.

use crate::support::master_desk;
use sim_core::master::{Acl, Acls, Action, Entity, MasterOptions};

fn check(rules: Vec<Acl>, script: &str) {
    let acls = Acls { rules, ..Acls::default() };
    master_desk::check(MasterOptions { acls, ..MasterOptions::default() }, script);
}

fn acl(action: Action, principals: Entity, objects: Entity) -> Acl {
    Acl { action, principals, objects }
}

fn some(name: &str) -> Entity {
    Entity::Some(vec![name.into()])
}

#[test]
fn res_11_good_acl_reserve_then_unreserve() {
    check(
        vec![
            acl(Action::ReserveResources, some("ops"), Entity::Any),
            acl(Action::UnreserveResources, some("ops"), some("ops")),
        ],
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
fn res_12_bad_acl_drop_reserve() {
    check(
        vec![acl(Action::ReserveResources, Entity::Any, Entity::None)],
        "
        framework F0 a principal=ops
        agent A0 cpus:1;mem:512
            0s offer O1 to F0: A0 cpus:1;mem:512
        accept F0 O1 0s reserve cpus(+a@ops):1;mem(+a@ops):512
            0s RESERVE is dropped: Not authorized
        at 1s
            1s offer O2 to F0: A0 cpus:1;mem:512
        ",
    );
}

/// P may reserve and may not unreserve.
fn no_unreserve() -> Vec<Acl> {
    vec![
        acl(Action::ReserveResources, some("ops"), Entity::Any),
        acl(Action::UnreserveResources, some("ops"), Entity::None),
    ]
}

#[test]
fn res_13_bad_acl_drop_unreserve() {
    check(
        no_unreserve(),
        "
        framework F0 a principal=ops
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s reserve cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies reserve cpus(+a@ops):1;mem(+a@ops):512
        at 1s
            1s offer O2 to F0: A0 cpus:1;mem:512;cpus(+a@ops):1;mem(+a@ops):512
        accept F0 O2 0s unreserve cpus(+a@ops):1;mem(+a@ops):512 reserve cpus(+a@ops):0.5;mem(+a@ops):256
            1s UNRESERVE is dropped: Not authorized
            1s A0 applies reserve cpus(+a@ops):0.5;mem(+a@ops):256
        at 2s
            2s offer O3 to F0: A0 cpus:0.5;mem:256;cpus(+a@ops):1.5;mem(+a@ops):768
        ",
    );
}

#[test]
fn res_14_acl_multiple_operations() {
    check(
        no_unreserve(),
        "
        framework F0 a principal=ops
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s reserve cpus(+a@ops):1;mem(+a@ops):512
            0s A0 applies reserve cpus(+a@ops):1;mem(+a@ops):512
        at 1s
            1s offer O2 to F0: A0 cpus:1;mem:512;cpus(+a@ops):1;mem(+a@ops):512
        accept F0 O2 0s unreserve cpus(+a@ops):1;mem(+a@ops):512 reserve cpus(+a@ops):0.5;mem(+a@ops):256 T1=cpus(+a@ops):0.5;mem(+a@ops):256
            1s UNRESERVE is dropped: Not authorized
            1s A0 applies reserve cpus(+a@ops):0.5;mem(+a@ops):256
            1s A0 runs T1
        update F0 A0 T1 TASK_FINISHED
            1s F0 hears T1 TASK_FINISHED
        at 2s
            2s offer O3 to F0: A0 cpus:0.5;mem:256;cpus(+a@ops):1.5;mem(+a@ops):768
        accept F0 O3 0s unreserve cpus(+a@ops):1;mem(+a@ops):512 unreserve cpus(+a@ops):0.5;mem(+a@ops):256 T2=cpus(+a@ops):1;mem(+a@ops):512
            2s UNRESERVE is dropped: Not authorized
            2s UNRESERVE is dropped: Not authorized
            2s A0 runs T2
        update F0 A0 T2 TASK_FINISHED
            2s F0 hears T2 TASK_FINISHED
        at 3s
            3s offer O4 to F0: A0 cpus:0.5;mem:256;cpus(+a@ops):1.5;mem(+a@ops):768
        ",
    );
}

#[test]
fn pv_6_good_acl_grow_then_shrink() {
    check(
        vec![acl(Action::ResizeVolume, some("ops"), some("a"))],
        "
        framework F0 a principal=ops
        agent A0 cpus:2;mem:2048;disk(a):2048
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):2048
        accept F0 O1 0s create disk(a)[v@ops]:1536 grow disk(a)[v@ops]:1536 disk(a):512
            0s A0 applies create disk(a)[v@ops]:1536
            0s A0 applies grow disk(a)[v@ops]:1536 disk(a):512
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a)[v@ops]:2048
        accept F0 O2 0s shrink disk(a)[v@ops]:2048 512
            1s A0 applies shrink disk(a)[v@ops]:2048 512
        at 2s
            2s offer O3 to F0: A0 cpus:2;mem:2048;disk(a):512;disk(a)[v@ops]:1536
        ",
    );
}

#[test]
fn pv_7_bad_acl_drop_grow_and_shrink() {
    check(
        vec![acl(Action::ResizeVolume, Entity::Any, Entity::None)],
        "
        framework F0 a principal=ops
        agent A0 cpus:2;mem:2048;disk(a):2048
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):2048
        accept F0 O1 0s create disk(a)[v@ops]:1536 grow disk(a)[v@ops]:1536 disk(a):512
            0s A0 applies create disk(a)[v@ops]:1536
            0s GROW_VOLUME is dropped: Not authorized
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a):512;disk(a)[v@ops]:1536
        accept F0 O2 1000s shrink disk(a)[v@ops]:1536 512
            1s SHRINK_VOLUME is dropped: Not authorized
        # Another one, without a principal.
        framework F1 a
            1s offer O3 to F1: A0 cpus:2;mem:2048;disk(a):512;disk(a)[v@ops]:1536
        accept F1 O3 0s grow disk(a)[v@ops]:1536 disk(a):512
            1s GROW_VOLUME is dropped: Not authorized
        suppress F0
        at 2s
            2s offer O4 to F1: A0 cpus:2;mem:2048;disk(a):512;disk(a)[v@ops]:1536
        accept F1 O4 0s shrink disk(a)[v@ops]:1536 512
            2s SHRINK_VOLUME is dropped: Not authorized
        at 3s
            3s offer O5 to F1: A0 cpus:2;mem:2048;disk(a):512;disk(a)[v@ops]:1536
        ",
    );
}

#[test]
fn pv_21_good_acl_create_then_destroy() {
    check(
        vec![
            acl(Action::CreateVolume, some("ops"), Entity::Any),
            acl(Action::DestroyVolume, some("ops"), some("ops")),
        ],
        "
        framework F0 a principal=ops
        agent A0 cpus:2;mem:2048;disk(a):2048
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):2048
        accept F0 O1 0s create disk(a)[v@ops]:2048
            0s A0 applies create disk(a)[v@ops]:2048
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a)[v@ops]:2048
        accept F0 O2 0s destroy disk(a)[v@ops]:2048
            1s A0 applies destroy disk(a)[v@ops]:2048
        at 2s
            2s offer O3 to F0: A0 cpus:2;mem:2048;disk(a):2048
        ",
    );
}

#[test]
fn pv_21_good_acl_no_principal() {
    check(
        vec![
            acl(Action::CreateVolume, Entity::Any, Entity::Any),
            acl(Action::DestroyVolume, Entity::Any, Entity::Any),
        ],
        "
        framework F0 a
        agent A0 cpus:2;mem:2048;disk(a):2048
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):2048
        accept F0 O1 0s create disk(a)[v@ops]:2048
            0s A0 applies create disk(a)[v@ops]:2048
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a)[v@ops]:2048
        # Who made the volume does not matter to what it is.
        accept F0 O2 0s destroy disk(a)[v]:2048
            1s A0 applies destroy disk(a)[v]:2048
        at 2s
            2s offer O3 to F0: A0 cpus:2;mem:2048;disk(a):2048
        ",
    );
}

#[test]
fn pv_22_bad_acl_drop_create_and_destroy() {
    check(
        vec![
            acl(Action::CreateVolume, some("ops"), Entity::None),
            acl(Action::DestroyVolume, some("ops"), Entity::None),
        ],
        "
        framework F0 a principal=ops
        agent A0 cpus:2;mem:2048;disk(a):2048
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):2048
        accept F0 O1 0s create disk(a)[v@ops]:2048
            0s CREATE is dropped: Not authorized
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a):2048
        decline F0 O2 0s
        suppress F0
        framework F1 a principal=dev
            1s offer O3 to F1: A0 cpus:2;mem:2048;disk(a):2048
        accept F1 O3 0s create disk(a)[v@dev]:2048
            1s A0 applies create disk(a)[v@dev]:2048
        at 2s
            2s offer O4 to F1: A0 cpus:2;mem:2048;disk(a)[v@dev]:2048
        decline F1 O4 0s
        suppress F1
        revive F0
            2s offer O5 to F0: A0 cpus:2;mem:2048;disk(a)[v@dev]:2048
        accept F0 O5 0s destroy disk(a)[v@dev]:2048
            2s DESTROY is dropped: Not authorized
        at 3s
            3s offer O6 to F0: A0 cpus:2;mem:2048;disk(a)[v@dev]:2048
        ",
    );
}

#[test]
fn pv_22_bad_acl_no_principal() {
    check(
        vec![
            acl(Action::CreateVolume, some("dev"), Entity::Any),
            acl(Action::CreateVolume, Entity::Any, Entity::None),
            acl(Action::DestroyVolume, some("dev"), Entity::Any),
            acl(Action::DestroyVolume, Entity::Any, Entity::None),
        ],
        "
        framework F0 a
        agent A0 cpus:2;mem:2048;disk(a):2048
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):2048
        accept F0 O1 0s create disk(a)[v]:2048
            0s CREATE is dropped: Not authorized
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a):2048
        decline F0 O2 0s
        suppress F0
        framework F1 a principal=dev
            1s offer O3 to F1: A0 cpus:2;mem:2048;disk(a):2048
        accept F1 O3 0s create disk(a)[v@dev]:2048
            1s A0 applies create disk(a)[v@dev]:2048
        at 2s
            2s offer O4 to F1: A0 cpus:2;mem:2048;disk(a)[v@dev]:2048
        decline F1 O4 0s
        suppress F1
        revive F0
            2s offer O5 to F0: A0 cpus:2;mem:2048;disk(a)[v@dev]:2048
        accept F0 O5 0s destroy disk(a)[v@dev]:2048
            2s DESTROY is dropped: Not authorized
        at 3s
            3s offer O6 to F0: A0 cpus:2;mem:2048;disk(a)[v@dev]:2048
        ",
    );
}
