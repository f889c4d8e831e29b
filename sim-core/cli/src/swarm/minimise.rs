//! Cuts a failing plan down while it fails in the same way.

use super::plan::Plan;
use super::run::run;
use policy_api::Time;

/// At most so many runs are tried.
const MOST_RUNS: u32 = 2_000;

/// The smallest plan found that breaks this invariant.
pub(crate) fn minimise(plan: &Plan, invariant: &'static str) -> Plan {
    let mut search = Search { smallest: plan.clone(), invariant, runs: 0 };
    loop {
        let before = search.size();
        search.drop_from(
            |plan| plan.jobs.len(),
            |plan, at, count| {
                plan.jobs.drain(at..at + count);
            },
        );
        search.drop_from(
            |plan| plan.calls.len(),
            |plan, at, count| {
                plan.calls.drain(at..at + count);
            },
        );
        search.drop_from(
            |plan| plan.faults.len(),
            |plan, at, count| {
                plan.faults.drain(at..at + count);
            },
        );
        search.offer(Plan { transport: None, ..search.smallest.clone() });
        search.offer(Plan { oversubscription: None, ..search.smallest.clone() });
        search.offer(Plan { network: None, ..search.smallest.clone() });
        search.drop_one(|plan| plan.frameworks.len(), Plan::without_framework);
        search.drop_one(|plan| plan.agents.len(), Plan::without_agent);
        search.shorten();
        if search.size() == before || search.runs >= MOST_RUNS {
            return search.smallest;
        }
    }
}

struct Search {
    smallest: Plan,
    invariant: &'static str,
    runs: u32,
}

impl Search {
    fn size(&self) -> (usize, usize, Time) {
        let Plan { jobs, calls, faults, frameworks, agents, quiet_from, .. } = &self.smallest;
        (jobs.len() + calls.len() + faults.len(), frameworks.len() + agents.len(), *quiet_from)
    }

    /// Takes a plan that still fails. Says whether it does.
    fn offer(&mut self, plan: Plan) -> bool {
        if self.runs >= MOST_RUNS {
            return false;
        }
        self.runs += 1;
        let broken = run(&plan, 0).broken;
        let same = broken.is_some_and(|broken| broken.violation.invariant == self.invariant);
        if same {
            self.smallest = plan;
        }
        same
    }

    /// Drops parts of a list: all, halves, quarters, down to single ones.
    fn drop_from(&mut self, length: fn(&Plan) -> usize, drop: fn(&mut Plan, usize, usize)) {
        let mut count = length(&self.smallest);
        while count > 0 {
            let mut at = 0;
            while at < length(&self.smallest) {
                let mut plan = self.smallest.clone();
                drop(&mut plan, at, count.min(length(&self.smallest) - at));
                if !self.offer(plan) {
                    at += count;
                }
            }
            count /= 2;
        }
    }

    fn drop_one(&mut self, length: fn(&Plan) -> usize, without: fn(&Plan, usize) -> Plan) {
        for index in (0..length(&self.smallest)).rev() {
            if length(&self.smallest) > 1 {
                self.offer(without(&self.smallest, index));
            }
        }
    }

    /// The quiet end begins earlier.
    fn shorten(&mut self) {
        loop {
            let Plan { jobs, calls, faults, quiet_from, .. } = &self.smallest;
            let last = jobs.iter().map(|job| job.arrival);
            let last = last.chain(calls.iter().map(|(at, _)| *at));
            let last = last.chain(faults.iter().map(|(at, _)| *at)).max().unwrap_or_default();
            let half = Time::from_nanos(quiet_from.as_nanos() / 2);
            let earlier = half.max(last);
            if earlier >= *quiet_from {
                return;
            }
            let plan = Plan { quiet_from: earlier, ..self.smallest.clone() };
            if !self.offer(plan) {
                return;
            }
        }
    }
}
