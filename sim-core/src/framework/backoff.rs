//! How long to wait before the next attempt.

use policy_api::{Span, Time};

/// Truncated exponential back-off: each wait is twice the one before, up to a limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct BackOff {
    first: Span,
    most: Span,
    next: Span,
}

impl BackOff {
    pub(super) const fn new(first: Span, most: Span) -> Self {
        Self { first, most, next: first }
    }

    /// The wait before the next attempt.
    pub(super) fn step(&mut self) -> Span {
        let wait = self.next;
        self.next = (wait * 2).min(self.most);
        wait
    }

    pub(super) const fn reset(&mut self) {
        self.next = self.first;
    }
}

/// When an instance that keeps ending may be launched again, as Marathon delays its launches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Restart {
    back_off: BackOff,
    /// Not launched before.
    pub(super) not_before: Time,
}

impl Restart {
    const FIRST: Span = Span::from_secs(1);
    const MOST: Span = Span::from_secs(300);

    pub(super) const fn new() -> Self {
        Self { back_off: BackOff::new(Self::FIRST, Self::MOST), not_before: Time::ZERO }
    }

    /// The instance has ended. One that had run for long begins anew.
    pub(super) fn ended(&mut self, now: Time, started: Option<Time>) {
        if started.is_some_and(|started| now.since(started) >= Self::MOST) {
            self.back_off.reset();
        }
        self.not_before = now + self.back_off.step();
    }
}
