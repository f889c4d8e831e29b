//! Agents whose registration is out of date when the master acts on it: an operation, or the end of
//! the process, has overtaken it (`spec/agent.md` 2, `spec/master.md` 3.2).

use crate::support::agent_desk::{self, OPTIONS};
use crate::support::words::secs;
use crate::support::{master_desk, story};
use sim_core::master::MasterOptions;

/// A master that has lost the operation cannot know that its total is another one.
#[test]
fn an_agent_that_got_an_operation_while_it_asked_tells_its_total() {
    agent_desk::check(
        OPTIONS,
        "
        apply reserve cpus(+a):1
        master-is-silent
        master-lost
        master-detected
            0s reregisters A0 with cpus(+a):1
        operate 7 reserve cpus(+a):2
        reregistered
            0s operation 7 OPERATION_FINISHED
            0s tells of operations [7=OPERATION_FINISHED] and has cpus:1;mem:4096;cpus(+a):3
        # An earlier message of the agent is answered only now: perhaps the master goes by that one.
        reregistered
            0s tells of operations [7=OPERATION_FINISHED] and has cpus:1;mem:4096;cpus(+a):3
        ",
    );
}

/// The old process asks to be let in, and ends while the registry stores that. Whoever lives at its
/// address is another one.
#[test]
fn an_agent_that_ended_on_its_way_into_the_registry_is_disconnected() {
    let options = MasterOptions { registry_store_latency: secs(5), ..MasterOptions::default() };
    master_desk::check(
        options,
        "
        agent A0 cpus:4
        at 5s
        unhealthy A0
        at 10s
        reregister A0 cpus:4
        at 12s
        exit A0
        at 15s
            15s A0 is reregistered
        agent-is A0
            registered
        ",
    );
}

/// Until it hears that the connection is broken, the master sends to the process of before.
#[test]
fn what_is_sent_over_a_broken_connection_does_not_reach_the_next_process() {
    story::check_with(
        "
        agents 1 cpus:4
            1s A0 is there
        10s replace A0 5s
        15.5s operator reserve A0 cpus(+a):1
            15.5s RESERVE_RESOURCES 202
            16s A0 disconnected
            16s A0 removed
            16s A1 is there
        17s total A0
            cpus:4
        18s end
        ",
        |cluster| cluster.agent_latency.constant = secs(1),
    );
}

#[test]
fn an_answer_to_the_agent_of_before_ends_a_new_one() {
    agent_desk::check(
        OPTIONS,
        "
        master-is-silent
        replace
            0s registers
        reregistered
            0s exits
        ",
    );
}

/// A registration of the process before comes late, while its agent is unreachable, and makes a new agent.
/// Then that of the process that lives there comes: the new agent never was.
#[test]
fn an_agent_that_comes_back_to_its_place_replaces_the_one_that_never_was() {
    master_desk::check(
        MasterOptions::default(),
        "
        agent A0 cpus:4
        unhealthy A0
        agent A0 cpus:4
            0s A0 is registered as A100
        agent-is A100
            registered connected active
        reregister A0 cpus:4
            0s A0 is reregistered
        agent-is A0
            registered connected active
        agent-is A100
            removed
        ",
    );
}
