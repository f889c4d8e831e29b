//! Which offer a task is placed on: first fit, best fit, worst fit.

use super::Agents;
use super::carve::{ResourceKind, carve, usable};
use super::job_queue::{JobQueue, QueuedJob, Slot};
use crate::job::{Constraint, TaskShape};
use crate::protocol::{Call, Launch, OfferMessage, OfferOperation, TaskId};
use policy_api::{AgentId, Quantities, Resources, Scalar, Span};

/// The rule that picks one of the offers that a task fits in. Ties go to the earlier offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// The first offer that it fits in.
    #[default]
    FirstFit,
    /// The offer that is left with the least.
    BestFit,
    /// The offer that is left with the most.
    WorstFit,
}

impl Placement {
    /// The index of the chosen offer among `candidates`, which yields `(index, free)` of offers
    /// that the task fits in. What is left is compared as the sum over resources of the fraction
    /// of `largest` that stays free, so that cores and megabytes weigh alike.
    pub fn choose(
        self,
        demand: &Quantities,
        largest: &Quantities,
        mut candidates: impl Iterator<Item = (usize, Quantities)>,
    ) -> Option<usize> {
        let left = |free: &Quantities| fraction_of(&free.difference(demand), largest);
        match self {
            Self::FirstFit => candidates.next().map(|(index, _)| index),
            Self::BestFit => best(candidates.map(|(index, free)| (index, left(&free)))),
            Self::WorstFit => best(candidates.map(|(index, free)| (index, -left(&free)))),
        }
    }
}

/// The first index of the lowest score.
fn best(scores: impl Iterator<Item = (usize, f64)>) -> Option<usize> {
    scores
        .reduce(|best, next| if next.1.total_cmp(&best.1).is_lt() { next } else { best })
        .map(|(index, _)| index)
}

fn fraction_of(left: &Quantities, largest: &Quantities) -> f64 {
    Scalar::ALL
        .into_iter()
        .filter(|&scalar| largest[scalar] > 0)
        .map(|scalar| left[scalar] as f64 / largest[scalar] as f64)
        .sum()
}

/// Less than nothing is free where no task may be placed.
const CLOSED: Quantities = Quantities::from_amounts([-1; Scalar::COUNT]);

/// The offers that a framework decides on, and what it has placed on them.
#[derive(Clone, Debug, Default)]
pub(super) struct Hand {
    offers: Vec<OfferMessage>,
    kind: ResourceKind,
    /// What is free in each offer, all reservations together.
    free: Vec<Quantities>,
    /// How many more tasks each offer may get.
    room: Vec<u32>,
    /// By offer, in the order of the decisions.
    launches: Vec<(usize, Launch)>,
    /// No offer has more free of any resource. May be too much, never too little.
    limit: Quantities,
    /// The most that any offer had, for the scores of best and worst fit.
    largest: Quantities,
    /// Offers before this one have no room for any task.
    first_open: usize,
    /// The least demand of the queue when that was found.
    least: Quantities,
}

impl Hand {
    pub(super) fn take_up(
        &mut self,
        offers: Vec<OfferMessage>,
        most_tasks: Option<u32>,
        kind: ResourceKind,
    ) {
        self.kind = kind;
        self.room.clear();
        self.room.resize(offers.len(), most_tasks.unwrap_or(u32::MAX));
        self.free.clear();
        self.free.extend(offers.iter().map(|offer| usable(&offer.resources, kind)));
        self.offers = offers;
        self.first_open = 0;
        self.least = Quantities::ZERO;
        self.limit = self.most_free();
        self.largest = self.limit;
    }

    pub(super) fn offer(&self, index: usize) -> &OfferMessage {
        &self.offers[index]
    }

