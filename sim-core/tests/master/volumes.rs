//! Persistent volumes by ACCEPT, at the master's one door (`spec/master.md` section 6,
//! `spec/reservations-volumes.md` sections 5 and 6). The tests that begin with an id are scenarios of
//! `spec/cluster-conformance.md`, as far as they are about master and allocator.

use crate::support::master_desk;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn pv_1_create_and_destroy_persistent_volumes() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:2048;disk(a):4096
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):4096
        accept F0 O1 0s create disk(a)[v1]:2048 create disk(a)[v2]:2048
            0s A0 applies create disk(a)[v1]:2048
            0s A0 applies create disk(a)[v2]:2048
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a)[v1]:2048;disk(a)[v2]:2048
        accept F0 O2 0s destroy disk(a)[v1]:2048
            1s A0 applies destroy disk(a)[v1]:2048
        at 2s
            2s offer O3 to F0: A0 cpus:2;mem:2048;disk(a):2048;disk(a)[v2]:2048
        ",
    );
}

#[test]
fn pv_1_on_disks_of_their_own() {
    let script = |kind: &str| {
        let root = |number| format!("{kind}:/{number}");
        let [one, two] = [root(1), root(2)];
        format!(
            "
        framework F0 a
        agent A0 cpus:2;mem:2048;disk(a)[{one}]:2048;disk(a)[{two}]:2048
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a)[{one}]:2048;disk(a)[{two}]:2048
        accept F0 O1 0s create disk(a)[{one},v1]:2048 create disk(a)[{two},v2]:2048
            0s A0 applies create disk(a)[{one},v1]:2048
            0s A0 applies create disk(a)[{two},v2]:2048
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a)[{one},v1]:2048;disk(a)[{two},v2]:2048
        accept F0 O2 0s destroy disk(a)[{one},v1]:2048
            1s A0 applies destroy disk(a)[{one},v1]:2048
        at 2s
            2s offer O3 to F0: A0 cpus:2;mem:2048;disk(a)[{one}]:2048;disk(a)[{two},v2]:2048
            "
        )
    };
    check(&script("PATH"));
    check(&script("MOUNT"));
}

#[test]
fn pv_2_grow_volume() {
    check(
        "
        framework F0 a/x
        agent A0 cpus:2;mem:2048;disk(a):4096
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):4096
        accept F0 O1 0s reserve disk(a,+a/x):4096 create disk(a,+a/x)[v]:3584
            0s A0 applies reserve disk(a,+a/x):4096
            0s A0 applies create disk(a,+a/x)[v]:3584
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a,+a/x):512;disk(a,+a/x)[v]:3584
        accept F0 O2 0s grow disk(a,+a/x)[v]:3584 disk(a,+a/x):512
            1s A0 applies grow disk(a,+a/x)[v]:3584 disk(a,+a/x):512
        at 2s
            2s offer O3 to F0: A0 cpus:2;mem:2048;disk(a,+a/x)[v]:4096
        accept F0 O3 0s T0=cpus:2;mem:2048;disk(a,+a/x)[v]:4096
            2s A0 runs T0
        update F0 A0 T0 TASK_FINISHED
            2s F0 hears T0 TASK_FINISHED
        ",
    );
}

#[test]
fn pv_3_shrink_volume() {
    check(
        "
        framework F0 a/x
        agent A0 cpus:2;mem:2048;disk(a):4096
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):4096
        accept F0 O1 0s reserve disk(a,+a/x):4096 create disk(a,+a/x)[v]:4096
            0s A0 applies reserve disk(a,+a/x):4096
            0s A0 applies create disk(a,+a/x)[v]:4096
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a,+a/x)[v]:4096
        accept F0 O2 0s shrink disk(a,+a/x)[v]:4096 512
            1s A0 applies shrink disk(a,+a/x)[v]:4096 512
        at 2s
            2s offer O3 to F0: A0 cpus:2;mem:2048;disk(a,+a/x):512;disk(a,+a/x)[v]:3584
        accept F0 O3 0s T0=cpus:2;mem:2048;disk(a,+a/x)[v]:3584
            2s A0 runs T0
        update F0 A0 T0 TASK_FINISHED
            2s F0 hears T0 TASK_FINISHED
        ",
    );
}

#[test]
fn pv_3_on_a_mount_disk() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:2048;disk(a)[MOUNT:/1]:2048
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a)[MOUNT:/1]:2048
        accept F0 O1 0s create disk(a)[MOUNT:/1,v]:2048
            0s A0 applies create disk(a)[MOUNT:/1,v]:2048
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a)[MOUNT:/1,v]:2048
        accept F0 O2 0s shrink disk(a)[MOUNT:/1,v]:2048 512
            1s SHRINK_VOLUME is dropped: Shrinking volume disk(reservations: [(STATIC,a)])[MOUNT:/1,v:data]:2048 on a MOUNT disk is not supported
        at 2s
            2s offer O3 to F0: A0 cpus:2;mem:2048;disk(a)[MOUNT:/1,v]:2048
        ",
    );
}

