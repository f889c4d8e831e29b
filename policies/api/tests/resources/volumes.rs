use crate::helpers::{all, minus, mount, object, one, plus, res, shared, sourced, volume};
use policy_api::resources::ConversionError;
use policy_api::{Operation, Resource, Resources};

fn create(volume: &Resource) -> Operation {
    Operation::Create(one(volume))
}

fn destroy(volume: &Resource) -> Operation {
    Operation::Destroy(one(volume))
}

fn made(size: u32) -> Resource {
    volume(&object(&format!("disk(role):{size}")), "id1", "path")
}

fn total() -> Resources {
    res("cpus:1;mem:512;disk(role):1000")
}

#[test]
fn c86_create_persistent_volume() {
    let result = total().apply(&create(&made(200))).unwrap();
    assert_eq!(result, plus(&res("cpus:1;mem:512;disk(role):800"), &one(&made(200))));
    assert!(total().apply(&create(&made(2000))).is_err());
    // What grows takes the disk that it grows by, and gives it back when it shrinks.
    let grow = Operation::GrowVolume { volume: made(200), addition: object("disk(role):50") };
    let larger = result.apply(&grow).unwrap();
    assert_eq!(larger, plus(&res("cpus:1;mem:512;disk(role):750"), &one(&made(250))));
    let shrink = Operation::ShrinkVolume { volume: made(250), subtract: 50_000 };
    assert_eq!(larger.apply(&shrink).unwrap(), result);
    for wrong in [
        Operation::GrowVolume { volume: made(200), addition: object("disk:50") },
        Operation::GrowVolume { volume: made(200), addition: object("cpus:1") },
        Operation::ShrinkVolume { volume: made(200), subtract: 200_000 },
        Operation::ShrinkVolume { volume: object("disk(role):200"), subtract: 1_000 },
        Operation::ShrinkVolume { volume: shared(&made(200)), subtract: 1_000 },
        Operation::ShrinkVolume { volume: sourced(&made(200), mount("m")), subtract: 1_000 },
    ] {
        assert!(result.apply(&wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn c87_create_persistent_volume_from_mount() {
    let space = |size: &str| sourced(&object(&format!("disk(role):{size}")), mount("mnt"));
    let all = plus(&res("cpus:1;mem:512"), &one(&space("200")));
    let whole = volume(&space("200"), "id1", "path");
    let result = all.apply(&create(&whole)).unwrap();
    assert_eq!(result, plus(&res("cpus:1;mem:512"), &one(&whole)));
    assert!(all.apply(&create(&volume(&space("50"), "id1", "path"))).is_err());
}

#[test]
fn c88_create_shared_persistent_volume() {
    let volume = shared(&made(200));
    let result = total().apply(&create(&volume)).unwrap();
    assert_eq!(result, plus(&res("cpus:1;mem:512;disk(role):800"), &one(&volume)));
    assert_eq!(result.apply(&destroy(&volume)).unwrap(), total());
    assert!(total().apply(&create(&shared(&made(2000)))).is_err());
}

#[test]
fn c89_destroy_shared_persistent_volume_of_several_copies() {
    let volume = shared(&made(200));
    let rest = res("cpus:1;mem:512;disk(role):800");
    let two = plus(&rest, &all([&volume, &volume]));
    let error = two.apply(&destroy(&volume)).unwrap_err();
    assert_eq!(error, ConversionError::StillShared(one(&volume)));
    assert_eq!(minus(&two, &one(&volume)).apply(&destroy(&volume)).unwrap(), total());
}
