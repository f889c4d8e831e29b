//! No status update is lost or reordered.
//!
//! An agent numbers the updates of a task and sends the next one when the framework has acknowledged
//! the one before. So of each stream the framework hears the numbers in order, each once or several
//! times, and always with the same state. What the master says by itself belongs to no stream. This
//! holds always; a new stream begins where the agent has a new row for the task.
//!
//! At rest the framework has heard the latest state that the agent knows, and the agent waits for no
//! acknowledgement of an end. This concerns frameworks that are subscribed, and not tasks that a framework
//! was told to be out of reach on an earlier connection: it may have given them up, and what the master
//! says when their agent comes back is not repeated for frameworks that are away. Nor does it concern
//! what the master takes for lost too early (see `views.rs`).

use super::{Violation, Witness};
use crate::framework::Framework;
use crate::protocol::{StatusId, StatusUpdate, TaskState};
use crate::simulation::{Simulation, Submission};
use policy_api::{AgentId, Allocator};

/// What was heard of one stream last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    agent: AgentId,
    status: StatusId,
    state: TaskState,
}

/// Notes an update; says what is wrong with it.
pub(super) fn note(streams: &mut Vec<Heard>, update: &StatusUpdate) -> Option<Violation> {
    let (status, agent) = update.status.zip(update.agent)?;
    let heard = Heard { agent, status, state: update.state };
    let same = |it: &&mut Heard| it.agent == agent && it.status.task == status.task;
    let Some(last) = streams.iter_mut().find(same) else {
        streams.push(heard);
        return (status.sequence > 0).then(|| gap(update, None));
    };
    let before = std::mem::replace(last, heard);
    let again = status.sequence == before.status.sequence && update.state == before.state;
    let next = status.sequence == before.status.sequence + 1;
    (!again && !next).then(|| gap(update, Some(before)))
}

fn gap(update: &StatusUpdate, before: Option<Heard>) -> Violation {
    let invariant = "updates of a task are heard in order and without gaps";
    Violation::new(invariant, format!("{update:?} after {before:?}"))
}

pub(super) fn at_rest<A, F, W, E>(
    simulation: &Simulation<A, Witness<F>, W>,
) -> Result<(), Violation>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    let frameworks: Vec<_> = simulation.frameworks().map(Witness::notes).collect();
    for agent in simulation.agents().filter(|agent| agent.is_registered()) {
        for (framework, task, state) in agent.tasks() {
            let Some(notes) = frameworks.get(policy_api::DenseId::index(framework)) else {
                continue;
            };
            if !notes.is_subscribed || !super::liveness::is_known(simulation, framework) {
                continue;
            }
            if !state.is_terminal() && notes.may_have_given_up(task) {
                continue;
            }
            let heard = notes.tasks.get(&task).and_then(|story| story.heard);
            let taken_for_lost =
                heard.is_some_and(|(state, _)| state.is_terminal() || state == TaskState::Unknown);
            let is_doubtful = agent
                .id()
                .is_some_and(|id| simulation.master().is_doubtful_task(id, &(framework, task)));
            if taken_for_lost && (!notes.checkpoint || is_doubtful) {
                continue;
            }
            if state.is_terminal() || heard.map(|(state, _)| state) != Some(state) {
                let invariant = "at rest a framework has heard the latest state of its tasks";
                let found = format!(
                    "{framework:?} {task:?} on {:?}: {state:?}, heard {heard:?}",
                    agent.host()
                );
                return Err(Violation::new(invariant, found));
            }
        }
    }
    Ok(())
}
