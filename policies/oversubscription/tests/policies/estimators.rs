//! Estimators that do not predict a peak.

use crate::host::*;
use policy_api::{Estimator, ExecutorUsage, LoadAverages, Resources, Span, Time, Usage};
use policy_oversubscription::{
    FixedEstimator, NoopEstimator, ReclamationEstimator, ReclamationParameters, SlackEstimator,
    SlackParameters, ThresholdEstimator, Thresholds,
};

#[test]
fn noop_never_answers() {
    assert_eq!(NoopEstimator.estimate(at(0), &host()), None);
}

#[test]
fn fixed_takes_off_what_is_allocated_of_it() {
    let mut fixed = FixedEstimator::new(&resources("cpus:4;mem:100;ports:[1-3]"));
    let all = fixed.estimate(at(0), &host()).unwrap();
    assert_eq!(all, resources("cpus:4;mem:100;ports:[1-3]").to_revocable());
    let one = with([best_effort(1, of(1500, 0)), production(2, of(2000, 100_000))]);
    let left = fixed.estimate(at(15), &one).unwrap();
    assert_eq!(left, resources("cpus:2.5;mem:100;ports:[1-3]").to_revocable());
    let many = with([best_effort(1, of(3000, 0)), best_effort(3, of(3000, 40_000))]);
    let left = fixed.estimate(at(30), &many).unwrap();
    assert_eq!(left, resources("mem:60;ports:[1-3]").to_revocable(), "never below zero");
}

fn loaded(one: f64, five: f64, fifteen: f64) -> Usage {
    Usage { load: Some(LoadAverages { one, five, fifteen }), ..host() }
}

fn thresholds() -> Thresholds {
    Thresholds {
        load_one: Some(8.0),
        load_five: Some(6.0),
        load_fifteen: Some(4.0),
        memory_bytes: Some(900 * MB),
    }
}

#[test]
fn threshold_gives_nothing_more_while_the_host_is_full() {
    let mut estimator = ThresholdEstimator::new(&resources("cpus:4"), thresholds()).unwrap();
    let mut answer = |usage: &Usage| estimator.estimate(at(0), usage).unwrap();
    let (all, nothing) = (resources("cpus:4").to_revocable(), Resources::EMPTY);
    assert_eq!(answer(&loaded(7.9, 5.9, 3.9)), all);
    assert_eq!(answer(&loaded(8.0, 0.0, 0.0)), nothing);
    assert_eq!(answer(&loaded(6.0, 6.0, 0.0)), nothing);
    assert_eq!(answer(&loaded(5.9, 7.0, 0.0)), all, "the last minute was better");
    assert_eq!(answer(&loaded(4.0, 4.0, 4.0)), nothing);
    assert_eq!(answer(&loaded(4.0, 3.0, 9.0)), all, "the last five minutes were better");
    assert_eq!(answer(&Usage { memory_used_bytes: 900 * MB - 1, ..host() }), all);
    assert_eq!(answer(&Usage { memory_used_bytes: 900 * MB, ..host() }), nothing);
    assert_eq!(answer(&Usage { load: None, ..host() }), nothing, "what nobody knows is too much");
}

/// 4 + 2 cores are given, 1 + 0.5 used from the second sample on: 4.5 idle. Up to 8 of the 10 may be
/// used.
#[test]
fn slack_is_what_production_leaves_idle() {
    let mut slack = SlackEstimator::new(SlackParameters::default()).unwrap();
    let usage = |now| {
        with([
            using(production(1, cpus(4000)), now, 1000, 10),
            using(production(2, cpus(2000)), now, 500, 10),
        ])
    };
    let mut ask = |now: u64, usage: &Usage| slack.estimate(at(now), usage).unwrap();
    assert_eq!(ask(300, &usage(300)), Resources::EMPTY, "one sample tells nothing");
    assert_eq!(ask(315, &usage(315)), revocable(cpus(4500)));
    let mut busy = usage(330);
    busy.executors.push(using(best_effort(3, cpus(6000)), 330, 4000, 10));
    assert_eq!(ask(330, &busy), revocable(cpus(4500)), "one sample of the third");
    let mut busy = usage(345);
    busy.executors.push(using(best_effort(3, cpus(6000)), 345, 4000, 10));
    assert_eq!(ask(345, &busy), revocable(cpus(2500)), "8 - 5.5");
    let mut full = usage(360);
    full.executors.push(has_used(best_effort(3, cpus(9000)), 360, 345 * 4000 + 15 * 8200, 10));
    assert_eq!(ask(360, &full), Resources::EMPTY, "9.7 of 10 are more than 95 %");
}

