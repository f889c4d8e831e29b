//! The metrics of a run: one flat object, names with units in them.

use super::{Distributions, Recorder};
use policy_api::{DenseId, MetricsSnapshot, RoleId, Scalar, Time};
use serde_json::{Map, Number, Value};
use sim_core::TransportReport;
use sim_core::transport::TlsTime;
use workloads::Tally;

/// What the recorder cannot know.
pub(crate) struct Metrics<'a> {
    pub(crate) end: &'a str,
    pub(crate) now: Time,
    pub(crate) events: u64,
    /// The allocator's own, by Mesos's names.
    pub(crate) allocator: &'a MetricsSnapshot,
    /// The master's own, by Mesos's names.
    pub(crate) master: &'a MetricsSnapshot,
    /// Those of all agents together.
    pub(crate) agents: &'a MetricsSnapshot,
    /// What messages have cost, where they cost anything.
    pub(crate) transport: Option<TransportReport<'a>>,
    /// Of the traces that faults come from.
    pub(crate) fault_rows: &'a [Tally],
    pub(crate) tasks_pending: u64,
    pub(crate) tasks_live: u64,
    /// None without a workload.
    pub(crate) tally: Option<&'a Tally>,
    /// Jobs that no framework takes.
    pub(crate) jobs_unmapped: u64,
}

/// All metrics, in the order in which they are shown.
pub(crate) fn summarise(recorder: &Recorder, metrics: &Metrics<'_>) -> Map<String, Value> {
    let mut summary = Summary(Map::new());
    summary.text("run/end", metrics.end);
    summary.number("run/virtual_time_s", metrics.now.as_secs_f64());
    summary.count("run/events", metrics.events);
    summary.workload(metrics);
    summary.work(recorder, metrics);
    summary.distributions("tasks", &recorder.all);
    let counts = &recorder.counts;
    summary.count("offers/sent", counts.offers_sent);
    summary.count("offers/accepted", counts.offers_accepted);
    summary.count("offers/declined", counts.offers_declined);
    summary.count("offers/rescinded", counts.offers_rescinded);
    for (name, &value) in metrics.allocator {
        summary.metric(name, value);
    }
    // With many frameworks their own metrics would bury all others.
    let are_many = recorder.frameworks.len() > MOST_FRAMEWORKS;
    for (name, &value) in metrics.master.iter().chain(metrics.agents) {
        let of_one = name.starts_with("master/frameworks/") || name.starts_with("frameworks/");
        if !(are_many && of_one) {
            summary.metric(name, value);
        }
    }
    summary.fetches(recorder);
    summary.upkeep(recorder, metrics);
    summary.transport(metrics);
    summary.count("cluster/agents", counts.agents);
    for scalar in Scalar::ALL {
        if let Some(utilisation) = recorder.timeline.utilisation(scalar) {
            let unit = match scalar {
                Scalar::Mem | Scalar::Disk => "_mb",
                Scalar::Cpus | Scalar::Gpus => "",
            };
            let name = scalar.name();
            let total = recorder.timeline.most()[scalar] as f64 / 1000.0;
            summary.number(&format!("cluster/{name}_total{unit}"), total);
            summary.number(&format!("cluster/{name}_utilisation_mean"), utilisation);
        }
    }
    for (index, (name, role)) in recorder.role_names.iter().zip(&recorder.roles).enumerate() {
        let prefix = format!("roles/{name}");
        summary.count(&format!("{prefix}/tasks_submitted"), role.tasks_submitted);
        summary.count(&format!("{prefix}/tasks_finished"), role.tasks_finished);
        let tasks = recorder.timeline.tasks_of(RoleId::from_index(index));
        summary.count(&format!("{prefix}/tasks_live_at_end"), tasks.staging + tasks.running);
        summary.count(&format!("{prefix}/tasks_pending_at_end"), tasks.pending);
        let share = recorder.timeline.mean_share(index);
        summary.number(&format!("{prefix}/dominant_share_mean"), share);
        summary.distributions(&prefix, &role.distributions);
    }
    summary.0
}

/// Frameworks whose own metrics are written.
const MOST_FRAMEWORKS: usize = 50;

struct Summary(Map<String, Value>);

impl Summary {
    fn text(&mut self, name: &str, text: &str) {
        self.0.insert(name.to_owned(), Value::from(text));
    }

    fn count(&mut self, name: &str, count: u64) {
        self.0.insert(name.to_owned(), Value::from(count));
    }

    fn add(&mut self, name: &str, count: u64) {
        let before = self.0.get(name).and_then(Value::as_u64).unwrap_or_default();
        self.count(name, before + count);
    }

    fn number(&mut self, name: &str, number: f64) {
        let value = Number::from_f64(number).map_or(Value::Null, Value::Number);
        self.0.insert(name.to_owned(), value);
    }

