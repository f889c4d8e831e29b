//! What the kernel does when the memory of a whole host is used up.

use super::bytes;
use crate::Handle;
use crate::agent::executors::Executor;
use crate::agent::task::Update;
use crate::agent::{Agent, Output};
use crate::protocol::{Reason, TaskState};
use policy_api::{Scalar, Time};

impl Agent {
    /// If the containers together use more memory than the host has, ends the one that uses most beyond
    /// what it was allocated, best effort first. Its end divides the host anew, and so comes back here
    /// until the rest fits.
    ///
    /// The kernel kills a process, not a container: to the agent an executor has ended by itself.
    pub(super) fn relieve_host(
        &mut self,
        now: Time,
        used: &[(Handle<Executor>, u64)],
        out: &mut Vec<Output>,
    ) {
        let capacity = bytes(self.total().amount(Scalar::Mem).max(0) as f64);
        if used.iter().map(|(_, bytes)| bytes).sum::<u64>() <= capacity {
            return;
        }
        let worst = used.iter().max_by_key(|(handle, used)| {
            let allocated = self.executors.get(*handle).map(|row| self.allocated(row));
            let allocated = allocated.unwrap_or_default();
            let asked = bytes(allocated.amount(Scalar::Mem) as f64);
            (allocated.has_revocable(), i128::from(*used) - i128::from(asked))
        });
        if let Some((handle, _)) = worst {
            let end = Update::of_agent(TaskState::Failed, Reason::ExecutorTerminated);
            self.kill_container(now, *handle, end, out);
        }
    }
}
