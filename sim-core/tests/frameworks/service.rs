//! The service framework, at its one door.

use crate::support::framework_desk::{FrameworkDesk, check_framework};
use crate::support::infos::subscription;
use crate::support::script::Desk;
use crate::support::words::{quantities, secs};
/// Only what drives a framework: nothing here needs a master.
use policy_api::{DenseId, FrameworkId, Time};
use sim_core::framework::{ServiceFramework, ServiceOptions, Spread, SpreadBy};

/// Three instances of one processor, on different agents where there are some.
fn options() -> ServiceOptions {
    ServiceOptions {
        files: Vec::new(),
        demand: quantities("cpus:1"),
        scale: vec![(Time::ZERO, 3)],
        spread: Spread::default(),
        decline: secs(5),
        unreachable_timeout: secs(60),
        maintenance_margin: secs(100),
    }
}

fn check(options: ServiceOptions, script: &str) {
    let id = FrameworkId::from_index(0);
    check_framework(ServiceFramework::new(id, subscription(), options), script);
}

/// The agents that instances go to, in order, of offers that are all made at once.
fn placed(spread: Spread, instances: u32, offers: &str) -> Vec<usize> {
    let scale = vec![(Time::ZERO, instances)];
    let options = ServiceOptions { spread, scale, ..options() };
    let id = FrameworkId::from_index(0);
    let mut desk = FrameworkDesk::new(ServiceFramework::new(id, subscription(), options));
    desk.command(&["subscribed"]);
    let words: Vec<&str> = std::iter::once("offers").chain(offers.split(' ')).collect();
    desk.command(&words);
    desk.places().map(DenseId::index).collect()
}

#[test]
fn it_keeps_its_instances_up() {
    check(
        options(),
        "
        subscribed
        pending
            3 pending, 0 live
        offers A0=cpus:4 A1=cpus:4
            0s accept O1 5s T0=cpus:1@ever T2=cpus:1@ever
            0s accept O2 5s T1=cpus:1@ever
            0s suppress
        update T0 TASK_RUNNING
            0s 1 of 3 run
        update T1 TASK_RUNNING
            0s 2 of 3 run
        update T2 TASK_RUNNING
            0s 3 of 3 run
        at 10s
        update T1 TASK_FAILED reliable
            10s acknowledge T1
            10s 2 of 3 run
        pending
            1 pending, 2 live
        at 11s
            11s revive
        offers A2=cpus:1 A3=cpus:1
            11s accept O3 5s T1.1=cpus:1@ever
            11s decline O4 5s
            11s suppress
        update T1.1 TASK_RUNNING
            11s 3 of 3 run
        ",
    );
}

#[test]
fn instances_are_spread() {
    let spread = |by, at_most_per_value| Spread { by, at_most_per_value };
    let place = |by, most, offers: &str, expected: &[usize]| {
        let actual = placed(spread(by, most), 4, offers);
        assert_eq!(actual, expected, "{offers}");
    };
    // Agents 0 and 1 share a zone, 0 to 3 a region; the attribute tells even from odd ones.
    let attribute = || SpreadBy::Attribute("zone".into());
    let unknown = || SpreadBy::Attribute("rack".into());
    place(SpreadBy::Agent, None, "A0=cpus:9 A1=cpus:9 A0=cpus:9", &[0, 1, 0, 1]);
    place(SpreadBy::Agent, Some(1), "A0=cpus:9 A1=cpus:9", &[0, 1]);
    place(SpreadBy::Zone, None, "A0=cpus:9 A1=cpus:9 A2=cpus:9", &[0, 2, 0, 2]);
    place(SpreadBy::Zone, Some(1), "A0=cpus:9 A1=cpus:9 A2=cpus:9", &[0, 2]);
    place(SpreadBy::Region, None, "A0=cpus:9 A2=cpus:9 A5=cpus:1", &[0, 5, 0, 0]);
    place(attribute(), None, "A0=cpus:9 A2=cpus:9 A5=cpus:9", &[0, 5, 0, 5]);
    place(attribute(), Some(1), "A0=cpus:9 A2=cpus:9 A5=cpus:9", &[0, 5]);
    // All agents without it are alike.
    place(unknown(), Some(3), "A0=cpus:9 A1=cpus:9", &[0, 0, 0]);
}

