//! The offers that one ACCEPT may name together (`spec/master.md` section 5.3).

use crate::support::master_desk;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn offers_of_one_agent_are_used_together() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        accept F0 O1 0s T0=cpus:1;mem:1024 T1=cpus:3;mem:3072
            0s A0 runs T0
            0s A0 runs T1
        suppress F0
        at 0.5s
        update F0 A0 T0 TASK_FINISHED
            0.5s F0 hears T0 TASK_FINISHED
        revive F0
            0.5s offer O2 to F0: A0 cpus:1;mem:1024
        update F0 A0 T1 TASK_FINISHED
            0.5s F0 hears T1 TASK_FINISHED
        at 2s
            1s offer O3 to F0: A0 cpus:3;mem:3072
        # Neither offer alone is enough for the task.
        accept F0 O2,O3 5s T2=cpus:4;mem:4000
            2s A0 runs T2
        at 20s
            7s offer O4 to F0: A0 mem:96
        ",
    );
}

#[test]
fn an_accept_names_an_offer() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        accept F0 none 0s T0=cpus:1 reserve cpus(+a):1
            0s F0 hears T0 TASK_DROPPED InvalidOffers
            0s RESERVE is dropped: No offers specified
        ",
    );
}

#[test]
fn an_accept_names_each_offer_once() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        accept F0 O1,O1 100s T0=cpus:1 reserve cpus(+a):1
            0s 1 offers of F0 are discarded
            0s F0 hears T0 TASK_DROPPED InvalidOffers
            0s RESERVE is dropped: Duplicate offer 0v0 in offer list
        # There is no filter, in spite of the call's.
        at 1s
            1s offer O2 to F0: A0 cpus:4;mem:4096
        ",
    );
}

#[test]
fn an_accept_names_outstanding_offers() {
    check(
        "
        framework F0 a not-partition-aware
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        agent A1 cpus:2;mem:4096
            0s offer O2 to F0: A1 cpus:2;mem:4096
        decline F0 O1 0s
        accept F0 O2,O1 100s T0=cpus:1 reserve cpus(+a):1
            0s 1 offers of F0 are discarded
            0s F0 hears T0 TASK_LOST InvalidOffers
            0s RESERVE is dropped: Offer 0v0 is no longer valid
        at 1s
            1s offer O3 to F0: A0 cpus:4;mem:4096
            1s offer O4 to F0: A1 cpus:2;mem:4096
        ",
    );
}

#[test]
fn an_accept_names_offers_of_its_framework() {
    check(
        "
        framework F0 a
        framework F1 b
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        agent A1 cpus:4;mem:4096
            0s offer O2 to F1: A1 cpus:4;mem:4096
        accept F0 O1,O2 100s T0=cpus:1 reserve cpus(+a):1
            0s 1 offers of F0 are discarded
            0s F0 hears T0 TASK_DROPPED InvalidOffers
            0s RESERVE is dropped: Offer 1v0 has invalid framework
        # The other framework has its offer still.
        accept F1 O2 100s T0=cpus:1
            0s A1 runs T0
        at 1s
            1s offer O3 to F0: A0 cpus:4;mem:4096
            1s offer O4 to F0: A1 cpus:3;mem:4096
        ",
    );
}

#[test]
fn an_accept_names_offers_for_one_role() {
    check(
        "
        framework F0 a+b
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        agent A1 cpus:4;mem:4096
            0s offer O2 to F0: A1 cpus:4;mem:4096
        accept F0 O1,O2 100s T0=cpus:1 reserve cpus(+a):1
            0s 2 offers of F0 are discarded
            0s F0 hears T0 TASK_DROPPED InvalidOffers
            0s RESERVE is dropped: Aggregated offers must be allocated to the same role
        at 1s
            1s offer O3 to F0: A0 cpus:4;mem:4096
            1s offer O4 to F0: A1 cpus:4;mem:4096
        ",
    );
}

#[test]
fn an_accept_names_offers_of_one_agent() {
    check(
        "
        framework F0 a
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        agent A1 cpus:4;mem:4096
            0s offer O2 to F0: A1 cpus:4;mem:4096
        accept F0 O1,O2 100s T0=cpus:1 reserve cpus(+a):1
            0s 2 offers of F0 are discarded
            0s F0 hears T0 TASK_DROPPED InvalidOffers
            0s RESERVE is dropped: Aggregated offers must belong to one single agent
        at 1s
            1s offer O3 to F0: A0 cpus:4;mem:4096
            1s offer O4 to F0: A1 cpus:4;mem:4096
        ",
    );
}

#[test]
fn the_first_error_in_a_list_of_offers_wins() {
    check(
        "
        framework F0 a
        framework F1 b
        agent A0 cpus:4;mem:4096
            0s offer O1 to F0: A0 cpus:4;mem:4096
        agent A1 cpus:4;mem:4096
            0s offer O2 to F1: A1 cpus:4;mem:4096
        agent A2 cpus:4;mem:4096
            0s offer O3 to F0: A2 cpus:4;mem:4096
        decline F0 O1 100s
        # Twice, gone, of another.
        accept F0 O1,O2,O1 100s reserve cpus(+a):1
            0s RESERVE is dropped: Duplicate offer 0v0 in offer list
        # Gone, of another.
        accept F0 O2,O1 100s reserve cpus(+a):1
            0s RESERVE is dropped: Offer 0v0 is no longer valid
        # Of another, of several agents and roles.
        accept F0 O3,O2 100s reserve cpus(+a):1
            0s 1 offers of F0 are discarded
            0s RESERVE is dropped: Offer 1v0 has invalid framework
        ",
    );
}
