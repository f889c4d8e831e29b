use crate::helpers::{all, dynamic, object, one, plus, res, shared, volume};
use policy_api::resources::{Value, ValueKind};
use policy_api::{NamedQuantities, Resource, Resources};

fn check_find(pool: &str, target: &str, found: Option<&str>) {
    assert_eq!(res(pool).find(&res(target)), found.map(res), "{target} in {pool}");
}

#[test]
fn c56_find() {
    check_find(
        "cpus(role1):2;mem(role1):10;cpus:4;mem:20",
        "cpus(role1):3;mem(role1):15",
        Some("cpus(role1):2;mem(role1):10;cpus:1;mem:5"),
    );
    check_find(
        "cpus(role1):1;mem(role1):5;cpus(role2):2;mem(role2):8;cpus:1;mem:7",
        "cpus(role1):3;mem(role1):15",
        Some("cpus(role1):1;mem(role1):5;cpus:1;mem:7;cpus(role2):1;mem(role2):3"),
    );
    check_find(
        "cpus(role1):5;mem(role1):5;cpus:5;mem:5",
        "cpus:6;mem:6",
        Some("cpus:5;mem:5;cpus(role1):1;mem(role1):1"),
    );
    check_find("cpus(role1):1;mem(role1):1", "cpus(role1):2;mem(role1):2", None);
}

#[test]
fn c59_get() {
    let all = res("cpus:45.55;cpus(role1):1;mem:512;ports:[1-2];gpus:0");
    assert_eq!(all.get("cpus"), res("cpus:45.55;cpus(role1):1"));
    assert_eq!(all.get("ports"), res("ports:[1-2]"));
    assert!(all.get("gpus").is_empty());
    assert_eq!(all.scalar("cpus"), Some(46_550));
    assert_eq!(all.scalar("ports"), None);
}

#[test]
fn c60_names() {
    let names = res("cpus:2;cpus(role1):2;mem:4;ports:[1-2]").names();
    assert_eq!(names, ["cpus", "mem", "ports"].map(Into::into).into());
}

#[test]
fn c61_types() {
    let types: Vec<_> = res("cpus:2;ports:[1-10];nics(role):{a}").types().into_iter().collect();
    let expected = [
        ("cpus".into(), ValueKind::Scalar),
        ("nics".into(), ValueKind::Set),
        ("ports".into(), ValueKind::Ranges),
    ];
    assert_eq!(types, expected);
}

fn check_contains(resources: &Resources, text: &str, expected: bool) {
    let quantities: NamedQuantities = text.parse().unwrap();
    assert_eq!(resources.contains_quantities(&quantities), expected, "{resources}: {quantities}");
}

#[test]
fn c62_contains_resource_quantities() {
    for (resources, quantities, expected) in [
        ("", "", true),
        ("", "cpus:1", false),
        ("cpus:1", "", true),
        ("cpus:2", "cpus:1", true),
        ("cpus:1", "cpus:1", true),
        ("cpus:0.5", "cpus:1", false),
        ("ports:[1-3]", "ports:2", true),
        ("ports:[1-2]", "ports:2", true),
        ("ports:[1-1]", "ports:2", false),
        ("names:{a,b,c}", "names:2", true),
        ("names:{a,b}", "names:2", true),
        ("names:{a}", "names:2", false),
        ("cpus:2;ports:[1-3];names:{a,b}", "cpus:2;ports:3;names:2", true),
        ("cpus:2;ports:[1-3];names:{a,b}", "cpus:2;ports:4;names:2", false),
        ("cpus:2;ports:[1-3]", "cpus:2;ports:3;names:2", false),
        ("cpus(role1):2", "cpus:3", false),
        ("cpus(role1):2;cpus:1", "cpus:3", true),
        // Mesos's doubles: 0.8 - 0.1 - 0.7 is above zero.
        ("cpus:0.1;cpus(role1):0.7", "cpus:0.8", false),
        ("cpus:0.1;cpus(role1):0.7", "cpus:0.799", true),
    ] {
        check_contains(&res(resources), quantities, expected);
    }
    let ports = dynamic(&res("ports:[1-10]"), "role1", "principal");
    check_contains(&ports, "ports:12", false);
    check_contains(&plus(&ports, &res("ports:[11-16]")), "ports:12", true);
    let volume = shared(&volume(&object("disk(role1):64"), "id1", "path1"));
    let copies = all([&volume, &volume]);
    check_contains(&copies, "disk:128", false);
    check_contains(&plus(&copies, &res("disk:64")), "disk:128", true);
}

#[test]
fn c63_count() {
    let plain = volume(&object("disk(role1):64"), "id1", "path1");
    let shared = shared(&plain);
    assert_eq!(one(&shared).count(&shared), 1);
    assert_eq!(all([&shared, &shared]).count(&shared), 2);
    assert_eq!(all([&plain, &plain]).count(&plain), 1);
    assert_eq!(one(&plain).count(&shared), 0);
    let cpus = object("cpus:1");
    assert_eq!(one(&cpus).count(&cpus), 1);
    assert_eq!(all([&cpus, &cpus]).count(&cpus), 0);
    let two = Resource { value: Value::Scalar(2_000), ..cpus.clone() };
    assert_eq!(all([&cpus, &cpus]).count(&two), 1);
}
