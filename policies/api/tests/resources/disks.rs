use crate::helpers::{
    all, entries, minus, mount, mounted, object, one, path, plus, res, sourced, volume,
};
use policy_api::resources::{DiskSource, DiskSourceKind, InvalidResource};
use policy_api::{Resource, Resources};

/// A volume of a source, or only the source's space.
fn on(source: &DiskSource, size: &str, id: Option<&str>) -> Resource {
    let disk = object(&format!("disk(role):{size}"));
    let disk = id.map_or_else(|| disk.clone(), |id| volume(&disk, id, "path"));
    sourced(&disk, source.clone())
}

#[test]
fn c73_validation() {
    let cpus = sourced(&object("cpus:1"), path("mnt"));
    let error = cpus.validate().unwrap_err();
    assert_eq!(error, InvalidResource::DiskInfo("cpus".into()));
    assert_eq!(error.to_string(), "DiskInfo should not be set for cpus resource");
    for valid in [
        volume(&object("disk(role):10"), "1", "path"),
        mounted(&object("disk:10"), "path"),
        sourced(&mounted(&object("disk:10"), "path"), path("mnt")),
        sourced(&mounted(&object("disk:10"), "path"), mount("mnt")),
    ] {
        assert_eq!(valid.validate(), Ok(()), "{valid}");
    }
    let block = DiskSource { kind: DiskSourceKind::Block, ..mount("mnt") };
    assert!(sourced(&object("disk:10"), block).validate().is_err());
}

#[test]
fn c74_equals() {
    let r1 = object("disk:10");
    let (r2, r3) = (mounted(&r1, "path1"), mounted(&r1, "path2"));
    let reserved = object("disk(role):10");
    let r4 = mounted(&reserved, "path2");
    let r5 = volume(&reserved, "id1", "path1");
    let r6 = volume(&reserved, "id1", "path2");
    let r7 = volume(&reserved, "id2", "path2");
    for (left, right, equal) in [
        (&r1, &r2, false),
        (&r2, &r3, true),
        (&r5, &r6, true),
        (&r6, &r7, false),
        (&r4, &r7, false),
    ] {
        assert_eq!(left == right, equal, "{left} and {right}");
        assert_eq!(one(left) == one(right), equal, "{left} and {right}");
    }
}

#[test]
fn c75_disk_source_equals() {
    let reserved = object("disk(role):10");
    let plain = sourced(&reserved, path("mnt"));
    let mounted = |at| sourced(&mounted(&reserved, at), path("mnt"));
    assert_eq!(plain, mounted("path1"));
    assert_eq!(mounted("path1"), mounted("path2"));
    let volume = |id, at| sourced(&volume(&reserved, id, at), path("mnt"));
    assert_eq!(volume("id1", "path1"), volume("id1", "path2"));
    assert_ne!(volume("id1", "path1"), volume("id2", "path1"));
    let sources = [path("mnt"), path("mnt2"), mount("mnt"), mount("mnt2")];
    let different = sources.map(|source| one(&sourced(&reserved, source)));
    for (index, left) in different.iter().enumerate() {
        for right in &different[index + 1..] {
            assert_ne!(left, right);
        }
    }
}

#[test]
fn c76_source_identity() {
    use DiskSourceKind::{Block, Mount, Path, Raw};
    for kind in [Raw, Path, Block, Mount] {
        for bits in 0..8 {
            let set = |bit: u8, text: &str| (bits & bit != 0).then(|| text.into());
            let source = DiskSource {
                vendor: set(1, "vendor"),
                id: set(2, "id"),
                profile: set(4, "profile"),
                ..DiskSource::new(kind)
            };
            let divisible = kind == Path || (kind == Raw && source.id.is_none());
            let d1 = one(&sourced(&object("disk:1"), source.clone()));
            let d2 = one(&sourced(&object("disk:2"), source.clone()));
            let twice = plus(&d1, &d1);
            assert!(d1.contains(&d1));
            assert_eq!(d2.contains(&d1), divisible, "{source:?}");
            assert_eq!(d2 == twice, divisible, "{source:?}");
            assert_eq!(entries(&twice), if divisible { 1 } else { 2 }, "{source:?}");
        }
    }
}

