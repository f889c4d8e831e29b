//! A workload that was seen to have a job.

use crate::{Job, Tally, Workload, WorkloadError};

/// Reads the first job ahead: a run over nothing would look like a perfect one.
///
/// # Errors
///
/// [`WorkloadError::Empty`] where there is no job, with the tally that tells why; the error of
/// the first job where it cannot be read.
pub fn ensure_not_empty<W: Workload>(mut workload: W) -> Result<NotEmpty<W>, WorkloadError> {
    match workload.next() {
        Some(Ok(job)) => Ok(NotEmpty { first: Some(job), rest: workload }),
        Some(Err(error)) => Err(error),
        None => Err(WorkloadError::Empty { tally: workload.tally().to_string() }),
    }
}

/// See [`ensure_not_empty`]. The tally counts the job that was read ahead.
pub struct NotEmpty<W> {
    first: Option<Job>,
    rest: W,
}

impl<W: Workload> Iterator for NotEmpty<W> {
    type Item = Result<Job, WorkloadError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.first.take() {
            Some(job) => Some(Ok(job)),
            None => self.rest.next(),
        }
    }
}

impl<W: Workload> Workload for NotEmpty<W> {
    fn tally(&self) -> &Tally {
        self.rest.tally()
    }
}
