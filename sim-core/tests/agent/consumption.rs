//! What tasks consume of their host, and what that does to them.

use crate::support::agent_desk::{AgentDesk, OPTIONS};
use crate::support::estimates::{all_that_is_asked_for, consuming, serving};
use crate::support::script::play;
use crate::support::words::resources;
use policy_api::{LoadAverages, Span, Time};
use sim_core::agent::{ConsumptionModel, Input, Interference, Level};

fn desk(model: ConsumptionModel) -> AgentDesk {
    let mut desk = AgentDesk::new(resources("cpus:4;mem:4096"), OPTIONS);
    desk.agent.consume(model);
    desk.hand_in(Input::Start);
    desk
}

fn check(model: ConsumptionModel, script: &str) {
    play(&mut desk(model), script);
}

const ALL: Level = Level::Constant(1.0);

#[test]
fn who_gets_all_that_it_wants_takes_its_time() {
    check(
        all_that_is_asked_for(),
        "
        run T0=cpus:2@10s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 5s
        run T1=cpus:2@10s
            5s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 19s
            10s T0 TASK_FINISHED latest TASK_FINISHED
            15s T1 TASK_FINISHED latest TASK_FINISHED
        ",
    );
}

/// From 5 s on, 6 cores are wanted of 4: all get on at two thirds. What T0 had left takes 7.5 s, and its old
/// timer, which fires at 10 s, rounds to a nanosecond; then T1 is alone.
#[test]
fn contention_moves_the_ends_of_all() {
    check(
        all_that_is_asked_for(),
        "
        run T0=cpus:2@10s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 5s
        run T1=cpus:4@10s
            5s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 12.499s
        at 20s
            12.500000001s T0 TASK_FINISHED latest TASK_FINISHED
            17.500000001s T1 TASK_FINISHED latest TASK_FINISHED
        ",
    );
}

/// A task that writes has computed: it uses no cores any more, and writes once, though the timer from when
/// it was slower fires at 10 s.
#[test]
fn what_has_computed_leaves_its_cores_to_others() {
    check(
        all_that_is_asked_for(),
        "
        run T0=cpus:4@10s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:4@5s writes=1000
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 1s
        kill T0
            1s T0 TASK_KILLED latest TASK_KILLED
        acknowledge T0
        at 12s
            5.5s bytes move with 4000 thousandths of a CPU
        run T2=cpus:4@10s
            12s T2 TASK_RUNNING latest TASK_RUNNING
        acknowledge T2
        at 30s
            22s T2 TASK_FINISHED latest TASK_FINISHED
        ",
    );
}

/// 4096 shares against 40: production hardly notices. The host does all the work in 20 s either way.
#[test]
fn revocable_cores_have_a_low_priority() {
    let script = |first: &str, second: &str| {
        format!(
            "
            run T0=cpus:4@10s
                0s T0 TASK_RUNNING latest TASK_RUNNING
            acknowledge T0
            run T1=cpus{{REV}}:4@10s
                0s T1 TASK_RUNNING latest TASK_RUNNING
            acknowledge T1
            at 20.05s
                {first} TASK_FINISHED latest TASK_FINISHED
                {second} TASK_FINISHED latest TASK_FINISHED
            "
        )
    };
    check(all_that_is_asked_for(), &script("10.09765625s T0", "20s T1"));
    let equal = ConsumptionModel { revocable_cpu_low_priority: false, ..all_that_is_asked_for() };
    check(equal, &script("20s T1", "20s T0"));
}

#[test]
fn a_quota_holds_back_what_others_leave() {
    let script = |end: &str| {
        format!(
            "
            run T0=cpus:1@10s
                0s T0 TASK_RUNNING latest TASK_RUNNING
            acknowledge T0
            at {end}.1s
                {end}s T0 TASK_FINISHED latest TASK_FINISHED
            "
        )
    };
    let greedy = || consuming(Level::Constant(2.0), ALL);
    check(greedy(), &script("10"));
    check(ConsumptionModel { cgroups_enable_cfs: true, ..greedy() }, &script("20"));
    let mut desk = desk(ConsumptionModel { cgroups_enable_cfs: true, ..greedy() });
    play(&mut desk, "run T0=cpus:1@10s\n    0s T0 TASK_RUNNING latest TASK_RUNNING");
    let usage = desk.agent.usage(Time::from_secs(6));
    let statistics = usage.executors[0].statistics.unwrap();
    assert_eq!(statistics.cpu_time, Span::from_secs(6));
    assert_eq!(statistics.throttled_time, Span::from_secs(6));
}

#[test]
fn who_uses_more_memory_than_it_may_is_killed() {
    let steps = [(Span::ZERO, 0.5), (Span::from_secs(12), 1.01)];
    check(
        consuming(ALL, Level::Series(steps.into())),
        "
        sources
        run T0=cpus:1;mem:100@60s
            0s T0 TASK_RUNNING latest TASK_RUNNING by Executor
        acknowledge T0
        at 14.9s
        at 15s
            15s a container is killed: ContainerLimitationMemory
            15s T0 TASK_FAILED latest TASK_FAILED ContainerLimitationMemory by Agent
        metric tasks_failed
            1
        metric executors_preempted
            0
        ",
    );
}

