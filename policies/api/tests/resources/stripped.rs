//! What is left when only names and amounts of scalars count.

use crate::helpers::{object, one, provided, res, revocable, volume};
use policy_api::Resources;

fn check(resources: &Resources, expected: &str) {
    assert_ne!(*resources, res(expected));
    let stripped = resources.stripped_scalar_quantity();
    assert_eq!(stripped, res(expected));
    assert_eq!(stripped.scalar_quantities(), resources.scalar_quantities());
}

#[test]
fn c91_stripped_volume() {
    check(&one(&volume(&object("disk(role):200"), "id1", "path")), "disk:200");
}

#[test]
fn c92_stripped_allocated() {
    check(&res("cpus:1;mem:512").allocate("role"), "cpus:1;mem:512");
}

#[test]
fn c93_stripped_reserved() {
    check(&res("cpus(role1):1;mem(role2):512;cpus:2"), "cpus:3;mem:512");
}

#[test]
fn c94_stripped_resource_provider() {
    check(&one(&provided("cpus:1", "provider")), "cpus:1");
}

#[test]
fn c95_stripped_non_scalar() {
    check(&res("ports:[10000-20000];names:{a,b};cpus:1;shoes(role):2"), "cpus:1;shoes:2");
}

#[test]
fn c96_stripped_revocable() {
    check(&one(&revocable("cpus:1")), "cpus:1");
}
