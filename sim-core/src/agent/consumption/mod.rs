//! What tasks really consume of their host, and what that does to them (`spec/agent.md` 8.5, 8.6).
//!
//! Without a [`ConsumptionModel`] nobody looks: tasks take the time that they bring, and cost nothing
//! here. With one, each start and end of a task, and each sample while some use varies, divides the
//! host's processors anew. A task that gets less than it wants gets on more slowly. Its end moves: a
//! timer that fires too early is set again, and one that is out of date is ignored.

mod contention;
mod interference;
mod memory;
mod profile;
mod service;
mod work;

pub use interference::Interference;
pub use profile::{Level, UsageProfile};
pub use service::{LatencyModel, ServiceTotals};
pub(super) use work::Work;

use super::executors::Executor;
use super::task::{Run, Task, Update};
use super::{Agent, Output, Timer};
use crate::arena::Handle;
use crate::protocol::{Reason, TaskState};
use contention::{Claim, divide, quota, shares};
use policy_api::{Amount, FrameworkId, IdVec, LoadAverages, Resources, Scalar, Span, Time};
use rand_pcg::Pcg64Mcg;
use service::{Serving, serving};
use std::collections::BTreeMap;
use std::sync::Arc;
use work::times;

/// What the tasks of a host consume, and how the host divides what it has.
#[derive(Clone, Debug)]
pub struct ConsumptionModel {
    /// How often the resource monitor looks at uses that vary; at least
    /// [`SHORTEST_SAMPLE_INTERVAL`](Self::SHORTEST_SAMPLE_INTERVAL).
    pub sample_interval: Span,
    /// Mesos's flag of that name: containers with revocable cores have 10 shares for a core instead of
    /// 1024.
    pub revocable_cpu_low_priority: bool,
    /// Mesos's flag of that name: nobody gets more cores than it was allocated.
    pub cgroups_enable_cfs: bool,
    /// Whether the memory of a host can run out, so that the kernel ends containers. Otherwise each has
    /// its own limit only.
    pub host_memory_runs_out: bool,
    pub interference: Interference,
    /// By framework. Tasks of one that has none use what they asked for.
    pub profiles: Arc<IdVec<FrameworkId, Option<UsageProfile>>>,
    /// Draws the bursts of this host.
    pub draws: Pcg64Mcg,
}

impl ConsumptionModel {
    pub const SHORTEST_SAMPLE_INTERVAL: Span = Span::from_millis(100);
    /// That of the load averages.
    pub const DEFAULT_SAMPLE_INTERVAL: Span = LoadAverages::STEP;
}

/// The state of a host that is looked at.
#[derive(Clone, Debug)]
pub(super) struct Consumption {
    model: ConsumptionModel,
    /// Until when all is accounted for.
    accounted: Time,
    load: LoadAverages,
    /// Until when the load is averaged.
    averaged: Time,
    /// How many threads run or would.
    threads: f64,
    memory_used_bytes: u64,
    /// Cores in use, all of them and revocable ones.
    used: [f64; 2],
    totals: ConsumptionTotals,
    /// When levels that vary will be looked at.
    next_sample: Option<Time>,
}

/// What has been used of a host, and how services did on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumptionTotals {
    /// Of all processors, added.
    pub cpu_time: Span,
    /// By those whose cores could be taken away again.
    pub revocable_cpu_time: Span,
    /// Of the frameworks that have a [`LatencyModel`].
    pub services: BTreeMap<FrameworkId, ServiceTotals>,
}

impl ConsumptionTotals {
    fn add(
        &mut self,
        elapsed: Span,
        [all, revocable]: [f64; 2],
        serving: impl Iterator<Item = (FrameworkId, Serving)>,
    ) {
        self.cpu_time = self.cpu_time + times(elapsed, all);
        self.revocable_cpu_time = self.revocable_cpu_time + times(elapsed, revocable);
        for (framework, serving) in serving {
            self.services.entry(framework).or_default().add(elapsed, &serving);
        }
    }

    /// With those of another host.
    pub fn merge(&mut self, others: &Self) {
        self.cpu_time = self.cpu_time + others.cpu_time;
        self.revocable_cpu_time = self.revocable_cpu_time + others.revocable_cpu_time;
        for (framework, totals) in &others.services {
            self.services.entry(*framework).or_default().merge(totals);
        }
    }
}

/// What a container has used.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meter {
    pub(super) cpu_time: Span,
    pub(super) throttled_time: Span,
    pub(super) mem_used_bytes: u64,
    /// It is never lowered while the container runs.
    pub(super) mem_limit_bytes: u64,
    /// Cores that the container's quota keeps from it.
    withheld: f64,
    /// Whether something runs in it now.
    is_busy: bool,
    /// How long something has run in it, and how long of that its quota kept cores from it.
    busy_time: Span,
    held_back: Span,
    /// Only of a service with a [`LatencyModel`].
    pub(super) serving: Option<Serving>,
}

