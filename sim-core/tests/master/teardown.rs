//! The end of frameworks: by operators, by themselves, by their connections (`spec/master.md` 2.2). The
//! tests that begin with an id are scenarios of `spec/cluster-conformance.md`.

use crate::support::master_desk::check;
use sim_core::master::{Acl, Acls, Action, Entity, MasterOptions};

#[test]
fn td_1_success() {
    check(
        MasterOptions::default(),
        "
        framework F0 a failover=100s
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        agent A1 cpus:2;mem:1024
            0s offer O2 to F0: A1 cpus:2;mem:1024
        agent A2 cpus:2;mem:1024
            0s offer O3 to F0: A2 cpus:2;mem:1024
        accept F0 O1 9s T0=cpus:1;mem:512
            0s A0 runs T0
        accept F0 O2 9s T1=cpus:1;mem:512
            0s A1 runs T1
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        operator teardown F0
            0s 1 offers of F0 are discarded
            0s A0 shuts F0 down
            0s A1 shuts F0 down
            0s TEARDOWN 200
        framework-is F0
            completed
        tasks F0
            completed T0 on A0 TASK_KILLED
            completed T1 on A1 TASK_KILLED
        # What it had is free at once.
        framework F1 b
            0s offer O4 to F1: A0 cpus:2;mem:1024
            0s offer O5 to F1: A1 cpus:2;mem:1024
            0s offer O6 to F1: A2 cpus:2;mem:1024
        framework F0 a again
            0s F0 is refused: Framework has been removed
        operator teardown F0
            0s TEARDOWN 400: No framework found with specified ID
        ",
    );
}

fn acls() -> Acls {
    let acl = Acl {
        action: Action::TeardownFramework,
        principals: Entity::Some(vec!["ops".into()]),
        objects: Entity::Some(vec!["dev".into()]),
    };
    let nobody =
        Acl { action: Action::TeardownFramework, principals: Entity::None, objects: Entity::Any };
    Acls { rules: vec![acl, nobody], strict: false }
}

#[test]
fn td_1_good_acls() {
    check(
        MasterOptions { acls: acls(), ..MasterOptions::default() },
        "
        framework F0 a principal=dev
        operator principal=ops teardown F0
            0s TEARDOWN 200
        framework-is F0
            completed
        ",
    );
}

#[test]
fn td_2_bad_acls_and_no_framework_id() {
    check(
        MasterOptions { acls: acls(), ..MasterOptions::default() },
        "
        framework F0 a principal=dev
        operator principal=dev teardown F0
            0s TEARDOWN 403: Not authorized
        operator teardown F0
            0s TEARDOWN 403: Not authorized
        operator principal=ops teardown F1
            0s TEARDOWN 400: No framework found with specified ID
        framework-is F0
            connected
        ",
    );
}

#[test]
fn td_3_recovered_framework_after_master_failover() {
    check(
        MasterOptions::default(),
        "
        framework F0 a failover=100s checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 9s T0=cpus:1;mem:512
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        failover
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1;mem:512/a/TASK_RUNNING
            0s A0 is reregistered
        framework-is F0
            recovered
        operator teardown F0
            0s A0 shuts F0 down
            0s TEARDOWN 200
        framework-is F0
            completed
        tasks F0
            completed T0 on A0 TASK_KILLED
        # Whatever still runs there is told when the agent comes back.
        exit A0
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1;mem:512/a/TASK_RUNNING
            0s A0 is reregistered
            0s A0 shuts F0 down
        framework F0 a again
            0s F0 is refused: Framework has been removed
        ",
    );
}

/// A framework that never comes back after a failover of the master stays for ever.
#[test]
fn a_recovered_framework_has_no_failover_timeout() {
    check(
        MasterOptions::default(),
        "
        framework F0 a failover=10s checkpoint
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 9s T0=cpus:1;mem:512
            0s A0 runs T0
        failover
        reregister A0 cpus:2;mem:1024 F0/T0=cpus:1;mem:512/a/TASK_RUNNING
            0s A0 is reregistered
        at 100000s
        framework-is F0
            recovered
        tasks F0
            T0 on A0 TASK_RUNNING
        ",
    );
}

#[test]
fn a_framework_without_failover_timeout_ends_with_its_connection() {
    check(
        MasterOptions::default(),
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 9s T0=cpus:1;mem:512
            0s A0 runs T0
        exit F0
            0s A0 shuts F0 down
        framework-is F0
            completed
        tasks F0
            completed T0 on A0 TASK_KILLED
        # Its agent was told, and tells of the end: nobody is there to hear it.
        update F0 A0 T0 TASK_KILLED
        ",
    );
}

#[test]
fn a_framework_is_away_for_as_long_as_its_failover_timeout() {
    check(
        MasterOptions::default(),
        "
        framework F0 a failover=10s
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 0s T0=cpus:1;mem:512
            0s A0 runs T0
        at 1s
            1s offer O2 to F0: A0 cpus:1;mem:512
        exit F0
        framework-is F0
            disconnected
        at 10.9s
        # In time: the timeout begins anew with the next disconnection.
        framework F0 a failover=10s again connection=2
            10.9s offer O3 to F0: A0 cpus:1;mem:512
        at 12s
        framework-is F0
            connected
        exit F0
        at 21.9s
        framework-is F0
            disconnected
        at 22s
            22s A0 shuts F0 down
        framework-is F0
            completed
        ",
    );
}

/// TEARDOWN with offers outstanding: they end without a message.
#[test]
fn a_framework_tears_itself_down() {
    check(
        MasterOptions::default(),
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        agent A1 cpus:2;mem:1024
            0s offer O2 to F0: A1 cpus:2;mem:1024
        accept F0 O1 0s T0=cpus:2;mem:1024
            0s A0 runs T0
        teardown F0
            0s 1 offers of F0 are discarded
            0s A0 shuts F0 down
        framework F1 b
            0s offer O3 to F1: A0 cpus:2;mem:1024
            0s offer O4 to F1: A1 cpus:2;mem:1024
        ",
    );
}

#[test]
fn ro_1_resources_get_reoffered_after_framework_stops() {
    check(
        MasterOptions::default(),
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        exit F0
        framework F1 b
            0s offer O2 to F1: A0 cpus:2;mem:1024
        at 1s
        ",
    );
}

#[test]
fn ro_1_resources_get_reoffered_when_unused() {
    check(
        MasterOptions::default(),
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s
        framework F1 b
            0s offer O2 to F1: A0 cpus:2;mem:1024
        at 1s
        ",
    );
}

#[test]
fn ro_2_resources_get_reoffered_after_task_info_error() {
    check(
        MasterOptions::default(),
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=nothing
            0s F0 hears T0 TASK_ERROR TaskInvalid
        framework F1 b
            0s offer O2 to F1: A0 cpus:2;mem:1024
        at 1s
        ",
    );
}
