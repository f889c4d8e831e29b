//! What a scenario says about generated work.

use super::Synthetic;
use super::drawn::Drawn;
use crate::error::{Violation, WorkloadError};
use crate::files::{self, FileNames, Needs, UriConfig, UriSetConfig};
use crate::units::{Count, Duration, Memory};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::{Heading, Remote, Streams, Transfer};
use std::num::NonZeroU64;

/// Generated work: classes of jobs that arrive side by side.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SyntheticConfig {
    /// The classes; at least one. Jobs that arrive at the same time come in this order.
    pub classes: Vec<ClassConfig>,
}

/// A stream of jobs that are drawn from the same distributions.
///
/// It ends after `jobs` jobs or at `until`, whatever comes first; without both it never ends, and
/// the run must.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassConfig {
    /// Becomes the queue of its jobs and the first part of their names. No two classes share one.
    pub name: String,
    /// Who submits the jobs; the name of the class where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The number of users: each job belongs to one of `<user>-0`, `<user>-1`, ..., drawn
    /// uniformly. Where absent there is one, without a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<u32>,
    /// Higher is more important.
    #[serde(default)]
    pub priority: u8,
    /// When the class begins. The first job arrives one draw of `interarrival` later.
    #[serde(default)]
    pub start: Duration,
    /// The time from one job to the next; `{ exponential = { mean = "10s" } }` is a Poisson
    /// process.
    pub interarrival: Drawn<Duration>,
    /// The number of tasks of a job, rounded up, at least 1 and at most 1,000,000.
    #[serde(default = "one_task")]
    pub tasks: Drawn<f64>,
    /// The service time of a task; each task has its own draw.
    pub duration: Drawn<Duration>,
    /// What each task of a job asks for; the tasks of a job ask for the same.
    pub demand: DemandConfig,
    /// Files that each task needs before it runs. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uris: Vec<UriConfig>,
    /// Files of which each job needs some. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri_set: Option<UriSetConfig>,
    /// Files are fetched as the job's user, who has cached files of its own. Default: as the user of
    /// the agent.
    #[serde(default, skip_serializing_if = "is_false")]
    pub fetch_as_user: bool,
    /// What each task reads before it computes; all at once. Default: nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<TransferConfig>,
    /// What each task writes after it has computed; all at once. Default: nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<TransferConfig>,
    /// The largest number of jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<u64>,
    /// No job arrives at this time or later, counted from the start of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Duration>,
}

/// Bytes that a task moves over the network.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferConfig {
    /// How much.
    pub size: Memory,
    /// From or to so many other agents, drawn for each task, an equal part each: a shuffle. Without
    /// it, from or to the outside of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<u32>,
    /// Bytes a second that are sent whatever becomes of them, as over UDP: what a link or a cap has no room
    /// for is dropped. Default: the sender adapts, and nothing is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<NonZeroU64>,
}

impl TransferConfig {
    pub(super) fn transfer(&self, heading: Heading) -> Transfer {
        // Thousandths of a MiB.
        let bytes = u128::from(self.size.amount().unsigned_abs()) * (1 << 20) / 1000;
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let remote = self.agents.map_or(Remote::Outside, Remote::Hosts);
        let rate = self.rate.map(NonZeroU64::get);
        Transfer { heading, remote, bytes, rate }
    }
}

/// What a task asks for; nothing of what is absent. Drawn once for each job.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DemandConfig {
    /// Cpus, to the thousandth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<Drawn<Count>>,
    /// Memory, to the thousandth of a MB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mem: Option<Drawn<Memory>>,
    /// Disk, to the thousandth of a MB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<Drawn<Memory>>,
    /// Mesos wants whole GPUs: draws are rounded up to whole numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpus: Option<Drawn<Count>>,
}

/// Each has a name in memory.
const MAX_USERS: u32 = 1_000_000;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

fn one_task() -> Drawn<f64> {
    Drawn::constant(1.0)
}

impl SyntheticConfig {
    /// Starts the generator.
    ///
    /// # Errors
    ///
    /// All broken rules of the configuration at once.
    pub fn open(&self, streams: &Streams) -> Result<Synthetic, WorkloadError> {
        self.open_with(streams, &mut FileNames::default())
    }

