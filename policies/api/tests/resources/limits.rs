use crate::quantities::INVALID;
use policy_api::{Limits, NamedLimits, NamedQuantities, Scalar};

fn l(text: &str) -> NamedLimits {
    text.parse().unwrap_or_else(|error| panic!("'{text}': {error}"))
}

fn q(text: &str) -> NamedQuantities {
    text.parse().unwrap_or_else(|error| panic!("'{text}': {error}"))
}

fn pairs(limits: &NamedLimits) -> Vec<(&str, i64)> {
    limits.iter().collect()
}

#[test]
fn d10_limits_from_string_valid() {
    assert_eq!(pairs(&l("cpus:10")), [("cpus", 10_000)]);
    assert_eq!(pairs(&l("cpus:3.14")), [("cpus", 3_140)]);
    assert_eq!(pairs(&l(" cpus : 3.14 ; disk : 10 ")), [("cpus", 3_140), ("disk", 10_000)]);
    assert_eq!(pairs(&l("cpus:0")), [("cpus", 0)]);
    assert_eq!(pairs(&l("ports:3;cpus:10.5")), [("cpus", 10_500), ("ports", 3_000)]);
    let fixed = Limits::try_from(&l("cpus:0;mem:5")).unwrap();
    assert_eq!((fixed.limit(Scalar::Cpus), fixed.limit(Scalar::Gpus)), (Some(0), None));
    assert!(Limits::try_from(&l("ports:3")).is_err());
}

#[test]
fn d11_limits_from_string_invalid() {
    for text in INVALID.into_iter().chain(["ports:3;cpus:1;cpus:10.5", "cpus:0;cpus:0"]) {
        assert!(text.parse::<NamedLimits>().is_err(), "{text}");
    }
}

#[test]
fn d12_limits_contain_limits() {
    let three = "cpus:1;mem:1;disk:1";
    for (left, right, expected) in [
        ("", "", true),
        ("", "cpus:1", true),
        ("cpus:1", "", false),
        ("cpus:1;mem:1", three, true),
        (three, "cpus:1;mem:1", false),
        ("cpus:1;mem:1", "cpus:1;disk:1", false),
        ("cpus:1;disk:1", "cpus:1;mem:1", false),
        ("cpus:1;mem:1", "gpu:1;disk:1", false),
        ("gpu:1;disk:1", "cpus:1;mem:1", false),
        ("cpus:2;mem:2", "cpus:2;mem:1", true),
        ("cpus:2;mem:1", "cpus:2;mem:2", false),
    ] {
        assert_eq!(l(left).contains(&l(right)), expected, "{left} and {right}");
    }
}

#[test]
fn d13_limits_contain_quantities() {
    for (limits, quantities, expected) in [
        ("", "", true),
        ("", "cpus:1;mem:1", true),
        ("cpus:1;mem:1", "cpus:1;mem:1", true),
        ("cpus:1;mem:1;disk:1", "cpus:1;mem:1", true),
        ("cpus:1;mem:1", "cpus:1;mem:1;disk:1", true),
        ("cpus:2;mem:1", "cpus:2;mem:2", false),
    ] {
        assert_eq!(l(limits).contains_quantities(&q(quantities)), expected, "{limits}");
    }
}

#[test]
fn d14_limits_minus_quantities() {
    for (limits, quantities, expected) in [
        ("", "", ""),
        ("", "cpus:1", ""),
        ("cpus:1", "", "cpus:1"),
        ("cpus:1", "cpus:1", "cpus:0"),
        ("cpus:1", "cpus:2", "cpus:0"),
        ("cpus:1;mem:10", "cpus:1", "cpus:0;mem:10"),
        ("cpus:1;mem:10", "cpus:1;disk:10", "cpus:0;mem:10"),
        ("cpus:1;mem:10", "cpus:1;mem:5;disk:10", "cpus:0;mem:5"),
    ] {
        assert_eq!(l(limits).saturating_sub(&q(quantities)), l(expected), "{limits}");
    }
}
