//! The agent's two loops, and what its estimator and its controller see.

use crate::support::agent_desk::{AgentDesk, OPTIONS};
use crate::support::estimates::{
    SETUP, Seen, all_that_is_asked_for, correcting, estimating, held, with_estimator,
};
use crate::support::script::play;
use crate::support::words::resources;
use policy_api::{ContainerKey, Correction, Span, Time, Usage};
use policy_oversubscription::{FixedEstimator, LoadController, LoadParameters, NoopEstimator};
use sim_core::agent::{AgentOptions, Input, Oversubscription};

fn desk(setup: Oversubscription) -> AgentDesk {
    let mut desk = AgentDesk::new(resources("cpus:4;mem:4096"), OPTIONS);
    desk.agent.oversubscribe(setup);
    desk
}

/// Plays a script at an agent that is up and registered from the beginning.
fn check(setup: Oversubscription, script: &str) {
    let mut desk = desk(setup);
    desk.hand_in(Input::Start);
    play(&mut desk, script);
}

fn fixed(words: &str) -> Oversubscription {
    with_estimator(FixedEstimator::new(&resources(words)))
}

#[test]
fn os_1_fetch_resource_usage() {
    let (estimator, controller) = (Seen::default(), Seen::default());
    let both = Oversubscription {
        qos_controller: correcting(|_, _| Vec::new(), &controller).qos_controller,
        ..estimating(&[""], &estimator)
    };
    let mut desk = desk(both);
    desk.agent.consume(all_that_is_asked_for());
    desk.hand_in(Input::Start);
    play(
        &mut desk,
        "
        run T3=cpus:1;mem:128@60s executor=E5 executor-resources=cpus:0.5
            0s T3 TASK_RUNNING latest TASK_RUNNING
        at 15s
            10s T3 TASK_RUNNING latest TASK_RUNNING
        ",
    );
    for seen in [estimator, controller] {
        let [first, second] = &seen.all()[..] else { panic!("asked at once and after 15 s") };
        assert!(first.executors.is_empty());
        let [executor] = &second.executors[..] else { panic!("one executor") };
        assert_eq!(held(second), ["cpus:1.5;mem:128"]);
        assert_eq!((executor.executor.0, executor.started), (5, Time::ZERO));
        let [task] = &executor.tasks[..] else { panic!("one task") };
        assert_eq!(task.resources, resources("cpus:1;mem:128"));
        assert_eq!(second.total, resources("cpus:4;mem:4096"));
        let statistics = executor.statistics.expect("it is known what tasks use");
        assert_eq!(statistics.cpu_time, Span::from_secs(15));
        assert_eq!(statistics.mem_total_bytes, 128 << 20);
    }
}

#[test]
fn os_2_forward_update_slave_message() {
    check(
        estimating(&["", "cpus{REV}:1"], &Seen::default()),
        "
        registered
        master-lost
        master-detected
            0s reregisters A0
            0s tells of operations [] and ''
        at 14.9s
        at 15s
            15s tells of 'cpus{REV}:1'
        at 60s
        ",
    );
}

#[test]
fn os_6_fixed_resource_estimator() {
    check(
        fixed("cpus:2"),
        "
        run T0=cpus{REV}:1;mem:32@60s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 59s
        at 60s
            60s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        at 90s
        ",
    );
}

#[test]
fn os_7_reregistration() {
    let mut desk = desk(fixed("cpus:2"));
    play(
        &mut desk,
        "
        master-is-silent
        start
            0s registers
        registered
            0s tells of operations [] and 'cpus{REV}:2'
        at 1s
        master-detected
            1s reregisters A0
        reregistered
            1s tells of operations [] and 'cpus{REV}:2'
        ",
    );
}

fn kill_all(_: Time, usage: &Usage) -> Vec<Correction> {
    usage.executors.iter().map(Correction::kill).collect()
}

#[test]
fn os_8_receive_qos_correction() {
    let seen = Seen::default();
    check(
        correcting(kill_all, &seen),
        "
        run T0=cpus:1@60s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 15s
            15s a container is killed: ContainerPreempted
            15s T0 TASK_GONE latest TASK_GONE ContainerPreempted
        acknowledge T0
        at 30s
        metric executors_preempted
            1
        ",
    );
    assert_eq!(seen.all().len(), 3, "asked at 0, 15 and 30 s");
}

#[test]
fn os_9_qos_correction_kill() {
    check(
        correcting(kill_all, &Seen::default()),
        "
        sources
        run T0=cpus:1@60s not-partition-aware
            0s T0 TASK_RUNNING latest TASK_RUNNING by Executor
        acknowledge T0
        at 15s
            15s a container is killed: ContainerPreempted
            15s T0 TASK_LOST latest TASK_LOST ContainerPreempted by Agent
        metric executors_preempted
            1
        metric tasks_lost
            1
        metric tasks_gone
            0
        ",
    );
}

#[test]
fn os_10_qos_correction_kill_partition_aware() {
    check(
        correcting(kill_all, &Seen::default()),
        "
        sources
        run T0=cpus:1@60s executor=E0
            0s T0 TASK_RUNNING latest TASK_RUNNING by Executor
        run T1=cpus:1@60s executor=E0 known-executor
            0s T1 TASK_RUNNING latest TASK_RUNNING by Executor
        acknowledge T0
        acknowledge T1
        at 15s
            15s a container is killed: ContainerPreempted
            15s T0 TASK_GONE latest TASK_GONE ContainerPreempted by Agent
            15s T1 TASK_GONE latest TASK_GONE ContainerPreempted by Agent
            15s E0 of F0 has exited
        metric executors_preempted
            1
        metric tasks_lost
            0
        metric tasks_gone
            2
        ",
    );
}

