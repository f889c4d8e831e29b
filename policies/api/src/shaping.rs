//! How a container's traffic is held back (`spec/network.md` 3.2, 6.3). Rates are bytes a second.

use crate::{Amount, Span, Time};
use std::fmt;

/// The cap of each container of an agent in one direction.
pub trait Shaping: fmt::Debug {
    /// The shaping of a container with so many CPUs, those of its tasks and revocable ones included.
    fn shape(&self, cpus: Amount) -> Shape;

    /// What a container has for each of its CPUs, where that is what its cap follows.
    fn per_cpu(&self) -> Option<u64>;
}

/// The shaping of one container: `net_tx_rate_limit`, `net_tx_burst_rate_limit`, `net_tx_burst_size`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub rate: u64,
    /// Not below the rate.
    pub ceil: u64,
    /// In bytes; `None` where the ceil is not above the rate, so that the kernel's is used.
    pub burst: Option<u64>,
}

/// A token bucket as a fluid: full of `burst` bytes at first, filled at the rate, emptied by what is
/// sent. While there is something in it one may send at the ceil.
///
/// A busy period that has emptied it is held to the rate until less than the rate is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenBucket {
    rate: f64,
    ceil: f64,
    burst: f64,
    tokens: f64,
    used: f64,
    since: Time,
    is_empty: bool,
    throttled: Span,
}

/// What happens to a bucket by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketEvent {
    /// From now on no faster than the rate.
    Empty,
    /// Nothing more is to come.
    Full,
}

impl TokenBucket {
    pub fn new(now: Time, shape: Shape) -> Self {
        let burst = shape.burst.unwrap_or(0) as f64;
        Self {
            rate: shape.rate as f64,
            ceil: shape.ceil as f64,
            burst,
            tokens: burst,
            used: 0.0,
            since: now,
            is_empty: burst <= 0.0,
            throttled: Span::ZERO,
        }
    }

    /// From now on it is of this shape. What is in it stays, as far as it has room.
    pub fn reshape(&mut self, now: Time, shape: Shape) {
        self.advance(now);
        (self.rate, self.ceil) = (shape.rate as f64, shape.ceil as f64);
        self.burst = shape.burst.unwrap_or(0) as f64;
        self.tokens = self.tokens.min(self.burst);
        self.is_empty = self.is_empty || self.tokens <= 0.0;
    }

    /// How fast one may send now.
    pub const fn limit(&self) -> f64 {
        if self.is_empty { self.rate } else { self.ceil }
    }

    /// The bytes that may be sent at once, as of the last change.
    pub const fn tokens(&self) -> f64 {
        self.tokens
    }

    /// How long it was held to the rate while more than that was wanted.
    pub const fn throttled(&self) -> Span {
        self.throttled
    }

    /// From now on so much is sent. Says what comes next by itself, if anything, unless another change
    /// comes before it.
    pub fn use_rate(&mut self, now: Time, used: f64) -> Option<(Time, BucketEvent)> {
        self.advance(now);
        self.used = used.max(0.0);
        if self.burst > 0.0 && self.used < self.rate * (1.0 - 1e-9) {
            self.is_empty = false;
        }
        self.next(now)
    }

    /// The event that was announced for this time. It is stale, and `None`, where something else came
    /// before it.
    pub fn wake(&mut self, now: Time) -> Option<BucketEvent> {
        let (at, event) = self.next(self.since)?;
        if at != now {
            return None;
        }
        self.advance(now);
        match event {
            BucketEvent::Empty => {
                self.tokens = 0.0;
                self.is_empty = true;
            }
            BucketEvent::Full => self.tokens = self.burst,
        }
        Some(event)
    }

    fn advance(&mut self, now: Time) {
        let elapsed = now.since(self.since);
        let flow = (self.rate - self.used) * elapsed.as_secs_f64();
        self.tokens = (self.tokens + flow).clamp(0.0, self.burst);
        if self.is_empty && self.used >= self.rate * (1.0 - 1e-9) {
            self.throttled = self.throttled + elapsed;
        }
        self.since = self.since.max(now);
    }

    fn next(&self, now: Time) -> Option<(Time, BucketEvent)> {
        let in_secs = |secs: f64| Some(now + Span::from_secs_f64(secs)?);
        if !self.is_empty && self.used > self.rate * (1.0 + 1e-9) {
            let at = in_secs(self.tokens / (self.used - self.rate))?;
            return Some((at, BucketEvent::Empty));
        }
        if self.used < self.rate && self.tokens < self.burst {
            let at = in_secs((self.burst - self.tokens) / (self.rate - self.used))?;
            return Some((at, BucketEvent::Full));
        }
        None
    }
}
