//! Mesos takes the objects in random order. The order is the caller's here, so both are tried.

use crate::helpers::{all, mount, object, one, res, sourced};
use policy_api::{Limits, NamedLimits, NamedQuantities, Quantities, Resources};

fn to_quantities(resources: &Resources, target: &str, reversed: bool) -> Resources {
    let named: NamedQuantities = target.parse().unwrap();
    let target = Quantities::try_from(&named).unwrap();
    resources.shrink_to_quantities(&target, |objects| {
        if reversed {
            objects.reverse();
        }
    })
}

fn to_limits(resources: &Resources, limits: &str, reversed: bool) -> Resources {
    let named: NamedLimits = limits.parse().unwrap();
    let limits = Limits::try_from(&named).unwrap();
    resources.shrink_to_limits(&limits, |objects| {
        if reversed {
            objects.reverse();
        }
    })
}

#[test]
fn c57_shrink_to_quantities() {
    for (resources, target, expected) in [
        ("", "", ""),
        ("", "cpus:1", ""),
        ("cpus:1", "", ""),
        ("cpus:2", "cpus:1", "cpus:1"),
        ("cpus:2;mem:20", "cpus:1;mem:10", "cpus:1;mem:10"),
        ("cpus:2;mem:20", "cpus:1;mem:10;disk:10", "cpus:1;mem:10"),
        ("cpus:2;mem:20", "cpus:1", "cpus:1"),
        // The same beside an object that is not plain, and of an unknown name.
        ("cpus(r):1;cpus:2;mem:20", "cpus:1", "cpus:1"),
        ("shoes:5;cpus:2", "cpus:1", "cpus:1"),
    ] {
        assert_eq!(to_quantities(&res(resources), target, false), res(expected), "{resources}");
    }
    let plain = object("disk:10");
    let whole = sourced(&object("disk:20"), mount("/mnt"));
    assert!(to_quantities(&one(&whole), "disk:10", false).is_empty());
    let half = sourced(&plain, mount("/mnt"));
    let both = all([&plain, &half]);
    assert_eq!(to_quantities(&both, "disk:10", false), one(&plain));
    assert_eq!(to_quantities(&both, "disk:10", true), one(&half));
}

#[test]
fn c58_shrink_to_limits() {
    for (resources, limits, expected) in [
        ("", "", ""),
        ("", "cpus:1", ""),
        ("cpus:1", "", "cpus:1"),
        ("cpus:2", "cpus:1", "cpus:1"),
        ("cpus:2", "cpus:0", ""),
        ("cpus:2;mem:20", "cpus:1;mem:10", "cpus:1;mem:10"),
        ("cpus:2;mem:20", "cpus:1;mem:10;disk:10", "cpus:1;mem:10"),
        ("cpus:2;mem:20", "cpus:1", "cpus:1;mem:20"),
        // What has no limit is kept whole, whatever it is.
        ("shoes:5;ports:[1-2];cpus:2", "cpus:1", "shoes:5;ports:[1-2];cpus:1"),
    ] {
        assert_eq!(to_limits(&res(resources), limits, false), res(expected), "{resources}");
    }
    let plain = object("disk:10");
    let whole = sourced(&object("disk:20"), mount("/mnt"));
    assert!(to_limits(&one(&whole), "disk:10", false).is_empty());
    let half = sourced(&plain, mount("/mnt"));
    let both = all([&plain, &half]);
    assert_eq!(to_limits(&both, "disk:10", false), one(&plain));
    assert_eq!(to_limits(&both, "disk:10", true), one(&half));
}