#[test]
fn pv_4_non_speculative_grow_and_launch() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:2048;disk(a):4096
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):4096
        accept F0 O1 0s create disk(a)[v]:3584 grow disk(a)[v]:3584 disk(a):512 T1=cpus:1;disk(a)[v]:4096 T2=cpus:1;disk(a)[v]:3584
            0s A0 applies create disk(a)[v]:3584
            0s A0 applies grow disk(a)[v]:3584 disk(a):512
            0s F0 hears T1 TASK_ERROR TaskInvalid
            0s F0 hears T2 TASK_ERROR TaskInvalid
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a)[v]:4096
        ",
    );
}

#[test]
fn pv_5_non_speculative_shrink_and_launch() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:2048;disk(a):4096
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):4096
        accept F0 O1 0s create disk(a)[v]:1024 shrink disk(a)[v]:1024 512 T1=cpus:1;disk(a)[v]:512 T2=cpus:1;disk(a)[v]:1024
            0s A0 applies create disk(a)[v]:1024
            0s A0 applies shrink disk(a)[v]:1024 512
            0s F0 hears T1 TASK_ERROR TaskInvalid
            0s F0 hears T2 TASK_ERROR TaskInvalid
        at 1s
            1s offer O2 to F0: A0 cpus:2;mem:2048;disk(a):3584;disk(a)[v]:512
        ",
    );
}

#[test]
fn pv_12_access_persistent_volume() {
    check(
        "
        framework F0 a
        agent A0 cpus:2;mem:2048;disk(a):2048
            0s offer O1 to F0: A0 cpus:2;mem:2048;disk(a):2048
        accept F0 O1 0s create disk(a)[v]:2048 T0=cpus:1;mem:128;disk(a)[v]:2048
            0s A0 applies create disk(a)[v]:2048
            0s A0 runs T0
        at 1s
            1s offer O2 to F0: A0 cpus:1;mem:1920
        update F0 A0 T0 TASK_STARTING
            1s F0 hears T0 TASK_STARTING
        update F0 A0 T0 TASK_RUNNING
            1s F0 hears T0 TASK_RUNNING
        update F0 A0 T0 TASK_FINISHED
            1s F0 hears T0 TASK_FINISHED
        at 2s
            2s offer O3 to F0: A0 cpus:1;mem:128;disk(a)[v]:2048
        accept F0 O3,O2 0s destroy disk(a)[v]:2048
            2s A0 applies destroy disk(a)[v]:2048
        at 3s
            3s offer O4 to F0: A0 cpus:2;mem:2048;disk(a):2048
        ",
    );
}

#[test]
fn pv_13_shared_persistent_volume_multiple_tasks() {
    check(
        "
        framework F0 a shared
        agent A0 cpus:2;mem:1024;disk(a):1024
            0s offer O1 to F0: A0 cpus:2;mem:1024;disk(a):1024
        accept F0 O1 0s create disk(a)<v>:64 T1=cpus:1;mem:128;disk(a):32;disk(a)<v>:64 T2=cpus:1;mem:256;disk(a):64;disk(a)<v>:64
            0s A0 applies create disk(a)<v>:64
            0s A0 runs T1
            0s A0 runs T2
        at 1s
            1s offer O2 to F0: A0 mem:640;disk(a):864;disk(a)<v>:64
        update F0 A0 T1 TASK_FINISHED
            1s F0 hears T1 TASK_FINISHED
        update F0 A0 T2 TASK_FINISHED
            1s F0 hears T2 TASK_FINISHED
        at 2s
            2s offer O3 to F0: A0 cpus:2;mem:384;disk(a):96;disk(a)<v>:64
        ",
    );
}

#[test]
fn pv_14_shared_persistent_volume_rescind_on_destroy() {
    check(
        "
        framework F0 a shared
        agent A0 cpus:2;mem:1024;disk(a):1024
            0s offer O1 to F0: A0 cpus:2;mem:1024;disk(a):1024
        accept F0 O1 0s create disk(a)<v1>:64;disk(a)<v2>:64 T0=cpus:1;mem:128
            0s A0 applies create disk(a)<v1>:64;disk(a)<v2>:64
            0s A0 runs T0
        suppress F0
        framework F1 a shared
            0s offer O2 to F1: A0 cpus:1;mem:896;disk(a):896;disk(a)<v1>:64;disk(a)<v2>:64
        update F0 A0 T0 TASK_FINISHED
            0s F0 hears T0 TASK_FINISHED
        revive F0
            0s offer O3 to F0: A0 cpus:1;mem:128;disk(a)<v1>:64;disk(a)<v2>:64
        accept F1 O2 0s destroy disk(a)<v1>:64;disk(a)<v2>:64
            0s rescind O3 from F0
            0s A0 applies destroy disk(a)<v1>:64;disk(a)<v2>:64
        at 1s
            1s offer O4 to F1: A0 cpus:2;mem:1024;disk(a):1024
        ",
    );
}

