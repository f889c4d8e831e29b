//! Heracles: the controller and the gate.

use crate::host::*;
use policy_api::{Estimator, ExecutorUsage, QosController, Resources, Usage};
use policy_oversubscription::{
    BestEffort, FixedEstimator, LatencyGate, LatencySlack, LatencySlackController,
    LatencySlackParameters,
};

fn judge() -> LatencySlack {
    LatencySlack::new(LatencySlackParameters::default()).unwrap()
}

fn service(milliseconds: u64, load: f64) -> Usage {
    with([serving(production(1, cpus(4000)), milliseconds, load)])
}

#[test]
fn slack_decides_how_much_is_left() {
    for (latency, expected) in [
        (50, BestEffort::Grows),
        (90, BestEffort::Grows),
        (91, BestEffort::Stays),
        (95, BestEffort::Stays),
        (96, BestEffort::Shrinks),
        (100, BestEffort::Shrinks),
        (101, BestEffort::Ends),
    ] {
        let verdict = judge().judge(at(0), &service(latency, 0.5));
        assert_eq!(verdict, expected, "{latency} ms of 100 ms");
    }
    assert_eq!(judge().judge(at(0), &host()), BestEffort::Grows, "nobody to disturb");
}

#[test]
fn a_missed_target_keeps_best_effort_away_for_five_minutes() {
    let mut slack = judge();
    assert_eq!(slack.judge(at(0), &service(101, 0.5)), BestEffort::Ends);
    assert_eq!(slack.judge(at(285), &service(50, 0.5)), BestEffort::Ends);
    assert_eq!(slack.judge(at(300), &service(50, 0.5)), BestEffort::Grows);
}

#[test]
fn load_has_two_limits() {
    let mut slack = judge();
    assert_eq!(slack.judge(at(0), &service(50, 0.85)), BestEffort::Grows);
    assert_eq!(slack.judge(at(15), &service(50, 0.86)), BestEffort::Ends);
    assert_eq!(slack.judge(at(30), &service(50, 0.80)), BestEffort::Ends);
    assert_eq!(slack.judge(at(45), &service(50, 0.79)), BestEffort::Grows);
    assert_eq!(slack.judge(at(50), &service(101, 0.99)), BestEffort::Grows, "not looked at yet");
    assert_eq!(slack.judge(at(60), &service(101, 0.99)), BestEffort::Ends);
}

#[test]
fn the_worst_service_decides() {
    let usage = with([
        serving(production(1, cpus(1000)), 20, 0.1),
        serving(production(2, cpus(1000)), 93, 0.2),
    ]);
    assert_eq!(judge().judge(at(0), &usage), BestEffort::Stays);
}

#[test]
fn the_youngest_leave_until_two_cores_are_left() {
    let usage = |latency| {
        let aged = |number, start, amount| ExecutorUsage {
            started: at(start),
            ..best_effort(number, cpus(amount))
        };
        let service = serving(production(1, cpus(4000)), latency, 0.5);
        with([service, aged(2, 30, 1500), aged(3, 10, 1000), aged(4, 20, 800), aged(5, 40, 500)])
    };
    let controller = || LatencySlackController::new(LatencySlackParameters::default()).unwrap();
    assert_eq!(killed(controller().correct(at(0), &usage(93))), NOBODY);
    assert_eq!(killed(controller().correct(at(0), &usage(96))), [5, 2], "1.8 cores are left");
    assert_eq!(killed(controller().correct(at(0), &usage(120))), [2, 3, 4, 5]);
}

#[test]
fn the_gate_lets_an_estimate_through_while_there_is_slack() {
    let fixed = Box::new(FixedEstimator::new(&resources("cpus:3")));
    let mut gate = LatencyGate::new(fixed, LatencySlackParameters::default()).unwrap();
    let mut ask = |now, latency| gate.estimate(at(now), &service(latency, 0.5)).unwrap();
    assert_eq!(ask(0, 50), revocable(cpus(3000)));
    assert_eq!(ask(15, 92), Resources::EMPTY);
    assert_eq!(ask(30, 50), revocable(cpus(3000)));
}
