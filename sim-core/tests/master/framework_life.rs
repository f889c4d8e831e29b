//! Frameworks come, fail over, go away and are removed, at the master's one door (`spec/master.md`
//! sections 2.1 and 2.2).

use crate::support::master_desk::{self, MasterDesk};
use crate::support::script::play;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn a_repeated_subscription_is_answered_again_and_changes_nothing() {
    check(
        "
        subscriptions
        framework F0 a
            0s F0 is subscribed
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        framework F0 b
            0s F0 is subscribed
        revive F0
        ",
    );
}

#[test]
fn another_connection_takes_over_by_force_only() {
    check(
        "
        subscriptions
        framework F0 a failover=60s
            0s F0 is subscribed
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        at 1s
            1s offer O2 to F0: A0 cpus:3
        framework F0 a failover=60s again connection=2
            1s F0 is refused: Framework failed over
        ",
    );
    check(
        "
        subscriptions
        framework F0 a failover=60s
            0s F0 is subscribed
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        at 1s
            1s offer O2 to F0: A0 cpus:3
        framework F0 a failover=60s again force connection=2
            1s the old F0 is refused: Framework failed over
            1s 1 offers of F0 are discarded
            1s F0 is subscribed
            1s offer O3 to F0: A0 cpus:3
        # What it said before does not count.
        tasks F0
            T0 on A0 TASK_STAGING
        update F0 A0 T0 TASK_RUNNING
            1s F0 hears T0 TASK_RUNNING
        ",
    );
}

#[test]
fn the_same_connection_gets_its_offers_rescinded() {
    check(
        "
        subscriptions
        framework F0 a failover=60s
            0s F0 is subscribed
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        framework F0 a failover=60s again
            0s rescind O1 from F0
            0s F0 is subscribed
        # Forced, it counts as another.
        framework F0 a failover=60s again force
            0s F0 is subscribed
            0s offer O2 to F0: A0 cpus:4
        ",
    );
}

#[test]
fn inverse_offers_end_with_the_connection() {
    check(
        "
        framework F0 a failover=60s
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 100s T0=cpus:1
            0s A0 runs T0
        operator schedule A0@1000s+10s
            0s UPDATE_MAINTENANCE_SCHEDULE 200
            0s inverse offer I1 to F0: A0 from 1000s
        at 1s
        framework F0 a failover=60s again
            1s rescind I1 from F0
        at 2s
            2s inverse offer I2 to F0: A0 from 1000s
        exit F0
        at 3s
        framework F0 a failover=60s again connection=2
            3s offer O2 to F0: A0 cpus:3 until 1000s
            3s inverse offer I3 to F0: A0 from 1000s
        at 4s
        framework F0 a failover=60s again force connection=3
            4s the old F0 is refused: Framework failed over
            4s 1 offers of F0 are discarded
            4s offer O3 to F0: A0 cpus:3 until 1000s
            4s inverse offer I4 to F0: A0 from 1000s
        at 5s
        ",
    );
}

#[test]
fn a_framework_that_is_away_gets_no_offers_and_keeps_its_tasks() {
    check(
        "
        subscriptions
        framework F0 a failover=60s
            0s F0 is subscribed
        framework F1 b
            0s F1 is subscribed
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        agent A1 cpus:4
            0s offer O2 to F1: A1 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        at 1s
            1s offer O3 to F0: A0 cpus:3
        exit F0
        at 2s
            2s offer O4 to F1: A0 cpus:3
        # Nobody hears the end; the agent says it again.
        update F0 A0 T0 TASK_FINISHED
        tasks F0
            T0 on A0 TASK_FINISHED
        at 10s
            3s offer O5 to F1: A0 cpus:1
        framework F0 a failover=60s again connection=2
            10s F0 is subscribed
        update F0 A0 T0 TASK_FINISHED
            10s F0 hears T0 TASK_FINISHED
        acknowledge F0 A0 T0
            10s A0 is acknowledged
        tasks F0
            completed T0 on A0 TASK_FINISHED
        ",
    );
}

#[test]
fn calls_over_an_old_connection_are_not_heard() {
    check(
        "
        framework F0 a failover=60s
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        exit F0
        revive F0
            0s F0 is refused: Framework disconnected
        accept F0 O1 0s T0=cpus:1
            0s F0 is refused: Framework disconnected
        tasks F0
        ",
    );
}

#[test]
fn a_framework_that_does_not_come_back_in_time_is_removed() {
    check(
        "
        subscriptions
        framework F0 a failover=10s
            0s F0 is subscribed
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        exit F0
        at 9.999s
        at 10s
            10s A0 shuts F0 down
        tasks F0
            completed T0 on A0 TASK_KILLED
        framework F0 a failover=10s again connection=2
            10s F0 is refused: Framework has been removed
        ",
    );
}