/// What a container has used by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerUse {
    pub cpu_time: Span,
    pub mem_total_bytes: u64,
    /// Only with CFS quota.
    pub quota: Option<QuotaUse>,
}

/// What CFS quota did to a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaUse {
    /// Periods in which something ran.
    pub periods: u64,
    /// Those of them in which it used its quota up.
    pub throttled: u64,
    pub throttled_time: Span,
}

const CFS_PERIOD: Span = Span::from_millis(100);
const BYTES_PER_MB: i64 = 1 << 20;

impl Agent {
    /// From now on it matters what tasks consume of this host. To be called before anything runs.
    pub fn consume(&mut self, model: ConsumptionModel) {
        self.consumption = Some(Box::new(Consumption {
            model,
            accounted: Time::ZERO,
            load: LoadAverages::default(),
            averaged: Time::ZERO,
            threads: 0.0,
            memory_used_bytes: 0,
            used: [0.0; 2],
            totals: ConsumptionTotals::default(),
            next_sample: None,
        }));
    }

    /// What has been used of this host until now. Nothing where nobody looks.
    pub fn consumed(&self, now: Time) -> ConsumptionTotals {
        let Some(consumption) = &self.consumption else { return ConsumptionTotals::default() };
        let mut totals = consumption.totals.clone();
        let elapsed = now.since(consumption.accounted);
        totals.add(elapsed, consumption.used, serving(&self.executors));
        totals
    }

    /// A task begins to run: false where nobody looks at what it consumes.
    pub(super) fn begin_work(
        &mut self,
        now: Time,
        handle: Handle<Task>,
        out: &mut Vec<Output>,
    ) -> bool {
        if self.consumption.is_none() {
            return false;
        }
        self.account(now);
        if let Some(task) = self.tasks.get_mut(handle).filter(|task| task.run == Run::Running) {
            let longest = task.details.as_ref().and_then(|details| details.max_completion_time);
            let deadline = longest.map_or(Time::NEVER, |longest| now + longest);
            task.work = Some(Box::new(Work::new(now, task.duration, deadline)));
            self.divide_host(now, out);
        }
        true
    }

    /// A task has computed. While its bytes move it uses nothing.
    pub(super) fn end_work(&mut self, now: Time, handle: Handle<Task>, out: &mut Vec<Output>) {
        let work = self.tasks.get_mut(handle).and_then(|task| task.work.take());
        if work.is_some() {
            self.divide_host(now, out);
        }
    }

    /// The timer of a task's end fires: whether it has come too early.
    pub(super) fn has_work_left(
        &mut self,
        now: Time,
        handle: Handle<Task>,
        out: &mut Vec<Output>,
    ) -> bool {
        let work = self.tasks.get_mut(handle).and_then(|task| task.work.as_mut());
        let Some(work) = work else { return false };
        if work.timer != now {
            return true;
        }
        work.timer = Time::NEVER;
        self.account(now);
        let work = self.tasks.get(handle).and_then(|task| task.work.as_ref());
        if work.is_none_or(|work| work.is_over(now) || work.is_stuck()) {
            return false;
        }
        self.divide_host(now, out);
        true
    }

    /// The resource monitor looks at uses that vary.
    pub(super) fn sample(&mut self, now: Time, out: &mut Vec<Output>) {
        let Some(consumption) = &mut self.consumption else { return };
        if consumption.next_sample == Some(now) {
            consumption.next_sample = None;
            self.divide_host(now, out);
        }
    }

    /// Books what was used until now.
    pub(super) fn account(&mut self, now: Time) {
        let Some(consumption) = &mut self.consumption else { return };
        let elapsed = now.since(std::mem::replace(&mut consumption.accounted, now));
        let steps = now.since(consumption.averaged).as_nanos() / LoadAverages::STEP.as_nanos();
        consumption.load.advance(steps, consumption.threads);
        consumption.averaged += LoadAverages::STEP * steps;
        consumption.totals.add(elapsed, consumption.used, serving(&self.executors));
        for task in self.tasks.iter_mut() {
            let Some(work) = &mut task.work else { continue };
            work.advance(elapsed);
            let executor = task.executor.and_then(|executor| self.executors.get_mut(executor));
            if let Some(meter) = executor.and_then(|executor| executor.meter.as_mut()) {
                meter.cpu_time = meter.cpu_time + times(elapsed, work.granted);
            }
            if !task.run.is_live() {
                task.work = None;
            }
        }
        for executor in self.executors.iter_mut() {
            if let Some(meter) = &mut executor.meter {
                meter.advance(elapsed);
            }
        }
    }

