use crate::helpers::{all, object, plus, res, shared, volume};
use policy_api::{NamedQuantities, Quantities, Scalar};

fn q(text: &str) -> NamedQuantities {
    text.parse().unwrap_or_else(|error| panic!("'{text}': {error}"))
}

/// Names and thousandths, in order.
fn pairs(quantities: &NamedQuantities) -> Vec<(&str, i64)> {
    quantities.iter().collect()
}

/// What is neither quantities nor limits.
pub(crate) const INVALID: [&str; 10] = [
    "cpus:a10",
    "cpus:3.14c",
    "ports:3,cpus:1",
    "ports:3,cpus:-1",
    "cpus:nan",
    "cpus:-nan",
    "cpus:inf",
    "cpus:-inf",
    "cpus:infinity",
    "cpus:-infinity",
];

#[test]
fn d01_quantities_from_string_valid() {
    assert_eq!(pairs(&q("cpus:10")), [("cpus", 10_000)]);
    assert_eq!(pairs(&q("cpus:3.14")), [("cpus", 3_140)]);
    assert_eq!(pairs(&q(" cpus : 3.14 ; disk : 10 ")), [("cpus", 3_140), ("disk", 10_000)]);
    assert!(q("cpus:0").is_empty());
    assert_eq!(pairs(&q("ports:3;cpus:10.5")), [("cpus", 10_500), ("ports", 3_000)]);
    assert_eq!(pairs(&q("ports:3;cpus:1;cpus:10.5")), [("cpus", 11_500), ("ports", 3_000)]);
}

#[test]
fn d02_quantities_from_string_invalid() {
    for text in INVALID.into_iter().chain(["ports:[1-2]", "cpus", ":1", "cpus:-1"]) {
        assert!(text.parse::<NamedQuantities>().is_err(), "{text}");
    }
}

#[test]
fn d03_from_scalar_resources() {
    assert!(NamedQuantities::of_scalars(&res("")).is_empty());
    let scalars = NamedQuantities::of_scalars(&res("cpus:1;mem:512;disk:800;ports:[1-2]"));
    assert_eq!(pairs(&scalars), [("cpus", 1_000), ("disk", 800_000), ("mem", 512_000)]);
    // Metadata do not matter, and copies count once.
    let volume = shared(&volume(&object("disk(role):64"), "id", "path"));
    let tagged = plus(&res("cpus(role):1;cpus:2"), &all([&volume, &volume]));
    assert_eq!(NamedQuantities::of_scalars(&tagged), q("cpus:3;disk:64"));
}

#[test]
fn d04_from_resources() {
    assert!(NamedQuantities::of(&res("")).is_empty());
    let all = res("cpus:1;mem:512;ports:[5000-6000];zones:{a,b};disk:800");
    assert_eq!(NamedQuantities::of(&all), q("cpus:1;disk:800;mem:512;ports:1001;zones:2"));
}

#[test]
fn d05_addition() {
    assert_eq!(q("cpus:10") + &q(""), q("cpus:10"));
    assert_eq!(q("cpus:10") + &q("cpus:0.1"), q("cpus:10.1"));
    let sum = q("alphas:1;cpus:10.1") + &q("cpus:1;mem:100");
    assert_eq!(pairs(&sum), [("alphas", 1_000), ("cpus", 11_100), ("mem", 100_000)]);
}

#[test]
fn d06_subtraction() {
    for (left, right, expected) in [
        ("", "cpus:1", ""),
        ("cpus:1", "", "cpus:1"),
        ("cpus:1", "cpus:0.4", "cpus:0.6"),
        ("cpus:1", "cpus:1", ""),
        ("cpus:1", "cpus:1.4", ""),
        ("cpus:1", "mem:100", "cpus:1"),
        ("cpus:1", "alphas:1", "cpus:1"),
        ("cpus:1;mem:100", "alphas:1;cpus:0.5", "cpus:0.5;mem:100"),
    ] {
        assert_eq!(q(left).saturating_sub(&q(right)), q(expected), "{left} - {right}");
    }
}

#[test]
fn d07_contains() {
    let three = "cpus:1;mem:1;disk:1";
    for (left, right, expected) in [
        ("", "", true),
        ("cpus:1", "", true),
        ("", "cpus:1", false),
        ("cpus:1", "cpus:1", true),
        (three, three, true),
        (three, "cpus:1;mem:1", true),
        ("cpus:1;mem:1", three, false),
        ("cpus:1;mem:1", "cpus:1;disk:1", false),
        ("cpus:1;disk:1", "cpus:1;mem:1", false),
        ("cpus:1;mem:1", "gpus:1;disk:1", false),
        ("cpus:2;mem:2", "cpus:2;mem:1", true),
        ("cpus:2;mem:1", "cpus:2;mem:2", false),
    ] {
        assert_eq!(q(left).contains(&q(right)), expected, "{left} and {right}");
    }
}

#[test]
fn d08_stringify() {
    assert_eq!(q("").to_string(), "{}");
    assert_eq!(q("mem:1024;cpus:1").to_string(), "cpus:1; mem:1024");
    // Tables of fixed scalars print as the text that users write, and have no other names.
    let fixed = Quantities::try_from(&q("mem:1024;cpus:1")).unwrap();
    assert_eq!(fixed.to_string(), "cpus:1;mem:1024");
    assert_eq!(fixed[Scalar::Mem], 1_024_000);
    assert!(Quantities::try_from(&q("cpus:1;ports:2")).is_err());
}

#[test]
fn d09_sum() {
    let all = [q("cpus:1;memory:1"), q("cpus:2"), q("cpus:1;memory:1")];
    assert_eq!(all.iter().sum::<NamedQuantities>(), q("cpus:4;memory:2"));
}
