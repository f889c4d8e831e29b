//! The agent's link, shared equally by its downloads (processor sharing).
//!
//! It stands for a network of flows: a download is started, may be dropped, and comes to an end at a
//! time that later ones move.

use super::Call;
use crate::arena::Handle;
use policy_api::{Span, Time};

/// Downloads on their way.
#[derive(Clone, Debug)]
pub(crate) struct Downlink {
    /// Bytes a second.
    rate: u64,
    flows: Vec<Flow>,
    /// What each flow has got so far, in billionths of a byte, so that nanoseconds are exact.
    served: u128,
    updated: Time,
    /// Counts the changes: the timer for an earlier state is stale.
    version: u32,
}

#[derive(Clone, Copy, Debug)]
struct Flow {
    call: Handle<Call>,
    /// What is served to each flow at its end.
    ends: u128,
}

const NANO: u128 = 1_000_000_000;

impl Downlink {
    /// A rate of zero counts as one byte a second.
    pub(crate) const fn new(rate: u64) -> Self {
        Self {
            rate: if rate == 0 { 1 } else { rate },
            flows: Vec::new(),
            served: 0,
            updated: Time::ZERO,
            version: 0,
        }
    }

    pub(crate) const fn version(&self) -> u32 {
        self.version
    }

    /// Brings the account up to date. The share of a nanosecond that does not divide evenly is lost.
    fn serve(&mut self, now: Time) {
        let elapsed = u128::from(now.since(self.updated).as_nanos());
        self.updated = now;
        if let Some(share) = (elapsed * u128::from(self.rate)).checked_div(self.flows.len() as u128)
        {
            self.served += share;
        }
    }

    pub(crate) fn start(&mut self, now: Time, call: Handle<Call>, bytes: u64) {
        self.serve(now);
        self.flows.push(Flow { call, ends: self.served + u128::from(bytes) * NANO });
        self.version = self.version.wrapping_add(1);
    }

    /// A download is not wanted any more, if it was on its way.
    pub(crate) fn drop(&mut self, now: Time, call: Handle<Call>) {
        self.serve(now);
        self.flows.retain(|flow| flow.call != call);
        self.version = self.version.wrapping_add(1);
    }

    /// One of those that have ended by now, the first started first.
    pub(crate) fn take_ended(&mut self, now: Time) -> Option<Handle<Call>> {
        self.serve(now);
        let ended = self.flows.iter().position(|flow| flow.ends <= self.served)?;
        self.version = self.version.wrapping_add(1);
        Some(self.flows.remove(ended).call)
    }

    /// When the next one ends if nothing changes.
    pub(crate) fn next_end(&self) -> Option<Time> {
        let first = self.flows.iter().map(|flow| flow.ends).min()?;
        let lacks = first.saturating_sub(self.served) * self.flows.len() as u128;
        let nanos = lacks.div_ceil(u128::from(self.rate));
        Some(
            u64::try_from(nanos)
                .map_or(Time::NEVER, |nanos| self.updated + Span::from_nanos(nanos)),
        )
    }

    pub(crate) fn clear(&mut self) {
        self.flows.clear();
        self.served = 0;
        self.version = self.version.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn call(number: u32) -> Handle<Call> {
        Handle::from_parts(number, 0)
    }

    /// 100 bytes a second. One of 100 bytes alone for half a second, then with one of 25 bytes: both
    /// get 50 a second, the second ends at 1 s and the first has 25 left, for a quarter of a second.
    #[test]
    fn downloads_share_the_link_equally() {
        let mut link = Downlink::new(100);
        link.start(Time::ZERO, call(1), 100);
        assert_eq!(link.next_end(), Some(Time::from_secs(1)));
        let half = Time::ZERO + Span::from_millis(500);
        link.start(half, call(2), 25);
        assert_eq!(link.next_end(), Some(Time::from_secs(1)));
        assert_eq!(link.take_ended(half), None);
        assert_eq!(link.take_ended(Time::from_secs(1)), Some(call(2)));
        assert_eq!(link.take_ended(Time::from_secs(1)), None);
        assert_eq!(link.next_end(), Some(Time::ZERO + Span::from_millis(1_250)));
    }

    #[test]
    fn one_that_is_dropped_leaves_its_share_to_the_others() {
        let mut link = Downlink::new(100);
        link.start(Time::ZERO, call(1), 100);
        link.start(Time::ZERO, call(2), 100);
        assert_eq!(link.next_end(), Some(Time::from_secs(2)));
        link.drop(Time::from_secs(1), call(2));
        assert_eq!(link.next_end(), Some(Time::ZERO + Span::from_millis(1_500)));
        let version = link.version();
        link.clear();
        assert_ne!(link.version(), version);
        assert_eq!(link.next_end(), None);
    }

    #[test]
    fn the_link_is_never_late_nor_early_by_more_than_rounding() {
        let mut link = Downlink::new(7);
        let mut last = Time::ZERO;
        let mut end_until = |link: &mut Downlink, limit: Time| {
            while let Some(end) = link.next_end().filter(|end| *end <= limit) {
                assert!(end >= last);
                last = end;
                assert!(link.take_ended(end).is_some());
            }
            last
        };
        for number in 0..5 {
            let now = Time::from_secs(u64::from(number));
            end_until(&mut link, now);
            link.start(now, call(number), 11);
        }
        let last = end_until(&mut link, Time::NEVER);
        // The link was never idle: 55 bytes at 7 a second.
        let exact = 55.0 / 7.0;
        assert!((last.since(Time::ZERO).as_secs_f64() - exact).abs() < 1e-6);
    }
}
