use crate::helpers::{entries, minus, plus, res};

#[test]
fn c41_set_equals() {
    assert_eq!(res("disks:{sda1,sda2,sda3}"), res("disks:{sda3,sda1,sda2}"));
    assert_ne!(res("disks:{sda1,sda2}"), res("disks:{sda1,sda2,sda3}"));
}

#[test]
fn c42_set_subset() {
    let (small, large) = (res("disks:{sda1,sda2}"), res("disks:{sda1,sda3,sda4,sda2}"));
    assert!(large.contains(&small) && large.contains(&large) && small.contains(&small));
    assert!(!small.contains(&large));
}

#[test]
fn c43_set_addition() {
    let sum = plus(&res("disks:{sda1,sda2,sda3}"), &res("disks:{sda1,sda2,sda3,sda4}"));
    assert_eq!(entries(&sum), 1);
    assert_eq!(sum.to_string(), "disks:{sda1, sda2, sda3, sda4}");
}

#[test]
fn c44_set_subtraction() {
    let left = minus(&res("disks:{sda1,sda2,sda3,sda4}"), &res("disks:{sda2,sda3,sda4}"));
    assert_eq!(left.to_string(), "disks:{sda1}");
}
