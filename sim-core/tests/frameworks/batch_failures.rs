//! Failures around the batch framework, at its one door.

use crate::support::batch::options;
use crate::support::framework_desk::check;
use crate::support::words::secs;
/// Only what drives a framework: nothing here needs a master.
use sim_core::framework::{BatchOptions, Hold, ThinkTime};

#[test]
fn tasks_that_are_thought_about_wait_again_when_the_connection_breaks() {
    let think_time = ThinkTime { per_offer: secs(1), ..ThinkTime::default() };
    check(
        BatchOptions { think_time, ..options() },
        "
        job cpus:1@1s cpus:1@2s unique
        subscribed
        offers A0=cpus:1 A1=cpus:1
        pending
            0 pending, 2 live
        disconnected
        pending
            2 pending, 0 live
        at 10s
        connected
            10s subscribe
        # There is nothing to reconcile; that it wants offers is said again.
        subscribed
            10s revive
        # In the order in which they would have been placed.
        offers A0=cpus:2 A1=cpus:2
        at 20s
            12s accept O3 5s T0.1=cpus:1@1s
            12s accept O4 5s T1.1=cpus:1@2s
            12s suppress
        ",
    );
}

#[test]
fn offers_are_void_when_the_connection_breaks() {
    let think_time = ThinkTime { per_offer: secs(1), ..ThinkTime::default() };
    check(
        BatchOptions { think_time, ..options() },
        "
        job cpus:4
        subscribed
        offers A0=cpus:1
        offers A1=cpus:1
        crash
        # Neither the thought nor the offers that waited are answered.
        at 10s
        start
            10s subscribe
        subscribed
            10s revive
        offers A2=cpus:1
        at 20s
            11s decline O3 5s
        ",
    );
}

#[test]
fn what_was_held_is_void_as_well() {
    check(
        BatchOptions { hold: Hold { offers: 2, time: secs(60) }, ..options() },
        "
        job cpus:1
        subscribed
        offers A0=cpus:1 A1=cpus:1
            0s accept O1 5s T0=cpus:1@10s
            0s suppress
        disconnected
        job cpus:1
        connected
            0s subscribe
        subscribed
            0s reconcile T0@A0
            0s revive
        update T0 TASK_FINISHED
            0s job 0 is over
        at 100s
        ",
    );
}

#[test]
fn nothing_is_said_to_a_master_that_is_not_there() {
    check(
        options(),
        "
        subscribed
            0s suppress
        disconnected
        job cpus:1
        offers A0=cpus:1
        at 1s
        connected
            1s subscribe
        connected
            1s subscribe
        offers A0=cpus:1
        subscribed
            1s revive
        offers A0=cpus:1
            1s accept O3 5s T0=cpus:1@10s
            1s suppress
        crash
        # Only a start brings a crashed scheduler back.
        connected
        subscribed
        job cpus:1
        pending
            1 pending, 1 live
        at 2s
        start
            2s subscribe
        subscribed
            2s reconcile T0@A0
            2s revive
        ",
    );
}

#[test]
fn live_tasks_are_reconciled_until_each_is_answered() {
    check(
        options(),
        "
        job 3xcpus:1
        subscribed
        offers A0=cpus:2 A1=cpus:1
            0s accept O1 5s T0=cpus:1@10s T1=cpus:1@10s
            0s accept O2 5s T2=cpus:1@10s
            0s suppress
        update T0 TASK_RUNNING
        disconnected
        connected
            0s subscribe
        subscribed
            0s reconcile T0@A0,T1@A0,T2@A1
            0s suppress
        # The answer does not start it twice.
        update T0 TASK_RUNNING
        at 6s
            1s reconcile T1@A0,T2@A1
            3s reconcile T1@A0,T2@A1
        # The master has never heard of it.
        update T1 TASK_UNKNOWN
            6s revive
        at 200s
            7s reconcile T2@A1
            15s reconcile T2@A1
            31s reconcile T2@A1
            63s reconcile T2@A1
            123s reconcile T2@A1
            183s reconcile T2@A1
        # The next break begins anew.
        disconnected
        at 500s
        connected
            500s subscribe
        subscribed
            500s reconcile T0@A0,T2@A1
            500s revive
        at 502s
            501s reconcile T0@A0,T2@A1
        update T2 TASK_FINISHED
        update T0 TASK_FINISHED
        at 1000s
        pending
            1 pending, 0 live
        ",
    );
}

