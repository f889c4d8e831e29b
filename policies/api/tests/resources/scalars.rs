use crate::helpers::{assert_apart, entries, minus, plus, res};
use policy_api::Resources;

#[test]
fn c21_scalar_equals() {
    assert_eq!(res("cpus:3;mem:3072"), res("mem:3072;cpus:3"));
    assert_ne!(res("cpus(role1):3"), res("cpus(role2):3"));
}

#[test]
fn c22_scalar_subset() {
    let (small, large) = (res("cpus:1;mem:3072"), res("cpus:1;mem:4096"));
    assert!(large.contains(&small));
    assert!(!small.contains(&large));
}

#[test]
fn c23_scalar_subset_of_one_role() {
    assert_apart(&res("cpus(role1):1"), &res("cpus(role2):1"));
    let three = res("cpus(role1):3");
    assert!(three.contains(&res("cpus(role1):1")));
    assert!(!res("cpus(role1):1").contains(&three));
    assert!(!three.contains(&res("cpus(role2):1")));
}

#[test]
fn c24_scalar_addition() {
    let sum = plus(&res("cpus:1;mem:5"), &res("cpus:2;mem:10"));
    assert_eq!((entries(&sum), sum.cpus(), sum.mem()), (2, Some(3_000), Some(15)));
}

#[test]
fn c25_scalar_addition_of_roles() {
    let sum = plus(&res("cpus(role1):1;cpus(role2):3"), &res("cpus(role1):5"));
    assert_eq!((entries(&sum), sum.cpus()), (2, Some(9_000)));
    assert_eq!(sum, res("cpus(role1):6;cpus(role2):3"));
}

#[test]
fn c26_scalar_subtraction() {
    let left = minus(&res("cpus:50;mem:4096"), &res("cpus:0.5;mem:1024"));
    assert_eq!(left, res("cpus:49.5;mem:3072"));
    assert!(minus(&left, &left).is_empty());
}

#[test]
fn c27_scalar_subtraction_of_roles() {
    let left = minus(&res("cpus(role1):5;cpus(role2):3"), &res("cpus(role1):1"));
    assert_eq!(left, res("cpus(role1):4;cpus(role2):3"));
    assert_eq!((entries(&left), left.cpus()), (2, Some(7_000)));
}

#[test]
fn c45_empty_is_unequal() {
    assert_ne!(Resources::EMPTY, res("cpus:2"));
}
