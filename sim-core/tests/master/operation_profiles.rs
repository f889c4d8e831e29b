//! What older versions refuse of operations on resources (`spec/versions.md` sections 1 to 3).

use crate::support::master_desk;
use sim_core::Profile;
use sim_core::master::MasterOptions;

fn check(profile: Profile, script: &str) {
    master_desk::check(MasterOptions { profile, ..MasterOptions::default() }, script);
}

#[test]
fn mesos_0_23_has_no_calls_of_operators_but_teardown() {
    check(
        Profile::MESOS_0_23,
        "
        agent A0 cpus:4;disk(a):1024
        framework F0 a
            0s offer O1 to F0: A0 cpus:4;disk(a):1024
        operator reserve A0 cpus(+a@ops):1
            0s RESERVE_RESOURCES 400: unsupported operation: mesos-0.23 lacks RESERVE_RESOURCES
        operator unreserve A0 cpus(+a@ops):1
            0s UNRESERVE_RESOURCES 400: unsupported operation: mesos-0.23 lacks UNRESERVE_RESOURCES
        operator create A0 disk(a)[v]:64
            0s CREATE_VOLUMES 400: unsupported operation: mesos-0.23 lacks CREATE_VOLUMES
        operator destroy A0 disk(a)[v]:64
            0s DESTROY_VOLUMES 400: unsupported operation: mesos-0.23 lacks DESTROY_VOLUMES
        operator grow A0 disk(a)[v]:64 disk(a):64
            0s GROW_VOLUME 400: unsupported operation: mesos-0.23 lacks GROW_VOLUME
        operator shrink A0 disk(a)[v]:64 32
            0s SHRINK_VOLUME 400: unsupported operation: mesos-0.23 lacks SHRINK_VOLUME
        operator quota a cpus:1 none
            0s UPDATE_QUOTA 400: unsupported operation: mesos-0.23 lacks UPDATE_QUOTA
        operator set-quota a cpus:1
            0s SET_QUOTA 400: unsupported operation: mesos-0.23 lacks SET_QUOTA
        operator remove-quota a
            0s REMOVE_QUOTA 400: unsupported operation: mesos-0.23 lacks REMOVE_QUOTA
        operator weights a=2
            0s UPDATE_WEIGHTS 400: unsupported operation: mesos-0.23 lacks UPDATE_WEIGHTS
        operator schedule A0@60s+120s
            0s UPDATE_MAINTENANCE_SCHEDULE 400: unsupported operation: mesos-0.23 lacks UPDATE_MAINTENANCE_SCHEDULE
        operator down A0
            0s START_MAINTENANCE 400: unsupported operation: mesos-0.23 lacks START_MAINTENANCE
        operator up A0
            0s STOP_MAINTENANCE 400: unsupported operation: mesos-0.23 lacks STOP_MAINTENANCE
        operator drain A0
            0s DRAIN_AGENT 400: unsupported operation: mesos-0.23 lacks DRAIN_AGENT
        operator deactivate A0
            0s DEACTIVATE_AGENT 400: unsupported operation: mesos-0.23 lacks DEACTIVATE_AGENT
        operator reactivate A0
            0s REACTIVATE_AGENT 400: unsupported operation: mesos-0.23 lacks REACTIVATE_AGENT
        operator gone A0
            0s MARK_AGENT_GONE 400: unsupported operation: mesos-0.23 lacks MARK_AGENT_GONE
        operator teardown F0
            0s 1 offers of F0 are discarded
            0s TEARDOWN 200
        ",
    );
}

