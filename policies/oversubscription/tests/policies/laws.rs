//! What holds for every series.

use crate::host::*;
use policy_api::{Estimator, QosController, Quantities, Resources, Span, Usage};
use policy_oversubscription::*;
use proptest::prelude::*;

/// A host at one instant: what some executors of both kinds have, and use in thousandths of that.
fn snapshots() -> impl Strategy<Value = Vec<Usage>> {
    let executor = (0_i64..4000, 0_i64..300_000, any::<bool>(), 0_u64..1500, 0_u64..400);
    let executors = prop::collection::vec(executor, 0..5);
    prop::collection::vec(executors, 1..12).prop_map(|rounds| {
        let mut used = [0; 5];
        let rounds = rounds.into_iter().zip(1..).map(|(executors, round)| {
            let now = 60 * round;
            with(executors.into_iter().enumerate().map(
                |(number, (cpu, mem, revokes, uses, mb))| {
                    let limits = of(cpu, mem);
                    used[number] += 60 * uses * cpu.unsigned_abs() / 1000;
                    let kind = if revokes { best_effort } else { production };
                    has_used(kind(number as u64, limits), now, used[number], mb)
                },
            ))
        });
        rounds.collect()
    })
}

fn peaks() -> [Peak; 3] {
    let history = Span::from_secs(180);
    let sigma = NSigmaParameters { deviations: 2.0, warm_up: Span::from_secs(120), history };
    [
        Peak::Percentile(PercentileParameters { percentile: 90.0, history }),
        Peak::NSigma(sigma),
        Peak::Limits(LimitsParameters::default()),
    ]
}

fn estimators() -> Vec<Box<dyn Estimator>> {
    let start_up = Span::ZERO;
    let borg = ReclamationParameters { start_up, ..ReclamationParameters::default() };
    let slack = SlackParameters { min_age: Span::ZERO, ..SlackParameters::default() };
    vec![
        Box::new(FixedEstimator::new(&resources("cpus:3;mem:200"))),
        Box::new(ReclamationEstimator::new(borg).unwrap()),
        Box::new(SlackEstimator::new(slack).unwrap()),
        Box::new(PeakEstimator::new(&Peak::Max(peaks().to_vec()), 1.0).unwrap()),
    ]
}

proptest! {
    /// An answer is revocable and nothing else, and never below zero.
    #[test]
    fn answers_are_revocable(rounds in snapshots()) {
        for mut estimator in estimators() {
            for (usage, round) in rounds.iter().zip(1..) {
                let answer = estimator.estimate(at(60 * round), usage).unwrap();
                prop_assert_eq!(&answer, &answer.revocable());
                prop_assert!(answer.scalar_quantities().contains(&Quantities::ZERO));
            }
        }
    }

    /// The total that an agent announces with a fixed estimator does not move while no more than that
    /// is given out.
    #[test]
    fn a_fixed_total_stands(given in prop::collection::vec(0_i64..1500, 0..3)) {
        let mut fixed = FixedEstimator::new(&resources("cpus:4"));
        let given = given.into_iter().filter(|amount| *amount > 0).enumerate();
        let usage = with(given.map(|(number, amount)| best_effort(number as u64, cpus(amount))));
        let mut total = fixed.estimate(at(0), &usage).unwrap();
        total.add(&usage.revocable());
        let expected = usage.revocable().amount(policy_api::Scalar::Cpus).max(4000);
        prop_assert_eq!(total, revocable(cpus(expected)));
    }

    /// The highest of several peaks is none of them exceeded.
    #[test]
    fn the_maximum_is_one_of_its_parts(rounds in snapshots()) {
        let mut all = PeakEstimator::new(&Peak::Max(peaks().to_vec()), 1.0).unwrap();
        let mut each = peaks().map(|peak| PeakEstimator::new(&peak, 1.0).unwrap());
        for (usage, round) in rounds.iter().zip(1..) {
            let highest = all.predict(at(60 * round), usage);
            let parts = each.each_mut().map(|one| one.predict(at(60 * round), usage));
            for part in parts {
                prop_assert!(highest.contains(&part));
            }
            for scalar in [policy_api::Scalar::Cpus, policy_api::Scalar::Mem] {
                prop_assert!(parts.iter().any(|part| part[scalar] == highest[scalar]));
            }
        }
    }

    /// What production has reserved in truth lies between what it uses and its limit: no more is
    /// reclaimed than all of production is given.
    #[test]
    fn reclamation_stays_below_the_limits(rounds in snapshots()) {
        let mut borg = estimators().remove(1);
        for (usage, round) in rounds.iter().zip(1..) {
            let answer = borg.estimate(at(60 * round), usage).unwrap().scalar_quantities();
            let production = usage.executors.iter().filter(|row| !row.is_revocable());
            let limits = production.fold(Quantities::ZERO, |sum, row| sum + row.limits());
            prop_assert!(limits.contains(&answer));
        }
    }

    /// Only best effort is killed, and nobody twice.
    #[test]
    fn production_is_never_killed(rounds in snapshots(), load in 0.0..20.0_f64) {
        let limits = Thresholds { load_one: Some(5.0), memory_bytes: Some(300 * MB), ..Thresholds::default() };
        let loads = LoadParameters { load_five: Some(5.0), load_fifteen: None };
        let cpu = TooHighCpuParameters { threshold: 0.2, cooldown: 1, ..Default::default() };
        let mut controllers: [Box<dyn QosController>; 4] = [
            Box::new(ThresholdController::new(limits).unwrap()),
            Box::new(LoadController::new(loads).unwrap()),
            Box::new(TooHighCpuController::new(cpu).unwrap()),
            Box::new(LatencySlackController::new(LatencySlackParameters::default()).unwrap()),
        ];
        for (mut usage, round) in rounds.into_iter().zip(1..) {
            let load_averages = policy_api::LoadAverages { one: load, five: load, fifteen: load };
            usage.load = Some(load_averages);
            usage.memory_used_bytes = 400 * MB;
            for controller in &mut controllers {
                let mut kills = killed(controller.correct(at(60 * round), &usage));
                for number in &kills {
                    let row = usage.executors.iter().find(|row| row.executor.0 == *number);
                    prop_assert!(row.unwrap().is_revocable());
                }
                let count = kills.len();
                kills.sort_unstable();
                kills.dedup();
                prop_assert_eq!(kills.len(), count);
            }
        }
    }
}

#[test]
fn revocable_amounts_drop_what_is_not_there() {
    assert_eq!(Resources::revocable_of(&of(-5, 0)), Resources::EMPTY);
    assert_eq!(
        Resources::revocable_of(&of(5, 7)),
        resources("cpus:0.005;mem:0.007").to_revocable()
    );
}
