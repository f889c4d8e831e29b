//! Controllers that look at the load, the processors and the memory.

use crate::host::*;
use policy_api::{ExecutorUsage, LoadAverages, QosController, Usage};
use policy_oversubscription::{
    LoadController, LoadParameters, NoopController, ThresholdController, Thresholds,
    TooHighCpuController, TooHighCpuParameters, youngest,
};

fn two_revocable_and_one_regular() -> Usage {
    let mixed = executor(2, resources("mem:64"));
    let mut allocated = mixed.allocated.clone();
    allocated.add(&revocable(cpus(1000)));
    with([
        best_effort(1, cpus(1000)),
        ExecutorUsage { allocated, ..mixed },
        production(3, cpus(1000)),
    ])
}

fn loaded(one: f64, five: f64, fifteen: f64) -> Usage {
    let load = Some(LoadAverages { one, five, fifteen });
    Usage { load, ..two_revocable_and_one_regular() }
}

#[test]
fn noop_never_answers() {
    assert_eq!(NoopController.correct(at(0), &loaded(99.0, 99.0, 99.0)), None);
}

#[test]
fn os_13_load_qos_controller() {
    let parameters = LoadParameters { load_five: Some(7.0), load_fifteen: Some(6.0) };
    let mut controller = LoadController::new(parameters).unwrap();
    let mut kills = |usage: &Usage| killed(controller.correct(at(0), usage));
    assert_eq!(kills(&loaded(99.0, 6.8, 5.8)), NOBODY);
    assert_eq!(kills(&loaded(0.0, 7.2, 5.8)), [1, 2]);
    assert_eq!(kills(&loaded(0.0, 7.0, 6.0)), NOBODY, "strictly above");
    assert_eq!(kills(&loaded(0.0, 0.0, 6.1)), [1, 2]);
    assert_eq!(kills(&Usage { load: None, ..two_revocable_and_one_regular() }), NOBODY);
    let parameters = LoadParameters { load_five: None, load_fifteen: Some(6.0) };
    let mut controller = LoadController::new(parameters).unwrap();
    assert_eq!(killed(controller.correct(at(0), &loaded(99.0, 99.0, 6.0))), NOBODY);
}

#[test]
fn threshold_kills_one_at_a_time() {
    let thresholds =
        Thresholds { load_five: Some(6.0), memory_bytes: Some(900 * MB), ..Thresholds::default() };
    let mut controller = ThresholdController::new(thresholds).unwrap();
    let mut kills = |usage: &Usage| killed(controller.correct(at(0), usage));
    assert_eq!(kills(&loaded(5.9, 6.0, 0.0)), NOBODY);
    assert_eq!(kills(&loaded(6.0, 6.0, 0.0)), [1]);
    let executors = vec![
        using(production(1, cpus(1000)), 0, 0, 800),
        using(best_effort(2, cpus(1000)), 0, 0, 20),
        using(best_effort(3, cpus(1000)), 0, 0, 60),
        using(best_effort(4, cpus(1000)), 0, 0, 60),
        best_effort(5, cpus(1000)),
    ];
    let full = Usage { executors, memory_used_bytes: 940 * MB, ..host() };
    assert_eq!(kills(&full), [3], "not the one of production, though that uses most");
    let memory_used_bytes = 900 * MB - 1;
    assert_eq!(kills(&Usage { memory_used_bytes, ..full.clone() }), NOBODY);
    let production_only = Usage { executors: full.executors[..1].to_vec(), ..full };
    assert_eq!(kills(&production_only), NOBODY);
}

fn of_ages(starts: &[u64]) -> Usage {
    with(starts.iter().zip(1..).map(|(start, number)| ExecutorUsage {
        started: at(*start),
        ..best_effort(number, cpus(1000))
    }))
}

#[test]
fn seniority_protects_the_old() {
    let usage = of_ages(&[50, 200, 10, 200, 100]);
    let kills = |severity| killed(Some(youngest(&usage, severity)));
    assert_eq!(kills(0.0), NOBODY);
    assert_eq!(kills(0.1), [2], "half an executor is one");
    assert_eq!(kills(0.4), [2, 4]);
    assert_eq!(kills(0.79), [2, 4, 5], "rounded down");
    assert_eq!(kills(1.0), [2, 4, 5, 1, 3]);
    assert_eq!(kills(7.0), [2, 4, 5, 1, 3]);
    assert_eq!(kills(-1.0), NOBODY);
}

/// Production uses 4 cores, best effort 2, then 6 of 10 cores: averages with an alpha of a half are 6, 8,
/// 9 and 9.5.
#[test]
fn too_high_cpu_follows_the_moving_average() {
    let parameters =
        TooHighCpuParameters { alpha: 0.5, severity: 0.5, cooldown: 2, ..Default::default() };
    let mut controller = TooHighCpuController::new(parameters).unwrap();
    let mut total = 0;
    let mut round = |now: u64, best: u64| {
        total += 10 * best;
        let usage = with([
            using(production(1, cpus(4000)), now, 4000, 10),
            has_used(best_effort(2, cpus(8000)), now, total, 10),
            ExecutorUsage { started: at(5), ..best_effort(3, cpus(100)) },
        ]);
        killed(controller.correct(at(now), &usage))
    };
    assert_eq!(round(10, 2000), NOBODY);
    assert_eq!(round(20, 2000), NOBODY);
    assert_eq!(round(30, 6000), NOBODY, "8 of 10");
    assert_eq!(round(40, 6000), [3], "9 of 10");
    assert_eq!(round(50, 6000), NOBODY, "one round of the cool-down");
    assert_eq!(round(60, 6000), [3], "it is over, and nothing is better");
    assert_eq!(round(70, 0), NOBODY, "below: the cool-down ends");
    assert_eq!(round(80, 6000), NOBODY);
    assert_eq!(round(90, 8000), [3]);
}

#[test]
fn too_high_cpu_needs_a_victim() {
    let mut controller = TooHighCpuController::new(TooHighCpuParameters::default()).unwrap();
    for now in [10, 20, 30] {
        let usage = with([using(production(1, cpus(10_000)), now, 10_000, 10)]);
        assert_eq!(killed(controller.correct(at(now), &usage)), NOBODY);
    }
}
