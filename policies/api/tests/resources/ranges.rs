use crate::helpers::{entries, minus, plus, res};
use policy_api::Resources;

fn ports(text: &str) -> Resources {
    res(&format!("ports:{text}"))
}

/// One entry, with these canonical intervals.
fn check(resources: &Resources, intervals: &str) {
    assert_eq!(entries(resources), 1);
    assert_eq!(resources.to_string(), format!("ports:{intervals}"));
    assert_eq!(*resources, ports(intervals));
}

#[test]
fn c28_ranges_equals() {
    assert_eq!(ports("[20-40]"), ports("[20-30, 31-39, 40-40]"));
}

#[test]
fn c29_ranges_subset() {
    let count = |resources: &Resources| resources.ports().unwrap().intervals().len();
    let p1 = ports("[2-2, 4-5]");
    let p2 = ports("[1-10]");
    let p3 = ports("[2-3]");
    let p4 = ports("[1-2, 4-6]");
    let p5 = ports("[1-4, 5-5]");
    assert_eq!([&p1, &p2, &p3, &p4, &p5].map(count), [2, 1, 1, 2, 1]);
    for (outer, inner) in [(&p2, &p1), (&p2, &p3), (&p4, &p1), (&p2, &p4), (&p5, &p1)] {
        assert!(outer.contains(inner), "{outer} does not contain {inner}");
    }
    for (outer, inner) in [(&p1, &p2), (&p3, &p1), (&p1, &p3), (&p3, &p2), (&p1, &p5)] {
        assert!(!outer.contains(inner), "{outer} contains {inner}");
    }
}

#[test]
fn c30_ranges_addition() {
    let sum = plus(&ports("[20000-40000]"), &ports("[30000-50000, 10000-20000]"));
    check(&sum, "[10000-50000]");
}

#[test]
fn c31_ranges_addition_of_overlapping_ones() {
    check(&plus(&ports("[1-10, 5-30, 50-60]"), &ports("[1-65, 70-80]")), "[1-65, 70-80]");
}

#[test]
fn c32_ranges_addition_of_neighbours() {
    let low = plus(&ports("[1-2]"), &ports("[3-4]"));
    check(&low, "[1-4]");
    let high = plus(&ports("[7-8]"), &ports("[5-6]"));
    check(&high, "[5-8]");
    check(&plus(&low, &high), "[1-8]");
}

#[test]
fn c33_ranges_addition_fills_gaps() {
    let sum = plus(&ports("[1-4, 9-10, 20-22, 26-30]"), &ports("[5-8, 23-25]"));
    check(&sum, "[1-10, 20-30]");
}

#[test]
fn c34_ranges_subtraction() {
    let left = minus(&ports("[20000-40000]"), &ports("[10000-20000, 30000-50000]"));
    check(&left, "[20001-29999]");
}

#[test]
fn c35_ranges_subtraction_of_two() {
    check(&minus(&ports("[50000-60000]"), &ports("[50000-50001]")), "[50002-60000]");
}

#[test]
fn c36_ranges_subtraction_of_one() {
    check(&minus(&ports("[50000-60000]"), &ports("[50000-50000]")), "[50001-60000]");
}

#[test]
fn c37_ranges_subtraction_of_a_sum() {
    let sum = plus(&Resources::EMPTY, &ports("[50000-50001]"));
    check(&minus(&ports("[50000-60000]"), &sum), "[50002-60000]");
}

#[test]
fn c38_ranges_subtraction_of_all() {
    let all = ports("[50000-60000]");
    let left = minus(&all, &all);
    assert!(left.is_empty());
    assert_eq!(left.ports(), None);
}

#[test]
fn c39_ranges_subtraction_of_many() {
    let left = minus(&ports("[1-10, 20-30, 40-50]"), &ports("[2-9, 15-45, 48-50]"));
    check(&left, "[1-1, 10-10, 46-47]");
}

#[test]
fn c40_ranges_subtraction_of_others() {
    check(&minus(&ports("[1-10]"), &ports("[11-20]")), "[1-10]");
}