/// The limit of a container is never lowered: what T1 has brought stays when it has gone.
#[test]
fn memory_limits_are_not_lowered() {
    let steps = [(Span::ZERO, 0.5), (Span::from_secs(20), 1.5)];
    check(
        consuming(ALL, Level::Series(steps.into())),
        "
        run T0=cpus:1;mem:100@60s executor=E0
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1;mem:100@10s executor=E0 known-executor
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 10s
            10s T1 TASK_FINISHED latest TASK_FINISHED
        acknowledge T1
        at 60s
            60s T0 TASK_FINISHED latest TASK_FINISHED
        ",
    );
}

#[test]
fn interference_slows_all_down() {
    let interference = Interference::Linear { from: 0.5, slope: 2.0 };
    check(
        ConsumptionModel { interference, ..all_that_is_asked_for() },
        "
        run T0=cpus:2@10s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 5s
        run T1=cpus:2@10s
            5s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 24s
            15s T0 TASK_FINISHED latest TASK_FINISHED
            20s T1 TASK_FINISHED latest TASK_FINISHED
        ",
    );
}

/// The work takes 20 s on a host that gives half of what it wants; it may take 15.
#[test]
fn the_longest_time_is_not_stretched() {
    check(
        consuming(Level::Constant(2.0), ALL),
        "
        run T0=cpus:4@10s max-completion=15s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 24s
            15s T0 TASK_FAILED latest TASK_FAILED MaxCompletionTimeReached
        ",
    );
}

#[test]
fn a_task_that_is_killed_gives_back_what_it_used() {
    check(
        all_that_is_asked_for(),
        "
        run T0=cpus:4@10s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:4@10s
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 10s
        kill T0
            10s T0 TASK_KILLED latest TASK_KILLED
        at 15s
            15s T1 TASK_FINISHED latest TASK_FINISHED
        ",
    );
}

/// Tasks go on while the process of their agent is away, and so does what they use.
#[test]
fn work_goes_on_without_the_agent() {
    check(
        all_that_is_asked_for(),
        "
        run T0=cpus:4@10s checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:4@10s checkpoint
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 4s
        crash
        at 24s
        restart
        at 26s
            26s reregisters A0; F0 T0=TASK_FINISHED/TASK_RUNNING T1=TASK_FINISHED/TASK_RUNNING
            26s T0 TASK_FINISHED latest TASK_FINISHED
            26s T1 TASK_FINISHED latest TASK_FINISHED
        ",
    );
}

/// The use of a core in each ten seconds.
fn uses(level: Level, seconds: u64) -> Vec<f64> {
    let mut desk = desk(consuming(level, ALL));
    play(
        &mut desk,
        "run T0=cpus:1@3600s\n    0s T0 TASK_RUNNING latest TASK_RUNNING\nacknowledge T0",
    );
    let mut before = Span::ZERO;
    let rounds = (1..=seconds / 10).map(|round| {
        let now = Time::from_secs(10 * round);
        desk.move_to(now);
        let usage = desk.agent.usage(now);
        let total = usage.executors[0].statistics.expect("it is looked at").cpu_time;
        let used = total - std::mem::replace(&mut before, total);
        (used.as_secs_f64() * 100.0).round() / 1000.0
    });
    rounds.collect()
}

#[test]
fn levels_are_looked_at_in_samples() {
    let period = Span::from_secs(40);
    let sine = Level::Diurnal { mean: 0.5, amplitude: 0.4, period, peak: Span::ZERO };
    // Samples every 5 s: 0.9, 0.783, 0.5, 0.217, 0.1 and so on.
    assert_eq!(uses(sine, 50), [0.841, 0.359, 0.159, 0.641, 0.841]);
    let steps = [(Span::from_secs(5), 0.2), (Span::from_secs(20), 1.0)];
    assert_eq!(uses(Level::Series(steps.into()), 30), [0.1, 0.2, 1.0]);
}

#[test]
fn bursts_last_as_long_as_they_should() {
    let (low_lasts, high_lasts) = (Span::from_secs(60), Span::from_secs(20));
    let bursty = || Level::Bursty { low: 0.0, high: 1.0, low_lasts, high_lasts };
    let seen = uses(bursty(), 3590);
    assert_eq!(seen, uses(bursty(), 3590), "the same draws");
    let mean = seen.iter().sum::<f64>() / seen.len() as f64;
    assert!((0.15..0.35).contains(&mean), "a quarter of the time: {mean}");
    let both = |level: f64| seen.iter().filter(|it| (**it - level).abs() < 1e-9).count();
    assert!(both(0.0) > 100 && both(1.0) > 30, "it stays where it is");
}

#[test]
fn the_load_counts_what_is_wanted() {
    let mut desk = desk(all_that_is_asked_for());
    let task = "run T0=cpus:4@3600s\n    0s T0 TASK_RUNNING latest TASK_RUNNING\nacknowledge T0\n";
    play(&mut desk, task);
    play(&mut desk, &task.replace("T0", "T1"));
    let mut expected = LoadAverages::default();
    expected.advance(60, 8.0);
    let load = desk.agent.usage(Time::from_secs(304)).load.unwrap();
    assert!((load.five - expected.five).abs() < 1e-9, "{load:?}");
}

