//! What fetchers download: flows from outside that belong to the host and not to a container
//! (`spec/fetcher.md` section 9).

use super::flows::{Mover, MovingPhase, slot_of};
use super::outages::{End, Rest};
use super::{Network, NetworkOutput};
use crate::agent::DownloadOrder;
use crate::agent::fetcher::Call;
use crate::arena::Handle;
use crate::job::Heading;
use crate::observe::{TransferPhase, TransferRecord};
use crate::protocol::HostId;
use policy_api::{Span, Time};

impl Network {
    pub(super) fn start_download(
        &mut self,
        now: Time,
        host: HostId,
        order: &DownloadOrder,
        out: &mut Vec<NetworkOutput>,
    ) {
        let bytes = order.bytes as f64;
        self.totals.ordered += bytes;
        let phase = self.phases.insert(MovingPhase {
            mover: Mover::Fetch(order.call),
            container: None,
            executor: None,
            ports: None,
            flows: Vec::new(),
            openings: 0,
            throttled_before: Span::ZERO,
            bytes,
            record: TransferRecord::begun(now, host, order.framework, TransferPhase::Fetch),
        });
        *slot_of(&mut self.hosts[host].downloads, order.call.slot()) = Some(phase);
        let end = End { other: None, is_drawn: false };
        let rest = Rest { phase, heading: Heading::Receive, end, bytes, offered: None };
        self.connect(now, rest, out);
        self.rates_changed(now, out);
    }

    /// A call that downloads nothing now changes nothing.
    pub(super) fn stop_download(
        &mut self,
        now: Time,
        host: HostId,
        call: Handle<Call>,
        out: &mut Vec<NetworkOutput>,
    ) {
        let row = self.hosts[host].downloads.get(call.slot() as usize).copied().flatten();
        let is_this = |it: &Handle<MovingPhase>| {
            self.phases.get(*it).is_some_and(|row| row.mover == Mover::Fetch(call))
        };
        if let Some(phase) = row.filter(is_this) {
            self.end_phase(now, phase, out);
        }
    }
}
