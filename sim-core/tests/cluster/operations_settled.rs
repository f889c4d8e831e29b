//! Operations whose end nobody hears: how the master gets rid of them (`spec/master.md` sections 1
//! and 8), and how masters tell them apart.

use crate::support::agent_desk::AgentDesk;
use crate::support::master_desk::{self, MasterDesk};
use crate::support::script::Desk;
use crate::support::words::resources;
use policy_api::{AgentId, DenseId};
use sim_core::agent::{AgentOptions, Input, Output};
use sim_core::master::MasterOptions;
use sim_core::protocol::{FromAgent, MasterOperationId, OperationId, ToAgent};

fn check(script: &str) {
    master_desk::check(MasterOptions::default(), script);
}

fn play(desk: &mut MasterDesk, lines: &[&str]) {
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        desk.command(&words);
    }
}

/// The framework that asked is away, and nobody says it again: that must not keep the operation.
#[test]
fn an_operation_that_the_agent_never_got_is_over_at_once() {
    check(
        "
        framework F0 a failover=1000s
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        silent A0
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        exit F0
        exit A0
        reregister A0 cpus:4
            0s A0 is reregistered
            0s A0 is asked for 1 operations
        drop A0
        account A0
            total cpus:4
        ",
    );
}

#[test]
fn an_agent_answers_once_that_it_never_got_an_operation() {
    let mut desk = AgentDesk::new(resources("cpus:4"), AgentOptions::DEFAULT);
    desk.agent.handle(desk.now, Input::Start, &mut Vec::new());
    let registered = ToAgent::Registered { agent: AgentId::from_index(0) };
    desk.agent.handle(desk.now, Input::Message(registered), &mut Vec::new());
    let asked = ToAgent::ReconcileOperations(vec![MasterOperationId(7)]);
    let mut out = Vec::new();
    desk.agent.handle(desk.now, Input::Message(asked), &mut out);
    let [Output::Send(FromAgent::OperationUpdate(report))] = out.as_slice() else {
        panic!("{out:?}");
    };
    assert!(!report.is_repeated);
}

/// The new master has never heard of the framework, and may never do.
#[test]
fn an_operation_of_an_unknown_framework_is_adopted_after_ten_minutes() {
    check(
        "
        framework F0 a
        agent A0 cpus:4
            0s offer O1 to F0: A0 cpus:4
        silent A0
        accept F0 O1 0s id=7 reserve cpus(+a):1
            0s A0 applies reserve cpus(+a):1
        failover
        reregister A0 cpus:3;cpus(+a):1 operations=OPERATION_FINISHED
            0s A0 is reregistered
        at 599s
        report A0 OPERATION_FINISHED
        account A0
            total cpus:3;cpus(+a):1
            operations
        at 600s
        repeat
        account A0
            total cpus:3;cpus(+a):1
        ",
    );
}

/// An agent that holds an operation of the old master takes one of the new master with the same number
/// for a repetition, and does nothing.
#[test]
fn masters_number_their_operations_differently() {
    let mut desk = MasterDesk::new(MasterOptions::default());
    let reserve = "accept F0 O1 0s id=7 reserve cpus(+a):1";
    play(&mut desk, &["framework F0 a", "agent A0 cpus:4", reserve]);
    let first = desk.number_of(OperationId(7));
    let returns = "reregister A0 cpus:3;cpus(+a):1 operations=OPERATION_FINISHED";
    play(&mut desk, &["failover", returns, "framework F0 a"]);
    play(&mut desk, &["accept F0 O2 0s id=8 reserve cpus(+a):1"]);
    let second = desk.number_of(OperationId(8));
    assert_ne!(first, second);
}