    /// The same in a cluster where others need files too.
    ///
    /// # Errors
    ///
    /// All broken rules of the configuration at once.
    pub fn open_with(
        &self,
        streams: &Streams,
        names: &mut FileNames,
    ) -> Result<Synthetic, WorkloadError> {
        WorkloadError::unless_valid(self.violations())?;
        Ok(Synthetic::new(self, *streams, names))
    }

    /// The files of the classes, each with its key.
    pub fn needs(&self) -> Vec<(String, Needs<'_>)> {
        let classes = self.classes.iter().enumerate();
        classes.map(|(index, class)| (format!("classes[{index}]."), class.needs())).collect()
    }

    /// Whether any class needs files.
    pub fn has_uris(&self) -> bool {
        self.classes.iter().any(|class| !class.needs().is_empty())
    }

    /// The broken rules, with keys relative to the table of the generator.
    pub fn violations(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        if self.classes.is_empty() {
            violations.push(Violation::new("classes", "found none, expected at least one class"));
        }
        for (index, class) in self.classes.iter().enumerate() {
            class.check(&format!("classes[{index}]"), &mut violations);
            // Two classes of one name would draw from the same streams, and so the same jobs.
            if self.classes[..index].iter().any(|earlier| earlier.name == class.name) {
                violations.push(Violation::new(
                    format!("classes[{index}].name"),
                    format!("found `{}` again, expected a name of its own", class.name),
                ));
            }
        }
        files::check_all(&self.needs(), &mut violations);
        violations
    }
}

impl ClassConfig {
    pub(super) fn needs(&self) -> Needs<'_> {
        Needs { name: &self.name, uris: &self.uris, uri_set: self.uri_set.as_ref() }
    }

    fn check(&self, key: &str, violations: &mut Vec<Violation>) {
        let mut violated = |name: &str, problem: &str| {
            violations.push(Violation::new(format!("{key}.{name}"), problem));
        };
        if self.name.is_empty() {
            violated("name", "found an empty name, expected some text");
        }
        if let Some(users) = self.users
            && !(1..=MAX_USERS).contains(&users)
        {
            violated("users", &format!("found {users}, expected a number from 1 to {MAX_USERS}"));
        }
        if self.jobs.is_none() && !self.interarrival.0.can_be_positive() {
            violated(
                "interarrival",
                "is always 0, so that time never advances: expected more than 0, or a limit `jobs`",
            );
        }
        if self.until.is_some_and(|until| until <= self.start) {
            violated("until", "found a time not after `start`, expected a later one");
        }
        if !self.demand.is_always_positive() {
            violated(
                "demand",
                "may ask for nothing, expected cpus, mem, disk or gpus that are always above 0",
            );
        }
        for (name, list) in [("reads", &self.reads), ("writes", &self.writes)] {
            for (index, transfer) in list.iter().enumerate() {
                if transfer.agents == Some(0) {
                    let name = format!("{name}[{index}].agents");
                    violated(&name, "found 0, expected at least one agent");
                }
            }
        }
        self.interarrival.0.check(&format!("{key}.interarrival"), violations);
        self.tasks.0.check(&format!("{key}.tasks"), violations);
        self.duration.0.check(&format!("{key}.duration"), violations);
        files::check(&self.needs(), &format!("{key}."), violations);
        let DemandConfig { cpus, mem, disk, gpus } = &self.demand;
        for (name, counts) in [("cpus", cpus), ("gpus", gpus)] {
            if let Some(counts) = counts {
                counts.0.check(&format!("{key}.demand.{name}"), violations);
            }
        }
        for (name, amounts) in [("mem", mem), ("disk", disk)] {
            if let Some(amounts) = amounts {
                amounts.0.check(&format!("{key}.demand.{name}"), violations);
            }
        }
    }
}

impl DemandConfig {
    /// Whether no draw can leave a task that asks for nothing at all.
    fn is_always_positive(&self) -> bool {
        let counts = [&self.cpus, &self.gpus];
        let amounts = [&self.mem, &self.disk];
        counts.into_iter().flatten().any(|drawn| drawn.0.is_always_positive())
            || amounts.into_iter().flatten().any(|drawn| drawn.0.is_always_positive())
    }
}
