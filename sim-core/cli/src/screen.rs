//! What a run says on the terminal: one screen.

use crate::cost::Cost;
use crate::record::Recorder;
use crate::scenario::{Capability, FrameworkConfig, Scenario};
use comfy_table::{Cell, CellAlignment, Table, presets};
use policy_api::DenseId;
use serde_json::{Map, Value};
use std::fmt;
use std::io::Write;
use std::path::Path;

/// Writes to standard output. A reader that has gone is not an error: `offersim run | head`.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    ignore_closed(writeln!(std::io::stdout(), "{text}"))
}

/// Writes to standard error.
pub(crate) fn note(text: &str) -> anyhow::Result<()> {
    ignore_closed(writeln!(std::io::stderr(), "{text}"))
}

fn ignore_closed(result: std::io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// The summary of a run for people.
pub(crate) struct Screen<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) summary: &'a Map<String, Value>,
    pub(crate) recorder: &'a Recorder,
    pub(crate) folder: &'a Path,
    pub(crate) digest: u64,
    /// Of reading, simulating, drawing.
    pub(crate) costs: [Cost; 3],
    /// Before anything was drawn.
    pub(crate) peak_memory_mb: Option<u64>,
}

impl Screen<'_> {
    fn get(&self, metric: &str) -> f64 {
        self.summary.get(metric).and_then(Value::as_f64).unwrap_or(f64::NAN)
    }

    fn roles(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY);
        table.set_header([
            "role",
            "tasks",
            "finished",
            "wait mean",
            "wait p95",
            "slowdown mean",
            "share mean",
        ]);
        for (index, name) in self.recorder.role_names.iter().take(ROLES_SHOWN).enumerate() {
            let role = &self.recorder.roles[policy_api::RoleId::from_index(index)];
            let waiting = &role.distributions.waiting_time;
            let slowdown = role.distributions.bounded_slowdown.mean();
            table.add_row([
                Cell::new(name),
                right(role.tasks_submitted),
                right(role.tasks_finished),
                right(waiting.mean().map_or("-".into(), seconds)),
                right(waiting.quantile(0.95).map_or("-".into(), seconds)),
                right(slowdown.map_or("-".into(), |factor| format!("{factor:.2}"))),
                right(percent(self.recorder.timeline.mean_share(index))),
            ]);
        }
        table
    }
}

/// More would not fit on a screen; the report has them all.
const ROLES_SHOWN: usize = 15;

impl fmt::Display for Screen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [read, simulated, drawn] = self.costs.map(|cost| cost.elapsed_s);
        let (name, seed) = (self.scenario.name.get_ref(), self.scenario.seed);
        let end = self.summary.get("run/end").and_then(Value::as_str).unwrap_or_default();
        let virtual_time = seconds(self.get("run/virtual_time_s"));
        writeln!(f, "{name}, seed {seed}: {end} after {virtual_time} of virtual time")?;
        let counts = &self.recorder.counts;
        writeln!(
            f,
            "  {} agents; {} jobs, {} tasks submitted, {} finished, {} waiting, {} live at the end",
            counts.agents,
            counts.jobs_arrived,
            counts.tasks_submitted,
            counts.tasks_finished,
            self.get("tasks/pending_at_end"),
            self.get("tasks/live_at_end"),
        )?;
        writeln!(
            f,
            "  offers: {} sent, {} accepted, {} declined, {} rescinded",
            counts.offers_sent,
            counts.offers_accepted,
            counts.offers_declined,
            counts.offers_rescinded,
        )?;
        let utilisation = policy_api::Scalar::ALL.into_iter().filter_map(|scalar| {
            let mean = self.recorder.timeline.utilisation(scalar)?;
            Some(format!("{} {}", scalar.name(), percent(mean)))
        });
        writeln!(f, "  mean utilisation: {}", utilisation.collect::<Vec<_>>().join(", "))?;
        self.warnings(f)?;
        writeln!(f, "{}", self.roles())?;
        if self.recorder.role_names.len() > ROLES_SHOWN {
            writeln!(f, "  and {} roles more", self.recorder.role_names.len() - ROLES_SHOWN)?;
        }
        let (events, cpu) = (self.get("run/events"), self.costs[1].cpu_s);
        writeln!(
            f,
            "  {cpu:.2} s of cpu for {events} events: {:.0} tasks/s, {:.0} simulated s/s",
            per_second(counts.tasks_finished as f64, cpu),
            per_second(self.get("run/virtual_time_s"), cpu),
        )?;
        writeln!(
            f,
            "  {read:.2} s to read, {simulated:.2} s to simulate, {drawn:.2} s to draw{}",
            self.peak_memory_mb.map(|mb| format!("; {mb} MB at most")).unwrap_or_default(),
        )?;
        writeln!(f, "  digest {:016x}", self.digest)?;
        write!(f, "report: {}", self.folder.join("report.html").display())
    }
}

impl Screen<'_> {
    /// What a user must not miss.
    fn warnings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (metric, value) in self.summary {
            let title = metric.strip_prefix("workload/dropped/").map(|reason| ("dropped", reason));
            let repaired = metric.strip_prefix("workload/repaired/").map(|r| ("repaired", r));
            if let Some((title, reason)) = title.or(repaired) {
                writeln!(f, "  {title}: {value} ({})", reason.replace('_', " "))?;
            }
        }
        if let Some(jobs) = self.summary.get("workload/jobs_without_framework") {
            writeln!(f, "  warning: {jobs} jobs are taken by no framework")?;
        }
        let has_gpus = self.recorder.timeline.most()[policy_api::Scalar::Gpus] > 0;
        let capable = |framework: &FrameworkConfig| {
            framework.capabilities.contains(&Capability::GpuResources)
        };
        if has_gpus
            && self.scenario.master.filter_gpu_resources
            && !self.scenario.frameworks.iter().any(capable)
        {
            writeln!(
                f,
                "  warning: no framework has GPU_RESOURCES, so agents with GPUs are offered to none"
            )?;
        }
        let unplaceable = self.recorder.counts.tasks_unplaceable;
        if let Some((job, tasks, demand)) = self.recorder.unplaceable.first() {
            writeln!(
                f,
                "  warning: {unplaceable} tasks fit on no agent; the first are {tasks} of job \
                 '{job}', which ask for {demand}"
            )?;
        }
        Ok(())
    }
}

fn right(value: impl fmt::Display) -> Cell {
    Cell::new(value).set_alignment(CellAlignment::Right)
}

/// A rate; none where too little time passed to tell.
fn per_second(count: f64, seconds: f64) -> f64 {
    if seconds >= 0.001 { count / seconds } else { 0.0 }
}

fn percent(fraction: f64) -> String {
    format!("{:.1} %", fraction * 100.0)
}

/// Three significant digits in the unit that suits.
pub(crate) fn seconds(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 0.001 => (s * 1e6, "us"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s if s < 600.0 => (s, "s"),
        s if s < 36_000.0 => (s / 60.0, "min"),
        s if s < 864_000.0 => (s / 3600.0, "h"),
        s => (s / 86_400.0, "d"),
    };
    if value == 0.0 {
        return "0 s".to_owned();
    }
    if value < 10.0 { format!("{value:.2} {unit}") } else { format!("{value:.1} {unit}") }
}
