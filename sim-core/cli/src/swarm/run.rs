//! Runs a plan and looks for violations.

use super::cluster;
use super::plan::Plan;
use policy_api::{Span, Time};
use sim_core::invariants::{Violation, Watch};
use sim_core::{Failure, Step};
use std::collections::VecDeque;
use std::convert::Infallible;

/// What a run came to.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Events that were handled.
    pub(crate) events: u64,
    pub(crate) broken: Option<Broken>,
}

/// An invariant that does not hold.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) violation: Violation,
    pub(crate) at: Time,
    /// The last events before it, oldest first.
    pub(crate) last: VecDeque<String>,
}

/// From the last disturbance until all must have settled: longer than any timeout of the plans, and than
/// the wait between two repetitions of a status update.
const SETTLING: Span = Span::from_secs(900);
/// It is at rest if all is well at one instant of this time, for there is always some coming and going
/// of offers.
const GRACE: Span = Span::from_secs(120);
/// Between two looks in that time.
const LOOK_PERIOD: Span = Span::from_millis(100);

/// Runs a plan to its quiet end, or to the first violation. `keep` is the number of last events that are
/// shown.
pub(crate) fn run(plan: &Plan, keep: usize) -> Outcome {
    let mut cluster = cluster::build(plan);
    let mut watch = Watch::default();
    let mut last: VecDeque<String> = VecDeque::new();
    let rest = plan.quiet_from + SETTLING;
    let horizon = rest + GRACE;
    let mut next_look = rest;
    loop {
        let stepped = cluster.step(horizon, &mut ());
        if keep > 0
            && let Some(event) = cluster.last_event()
        {
            last.push_back(format!("{} {event:?}", cluster.now()));
            last.drain(..last.len().saturating_sub(keep));
        }
        let checked = match stepped {
            Ok(Step::Continue) => watch.after_event(&cluster).map(|()| false),
            Ok(Step::Ended(_)) => watch.after_event(&cluster).map(|()| true),
            Err(failure) => Err(violation(failure)),
        };
        let mut verdict = checked.map(|ended| (ended, false));
        if let Ok((ended, _)) = verdict
            && (ended || cluster.now() >= next_look)
        {
            next_look = cluster.now() + LOOK_PERIOD;
            verdict = match Watch::at_rest(&cluster) {
                Ok(()) => Ok((ended, true)),
                Err(violation) if ended => Err(violation),
                Err(_) => Ok((ended, false)),
            };
        }
        let broken = match verdict {
            Ok((false, false)) => continue,
            Ok((true, _) | (_, true)) => None,
            Err(violation) => Some(Broken { violation, at: cluster.now(), last }),
        };
        return Outcome { events: cluster.steps(), broken };
    }
}

fn violation(failure: Failure<Infallible>) -> Violation {
    match failure {
        Failure::Violation(violation) => violation,
        Failure::TimeWentBack { job, arrival, now } => Violation {
            invariant: "jobs arrive in the order of time",
            found: format!("{job} at {arrival}, after {now}"),
        },
        Failure::Workload(never) => match never {},
    }
}
