//! Persistent volumes on the disks of a host (`spec/reservations-volumes.md` sections 4, 5 and 7).

use super::{Agent, Output};
use crate::observe::{Observation, VolumeChange};
use crate::protocol::HostId;
use policy_api::{Amount, Resource, Resources, Time};

/// The volumes of one host, with their data.
#[derive(Clone, Debug)]
pub(super) struct Volumes {
    host: HostId,
    rows: Vec<Volume>,
}

/// A persistent volume that a container uses.
#[derive(Clone, Debug)]
pub struct VolumeUse {
    pub volume: Resource,
    pub limit_bytes: u64,
    pub used_bytes: u64,
}

#[derive(Clone, Debug)]
struct Volume {
    /// What it was when it was created; tells it from others.
    resource: Resource,
    size: Amount,
    /// On it at `since`.
    bytes: u64,
    since: Time,
    /// Written in a second, by all who use it together.
    rate: u64,
    /// False for the content that a volume has left behind.
    exists: bool,
}

impl Agent {
    /// The agent has other resources now: volumes that are new get their directories, and those that
    /// have gone lose them.
    pub(super) fn change_total(&mut self, now: Time, total: Resources, out: &mut Vec<Output>) {
        let deletes_data = self.options.profile.destroy_deletes_data;
        self.volumes.follow(now, &total, deletes_data, out);
        self.resources.set_total(total);
        self.total_changed = true;
    }
}

impl Volumes {
    /// Those that the agent is configured with are empty.
    pub(super) fn new(host: HostId, configured: &Resources) -> Self {
        let mut volumes = Self { host, rows: Vec::new() };
        volumes.follow(Time::ZERO, configured, true, &mut Vec::new());
        volumes
    }

    fn follow(&mut self, now: Time, total: &Resources, deletes_data: bool, out: &mut Vec<Output>) {
        let host = self.host;
        for (resource, _) in volumes_of(total) {
            let size = resource.scalar().unwrap_or_default();
            let known = self.rows.iter().position(|row| row.is_at_the_place_of(resource));
            let index = known.unwrap_or_else(|| {
                self.rows.push(Volume::new(resource.clone(), now));
                self.rows.len() - 1
            });
            let row = &mut self.rows[index];
            row.advance(now);
            row.size = size;
            if !std::mem::replace(&mut row.exists, true) {
                out.push(row.changed(host, VolumeChange::Created));
            }
        }
        self.rows.retain_mut(|row| {
            if !row.exists || volumes_of(total).any(|(it, _)| row.is_at_the_place_of(it)) {
                return true;
            }
            row.advance(now);
            row.exists = false;
            out.push(row.changed(host, VolumeChange::Destroyed));
            !deletes_data
        });
    }

    /// Those among these, with what is on them now.
    pub(super) fn used(&self, now: Time, resources: &Resources) -> Vec<VolumeUse> {
        let row_of =
            |resource| self.rows.iter().find(|row| row.exists && row.is_at_the_place_of(resource));
        let rows = volumes_of(resources).filter_map(|(resource, _)| row_of(resource));
        let used = rows.map(|row| {
            let mut row = row.clone();
            row.advance(now);
            VolumeUse { limit_bytes: row.capacity(), used_bytes: row.bytes, volume: row.resource }
        });
        used.collect()
    }

    /// The disks are gone, with all volumes.
    pub(super) fn lose_all(&mut self, now: Time, out: &mut Vec<Output>) {
        for mut row in self.rows.drain(..).filter(|row| row.exists) {
            row.advance(now);
            out.push(row.changed(self.host, VolumeChange::Lost));
        }
    }

    /// A task that uses these begins to write to the volumes among them.
    pub(super) fn start_writing(&mut self, now: Time, used: &Resources, rate: u64) {
        self.change_rate(now, used, rate, u64::saturating_add);
    }

    pub(super) fn stop_writing(&mut self, now: Time, used: &Resources, rate: u64) {
        self.change_rate(now, used, rate, u64::saturating_sub);
    }

    fn change_rate(
        &mut self,
        now: Time,
        used: &Resources,
        rate: u64,
        change: impl Fn(u64, u64) -> u64,
    ) {
        if rate == 0 {
            return;
        }
        for (resource, _) in volumes_of(used) {
            for row in &mut self.rows {
                if row.exists && row.is_at_the_place_of(resource) {
                    row.advance(now);
                    row.rate = change(row.rate, rate);
                }
            }
        }
    }
}

fn volumes_of(resources: &Resources) -> impl Iterator<Item = (&Resource, u32)> {
    let entries = resources.others().iter().map(|entry| (&entry.resource, entry.copies));
    entries.filter(|(resource, _)| resource.is_persistent_volume())
}

impl Volume {
    fn new(resource: Resource, now: Time) -> Self {
        Self { resource, size: 0, bytes: 0, since: now, rate: 0, exists: false }
    }

    /// A directory is named after the role and the id, under the root of the disk.
    fn is_at_the_place_of(&self, other: &Resource) -> bool {
        self.resource.reservation_role() == other.reservation_role()
            && self.resource.disk == other.disk
    }

    /// Notes what was written until now. A full volume takes no more, and keeps what it has even if
    /// that is more than its size.
    fn advance(&mut self, now: Time) {
        let nanos = u128::from(now.since(self.since).as_nanos());
        let written = u128::from(self.rate) * nanos / 1_000_000_000;
        let written = u64::try_from(written).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(written).min(self.capacity().max(self.bytes));
        self.since = now;
    }

    fn capacity(&self) -> u64 {
        // The size is in thousandths of a MB.
        let capacity = u128::from(self.size.max(0).cast_unsigned()) * (1 << 20) / 1000;
        u64::try_from(capacity).unwrap_or(u64::MAX)
    }

    fn changed(&self, host: HostId, change: VolumeChange) -> Output {
        Output::Observe(Observation::Volume { host, change, bytes: self.bytes })
    }
}