#[test]
fn a_task_that_comes_back_after_it_was_lost_is_killed() {
    check(
        options(),
        "
        job cpus:1
        subscribed
        offers A3=cpus:1
            0s accept O1 5s T0=cpus:1@10s
            0s suppress
        update T0 TASK_LOST
            0s revive
        update T0 TASK_RUNNING reliable
            0s acknowledge T0
            0s kill T0
        # As long as it says that it lives.
        update T0 TASK_RUNNING
            0s kill T0
        update T0 TASK_KILLED reliable
            0s acknowledge T0
        # A KILL would only bring these again.
        update T0 TASK_UNREACHABLE
        update T0 TASK_UNKNOWN
        update T0 TASK_KILLING
        ",
    );
}

#[test]
fn tasks_that_have_not_done_their_work_are_placed_again() {
    for state in [
        "TASK_LOST",
        "TASK_DROPPED",
        "TASK_KILLED",
        "TASK_GONE",
        "TASK_GONE_BY_OPERATOR",
        "TASK_UNREACHABLE",
        "TASK_UNKNOWN",
    ] {
        let script = "
        job cpus:1
        subscribed
        offers A0=cpus:1
            0s accept O1 5s T0=cpus:1@10s
            0s suppress
        update T0 STATE
            0s revive
        pending
            1 pending, 0 live
        ";
        check(options(), &script.replace("STATE", state));
    }
    for state in ["TASK_FINISHED", "TASK_FAILED", "TASK_ERROR"] {
        let script = "
        job cpus:1
        subscribed
        offers A0=cpus:1
            0s accept O1 5s T0=cpus:1@10s
            0s suppress
        update T0 STATE
            0s job 0 is over
        ";
        check(options(), &script.replace("STATE", state));
    }
}

#[test]
fn an_unreachable_task_may_come_back_in_time() {
    check(
        BatchOptions { unreachable_timeout: secs(60), ..options() },
        "
        job 2xcpus:1
        subscribed
        offers A0=cpus:2
            0s accept O1 5s T0=cpus:1@10s T1=cpus:1@10s
            0s suppress
        update T0 TASK_RUNNING
        update T0 TASK_UNREACHABLE
        update T1 TASK_UNREACHABLE
        at 30s
        update T0 TASK_RUNNING
        # Told again: its time does not begin anew.
        update T1 TASK_UNREACHABLE
        at 100s
            60s revive
        pending
            1 pending, 1 live
        update T1 TASK_RUNNING
            100s kill T1
        update T0 TASK_FINISHED
        pending
            1 pending, 0 live
        ",
    );
}

#[test]
fn time_runs_out_for_unreachable_tasks_while_the_scheduler_is_down() {
    check(
        BatchOptions { unreachable_timeout: secs(60), ..options() },
        "
        job cpus:1
        subscribed
        offers A0=cpus:1
            0s accept O1 5s T0=cpus:1@10s
            0s suppress
        update T0 TASK_UNREACHABLE
        crash
        at 90s
        pending
            0 pending, 1 live
        start
            90s subscribe
        at 91s
        pending
            1 pending, 0 live
        subscribed
            91s revive
        ",
    );
}

#[test]
fn a_scheduler_that_is_refused_stops_for_good() {
    check(
        options(),
        "
        job 3xcpus:1
        subscribed
        offers A0=cpus:2
            0s accept O1 5s T0=cpus:1@10s T1=cpus:1@10s
        error
        pending
            3 pending, 0 live
        job cpus:1
        offers A0=cpus:2
        update T0 TASK_RUNNING
        disconnected
        connected
        subscribed
        crash
        start
        at 100s
        pending
            4 pending, 0 live
        ",
    );
}

#[test]
fn inverse_offers_are_accepted() {
    check(
        options(),
        "
        subscribed
            0s suppress
        inverse A0=60s A1=60s
            0s accept_inverse_offers I1,I2
        ",
    );
}