    /// What a container has used by now; nothing where nobody looks.
    pub(super) fn used(&self, now: Time, handle: Handle<Executor>) -> Option<ContainerUse> {
        let consumption = self.consumption.as_ref()?;
        let row = self.executors.get(handle)?;
        let mut meter = row.meter.as_deref().copied().unwrap_or_default();
        let elapsed = now.since(consumption.accounted);
        meter.advance(elapsed);
        for work in self.work_of(row) {
            meter.cpu_time = meter.cpu_time + times(elapsed, work.granted);
        }
        let periods = |span: Span| span.as_nanos() / CFS_PERIOD.as_nanos();
        Some(ContainerUse {
            cpu_time: meter.cpu_time,
            mem_total_bytes: meter.mem_used_bytes,
            quota: consumption.model.cgroups_enable_cfs.then(|| QuotaUse {
                periods: periods(meter.busy_time),
                throttled: periods(meter.held_back),
                throttled_time: meter.throttled_time,
            }),
        })
    }

    /// Divides the host among all that runs on it, and ends the containers that use more memory than
    /// they may.
    pub(super) fn divide_host(&mut self, now: Time, out: &mut Vec<Output>) {
        self.account(now);
        let Some(mut consumption) = self.consumption.take() else { return };
        self.look_at_levels(now, &mut consumption);
        let mut claims = self.claims(&consumption.model);
        let capacity = self.total().amount(Scalar::Cpus).max(0) as f64 / 1000.0;
        consumption.threads = self.wanted();
        let mut bare: Vec<Claim> = claims.iter().map(|(_, claim)| *claim).collect();
        divide(capacity, &mut bare);
        let used: f64 = bare.iter().map(|claim| claim.granted).sum();
        let pressure = if capacity > 0.0 { used / capacity } else { 0.0 };
        let slowdown = consumption.model.interference.slowdown(pressure);
        consumption.memory_used_bytes = 0;
        for meter in self.executors.iter_mut().filter_map(|row| row.meter.as_mut()) {
            (meter.mem_used_bytes, meter.withheld, meter.serving) = (0, 0.0, None);
            meter.is_busy = false;
        }
        consumption.used = [0.0; 2];
        let (mut too_big, mut fitting) = (Vec::new(), Vec::new());
        for ((handle, claim), divided) in claims.iter_mut().zip(bare) {
            claim.granted = divided.granted;
            consumption.used[0] += claim.granted;
            consumption.used[1] += if claim.is_revocable { claim.granted } else { 0.0 };
            let used = self.grant(now, *handle, claim, slowdown, out);
            consumption.memory_used_bytes += used.0;
            if used.1 {
                too_big.push(*handle);
            } else {
                fitting.push((*handle, used.0));
            }
        }
        self.look_at_services(&consumption.model, (capacity, slowdown), &claims);
        let varies = self.tasks.iter().any(|task| {
            task.work.is_some()
                && profile(&consumption.model, task).is_some_and(UsageProfile::varies)
        });
        if varies && consumption.next_sample.is_none() {
            let interval = consumption.model.sample_interval;
            let at = now + interval.max(ConsumptionModel::SHORTEST_SAMPLE_INTERVAL);
            consumption.next_sample = Some(at);
            out.push(Output::Wake { at, timer: Timer::Sample });
        }
        let host_memory_runs_out = consumption.model.host_memory_runs_out;
        self.consumption = Some(consumption);
        // Each end divides the host again.
        if too_big.is_empty() && host_memory_runs_out {
            self.relieve_host(now, &fitting, out);
        }
        for executor in too_big {
            let end = Update::of_agent(TaskState::Failed, Reason::ContainerLimitationMemory);
            self.kill_container(now, executor, end, out);
        }
    }

    /// What each task wants now. Levels that vary are looked at in samples, and when a task is new.
    fn look_at_levels(&mut self, now: Time, consumption: &mut Consumption) {
        let is_sample = consumption.next_sample.is_none();
        let ConsumptionModel { profiles, draws, .. } = &mut consumption.model;
        for task in self.tasks.iter_mut() {
            let Some(work) = &mut task.work else { continue };
            if work.looked_at.is_some() && !is_sample {
                continue;
            }
            let since = work.looked_at.replace(now).map(|last| now.since(last));
            let levels = match profiles.get(task.framework).and_then(Option::as_ref) {
                None => [1.0, 1.0],
                Some(UsageProfile { cpus, mem, latency: _ }) => {
                    let [cpu_burst, mem_burst] = &mut work.in_burst;
                    let cpus = cpus.at(now, work.started, since, cpu_burst, draws);
                    [cpus, mem.at(now, work.started, since, mem_burst, draws)]
                }
            };
            let asked = task.resources.scalar_quantities();
            let recorded = task.details.as_ref().map(|details| details.recorded_use);
            let recorded = recorded.unwrap_or_default();
            let cores = |amount: Amount| amount.max(0) as f64 / 1000.0;
            work.wanted = recorded.cpus.map_or(cores(asked[Scalar::Cpus]) * levels[0], cores);
            let mem = recorded.mem.map(|amount| amount.max(0) as f64);
            work.mem_bytes = bytes(mem.unwrap_or(asked[Scalar::Mem] as f64 * levels[1]));
        }
    }

