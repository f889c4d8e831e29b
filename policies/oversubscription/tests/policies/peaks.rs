//! Estimators that predict a peak.

use crate::host::*;
use policy_api::{Estimator, Quantities, Span, Usage};
use policy_oversubscription::{
    LimitsParameters, NSigmaParameters, Peak, PeakEstimator, PercentileParameters,
};

fn estimator(peak: &Peak) -> PeakEstimator {
    PeakEstimator::new(peak, 1.0).unwrap()
}

fn percentile(percentile: f64, seconds: u64) -> Peak {
    let history = Span::from_secs(seconds);
    Peak::Percentile(PercentileParameters { percentile, history })
}

/// A use in each interval of ten seconds, in thousandths of a core.
fn series(uses: &[u64]) -> impl Iterator<Item = (u64, Usage)> {
    let mut total = 0;
    uses.iter().copied().enumerate().map(move |(index, using)| {
        total += 10 * using;
        let now = 10 * (index as u64 + 1);
        (now, with([has_used(production(1, of(4000, 400_000)), now, total, 100)]))
    })
}

fn peaks(peak: &Peak, uses: &[u64]) -> Vec<Quantities> {
    let mut estimator = estimator(peak);
    series(uses).map(|(now, usage)| estimator.predict(at(now), &usage)).collect()
}

fn cpus_of(peaks: &[Quantities]) -> Vec<i64> {
    peaks.iter().map(|peak| peak.amounts()[0]).collect()
}

#[test]
fn percentile_of_each_history() {
    let uses = [9999, 1000, 3000, 2000, 500, 700];
    let median = peaks(&percentile(50.0, 1000), &uses);
    // The first sample begins the first interval: the limit counts until there is one.
    assert_eq!(median[0], of(4000, 400_000));
    assert_eq!(median[1], of(1000, 100_000));
    assert_eq!(cpus_of(&median), [4000, 1000, 1000, 2000, 1000, 1000]);
    let highest = peaks(&percentile(100.0, 1000), &uses);
    assert_eq!(cpus_of(&highest), [4000, 1000, 3000, 3000, 3000, 3000]);
    let forgetful = peaks(&percentile(100.0, 20), &uses);
    assert_eq!(cpus_of(&forgetful), [4000, 1000, 3000, 3000, 2000, 700]);
}

#[test]
fn percentiles_of_executors_add_up() {
    let mut estimator = estimator(&percentile(99.0, 1000));
    let usage = |now| {
        let young = best_effort(3, of(2000, 50_000));
        with([
            using(production(1, of(4000, 400_000)), now, 1000, 100),
            using(best_effort(2, of(1000, 100_000)), now, 250, 10),
            young,
        ])
    };
    estimator.predict(at(10), &usage(10));
    let left = estimator.estimate(at(20), &usage(20)).unwrap();
    // 1 + 0.25 + 2 of 10 cores; 100 + 10 + 50 of 1000 MB.
    assert_eq!(left, revocable(of(6750, 840_000)));
}

/// 1 and 3 cores: a mean of 2, a deviation of 1.
#[test]
fn n_sigma_of_the_host() {
    let parameters = NSigmaParameters {
        deviations: 2.0,
        warm_up: Span::from_secs(20),
        history: Span::from_secs(20),
    };
    let peaks = peaks(&Peak::NSigma(parameters), &[9999, 1000, 3000, 3000, 2000]);
    assert_eq!(peaks[1], of(4000, 400_000), "the limit until it is warm");
    assert_eq!(peaks[2], of(4000, 100_000));
    assert_eq!(cpus_of(&peaks), [4000, 4000, 4000, 3000, 3500]);
}

#[test]
fn borg_default_is_a_share_of_the_limits() {
    let mut borg = estimator(&Peak::Limits(LimitsParameters::default()));
    let usage = with([production(1, of(4000, 400_000)), best_effort(2, of(1000, 0))]);
    assert_eq!(borg.estimate(at(0), &usage), Some(revocable(of(5500, 640_000))));
}

#[test]
fn the_highest_of_several() {
    let limits = |share| Peak::Limits(LimitsParameters { share });
    let uses = [1000, 3500, 1000, 1000, 1000];
    let several = Peak::Max(vec![limits(0.5), percentile(100.0, 10)]);
    assert_eq!(cpus_of(&peaks(&several, &uses)), [4000, 3500, 2000, 2000, 2000]);
}

#[test]
fn a_cap_leaves_something_free() {
    let mut capped =
        PeakEstimator::new(&Peak::Limits(LimitsParameters { share: 1.0 }), 0.8).unwrap();
    let usage = with([production(1, of(4000, 400_000))]);
    assert_eq!(capped.estimate(at(0), &usage), Some(revocable(of(4000, 400_000))));
    let full = with([production(1, of(9000, 900_000))]);
    assert_eq!(capped.estimate(at(0), &full), Some(revocable(of(0, 0))), "never below zero");
}
