//! Rates over a window (`spec/network.md` section 7, `PercentileRatesCollector`).

use policy_api::{Span, Time};
use policy_isolation::rates::{RateCollector, RateStatistics};

fn collected(counters: &[u64]) -> RateStatistics {
    let mut collector =
        RateCollector::new(Span::from_secs(10), Span::from_secs(1)).expect("a window");
    assert_eq!(collector.statistics(), None, "before any sample");
    for (second, counter) in counters.iter().enumerate() {
        collector.sample(Time::from_secs(second as u64), *counter);
    }
    collector.statistics().expect("rates")
}

#[track_caller]
fn assert_rates(counters: &[u64], [max, min, p90, p50]: [f64; 4]) {
    let found = collected(counters);
    let values = [found.max, found.min, found.p90, found.p50];
    let close = values.iter().zip([max, min, p90, p50]).all(|(it, that)| (it - that).abs() < 1e-9);
    assert!(close && found.samples == 5, "{found:?}");
}

#[test]
fn percentile_rates_collector() {
    assert_rates(&[0, 100, 200, 250, 300, 350], [100.0, 50.0, 100.0, 50.0]);
    // Drops, and what the container sends.
    assert_rates(&[0, 5, 10, 11, 12, 13], [5.0, 1.0, 5.0, 1.0]);
    assert_rates(&[0, 10, 20, 20, 20, 20], [10.0, 0.0, 10.0, 0.0]);
}

#[test]
fn the_window_forgets_and_lost_counters_give_no_rate() {
    let counters: Vec<u64> =
        (0..20).map(|second| if second < 8 { 0 } else { second * 7 }).collect();
    let found = collected(&counters);
    assert_eq!((found.samples, found.min, found.max), (10, 7.0, 7.0));
    assert_eq!(collected(&[10, 20, 5, 15]).samples, 2);
}

#[test]
fn impossible_windows_are_refused() {
    let millis = Span::from_millis;
    assert!(RateCollector::new(millis(5_000), millis(50)).is_some());
    for (window, interval) in [(5_000, 19), (1_000, 1_000), (0, 0)] {
        assert!(RateCollector::new(millis(window), millis(interval)).is_none());
    }
}
