//! Faults that are drawn.

use super::{drawn, failures, host, hosts, reboot, rule, secs};
use policy_api::{DenseId, FrameworkId, Span, Time};
use proptest::prelude::*;
use sim_core::Streams;
use sim_core::faults::{
    DrawnFaults, Fault, FaultRule, FaultSource, FaultStream, Law, Peer, Rhythm, Targets,
};
use sim_core::network::Latency;
use sim_core::protocol::HostId;
use std::collections::BTreeMap;

fn errors(rule: &FaultRule) -> Vec<String> {
    let errors = DrawnFaults::new(rule, &Streams::new(1)).expect_err("a bad rule");
    errors.iter().map(ToString::to_string).collect()
}

/// The failures of one host among those of all.
fn of(number: usize, failures: &[(Time, HostId, Span)]) -> Vec<(Time, HostId, Span)> {
    failures.iter().copied().filter(|(_, of, _)| *of == host(number)).collect()
}

fn assert_never_down_twice(faults: &[(Time, HostId, Span)]) {
    let mut up: BTreeMap<HostId, Time> = BTreeMap::new();
    let mut before = Time::ZERO;
    for (at, host, down_for) in faults {
        assert!(*at >= before, "time goes back to {at}");
        before = *at;
        let repaired = up.insert(*host, *at + *down_for);
        assert!(repaired.is_none_or(|repaired| repaired < *at), "{host:?} is down at {at}");
    }
}

/// The mean of many times from the repair of a host to its next failure, in seconds.
fn mean_between(law: Law) -> f64 {
    let rule = FaultRule { between: law, ..rule(Targets::Hosts(hosts(1))) };
    let mut up = Time::ZERO;
    let mut sum = 0.0;
    for (at, _, down_for) in failures(drawn(&rule).take(200_000)) {
        sum += at.since(up).as_secs_f64();
        up = at + down_for;
    }
    sum / 200_000.0
}

fn assert_near(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 0.01, "found {found}, expected {expected}");
}

#[test]
fn laws_have_their_means() {
    assert_near(mean_between(Law::Constant(secs(7))), 7.0);
    assert_near(mean_between(Law::Exponential { mean: secs(1_000) }), 1_000.0);
    // scale * gamma(1 + 1 / shape).
    assert_near(mean_between(Law::Weibull { shape: 2.0, scale: secs(100) }), 88.622_692_545);
    assert_near(mean_between(Law::Weibull { shape: 0.5, scale: secs(100) }), 200.0);
    // median * exp(sigma^2 / 2).
    assert_near(
        mean_between(Law::LogNormal { median: secs(100), sigma: 0.5 }),
        100.0 * 0.125_f64.exp(),
    );
}

#[test]
fn laws_have_their_medians() {
    let median = |law| {
        let rule = FaultRule { repair: law, ..rule(Targets::Hosts(hosts(1))) };
        let mut repairs: Vec<_> = failures(drawn(&rule).take(20_001)).iter().map(|f| f.2).collect();
        repairs.sort_unstable();
        repairs[10_000].as_secs_f64()
    };
    let close = |found: f64, expected: f64| (found / expected - 1.0).abs() < 0.03;
    assert!(close(median(Law::Exponential { mean: secs(100) }), 69.314_718));
    // scale * ln(2)^(1 / shape).
    assert!(close(median(Law::Weibull { shape: 3.0, scale: secs(100) }), 88.499_704));
    assert!(close(median(Law::LogNormal { median: secs(100), sigma: 1.5 }), 100.0));
}

#[test]
fn a_host_is_struck_alike_whatever_other_hosts_there_are() {
    let law = Law::LogNormal { median: secs(10), sigma: 1.0 };
    let rule = |hosts| FaultRule { repair: law, ..rule(Targets::Hosts(hosts)) };
    let of_seven = of(7, &failures(drawn(&rule(hosts(50))).take(5_000)));
    assert!(of_seven.len() > 50);
    assert_eq!(of_seven, failures(drawn(&rule(vec![host(7)])).take(of_seven.len())));
    let of_eight = of(8, &failures(drawn(&rule(hosts(50))).take(5_000)));
    assert_ne!(of_seven[0].0, of_eight[0].0);
}

