use crate::helpers::{minus, plus, res};
use policy_api::{Resources, Scalar};

#[test]
fn c46_precision_simple() {
    let one = res("cpus:1.001");
    let three = plus(&plus(&one, &one), &one);
    let back = minus(&minus(&three, &one), &one);
    assert_eq!(back, one);
    assert_eq!(back.plain_double(Scalar::Cpus).to_bits(), 1.001_f64.to_bits());
    let zero = res("cpus:0");
    assert_eq!(plus(&one, &zero), one);
    assert_eq!(minus(&one, &zero), one);
}

#[test]
fn c47_precision_many_operations() {
    let one = res("cpus:1.001");
    let mut sum = one.clone();
    for _ in 0..2500 {
        for _ in 0..2 {
            sum.add(&one);
        }
        for _ in 0..2 {
            sum.subtract(&one);
        }
        assert_eq!(sum, one);
    }
    assert_eq!(sum.plain_double(Scalar::Cpus).to_bits(), 1.001_f64.to_bits());
}

#[test]
fn c48_precision_many_consecutive_operations() {
    let (start, one) = (res("cpus:1.001"), res("cpus:1.001"));
    let mut sum = start.clone();
    (0..100_000).for_each(|_| sum.add(&one));
    assert_eq!(sum.cpus(), Some(100_101_001));
    (0..100_000).for_each(|_| sum.subtract(&one));
    assert_eq!(sum, start);
}

#[test]
fn c49_precision_lost() {
    let written = res("cpus:1.5011");
    assert_eq!(written, res("cpus:1.501"));
    let sum = minus(&plus(&written, &written), &written);
    assert_eq!(sum.cpus(), Some(1_501));
    assert_eq!(sum.plain_double(Scalar::Cpus).to_bits(), 1.501_f64.to_bits());
    // Nothing was added to it: it reads as it was written.
    assert_eq!(written.plain_double(Scalar::Cpus).to_bits(), 1.5011_f64.to_bits());
}

#[test]
fn c50_precision_rounding() {
    let written = res("cpus:1.5015");
    let sum = minus(&plus(&written, &written), &written);
    assert_eq!(sum.cpus(), Some(1_502));
    assert_eq!(sum.plain_double(Scalar::Cpus).to_bits(), 1.502_f64.to_bits());
}

#[test]
fn c51_very_small_value() {
    assert!("cpus:0.00001".parse::<Resources>().is_err());
}

#[test]
fn c52_absent_resources() {
    assert!(res("gpus:0").is_empty());
    assert_eq!(res("gpus:0").gpus(), None);
}
