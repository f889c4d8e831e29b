//! The work of a task, which takes longer the less its host gives it.

use policy_api::{Span, Time};

/// Far more than a task can lose by rounding.
const MOST_ROUNDING: Span = Span::from_micros(1);

/// The work of a task that runs.
#[derive(Clone, Debug)]
pub(in crate::agent) struct Work {
    pub(super) started: Time,
    /// Time that it would still take undisturbed; [`Span::MAX`] where it has no end.
    pub(super) left: Span,
    /// When it ends though it has work left.
    pub(super) deadline: Time,
    /// The earliest timer for its end that is pending.
    pub(super) timer: Time,
    /// What was left when that timer was set.
    left_at_timer: Span,
    /// What it uses: cores that it wants and that it is granted, and memory in bytes.
    pub(super) wanted: f64,
    pub(super) granted: f64,
    pub(super) mem_bytes: u64,
    /// How fast it gets on, undisturbed being 1.
    pub(super) speed: f64,
    pub(super) in_burst: [bool; 2],
    /// When its levels were looked at last.
    pub(super) looked_at: Option<Time>,
}

impl Work {
    pub(super) const fn new(now: Time, left: Span, deadline: Time) -> Self {
        Self {
            started: now,
            left,
            deadline,
            timer: Time::NEVER,
            left_at_timer: Span::MAX,
            wanted: 0.0,
            granted: 0.0,
            mem_bytes: 0,
            speed: 1.0,
            in_burst: [false; 2],
            looked_at: None,
        }
    }

    /// It has gone on for so long.
    pub(super) fn advance(&mut self, elapsed: Span) {
        if self.left < Span::MAX {
            self.left = self.left - part(elapsed, self.speed);
        }
    }

    pub(super) fn is_over(&self, now: Time) -> bool {
        self.left.is_zero() || self.is_late(now)
    }

    /// Whether it has to end with work left.
    pub(in crate::agent) fn is_late(&self, now: Time) -> bool {
        !self.left.is_zero() && now >= self.deadline
    }

    /// Has it looked at again when it ends if nothing changes. Whether a timer must be set for that.
    pub(super) fn set_timer(&mut self, due: Time) -> bool {
        let is_earlier = due < self.timer;
        if is_earlier {
            (self.timer, self.left_at_timer) = (due, self.left);
        }
        is_earlier
    }

    /// Whether what is left is less than rounding takes: when its timer fires it has not got on at all.
    /// Two such tasks would keep the clock at one place, each waking the other before it gets on.
    pub(super) fn is_stuck(&self) -> bool {
        self.left <= MOST_ROUNDING && self.left == self.left_at_timer
    }

    /// When it ends if nothing changes.
    pub(super) fn due(&self, now: Time) -> Time {
        let end = if self.left == Span::MAX || self.speed <= 0.0 {
            Time::NEVER
        } else if self.speed >= 1.0 {
            now + self.left
        } else {
            now + times(self.left, 1.0 / self.speed)
        };
        end.min(self.deadline)
    }
}

/// A share of a time, rounded to the nanosecond; all of it from 1 on.
pub(super) fn part(span: Span, share: f64) -> Span {
    if share >= 1.0 { span } else { times(span, share) }
}

/// A time, so many times.
pub(super) fn times(span: Span, factor: f64) -> Span {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and saturates"
    )]
    let nanos = (span.as_nanos() as f64 * factor).round() as u64;
    Span::from_nanos(nanos)
}