#[test]
fn a_rule_strikes_alike_whatever_other_rules_there_are() {
    let first = drawn(&rule(Targets::Hosts(vec![host(1)])));
    let second = drawn(&FaultRule { name: "others".into(), ..rule(Targets::Hosts(vec![host(2)])) });
    let sources = [first.clone(), second.clone()].map(FaultSource::Drawn).to_vec();
    let merged = failures(FaultStream::new(sources).take(1_000));
    let (of_first, of_second) = (of(1, &merged), of(2, &merged));
    assert!(of_first.len() > 400 && of_second.len() > 400);
    assert_eq!(of_first, failures(first.take(of_first.len())));
    assert_eq!(of_second, failures(second.take(of_second.len())));
}

#[test]
fn another_seed_is_another_course_of_events() {
    let times = |seed| {
        let rule = rule(Targets::Hosts(hosts(3)));
        failures(DrawnFaults::new(&rule, &Streams::new(seed)).unwrap().take(100))
    };
    assert_eq!(times(1), times(1));
    assert_ne!(times(1)[0], times(2)[0]);
}

fn racks(probability: u32, spread: Span) -> FaultRule {
    let groups = (0..5).map(|rack| (0..20).map(|slot| host(20 * rack + slot)).collect()).collect();
    rule(Targets::Domains { groups, probability, spread })
}

#[test]
fn a_rack_fails_as_one() {
    let mut faults = failures(drawn(&racks(1_000_000, Span::ZERO)).take(20 * 500));
    for strike in faults.chunks_mut(20) {
        let rack = strike[0].1.index() / 20;
        let expected = (0..20).map(|slot| (strike[0].0, host(20 * rack + slot), secs(10)));
        assert!(strike.iter().copied().eq(expected));
    }
}

#[test]
fn hosts_of_a_rack_fail_with_their_probability_and_within_the_spread() {
    // Every 1,000 s and 10 s after the last repair: all of a strike are within its 60 s.
    let rule = FaultRule { between: Law::Constant(secs(1_000)), ..racks(300_000, secs(60)) };
    let faults = failures(drawn(&rule).take(30_000));
    let (mut strikes, mut offsets) = (0_u32, 0.0);
    for rack in 0..5 {
        let mut struck: Vec<HostId> = Vec::new();
        let mut first = Time::ZERO;
        for (at, host, _) in faults.iter().filter(|(_, host, _)| host.index() / 20 == rack) {
            if struck.is_empty() || at.since(first) > secs(60) {
                assert!(at.since(first) > secs(1_000 - 60));
                (strikes, first) = (strikes + 1, *at);
                struck.clear();
            }
            assert!(!struck.contains(host), "twice in a strike");
            struck.push(*host);
            offsets += at.since(first).as_secs_f64();
        }
    }
    // Of 20 hosts each with 0.3; that none at all fails happens once in 1,253 strikes.
    assert_near(30_000.0 / f64::from(strikes), 6.0);
    // Evenly over the 60 s: six cut them in seven, so the mean is 2.5 parts after the first.
    let mean = offsets / 30_000.0;
    assert!((20.0..23.0).contains(&mean), "mean offset {mean}");
}

#[test]
fn one_rhythm_for_the_cluster_strikes_all_hosts_alike() {
    let rule = FaultRule {
        rhythm: Rhythm::ClusterWide,
        repair: Law::Constant(secs(3_000)),
        ..rule(Targets::Hosts(hosts(50)))
    };
    let faults = failures(drawn(&rule).take(50_000));
    // A failure every 1,000 s in the whole cluster: those that are down do not slow it.
    assert_near(faults.last().unwrap().0.as_secs_f64() / 50_000.0, 1_000.0);
    for number in 0..50 {
        let of_host = of(number, &faults);
        assert!((850..1_150).contains(&of_host.len()), "host {number}: {}", of_host.len());
    }
    assert_never_down_twice(&faults);
}

