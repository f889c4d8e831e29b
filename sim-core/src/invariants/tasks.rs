//! No task is in two places.
//!
//! A task lives on one host at most, whatever the master believes: its name is launched once, and an
//! agent that comes back does not start it again. In the master's books it is on the list of one agent,
//! and in the table of its framework with that agent. This holds always, also of frameworks that the
//! master has removed.

use super::{Violation, Witness};
use crate::framework::Framework;
use crate::protocol::HostId;
use crate::protocol::TaskId;
use crate::simulation::{Simulation, Submission};
use policy_api::{Allocator, DenseId, FrameworkId};

pub(super) fn check<A, F, W, E>(
    simulation: &Simulation<A, Witness<F>, W>,
    scratch: &mut Vec<(FrameworkId, TaskId, HostId)>,
) -> Result<(), Violation>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    scratch.clear();
    for agent in simulation.agents() {
        let live = agent.tasks().filter(|(_, _, state)| !state.is_terminal());
        scratch.extend(live.map(|(framework, task, _)| (framework, task, agent.host())));
    }
    scratch.sort_unstable();
    for pair in scratch.windows(2) {
        if let [(framework, task, one), (other_framework, other, two)] = pair
            && (framework, task) == (other_framework, other)
        {
            let found = format!("{framework:?} {task:?} on {one:?} and {two:?}");
            return Err(Violation::new("a task lives on one host at most", found));
        }
    }
    books(simulation)
}

fn books<A, F, W, E>(simulation: &Simulation<A, Witness<F>, W>) -> Result<(), Violation>
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    let master = simulation.master();
    let listed: usize = master.agents().map(|agent| master.tasks_on(agent).count()).sum();
    let frameworks = (0..master.framework_count()).map(FrameworkId::from_index);
    let known: usize = frameworks.map(|framework| master.tasks_of(framework).count()).sum();
    let mut held =
        master.agents().flat_map(|agent| master.tasks_on(agent).map(move |it| (agent, it)));
    let stray = held.find(|(agent, (_, _, place))| *place != Some(*agent));
    if listed == known && stray.is_none() {
        return Ok(());
    }
    let found = format!("{listed} on agents, {known} of frameworks, {stray:?} elsewhere");
    Err(Violation::new("the master has a task once, on one agent", found))
}