/// An instance wants one core of its two. ln(100) is 4.60517: 5 ms / (1 - 0.5) * ln(100). From 10 s on others
/// want all four: 4 * 2048 / 6144 are left to it, which is a load of 0.75. Revocable ones leave it its two.
#[test]
fn contention_makes_services_slow() {
    let latency = |kind: &str| {
        let mut desk = desk(serving(0.5));
        play(
            &mut desk,
            &format!(
                "
                run T0=cpus:2;mem:64@100s
                    0s T0 TASK_RUNNING latest TASK_RUNNING
                acknowledge T0
                at 10s
                run T1=cpus{kind}:4@20s framework=F1
                    10s T1 TASK_RUNNING latest TASK_RUNNING
                "
            ),
        );
        let mut usage = desk.agent.usage(Time::from_secs(15));
        assert_eq!(usage.executors.len(), 2);
        assert_eq!(usage.executors[1].latency, None);
        let report = usage.executors.swap_remove(0).latency.unwrap();
        assert!((report.load - 0.5).abs() < 1e-12);
        let totals = desk.agent.consumed(Time::from_secs(16));
        assert_eq!(totals.services.len(), 1);
        let of_service = totals.services.values().next().copied().unwrap();
        assert_eq!(of_service.time, Span::from_secs(16));
        assert!((of_service.requests - 16.0 * 200.0).abs() < 1e-6);
        let late = of_service.time_above_target.as_secs_f64();
        assert!((of_service.requests_above_target - late * 200.0).abs() < 1e-6);
        (report.latency.as_nanos() / 1000, late, totals)
    };
    let (latency_us, late, totals) = latency("");
    assert_eq!((latency_us, late), (92_103, 6.0));
    // One core for 10 s, then all four.
    assert_eq!(totals.cpu_time, Span::from_secs(34));
    assert_eq!(totals.revocable_cpu_time, Span::ZERO);
    let (latency_us, late, totals) = latency("{REV}");
    assert_eq!((latency_us, late), (46_051, 0.0));
    assert_eq!(totals.cpu_time, Span::from_secs(34));
    assert_eq!(totals.revocable_cpu_time, Span::from_secs(18));
}

/// What the trace says of a task goes before what is said of its framework's tasks.
#[test]
fn what_was_recorded_is_used() {
    let mut desk = desk(consuming(Level::Constant(0.1), Level::Constant(0.1)));
    play(
        &mut desk,
        "
        run T0=cpus:2;mem:100@60s used-cpus=0.5 used-mem=64
            0s T0 TASK_RUNNING latest TASK_RUNNING
        run T1=cpus:2;mem:100@60s used-mem=128
            0s T1 TASK_RUNNING latest TASK_RUNNING
            0s a container is killed: ContainerLimitationMemory
        acknowledge T1
            0s T1 TASK_FAILED latest TASK_FAILED ContainerLimitationMemory
        ",
    );
    let usage = desk.agent.usage(Time::from_secs(10));
    let statistics = usage.executors[0].statistics.unwrap();
    assert_eq!(statistics.cpu_time, Span::from_secs(5));
    assert_eq!(statistics.mem_total_bytes, 64 << 20);
}

/// Of 4,096 MB the first two use 4,000. T2 is best effort and goes first, though it uses less than it asked
/// for.
#[test]
fn the_memory_of_a_host_runs_out() {
    let script = |end: &str| {
        format!(
            "
            run T0=cpus:1;mem:3000@60s used-mem=2900
                0s T0 TASK_RUNNING latest TASK_RUNNING
            run T1=cpus:1;mem:1000@60s executor=E1 executor-resources=mem:400 used-mem=1100
                0s T1 TASK_RUNNING latest TASK_RUNNING
            run T2=cpus{{REV}}:1;mem:300@60s used-mem=200
                0s T2 TASK_RUNNING latest TASK_RUNNING
                {end}
            "
        )
    };
    check(all_that_is_asked_for(), &script(""));
    check(runs_out(), &script("0s a container is killed: ExecutorTerminated"));
}

/// Both are production, and together use 4,100 MB: T1 is 100 MB below what it and its executor have, and T0
/// is 200 MB below.
#[test]
fn who_uses_most_beyond_its_allocation_ends() {
    check(
        runs_out(),
        "
        run T0=cpus:1;mem:3000@60s used-mem=2800
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1;mem:1000@60s executor=E1 executor-resources=mem:400 used-mem=1300
            0s T1 TASK_RUNNING latest TASK_RUNNING
            0s a container is killed: ExecutorTerminated
            0s E1 of F0 has exited
        acknowledge T1
            0s T1 TASK_FAILED latest TASK_FAILED ExecutorTerminated
        ",
    );
}

fn runs_out() -> ConsumptionModel {
    ConsumptionModel { host_memory_runs_out: true, ..all_that_is_asked_for() }
}
