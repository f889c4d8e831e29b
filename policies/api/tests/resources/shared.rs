use crate::helpers::{all, entries, minus, object, one, plus, res, shared, volume};
use policy_api::{Resource, Resources};

fn made(size: u32, id: &str) -> Resource {
    shared(&volume(&object(&format!("disk(role1):{size}")), id, "path1"))
}

/// Plain resources and copies of a volume.
fn with(text: &str, volume: &Resource, copies: u32) -> Resources {
    let mut sum = res(text);
    sum.add_copies(volume.clone(), copies);
    sum
}

#[test]
fn c108_scalar_addition() {
    let volume = made(50, "id1");
    let sum = plus(&with("cpus:1;mem:5", &volume, 1), &with("cpus:2;mem:10", &volume, 1));
    assert_eq!(entries(&sum), 3);
    assert_eq!((sum.cpus(), sum.mem(), sum.disk()), (Some(3_000), Some(15), Some(50)));
    assert_eq!(sum.count(&volume), 2);
}

#[test]
fn c109_scalar_subtraction() {
    let volume = made(8192, "id1");
    let small = with("cpus:5;mem:512", &volume, 1);
    let once = minus(&with("cpus:40;mem:4096", &volume, 2), &small);
    assert_eq!((once.cpus(), once.mem(), once.disk()), (Some(35_000), Some(3584), Some(8192)));
    assert_eq!(once.count(&volume), 1);
    let twice = minus(&once, &small);
    assert_eq!(twice.count(&volume), 0);
    assert!(!twice.contains(&one(&volume)));
    let clamped = minus(&with("cpus:40", &volume, 1), &with("cpus:5", &volume, 2));
    assert_eq!((clamped.cpus(), clamped.count(&volume)), (Some(35_000), 0));
}

#[test]
fn c110_scalar_compound_expressions() {
    let volume = made(50, "id1");
    let r1 = with("cpus:2;mem:10", &volume, 4);
    let r2 = with("cpus:2;mem:10", &volume, 3);
    assert_eq!(minus(&plus(&r1, &r1), &r1), r1);
    assert_eq!(minus(&plus(&r1, &r2), &r1), r2);
    assert_eq!(minus(&plus(&r2, &r1), &r2), r1);
    assert_eq!(minus(&plus(&r2, &r1), &r1), r2);
    assert_eq!(plus(&minus(&r2, &r1), &r1), r1);
    assert_eq!(plus(&minus(&r1, &r2), &r2), r1);
    assert!(minus(&r2, &r1).is_empty());
    assert!(!minus(&r1, &r2).is_empty());
}

#[test]
fn c111_scalar_operations_of_unequal_volumes() {
    let (v1, v2) = (made(50, "id1"), made(100, "id2"));
    let left = minus(&all([&v1, &v2]), &one(&v1));
    assert_eq!(left, one(&v2));
    assert_eq!(minus(&one(&v1), &one(&v2)), one(&v1));
}

#[test]
fn c112_scalar_shared_and_non_shared_operations() {
    let shared = made(100, "id1");
    let plain = Resource { shared: false, ..shared.clone() };
    assert!(!one(&shared).contains(&one(&plain)));
    assert!(!one(&plain).contains(&one(&shared)));
    let sum = all([&shared, &plain, &shared]);
    assert_eq!((entries(&sum), sum.disk()), (2, Some(200)));
    assert_eq!((sum.count(&shared), sum.count(&plain)), (2, 1));
    assert_eq!(minus(&one(&plain), &one(&shared)), one(&plain));
}

#[test]
fn c113_filter() {
    let volume = made(100, "id1");
    let plain = Resource { shared: false, ..volume.clone() };
    let all = plus(&with("cpus:1", &volume, 2), &one(&plain));
    assert_eq!(all.shared(), with("", &volume, 2));
    assert_eq!(all.non_shared(), plus(&res("cpus:1"), &one(&plain)));
    assert_eq!(plus(&all.shared(), &all.non_shared()), all);
}
