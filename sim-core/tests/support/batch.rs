//! Options of batch frameworks.

use policy_api::Span;
use sim_core::framework::{BatchOptions, Hold, JobOrder, Placement, ResourceKind, ThinkTime};

/// First in first out, first fit, five seconds of refusal, nothing held, no time to
/// think.
pub(crate) const fn options() -> BatchOptions {
    BatchOptions {
        order: JobOrder::Fifo,
        placement: Placement::FirstFit,
        decline: Span::from_secs(5),
        max_tasks_per_offer: None,
        hold: Hold { offers: 0, time: Span::ZERO },
        think_time: ThinkTime { per_offer: Span::ZERO, per_task: Span::ZERO },
        uses: ResourceKind::Regular,
        unreachable_timeout: Span::ZERO,
    }
}
