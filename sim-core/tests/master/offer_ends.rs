//! Each way in which an offer ends, and whether its resources come back with a filter, at the master's
//! one door (`spec/master.md` 5.2 and 5.3). `offers.rs` has ACCEPT and DECLINE.

use crate::support::master_desk;
use policy_api::Span;
use sim_core::master::MasterOptions;

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

#[test]
fn accepted_and_declined_offers_come_back_with_the_filter_of_the_call() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        agent A1 cpus:4
            0s offer O2 to F0: A1 cpus:4
        accept F0 O1 5s T0=cpus:1
            0s A0 runs T0
        decline F0 O2 3s
        at 10s
            3s offer O3 to F0: A1 cpus:4
            5s offer O4 to F0: A0 cpus:3
        ",
    );
}

#[test]
fn a_timeout_sets_no_filter() {
    let offer_timeout = Some(Span::from_millis(1500));
    master_desk::check(
        MasterOptions { offer_timeout, ..MasterOptions::default() },
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        at 3s
            1.5s rescind O1 from F0
            2s offer O2 to F0: A0 cpus:4
        ",
    );
}

#[test]
fn the_loss_of_an_agent_rescinds() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        exit A0
            0s rescind O1 from F0
        reregister A0 cpus:4
            0s A0 is reregistered
        at 1s
            1s offer O2 to F0: A0 cpus:4
        operator deactivate A0
            1s rescind O2 from F0
            1s DEACTIVATE_AGENT 200
        at 2s
        operator reactivate A0
            2s REACTIVATE_AGENT 200
        at 3s
            3s offer O3 to F0: A0 cpus:4
        unhealthy A0
            3s rescind O3 from F0
            3s F0 loses A0
        decline F0 O3 5s
        # It set no filter, because its offer was gone.
        reregister A0 cpus:4
            3s A0 is reregistered
            3s offer O4 to F0: A0 cpus:4
        ",
    );
}

#[test]
fn a_smaller_agent_rescinds_what_it_has_no_more() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        reregister A0 cpus:2
            0s A0 is reregistered
            0s rescind O1 from F0
            0s offer O2 to F0: A0 cpus:2
        ",
    );
}

#[test]
fn maintenance_weights_and_quota_rescind_without_a_filter() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        operator schedule A0@1000s+10s
            0s rescind O1 from F0
            0s UPDATE_MAINTENANCE_SCHEDULE 200
            0s offer O2 to F0: A0 cpus:4 until 1000s
            0s inverse offer I1 to F0: A0 from 1000s
        at 1s
        operator weights a=2
            1s rescind O2 from F0
            1s UPDATE_WEIGHTS 200
        at 2s
            2s offer O3 to F0: A0 cpus:4 until 1000s
        operator quota b cpus:1 none
            2s rescind O3 from F0
            2s UPDATE_QUOTA 200
        at 3s
            3s offer O4 to F0: A0 cpus:3 until 1000s
        ",
    );
}

#[test]
fn an_operation_of_an_operator_rescinds_with_the_default_filter() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        operator reserve A0 cpus(+b):1
            0s rescind O1 from F0
            0s A0 applies reserve cpus(+b):1
            0s RESERVE_RESOURCES 202
        at 10s
            5s offer O2 to F0: A0 cpus:3
        ",
    );
}

#[test]
fn an_offer_of_another_is_not_discarded() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        framework F1 b
        agent A1 cpus:4
            0s offer O2 to F1: A1 cpus:4
        accept F1 O1,O2 0s T0=cpus:1
            0s 1 offers of F1 are discarded
            0s F1 hears T0 TASK_DROPPED InvalidOffers
        accept F0 O1 0s T0=cpus:1
            0s A0 runs T0
        ",
    );
}

#[test]
fn an_invalid_list_discards_what_is_valid_in_it() {
    check(
        "
        framework F0 a+b
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        accept F0 O1,O1 0s T0=cpus:1
            0s 1 offers of F0 are discarded
            0s F0 hears T0 TASK_DROPPED InvalidOffers
        at 1s
            1s offer O2 to F0: A0 cpus:4
        agent A1 cpus:4
            1s offer O3 to F0: A1 cpus:4
        accept F0 O2,O3 5s T0=cpus:1 reserve cpus(+a):1
            1s 2 offers of F0 are discarded
            1s F0 hears T0 TASK_DROPPED InvalidOffers
            1s RESERVE is dropped: Aggregated offers must be allocated to the same role
        at 2s
            2s offer O4 to F0: A0 cpus:4
            2s offer O5 to F0: A1 cpus:4
        accept F0 O1,O4 0s T0=cpus:1
            2s 1 offers of F0 are discarded
            2s F0 hears T0 TASK_DROPPED InvalidOffers
        at 3s
            3s offer O6 to F0: A0 cpus:4
        accept F0 none 0s T0=cpus:1
            3s F0 hears T0 TASK_DROPPED InvalidOffers
        ",
    );
}
