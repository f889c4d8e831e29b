//! Whoever can be there is there.
//!
//! At rest there is a master; every agent whose process is up is registered and connected, unless an
//! operator has taken its machine down; and every framework whose process is up, and that was not
//! refused, is subscribed, unless the master has removed it. An agent that has ended by itself without a
//! supervisor, or was told to end for good, is not up.

use super::{Violation, Witness};
use crate::framework::Framework;
use crate::master::{AgentState, FrameworkState};
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
    if !simulation.is_led() {
        return Err(Violation::new("at rest there is a master", "none leads".into()));
    }
    let master = simulation.master();
    for agent in simulation.agents().filter(|agent| agent.is_up()) {
        if master.is_machine_down(agent.registration()) {
            continue;
        }
        let view = agent.id().map(|id| master.agent(id));
        let is_there =
            view.is_some_and(|view| view.state == AgentState::Registered && view.connected);
        if !agent.is_registered() || !is_there {
            let found = format!("{:?}, {:?}: {view:?}", agent.host(), agent.id());
            return Err(Violation::new("at rest every agent that is up is registered", found));
        }
    }
    for (index, witness) in simulation.frameworks().enumerate() {
        let framework = FrameworkId::from_index(index);
        let notes = witness.notes();
        if !notes.is_up || notes.is_refused {
            continue;
        }
        let state = master.framework_state(framework);
        let is_there = notes.is_subscribed && state == FrameworkState::Connected;
        if !is_there && state != FrameworkState::Completed {
            let found = format!("{framework:?} is {state:?}, subscribed: {}", notes.is_subscribed);
            return Err(Violation::new("at rest every framework is subscribed", found));
        }
    }
    Ok(())
}

/// Whether the master has the framework and speaks with it. One that was removed may not know yet.
pub(super) fn is_known<A, F, W, E>(
    simulation: &Simulation<A, Witness<F>, W>,
    framework: FrameworkId,
) -> bool
where
    A: Allocator + Clone,
    F: Framework,
    W: Iterator<Item = Result<Submission, E>>,
{
    simulation.master().framework_state(framework) == FrameworkState::Connected
}
