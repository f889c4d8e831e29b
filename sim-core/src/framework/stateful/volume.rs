//! The reservations and volumes of a stateful framework, and how it finds them again in offers.

use super::options::VolumeDisk;
use policy_api::resources::{
    DiskInfo, DiskSourceKind, Labels, Persistence, Reservation, Value, Volume as Mounted,
};
use policy_api::{AgentId, Amount, Operation, Quantities, Resource, Resources, Scalar};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A volume that a replica has, or will have once the operations of its ACCEPT are done.
#[derive(Clone, Debug)]
pub(super) struct Volume {
    pub(super) id: Arc<str>,
    /// Where it was made or seen last.
    pub(super) agent: AgentId,
    pub(super) size: Amount,
    /// Its task has reached the agent, so the operations before it have been carried out.
    pub(super) exists: bool,
}

/// Who reserves. Others may have reservations for the same role.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) framework: Arc<str>,
    pub(super) role: Arc<str>,
    pub(super) principal: Option<Arc<str>>,
}

/// A volume that is to be made, and what it takes.
pub(super) struct Claim {
    /// Of the offer, as it is offered.
    pub(super) taken: Resources,
    pub(super) reserved: Resources,
    pub(super) volume: Resource,
    /// What the task gets.
    pub(super) used: Resources,
    pub(super) size: Amount,
}

/// What is left of a volume that nobody wants any more.
pub(super) struct Stale {
    pub(super) replica: u32,
    pub(super) id: Arc<str>,
    pub(super) reserved: Resources,
}

const FRAMEWORK: &str = "framework";
const REPLICA: &str = "replica";
const VOLUME: &str = "volume";

impl Owner {
    /// Names a volume. No two frameworks of a role give the same name.
    pub(super) fn volume_id(&self, replica: u32, number: u32) -> Arc<str> {
        format!("{}-{replica}-{number}", self.framework).into()
    }

    /// What a new replica would take of an offer; `None` where it does not fit.
    pub(super) fn claim(
        &self,
        offered: &Resources,
        demand: &Quantities,
        disk: VolumeDisk,
        replica: u32,
        id: &Arc<str>,
    ) -> Option<Claim> {
        let disk = disk_for(offered, demand, disk)?;
        let size = disk.scalar()?;
        let plain = Resources::plain(demand.with(Scalar::Disk, 0));
        let mut taken = plain.clone();
        taken.add_resource(disk.clone());
        let reservation = self.reservation(replica, id);
        let mut used = plain.push_reservation(&reservation).ok()?;
        let reserved = taken.push_reservation(&reservation).ok()?;
        let volume = self.volume(disk, reservation, id);
        used.add_resource(volume.clone());
        Some(Claim { taken, reserved, volume, used, size })
    }

    fn reservation(&self, replica: u32, id: &Arc<str>) -> Reservation {
        let labels = Labels::new(vec![
            (FRAMEWORK.into(), Some(Arc::clone(&self.framework))),
            (REPLICA.into(), Some(replica.to_string().into())),
            (VOLUME.into(), Some(Arc::clone(id))),
        ]);
        let reservation = Reservation::dynamic(Arc::clone(&self.role), self.principal.as_deref());
        Reservation { labels, ..reservation }
    }

    fn volume(&self, disk: Resource, reservation: Reservation, id: &Arc<str>) -> Resource {
        let source = disk.disk.as_ref().and_then(|info| info.source.clone());
        let persistence = Persistence { id: Arc::clone(id), principal: self.principal.clone() };
        let mounted =
            Mounted { container_path: "data".into(), host_path: None, mode: Some("RW".into()) };
        let info = DiskInfo { source, persistence: Some(persistence), volume: Some(mounted) };
        Resource { reservations: vec![reservation], disk: Some(Arc::new(info)), ..disk }
    }