#[test]
fn a_cluster_that_is_down_waits_for_a_repair() {
    let rule = FaultRule {
        rhythm: Rhythm::ClusterWide,
        between: Law::Constant(secs(100)),
        repair: Law::Constant(secs(1_000)),
        ..rule(Targets::Hosts(hosts(2)))
    };
    let times: Vec<_> = failures(drawn(&rule).take(5)).into_iter().map(|f| f.0).collect();
    // Both are down at 200 s; repairs at 1,100 s and 1,200 s, and then 100 s after the first again.
    assert_eq!(times, [100, 200, 1_200, 1_300, 2_300].map(Time::from_secs));
}

#[test]
fn what_is_never_repaired_fails_once() {
    for rhythm in [Rhythm::PerTarget, Rhythm::ClusterWide] {
        let repair = Law::Constant(Span::MAX);
        let rule = FaultRule { rhythm, repair, ..rule(Targets::Hosts(hosts(8))) };
        let mut struck: Vec<_> = failures(drawn(&rule)).into_iter().map(|f| f.1).collect();
        struck.sort_unstable();
        assert_eq!(struck, hosts(8));
    }
}

#[test]
fn faults_of_masters_and_frameworks_are_drawn_too() {
    let crash = |template| {
        let rule =
            FaultRule { template, between: Law::Constant(secs(100)), ..rule(Targets::Template) };
        drawn(&rule).nth(1).unwrap()
    };
    let framework = FrameworkId::from_index(2);
    let again = Time::from_secs(210);
    let election = secs(10);
    let master = Fault::MasterCrash { election: Span::ZERO };
    assert_eq!(crash(master), (again, Fault::MasterCrash { election }));
    let of_framework = Fault::FrameworkCrash { framework, restart_after: None };
    let expected = Fault::FrameworkCrash { framework, restart_after: Some(election) };
    assert_eq!(crash(of_framework), (again, expected));
    assert_eq!(crash(reboot(6, Span::ZERO)), (again, reboot(6, election)));
}

#[test]
fn the_template_keeps_what_is_not_drawn() {
    let nobody = Peer::Host(host(99));
    let duration = Span::ZERO;
    let extra = Latency { constant: secs(1), jitter: secs(2) };
    let partition = |peer, duration| Fault::Partition {
        peer,
        to_master: true,
        from_master: false,
        duration,
        closes: true,
    };
    let lossy = |peer, duration| Fault::LossyLink { peer, loss: 7, duplication: 8, duration };
    let slow = |peer, duration| Fault::SlowLink { peer, extra, duration };
    let (on, lasts) = (Peer::Host(host(4)), secs(10));
    let host = host(4);
    let pairs = [
        (partition(nobody, duration), partition(on, lasts)),
        (lossy(nobody, duration), lossy(on, lasts)),
        (slow(nobody, duration), slow(on, lasts)),
        (
            Fault::AgentCrash { host: HostId::from_index(99), restart_after: None },
            Fault::AgentCrash { host, restart_after: Some(lasts) },
        ),
        (
            Fault::HostReplacement { host: HostId::from_index(99), down_for: duration },
            Fault::HostReplacement { host, down_for: lasts },
        ),
        (
            Fault::DiskFull { host: HostId::from_index(99), duration },
            Fault::DiskFull { host, duration: lasts },
        ),
        (Fault::ExecutorFailure { host: HostId::from_index(99) }, Fault::ExecutorFailure { host }),
    ];
    for (template, expected) in pairs {
        let rule = FaultRule { template, ..rule(Targets::Hosts(vec![host])) };
        assert_eq!(drawn(&rule).next().unwrap().1, expected);
    }
}

