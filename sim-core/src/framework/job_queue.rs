//! The jobs of a batch framework: which task is to be placed next.
//!
//! A job places its tasks in order; different jobs may overtake each other where the next task of
//! an earlier one does not fit (list scheduling). A tournament tree over the jobs keeps, for each
//! resource, the least that any job below asks for, so "the first job whose next task could fit"
//! skips whole groups of jobs that cannot.

use crate::job::{Job, TaskRun, TaskShape};
use crate::observe::JobIndex;
use policy_api::{AgentId, Amount, DenseId, Quantities, Scalar, Span, Time};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The order in which jobs are asked for their next task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JobOrder {
    /// By arrival.
    #[default]
    Fifo,
    /// Fewest tasks on agents first, then by arrival.
    Fair,
}

/// Names a job until it is over.
pub(super) type Slot = usize;

/// Jobs that have something to place or to wait for.
#[derive(Clone, Debug)]
pub(super) struct JobQueue {
    order: JobOrder,
    jobs: Vec<Option<QueuedJob>>,
    free: Vec<Slot>,
    /// Jobs so far; the index of the next one.
    arrived: u32,
    /// The slots of jobs in order of arrival; `None` where the job is over.
    line: Vec<Option<Slot>>,
    /// Least demand of the next task below each node; the leaf of place p in the line is
    /// `leaves + p`.
    least: Vec<Quantities>,
    leaves: usize,
    /// With fair order: jobs with something to place, by (tasks on agents, index).
    by_live: BTreeSet<(u64, JobIndex, Slot)>,
    /// Tasks that wait to be placed.
    pending: u64,
}

/// A job in the queue.
#[derive(Clone, Debug)]
pub(super) struct QueuedJob {
    pub(super) job: Arc<Job>,
    pub(super) index: JobIndex,
    pub(super) arrived: Time,
    /// Its place in the line.
    place: usize,
    run: usize,
    placed_of_run: u32,
    /// Tasks that came back unfinished, placed before all others.
    retries: Vec<Task>,
    numbered: u32,
    /// Tasks on agents or on their way.
    live: u64,
    pending: u64,
    /// Agents that run a task of this job, a bit each; kept for jobs that want a different agent
    /// for each task.
    agents: Vec<u64>,
}

/// A task that is to be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) shape: u32,
    pub(super) number: u32,
    pub(super) duration: Span,
}

/// Asks for more than any offer has, so nothing below is ever tried.
const NOTHING: Quantities = Quantities::from_amounts([Amount::MAX; Scalar::COUNT]);

impl JobQueue {
    pub(super) fn new(order: JobOrder) -> Self {
        Self {
            order,
            jobs: Vec::new(),
            free: Vec::new(),
            arrived: 0,
            line: Vec::new(),
            least: vec![NOTHING; 2],
            leaves: 1,
            by_live: BTreeSet::new(),
            pending: 0,
        }
    }

    /// Tasks that wait to be placed.
    pub(super) const fn pending(&self) -> u64 {
        self.pending
    }

    pub(super) fn push(&mut self, job: Arc<Job>, arrived: Time) -> JobIndex {
        let index = JobIndex(self.arrived);
        self.arrived += 1;
        let pending = job.task_count();
        self.pending += pending;
        if self.line.len() == self.leaves {
            self.make_room();
        }
        let queued = QueuedJob {
            job,
            index,
            arrived,
            place: self.line.len(),
            run: 0,
            placed_of_run: 0,
            retries: Vec::new(),
            numbered: 0,
            live: 0,
            pending,
            agents: Vec::new(),
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.jobs[slot] = Some(queued);
            slot
        } else {
            self.jobs.push(Some(queued));
            self.jobs.len() - 1
        };
        self.line.push(Some(slot));
        self.refresh(slot);
        index
    }

