//! Failures around the replicas of a stateful framework, at its one door.

use crate::support::stateful::{check, one, options};
/// Only what drives a framework: nothing here needs a master.
use sim_core::framework::{Spread, StatefulOptions};

#[test]
fn a_replica_that_ends_waits_for_its_volume() {
    check(
        one(),
        "
        agents A0=cpus:2;disk:4000 A2=cpus:2;disk:4000
        subscribed
        offer A0
            0s replica 0 created 1048576000
            0s accept O1 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            0s suppress
        update T0 TASK_RUNNING
            0s replica 0 in_sync 1048576000
            0s range 0 available
        update T0 TASK_FAILED
            0s replica 0 down 1048576000
            0s range 0 unavailable
        offer A2
            0s decline O2 5s
        at 1s
            1s revive
        offer A2
            1s decline O3 5s
        offer A0
            1s replica 0 relaunched 1048576000
            1s accept O4 5s T0.1=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            1s suppress
        update T0.1 TASK_RUNNING
            1s replica 0 in_sync 1048576000
            1s range 0 available
        ",
    );
}

#[test]
fn a_replica_whose_volume_is_not_offered_is_replaced() {
    check(
        StatefulOptions { spread: Spread::default(), ..options() },
        "
        agents A0=cpus:2;disk:4000 A2=cpus:2;disk:4000 A4=cpus:2;disk:4000
        agents A6=cpus:2;disk:4000
        subscribed
        offer A0 A2 A4
            0s replica 0 created 1048576000
            0s replica 1 created 1048576000
            0s replica 2 created 1048576000
            0s accept O1 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            0s accept O2 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-1-0@ops]:1000 T1=cpus(+a@ops):1;disk(+a@ops)[db-1-0@ops]:1000@ever
            0s accept O3 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-2-0@ops]:1000 T2=cpus(+a@ops):1;disk(+a@ops)[db-2-0@ops]:1000@ever
            0s suppress
        update T0 TASK_RUNNING
            0s replica 0 in_sync 1048576000
        update T1 TASK_RUNNING
            0s replica 1 in_sync 1048576000
            0s range 1 available
            0s range 0 available
            0s range 2 available
        update T2 TASK_RUNNING
            0s replica 2 in_sync 1048576000
        at 10s
        update T0 TASK_UNREACHABLE
            10s replica 0 down 1048576000
        at 609s
        at 610s
            610s replica 0 given_up 1048576000
            610s revive
        offer A6
            610s replica 0 created 1048576000
            610s accept O4 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-1@ops]:1000 T0.1=cpus(+a@ops):1;disk(+a@ops)[db-0-1@ops]:1000@ever
        update T0.1 TASK_RUNNING
            610s replica 0 rebuilding 1048576000
        at 709s
        at 710s
            710s replica 0 in_sync 1048576000
        # The old agent comes back, with the task and the volume.
        update T0 TASK_RUNNING
            710s kill T0
        update T0 TASK_KILLED
        offer A0
            710s replica 0 collected 1048576000
            710s accept O5 5s destroy disk(+a@ops)[db-0-0@ops]:1000 unreserve cpus(+a@ops):1;disk(+a@ops):1000
            710s suppress
        offer A0
            710s decline O6 5s
        pending
            0 pending, 3 live
        ",
    );
}

#[test]
fn a_replica_that_comes_back_in_time_keeps_its_data() {
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
        at 10s
        update T0 TASK_UNREACHABLE
            10s replica 0 down 1048576000
            10s range 0 unavailable
        at 500s
        update T0 TASK_RUNNING
            500s replica 0 in_sync 1048576000
            500s range 0 available
        at 1000s
        ",
    );
}