#[test]
fn bad_rules_name_all_that_is_wrong() {
    let bad = FaultRule {
        template: Fault::MasterCrash { election: Span::ZERO },
        between: Law::Exponential { mean: Span::ZERO },
        repair: Law::Weibull { shape: f64::NAN, scale: Span::ZERO },
        ..rule(Targets::Hosts(vec![host(3), host(3)]))
    };
    assert_eq!(
        errors(&bad),
        [
            "between.mean: found 0s, expected more than 0 and finite",
            "repair.shape: found NaN, expected more than 0 and finite",
            "repair.scale: found 0s, expected more than 0 and finite",
            "targets: found host 3 twice, expected it once",
            "targets: found hosts, expected the template's own: no host has a master_crash",
        ]
    );
    let laws = [
        (Law::Constant(Span::ZERO), "between.constant: found 0s"),
        (Law::Weibull { shape: f64::INFINITY, scale: secs(1) }, "between.shape: found inf"),
        (Law::Weibull { shape: -1.0, scale: secs(1) }, "between.shape: found -1"),
        (Law::LogNormal { median: secs(1), sigma: -0.5 }, "between.sigma: found -0.5"),
        (Law::LogNormal { median: secs(1), sigma: f64::INFINITY }, "between.sigma: found inf"),
    ];
    for (between, expected) in laws {
        let found = errors(&FaultRule { between, ..rule(Targets::Hosts(hosts(1))) });
        assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
    }
    let domains = |groups, probability| Targets::Domains { groups, probability, spread: secs(1) };
    let targets = [
        (Targets::Hosts(Vec::new()), "targets: found no host"),
        (domains(vec![hosts(2), Vec::new()], 1), "targets.groups[1]: found no host"),
        (domains(vec![hosts(2), vec![host(1)]], 1), "targets: found host 1 twice"),
        (domains(vec![hosts(2)], 0), "targets.probability: found 0"),
        (domains(vec![hosts(2)], 1_000_001), "targets.probability: found 1000001 of a million"),
    ];
    for (targets, expected) in targets {
        let found = errors(&rule(targets));
        assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
    }
}

fn laws() -> impl Strategy<Value = Law> {
    let span = || prop_oneof![1..1_000_u64, 1..1_000_000_000_000_u64].prop_map(Span::from_nanos);
    prop_oneof![
        span().prop_map(Law::Constant),
        span().prop_map(|mean| Law::Exponential { mean }),
        (0.01..20.0, span()).prop_map(|(shape, scale)| Law::Weibull { shape, scale }),
        (0.0..20.0, span()).prop_map(|(sigma, median)| Law::LogNormal { median, sigma }),
    ]
}

fn targets() -> impl Strategy<Value = Targets> {
    let domains =
        (prop::collection::vec(1..6_usize, 1..6), 100_000..=1_000_000_u32, 0..100_000_000_u64);
    prop_oneof![
        Just(Targets::Template),
        (1..20_usize).prop_map(|count| Targets::Hosts(hosts(count))),
        domains.prop_map(|(sizes, probability, spread)| {
            let mut next = 0..;
            let group = |size: usize| next.by_ref().take(size).map(host).collect();
            let groups = sizes.into_iter().map(group).collect();
            Targets::Domains { groups, probability, spread: Span::from_nanos(spread) }
        }),
    ]
}

proptest! {
    #[test]
    fn whatever_the_rule_time_moves_on_and_no_host_fails_while_it_is_down(
        seed: u64, between in laws(), repair in laws(), targets in targets(), cluster_wide: bool,
    ) {
        let rhythm = if cluster_wide { Rhythm::ClusterWide } else { Rhythm::PerTarget };
        let rule = FaultRule { between, repair, rhythm, ..rule(targets) };
        let mut faults = DrawnFaults::new(&rule, &Streams::new(seed)).unwrap();
        assert_never_down_twice(&failures(faults.by_ref().take(300)));
    }
}
