//! Which framework gets which job of the workload.

use crate::scenario::{FrameworkConfig, Mapping, MappingRule, parse_band};
use policy_api::{DenseId, FrameworkId, Time};
use sim_core::{Job, Submission, stable_hash};
use workloads::{Tally, Workload, WorkloadError};

/// Turns jobs into submissions by the scenario's rule.
#[derive(Clone, Debug)]
pub(crate) struct Mapper {
    rule: MappingRule,
    frameworks: Vec<Takes>,
    /// Frameworks that take what is left.
    rest: Vec<FrameworkId>,
}

#[derive(Clone, Debug)]
enum Takes {
    Labels(Vec<String>),
    Bands(Vec<(u8, u8)>),
}

impl Mapper {
    pub(crate) fn new(mapping: Mapping, frameworks: &[FrameworkConfig]) -> Self {
        let takes = frameworks.iter().map(|framework| {
            let labels = framework.takes.iter().map(toml::Spanned::get_ref);
            match mapping.by {
                MappingRule::Priority => {
                    Takes::Bands(labels.filter_map(|l| parse_band(l)).collect())
                }
                MappingRule::Hash | MappingRule::User | MappingRule::Queue => {
                    Takes::Labels(labels.cloned().collect())
                }
            }
        });
        let takes: Vec<Takes> = takes.collect();
        let rest = takes.iter().zip(frameworks).enumerate().filter(|(_, (takes, framework))| {
            let takes_nothing = match takes {
                Takes::Labels(labels) => labels.is_empty(),
                Takes::Bands(bands) => bands.is_empty(),
            };
            takes_nothing && framework.is_batch()
        });
        let rest = rest.map(|(index, _)| FrameworkId::from_index(index)).collect();
        Self { rule: mapping.by, frameworks: takes, rest }
    }

    /// The framework for this job; `None` when none takes it.
    pub(crate) fn framework_of(&self, job: &Job) -> Option<FrameworkId> {
        let label: &str = match self.rule {
            MappingRule::Hash => &job.name,
            MappingRule::User => &job.user,
            MappingRule::Queue => &job.queue,
            MappingRule::Priority => "",
        };
        let takes = |takes: &Takes| match takes {
            Takes::Labels(labels) => labels.iter().any(|taken| taken == label),
            Takes::Bands(bands) => {
                bands.iter().any(|(first, last)| (*first..=*last).contains(&job.priority))
            }
        };
        if let Some(index) = self.frameworks.iter().position(takes) {
            return Some(FrameworkId::from_index(index));
        }
        let spread = match self.rule {
            MappingRule::Priority => u64::from(job.priority),
            MappingRule::Hash | MappingRule::User | MappingRule::Queue => stable_hash(label),
        };
        let count = self.rest.len() as u64;
        #[expect(clippy::cast_possible_truncation, reason = "below the number of frameworks")]
        (count > 0).then(|| self.rest[(spread % count) as usize])
    }
}

/// The workload as submissions. Jobs that no framework takes are counted and left out.
pub(crate) struct Submissions {
    /// None where no framework takes jobs.
    workload: Option<Box<dyn Workload>>,
    mapper: Mapper,
    /// Jobs behind this are not looked for.
    horizon: Time,
    unmapped: u64,
}

impl Submissions {
    pub(crate) const fn new(
        workload: Option<Box<dyn Workload>>,
        mapper: Mapper,
        horizon: Time,
    ) -> Self {
        Self { workload, mapper, horizon, unmapped: 0 }
    }

    /// Reads all jobs up to the horizon, for the errors that may be among them.
    pub(crate) fn read_through(&mut self) -> Result<(), WorkloadError> {
        let horizon = self.horizon;
        self.by_ref()
            .map(|submission| submission.map(|submission| submission.job.arrival))
            .take_while(|arrival| arrival.as_ref().map_or(true, |arrival| *arrival <= horizon))
            .try_for_each(|arrival| arrival.map(drop))
    }

    pub(crate) fn tally(&self) -> Option<&Tally> {
        self.workload.as_ref().map(Workload::tally)
    }

    /// Jobs so far that no framework takes.
    pub(crate) const fn unmapped(&self) -> u64 {
        self.unmapped
    }
}

impl Iterator for Submissions {
    type Item = Result<Submission, WorkloadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.workload.as_mut()?.next()? {
                Err(error) => return Some(Err(error)),
                Ok(job) => match self.mapper.framework_of(&job) {
                    Some(framework) => return Some(Ok(Submission { framework, job })),
                    None if job.arrival > self.horizon => return None,
                    None => self.unmapped += 1,
                },
            }
        }
    }
}
