//! What may be done with persistent volumes, rule by rule (`spec/master.md` section 6.1,
//! `spec/reservations-volumes.md` section 5).

use crate::support::master_desk;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn what_shrinking_gives_back_is_not_for_the_same_accept() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:2048;disk(a):4096
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):4096
        accept F0 O1 0s create disk(a)[v]:1024
            0s A0 applies create disk(a)[v]:1024
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a):3072;disk(a)[v]:1024
        accept F0 O2 100s shrink disk(a)[v]:1024 512 T0=cpus:1;mem:2048;disk(a):3072 T1=disk(a):512
            1s A0 applies shrink disk(a)[v]:1024 512
            1s A0 runs T0
            1s F0 hears T1 TASK_ERROR TaskInvalid
        at 2s
            2s offer O3 to F0: A0 cpus:1;disk(a):512;disk(a)[v]:512
        ",
    );
}

#[test]
fn disk_that_was_offered_and_disk_that_was_given_back_both_return() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;disk(a):4096
            0s offer O1 to F0: A0 cpus:2;disk(a):4096
        accept F0 O1 0s create disk(a)[v]:1024
            0s A0 applies create disk(a)[v]:1024
        at 1s
            1s offer O2 to F0: A0 cpus:2;disk(a):3072;disk(a)[v]:1024
        accept F0 O2 100s shrink disk(a)[v]:1024 512
            1s A0 applies shrink disk(a)[v]:1024 512
        at 2s
            2s offer O3 to F0: A0 cpus:2;disk(a):3584;disk(a)[v]:512
        ",
    );
}

#[test]
fn no_task_runs_on_a_shared_volume_that_is_gone() {
    check(
        "
        framework F0 a shared
        agent A0 cpus:2;disk(a):1024
            0s offer O1 to F0: A0 cpus:2;disk(a):1024
        accept F0 O1 0s create disk(a)<v>:64
            0s A0 applies create disk(a)<v>:64
        at 1s
            1s offer O2 to F0: A0 cpus:2;disk(a):960;disk(a)<v>:64
        accept F0 O2 0s destroy disk(a)<v>:64 T0=cpus:1;disk(a)<v>:64
            1s A0 applies destroy disk(a)<v>:64
            1s F0 hears T0 TASK_ERROR TaskInvalid
        at 2s
            2s offer O3 to F0: A0 cpus:2;disk(a):1024
        ",
    );
}

#[test]
fn a_volume_in_use_stays_and_so_do_the_offers_with_it() {
    check(
        "
        framework F0 a shared
        framework F1 a shared
        agent A0 cpus:2;mem:1024;disk(a):1024
            0s offer O1 to F0: A0 cpus:2;mem:1024;disk(a):1024
        suppress F1
        accept F0 O1 0s create disk(a)<v>:64 T0=cpus:1
            0s A0 applies create disk(a)<v>:64
            0s A0 runs T0
        at 1s
            1s offer O2 to F0: A0 cpus:1;mem:1024;disk(a):960;disk(a)<v>:64
        update F0 A0 T0 TASK_FINISHED
            1s F0 hears T0 TASK_FINISHED
        revive F1
            1s offer O3 to F1: A0 cpus:1;disk(a)<v>:64
        accept F0 O2 0s T1=disk(a)<v>:64 destroy disk(a)<v>:64
            1s A0 runs T1
            1s DESTROY is dropped: Persistent volumes in use
        update F0 A0 T1 TASK_FINISHED
            1s F0 hears T1 TASK_FINISHED
        at 2s
            2s offer O4 to F0: A0 cpus:1;mem:1024;disk(a):960;disk(a)<v>:64
        ",
    );
}

#[test]
fn a_volume_is_used_as_a_whole() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;disk(a):1024
            0s offer O1 to F0: A0 cpus:2;disk(a):1024
        accept F0 O1 0s create disk(a)[v]:512 T0=disk(a)[v]:256 T1=disk(a)[w]:512 T2=disk(a)[v]:512 T3=disk(a)[v]:512
            0s A0 applies create disk(a)[v]:512
            0s F0 hears T0 TASK_ERROR TaskInvalid
            0s F0 hears T1 TASK_ERROR TaskInvalid
            0s A0 runs T2
            0s F0 hears T3 TASK_ERROR TaskInvalid
        at 1s
            1s offer O2 to F0: A0 cpus:2;disk(a):512
        ",
    );
}

#[test]
fn volumes_are_made_of_reserved_disk() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;disk(a):1024;disk:1024
            0s offer O1 to F0: A0 cpus:2;disk:1024;disk(a):1024
        accept F0 O1 0s create disk[v]:512 create disk(a):512 create disk(+a)[v]:512 create disk(a)[v]:2048
            0s CREATE is dropped: Invalid resources: Persistent volumes cannot be created from unreserved resources
            0s CREATE is dropped: Resource disk(reservations: [(STATIC,a)]):512 is not a persistent volume
            0s CREATE is dropped: cpus:2; disk:1024; disk(reservations: [(STATIC,a)]):1024 does not contain disk(reservations: [(DYNAMIC,a)]):512
            0s CREATE is dropped: cpus:2; disk:1024; disk(reservations: [(STATIC,a)]):1024 does not contain disk(reservations: [(STATIC,a)]):2048
        ",
    );
}