    /// The next job that has a place, from place `from` of the line on, and the offer for it.
    pub(super) fn next(
        &mut self,
        placement: Placement,
        queue: &JobQueue,
        from: usize,
        agents: &Agents,
    ) -> Option<(Slot, usize)> {
        let least = *queue.least_demand();
        if !least.contains(&self.least) {
            // A job has come to a smaller task: offers that were passed over may have room for it.
            self.first_open = 0;
            self.limit = self.most_free();
        }
        self.least = least;
        while self
            .free
            .get(self.first_open)
            .is_some_and(|free| !free.contains(queue.least_demand()))
        {
            self.first_open += 1;
        }
        let mut limit = self.limit;
        let mut chosen = None;
        let slot = queue.find(from, &mut limit, |job, limit| {
            let Some(shape) = job.next_shape() else { return false };
            let fitting = (self.first_open..self.free.len())
                .filter(|&index| self.free[index].contains(&shape.demand))
                .filter(|&index| may_run_on(job, shape, self.offers[index].agent, agents))
                .map(|index| (index, self.free[index]));
            chosen = placement.choose(&shape.demand, &self.largest, fitting);
            if chosen.is_none() {
                // What was believed to be free is not: do not search in vain again.
                *limit = self.most_free();
            }
            chosen.is_some()
        });
        self.limit = limit;
        slot.zip(chosen)
    }

    /// Whether the job's next task also fits in this offer.
    pub(super) fn fits_again(&self, index: usize, job: &QueuedJob, agents: &Agents) -> bool {
        job.next_shape().is_some_and(|shape| {
            self.free[index].contains(&shape.demand)
                && may_run_on(job, shape, self.offers[index].agent, agents)
        })
    }

    /// Puts a task on an offer.
    pub(super) fn launch(&mut self, index: usize, task: TaskId, shape: &TaskShape, duration: Span) {
        let demand = &shape.demand;
        self.room[index] -= 1;
        self.free[index] =
            if self.room[index] > 0 { self.free[index].difference(demand) } else { CLOSED };
        let offered = &mut self.offers[index].resources;
        let resources = if offered.is_plain() {
            Resources::plain(*demand)
        } else {
            let part = carve(offered, demand, self.kind);
            offered.subtract(&part);
            part
        };
        let details = shape.details.clone();
        self.launches.push((index, Launch { task, resources, duration, details }));
    }

    /// An ACCEPT for each offer that was used, the offers that were not, and how many of the first
    /// `held` were.
    pub(super) fn answers(
        &mut self,
        refuse: Span,
        held: usize,
    ) -> (Vec<Call>, Vec<OfferMessage>, usize) {
        let mut unused = std::mem::take(&mut self.offers);
        if self.launches.is_empty() {
            return (Vec::new(), unused, 0);
        }
        self.launches.sort_by_key(|(index, _)| *index);
        let mut accepts: Vec<Call> = Vec::new();
        let mut used = Vec::new();
        let mut launches = self.launches.drain(..).peekable();
        while let Some((index, first)) = launches.next() {
            let mut operations = vec![OfferOperation::from(first)];
            while let Some((_, launch)) = launches.next_if(|(of, _)| *of == index) {
                operations.push(OfferOperation::from(launch));
            }
            let offers = vec![unused[index].id];
            used.push(index);
            accepts.push(Call::Accept { offers, operations, refuse });
        }
        let used_of_held = used.partition_point(|index| *index < held);
        let mut used = used.into_iter().peekable();
        let mut index = 0;
        unused.retain(|_| {
            let is_used = used.next_if_eq(&index).is_some();
            index += 1;
            !is_used
        });
        (accepts, unused, used_of_held)
    }

    fn most_free(&self) -> Quantities {
        self.free[self.first_open..].iter().fold(Quantities::ZERO, |most, free| most.max(free))
    }
}

fn may_run_on(job: &QueuedJob, shape: &TaskShape, agent: AgentId, agents: &Agents) -> bool {
    shape.constraints.iter().all(|constraint| match constraint {
        Constraint::UniqueAgent => !job.runs_on(agent),
        Constraint::AttributeIn { name, values } => agents
            .get(agent)
            .and_then(Option::as_ref)
            .and_then(|info| info.attributes.iter().find(|(known, _)| known == name))
            .is_some_and(|(_, value)| values.contains(value)),
    })
}
