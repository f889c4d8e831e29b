//! Limits on the messages of frameworks (`spec/master.md` 2.3).

use super::{Input, Master, Output, Timer};
use crate::protocol::{Call, Connection, Event};
use policy_api::{Allocator, FrameworkId, IdVec, Span, Time};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// `--rate_limits`: permits at a fixed spacing, first come first served, without bursts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// By principal; those that are not named share `aggregate`.
    pub limits: Vec<(Arc<str>, Option<RateLimit>)>,
    pub aggregate: Option<RateLimit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// One over the messages a second.
    pub spacing: Span,
    /// The most messages that wait; the next is dropped with an error.
    pub capacity: Option<u64>,
}

/// A stream of permits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RateLimiter {
    next: Time,
}

impl RateLimiter {
    /// When the permit after all that were asked for before is given.
    pub(super) fn acquire(&mut self, now: Time, spacing: Span) -> Time {
        let at = self.next.max(now);
        self.next = at + spacing;
        at
    }
}

/// What waits for permits, and the permits by principal.
#[derive(Clone, Debug, Default)]
pub(super) struct Throttle {
    /// Frameworks without a limit of their own share the permits of `None`.
    limiters: BTreeMap<Option<Arc<str>>, Limiter>,
    waiting: IdVec<FrameworkId, VecDeque<Input>>,
}

#[derive(Clone, Debug, Default)]
struct Limiter {
    permits: RateLimiter,
    /// Calls that wait.
    waiting: u64,
}

impl<A: Allocator> Master<A> {
    /// A call comes in: it waits for its permit, where there are limits.
    pub(super) fn receive_call(
        &mut self,
        now: Time,
        framework: FrameworkId,
        connection: Connection,
        call: Call,
        out: &mut Vec<Output>,
    ) {
        self.frameworks.grow_to(framework, Default::default);
        if self.is_counted(framework, connection) {
            self.count_received(framework);
        }
        if let Some((key, limit)) = self.limit_of(framework, connection) {
            let limiter = self.throttle.limiters.entry(key).or_default();
            if let Some(capacity) = limit.capacity.filter(|most| limiter.waiting >= *most) {
                let name = call.name();
                let message = format!("Message {name} dropped: capacity({capacity}) exceeded");
                let event = Event::Error(message.into());
                out.push(Output::ToFramework { framework, connection, event });
                return;
            }
            let at = limiter.permits.acquire(now, limit.spacing);
            let waiting = self.throttle.waiting.grow_to(framework, VecDeque::new);
            if at > now || !waiting.is_empty() {
                limiter.waiting += 1;
                waiting.push_back(Input::Call { framework, connection, call });
                out.push(Output::Wake { at, timer: Timer::Throttled(framework) });
                return;
            }
        }
        self.process_call(now, framework, connection, call, out);
    }

    /// The connection of a scheduler broke. That takes a permit as well, so that it comes after the
    /// calls that wait, but is not counted.
    pub(super) fn framework_exited(
        &mut self,
        now: Time,
        framework: FrameworkId,
        connection: Connection,
        out: &mut Vec<Output>,
    ) {
        if self.frameworks.get(framework).is_none() {
            return;
        }
        if let Some((key, limit)) = self.limit_of(framework, connection) {
            let limiter = self.throttle.limiters.entry(key).or_default();
            let at = limiter.permits.acquire(now, limit.spacing);
            let waiting = self.throttle.waiting.grow_to(framework, VecDeque::new);
            if at > now || !waiting.is_empty() {
                waiting.push_back(Input::FrameworkExited { framework, connection });
                out.push(Output::Wake { at, timer: Timer::Throttled(framework) });
                return;
            }
        }
        self.disconnect_framework(now, framework, connection, out);
    }

    /// What has waited longest has its permit.
    pub(super) fn next_throttled(
        &mut self,
        now: Time,
        framework: FrameworkId,
        out: &mut Vec<Output>,
    ) {
        let Some(waiting) = self.throttle.waiting.get_mut(framework) else { return };
        match waiting.pop_front() {
            Some(Input::Call { framework, connection, call }) => {
                if let Some((key, _)) = self.own_limit(framework)
                    && let Some(limiter) = self.throttle.limiters.get_mut(&key)
                {
                    limiter.waiting = limiter.waiting.saturating_sub(1);
                }
                self.process_call(now, framework, connection, call, out);
            }
            Some(Input::FrameworkExited { framework, connection }) => {
                self.disconnect_framework(now, framework, connection, out);
            }
            Some(_) | None => {}
        }
    }

    /// Whether a message counts for the principal of its framework: only when the master knows
    /// whose connection it is. The first message over each is not counted and not limited.
    pub(super) fn is_counted(&self, framework: FrameworkId, connection: Connection) -> bool {
        self.owns(framework, connection) && self.has_principal(framework)
    }

    fn owns(&self, framework: FrameworkId, connection: Connection) -> bool {
        let book = &self.frameworks[framework];
        book.is_known() && book.connection == connection
    }

    fn limit_of(
        &self,
        framework: FrameworkId,
        connection: Connection,
    ) -> Option<(Option<Arc<str>>, RateLimit)> {
        self.own_limit(framework).filter(|_| self.owns(framework, connection))
    }

    fn own_limit(&self, framework: FrameworkId) -> Option<(Option<Arc<str>>, RateLimit)> {
        let limits = &self.options.rate_limits;
        let principal = self.frameworks[framework].subscription.principal.as_ref();
        let own = limits.limits.iter().find(|(name, _)| Some(name) == principal);
        match own {
            Some((name, limit)) => limit.map(|limit| (Some(Arc::clone(name)), limit)),
            None => limits.aggregate.map(|limit| (None, limit)),
        }
    }

    /// A framework is gone: what its principal sent is forgotten with the last that it had.
    pub(super) fn forget_principal_of(&mut self, framework: FrameworkId) {
        let principal = self.frameworks[framework].subscription.principal.clone();
        let of_it =
            |book: &&mut super::books::FrameworkBook| book.subscription.principal == principal;
        if self.frameworks.iter_mut().filter(of_it).any(|book| book.is_known()) {
            return;
        }
        for book in self.frameworks.iter_mut().filter(of_it) {
            book.counters.received = 0;
            book.counters.processed = 0;
        }
    }
}
