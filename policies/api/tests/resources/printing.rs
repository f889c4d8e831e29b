use crate::helpers::{
    all, dynamic, labelled, mount, mounted, object, one, path, plus, res, shared, sourced, volume,
};
use policy_api::Resource;
use policy_api::resources::{DiskInfo, Volume};
use std::sync::Arc;

#[test]
fn c09_printing() {
    let all = res("cpus:45.55;ports:[10000-20000, 30000-50000];disks:{sda1}");
    assert_eq!(all.to_string(), "cpus:45.55; ports:[10000-20000, 30000-50000]; disks:{sda1}");
    assert_eq!(res("").to_string(), "{}");
}

#[test]
fn c10_printing_extended_attributes() {
    let print = |resource: &Resource, expected: &str| {
        assert_eq!(resource.to_string(), expected);
        assert_eq!(one(resource).to_string(), expected);
    };
    let mut disk = object("disk:1");
    print(&disk, "disk:1");
    disk = object("disk(alice):1");
    print(&disk, "disk(reservations: [(STATIC,alice)]):1");
    disk.allocation = Some("role".into());
    print(&disk, "disk(allocated: role)(reservations: [(STATIC,alice)]):1");
    disk.revocable = true;
    print(&disk, "disk(allocated: role)(reservations: [(STATIC,alice)]){REV}:1");
    disk.allocation = None;
    disk.revocable = false;

    let plain = disk.clone();
    let head = "disk(reservations: [(STATIC,alice)])";
    let hadoop = volume(&plain, "hadoop", "/data");
    print(&hadoop, &format!("{head}[hadoop:/data]:1"));
    let mut info = DiskInfo::clone(hadoop.disk.as_ref().unwrap());
    info.volume = Some(Volume {
        container_path: "/data".into(),
        host_path: Some("/hdfs".into()),
        mode: Some("RW".into()),
    });
    let hosted = Resource { disk: Some(Arc::new(info)), ..plain.clone() };
    print(&hosted, &format!("{head}[hadoop:/hdfs:/data:rw]:1"));
    let on_mount = sourced(&hadoop, mount("/mnt1"));
    print(&on_mount, &format!("{head}[MOUNT:/mnt1,hadoop:/data]:1"));
    let on_path = sourced(&hadoop, path("/mnt2"));
    print(&on_path, &format!("{head}[PATH:/mnt2,hadoop:/data]:1"));
    print(&sourced(&plain, path("/mnt2")), &format!("{head}[PATH:/mnt2]:1"));
    print(&mounted(&plain, "/data"), &format!("{head}[:/data]:1"));

    let refined = dynamic(&one(&plain), "alice/refined", "hdfs-p");
    let stack = "(STATIC,alice),(DYNAMIC,alice/refined,hdfs-p)";
    assert_eq!(refined.to_string(), format!("disk(reservations: [{stack}]):1"));
    let pairs = [("foo", Some("bar")), ("foo", None)];
    let labelled = labelled(&one(&plain), "alice/refined", "hdfs-p", &pairs);
    let stack = "(STATIC,alice),(DYNAMIC,alice/refined,hdfs-p,{foo: bar, foo})";
    assert_eq!(labelled.to_string(), format!("disk(reservations: [{stack}]):1"));
}

#[test]
fn c11_printing_scalar_precision() {
    for (written, printed) in [
        ("1.234", "1.234"),
        ("1.2345", "1.235"),
        ("1.2344", "1.234"),
        ("1.1", "1.1"),
        ("1000001", "1000001"),
        ("99999999999.9994", "99999999999.999"),
    ] {
        assert_eq!(res(&format!("cpus:{written}")).to_string(), format!("cpus:{printed}"));
    }
}

#[test]
fn c107_printing_of_shared_resources() {
    let volume = shared(&volume(&object("disk(role1):64"), "id1", "path1"));
    let text = "disk(reservations: [(STATIC,role1)])[id1:path1]<SHARED>:64";
    assert_eq!(one(&volume).to_string(), format!("{text}<1>"));
    assert_eq!(plus(&one(&volume), &one(&volume)).to_string(), format!("{text}<2>"));
    assert_eq!(all([&volume, &volume]).to_string(), format!("{text}<2>"));
}
