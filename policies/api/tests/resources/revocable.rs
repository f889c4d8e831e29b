use crate::helpers::{all, entries, minus, object, one, plus, res, revocable};

#[test]
fn c101_equals() {
    assert_eq!(one(&revocable("cpus:1")), one(&revocable("cpus:1")));
    assert_ne!(one(&revocable("cpus:1")), res("cpus:1"));
}

#[test]
fn c102_addition() {
    let (rev, plain) = (one(&revocable("cpus:1")), res("cpus:1"));
    assert_eq!(plus(&rev, &rev), one(&revocable("cpus:2")));
    let both = plus(&rev, &plain);
    assert_eq!(entries(&both), 2);
    assert!(both.contains(&rev) && both.contains(&plain));
    assert!(!both.contains(&one(&revocable("cpus:2"))));
    assert!(!both.contains(&res("cpus:2")));
}

#[test]
fn c103_subtraction() {
    let (rev, plain) = (one(&revocable("cpus:1")), res("cpus:1"));
    assert!(minus(&rev, &rev).is_empty());
    assert_eq!(minus(&rev, &plain), rev);
    assert_eq!(minus(&plain, &rev), plain);
}

#[test]
fn c104_contains() {
    let rev = one(&revocable("cpus:1"));
    let sum = plus(&rev, &rev);
    assert!(!rev.contains(&sum));
    assert!(sum.contains(&rev) && sum.contains(&sum));
}

#[test]
fn c105_filter() {
    let (rev, plain) = (revocable("cpus:1"), object("cpus:1"));
    let both = all([&rev, &plain]);
    assert_eq!(both.revocable(), one(&rev));
    assert_eq!(both.non_revocable(), one(&plain));
    assert!(one(&rev).non_revocable().is_empty() && one(&plain).revocable().is_empty());
}

#[test]
fn c106_find() {
    let (rev, plain) = (one(&revocable("cpus:1")), res("cpus:1"));
    assert_eq!(rev.find(&rev), Some(rev.clone()));
    assert_eq!(plain.find(&plain), Some(plain.clone()));
    assert_eq!(rev.find(&plain), None);
    assert_eq!(plain.find(&rev), None);
}
