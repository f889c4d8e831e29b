//! `CREATE_DISK` and `DESTROY_DISK` on disks of resource providers (`spec/master.md` sections 6 and 8):
//! at the master's one door, and in whole clusters.

use crate::support::master_desk;
use sim_core::Profile;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn what_a_disk_operation_consumes_is_in_use_until_its_end() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;disk[RAW:,provider=p]:1024
            0s offer O1 to F0: A0 cpus:4;disk[RAW:,provider=p]:1024
        silent A0
        accept F0 O1 0s id=7 create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
            0s A0 applies create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
        account A0
            total cpus:4;disk[RAW:,provider=p]:1024
            used disk[RAW:,provider=p]:1024
            operations
        at 1s
            1s offer O2 to F0: A0 cpus:4
        report A0 OPERATION_FINISHED
            1s F0 hears operation 7 OPERATION_FINISHED
        account A0
            total cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024
            offered cpus:4
            operations
        decline F0 O2 0s
        at 2s
            2s offer O3 to F0: A0 cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024
        accept F0 O3 0s id=8 destroy-disk disk[MOUNT:/m,provider=p,id=d]:1024
            2s A0 applies destroy-disk disk[MOUNT:/m,provider=p,id=d]:1024
        report A0 OPERATION_FINISHED
            2s F0 hears operation 8 OPERATION_FINISHED
        at 3s
            3s offer O4 to F0: A0 cpus:4;disk[RAW:,provider=p]:1024
        account A0
            total cpus:4;disk[RAW:,provider=p]:1024
            offered cpus:4;disk[RAW:,provider=p]:1024
            operations
        metric master/operations/create_disk/finished
            1
        metric master/operations/destroy_disk/finished
            1
        ",
    );
}

#[test]
fn a_disk_operation_that_fails_gives_back_what_it_would_have_consumed() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;disk[RAW:,provider=p]:1024
            0s offer O1 to F0: A0 cpus:4;disk[RAW:,provider=p]:1024
        silent A0
        accept F0 O1 0s id=7 create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
            0s A0 applies create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
        report A0 OPERATION_FAILED
            0s F0 hears operation 7 OPERATION_FAILED
        at 1s
            1s offer O2 to F0: A0 cpus:4;disk[RAW:,provider=p]:1024
        acknowledge-operation F0 7
            1s A0 is acknowledged operation 7
        ",
    );
}

#[test]
fn a_disk_operation_that_never_came_gives_back_what_it_would_have_consumed() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;disk[RAW:,provider=p]:1024
            0s offer O1 to F0: A0 cpus:4;disk[RAW:,provider=p]:1024
        silent A0
        accept F0 O1 0s create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
            0s A0 applies create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
        exit A0
        reregister A0 cpus:4;disk[RAW:,provider=p]:1024
            0s A0 is reregistered
            0s A0 is asked for 1 operations
        account A0
            total cpus:4;disk[RAW:,provider=p]:1024
            used disk[RAW:,provider=p]:1024
            operations
        drop A0
        account A0
            total cpus:4;disk[RAW:,provider=p]:1024
        at 1s
            1s offer O2 to F0: A0 cpus:4;disk[RAW:,provider=p]:1024
        ",
    );
}

#[test]
fn only_disks_of_providers_are_made_and_taken_back() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;disk:512;disk[RAW:,provider=p]:1024;disk(a)[MOUNT:/n,provider=p]:64;disk[MOUNT:/o]:32
            0s offer O1 to F0: A0 cpus:4;disk:512;disk(a)[MOUNT:/n,provider=p]:64;disk[MOUNT:/o]:32;disk[RAW:,provider=p]:1024
        accept F0 O1 0s create-disk disk:512 disk[MOUNT:/m]:512 create-disk disk[RAW:,provider=p]:1024 disk[PATH:/m,provider=p]:1024 create-disk disk[RAW:,provider=q]:1024 disk[MOUNT:/m,provider=q]:1024 destroy-disk disk(a)[MOUNT:/n,provider=p]:64 destroy-disk disk[MOUNT:/o]:32
            0s CREATE_DISK is dropped: disk:512 is not a disk of a resource provider on which this can be done
            0s CREATE_DISK is dropped: disk[PATH:/m]:1024 is not a disk of a resource provider on which this can be done
            0s CREATE_DISK is dropped: cpus:4; disk:512; disk[RAW]:1024; disk(reservations: [(STATIC,a)])[MOUNT:/n]:64; disk[MOUNT:/o]:32 does not contain disk[RAW]:1024
            0s DESTROY_DISK is dropped: disk(reservations: [(STATIC,a)])[MOUNT:/n]:64 is not a disk of a resource provider on which this can be done
            0s DESTROY_DISK is dropped: disk[MOUNT:/o]:32 is not a disk of a resource provider on which this can be done
        account A0
            total cpus:4;disk:512;disk(a)[MOUNT:/n,provider=p]:64;disk[MOUNT:/o]:32;disk[RAW:,provider=p]:1024
        at 1s
            1s offer O2 to F0: A0 cpus:4;disk:512;disk(a)[MOUNT:/n,provider=p]:64;disk[MOUNT:/o]:32;disk[RAW:,provider=p]:1024
        ",
    );
}