#[test]
fn a_range_is_lost_with_its_last_volume() {
    check(
        StatefulOptions { replicas: 3, replication_factor: 2, spread: Spread::default(), ..options() },
        "
        agents A0=cpus:2;disk:4000 A2=cpus:2;disk:4000 A4=cpus:2;disk:4000
        agents A6=cpus:2;disk:4000 A7=cpus:2;disk:4000
        subscribed
        offer A0 A2 A4
            0s replica 0 created 1048576000
            0s replica 1 created 1048576000
            0s replica 2 created 1048576000
            0s accept O1 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            0s accept O2 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-1-0@ops]:1000 T1=cpus(+a@ops):1;disk(+a@ops)[db-1-0@ops]:1000@ever
            0s accept O3 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-2-0@ops]:1000 T2=cpus(+a@ops):1;disk(+a@ops)[db-2-0@ops]:1000@ever
            0s suppress
        update T0 TASK_RUNNING
            0s replica 0 in_sync 1048576000
        update T1 TASK_RUNNING
            0s replica 1 in_sync 1048576000
            0s range 0 available
        update T2 TASK_RUNNING
            0s replica 2 in_sync 1048576000
            0s range 2 available
            0s range 1 available
        at 10s
        # Nothing comes back from there, so nobody waits.
        update T0 TASK_GONE_BY_OPERATOR
            10s replica 0 down 1048576000
            10s range 0 unavailable
            10s range 2 unavailable
            10s replica 0 given_up 1048576000
        at 20s
            11s revive
        update T1 TASK_GONE_BY_OPERATOR
            20s replica 1 down 1048576000
            20s range 1 unavailable
            20s replica 1 given_up 1048576000
            20s range 0 lost
        at 30s
        offer A6 A7
            30s replica 0 created 1048576000
            30s replica 1 created 1048576000
            30s accept O4 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-1@ops]:1000 T1.1=cpus(+a@ops):1;disk(+a@ops)[db-0-1@ops]:1000@ever
            30s accept O5 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-1-1@ops]:1000 T0.1=cpus(+a@ops):1;disk(+a@ops)[db-1-1@ops]:1000@ever
            30s suppress
        update T1.1 TASK_RUNNING
            30s replica 0 rebuilding 1048576000
        update T0.1 TASK_RUNNING
            30s replica 1 rebuilding 1048576000
        at 200s
            130s replica 0 in_sync 1048576000
            130s range 2 available
            130s replica 1 in_sync 1048576000
            130s range 1 available
            130s range 0 available
        ",
    );
}

#[test]
fn maintenance_is_declined_while_a_neighbour_is_down() {
    check(
        StatefulOptions { spread: Spread::default(), ..options() },
        "
        agents A0=cpus:2;disk:4000 A2=cpus:2;disk:4000 A4=cpus:2;disk:4000
        subscribed
        offer A0 A2 A4
            0s replica 0 created 1048576000
            0s replica 1 created 1048576000
            0s replica 2 created 1048576000
            0s accept O1 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            0s accept O2 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-1-0@ops]:1000 T1=cpus(+a@ops):1;disk(+a@ops)[db-1-0@ops]:1000@ever
            0s accept O3 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-2-0@ops]:1000 T2=cpus(+a@ops):1;disk(+a@ops)[db-2-0@ops]:1000@ever
            0s suppress
        update T0 TASK_RUNNING
            0s replica 0 in_sync 1048576000
        update T1 TASK_RUNNING
            0s replica 1 in_sync 1048576000
            0s range 1 available
            0s range 0 available
            0s range 2 available
        update T2 TASK_RUNNING
            0s replica 2 in_sync 1048576000
        inverse A0=600s A2=700s
            0s accept_inverse_offers I1,I2
        update T1 TASK_LOST
            0s replica 1 down 1048576000
        inverse A0=600s A2=700s A7=600s
            0s accept_inverse_offers I4,I5
            0s decline_inverse_offers I3
        at 1s
            1s revive
        offer A2
            1s replica 1 relaunched 1048576000
            1s accept O4 5s T1.1=cpus(+a@ops):1;disk(+a@ops)[db-1-0@ops]:1000@ever
            1s suppress
        update T1.1 TASK_RUNNING
            1s replica 1 in_sync 1048576000
        inverse A0=600s
            1s accept_inverse_offers I6
        ",
    );
}

#[test]
fn nobody_is_given_up_while_there_is_no_master() {
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
        at 100s
            1s revive
        disconnected
        at 5000s
        connected
            5000s subscribe
        subscribed
            5000s revive
        at 5500s
        offer A0
            5500s replica 0 relaunched 1048576000
            5500s accept O2 5s T0.1=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            5500s suppress
        update T0.1 TASK_RUNNING
            5500s replica 0 in_sync 1048576000
            5500s range 0 available
        ",
    );
}

