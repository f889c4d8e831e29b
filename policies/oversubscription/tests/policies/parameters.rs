//! Parameters that make no sense are refused, and the error says what would.

use crate::host::resources;
use policy_api::Span;
use policy_oversubscription::*;

#[track_caller]
fn refused<T: std::fmt::Debug>(made: Result<T, InvalidParameter>, message: &str) {
    assert_eq!(made.unwrap_err().to_string(), message);
}

#[test]
fn of_estimators() {
    let slack = SlackParameters::default();
    refused(
        SlackEstimator::new(SlackParameters { max_oversubscription: 1.5, ..slack }),
        "max_oversubscription is 1.5: it must be above 0 and at most 1",
    );
    refused(
        SlackEstimator::new(SlackParameters { max_utilization: f64::NAN, ..slack }),
        "max_utilization is NaN: it must be above 0 and at most 1",
    );
    let borg = ReclamationParameters::default();
    refused(
        ReclamationEstimator::new(ReclamationParameters { margin: -0.1, ..borg }),
        "margin is -0.1: it must be a number of at least 0",
    );
    refused(
        ReclamationEstimator::new(ReclamationParameters { decay: Span::ZERO, ..borg }),
        "decay is 0s: it must be longer than nothing",
    );
    refused(
        ThresholdEstimator::new(&resources("cpus:1"), Thresholds::default()),
        "thresholds is empty: it must be at least one limit of load or memory",
    );
}

#[test]
fn of_peaks() {
    let peak = |peak: Peak| PeakEstimator::new(&peak, 1.0);
    let default = PercentileParameters::default();
    let percentile =
        |percentile| peak(Peak::Percentile(PercentileParameters { percentile, ..default }));
    refused(percentile(0.0), "percentile is 0: it must be above 0 and at most 100");
    refused(percentile(100.5), "percentile is 100.5: it must be above 0 and at most 100");
    let sigma = NSigmaParameters { deviations: f64::INFINITY, ..Default::default() };
    refused(peak(Peak::NSigma(sigma)), "deviations is inf: it must be a number of at least 0");
    refused(
        peak(Peak::Max(vec![Peak::Limits(LimitsParameters { share: 0.0 })])),
        "share is 0: it must be above 0 and at most 1",
    );
    refused(
        peak(Peak::Max(Vec::new())),
        "peaks is empty: it must be at least one to take the highest of",
    );
    refused(
        PeakEstimator::new(&Peak::Limits(LimitsParameters::default()), 0.0),
        "cap is 0: it must be above 0 and at most 1",
    );
}

#[test]
fn of_controllers() {
    refused(
        LoadController::new(LoadParameters::default()),
        "load_five is not given, nor is load_fifteen: it must be one of the two at least",
    );
    refused(
        LoadController::new(LoadParameters { load_five: Some(-1.0), load_fifteen: None }),
        "load_five is -1: it must be a number of at least 0",
    );
    refused(
        TooHighCpuController::new(TooHighCpuParameters { alpha: 0.0, ..Default::default() }),
        "alpha is 0: it must be above 0 and at most 1",
    );
    let heracles = LatencySlackParameters::default();
    refused(
        LatencySlackController::new(LatencySlackParameters { enable_load: 0.9, ..heracles }),
        "enable_load is 0.9: it must be at most disable_load",
    );
    refused(
        LatencySlackController::new(LatencySlackParameters { shrink_slack: 0.2, ..heracles }),
        "shrink_slack is 0.2: it must be at most growth_slack",
    );
    refused(
        LatencySlackController::new(LatencySlackParameters { kept_cpus: -1, ..heracles }),
        "kept_cpus is -1: it must be not negative",
    );
}
