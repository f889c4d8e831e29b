//! Offers that a batch framework holds for jobs to come.

use crate::support::batch::options;
use crate::support::framework_desk::check;
use crate::support::words::secs;
/// Only what drives a framework: nothing here needs a master.
use sim_core::framework::{BatchOptions, Hold};

/// Keeps two offers for ten seconds.
fn holding() -> BatchOptions {
    BatchOptions { hold: Hold { offers: 2, time: secs(10) }, ..options() }
}

#[test]
fn some_unused_offers_are_held_for_some_time() {
    check(
        holding(),
        "
        job cpus:2
        subscribed
        # The second one has no room for the least that was ever asked for, and two are enough.
        offers A0=cpus:2 A1=cpus:1 A2=cpus:2 A3=cpus:3 A4=cpus:2
            0s accept O1 5s T0=cpus:2@10s
            0s decline O2,O5 5s
            0s suppress
        at 9.9s
        at 20s
            10s decline O3,O4 5s
        ",
    );
}

#[test]
fn no_offer_is_held_for_longer_because_others_come() {
    check(
        holding(),
        "
        job cpus:1
        subscribed
        offers A0=cpus:1 A1=cpus:1
            0s accept O1 5s T0=cpus:1@10s
            0s suppress
        at 6s
        offers A2=cpus:1
        at 12s
            10s decline O2 5s
        at 20s
            16s decline O3 5s
        ",
    );
}

#[test]
fn a_job_starts_from_what_is_held() {
    check(
        holding(),
        "
        job cpus:1
        subscribed
        offers A0=cpus:1 A1=cpus:4
            0s accept O1 5s T0=cpus:1@10s
            0s suppress
        at 3s
        # No REVIVE: there is room for it at hand.
        job cpus:2
            3s accept O2 5s T1=cpus:2@10s
        at 5s
        # For this one there is not.
        job cpus:2
            5s revive
        ",
    );
}

#[test]
fn a_lost_task_starts_again_from_what_is_held() {
    check(
        holding(),
        "
        job cpus:1
        subscribed
        offers A0=cpus:1 A1=cpus:4
            0s accept O1 5s T0=cpus:1@10s
            0s suppress
        at 3s
        update T0 TASK_DROPPED
            3s accept O2 5s T0.1=cpus:1@10s
        ",
    );
}

#[test]
fn a_held_offer_that_is_rescinded_is_forgotten() {
    check(
        holding(),
        "
        job cpus:1
        subscribed
        offers A0=cpus:1 A1=cpus:1 A2=cpus:1
            0s accept O1 5s T0=cpus:1@10s
            0s suppress
        rescind O2
        at 1s
        job cpus:1
            1s accept O3 5s T1=cpus:1@10s
        at 30s
        ",
    );
}

#[test]
fn nothing_is_held_while_something_waits_that_it_has_no_place_for() {
    check(
        holding(),
        "
        job cpus:1
        subscribed
        offers A0=cpus:1 A1=cpus:1
            0s accept O1 5s T0=cpus:1@10s
            0s suppress
        at 1s
        # Held parts of an agent would never come together.
        job cpus:2
            1s decline O2 5s
            1s revive
        ",
    );
}
