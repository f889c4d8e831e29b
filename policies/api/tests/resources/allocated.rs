use crate::helpers::{assert_apart, entries, minus, plus, res};
use policy_api::Resources;

fn both() -> (Resources, Resources) {
    (res("cpus:1").allocate("role1"), res("cpus:1").allocate("role2"))
}

#[test]
fn c114_equality() {
    let (role1, role2) = both();
    assert_eq!(role1, role1.clone());
    assert_ne!(role1, role2);
    assert_ne!(role1, res("cpus:1"));
    // A new tag takes the place of the old one.
    assert_eq!(role1.allocate("role2"), role2);
}

#[test]
fn c115_contains() {
    let (role1, role2) = both();
    let sum = plus(&role1, &role2);
    assert!(sum.contains(&role1) && sum.contains(&role2));
    assert_apart(&role1, &role2);
    assert!(!sum.contains(&res("cpus:1")));
}

#[test]
fn c116_addition() {
    let (role1, role2) = both();
    let sum = plus(&role1, &role2);
    assert_eq!((entries(&sum), sum.cpus()), (2, Some(2_000)));
    assert_eq!(entries(&plus(&role1, &role1)), 1);
}

#[test]
fn c117_subtraction() {
    let (role1, role2) = both();
    assert!(minus(&role1, &role1).is_empty());
    assert_eq!(minus(&role1, &role2), role1);
    assert_eq!(minus(&plus(&role1, &role2), &role1), role2);
}

#[test]
fn c118_allocations() {
    let parts = [
        ("*", res("cpus:1;mem:1024")),
        ("role1", res("cpus:2;mem:2048")),
        ("role2", res("cpus(role2):3;mem(role2):3096")),
    ];
    let mut all = Resources::EMPTY;
    for (role, part) in &parts {
        all.add(&part.allocate(role));
    }
    let groups: Vec<_> = all.allocations().into_iter().collect();
    let expected = parts.clone().map(|(role, part)| (role.into(), part.allocate(role)));
    assert_eq!(groups, expected);
    for ((_, group), (role, part)) in groups.iter().zip(&parts) {
        assert_eq!(group.unallocate(), *part);
        assert_eq!(all.allocated_to_subtree(role), *group);
    }
}
