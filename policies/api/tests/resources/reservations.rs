use crate::helpers::{assert_apart, dynamic, entries, labelled, minus, object, plus, res};
use policy_api::resources::Reservation;
use policy_api::{Operation, Resource, Resources};

fn reserve(resources: &Resources) -> Operation {
    Operation::Reserve { resources: resources.clone(), source: None }
}

#[test]
fn c53_reservations() {
    let unreserved = res("cpus:1;mem:2;disk:4");
    let role1 = res("cpus(role1):2;mem(role1):4;disk(role1):8");
    let role2 = res("cpus(role2):4;mem(role2):8;disk(role2):6");
    let all = plus(&plus(&unreserved, &role1), &role2);
    let groups: Vec<_> = all.reservations().into_iter().collect();
    assert_eq!(groups, [("role1".into(), role1.clone()), ("role2".into(), role2.clone())]);
    assert_eq!(all.reserved("role1"), role1);
    assert_eq!(all.reserved("role2"), role2);
    assert!(all.reserved("*").is_empty());
    assert_eq!(all.unreserved(), unreserved);
    assert_eq!(all.reserved_any(), plus(&role1, &role2));
}

#[test]
fn c54_hierarchical_reservations() {
    let parts = ["cpus:1", "cpus(a):2", "cpus(a/bx):3", "cpus(a/b):4", "cpus(a/bx/c):5"];
    let all = res(&parts.join(";"));
    for (role, texts) in [
        ("*", &[parts[0]][..]),
        ("a", &[parts[1], parts[0]]),
        ("a/bx", &[parts[1], parts[2], parts[0]]),
        ("a/bx/c", &[parts[1], parts[2], parts[4], parts[0]]),
    ] {
        assert_eq!(all.allocatable_to(role), res(&texts.join(";")), "{role}");
    }
}

#[test]
fn c55_to_unreserved() {
    let reserved = res("cpus(role1):1;cpus(role2):2;mem(role1):5");
    assert_eq!(reserved.to_unreserved(), res("cpus:3;mem:5"));
    assert_eq!(entries(&reserved.to_unreserved()), 2);
}

#[test]
fn c64_reservation_ancestor() {
    let base = res("cpus:2;mem:10");
    let push = |below: &Resources, role| {
        below.push_reservation(&Reservation::dynamic(role, None)).unwrap()
    };
    let r1 = push(&base, "foo");
    let refined1 = push(&r1, "foo/bar");
    let r2 = push(&base, "foo");
    let r3 = push(&r2, "foo/baz");
    for (left, right, ancestor) in [
        (&base, &base, &base),
        (&r1, &r1, &r1),
        (&refined1, &refined1, &refined1),
        (&r1, &base, &base),
        (&refined1, &r2, &r2),
        (&base, &r2, &base),
        (&refined1, &r3, &r2),
    ] {
        assert_eq!(left.reservation_ancestor(right), *ancestor);
        assert_eq!(right.reservation_ancestor(left), *ancestor);
    }
}

#[test]
fn c65_validation() {
    let unreserved = res("cpus:8");
    for resources in [
        unreserved.clone(),
        res("cpus(role):8"),
        dynamic(&unreserved, "role", "principal"),
        labelled(&unreserved, "role", "principal", &[("foo", Some("bar"))]),
    ] {
        assert!(resources.iter().all(|(resource, _)| resource.validate().is_ok()), "{resources}");
    }
    let stack = vec![Reservation::fixed("role"), Reservation::fixed("role/sub")];
    let wrong = Resource { reservations: stack, ..object("cpus:8") };
    assert!(wrong.validate().is_err());
}

#[test]
fn c66_equals() {
    let cpus = res("cpus:8");
    let different = [
        cpus.clone(),
        res("cpus(role1):8"),
        res("cpus(role2):8"),
        dynamic(&cpus, "role1", "principal1"),
        dynamic(&cpus, "role1", "principal2"),
        dynamic(&cpus, "role2", "principal1"),
        dynamic(&cpus, "role2", "principal2"),
        labelled(&cpus, "role1", "principal2", &[("foo", Some("bar"))]),
        labelled(&cpus, "role1", "principal2", &[("foo", Some("baz"))]),
    ];
    for (left_index, left) in different.iter().enumerate() {
        for (right_index, right) in different.iter().enumerate() {
            assert_eq!(left == right, left_index == right_index, "{left} and {right}");
        }
    }
}

