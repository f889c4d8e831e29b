//! Agents that are marked unreachable though they answer again (`spec/master.md` 3.3).

use crate::support::story;
use crate::support::words::secs;

/// The transition is with the registry when pings are answered again, and nobody tells the agent of it:
/// it finds out because no ping comes any more.
#[test]
fn an_agent_that_answers_while_it_is_marked_unreachable_comes_back() {
    story::check_with(
        "
        agents 1 cpus:4
        framework F0 a launch=cpus:1@1000s
            0s F0 subscribed
            40s A0 is there
            40s F0 offer A0 cpus:4
            40s F0 T0 TASK_RUNNING
        50s slow A0 50s 90s
            170s A0 unreachable
            170s F0 T0 TASK_UNREACHABLE AgentRemoved since 130s
            170s F0 loses A0
            295s A0 is there
            295s A0 reregistered
            295s F0 T0 TASK_RUNNING AgentReregistered
            295s F0 offer A0 cpus:3
        400s agent-is A0
            registered connected active
        401s end
        ",
        |cluster| cluster.master.registry_store_latency = secs(40),
    );
}