#[test]
fn pv_15_shared_persistent_volume_multiple_frameworks() {
    check(
        "
        framework F0 a shared
        agent A0 cpus:2;mem:1024;disk(a):2048
            0s offer O1 to F0: A0 cpus:2;mem:1024;disk(a):2048
        accept F0 O1 0s create disk(a)<v>:2048 T0=cpus:1;mem:128;disk(a)<v>:2048
            0s A0 applies create disk(a)<v>:2048
            0s A0 runs T0
        metric master/cpus_used
            1
        metric master/mem_used
            128
        metric master/disk_used
            2048
        suppress F0
        framework F1 a shared
            0s offer O2 to F1: A0 cpus:1;mem:896;disk(a)<v>:2048
        accept F1 O2 0s T0=cpus:1;mem:256;disk(a)<v>:2048
            0s A0 runs T0
        metric master/cpus_used
            2
        metric master/mem_used
            384
        metric master/disk_used
            2048
        metric master/disk_revocable_used
            0
        update F0 A0 T0 TASK_FINISHED
            0s F0 hears T0 TASK_FINISHED
        at 1s
            1s offer O3 to F1: A0 cpus:1;mem:768;disk(a)<v>:2048
        ",
    );
}

#[test]
fn pv_18_destroy_persistent_volume_multiple_tasks() {
    check(
        "
        framework F0 a shared
        agent A0 cpus:2;mem:1024;disk(a):2048
            0s offer O1 to F0: A0 cpus:2;mem:1024;disk(a):2048
        accept F0 O1 0s create disk(a)<s>:1024 create disk(a)[v]:1024 T1=cpus:1;mem:256;disk(a)<s>:1024 T2=cpus:1;mem:256;disk(a)[v]:1024
            0s A0 applies create disk(a)<s>:1024
            0s A0 applies create disk(a)[v]:1024
            0s A0 runs T1
            0s A0 runs T2
        update F0 A0 T2 TASK_FINISHED
            0s F0 hears T2 TASK_FINISHED
        at 1s
            1s offer O2 to F0: A0 cpus:1;mem:768;disk(a)<s>:1024;disk(a)[v]:1024
        accept F0 O2 0s destroy disk(a)[v]:1024 destroy disk(a)<s>:1024
            1s A0 applies destroy disk(a)[v]:1024
            1s DESTROY is dropped: Persistent volumes in use
        at 2s
            2s offer O3 to F0: A0 cpus:1;mem:768;disk(a):1024;disk(a)<s>:1024
        update F0 A0 T1 TASK_FINISHED
            2s F0 hears T1 TASK_FINISHED
        at 3s
            3s offer O4 to F0: A0 cpus:1;mem:256;disk(a)<s>:1024
        accept F0 O3,O4 0s destroy disk(a)<s>:1024
            3s DESTROY is dropped: copies of the shared volume disk(reservations: [(STATIC,a)])[s:data]<SHARED>:1024<1> are still in use
        # The two offers had a copy each.
        at 4s
            4s offer O5 to F0: A0 cpus:2;mem:1024;disk(a):1024;disk(a)<s>:1024
        accept F0 O5 0s destroy disk(a)<s>:1024
            4s A0 applies destroy disk(a)<s>:1024
        at 5s
            5s offer O6 to F0: A0 cpus:2;mem:1024;disk(a):2048
        ",
    );
}

#[test]
fn pv_19_shared_persistent_volume_multiple_iterations() {
    check(
        "
        framework F0 a shared
        agent A0 cpus:2;mem:1024;disk(a):1024
            0s offer O1 to F0: A0 cpus:2;mem:1024;disk(a):1024
        accept F0 O1 0s create disk(a)<v1>:64 T1=cpus:1;mem:128;disk(a)<v1>:64
            0s A0 applies create disk(a)<v1>:64
            0s A0 runs T1
        at 1s
            1s offer O2 to F0: A0 cpus:1;mem:896;disk(a):960;disk(a)<v1>:64
        accept F0 O2 0s create disk(a)<v2>:64 T2=cpus:1;mem:128;disk(a)<v2>:64
            1s A0 applies create disk(a)<v2>:64
            1s A0 runs T2
        at 2s
            2s offer O3 to F0: A0 mem:768;disk(a):896;disk(a)<v1>:64;disk(a)<v2>:64
        ",
    );
}
