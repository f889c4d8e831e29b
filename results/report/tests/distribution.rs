//! `Distribution` against exact, sorted values.

use proptest::prelude::*;
use report::{Distribution, Nanoseconds, Thousandths};

/// The bound that the type promises.
const RELATIVE: f64 = 1.0 / 1024.0;

fn recorded(values: &[u64]) -> Distribution<Nanoseconds> {
    let mut distribution = Distribution::new();
    for value in values {
        distribution.record(*value);
    }
    distribution
}

fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}

/// Values of all sizes, with many equal ones.
fn values() -> impl Strategy<Value = Vec<u64>> {
    let value = prop_oneof![Just(0), Just(1_000_000_000), 0..5_000_u64, 0..u64::MAX / 4096];
    proptest::collection::vec((value, 0..40_u32).prop_map(|(value, shift)| value >> shift), 1..600)
}

proptest! {
    #[test]
    fn quantiles_are_exact_up_to_the_bound(mut values in values(), quantile in 0.0..=1.0_f64) {
        let distribution = recorded(&values);
        values.sort_unstable();
        let rank = (quantile * values.len() as f64).ceil().max(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank among the values"
        )]
        let exact = seconds(values[rank as usize - 1]);
        let found = distribution.quantile(quantile).unwrap();
        prop_assert!(found >= exact && found <= exact * (1.0 + RELATIVE), "{found} for {exact}");
        prop_assert!(found <= distribution.max().unwrap());
    }

    #[test]
    fn counts_and_means_are_exact(values in values()) {
        let distribution = recorded(&values);
        let sum: u128 = values.iter().map(|value| u128::from(*value)).sum();
        let mean = sum as f64 / values.len() as f64 / 1e9;
        prop_assert_eq!(distribution.count(), values.len() as u64);
        prop_assert!((distribution.mean().unwrap() - mean).abs() <= 1e-12 * mean);
        prop_assert_eq!(distribution.min(), values.iter().min().map(|value| seconds(*value)));
        prop_assert_eq!(distribution.max(), values.iter().max().map(|value| seconds(*value)));
    }

    #[test]
    fn every_point_of_a_curve_is_exact(mut values in values(), points in 1..300_usize) {
        let curve = recorded(&values).cumulative(points);
        values.sort_unstable();
        prop_assert!(!curve.is_empty() && curve.len() <= points);
        prop_assert!(curve.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
        for (value, fraction) in &curve {
            let below = values.partition_point(|exact| seconds(*exact) <= *value);
            prop_assert!((fraction - below as f64 / values.len() as f64).abs() < 1e-12);
        }
        prop_assert_eq!(curve.last().copied(), Some((seconds(*values.last().unwrap()), 1.0)));
    }

    #[test]
    fn merging_is_recording_together(a in values(), b in values()) {
        let mut merged = recorded(&a);
        merged.merge(&recorded(&b));
        let together = recorded(&[a, b].concat());
        prop_assert_eq!(merged.count(), together.count());
        prop_assert_eq!(merged.mean(), together.mean());
        prop_assert_eq!(merged.cumulative(200), together.cumulative(200));
    }
}

#[test]
fn a_curve_reaches_far_into_both_tails() {
    let values: Vec<u64> = (1..=1_000_000).map(|value| value * 1_000).collect();
    let curve = recorded(&values).cumulative(200);
    assert!(curve.len() > 150, "{}", curve.len());
    assert!(curve[0].1 < 1e-5, "{}", curve[0].1);
    assert!(curve[curve.len() - 2].1 > 1.0 - 2e-3, "{}", curve[curve.len() - 2].1);
    assert!(curve.windows(2).all(|pair| pair[1].1 - pair[0].1 < 0.01));
}

#[test]
fn nothing_recorded() {
    let empty = Distribution::<Thousandths>::new();
    assert!(empty.is_empty());
    assert_eq!(empty.mean(), None);
    assert_eq!(empty.min(), None);
    assert_eq!(empty.max(), None);
    assert_eq!(empty.quantile(0.5), None);
    assert_eq!(empty.cumulative(200), []);
}

#[test]
fn thousandths_are_reported_as_ratios() {
    let mut slowdowns = Distribution::<Thousandths>::new();
    slowdowns.record(1_000);
    slowdowns.record(2_500);
    assert_eq!(slowdowns.mean(), Some(1.75));
    assert_eq!(slowdowns.cumulative(200), [(1.0, 0.5), (2.5, 1.0)]);
    slowdowns.record(u64::MAX);
    assert!(slowdowns.max().unwrap() > 1e16);
}
