//! Every task that was launched comes to something.
//!
//! At rest a subscribed framework believes of each of its tasks that it is over, or that it is alive, which
//! is true then: it lives on a registered agent; or that it is out of reach, and then it is not alive,
//! unless that was told on an earlier connection. A task that nobody knows (UNKNOWN) is over. An ACCEPT may
//! have got lost, with tasks of which nobody else has ever heard; then the framework learns it by asking,
//! as all frameworks here do when they have subscribed again.
//!
//! They do not ask for tasks that they have given up. So if one was out of reach, came back, and was lost
//! again while its framework was away, the last that the framework has heard may be that it is alive.

use super::{Violation, Witness};
use crate::framework::Framework;
use crate::protocol::{TaskId, TaskState};
use crate::simulation::{Simulation, Submission};
use policy_api::{Allocator, DenseId, FrameworkId};
use std::collections::BTreeSet;

pub(super) fn at_rest<A, F, W, E>(
    simulation: &Simulation<A, Witness<F>, W>,
) -> Result<(), Violation>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    let mut live: BTreeSet<(FrameworkId, TaskId)> = BTreeSet::new();
    for agent in simulation.agents().filter(|agent| agent.is_registered()) {
        let tasks = agent.tasks().filter(|(_, _, state)| !state.is_terminal());
        live.extend(tasks.map(|(framework, task, _)| (framework, task)));
    }
    for (index, witness) in simulation.frameworks().enumerate() {
        let framework = FrameworkId::from_index(index);
        let is_subscribed = witness.notes().is_subscribed;
        if !is_subscribed || !super::liveness::is_known(simulation, framework) {
            continue;
        }
        for (task, story) in witness.tasks() {
            let settled = match story.heard {
                None => false,
                Some((TaskState::Unknown, _)) => true,
                // It may have given the task up, and ask no more.
                Some((TaskState::Unreachable, _)) => {
                    !live.contains(&(framework, task)) || witness.notes().may_have_given_up(task)
                }
                Some((state, _)) => {
                    state.is_terminal()
                        || live.contains(&(framework, task))
                        || witness.notes().may_have_replaced(story)
                }
            };
            if !settled {
                let found = format!("{framework:?} {task:?}: {story:?}");
                return Err(Violation::new("at rest every task has ended or is alive", found));
            }
        }
    }
    Ok(())
}
