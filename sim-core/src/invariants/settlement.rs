//! Every task that was launched comes to something.
//!
//! At rest a subscribed framework believes of each of its tasks that it is over, or that it is alive, which
//! is true then: it lives on a registered agent; or that it is out of reach, and then it is not alive,
//! unless that was told on an earlier connection. A task that nobody knows (UNKNOWN) is over. An ACCEPT may
//! have got lost, with tasks of which nobody else has ever heard; then the framework learns it by asking,
//! as all frameworks here do when they have subscribed again.
//!
//! They do not ask for tasks that they have given up. So if one was out of reach, came back, and was lost
//! again while its framework was away, the last that the framework has heard may be that it is alive. The
//! same where it was heard of again before its agent was marked gone, for whose tasks without checkpoints
//! the master answers no more. And an agent that was told to shut a framework down tells nothing of its
//! tasks, though the next master may let the framework in again.

use super::{Violation, Witness};
use crate::framework::Framework;
use crate::protocol::{TaskId, TaskState};
use crate::simulation::{Simulation, Submission};
use policy_api::{AgentId, Allocator, DenseId, FrameworkId};
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
    let is_there = |id: AgentId| {
        simulation.agents().any(|agent| agent.is_registered() && agent.id() == Some(id))
    };
    let has_shut_down = |id: AgentId, framework: FrameworkId| {
        let mut same = simulation.agents().filter(|agent| agent.id() == Some(id));
        same.any(|agent| agent.has_shut_down(framework))
    };
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
                Some((state, agent)) => {
                    state.is_terminal()
                        || live.contains(&(framework, task))
                        || witness.notes().may_have_replaced(story)
                        || agent.is_some_and(|id| {
                            story.was_lost && !is_there(id) || has_shut_down(id, framework)
                        })
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