    /// A whole number without a decimal point, as a count is written.
    fn metric(&mut self, name: &str, value: f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
        if (0.0..9e15).contains(&value) && value.fract() == 0.0 {
            self.count(name, value as u64);
        } else {
            self.number(name, value);
        }
    }

    fn option(&mut self, name: &str, number: Option<f64>) {
        self.number(name, number.unwrap_or(f64::NAN));
    }

    fn workload(&mut self, metrics: &Metrics<'_>) {
        let Some(tally) = metrics.tally else { return };
        self.count("workload/rows_read", tally.rows);
        self.count("workload/jobs", tally.jobs);
        self.count("workload/tasks", tally.tasks);
        for (title, counts) in [("dropped", &tally.dropped), ("repaired", &tally.repaired)] {
            for (reason, count) in counts {
                self.count(&format!("workload/{title}/{}", reason.replace(' ', "_")), *count);
            }
        }
        if metrics.jobs_unmapped > 0 {
            self.count("workload/jobs_without_framework", metrics.jobs_unmapped);
        }
    }

    /// Nothing where no task needs files.
    fn fetches(&mut self, recorder: &Recorder) {
        let fetches = &recorder.fetches;
        if fetches.succeeded + fetches.failed == 0 {
            return;
        }
        for (name, count) in [
            ("succeeded", fetches.succeeded),
            ("failed", fetches.failed),
            ("uris_hit", fetches.hits),
            ("uris_joined", fetches.joins),
            ("uris_missed", fetches.misses),
            ("uris_fallen_back", fetches.fallbacks),
            ("uris_uncached", fetches.uncached),
            ("downloaded_bytes", fetches.downloaded),
            ("saved_bytes", fetches.saved),
        ] {
            self.count(&format!("fetches/{name}"), count);
        }
        if fetches.tls.handshakes > 0 {
            self.count("fetches/tls_handshakes", fetches.tls.handshakes);
            self.count("fetches/tls_handshake_bytes", fetches.tls.handshake_bytes);
            self.count("fetches/tls_record_bytes", fetches.tls.record_bytes);
            self.number("fetches/tls_time_s", fetches.tls.time.sum().as_secs_f64());
            self.tls_time("fetches", &fetches.tls.time);
        }
        self.option("fetches/hit_rate", fetches.hit_rate());
        self.option("fetches/byte_hit_rate", fetches.byte_hit_rate());
        let delay = &fetches.launch_delay;
        self.option("fetches/launch_delay_mean_s", delay.mean());
        for (name, quantile) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            self.option(&format!("fetches/launch_delay_{name}_s"), delay.quantile(quantile));
        }
        self.option("fetches/launch_delay_max_s", delay.max());
        let are_few = (2..=MOST_FRAMEWORKS).contains(&recorder.frameworks.len());
        for (id, of_one) in recorder.fetches_of.enumerate().filter(|_| are_few) {
            if of_one.succeeded + of_one.failed > 0 {
                let prefix = format!("fetches/{}", recorder.name(id));
                self.option(&format!("{prefix}/hit_rate"), of_one.hit_rate());
                let delay = of_one.launch_delay.mean();
                self.option(&format!("{prefix}/launch_delay_mean_s"), delay);
            }
        }
    }

    /// What there is none of is not mentioned.
    fn upkeep(&mut self, recorder: &Recorder, metrics: &Metrics<'_>) {
        let upkeep = &recorder.upkeep;
        for (kind, count) in &upkeep.faults {
            self.count(&format!("faults/{}", kind.name()), *count);
        }
        for tally in metrics.fault_rows {
            self.add("faults/rows_read", tally.rows);
            for (reason, count) in &tally.dropped {
                self.add(&format!("faults/dropped/{}", reason.replace(' ', "_")), *count);
            }
        }
        for (status, count) in &upkeep.calls {
            self.count(&format!("operator/status_{status}"), *count);
        }
        for (reason, count) in &upkeep.containers_killed {
            self.count(&format!("containers_killed/{}", reason.metric_name()), *count);
        }
        for (name, count) in [
            ("faults/masters_failed", upkeep.masters_failed),
            ("volumes/created", upkeep.volumes_created),
            ("volumes/destroyed", upkeep.volumes_destroyed),
            ("volumes/lost", upkeep.volumes_lost),
            ("volumes/lost_bytes", upkeep.bytes_lost),
        ] {
            let of_volumes = name.starts_with("volumes/") && upkeep.volumes_created > 0;
            if count > 0 || of_volumes {
                self.count(name, count);
            }
        }
        if let Some(longest) = upkeep.failover_time() {
            self.number("faults/failover_agents_back_max_s", longest.as_secs_f64());
        }
        let all = std::iter::once((None, String::new()));
        let each =
            recorder.frameworks.ids().map(|id| (Some(id), format!("{}/", recorder.name(id))));
        let each =
            each.take(if recorder.frameworks.len() > MOST_FRAMEWORKS { 0 } else { usize::MAX });
        for (framework, prefix) in all.chain(each) {
            for (name, value) in [
                ("service", "availability", upkeep.availability(framework)),
                ("stateful", "replica_unavailability", upkeep.replica_unavailability(framework)),
                ("stateful", "range_unavailability", upkeep.range_unavailability(framework)),
            ]
            .map(|(kind, metric, value)| (format!("{kind}/{prefix}{metric}"), value))
            {
                if let Some(value) = value {
                    self.number(&name, value);
                }
            }
        }
        if upkeep.replica_unavailability(None).is_some() {
            self.count("stateful/ranges_lost", upkeep.ranges_lost);
            self.count("stateful/ranges_lost_bytes", upkeep.range_bytes_lost);
        }
    }

    /// The master as a server, and what its connections have cost it.
    fn transport(&mut self, metrics: &Metrics<'_>) {
        let Some(TransportReport { master, event_loop, counters }) = metrics.transport else {
            return;
        };
        let run = metrics.now.as_secs_f64();
        for (name, station) in [("master", master), ("event_loop", event_loop)] {
            let busy = station.busy().as_secs_f64();
            let waited = station.waited().as_secs_f64();
            self.count(&format!("transport/{name}_served"), station.served());
            self.number(&format!("transport/{name}_busy_s"), busy);
            self.option(&format!("transport/{name}_utilisation"), (run > 0.0).then(|| busy / run));
            let served = station.served() as f64;
            let mean = (served > 0.0).then(|| waited / served);
            self.option(&format!("transport/{name}_waiting_time_mean_s"), mean);
            let longest = station.longest_wait().as_secs_f64();
            self.number(&format!("transport/{name}_waiting_time_max_s"), longest);
        }
        for (name, count) in [
            ("connections", counters.connections),
            ("handshakes", counters.handshakes),
            ("handshakes_resumed", counters.resumed),
            ("connections_downgraded", counters.downgraded),
            ("connections_refused", counters.refused),
            ("handshake_bytes", counters.handshake_bytes),
            ("encrypted_bytes", counters.bytes),
            ("encryption_overhead_bytes", counters.overhead_bytes),
        ] {
            self.count(&format!("transport/{name}"), count);
        }
        let (handshakes, messages) =
            (counters.master.of_handshakes(), counters.master.of_messages());
        self.number("transport/handshake_time_s", handshakes.as_secs_f64());
        self.number("transport/record_time_s", messages.as_secs_f64());
        if counters.handshakes > 0 {
            self.tls_time("master", &counters.master);
            self.tls_time("agents", &counters.agents);
            self.tls_time("frameworks", &counters.frameworks);
        }
    }

    /// Processor time for encryption, by who spends it and on what. `report` draws these.
    fn tls_time(&mut self, party: &str, time: &TlsTime) {
        for (name, part) in [
            ("handshakes", time.handshakes),
            ("verification", time.verification),
            ("records", time.records),
            ("bytes", time.bytes),
        ] {
            self.number(&format!("tls/{party}/{name}_s"), part.as_secs_f64());
        }
    }

    fn work(&mut self, recorder: &Recorder, metrics: &Metrics<'_>) {
        let counts = &recorder.counts;
        self.count("jobs/arrived", counts.jobs_arrived);
        self.count("jobs/finished", counts.jobs_finished);
        self.count("tasks/submitted", counts.tasks_submitted);
        self.count("tasks/never_placeable", counts.tasks_unplaceable);
        self.count("tasks/launched", counts.tasks_launched);
        self.count("tasks/finished", counts.tasks_finished);
        self.count("tasks/lost", counts.tasks_lost);
        self.count("tasks/failed", counts.tasks_failed);
        self.count("tasks/killed", counts.tasks_killed);
        self.count("tasks/gone", counts.tasks_gone);
        self.count("tasks/unreachable", counts.tasks_unreachable);
        self.count("tasks/live_at_end", metrics.tasks_live);
        self.count("tasks/pending_at_end", metrics.tasks_pending);
        self.number("tasks/makespan_s", counts.last_task_end.as_secs_f64());
    }

    fn distributions(&mut self, prefix: &str, of: &Distributions) {
        let waiting = &of.waiting_time;
        self.option(&format!("{prefix}/waiting_time_mean_s"), waiting.mean());
        for (name, quantile) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            self.option(&format!("{prefix}/waiting_time_{name}_s"), waiting.quantile(quantile));
        }
        self.option(&format!("{prefix}/waiting_time_max_s"), waiting.max());
        let slowdown = &of.bounded_slowdown;
        self.option(&format!("{prefix}/bounded_slowdown_mean"), slowdown.mean());
        self.option(&format!("{prefix}/bounded_slowdown_p95"), slowdown.quantile(0.95));
    }
}