#[test]
fn the_id_of_a_volume_is_unique_for_its_role_on_its_agent() {
    check(
        "
        framework F0 a/x
        agent A0 cpus:2;disk(a):2048;disk(a/x):2048
            0s offer O1 to F0: A0 cpus:2;disk(a):2048;disk(a/x):2048
        accept F0 O1 0s create disk(a)[v]:512 create disk(a)[v]:256 create disk(a/x)[v]:512
            0s A0 applies create disk(a)[v]:512
            0s CREATE is dropped: Persistence ID 'v' is not unique
            0s A0 applies create disk(a/x)[v]:512
        # Nor twice in one operation.
        at 1s
            1s offer O2 to F0: A0 cpus:2;disk(a):1536;disk(a)[v]:512;disk(a/x):1536;disk(a/x)[v]:512
        accept F0 O2 0s create disk(a)[w]:512;disk(a)[w]:512
            1s CREATE is dropped: Persistence ID 'w' is not unique
        agent A1 cpus:1;disk(a):512
            1s offer O3 to F0: A1 cpus:1;disk(a):512
        accept F0 O3 0s create disk(a)[v]:512
            1s A1 applies create disk(a)[v]:512
        ",
    );
}

#[test]
fn ids_of_volumes_are_names_of_directories() {
    check(
        "
        framework F0 a
        agent A0 cpus:1;disk(a):1024
            0s offer O1 to F0: A0 cpus:1;disk(a):1024
        accept F0 O1 0s create disk(a)[..]:64 create disk(a)[x/y]:64 create disk(a)[x.y]:64
            0s CREATE is dropped: Invalid resources: '..' is not a valid persistence ID
            0s CREATE is dropped: Invalid resources: 'x/y' is not a valid persistence ID
            0s A0 applies create disk(a)[x.y]:64
        ",
    );
}

#[test]
fn a_shared_volume_needs_the_capability() {
    check(
        "
        framework F0 a
        agent A0 cpus:1;disk(a):1024
            0s offer O1 to F0: A0 cpus:1;disk(a):1024
        accept F0 O1 0s create disk(a)<v>:64
            0s CREATE is dropped: Shared volume disk(reservations: [(STATIC,a)])[v:data]<SHARED>:64 without SHARED_RESOURCES capability
        ",
    );
}

#[test]
fn a_framework_with_a_principal_signs_its_volumes() {
    check(
        "
        framework F0 a principal=ops
        agent A0 cpus:1;disk(a):1024
            0s offer O1 to F0: A0 cpus:1;disk(a):1024
        accept F0 O1 0s create disk(a)[u]:64 create disk(a)[v@dev]:64 create disk(a)[w@ops]:64
            0s CREATE is dropped: Attempted by principal 'ops', but there is no principal in the resource
            0s CREATE is dropped: Attempted by principal 'ops', but the resource is of principal 'dev'
            0s A0 applies create disk(a)[w@ops]:64
        ",
    );
}

#[test]
fn only_volumes_that_are_there_are_destroyed() {
    check(
        "
        framework F0 a
        agent A0 cpus:1;disk(a):1024
            0s offer O1 to F0: A0 cpus:1;disk(a):1024
        accept F0 O1 0s create disk(a)[v]:64 destroy disk(a)[w]:64 destroy disk(a)[v]:32 destroy disk(a):64 destroy disk(a)[v]:64
            0s A0 applies create disk(a)[v]:64
            0s DESTROY is dropped: Persistent volumes not found
            0s DESTROY is dropped: Persistent volumes not found
            0s DESTROY is dropped: Resource disk(reservations: [(STATIC,a)]):64 is not a persistent volume
            0s A0 applies destroy disk(a)[v]:64
        at 1s
            1s offer O2 to F0: A0 cpus:1;disk(a):1024
        ",
    );
}

#[test]
fn disk_under_a_volume_is_not_unreserved() {
    check(
        "
        framework F0 a
        agent A0 cpus:1;disk:1024
            0s offer O1 to F0: A0 cpus:1;disk:1024
        accept F0 O1 0s reserve disk(+a):64 create disk(+a)[v]:64 unreserve disk(+a)[v]:64 unreserve disk(+a):64 reserve disk(+a)[w]:32
            0s A0 applies reserve disk(+a):64
            0s A0 applies create disk(+a)[v]:64
            0s UNRESERVE is dropped: Persistent volume disk(reservations: [(DYNAMIC,a)])[v:data]:64 cannot be unreserved directly: destroy the volume first
            0s UNRESERVE is dropped: cpus:1; disk:960; disk(reservations: [(DYNAMIC,a)])[v:data]:64 does not contain disk(reservations: [(DYNAMIC,a)]):64
            0s RESERVE is dropped: A persistent volume disk(reservations: [(DYNAMIC,a)])[w:data]:32 must already be reserved
        at 1s
            1s offer O2 to F0: A0 cpus:1;disk:960;disk(+a)[v]:64
        accept F0 O2 0s destroy disk(+a)[v]:64 unreserve disk(+a):64
            1s A0 applies destroy disk(+a)[v]:64
            1s A0 applies unreserve disk(+a):64
        at 2s
            2s offer O3 to F0: A0 cpus:1;disk:1024
        ",
    );
}

