//! Files for the jobs of a trace, which tells nothing of them.

use super::{FileNames, Files, Needs, check, check_all};
use crate::{Job, Tally, Workload, WorkloadError};
use sim_core::Streams;
use sim_core::protocol::LaunchDetails;
use std::sync::Arc;

/// A workload each of whose jobs needs files as well.
pub(crate) struct WithFiles<W> {
    jobs: W,
    files: Files,
}

impl<W: Workload> WithFiles<W> {
    /// # Errors
    ///
    /// Broken rules of what is needed.
    pub(crate) fn new(
        jobs: W,
        needs: &Needs<'_>,
        streams: Streams,
        names: &mut FileNames,
    ) -> Result<Self, WorkloadError> {
        let mut violations = Vec::new();
        check(needs, "", &mut violations);
        check_all(&[(String::new(), *needs)], &mut violations);
        WorkloadError::unless_valid(violations)?;
        Ok(Self { jobs, files: Files::new(needs, (streams, "workload"), names) })
    }
}

impl<W: Workload> Iterator for WithFiles<W> {
    type Item = Result<Job, WorkloadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut job = match self.jobs.next()? {
            Ok(job) => job,
            Err(error) => return Some(Err(error)),
        };
        if let Some(command) = self.files.draw(None) {
            for shape in &mut job.shapes {
                let details = shape.details.as_deref().cloned().unwrap_or_default();
                let command = Some(Arc::clone(&command));
                shape.details = Some(Arc::new(LaunchDetails { command, ..details }));
            }
        }
        Some(Ok(job))
    }
}

impl<W: Workload> Workload for WithFiles<W> {
    fn tally(&self) -> &Tally {
        self.jobs.tally()
    }
}