#[test]
fn slack_does_not_count_young_executors() {
    let mut slack = SlackEstimator::new(SlackParameters::default()).unwrap();
    let young =
        |now| ExecutorUsage { started: at(100), ..using(production(2, cpus(2000)), now, 500, 10) };
    let usage = |now| with([using(production(1, cpus(4000)), now, 1000, 10), young(now)]);
    let mut ask = |now: u64| slack.estimate(at(now), &usage(now)).unwrap();
    ask(384);
    assert_eq!(ask(399), revocable(cpus(3000)));
    assert_eq!(ask(414), revocable(cpus(4500)));
}

/// A limit of 4 cores and 400 MB; 1 core and 100 MB used, so that the target is 1.1 and 110 MB. The
/// distance of 2.9 cores shrinks by a tenth in a tenth of the decay.
#[test]
fn reclamation_falls_slowly_and_rises_at_once() {
    let parameters = ReclamationParameters {
        start_up: Span::from_secs(300),
        margin: 0.1,
        decay: Span::from_secs(150),
    };
    let mut borg = ReclamationEstimator::new(parameters).unwrap();
    let row = || production(1, of(4000, 400_000));
    let mut ask = |now: u64, row: ExecutorUsage| borg.estimate(at(now), &with([row])).unwrap();
    assert_eq!(ask(285, using(row(), 285, 1000, 100)), Resources::EMPTY, "it starts up");
    assert_eq!(ask(300, using(row(), 300, 1000, 100)), revocable(of(290, 29_000)));
    assert_eq!(ask(315, using(row(), 315, 1000, 100)), revocable(of(551, 55_100)));
    // Use rises to 3.8 cores and 380 MB: 1.1 times that is above the limit.
    let busy = has_used(row(), 330, 315_000 + 15 * 3800, 380);
    assert_eq!(ask(330, busy), Resources::EMPTY);
    let mut borg_with_others = borg.clone();
    let idle = |given| {
        let idle = has_used(row(), 345, 315_000 + 15 * 3800, 0);
        with([idle, best_effort(2, cpus(given))])
    };
    let left = borg.estimate(at(345), &idle(100)).unwrap();
    assert_eq!(left, revocable(of(300, 40_000)), "a tenth of 4, without what is given out");
    let left = borg_with_others.estimate(at(345), &idle(500)).unwrap();
    assert_eq!(left, revocable(of(0, 40_000)));
}

#[test]
fn load_averages_move_as_those_of_unix() {
    let mut load = LoadAverages::default();
    load.advance(12, 10.0);
    // 10 (1 - 1/e) after a minute.
    assert!((load.one - 6.321_205_588).abs() < 1e-6, "{load:?}");
    assert!((load.five - 1.812_692_469).abs() < 1e-6, "{load:?}");
    assert!((load.fifteen - 0.644_930_146).abs() < 1e-6, "{load:?}");
    let mut single = LoadAverages::default();
    (0..12).for_each(|_| single.advance(1, 10.0));
    assert!((single.one - load.one).abs() < 1e-12);
    load.advance(0, 99.0);
    assert!((load.one - 6.321_205_588).abs() < 1e-6, "no step, no change");
    load.advance(u64::MAX, 3.0);
    assert!((load.fifteen - 3.0).abs() < 1e-12);
}

#[test]
fn a_clock_that_stands_still_gives_no_rate() {
    let mut slack = SlackEstimator::new(SlackParameters::default()).unwrap();
    let usage = with([using(production(1, cpus(4000)), 400, 1000, 10)]);
    assert_eq!(slack.estimate(at(400), &usage), Some(Resources::EMPTY));
    assert_eq!(slack.estimate(at(400), &usage), Some(Resources::EMPTY));
    assert_eq!(slack.estimate(Time::NEVER, &Usage::default()), Some(Resources::EMPTY));
}