#[test]
fn a_volume_grows_by_disk_of_its_own_kind() {
    check(
        "
        framework F0 a shared
        agent A0 cpus:1;disk:64;disk(a):1024;disk(a)[PATH:/1]:64
            0s offer O1 to F0: A0 cpus:1;disk:64;disk(a):1024;disk(a)[PATH:/1]:64
        accept F0 O1 0s create disk(a)[v]:64;disk(a)<s>:64
            0s A0 applies create disk(a)<s>:64;disk(a)[v]:64
        at 1s
            1s offer O2 to F0: A0 cpus:1;disk:64;disk(a):896;disk(a)<s>:64;disk(a)[PATH:/1]:64;disk(a)[v]:64
        accept F0 O2 0s grow disk(a)[v]:64 disk:64 grow disk(a)[v]:64 disk(a)[PATH:/1]:64 grow disk(a)[v]:64 cpus:1 grow disk(a)[v]:64 disk(a):0 grow disk(a)<s>:64 disk(a):64 grow disk(a):64 disk(a):64 grow disk(a)[v]:64 disk(a):2048
            1s GROW_VOLUME is dropped: disk:64 cannot become a part of disk(reservations: [(STATIC,a)])[v:data]:64
            1s GROW_VOLUME is dropped: disk(reservations: [(STATIC,a)])[PATH:/1]:64 cannot become a part of disk(reservations: [(STATIC,a)])[v:data]:64
            1s GROW_VOLUME is dropped: cpus:1 cannot become a part of disk(reservations: [(STATIC,a)])[v:data]:64
            1s GROW_VOLUME is dropped: The size of 'addition' must be positive
            1s GROW_VOLUME is dropped: Resizing shared volume disk(reservations: [(STATIC,a)])[s:data]<SHARED>:64 is not supported
            1s GROW_VOLUME is dropped: Resource disk(reservations: [(STATIC,a)]):64 is not a persistent volume
            1s GROW_VOLUME is dropped: cpus:1; disk:64; disk(reservations: [(STATIC,a)]):896; disk(reservations: [(STATIC,a)])[PATH:/1]:64; disk(reservations: [(STATIC,a)])[v:data]:64; disk(reservations: [(STATIC,a)])[s:data]<SHARED>:64<1> does not contain disk(reservations: [(STATIC,a)])[v:data]:64; disk(reservations: [(STATIC,a)]):2048
        at 2s
            2s offer O3 to F0: A0 cpus:1;disk:64;disk(a):896;disk(a)<s>:64;disk(a)[PATH:/1]:64;disk(a)[v]:64
        ",
    );
}

#[test]
fn a_volume_shrinks_by_less_than_it_is() {
    check(
        "
        framework F0 a shared
        agent A0 cpus:1;disk(a):1024
            0s offer O1 to F0: A0 cpus:1;disk(a):1024
        accept F0 O1 0s create disk(a)[v]:64;disk(a)<s>:64
            0s A0 applies create disk(a)<s>:64;disk(a)[v]:64
        at 1s
            1s offer O2 to F0: A0 cpus:1;disk(a):896;disk(a)<s>:64;disk(a)[v]:64
        accept F0 O2 0s shrink disk(a)[v]:64 0 shrink disk(a)[v]:64 64 shrink disk(a)<s>:64 32 shrink disk(a):64 32 shrink disk(a)[w]:64 32
            1s SHRINK_VOLUME is dropped: The size of 'subtract' must be positive
            1s SHRINK_VOLUME is dropped: The value of 'subtract' must be smaller than the size of disk(reservations: [(STATIC,a)])[v:data]:64
            1s SHRINK_VOLUME is dropped: Resizing shared volume disk(reservations: [(STATIC,a)])[s:data]<SHARED>:64 is not supported
            1s SHRINK_VOLUME is dropped: Resource disk(reservations: [(STATIC,a)]):64 is not a persistent volume
            1s SHRINK_VOLUME is dropped: cpus:1; disk(reservations: [(STATIC,a)]):896; disk(reservations: [(STATIC,a)])[v:data]:64; disk(reservations: [(STATIC,a)])[s:data]<SHARED>:64<1> does not contain disk(reservations: [(STATIC,a)])[w:data]:64
        at 2s
            2s offer O3 to F0: A0 cpus:1;disk(a):896;disk(a)<s>:64;disk(a)[v]:64
        ",
    );
}
