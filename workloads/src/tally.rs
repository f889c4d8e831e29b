//! What a source yielded, and what it dropped or repaired on the way.

use std::fmt;

/// How often something happened, by reason.
pub type ReasonCount = (&'static str, u64);

/// The books of one source. A silent drop changes the load, so nothing is dropped uncounted.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    /// Rows of data read: neither headers nor comments. Zero for a generator.
    pub rows: u64,
    /// Jobs yielded.
    pub jobs: u64,
    /// Tasks of the jobs yielded.
    pub tasks: u64,
    /// Records that did not become work, in the order in which the reasons first occurred. Each
    /// reader says what a record is (a row or a task); records read = yielded + dropped.
    pub dropped: Vec<ReasonCount>,
    /// Records yielded, but not as they were found.
    pub repaired: Vec<ReasonCount>,
    /// Offered work of the tasks yielded in the trace's own units ([`Tally::units`]), before any
    /// scaling or rounding.
    pub cpu_seconds: f64,
    pub mem_seconds: f64,
    pub gpu_seconds: f64,
    pub units: WorkUnits,
}

/// The units in which the trace counts resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkUnits {
    pub cpu: &'static str,
    pub mem: &'static str,
}

impl Tally {
    pub(crate) fn new(cpu: &'static str, mem: &'static str) -> Self {
        Self {
            rows: 0,
            jobs: 0,
            tasks: 0,
            dropped: Vec::new(),
            repaired: Vec::new(),
            cpu_seconds: 0.0,
            mem_seconds: 0.0,
            gpu_seconds: 0.0,
            units: WorkUnits { cpu, mem },
        }
    }

    /// How many records were dropped for this reason.
    pub fn dropped_for(&self, reason: &str) -> u64 {
        count_of(&self.dropped, reason)
    }

    /// How many records were repaired in this way.
    pub fn repaired_for(&self, reason: &str) -> u64 {
        count_of(&self.repaired, reason)
    }

    /// How many records were dropped in all.
    pub fn dropped_total(&self) -> u64 {
        self.dropped.iter().map(|(_, count)| count).sum()
    }

    pub(crate) fn drop_record(&mut self, reason: &'static str) {
        add(&mut self.dropped, reason, 1);
    }

    pub(crate) fn drop_records(&mut self, reason: &'static str, count: u64) {
        add(&mut self.dropped, reason, count);
    }

    pub(crate) fn repair(&mut self, reason: &'static str) {
        add(&mut self.repaired, reason, 1);
    }
}

/// A linear search: there are a handful of reasons, and the order must be that of the trace.
fn add(counts: &mut Vec<ReasonCount>, reason: &'static str, count: u64) {
    if count == 0 {
        return;
    }
    match counts.iter_mut().find(|(known, _)| *known == reason) {
        Some((_, total)) => *total += count,
        None => counts.push((reason, count)),
    }
}

fn count_of(counts: &[ReasonCount], reason: &str) -> u64 {
    counts.iter().find(|(known, _)| *known == reason).map_or(0, |&(_, count)| count)
}

/// One line: `2 jobs, 5 tasks from 7 rows; dropped: 1 negative run time`.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} jobs, {} tasks", self.jobs, self.tasks)?;
        if self.rows > 0 {
            write!(f, " from {} rows", self.rows)?;
        }
        for (title, counts) in [("dropped", &self.dropped), ("repaired", &self.repaired)] {
            for (index, (reason, count)) in counts.iter().enumerate() {
                if index == 0 {
                    write!(f, "; {title}: {count} {reason}")?;
                } else {
                    write!(f, ", {count} {reason}")?;
                }
            }
        }
        Ok(())
    }
}
