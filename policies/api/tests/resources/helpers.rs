//! Resources in few words.

use policy_api::resources::{
    DiskInfo, DiskSource, DiskSourceKind, Labels, Persistence, Reservation, Volume,
};
use policy_api::{Resource, Resources};
use std::sync::Arc;

pub(crate) fn res(text: &str) -> Resources {
    text.parse().unwrap_or_else(|error| panic!("'{text}': {error}"))
}

/// The only object of a text.
pub(crate) fn object(text: &str) -> Resource {
    let resources = res(text);
    assert_eq!(entries(&resources), 1, "{text}");
    resources.iter().next().unwrap().0.into_owned()
}

pub(crate) fn all<const N: usize>(objects: [&Resource; N]) -> Resources {
    objects.into_iter().cloned().collect()
}

pub(crate) fn one(object: &Resource) -> Resources {
    all([object])
}

pub(crate) fn plus(left: &Resources, right: &Resources) -> Resources {
    let mut sum = left.clone();
    sum.add(right);
    sum
}

pub(crate) fn minus(left: &Resources, right: &Resources) -> Resources {
    let mut difference = left.clone();
    difference.subtract(right);
    difference
}

pub(crate) fn entries(resources: &Resources) -> usize {
    resources.iter().count()
}

/// A dynamic reservation of everything.
pub(crate) fn dynamic(resources: &Resources, role: &str, principal: &str) -> Resources {
    resources.push_reservation(&Reservation::dynamic(role, Some(principal))).unwrap()
}

pub(crate) fn labels(pairs: &[(&str, Option<&str>)]) -> Labels {
    let owned = pairs.iter().map(|&(key, value)| (key.into(), value.map(Arc::from)));
    Labels::new(owned.collect())
}

pub(crate) fn labelled(
    resources: &Resources,
    role: &str,
    principal: &str,
    pairs: &[(&str, Option<&str>)],
) -> Resources {
    let reservation =
        Reservation { labels: labels(pairs), ..Reservation::dynamic(role, Some(principal)) };
    resources.push_reservation(&reservation).unwrap()
}

/// Gives a disk an id, which makes it a persistent volume, and a path in the container.
pub(crate) fn volume(disk: &Resource, id: &str, path: &str) -> Resource {
    let mut info = info(disk);
    info.persistence = Some(Persistence { id: id.into(), principal: None });
    info.volume = Some(Volume { container_path: path.into(), host_path: None, mode: None });
    Resource { disk: Some(info.into()), ..disk.clone() }
}

/// A path in the container only.
pub(crate) fn mounted(disk: &Resource, path: &str) -> Resource {
    let mut info = info(disk);
    info.volume = Some(Volume { container_path: path.into(), host_path: None, mode: None });
    Resource { disk: Some(info.into()), ..disk.clone() }
}

pub(crate) fn sourced(disk: &Resource, source: DiskSource) -> Resource {
    let mut info = info(disk);
    info.source = Some(source);
    Resource { disk: Some(info.into()), ..disk.clone() }
}

pub(crate) fn path(root: &str) -> DiskSource {
    DiskSource { root: Some(root.into()), ..DiskSource::new(DiskSourceKind::Path) }
}

pub(crate) fn mount(root: &str) -> DiskSource {
    DiskSource { root: Some(root.into()), ..DiskSource::new(DiskSourceKind::Mount) }
}

fn info(disk: &Resource) -> DiskInfo {
    disk.disk.as_deref().cloned().unwrap_or_default()
}

pub(crate) fn shared(volume: &Resource) -> Resource {
    Resource { shared: true, ..volume.clone() }
}

pub(crate) fn revocable(text: &str) -> Resource {
    Resource { revocable: true, ..object(text) }
}

pub(crate) fn provided(text: &str, provider: &str) -> Resource {
    Resource { provider: Some(provider.into()), ..object(text) }
}

/// Asserts that neither contains the other.
pub(crate) fn assert_apart(left: &Resources, right: &Resources) {
    assert!(!left.contains(right), "{left} contains {right}");
    assert!(!right.contains(left), "{right} contains {left}");
    assert_ne!(left, right);
}