    /// What the containers want in which something runs.
    fn claims(&self, model: &ConsumptionModel) -> Vec<(Handle<Executor>, Claim)> {
        let rows = self.executors.entries().filter_map(|(handle, row)| {
            let wanted = self.work_of(row).map(|work| work.wanted).reduce(|sum, it| sum + it)?;
            let allocated = self.allocated(row);
            let cpus = allocated.amount(Scalar::Cpus);
            let is_revocable = !allocated.revocable().get(Scalar::Cpus.name()).is_empty();
            let shares = shares(cpus, is_revocable && model.revocable_cpu_low_priority);
            let most = if model.cgroups_enable_cfs { quota(cpus) } else { f64::MAX };
            let demand = wanted.min(most);
            Some((handle, Claim { shares, demand, is_revocable, granted: 0.0 }))
        });
        rows.collect()
    }

    fn work_of<'a>(&'a self, row: &'a Executor) -> impl Iterator<Item = &'a Work> {
        let tasks = row.tasks.as_slice().iter().filter_map(|task| self.tasks.get(*task));
        tasks.filter_map(|task| task.work.as_deref())
    }

    /// What an executor and its tasks hold.
    pub(super) fn allocated(&self, row: &Executor) -> Resources {
        let own = row.named.as_ref().map(|named| &named.info.resources);
        let mut allocated = own.cloned().unwrap_or_default();
        let tasks = row.tasks.as_slice().iter().filter_map(|task| self.tasks.get(*task));
        for task in tasks.filter(|task| task.is_unfinished()) {
            allocated.add(&task.resources);
        }
        allocated
    }

    fn wanted(&self) -> f64 {
        self.tasks.iter().filter_map(|task| task.work.as_ref()).map(|work| work.wanted).sum()
    }

    /// Divides what a container is granted among its tasks; says how much memory it uses, and whether
    /// that is more than it may.
    fn grant(
        &mut self,
        now: Time,
        handle: Handle<Executor>,
        claim: &Claim,
        slowdown: f64,
        out: &mut Vec<Output>,
    ) -> (u64, bool) {
        let Some(row) = self.executors.get(handle) else { return (0, false) };
        let limit = bytes(self.allocated(row).amount(Scalar::Mem) as f64);
        let (mut wanted, mut used) = (0.0, 0);
        for work in self.work_of(row) {
            wanted += work.wanted;
            used += work.mem_bytes;
        }
        let share = if wanted > 0.0 { claim.granted / wanted } else { 1.0 };
        for handle in row.tasks.as_slice().to_vec() {
            let task = self.tasks.get_mut(handle);
            let Some(work) = task.and_then(|task| task.work.as_mut()) else { continue };
            work.granted = work.wanted * share;
            work.speed = share / slowdown;
            let due = work.due(now);
            if work.set_timer(due) {
                out.push(Output::Wake { at: due, timer: Timer::TaskEnded(handle) });
            }
        }
        let Some(row) = self.executors.get_mut(handle) else { return (used, false) };
        let meter = row.meter.get_or_insert_default();
        meter.mem_limit_bytes = meter.mem_limit_bytes.max(limit);
        meter.mem_used_bytes = used;
        meter.withheld = wanted - claim.demand;
        meter.is_busy = true;
        (used, used > meter.mem_limit_bytes)
    }
}

impl Meter {
    /// For so long it went on as it does now; the cpu time is its tasks'.
    fn advance(&mut self, elapsed: Span) {
        self.throttled_time = self.throttled_time + times(elapsed, self.withheld);
        if self.is_busy {
            self.busy_time = self.busy_time + elapsed;
        }
        if self.withheld > 0.0 {
            self.held_back = self.held_back + elapsed;
        }
    }
}

impl Consumption {
    pub(super) const fn load(&self) -> LoadAverages {
        self.load
    }

    pub(super) const fn memory_used_bytes(&self) -> u64 {
        self.memory_used_bytes
    }
}

impl UsageProfile {
    const fn varies(&self) -> bool {
        self.cpus.varies() || self.mem.varies()
    }
}

fn profile<'a>(model: &'a ConsumptionModel, task: &Task) -> Option<&'a UsageProfile> {
    model.profiles.get(task.framework)?.as_ref()
}

/// Thousandths of a MB, in bytes.
pub(super) fn bytes(amount: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and saturates"
    )]
    let bytes = (amount * BYTES_PER_MB as f64 / 1000.0).round() as u64;
    bytes
}