    /// The replica and the id of the volume that a resource was reserved for, if it is one of ours.
    fn purpose<'a>(&self, resource: &'a Resource) -> Option<(u32, &'a str)> {
        let labels = resource.reservations.last()?.labels.as_slice();
        let value = |name: &str| {
            let (_, value) = labels.iter().find(|(known, _)| &**known == name)?;
            value.as_deref()
        };
        let is_ours = value(FRAMEWORK)? == &*self.framework;
        let replica = value(REPLICA)?.parse().ok()?;
        is_ours.then_some((replica, value(VOLUME)?))
    }

    /// The volume in the offer and what was reserved with it, if all of it is there.
    pub(super) fn find(
        &self,
        offered: &Resources,
        demand: &Quantities,
        id: &str,
    ) -> Option<Resources> {
        let found = offered.filter(false, |resource| {
            let is_disk = &*resource.name == Scalar::Disk.name();
            self.purpose(resource).is_some_and(|(_, of)| of == id)
                && (!is_disk || has_id(resource, id))
        });
        let has_volume = found.others().iter().any(|entry| has_id(&entry.resource, id));
        (has_volume && found.scalar_quantities().contains(demand)).then_some(found)
    }

    /// What was reserved for volumes that are not among these.
    pub(super) fn stale(&self, offered: &Resources, current: &BTreeSet<Arc<str>>) -> Vec<Stale> {
        let purposes = offered.others().iter().filter_map(|entry| self.purpose(&entry.resource));
        let stale: BTreeSet<_> = purposes.filter(|(_, id)| !current.contains(*id)).collect();
        let found = stale.into_iter().map(|purpose| Stale {
            replica: purpose.0,
            id: purpose.1.into(),
            reserved: offered.filter(false, |resource| self.purpose(resource) == Some(purpose)),
        });
        found.collect()
    }
}

/// The operations that make plain resources of reserved ones again.
pub(super) fn take_back(reserved: &Resources) -> Vec<Operation> {
    let volumes = reserved.persistent_volumes();
    let mut without = Resources::EMPTY;
    for entry in reserved.others() {
        without.add_copies(without_volume(&entry.resource), entry.copies);
    }
    let destroy = (!volumes.is_empty()).then_some(Operation::Destroy(volumes));
    destroy.into_iter().chain([Operation::Unreserve(without)]).collect()
}

/// The disk that a volume was made of.
fn without_volume(resource: &Resource) -> Resource {
    let source = resource.disk.as_ref().and_then(|info| info.source.clone());
    let disk = source.map(|source| DiskInfo { source: Some(source), ..DiskInfo::default() });
    Resource { disk: disk.map(Arc::new), ..resource.clone() }
}

fn has_id(resource: &Resource, id: &str) -> bool {
    let persistence = resource.disk.as_ref().and_then(|info| info.persistence.as_ref());
    persistence.is_some_and(|persistence| &*persistence.id == id)
}

/// The disk that a volume would be made of, in an offer that has room for all else as well.
pub(super) fn disk_for(
    offered: &Resources,
    demand: &Quantities,
    disk: VolumeDisk,
) -> Option<Resource> {
    let size = demand[Scalar::Disk];
    let has_room = |demand: &Quantities| offered.plain_amounts().contains(demand);
    let has_room_beside = || has_room(&demand.with(Scalar::Disk, 0));
    match disk {
        VolumeDisk::Root => {
            has_room(demand).then(|| Resource::plain(Scalar::Disk.name(), Value::Scalar(size)))
        }
        VolumeDisk::Path => {
            has_room_beside().then(|| disk_of(offered, DiskSourceKind::Path, size)).flatten()
        }
        VolumeDisk::Mount => {
            has_room_beside().then(|| disk_of(offered, DiskSourceKind::Mount, size)).flatten()
        }
    }
}

/// The smallest disk of this kind that is large enough: a part of one that can be divided, else all.
fn disk_of(offered: &Resources, kind: DiskSourceKind, size: Amount) -> Option<Resource> {
    let is_such = |resource: &&Resource| {
        let info = resource.disk.as_ref().filter(|info| info.persistence.is_none());
        let source = info.and_then(|info| info.source.as_ref());
        source.is_some_and(|source| source.kind == kind)
            && !resource.is_reserved()
            && !resource.revocable
            && resource.provider.is_none()
            && resource.scalar().is_some_and(|amount| amount >= size)
    };
    let disks = offered.others().iter().map(|entry| &entry.resource).filter(is_such);
    let disk = disks.min_by_key(|resource| resource.scalar())?;
    let value = if disk.is_divisible() { Value::Scalar(size) } else { disk.value.clone() };
    Some(Resource { value, ..disk.clone() })
}

/// Megabytes in thousandths, as bytes.
pub(super) fn bytes(size: Amount) -> u64 {
    let thousandths = u128::from(size.max(0).unsigned_abs());
    u64::try_from(thousandths * 1_048_576 / 1_000).unwrap_or(u64::MAX)
}