#[test]
fn c77_addition() {
    let r1 = one(&mounted(&object("disk(role):10"), "path"));
    let r2 = res("disk(role):10");
    let r3 = one(&mounted(&object("disk(role):20"), "path"));
    assert_eq!(plus(&r1, &r1), r3);
    assert_ne!(plus(&r1, &r2), r3);
    let small = object("disk(role):10");
    let (id1, id2) = (volume(&small, "id1", "path"), volume(&small, "id2", "path"));
    let both = all([&id1, &id2]);
    assert!(both.contains(&one(&id1)) && both.contains(&one(&id2)));
    assert!(!both.contains(&r3));
    assert!(!both.contains(&one(&volume(&object("disk(role):20"), "id1", "path"))));
}

#[test]
fn c78_disk_source_addition() {
    let (mnt, mnt2) = (path("mnt"), path("mnt2"));
    let [p10, p20] = ["10", "20"].map(|size| one(&on(&mnt, size, None)));
    let sum = plus(&p10, &p10);
    assert_eq!(sum, p20);
    assert!(sum.contains(&p10));
    let other = one(&on(&mnt2, "20", None));
    assert_ne!(sum, other);
    assert!(!sum.contains(&other));
    let [m10, m20] = ["10", "20"].map(|size| one(&on(&mount("mnt"), size, None)));
    assert_ne!(plus(&m10, &m10), m20);
    assert!(!m20.contains(&m10));
    assert!(m20.contains(&m20));
    assert_ne!(plus(&p10, &m10), p20);
}

#[test]
fn c79_subtraction() {
    let reserved = object("disk(role):10");
    let r1 = one(&mounted(&reserved, "path"));
    let r2 = one(&reserved);
    assert!(minus(&r1, &r1).is_empty());
    assert!(minus(&r2, &r2).is_empty());
    assert!(!minus(&r1, &r2).is_empty());
    let id1 = one(&volume(&reserved, "id1", "path"));
    let id2 = one(&volume(&reserved, "id2", "path"));
    let elsewhere = one(&volume(&reserved, "id2", "path2"));
    assert_eq!(minus(&id1, &id2), id1);
    assert!(minus(&id1, &id1).is_empty());
    assert!(minus(&id2, &elsewhere).is_empty());
}

#[test]
fn c80_disk_source_subtraction() {
    let space = |source: DiskSource, size| one(&on(&source, size, None));
    let p10 = space(path("mnt"), "10");
    let p20 = space(path("mnt"), "20");
    assert_eq!(minus(&p20, &p10), p10);
    assert!(minus(&minus(&p20, &p10), &p10).is_empty());
    let elsewhere = space(path("mnt2"), "10");
    assert_eq!(minus(&elsewhere, &p10), elsewhere);
    let m10 = space(mount("mnt"), "10");
    let m20 = space(mount("mnt"), "20");
    assert!(minus(&m10, &m10).is_empty());
    assert_eq!(minus(&minus(&m20, &m10), &m10), m20);
    let other = space(mount("mnt2"), "10");
    assert_eq!(minus(&other, &m10), other);
    assert_eq!(minus(&m10, &p10), m10);
}

#[test]
fn c81_contains() {
    let reserved = object("disk(role):10");
    let r1 = one(&volume(&reserved, "id1", "path"));
    let r2 = r1.clone();
    let sum = plus(&r1, &r2);
    assert!(!r1.contains(&sum) && !r2.contains(&sum));
    assert!(sum.contains(&sum) && sum.contains(&r1));
    let r3 = one(&volume(&reserved, "id2", "path"));
    let different = plus(&r1, &r3);
    assert!(different.contains(&r1) && different.contains(&r3));
}

fn check_source(source: &DiskSource, id: Option<&str>, divisible: bool) {
    let small = one(&on(source, "10", id));
    let large = one(&on(source, "20", id));
    let two = plus(&small, &small);
    assert!(small.contains(&small) && large.contains(&large) && two.contains(&two));
    assert_eq!(large.contains(&small), divisible, "{source}");
    assert_eq!(large.contains(&two), divisible, "{source}");
}

#[test]
fn c82_source_contains() {
    check_source(&path("mnt"), Some("id1"), false);
    check_source(&mount("mnt"), Some("id1"), false);
    check_source(&path("mnt"), None, true);
    check_source(&mount("mnt"), None, false);
}

#[test]
fn c83_filter_persistent_volumes() {
    let made = volume(&object("disk(role):10"), "id1", "path");
    let mut all: Resources = res("cpus:1;mem:512;disk:1000");
    all.add_resource(mounted(&object("disk(role):10"), "path"));
    all.add_resource(sourced(&object("disk(role):10"), path("mnt")));
    all.add_resource(made.clone());
    assert_eq!(all.persistent_volumes(), one(&made));
}