#[test]
fn a_scheduler_that_is_refused_stops_for_good() {
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
        error
            0s replica 0 down 1048576000
            0s range 0 unavailable
        at 10000s
        start
        pending
            1 pending, 0 live
        ",
    );
}

#[test]
fn a_replica_that_goes_down_while_it_copies_begins_anew() {
    check(
        StatefulOptions { replicas: 2, replication_factor: 2, ..options() },
        "
        agents A0=cpus:2;disk:4000 A2=cpus:2;disk:4000 A4=cpus:2;disk:4000
        subscribed
        offer A0 A2
            0s replica 0 created 1048576000
            0s replica 1 created 1048576000
            0s accept O1 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            0s accept O2 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-1-0@ops]:1000 T1=cpus(+a@ops):1;disk(+a@ops)[db-1-0@ops]:1000@ever
            0s suppress
        update T0 TASK_RUNNING
            0s replica 0 in_sync 1048576000
        update T1 TASK_RUNNING
            0s replica 1 in_sync 1048576000
            0s range 1 available
            0s range 0 available
        update T0 TASK_GONE_BY_OPERATOR
            0s replica 0 down 1048576000
            0s range 0 unavailable
            0s range 1 unavailable
            0s replica 0 given_up 1048576000
        at 1s
            1s revive
        offer A4
            1s replica 0 created 1048576000
            1s accept O3 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-1@ops]:1000 T0.1=cpus(+a@ops):1;disk(+a@ops)[db-0-1@ops]:1000@ever
            1s suppress
        update T0.1 TASK_RUNNING
            1s replica 0 rebuilding 1048576000
        at 50s
        update T0.1 TASK_FAILED
            50s replica 0 down 1048576000
        at 60s
            52s revive
        offer A4
            60s replica 0 relaunched 1048576000
            60s accept O4 5s T0.2=cpus(+a@ops):1;disk(+a@ops)[db-0-1@ops]:1000@ever
            60s suppress
        at 150s
        update T0.2 TASK_RUNNING
            150s replica 0 rebuilding 1048576000
        at 249s
        at 250s
            250s replica 0 in_sync 1048576000
            250s range 0 available
            250s range 1 available
        ",
    );
}

#[test]
fn a_replica_that_never_ran_is_given_up_without_a_loss() {
    check(
        StatefulOptions { replicas: 2, replication_factor: 2, ..options() },
        "
        agents A0=cpus:2;disk:4000 A2=cpus:2;disk:4000 A4=cpus:2;disk:4000
        subscribed
        offer A0 A2
            0s replica 0 created 1048576000
            0s replica 1 created 1048576000
            0s accept O1 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-0-0@ops]:1000 T0=cpus(+a@ops):1;disk(+a@ops)[db-0-0@ops]:1000@ever
            0s accept O2 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-1-0@ops]:1000 T1=cpus(+a@ops):1;disk(+a@ops)[db-1-0@ops]:1000@ever
            0s suppress
        update T0 TASK_RUNNING
            0s replica 0 in_sync 1048576000
        update T1 TASK_UNREACHABLE
        at 600s
            600s replica 1 given_up 1048576000
            600s revive
        offer A4
            600s replica 1 created 1048576000
            600s accept O3 5s reserve cpus(+a@ops):1;disk(+a@ops):1000 create disk(+a@ops)[db-1-1@ops]:1000 T1.1=cpus(+a@ops):1;disk(+a@ops)[db-1-1@ops]:1000@ever
            600s suppress
        update T1.1 TASK_RUNNING
            600s replica 1 in_sync 1048576000
            600s range 1 available
            600s range 0 available
        # It is too late for the first one.
        update T1 TASK_RUNNING
            600s kill T1
        update T1 TASK_KILLED
        offer A2
            600s replica 1 collected 1048576000
            600s accept O4 5s destroy disk(+a@ops)[db-1-0@ops]:1000 unreserve cpus(+a@ops):1;disk(+a@ops):1000
        ",
    );
}
