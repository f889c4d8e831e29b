//! The benchmarks do what Mesos's do: they count their offers themselves, so that it is enough to
//! run them. The clock is made up.

use policy_api::{Span, Time};
use policy_benchmarks::{Axis, BENCHMARKS, Benchmark, Measurement, Size, published};
use std::collections::BTreeSet;

fn benchmark(name: &str) -> &'static Benchmark {
    BENCHMARKS.iter().find(|benchmark| benchmark.name == name).expect("a benchmark of ours")
}

/// Each look at the clock takes a millisecond.
fn run(name: &str, agents: usize, frameworks: usize, rounds: usize) -> Vec<Measurement> {
    let mut now = Time::ZERO;
    let mut clock = || {
        now += Span::from_millis(1);
        now
    };
    let ran = benchmark(name).run(Size { agents, frameworks }, rounds, &mut clock);
    ran.unwrap_or_else(|mismatch| panic!("{name} {agents}x{frameworks}: {mismatch}"))
}

/// Phase, repetitions, offers in the last of them.
fn summary(measurements: &[Measurement]) -> Vec<(&str, usize, usize)> {
    measurements.iter().map(|it| (&*it.phase, it.times.len(), it.offers)).collect()
}

#[test]
fn every_benchmark_runs_small() {
    for benchmark in BENCHMARKS {
        let frameworks = match benchmark.frameworks {
            Axis::Any(_) => vec![1, 7],
            Axis::MultiplesOf(factor, _) => vec![factor, 5 * factor],
            Axis::Only(usual) => usual.to_vec(),
            Axis::None => continue,
            Axis::AsManyAsFrameworks => unreachable!("that is said of agents"),
        };
        for frameworks in frameworks {
            let agents = match benchmark.agents {
                Axis::Any(_) => 12,
                Axis::Only(usual) => usual[0],
                Axis::AsManyAsFrameworks => frameworks,
                Axis::MultiplesOf(..) | Axis::None => unreachable!("no benchmark has that"),
            };
            let measurements = run(benchmark.name, agents, frameworks, 3);
            assert!(!measurements.is_empty());
            for measurement in &measurements {
                assert_eq!(measurement.least(), Span::from_millis(1), "{}", benchmark.name);
                assert!(!measurement.times.is_empty(), "{}", measurement.phase);
            }
        }
    }
}

#[test]
fn resources_alone() {
    for name in ["Filters", "Contains", "ArithmeticOverlapping"] {
        assert!(run(name, 0, 0, 1).len() >= 4, "{name}");
    }
}

#[test]
fn quota_is_met_with_as_many_offers_as_in_mesos() {
    for (size, offers) in [(30, 36), (300, 350), (3_000, 3_500)] {
        let measurements = run("LargeAndSmallQuota/drf", size, size, 2);
        assert_eq!(
            summary(&measurements),
            [
                ("add agents", 2, 0),
                ("add frameworks", 2, 0),
                ("first cycle", 2, offers),
                ("second cycle", 2, 0),
            ]
        );
        run("LargeAndSmallQuota/random", size, size, 1);
    }
    for variant in ["drf", "drf-quota", "random", "random-quota"] {
        for size in [20, 200, 2_000] {
            let measurements = run(&format!("NonQuotaVsQuota/{variant}"), size, size, 1);
            assert_eq!(
                summary(&measurements)[2..],
                [("first cycle", 1, size), ("second cycle", 1, 0)]
            );
        }
    }
}

#[test]
fn declined_agents_are_offered_until_everybody_has_refused() {
    for name in ["DeclineOffers", "ResourceLabels"] {
        let measurements = run(name, 1_000, 5, 6);
        assert_eq!(
            summary(&measurements),
            [
                ("add frameworks", 1, 0),
                ("add agents", 1, 1_000),
                ("decline all", 6, 0),
                ("cycle", 4, 1_000),
                ("cycle, all refused", 2, 0),
            ]
        );
    }
}

#[test]
fn suppressed_frameworks_get_nothing() {
    let measurements = run("SuppressOffers", 100, 50, 5);
    assert_eq!(summary(&measurements)[2..], [("cycle", 4, 100), ("cycle, all suppressed", 1, 0)]);
    let measurements = run("ExtremeSuppressOffers", 100, 200, 5);
    assert_eq!(summary(&measurements)[2..], [("cycle", 5, 100)]);
}

#[test]
fn shared_volumes_are_offered_once() {
    for sharedness in ["regular", "shared", "mixed"] {
        let measurements = run(&format!("PersistentVolumes/{sharedness}"), 100, 50, 3);
        assert_eq!(summary(&measurements)[1..], [("add agents", 1, 100), ("cycle", 3, 100)]);
    }
}

#[test]
fn many_triggers_run_one_allocation() {
    let measurements = run("AllocatorBacklog", 100, 50, 1);
    let runs: Vec<u64> = measurements.iter().map(|it| it.allocation_runs).collect();
    assert_eq!(runs, [1, 1, 1]);
}

#[test]
fn agents_are_offered_again_when_they_have_more() {
    let measurements = run("AddAndUpdateSlave", 100, 50, 1);
    assert_eq!(summary(&measurements)[1..], [("add agents", 1, 100), ("update agents", 1, 100)]);
}