#[test]
fn mesos_1_1_has_some_calls_of_operators() {
    check(
        Profile::MESOS_1_1,
        "
        agent A0 cpus:4;disk(a):1024
        framework F0 a
            0s offer O1 to F0: A0 cpus:4;disk(a):1024
        operator reserve A0 cpus(+a@ops):1
            0s rescind O1 from F0
            0s A0 checkpoints cpus(+a@ops):1
            0s RESERVE_RESOURCES 202
        operator unreserve A0 cpus(+a@ops):1
            0s A0 checkpoints nothing
            0s UNRESERVE_RESOURCES 202
        operator create A0 disk(a)[v]:64
            0s A0 checkpoints disk(a)[v]:64
            0s CREATE_VOLUMES 202
        operator destroy A0 disk(a)[v]:64
            0s A0 checkpoints nothing
            0s DESTROY_VOLUMES 202
        operator grow A0 disk(a)[v]:64 disk(a):64
            0s GROW_VOLUME 400: unsupported operation: mesos-1.1 lacks GROW_VOLUME
        operator shrink A0 disk(a)[v]:64 32
            0s SHRINK_VOLUME 400: unsupported operation: mesos-1.1 lacks SHRINK_VOLUME
        operator quota a cpus:1 none
            0s UPDATE_QUOTA 400: unsupported operation: mesos-1.1 lacks UPDATE_QUOTA
        operator drain A0
            0s DRAIN_AGENT 400: unsupported operation: mesos-1.1 lacks DRAIN_AGENT
        operator deactivate A0
            0s DEACTIVATE_AGENT 400: unsupported operation: mesos-1.1 lacks DEACTIVATE_AGENT
        operator reactivate A0
            0s REACTIVATE_AGENT 400: unsupported operation: mesos-1.1 lacks REACTIVATE_AGENT
        operator gone A0
            0s MARK_AGENT_GONE 400: unsupported operation: mesos-1.1 lacks MARK_AGENT_GONE
        operator reserve A0 cpus(a,+a/x):1
            0s RESERVE_RESOURCES 400: A refined reservation is not supported by mesos-1.1
        ",
    );
}

#[test]
fn mesos_0_23_has_simple_operations() {
    check(
        Profile::MESOS_0_23,
        "
        framework F0 a shared
        agent A0 cpus:4;disk(a):1024;disk(a)[MOUNT:/m]:1024
            0s offer O1 to F0: A0 cpus:4;disk(a):1024;disk(a)[MOUNT:/m]:1024
        accept F0 O1 0s reserve cpus(+a):1 reserve cpus(+a@ops#key=value):1 create disk(a)<v>:64 create disk(a)[MOUNT:/m,v]:1024 reserve cpus(+a@ops):1 create disk(a)[v]:64 grow disk(a)[v]:64 disk(a):64 shrink disk(a)[v]:64 32
            0s RESERVE is dropped: A reservation must name the principal that makes it
            0s RESERVE is dropped: A reservation with labels is not supported by mesos-0.23
            0s CREATE is dropped: A shared volume is not supported by mesos-0.23
            0s CREATE is dropped: A disk with a source is not supported by mesos-0.23
            0s A0 checkpoints cpus(+a@ops):1
            0s A0 checkpoints cpus(+a@ops):1;disk(a)[v]:64
            0s GROW_VOLUME is dropped: Resizing a volume is not supported by mesos-0.23
            0s SHRINK_VOLUME is dropped: Resizing a volume is not supported by mesos-0.23
        at 1s
            1s offer O2 to F0: A0 cpus:3;cpus(+a@ops):1;disk(a):960;disk(a)[MOUNT:/m]:1024;disk(a)[v]:64
        accept F0 O2 0s destroy disk(a)[v]:64 unreserve cpus(+a@ops):1
            1s A0 checkpoints cpus(+a@ops):1
            1s A0 checkpoints nothing
        at 2s
            2s offer O3 to F0: A0 cpus:4;disk(a):1024;disk(a)[MOUNT:/m]:1024
        ",
    );
}

#[test]
fn mesos_1_1_has_shared_volumes_and_labels() {
    check(
        Profile::MESOS_1_1,
        "
        framework F0 a shared
        agent A0 cpus:4;disk(a):1024;disk(a)[MOUNT:/m]:1024
            0s offer O1 to F0: A0 cpus:4;disk(a):1024;disk(a)[MOUNT:/m]:1024
        accept F0 O1 0s reserve cpus(+a):1 reserve cpus(+a@ops#key=value):1 create disk(a)<v>:64 create disk(a)[MOUNT:/m,w]:1024 grow disk(a)[MOUNT:/m,w]:1024 disk(a):64 reserve cpus(a,+a/x):1
            0s A0 checkpoints cpus(+a):1
            0s A0 checkpoints cpus(+a):1;cpus(+a@ops#key=value):1
            0s A0 checkpoints cpus(+a):1;cpus(+a@ops#key=value):1;disk(a)<v>:64
            0s A0 checkpoints cpus(+a):1;cpus(+a@ops#key=value):1;disk(a)<v>:64;disk(a)[MOUNT:/m,w]:1024
            0s GROW_VOLUME is dropped: Resizing a volume is not supported by mesos-1.1
            0s RESERVE is dropped: A refined reservation is not supported by mesos-1.1
        at 1s
            1s offer O2 to F0: A0 cpus:2;cpus(+a):1;cpus(+a@ops#key=value):1;disk(a):960;disk(a)<v>:64;disk(a)[MOUNT:/m,w]:1024
        ",
    );
}
