//! What a change has done so far: levels and flows, with what they were before.

use policy_api::{DenseId, FlowId, IdVec, LinkId};

/// Kept for its memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    /// Counts changes: what bears another number is not listed.
    number: u32,
    seen_links: IdVec<LinkId, (u32, f64)>,
    seen_flows: IdVec<FlowId, u32>,
    /// Links, and the levels that they had.
    pub(super) levels: Vec<(LinkId, f64)>,
    /// Flows that something else limits now, and the rates that they had.
    pub(super) flows: Vec<(FlowId, f64)>,
    /// A bit for each flow that has another rate.
    marks: Vec<u64>,
}

impl Changes {
    pub(super) fn clear(&mut self) {
        self.number = self.number.wrapping_add(1);
        self.levels.clear();
        self.flows.clear();
    }

    pub(super) fn note_level(&mut self, link: LinkId, level: f64) {
        let earlier = self.number.wrapping_sub(1);
        let seen = self.seen_links.grow_to(link, || (earlier, 0.0));
        if seen.0 != self.number {
            *seen = (self.number, level);
            self.levels.push((link, level));
        }
    }

    /// The level that a link had, if it has changed.
    pub(super) fn level_before(&self, link: LinkId) -> Option<f64> {
        self.seen_links.get(link).filter(|seen| seen.0 == self.number).map(|seen| seen.1)
    }

    pub(super) fn note_flow(&mut self, flow: FlowId, rate: f64) {
        let earlier = self.number.wrapping_sub(1);
        let seen = self.seen_flows.grow_to(flow, || earlier);
        if *seen != self.number {
            *seen = self.number;
            self.flows.push((flow, rate));
        }
    }

    pub(super) fn mark(&mut self, flow: FlowId) {
        let word = flow.index() / 64;
        if word >= self.marks.len() {
            self.marks.resize(word + 1, 0);
        }
        self.marks[word] |= 1 << (flow.index() % 64);
    }

    pub(super) fn unmark(&mut self, flow: FlowId) {
        if let Some(word) = self.marks.get_mut(flow.index() / 64) {
            *word &= !(1 << (flow.index() % 64));
        }
    }

    /// The marked flows in the order of their ids; no flow is marked then.
    pub(super) fn drain_marks(&mut self, into: &mut Vec<FlowId>) {
        for (number, word) in self.marks.iter_mut().enumerate() {
            let mut rest = std::mem::take(word);
            while rest != 0 {
                let bit = rest.trailing_zeros() as usize;
                into.push(FlowId::from_index(number * 64 + bit));
                rest &= rest - 1;
            }
        }
    }
}
