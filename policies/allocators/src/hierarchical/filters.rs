//! Offer filters: what frameworks refused (`spec/allocator.md` section 5).
//!
//! They are kept by agent. Frameworks mostly refuse the same thing of an agent, namely all that was
//! free, so an agent has few different refused sets and each has a bit per subscription that
//! refused it. At a visit the sets that contain all that is free are or-ed into one mask; then the
//! test of a framework is one bit, and no map of pairs exists.

use super::bits::{clear_bit, is_set, set_bit};
use policy_api::{Resources, Span, Time};

/// When a filter ends, ordered so that one comparison with a cycle's [`Moment`] decides.
///
/// Twice the time in nanoseconds, plus one for a filter that outlives a batch tick at its very
/// deadline: its timer is younger than the tick's (`spec/allocator.md` 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Expiry(u64);

impl Expiry {
    pub(super) const NEVER: Self = Self(u64::MAX);

    pub(super) fn new(deadline: Time, outlives_tick: bool) -> Self {
        Self(deadline.as_nanos().saturating_mul(2).saturating_add(u64::from(outlives_tick)))
    }

    /// When the filter's timer fires.
    pub(super) fn time(self) -> Time {
        Time::from_nanos(self.0 / 2)
    }

    /// The first batch tick at which the filter is gone.
    pub(super) fn first_tick(self, interval: Span) -> Time {
        let interval = interval.as_nanos().max(1);
        Time::from_nanos(self.0.div_ceil(2).div_ceil(interval).saturating_mul(interval))
    }
}

/// When a cycle looks at filters.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    /// A batch tick.
    Tick(Time),
    /// After all ticks of this time.
    After(Time),
}

impl Moment {
    pub(super) fn has_passed(self, expiry: Expiry) -> bool {
        let limit = match self {
            Self::Tick(time) => Expiry::new(time, false),
            Self::After(time) => Expiry::new(time, true),
        };
        expiry <= limit
    }
}

/// The filters of all frameworks for one agent. `u32`s are subscriptions: a framework in a role.
#[derive(Clone, Debug)]
pub(super) struct AgentFilters {
    sets: Vec<RefusedSet>,
    next_expiry: Expiry,
}

/// What some subscriptions refused alike. Emptied, it is kept for the next refusal.
#[derive(Clone, Debug)]
struct RefusedSet {
    refused: Resources,
    members: Vec<u64>,
    entries: Vec<(Expiry, u32)>,
}

impl AgentFilters {
    pub(super) const fn new() -> Self {
        Self { sets: Vec::new(), next_expiry: Expiry::NEVER }
    }

    /// The earliest end of a filter here; never later than it really is.
    pub(super) fn next_expiry(&self) -> Expiry {
        self.next_expiry
    }

    /// Reads what [`refusing_into`](Self::refusing_into) will read.
    pub(super) fn touch(&self) -> u64 {
        self.sets.iter().fold(0, |all, set| {
            all ^ set.members.first().copied().unwrap_or(0) ^ set.entries.len() as u64
        })
    }

    /// Adds a filter, beside those there are: each ends by itself (`spec/allocator.md` 5.1).
    pub(super) fn refuse(&mut self, subscription: u32, refused: &Resources, expiry: Expiry) {
        self.next_expiry = self.next_expiry.min(expiry);
        let known = self.sets.iter().position(|set| same(&set.refused, refused));
        let index = known.unwrap_or_else(|| {
            let spare = self.sets.iter().position(|set| set.entries.is_empty());
            spare.unwrap_or_else(|| {
                self.sets.push(RefusedSet {
                    refused: Resources::EMPTY,
                    members: Vec::new(),
                    entries: Vec::new(),
                });
                self.sets.len() - 1
            })
        });
        let set = &mut self.sets[index];
        if known.is_none() {
            set.refused.clone_from(refused);
        }
        set_bit(&mut set.members, subscription);
        set.entries.push((expiry, subscription));
    }

    /// Drops what has ended and tells each subscription that lost a filter.
    pub(super) fn expire(&mut self, moment: Moment, mut gone: impl FnMut(u32)) {
        self.next_expiry = Expiry::NEVER;
        for set in &mut self.sets {
            let members = &mut set.members;
            let next = &mut self.next_expiry;
            set.entries.retain(|&(expiry, subscription)| {
                if moment.has_passed(expiry) {
                    clear_bit(members, subscription);
                    gone(subscription);
                    return false;
                }
                *next = (*next).min(expiry);
                true
            });
            // Who refused the same twice still does.
            set.entries.iter().for_each(|&(_, left)| set_bit(&mut set.members, left));
        }
    }

    /// Subscription, what it refused, and until when; ended ones that nobody has dropped included.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Resources, Expiry)> {
        self.sets.iter().flat_map(|set| {
            set.entries.iter().map(|&(expiry, subscription)| (subscription, &set.refused, expiry))
        })
    }

    /// Tells each subscription that has a filter which has ended, though nobody has dropped it yet.
    pub(super) fn ended(&self, moment: Moment, mut ended: impl FnMut(u32)) {
        if !moment.has_passed(self.next_expiry) {
            return;
        }
        let past = self.iter().filter(|&(_, _, expiry)| moment.has_passed(expiry));
        past.for_each(|(subscription, _, _)| ended(subscription));
    }

    /// Drops all filters of one subscription; returns how many.
    pub(super) fn remove(&mut self, subscription: u32) -> u32 {
        let mut removed = 0;
        for set in &mut self.sets {
            if is_set(&set.members, subscription) {
                clear_bit(&mut set.members, subscription);
                set.entries.retain(|&(_, other)| {
                    removed += u32::from(other == subscription);
                    other != subscription
                });
            }
        }
        removed
    }

    pub(super) fn clear(&mut self, mut gone: impl FnMut(u32)) {
        for set in self.sets.drain(..) {
            set.entries.iter().for_each(|&(_, subscription)| gone(subscription));
        }
        self.next_expiry = Expiry::NEVER;
    }

    /// Sets in `mask` the subscriptions that refuse all of `available`, hence any part of it.
    pub(super) fn refusing_into(&self, available: &Resources, mask: &mut Vec<u64>) {
        mask.clear();
        for set in &self.sets {
            if set.entries.is_empty() || !set.refused.contains(available) {
                continue;
            }
            if mask.len() < set.members.len() {
                mask.resize(set.members.len(), 0);
            }
            for (word, members) in mask.iter_mut().zip(&set.members) {
                *word |= members;
            }
        }
    }

    /// Whether the subscription refused something that contains `offer`.
    pub(super) fn refuses(&self, subscription: u32, offer: &Resources) -> bool {
        self.sets
            .iter()
            .any(|set| is_set(&set.members, subscription) && set.refused.contains(offer))
    }
}

/// Equality, with the case of plain resources decided by four compares.
fn same(left: &Resources, right: &Resources) -> bool {
    left.plain_amounts() == right.plain_amounts() && left == right
}
