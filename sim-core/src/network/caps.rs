//! Containers that move something, and their caps (`spec/network.md` 3).

use super::flows::{Container, slot_of};
use super::{Network, NetworkOutput, NetworkTimer};
use crate::agent::TransferOrder;
use crate::arena::Handle;
use crate::job::Heading;
use crate::protocol::HostId;
use policy_api::{Amount, Shape, Shaping, Span, Time, TokenBucket};

impl Network {
    /// The row of a container that starts to move something.
    pub(super) fn container(
        &mut self,
        now: Time,
        host: HostId,
        order: &TransferOrder,
    ) -> Handle<Container> {
        let slot = order.container.slot();
        let known = *slot_of(&mut self.hosts[host].containers, slot);
        if let Some(container) = known {
            if let Some(row) = self.containers.get_mut(container) {
                row.phases += 1;
            }
            return container;
        }
        let caps = self.shapes(host, order.cpus).map(|shape| {
            let bucket = TokenBucket::new(now, shape?);
            let link = self.spare.pop().unwrap_or_else(|| self.sharing.0.add_link(0.0));
            self.sharing.0.set_capacity(link, bucket.limit(), &mut self.changed);
            Some((link, bucket))
        });
        let row = Container { host, slot: slot as usize, phases: 1, caps };
        let container = self.containers.insert(row);
        *slot_of(&mut self.hosts[host].containers, slot) = Some(container);
        container
    }

    /// By [`Heading`].
    pub(super) fn shapes(&self, host: HostId, cpus: Amount) -> [Option<Shape>; 2] {
        let shapings = self.links.shapings(host);
        shapings.map(|shaping| shaping.map(|it: &dyn Shaping| it.shape(cpus)))
    }

    /// The CPUs of a container have changed, and so have its caps. What moves goes on under the new ones.
    pub(super) fn update_caps(
        &mut self,
        now: Time,
        host: HostId,
        slot: u32,
        cpus: Amount,
        out: &mut Vec<NetworkOutput>,
    ) {
        let rows = self.hosts.get(host).map(|row| &row.containers);
        let known = rows.and_then(|rows| rows.get(slot as usize)).copied().flatten();
        let Some(handle) = known else { return };
        let shapes = self.shapes(host, cpus);
        for heading in [Heading::Receive, Heading::Send] {
            let Some(row) = self.containers.get_mut(handle) else { return };
            let cap = row.caps[heading as usize].as_mut();
            let Some(((link, bucket), shape)) = cap.zip(shapes[heading as usize]) else { continue };
            bucket.reshape(now, shape);
            let (link, limit) = (*link, bucket.limit());
            self.sharing.0.set_capacity(link, limit, &mut self.changed);
            self.use_cap(now, handle, heading, out);
        }
        self.rates_changed(now, out);
    }

    pub(super) fn throttled(&self, container: Handle<Container>) -> Span {
        let caps = self.containers.get(container).map(|row| row.caps);
        let buckets = caps.into_iter().flatten().flatten();
        buckets.fold(Span::ZERO, |sum, (_, bucket)| sum + bucket.throttled())
    }

    /// A container uses its cap more, or less, than before.
    pub(super) fn use_cap(
        &mut self,
        now: Time,
        container: Handle<Container>,
        heading: Heading,
        out: &mut Vec<NetworkOutput>,
    ) {
        let Some(row) = self.containers.get_mut(container) else { return };
        let Some((link, bucket)) = &mut row.caps[heading as usize] else { return };
        let limit = bucket.limit();
        if let Some((at, _)) = bucket.use_rate(now, self.sharing.0.load(*link)) {
            let timer = NetworkTimer::Bucket(container, heading);
            out.push(NetworkOutput::Wake { at, timer });
        }
        if bucket.limit() > limit {
            self.sharing.0.set_capacity(*link, bucket.limit(), &mut self.changed);
        }
    }

    pub(super) fn leave_container(&mut self, handle: Handle<Container>) {
        let Some(row) = self.containers.get_mut(handle) else { return };
        row.phases -= 1;
        if row.phases > 0 {
            return;
        }
        if let Some(row) = self.containers.remove(handle) {
            self.hosts[row.host].containers[row.slot] = None;
            self.spare.extend(row.caps.into_iter().flatten().map(|(link, _)| link));
        }
    }
}