/// What 8.3 lists: each is ignored.
#[test]
fn corrections_that_come_too_late_are_ignored() {
    fn wrong_and_twice(_: Time, usage: &Usage) -> Vec<Correction> {
        let Some(row) = usage.executors.first() else { return Vec::new() };
        let (framework, executor) = (row.framework, row.executor);
        let of = |container| Correction::Kill { framework, executor, container };
        let unknown = policy_api::ExecutorKey(99);
        vec![
            Correction::Kill { framework, executor: unknown, container: None },
            Correction::Kill {
                framework: policy_api::DenseId::from_index(7),
                executor,
                container: None,
            },
            of(Some(ContainerKey(99))),
            of(None),
            of(None),
        ]
    }
    check(
        correcting(wrong_and_twice, &Seen::default()),
        "
        run T0=cpus:1@60s executor=E0
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 15s
            15s a container is killed: ContainerPreempted
            15s T0 TASK_GONE latest TASK_GONE ContainerPreempted
            15s E0 of F0 has exited
        metric executors_preempted
            1
        ",
    );
}

#[test]
fn a_stalled_estimator_is_not_asked_again() {
    let mut desk = desk(with_estimator(NoopEstimator));
    play(
        &mut desk,
        "
        start
            0s registers
            0s tells of operations []
        at 120s
        ",
    );
}

/// A new process asks anew, also what is not RUNNING is remembered, and timers of the old one are stale.
#[test]
fn a_restart_begins_the_loops_again() {
    let seen = Seen::default();
    check(
        estimating(&["cpus{REV}:1", "cpus{REV}:2"], &seen),
        "
        at 10s
        crash
        at 12s
        restart
            12s reregisters A0
            12s tells of operations [] and 'cpus{REV}:1'
        at 26s
        at 27s
            27s tells of 'cpus{REV}:2'
        at 27s
        ",
    );
    assert_eq!(seen.all().len(), 3, "at 0, 12 and 27 s, not at 15 s");
}

/// The agent's total carries what is allocated of it, even where the estimate is below that.
#[test]
fn the_total_is_what_is_held_and_what_is_free() {
    check(
        estimating(&["cpus{REV}:2", "cpus{REV}:0.5"], &Seen::default()),
        "
        run T0=cpus{REV}:1;mem:32@60s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 15s
            15s tells of 'cpus{REV}:1.5'
        at 60s
            60s T0 TASK_FINISHED latest TASK_FINISHED
            60s tells of 'cpus{REV}:0.5'
        ",
    );
}

#[test]
fn an_interval_of_nothing_does_not_stop_the_clock() {
    let setup = Oversubscription {
        oversubscribed_resources_interval: Span::ZERO,
        qos_correction_interval_min: Span::ZERO,
        qos_controller: Some(Box::new(
            LoadController::new(LoadParameters { load_five: Some(1.0), load_fifteen: None })
                .unwrap(),
        )),
        ..fixed("cpus:1")
    };
    check(setup, "at 10s");
}

/// Two revocable executors, one with something regular besides, keep eight threads busy. The load of
/// five minutes is 8 (1 - e^(-t/300)), above 7 from 624 s on; that of fifteen minutes stays below 6.
#[test]
fn os_13_load_qos_controller() {
    let parameters = LoadParameters { load_five: Some(7.0), load_fifteen: Some(6.0) };
    let controller = LoadController::new(parameters).unwrap();
    let mut desk = desk(Oversubscription { qos_controller: Some(Box::new(controller)), ..SETUP });
    desk.agent.consume(all_that_is_asked_for());
    play(
        &mut desk,
        "
        start
            0s registers
            0s tells of operations []
        run T0=cpus{REV}:4@3600s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        run T1=cpus{REV}:4;mem:64@3600s
            0s T1 TASK_RUNNING latest TASK_RUNNING
        run T2=mem:64@3600s
            0s T2 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        acknowledge T1
        acknowledge T2
        at 629s
        at 630s
            630s a container is killed: ContainerPreempted
            630s T0 TASK_GONE latest TASK_GONE ContainerPreempted
            630s a container is killed: ContainerPreempted
            630s T1 TASK_GONE latest TASK_GONE ContainerPreempted
        metric executors_preempted
            2
        ",
    );
}

/// Mesos's agent aborts (`spec/agent.md` 8.1). Its supervisor starts it again, and it asks again.
#[test]
fn an_estimate_that_is_not_revocable_ends_the_agent() {
    let options = AgentOptions { restart_delay: Some(Span::from_secs(5)), ..OPTIONS };
    let mut desk = AgentDesk::new(resources("cpus:4;mem:4096"), options);
    desk.agent
        .oversubscribe(estimating(&["cpus{REV}:1", "cpus:1;cpus{REV}:1", ""], &Seen::default()));
    desk.hand_in(Input::Start);
    play(
        &mut desk,
        "
        at 14s
        at 15s
            15s the estimate 'cpus:1' is not revocable
            15s exits
        ",
    );
}