#[test]
fn a_disk_that_holds_a_volume_is_not_taken_back() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;disk(a)[MOUNT:/m,provider=p,id=d]:1024
            0s offer O1 to F0: A0 cpus:4;disk(a)[MOUNT:/m,provider=p,id=d]:1024
        accept F0 O1 0s create disk(a)[MOUNT:/m,provider=p,id=d,v]:1024 destroy-disk disk(a)[MOUNT:/m,provider=p,id=d,v]:1024
            0s A0 applies create disk(a)[MOUNT:/m,provider=p,id=d,v]:1024
            0s DESTROY_DISK is dropped: disk(reservations: [(STATIC,a)])[MOUNT(,d,),v:data]:1024 is not a disk of a resource provider on which this can be done
        account A0
            total cpus:4;disk(a)[MOUNT:/m,provider=p,id=d,v]:1024
        ",
    );
}

#[test]
fn a_disk_operation_outlives_the_framework_that_asked_for_it() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;disk[RAW:,provider=p]:1024
            0s offer O1 to F0: A0 cpus:4;disk[RAW:,provider=p]:1024
        silent A0
        accept F0 O1 0s id=7 create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
            0s A0 applies create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
        teardown F0
        account A0
            total cpus:4
            operations
        framework F1 b
            0s offer O2 to F1: A0 cpus:4
        report A0 OPERATION_FINISHED
        account A0
            total cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024
            offered cpus:4
        at 1s
        ",
    );
}

#[test]
fn the_disk_operations_of_an_agent_that_does_not_answer_come_back_with_it() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;disk[RAW:,provider=p]:1024
            0s offer O1 to F0: A0 cpus:4;disk[RAW:,provider=p]:1024
        silent A0
        accept F0 O1 0s id=7 create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
            0s A0 applies create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
        unhealthy A0
            0s F0 hears operation 7 OPERATION_UNREACHABLE
            0s F0 loses A0
        reconcile-operations F0 7@A0
            0s F0 hears operation 7 OPERATION_UNREACHABLE
        reregister A0 cpus:4;disk[RAW:,provider=p]:1024 operations=OPERATION_PENDING
            0s A0 is reregistered
            0s offer O2 to F0: A0 cpus:4
        reconcile-operations F0 7@A0
            0s F0 hears operation 7 OPERATION_PENDING
        account A0
            total cpus:4
            offered cpus:4
            operations
        report A0 OPERATION_FINISHED
            0s F0 hears operation 7 OPERATION_FINISHED
        acknowledge-operation F0 7
            0s A0 is acknowledged operation 7
        account A0
            total cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024
            offered cpus:4
        ",
    );
}

#[test]
fn a_new_master_learns_of_disk_operations_from_the_agent() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;disk[RAW:,provider=p]:1024
            0s offer O1 to F0: A0 cpus:4;disk[RAW:,provider=p]:1024
        silent A0
        accept F0 O1 0s id=7 create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
            0s A0 applies create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
        failover
        framework F0 a again
        reregister A0 cpus:4;disk[RAW:,provider=p]:1024 operations=OPERATION_PENDING
            0s A0 is reregistered
            0s offer O2 to F0: A0 cpus:4
        account A0
            total cpus:4
            offered cpus:4
            operations
        # What is under way stays out of the books when the agent only was away for a moment.
        exit A0
            0s rescind O2 from F0
        reregister A0 cpus:4;disk[RAW:,provider=p]:1024 operations=OPERATION_PENDING
            0s A0 is reregistered
        account A0
            total cpus:4
            operations
        report A0 OPERATION_FINISHED
            0s F0 hears operation 7 OPERATION_FINISHED
            0s offer O3 to F0: A0 cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024
        acknowledge-operation F0 7
            0s A0 is acknowledged operation 7
        account A0
            total cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024
            offered cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024
        ",
    );
}

#[test]
fn an_end_that_nobody_heard_is_in_the_total_of_the_agent_that_comes_back() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;disk[RAW:,provider=p]:1024
            0s offer O1 to F0: A0 cpus:4;disk[RAW:,provider=p]:1024
        silent A0
        accept F0 O1 0s id=7 create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
            0s A0 applies create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
        exit A0
        reregister A0 cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024 operations=OPERATION_FINISHED
            0s A0 is reregistered
            0s offer O2 to F0: A0 cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024
        account A0
            total cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024
            offered cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024
            operations
        report A0 OPERATION_FINISHED
            0s F0 hears operation 7 OPERATION_FINISHED
        acknowledge-operation F0 7
            0s A0 is acknowledged operation 7
        account A0
            total cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024
            offered cpus:4;disk[MOUNT:/m,provider=p,id=d]:1024
        ",
    );
}

#[test]
fn an_orphan_that_fails_gives_back_what_it_would_have_consumed() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;disk[RAW:,provider=p]:1024
            0s offer O1 to F0: A0 cpus:4;disk[RAW:,provider=p]:1024
        silent A0
        accept F0 O1 0s create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
            0s A0 applies create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024
        teardown F0
        exit A0
        reregister A0 cpus:4;disk[RAW:,provider=p]:1024
            0s A0 is reregistered
            0s A0 is asked for 1 operations
        account A0
            total cpus:4
            operations
        drop A0
        account A0
            total cpus:4;disk[RAW:,provider=p]:1024
        ",
    );
}

#[test]
fn older_versions_have_no_disk_operations() {
    for profile in [Profile::MESOS_0_23, Profile::MESOS_1_1] {
        let error = format!("A disk operation is not supported by {}", profile.name);
        master_desk::check(
            MasterOptions { profile, ..MasterOptions::default() },
            &format!(
                "
        framework F0 a
        agent A0 cpus:4;disk[RAW:,provider=p]:1024
            0s offer O1 to F0: A0 cpus:4;disk[RAW:,provider=p]:1024
        accept F0 O1 0s create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p]:1024
            0s CREATE_DISK is dropped: {error}
                "
            ),
        );
    }
}
