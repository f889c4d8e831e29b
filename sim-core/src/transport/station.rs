//! A server that does one thing after the other.

use policy_api::{Span, Time};

/// A queue with one server, first come, first served. What it is given has a known cost, so it says at
/// once when that will be done.
///
/// ```
/// use policy_api::{Span, Time};
/// use sim_core::transport::Station;
///
/// let mut station = Station::default();
/// let second = Time::ZERO + Span::from_secs(1);
/// assert_eq!(station.serve(Time::ZERO, Span::from_secs(1)), second);
/// assert_eq!(station.serve(Time::ZERO, Span::from_secs(1)), second + Span::from_secs(1));
/// assert_eq!(station.waited(), Span::from_secs(1));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Station {
    free_at: Time,
    served: u64,
    busy: Span,
    waited: Span,
    longest_wait: Span,
}

impl Station {
    /// Takes something that arrives now; calls must be in the order of time. When it is done.
    pub fn serve(&mut self, now: Time, cost: Span) -> Time {
        let start = self.free_at.max(now);
        let wait = start.since(now);
        self.free_at = start + cost;
        self.served += 1;
        self.busy = self.busy + cost;
        self.waited = self.waited + wait;
        self.longest_wait = self.longest_wait.max(wait);
        self.free_at
    }

    /// What waits is gone, as when its process ends.
    pub fn reset(&mut self, now: Time) {
        // What was not done is not counted as done.
        self.busy = self.busy - self.backlog(now);
        self.free_at = now;
    }

    /// How long it will be busy with what it has.
    pub fn backlog(&self, now: Time) -> Span {
        self.free_at.since(now)
    }

    /// How much it was given to do.
    pub const fn served(&self) -> u64 {
        self.served
    }

    /// How long it was or will be busy.
    pub const fn busy(&self) -> Span {
        self.busy
    }

    /// How long all together have waited before they were served.
    pub const fn waited(&self) -> Span {
        self.waited
    }

    pub const fn longest_wait(&self) -> Span {
        self.longest_wait
    }
}
