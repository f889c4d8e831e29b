//! The master's view of an agent is the agent's own.
//!
//! At rest, of each agent that is registered in its own eyes and in the master's: they agree about the
//! host, the total, the last estimate of what can be oversubscribed, the tasks that hold something with their states, and the executors other than those
//! of commands; and no operation waits for an answer, but for the end of one whose framework has not come
//! back to a new master, which keeps it.
//!
//! Some things are different in Mesos. As soon as an agent is disconnected, the master takes for lost what a
//! framework without checkpointing has there, although it lives on if only the connection was lost; and
//! it does not take it back. So the agent may have more of such frameworks than the master knows of.
//!
//! And an agent's registration may be out of date when it counts, of executors until the next one: nobody
//! repeats that an executor has ended, though the master does not listen while the registration that
//! still names it is on its way to the registry; and a repeated registration that was written before an
//! executor arrived takes it off the books.
//!
//! Of tasks, too, the master may know of more: an agent that was shutting a framework down when it
//! registered with a new master does not tell of the ends, and to that master the framework is like any
//! other.

use super::{Violation, Witness};
use crate::framework::Framework;
use crate::master::AgentState;
use crate::protocol::{TaskId, TaskState};
use crate::simulation::{Simulation, Submission};
use policy_api::{Allocator, DenseId, FrameworkId};

pub(super) fn at_rest<A, F, W, E>(
    simulation: &Simulation<A, Witness<F>, W>,
) -> Result<(), Violation>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    let master = simulation.master();
    let checkpointing: Vec<bool> =
        simulation.frameworks().map(|witness| witness.notes().checkpoint).collect();
    let checkpoints = |framework: FrameworkId| checkpointing[framework.index()];
    for agent in simulation.agents().filter(|agent| agent.is_registered()) {
        let Some(id) = agent.id() else { continue };
        let view = master.agent(id);
        if view.state != AgentState::Registered || !view.connected {
            continue;
        }
        let host = agent.host();
        let differ = |invariant, ours: String, theirs: String| {
            let found = format!("{host:?}, {id:?}: master {ours}, agent {theirs}");
            Err(Violation::new(invariant, found))
        };
        if master.host_of(id) != Some(host) {
            let ours = format!("{:?}", master.host_of(id));
            return differ("at rest an agent is where it is", ours, format!("{host:?}"));
        }
        if master.has_operations_under_way(id) {
            let (ours, theirs) = ("has some".into(), "?".into());
            return differ("at rest no operation is under way", ours, theirs);
        }
        let known = master.account(id).total.non_revocable();
        let may_differ = !master.answers_operations(id) && master.is_unconfirmed(id);
        if known != *agent.total() && !may_differ {
            let (ours, theirs) = (known.to_string(), agent.total().to_string());
            return differ("at rest the totals agree", ours, theirs);
        }
        let known = master.account(id).total.revocable();
        if agent.estimated().is_some_and(|estimated| known != *estimated) {
            let (ours, theirs) = (known.to_string(), format!("{:?}", agent.estimated()));
            return differ("at rest the master knows the estimate", ours, theirs);
        }
        let mut ours = sorted(master.tasks_on(id).filter_map(|(framework, task, _)| {
            let mut all = master.tasks_of(framework);
            let (_, _, state) = all.find(|(other, _, _)| *other == task)?;
            Some((framework, task, state))
        }));
        let mut theirs = sorted(agent.tasks());
        let is_doubtful =
            |it: &(FrameworkId, TaskId, _)| master.is_doubtful_task(id, &(it.0, it.1));
        theirs.retain(|it| ours.contains(it) || checkpoints(it.0) && !is_doubtful(it));
        ours.retain(|it| theirs.contains(it) || !agent.has_shut_down(it.0));
        if ours != theirs {
            let (ours, theirs) = (format!("{ours:?}"), format!("{theirs:?}"));
            return differ("at rest the tasks agree", ours, theirs);
        }
        let (mut ours, mut theirs): (Vec<_>, Vec<_>) =
            (master.executors_on(id).collect(), agent.executors().collect());
        ours.sort_unstable();
        theirs.sort_unstable();
        let excused = |it: &_| master.is_doubtful_executor(id, it);
        ours.retain(|it| theirs.contains(it) || !excused(it));
        theirs.retain(|it| ours.contains(it) || checkpoints(it.0) && !excused(it));
        if ours != theirs {
            let (ours, theirs) = (format!("{ours:?}"), format!("{theirs:?}"));
            return differ("at rest the executors agree", ours, theirs);
        }
    }
    Ok(())
}

/// Those that hold something.
fn sorted(
    tasks: impl Iterator<Item = (FrameworkId, TaskId, TaskState)>,
) -> Vec<(FrameworkId, TaskId, TaskState)> {
    let mut tasks: Vec<_> = tasks.filter(|(_, _, state)| !state.is_terminal()).collect();
    tasks.sort_unstable();
    tasks
}