/// 8 and 4 make one object of 12.
fn check_sum(reserved: impl Fn(&Resources) -> Resources) {
    let sum = plus(&reserved(&res("cpus:8")), &reserved(&res("cpus:4")));
    assert_eq!(entries(&sum), 1);
    assert_eq!(sum, reserved(&res("cpus:12")));
}

#[test]
fn c67_addition_of_statically_reserved_ones() {
    check_sum(|cpus| cpus.push_reservation(&Reservation::fixed("role")).unwrap());
}

#[test]
fn c68_addition_of_dynamically_reserved_ones_without_labels() {
    check_sum(|cpus| dynamic(cpus, "role", "principal"));
}

#[test]
fn c69_addition_of_dynamically_reserved_ones_with_the_same_labels() {
    check_sum(|cpus| labelled(cpus, "role", "principal", &[("foo", Some("bar")), ("x", None)]));
    // Their order does not matter.
    let one = labelled(&res("cpus:1"), "role", "p", &[("foo", Some("bar")), ("x", None)]);
    let other = labelled(&res("cpus:1"), "role", "p", &[("x", None), ("foo", Some("bar"))]);
    assert_eq!(entries(&plus(&one, &other)), 1);
}

#[test]
fn c70_addition_of_dynamically_reserved_ones_with_distinct_labels() {
    let one = labelled(&res("cpus:6"), "role", "principal", &[("foo", Some("bar"))]);
    let other = labelled(&res("cpus:6"), "role", "principal", &[("foo", Some("baz"))]);
    let sum = plus(&one, &other);
    assert_eq!(entries(&sum), 2);
    assert_ne!(sum, plus(&one, &one));
    assert_ne!(sum, plus(&other, &other));
}

#[test]
fn c71_subtraction() {
    let r1 = res("cpus(role):8");
    let reserved = |amount: &str| labelled(&res(amount), "role", "principal", &[("l1", None)]);
    let r2 = reserved("cpus:8");
    assert!(minus(&r1, &r1).is_empty());
    assert!(minus(&r2, &r2).is_empty());
    assert_eq!(minus(&r1, &r2), r1);
    assert_eq!(minus(&r2, &r1), r2);
    let left = minus(&minus(&plus(&r1, &r2), &res("cpus(role):2")), &reserved("cpus:4"));
    assert_eq!(left, plus(&res("cpus(role):6"), &reserved("cpus:4")));
}

#[test]
fn c72_contains() {
    let fixed = res("cpus(role):8");
    let moved = dynamic(&res("cpus:12"), "role", "principal");
    let sum = plus(&fixed, &moved);
    assert_apart(&fixed, &moved);
    assert!(!fixed.contains(&sum) && !moved.contains(&sum));
    assert!(sum.contains(&fixed) && sum.contains(&moved) && sum.contains(&sum));
}

#[test]
fn c84_reserve_resources() {
    let unreserved = res("cpus:1;mem:512");
    let reserved = dynamic(&res("cpus:1"), "role", "principal");
    let result = unreserved.apply(&reserve(&reserved)).unwrap();
    assert_eq!(result, plus(&res("mem:512"), &reserved));
    let too_much = dynamic(&res("cpus:2"), "role", "principal");
    assert!(unreserved.apply(&reserve(&too_much)).is_err());
    // A source that is not just below: a reservation changes hands.
    let operation = Operation::Reserve {
        resources: dynamic(&res("cpus:1"), "other", "principal"),
        source: Some(reserved.clone()),
    };
    let result = result.apply(&operation).unwrap();
    assert_eq!(result.reserved("other").cpus(), Some(1_000));
}

#[test]
fn c85_unreserve_resources() {
    let reserved = dynamic(&res("cpus:1"), "role", "principal");
    let all = plus(&reserved, &res("mem:512"));
    let result = all.apply(&Operation::Unreserve(reserved)).unwrap();
    assert_eq!(result, res("cpus:1;mem:512"));
    let too_much = dynamic(&res("cpus:2"), "role", "principal");
    assert!(all.apply(&Operation::Unreserve(too_much)).is_err());
}

/// Reserving is taking away, pushing a reservation, and adding.
#[test]
fn c90_flatten_resources() {
    let (all, cpus) = (res("cpus:1;mem:512"), res("cpus:1"));
    let reserved = dynamic(&cpus, "role", "principal");
    let by_hand = plus(&minus(&all, &cpus), &reserved);
    assert_eq!(by_hand, plus(&res("mem:512"), &reserved));
    assert_eq!(by_hand, all.apply(&reserve(&reserved)).unwrap());
    assert_eq!(by_hand.to_unreserved(), all);
}