#[test]
fn coming_back_renews_the_failover_timeout() {
    check(
        "
        framework F0 a failover=10s
        at 1s
        exit F0
        at 5s
        framework F0 a failover=20s again connection=2
        at 8s
        exit F0
        # The first timer would have ended at 11 s.
        at 12s
        metric master/frameworks_disconnected
            1
        at 27.999s
        metric master/frameworks_disconnected
            1
        at 28s
        metric master/frameworks_disconnected
            0
        ",
    );
}

#[test]
fn without_a_failover_timeout_a_framework_is_removed_with_its_connection() {
    check(
        "
        framework F0 a
        framework F1 a
        suppress F1
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:1 T1=cpus:1/E0=cpus:1
            0s A0 runs T0
            0s A0 runs T1 in new E0
        exit F0
            0s A0 shuts F0 down
        tasks F0
            completed T0 on A0 TASK_KILLED
            completed T1 on A0 TASK_KILLED
        revive F1
            0s offer O2 to F1: A0 cpus:4
        ",
    );
}

#[test]
fn a_teardown_kills_tasks_in_the_books_at_once() {
    // Nobody is told; agents follow at their own pace, and what they say is not heard any more.
    check(
        "
        framework F0 a
        framework F1 b
        suppress F1
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        agent A1 cpus:4
            0s offer O2 to F0: A1 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        accept F0 O2 0s T1=cpus:1/E0=cpus:1
            0s A1 runs T1 in new E0
        update F0 A0 T0 TASK_RUNNING
            0s F0 hears T0 TASK_RUNNING
        at 1s
            1s offer O3 to F0: A0 cpus:3
            1s offer O4 to F0: A1 cpus:2
        teardown F0
            1s 2 offers of F0 are discarded
            1s A0 shuts F0 down
            1s A1 shuts F0 down
        tasks F0
            completed T0 on A0 TASK_KILLED
            completed T1 on A1 TASK_KILLED
        metric master/tasks_killed
            2
        metric master/task_killed/source_master/reason_framework_removed
            2
        metric master/cpus_used
            0
        update F0 A0 T0 TASK_KILLED
        executor-exited F0 A1 E0
        metric master/invalid_status_updates
            1
        revive F1
            1s offer O5 to F1: A0 cpus:4
            1s offer O6 to F1: A1 cpus:4
        ",
    );
}

#[test]
fn an_operator_tears_a_framework_down() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        operator teardown F0
            0s A0 shuts F0 down
            0s TEARDOWN 200
        operator teardown F0
            0s TEARDOWN 400: No framework found with specified ID
        operator teardown F7
            0s TEARDOWN 400: No framework found with specified ID
        ",
    );
}

#[test]
fn a_recovered_framework_waits_for_ever_and_can_be_torn_down() {
    check(
        "
        framework F0 a failover=10s
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        failover
        reregister A0 cpus:4 F0/T0=cpus:1/a/TASK_RUNNING
            0s A0 is reregistered
        framework F1 b
            0s offer O2 to F1: A0 cpus:3
        at 1000s
        tasks F0
            T0 on A0 TASK_RUNNING
        operator teardown F0
            1000s A0 shuts F0 down
            1000s TEARDOWN 200
            1000s offer O3 to F1: A0 cpus:1
        tasks F0
            completed T0 on A0 TASK_KILLED
        ",
    );
}

#[test]
fn a_recovered_framework_takes_its_tasks_over() {
    check(
        "
        subscriptions
        framework F0 a failover=10s
            0s F0 is subscribed
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        failover
        reregister A0 cpus:4 F0/T0=cpus:1/a/TASK_RUNNING
            0s A0 is reregistered
        framework F0 a failover=10s again principal=ops
            0s F0 is subscribed
            0s offer O2 to F0: A0 cpus:3
        tasks F0
            T0 on A0 TASK_RUNNING
        kill F0 T0
            0s A0 kills T0
        ",
    );
}

#[test]
fn deactivation_ends_offers_until_the_framework_subscribes_again() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        deactivate F0
            0s rescind O1 from F0
        at 5s
        deactivate F0
        framework F0 a again
            5s offer O2 to F0: A0 cpus:4
        ",
    );
}

#[test]
fn only_so_many_removed_frameworks_are_remembered() {
    let mut desk =
        MasterDesk::new(MasterOptions { max_completed_frameworks: 1, ..MasterOptions::default() });
    play(
        &mut desk,
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        teardown F0
            0s A0 shuts F0 down
        tasks F0
            completed T0 on A0 TASK_KILLED
        framework F1 a
            0s offer O2 to F1: A0 cpus:4
        teardown F1
            0s 1 offers of F1 are discarded
        tasks F0
        framework F0 a again connection=2
            0s F0 is refused: Framework has been removed
        ",
    );
}
