//! Where a stateful framework makes its volumes, and how it finds them again.

use crate::support::stateful::{check, one, options};
/// Only what drives a framework: nothing here needs a master.
use sim_core::framework::{StatefulOptions, VolumeDisk};

#[test]
fn a_replica_reserves_makes_its_volume_and_runs_on_it() {
    check(
        one(),
        "
        agents A0=cpus:2;disk:4000
        subscribed
        offer A0
            0s replica 0 created 1048576000
            0s accept O1 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            0s suppress
        ",
    );
}

#[test]
fn volumes_can_be_made_of_path_disks() {
    check(
        StatefulOptions { disk: VolumeDisk::Path, ..one() },
        "
        subscribed
        offers A0=cpus:2;disk:4000 A1=cpus:2;disk[PATH:/d]:900;disk[PATH:/e]:4000
            0s replica 0 created 1048576000
            0s accept O2 5s reserve cpus(+a@ops):1;disk(+a@ops)[PATH:/e]:1000 create disk(+a@ops)[PATH:/e,db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[PATH:/e,db-0-0@ops]:1000@ever
            0s decline O1 5s
            0s suppress
        ",
    );
}

#[test]
fn volumes_take_mount_disks_whole() {
    check(
        StatefulOptions { disk: VolumeDisk::Mount, ..one() },
        "
        subscribed
        offers A1=cpus:2;disk[MOUNT:/c]:900;disk[MOUNT:/d]:4000;disk[MOUNT:/e]:3000
            0s replica 0 created 3145728000
            0s accept O1 5s reserve cpus(+a@ops):1;disk(+a@ops)[MOUNT:/e]:3000 create disk(+a@ops)[MOUNT:/e,db-0-0@ops]:3000 T0=cpus(+a@ops):1;disk(+a@ops)[MOUNT:/e,db-0-0@ops]:3000@ever
            0s suppress
        ",
    );
}

#[test]
fn a_launch_that_fails_leaves_nothing_behind() {
    check(
        one(),
        "
        agents A0=cpus:2;disk:4000 A2=cpus:2;disk:4000
        subscribed
        offer A0
            0s replica 0 created 1048576000
            0s accept O1 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            0s suppress
        update T0 TASK_ERROR
        at 1s
            1s revive
        # The volume may or may not have been made: a new one is.
        offer A2 A0
            1s replica 0 collected 1048576000
            1s replica 0 created 1048576000
            1s accept O2 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-1@ops]:1000 T0.1=cpus(+a@ops):1;disk(+a@ops)[db-0-1@ops]:1000@ever
            1s accept O3 5s destroy disk(+a@ops)[db-0-0@ops]:1000 unreserve cpus(+a@ops):1;disk(+a@ops):1000
            1s suppress
        offer A0
            1s decline O4 5s
        ",
    );
}

#[test]
fn new_replicas_keep_off_agents_that_will_be_drained() {
    check(
        one(),
        "
        subscribed
        offers A0=cpus:2;disk:4000~100s
            0s decline O1 5s
        offers A1=cpus:2;disk:4000~101s
            0s replica 0 created 1048576000
            0s accept O2 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            0s suppress
        ",
    );
}

#[test]
fn replicas_are_spread() {
    check(
        options(),
        "
        subscribed
        # A0 and A1 share a zone.
        offers A0=cpus:9;disk:9000 A1=cpus:9;disk:9000 A2=cpus:9;disk:9000
            0s replica 0 created 1048576000
            0s replica 1 created 1048576000
            0s accept O1 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            0s accept O3 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-1-0@ops]:1000 T1=cpus(+a@ops):1;disk(+a@ops)[db-1-0@ops]:1000@ever
            0s decline O2 5s
        offers A3=cpus:9;disk:9000 A4=cpus:9;disk:9000
            0s replica 2 created 1048576000
            0s accept O5 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-2-0@ops]:1000 T2=cpus(+a@ops):1;disk(+a@ops)[db-2-0@ops]:1000@ever
            0s decline O4 5s
            0s suppress
        ",
    );
}

#[test]
fn a_volume_that_returns_on_another_agent_is_used() {
    check(
        one(),
        "
        agents A0=cpus:2;disk:4000
        subscribed
        offer A0
            0s replica 0 created 1048576000
            0s accept O1 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            0s suppress
        update T0 TASK_RUNNING
            0s replica 0 in_sync 1048576000
            0s range 0 available
        update T0 TASK_LOST
            0s replica 0 down 1048576000
            0s range 0 unavailable
        at 10s
            1s revive
        move A0 A5
        offer A5
            10s replica 0 relaunched 1048576000
            10s accept O2 5s T0.1=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            10s suppress
        update T0.1 TASK_RUNNING
            10s replica 0 in_sync 1048576000
            10s range 0 available
        ",
    );
}

#[test]
fn a_volume_that_was_made_is_used_though_its_first_task_failed() {
    check(
        one(),
        "
        agents A0=cpus:2;disk:4000
        subscribed
        offer A0
            0s replica 0 created 1048576000
            0s accept O1 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            0s suppress
        update T0 TASK_FAILED
        at 1s
            1s revive
        offer A0
            1s replica 0 relaunched 1048576000
            1s accept O2 5s T0.1=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            1s suppress
        ",
    );
}

#[test]
fn what_others_have_reserved_is_left_alone() {
    check(
        one(),
        "
        subscribed
        offers A0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000;disk(+a@ops):500 A1=cpus(a):4;disk(a):4000
            0s decline O1,O2 5s
        ",
    );
}
