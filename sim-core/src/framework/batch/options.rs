//! How a batch framework behaves.

use crate::framework::carve::ResourceKind;
use crate::framework::job_queue::JobOrder;
use crate::framework::placement::Placement;
use policy_api::Span;

/// How a batch framework behaves.
#[derive(Clone, Copy, Debug)]
pub struct BatchOptions {
    pub order: JobOrder,
    pub placement: Placement,
    /// How long offers that are not used are refused.
    pub decline: Span,
    /// The most tasks that are placed on one offer; `None` for as many as fit.
    pub max_tasks_per_offer: Option<u32>,
    /// How many unused offers are kept for jobs to come, instead of being declined.
    pub hold: Hold,
    pub think_time: ThinkTime,
    /// Which resources its tasks use. Revocable ones are offered to those only who announce
    /// `REVOCABLE_RESOURCES`.
    pub uses: ResourceKind,
    /// How long a task whose agent does not answer may come back, before its work is queued again.
    pub unreachable_timeout: Span,
}

/// How long the scheduler thinks about the offers that it looks at: constant per offer, and per
/// task that it places. Offers that come meanwhile wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThinkTime {
    pub per_offer: Span,
    pub per_task: Span,
}

/// Unused offers that a scheduler keeps, as Aurora does: a stock from which jobs start without
/// waiting for an allocation. What is held is withheld from all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hold {
    /// The most offers that are kept.
    pub offers: usize,
    /// How long each is kept before it is declined after all.
    pub time: Span,
}
