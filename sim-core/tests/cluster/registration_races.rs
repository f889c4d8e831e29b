//! What happens while a registration is under way, or after one that came too late.

use crate::support::agent_desk::{self, OPTIONS};
use crate::support::cluster::Cluster;
use crate::support::infos::{framework_info, role};
use crate::support::master_desk::MasterDesk;
use crate::support::script::play;
use crate::support::scripted::{Answer, Log, Scripted};
use crate::support::words::secs;
use policy_api::{AgentId, DenseId, FrameworkId, Span, Time};
use sim_core::agent::AgentOptions;
use sim_core::faults::Fault;
use sim_core::invariants::{Watch, Witness};
use sim_core::master::{FrameworkState, MasterOptions};
use sim_core::protocol::{ExecutorId, OperatorCall};

/// The registration has named the executor, so that the master would keep it.
#[test]
fn the_end_of_an_executor_is_told_to_a_master_that_has_not_answered_yet() {
    agent_desk::check(
        OPTIONS,
        "
        run T0=cpus:1@1000s executor=E0 checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        run T1=cpus:1@1000s executor=E1 checkpoint
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        master-is-silent
        # Nobody is there to be told.
        master-lost
        fail-executor 0
        master-detected
            0s reregisters A0; F0 E1 T0@E0=TASK_FAILED/TASK_RUNNING T1@E1=TASK_RUNNING
        fail-executor 0
            0s E1 of F0 has exited
        ",
    );
}

/// The master has taken a registration of the process before for a new agent.
#[test]
fn an_agent_that_is_registered_under_another_id_exits() {
    agent_desk::check(
        OPTIONS,
        "
        registered
        registered A1
            0s exits
        ",
    );
}

#[test]
fn an_agent_that_waits_to_register_and_gets_another_id_exits() {
    agent_desk::check(
        AgentOptions::DEFAULT,
        "
        ping disconnected
        registered A1
            0s exits
        ",
    );
}

/// The master has just taken back the agent that its host had before.
#[test]
fn a_new_agent_that_is_welcomed_back_exits() {
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

/// A process may have been started, and ended, before its host's turn to start one comes.
#[test]
fn a_late_first_start_recovers_what_runs() {
    agent_desk::check(
        OPTIONS,
        "
        restart
            0s registers
        run T0=cpus:1@10s checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        crash
        at 20s
        start
        at 23s
            22s reregisters A0; F0 T0=TASK_FINISHED/TASK_RUNNING
            22s T0 TASK_FINISHED latest TASK_FINISHED
        ",
    );
}

#[test]
fn nothing_starts_on_a_host_without_power() {
    agent_desk::check(
        OPTIONS,
        "
        power-off
        start
        power-on
            0s registers
        ",
    );
}

fn is_doubtful(desk: &MasterDesk, executor: u32) -> bool {
    let executor = (FrameworkId::from_index(0), ExecutorId(executor));
    desk.master.is_doubtful_executor(AgentId::from_index(0), &executor)
}

/// As in Mesos: the master does not listen, and nobody repeats it.
#[test]
fn an_end_that_is_told_before_the_registry_has_the_agent_again_is_not_heard() {
    let registry_store_latency = Span::from_secs(1);
    let options = MasterOptions { registry_store_latency, ..MasterOptions::default() };
    let mut desk = MasterDesk::new(options);
    play(
        &mut desk,
        "
        reregister A0 cpus:2;mem:1024 F0/E0=cpus:1;mem:512/a F0/E1=cpus:1;mem:512/a
        executor-exited F0 A0 E0
        at 2s
            1s A0 is reregistered
        account A0
            total cpus:2;mem:1024
            used cpus:2;mem:1024
        ",
    );
    assert!(is_doubtful(&desk, 0) && !is_doubtful(&desk, 1));
}

/// As in Mesos: a registration that is repeated for want of an answer may be older than a launch.
#[test]
fn a_registration_from_before_a_launch_takes_the_executor_off_the_books() {
    let mut desk = MasterDesk::new(MasterOptions::default());
    play(
        &mut desk,
        "
        framework F0 a
        agent A0 cpus:2;mem:1024
            0s offer O1 to F0: A0 cpus:2;mem:1024
        accept F0 O1 100s T0=cpus:1/E0=cpus:0.1
            0s A0 runs T0 in new E0
        reregister A0 cpus:2;mem:1024
            0s A0 is reregistered and asked for T0
        account A0
            total cpus:2;mem:1024
            used cpus:1
        ",
    );
    assert!(is_doubtful(&desk, 0));
    play(&mut desk, "executor-exited F0 A0 E0");
    assert!(!is_doubtful(&desk, 0));
}

/// The host has been replaced, and the master has not noticed.
#[test]
fn tasks_for_another_agent_are_ignored() {
    agent_desk::check(
        OPTIONS,
        "
        run T0=cpus:1@10s agent=A1
        run T1=cpus:1@10s
            0s T1 TASK_RUNNING latest TASK_RUNNING
        replace
            0s registers
        run T2=cpus:1@10s agent=A0
            0s T2 TASK_RUNNING latest TASK_RUNNING
        master-is-silent
        replace
            0s registers
        run T3=cpus:1@10s agent=A0
        ",
    );
}

/// A framework is torn down, and the next master hears of it from an agent that is still at it.
#[test]
fn the_ends_of_a_framework_that_was_torn_down_are_not_told_to_the_next_master() {
    let log = Log::default();
    let answers = vec![Answer::Accept(vec!["cpus:1@9999s"], secs(99_999))];
    let framework = FrameworkId::from_index(0);
    let mut cluster = Cluster::new();
    cluster.agent.launch_delay = secs(5);
    cluster.agent.registration_backoff_factor = Span::from_millis(10);
    let mut simulation = cluster
        .agents(1, "cpus:1")
        .framework(|id| {
            let scripted = Scripted::new(framework_info(id, role("a")), answers, log.clone());
            Witness::new(scripted.failing_over(secs(9_999)).staying(secs(2_000)))
        })
        .fault(Span::from_millis(500), Fault::FrameworkCrash { framework, restart_after: None })
        .operator(secs(1), OperatorCall::Teardown { framework })
        .fault(secs(2), Fault::MasterCrash { election: secs(1) })
        .build();
    simulation.check_invariants();
    simulation.run(Time::from_secs(1_500), &mut ()).expect("no violation");
    assert_eq!(simulation.master().framework_state(framework), FrameworkState::Recovered);
    assert_eq!(simulation.master().tasks_of(framework).count(), 1);
    Watch::at_rest(&simulation).expect("all has settled");
}