#[test]
fn an_instance_that_keeps_ending_is_launched_ever_more_slowly() {
    let mut script = String::from("subscribed\n");
    let (mut now, mut task) = (0, "T0".to_owned());
    for (launches, wait) in (1..).zip([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
        let again = now + wait;
        script += &[
            "offers A0=cpus:1".to_owned(),
            format!("    {now}s accept O{launches} 5s {task}=cpus:1@ever"),
            format!("    {now}s suppress"),
            format!("update {task} TASK_FAILED"),
            format!("at {again}s"),
            format!("    {again}s revive"),
            String::new(),
        ]
        .join("\n");
        (now, task) = (again, format!("T0.{launches}"));
    }
    check(ServiceOptions { scale: vec![(Time::ZERO, 1)], ..options() }, &script);
}

#[test]
fn an_instance_that_has_run_for_long_is_launched_again_soon() {
    check(
        ServiceOptions { scale: vec![(Time::ZERO, 1)], ..options() },
        "
        subscribed
        offers A0=cpus:1
            0s accept O1 5s T0=cpus:1@ever
            0s suppress
        update T0 TASK_FAILED
        at 1s
            1s revive
        offers A0=cpus:1
            1s accept O2 5s T0.1=cpus:1@ever
            1s suppress
        update T0.1 TASK_RUNNING
            1s 1 of 1 run
        at 301s
        update T0.1 TASK_FINISHED
            301s 0 of 1 run
        at 302s
            302s revive
        ",
    );
}

#[test]
fn an_unreachable_instance_is_replaced_after_some_time() {
    check(
        ServiceOptions { scale: vec![(Time::ZERO, 2)], ..options() },
        "
        subscribed
        offers A0=cpus:1 A1=cpus:1
            0s accept O1 5s T0=cpus:1@ever
            0s accept O2 5s T1=cpus:1@ever
            0s suppress
        update T0 TASK_RUNNING
            0s 1 of 2 run
        update T1 TASK_RUNNING
            0s 2 of 2 run
        at 10s
        update T0 TASK_UNREACHABLE
            10s 1 of 2 run
        update T1 TASK_UNREACHABLE
            10s 0 of 2 run
        at 40s
        update T1 TASK_RUNNING
            40s 1 of 2 run
        # It has not ended by itself: it does not wait any longer.
        at 70s
            70s revive
        offers A2=cpus:1
            70s accept O3 5s T0.1=cpus:1@ever
            70s suppress
        update T0.1 TASK_RUNNING
            70s 2 of 2 run
        update T0 TASK_RUNNING
            70s kill T0
        update T0 TASK_KILLED
        pending
            0 pending, 2 live
        ",
    );
}

#[test]
fn its_scale_changes_over_time() {
    let scale = vec![(Time::from_secs(20), 1), (Time::from_secs(5), 2), (Time::from_secs(30), 2)];
    check(
        ServiceOptions { scale, ..options() },
        "
        subscribed
            0s suppress
        at 10s
            5s revive
            5s 0 of 2 run
        offers A0=cpus:1 A1=cpus:1
            10s accept O1 5s T0=cpus:1@ever
            10s accept O2 5s T1=cpus:1@ever
            10s suppress
        update T0 TASK_RUNNING
            10s 1 of 2 run
        update T1 TASK_RUNNING
            10s 2 of 2 run
        at 29s
            20s kill T1
            20s 1 of 1 run
        # The last one goes. What it was is still there until it says so.
        pending
            0 pending, 2 live
        update T1 TASK_KILLED
        pending
            0 pending, 1 live
        at 30s
            30s revive
            30s 1 of 2 run
        offers A1=cpus:1
            30s accept O3 5s T1.1=cpus:1@ever
            30s suppress
        ",
    );
}

#[test]
fn a_kill_that_was_lost_is_repeated() {
    check(
        ServiceOptions { scale: vec![(Time::ZERO, 1), (Time::from_secs(5), 0)], ..options() },
        "
        subscribed
        offers A0=cpus:1
            0s accept O1 5s T0=cpus:1@ever
            0s suppress
        update T0 TASK_RUNNING
            0s 1 of 1 run
        at 1s
        disconnected
        # Nobody could be told.
        at 10s
            5s 0 of 0 run
        connected
            10s subscribe
        subscribed
            10s reconcile T0@A0
            10s suppress
        update T0 TASK_RUNNING
            10s kill T0
        update T0 TASK_KILLED
        pending
            0 pending, 0 live
        ",
    );
}

#[test]
fn instances_move_before_the_maintenance_of_their_agent() {
    check(
        ServiceOptions { scale: vec![(Time::ZERO, 2)], ..options() },
        "
        subscribed
        # The margin is 100 s: one agent is closing already.
        offers A0=cpus:4~500s A1=cpus:4~100s
            0s accept O1 5s T0=cpus:1@ever T1=cpus:1@ever
            0s decline O2 5s
            0s suppress
        update T0 TASK_RUNNING
            0s 1 of 2 run
        update T1 TASK_RUNNING
            0s 2 of 2 run
        inverse A0=500s
            0s accept_inverse_offers I1
        at 450s
            400s revive
        # Not where it comes from.
        offers A0=cpus:4~500s A2=cpus:1
            450s accept O4 5s T2=cpus:1@ever
            450s decline O3 5s
        update T2 TASK_STARTING
        # The old one goes once the new one runs.
        update T2 TASK_RUNNING
            450s kill T0
        update T0 TASK_KILLED
        offers A3=cpus:1
            450s accept O5 5s T0.1=cpus:1@ever
            450s suppress
        # A move that fails is tried again.
        update T0.1 TASK_FAILED
        pending
            0 pending, 2 live
        at 451s
            451s revive
        offers A3=cpus:1
            451s accept O6 5s T0.2=cpus:1@ever
            451s suppress
        # The maintenance takes the old one before the new one runs.
        update T1 TASK_LOST
            451s 1 of 2 run
        update T0.2 TASK_RUNNING
            451s 2 of 2 run
        ",
    );
}

#[test]
fn an_agent_whose_maintenance_is_called_off_is_used_again() {
    check(
        ServiceOptions { scale: vec![(Time::ZERO, 1)], ..options() },
        "
        subscribed
        offers A0=cpus:4~50s
            0s decline O1 5s
        offers A0=cpus:4
            0s accept O2 5s T0=cpus:1@ever
            0s suppress
        ",
    );
}

#[test]
fn a_scheduler_that_is_refused_stops_for_good() {
    check(
        ServiceOptions { scale: vec![(Time::ZERO, 1), (Time::from_secs(9), 2)], ..options() },
        "
        subscribed
        offers A0=cpus:4
            0s accept O1 5s T0=cpus:1@ever
            0s suppress
        update T0 TASK_RUNNING
            0s 1 of 1 run
        error
            0s 0 of 1 run
        start
        subscribed
        at 100s
        offers A0=cpus:4
        pending
            1 pending, 0 live
        ",
    );
}