#[test]
fn metrics_are_read_with_and_without_enough_agents() {
    for (agents, frameworks) in [(10, 50), (13, 50)] {
        let measurements = run("Metrics", agents, frameworks, 2);
        assert_eq!(
            measurements.last().map(|it| (&*it.phase, it.times.len())),
            Some(("read metrics", 2))
        );
    }
}

#[test]
fn cycles_have_a_floor() {
    let measurements = run("Cycles/ports", 50, 20, 2);
    for measurement in &measurements {
        let is_cycle = measurement.phase.contains("cycle");
        assert_eq!(measurement.floor.is_some(), is_cycle, "{}", measurement.phase);
    }
}

#[test]
fn medians_are_of_what_was_measured() {
    let times = [3, 1, 2, 9].map(Span::from_millis).to_vec();
    let mut measurement = run("AllRefused", 10, 2, 4).pop().expect("the later cycles");
    assert_eq!(measurement.times.len(), 4);
    measurement.times = times;
    measurement.times.sort_unstable();
    assert_eq!(measurement.least(), Span::from_millis(1));
    assert_eq!(measurement.median(), Span::from_millis(2));
}

#[test]
fn sizes_that_make_no_sense_are_refused() {
    let refused = |name: &str, agents: Option<&[usize]>, frameworks: Option<&[usize]>| {
        benchmark(name).sizes(agents, frameworks).expect_err("refused").to_string()
    };
    assert_eq!(
        refused("DeclineOffers", Some(&[0]), None),
        "DeclineOffers cannot have 0 agents: expected at least 1"
    );
    assert_eq!(
        refused("DeclineOffers", None, Some(&[5, 2_000_000])),
        "there would be 2000000 frameworks: expected at most 1000000"
    );
    assert_eq!(
        refused("LargeAndSmallQuota/drf", None, Some(&[31])),
        "LargeAndSmallQuota/drf cannot have 31 frameworks: expected a multiple of 6"
    );
    assert_eq!(
        refused("LargeAndSmallQuota/drf", Some(&[30]), None),
        "LargeAndSmallQuota/drf has as many agents as frameworks: give it frameworks only"
    );
    assert_eq!(
        refused("UpdateAllocation", Some(&[2]), None),
        "UpdateAllocation cannot have 2 agents: expected 1"
    );
    assert_eq!(
        refused("DeclineOffers", Some(&[1_000_000]), Some(&[1_000_000])),
        "there would be 1000000000000 pairs of agent and framework: expected at most 10000000000"
    );
    assert_eq!(refused("Parse", Some(&[2]), None), "Parse has no agents");
}

/// The grid of `spec/allocator-benchmarks.md` 2.1, last parameter fastest: /21 is 10,000 x 1,000.
#[test]
fn grids_are_those_of_mesos() {
    let sizes = benchmark("DeclineOffers").sizes(None, None).expect("Mesos's own");
    assert_eq!(sizes.len(), 48);
    assert_eq!(sizes[21], Size { agents: 10_000, frameworks: 1_000 });
    assert_eq!(benchmark("NonQuotaVsQuota/drf").sizes(None, None).expect("Mesos's own").len(), 3);
}

#[test]
fn the_short_selection_is_possible() {
    let mut names = BTreeSet::new();
    for benchmark in BENCHMARKS {
        assert!(names.insert(benchmark.name), "{} is there twice", benchmark.name);
        for &(agents, frameworks) in benchmark.short {
            let agents = (benchmark.agents != Axis::AsManyAsFrameworks).then_some([agents]);
            let agents = agents.as_ref().map(<[usize; 1]>::as_slice);
            let sizes = benchmark.sizes(agents, Some(&[frameworks]));
            assert_eq!(sizes.expect("possible").len(), 1, "{}", benchmark.name);
        }
    }
}

#[test]
fn mesos_took_longer() {
    let size = Size { agents: 10_000, frameworks: 1_000 };
    let declines = published::published("Cycles/ports", size, "cycle after declines");
    assert_eq!(declines.map(|it| it.seconds), Some((1.150, 1.170)));
    assert_eq!(published::published_memory_mb("Cycles/ports", size), Some(563));
    assert_eq!(published::published("Cycles/ports", size, "recover all"), None);
    assert_eq!(published::published("AllRefused", size, "first cycle"), None);
}

/// What Mesos took is known of phases that exist.
#[test]
fn published_times_belong_to_phases() {
    for (name, agents, frameworks) in
        [("DeclineOffers", 10_000, 1_000), ("LargeAndSmallQuota/drf", 300, 300)]
    {
        let size = Size { agents, frameworks };
        let known = run(name, agents, frameworks, 1);
        let known = known.iter().filter(|it| published::published(name, size, &it.phase).is_some());
        assert!(known.count() >= 2, "{name}");
    }
    let size = Size { agents: 1, frameworks: 50 };
    let measurements = run("UpdateAllocation", 1, 50, 1);
    assert!(published::published("UpdateAllocation", size, &measurements[0].phase).is_some());
}