    pub(super) fn get(&self, slot: Slot) -> &QueuedJob {
        self.jobs[slot].as_ref().expect("a job with live tasks stays")
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> &mut QueuedJob {
        self.jobs[slot].as_mut().expect("a job with live tasks stays")
    }

    /// The least that any task to be placed asks for, resource by resource.
    pub(super) fn least_demand(&self) -> &Quantities {
        &self.least[1]
    }

    /// The first job in order that `accept`s, among those whose next task asks for no more than
    /// `limit` of each resource. `accept` may lower the limit once it finds that less is free. With
    /// order of arrival the search starts at the place `from`.
    pub(super) fn find(
        &self,
        from: usize,
        limit: &mut Quantities,
        mut accept: impl FnMut(&QueuedJob, &mut Quantities) -> bool,
    ) -> Option<Slot> {
        match self.order {
            JobOrder::Fifo => {
                let mut from = from;
                while let Some(place) = self.first_from(from, limit) {
                    let slot = self.line[place].expect("a job that is over asks for nothing");
                    if accept(self.get(slot), limit) {
                        return Some(slot);
                    }
                    from = place + 1;
                }
                None
            }
            JobOrder::Fair => {
                if !limit.contains(self.least_demand()) {
                    return None;
                }
                self.by_live.iter().map(|&(_, _, slot)| slot).find(|&slot| {
                    let job = self.get(slot);
                    limit.contains(&self.least[self.leaves + job.place]) && accept(job, limit)
                })
            }
        }
    }

    /// The next task of the job is on its way to an agent.
    pub(super) fn place(&mut self, slot: Slot) -> Task {
        self.pending -= 1;
        self.forget_order(slot);
        let job = self.get_mut(slot);
        let task = job.next_task().expect("a job that was found has a task to place");
        if job.retries.pop().is_none() {
            job.numbered += 1;
            job.placed_of_run += 1;
            if job.placed_of_run == job.job.tasks[job.run].count {
                job.run += 1;
                job.placed_of_run = 0;
            }
        }
        job.live += 1;
        job.pending -= 1;
        self.refresh(slot);
        task
    }

    /// A task came back unfinished and waits again, before all others of its job.
    pub(super) fn put_back(&mut self, slot: Slot, task: Task) {
        self.pending += 1;
        self.forget_order(slot);
        let job = self.get_mut(slot);
        job.retries.push(task);
        job.live -= 1;
        job.pending += 1;
        self.refresh(slot);
    }

    /// A task is over. Returns the job when that was its last one.
    pub(super) fn finish(&mut self, slot: Slot) -> Option<QueuedJob> {
        self.forget_order(slot);
        let job = self.get_mut(slot);
        job.live -= 1;
        if job.live > 0 || job.pending > 0 {
            self.refresh(slot);
            return None;
        }
        let over = self.jobs[slot].take()?;
        self.line[over.place] = None;
        self.free.push(slot);
        Some(over)
    }

    fn forget_order(&mut self, slot: Slot) {
        if self.order == JobOrder::Fair {
            let job = self.get(slot);
            let key = (job.live, job.index, slot);
            self.by_live.remove(&key);
        }
    }

    /// Recomputes what the tree and the fair order know of one job.
    fn refresh(&mut self, slot: Slot) {
        let job = self.get(slot);
        let demand = job.next_shape().map_or(NOTHING, |shape| shape.demand);
        let (key, mut node) = ((job.live, job.index, slot), self.leaves + job.place);
        if self.order == JobOrder::Fair && job.pending > 0 {
            self.by_live.insert(key);
        }
        if self.least[node] == demand {
            return;
        }
        self.least[node] = demand;
        while node > 1 {
            node /= 2;
            let least = self.least[2 * node].min(&self.least[2 * node + 1]);
            if self.least[node] == least {
                break;
            }
            self.least[node] = least;
        }
    }

    /// The first place from `from` on whose next task asks for no more than `limit`.
    fn first_from(&self, from: usize, limit: &Quantities) -> Option<usize> {
        if from >= self.line.len() {
            return None;
        }
        let mut node = self.leaves + from;
        loop {
            if limit.contains(&self.least[node]) {
                // The least of each resource may come from different jobs, so a node that could
                // hold a fit need not: then the search goes on behind it.
                if node >= self.leaves {
                    return Some(node - self.leaves);
                }
                node *= 2;
                continue;
            }
            while node % 2 == 1 {
                node /= 2;
            }
            if node == 0 {
                return None;
            }
            node += 1;
        }
    }

    /// Takes out of the line what is over, and doubles the tree where that frees less than half.
    fn make_room(&mut self) {
        self.line.retain(Option::is_some);
        for (place, slot) in self.line.iter().enumerate() {
            let slot = slot.expect("just retained");
            self.jobs[slot].as_mut().expect("jobs in the line are not over").place = place;
        }
        if self.line.len() * 2 > self.leaves {
            self.leaves *= 2;
        }
        self.least.clear();
        self.least.resize(2 * self.leaves, NOTHING);
        for (place, slot) in self.line.iter().enumerate() {
            if let Some(shape) = slot.and_then(|slot| self.get(slot).next_shape()) {
                self.least[self.leaves + place] = shape.demand;
            }
        }
        for node in (1..self.leaves).rev() {
            self.least[node] = self.least[2 * node].min(&self.least[2 * node + 1]);
        }
    }
}

impl QueuedJob {
    /// The next task to place.
    pub(super) fn next_task(&self) -> Option<Task> {
        self.retries.last().copied().or_else(|| {
            let TaskRun { shape, duration, .. } = *self.job.tasks.get(self.run)?;
            Some(Task { shape, number: self.numbered, duration })
        })
    }

    pub(super) fn next_shape(&self) -> Option<&TaskShape> {
        self.next_task().map(|task| &self.job.shapes[task.shape as usize])
    }

    /// Its place in the order of arrival.
    pub(super) const fn place(&self) -> usize {
        self.place
    }

    pub(super) fn runs_on(&self, agent: AgentId) -> bool {
        let (word, bit) = word_and_bit(agent);
        self.agents.get(word).is_some_and(|bits| bits & bit != 0)
    }

    pub(super) fn note_agent(&mut self, agent: AgentId) {
        let (word, bit) = word_and_bit(agent);
        if word >= self.agents.len() {
            self.agents.resize(word + 1, 0);
        }
        self.agents[word] |= bit;
    }

    pub(super) fn forget_agent(&mut self, agent: AgentId) {
        let (word, bit) = word_and_bit(agent);
        self.agents[word] &= !bit;
    }
}

fn word_and_bit(agent: AgentId) -> (usize, u64) {
    (agent.index() / 64, 1 << (agent.index() % 64))
}
