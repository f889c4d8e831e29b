//! Registration at the agent's one door (`spec/agent.md` section 2).

use crate::support::agent_desk::{AgentDesk, OPTIONS, check};
use crate::support::words::{resources, secs};
use policy_api::{AgentId, DenseId, Span, Time};
use sim_core::agent::{AgentOptions, Input, Output, Timer};
use sim_core::protocol::{FromAgent, ToAgent};

/// The times at which a desk's agent asks for a registration, from an input on.
fn times_of_asking(desk: &mut AgentDesk, input: Input, until: Time) -> Vec<Time> {
    let mut times = Vec::new();
    let mut inputs = vec![(desk.now, input)];
    while !inputs.is_empty() {
        inputs.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let Some((now, input)) = inputs.pop().filter(|(now, _)| *now <= until) else { break };
        let mut out = Vec::new();
        desk.agent.handle(now, input, &mut out);
        for output in out {
            match output {
                Output::Send(FromAgent::Register(_) | FromAgent::Reregister(_)) => times.push(now),
                Output::Wake { at, timer } => inputs.push((at, Input::Wake(timer))),
                Output::Send(_) | Output::Observe(_) | Output::Network(_) | Output::Exited => {
                    panic!("{output:?}")
                }
            }
        }
    }
    times
}

#[test]
fn the_first_registration_is_at_once_and_retries_back_off() {
    let mut desk = AgentDesk::new(resources("cpus:4"), AgentOptions::DEFAULT);
    let times = times_of_asking(&mut desk, Input::Start, Time::from_secs(3_000));
    assert_eq!(times[0], Time::ZERO);
    let waits: Vec<Span> = times.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    for (retry, wait) in (1..).zip(&waits) {
        let most = if retry < 6 { secs(1 << retry) } else { secs(60) };
        assert!(*wait <= most, "retry {retry} after {wait}, not within {most}");
    }
    // Later ones wait up to a minute, and half of that on average.
    let late = &waits[6..];
    let sum: f64 = late.iter().map(|wait| wait.as_secs_f64()).sum();
    let mean = sum / late.len() as f64;
    assert!((22.0..38.0).contains(&mean), "{mean}");
    assert!(late.iter().any(|wait| *wait > secs(50)));
}

#[test]
fn agents_do_not_all_register_at_once_with_a_new_master() {
    let mut desk = AgentDesk::new(resources("cpus:4"), AgentOptions::DEFAULT);
    let mut waits = Vec::new();
    desk.agent.handle(Time::ZERO, Input::Start, &mut Vec::new());
    for _ in 0..100 {
        let agent = AgentId::from_index(0);
        let registered = Input::Message(ToAgent::Registered { agent });
        desk.agent.handle(Time::ZERO, registered, &mut Vec::new());
        assert!(desk.agent.is_registered());
        desk.agent.handle(Time::ZERO, Input::MasterLost, &mut Vec::new());
        assert!(!desk.agent.is_registered());
        let times = times_of_asking(&mut desk, Input::MasterDetected, Time::from_secs(1));
        waits.push(times[0].since(Time::ZERO));
    }
    assert!(waits.iter().all(|wait| *wait <= secs(1)));
    let mean = waits.iter().map(|wait| wait.as_secs_f64()).sum::<f64>() / 100.0;
    assert!((0.4..0.6).contains(&mean), "{mean}");
}

#[test]
fn a_ping_to_a_disconnected_agent_makes_it_register_again() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever
            0s T0 TASK_RUNNING latest TASK_RUNNING
        ping connected
        ping disconnected
            0s reregisters A0; F0 T0=TASK_RUNNING
            0s T0 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}

#[test]
fn a_disconnected_agent_accepts_work_but_is_not_told_to_end_it() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever executor=E0
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        master-lost
        run T1=cpus:1@forever
        shutdown-executor F0 E0
        shutdown-framework F0
        kill T0
        master-detected
            0s reregisters A0; F0 E0 T0@E0=TASK_KILLED/TASK_RUNNING T1=TASK_RUNNING/TASK_STAGING
            0s T0 TASK_KILLED latest TASK_KILLED
            0s T1 TASK_RUNNING latest TASK_RUNNING
        ",
    );
}

#[test]
fn an_answer_counts_once_and_only_when_it_was_asked_for() {
    check(
        OPTIONS,
        "
        master-is-silent
        start
            0s registers
        master-lost
        # It is of the master that was lost.
        registered
        id
            none
        master-detected
            0s registers
        registered
        run T0=cpus:1@forever
            0s T0 TASK_RUNNING latest TASK_RUNNING
        registered
        id
            A0
        ",
    );
}

#[test]
fn an_agent_that_is_called_by_another_id_ends() {
    check(
        OPTIONS,
        "
        master-is-silent
        ping disconnected
            0s reregisters A0
        registered A1
            0s exits
        registered A0
        id
            A0
        ",
    );
}

#[test]
fn an_agent_that_leaves_unregisters_and_ends_what_runs() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever time-to-stop=2s checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        leave
            0s unregisters A0
        # It accepts nothing any more.
        run T1=cpus:1
        kill T0
        at 2s
            2s exits
        restart
            2s registers
        ",
    );
}

#[test]
fn sr_15_shutdown_slave() {
    check(
        OPTIONS,
        "
        run T0=cpus:1@forever checkpoint
            0s T0 TASK_RUNNING latest TASK_RUNNING
        shutdown
            0s exits
        restart
            0s reregisters A0
        ",
    );
}

#[test]
fn an_old_agent_that_is_shut_down_gets_a_new_id() {
    let profile = sim_core::Profile::MESOS_0_23;
    check(AgentOptions { profile, ..OPTIONS }, "shutdown\n    0s exits\nrestart\n    0s registers");
}

#[test]
fn a_supervisor_starts_an_agent_again_unless_it_is_gone() {
    let options = AgentOptions { restart_delay: Some(secs(10)), ..OPTIONS };
    check(
        options,
        "
        shutdown
            0s exits
        at 10s
            10s reregisters A0
        # Whoever crashes it on purpose starts it again.
        crash
        at 100s
        restart
            100s reregisters A0
        shutdown gone
            100s exits
        at 1000s
        restart
            1000s reregisters A0
        leave
            1000s unregisters A0
            1000s exits
        at 2000s
        ",
    );
}

/// It waits until there is a master to speak to.
#[test]
fn an_agent_that_starts_without_a_master_says_nothing() {
    let mut desk = AgentDesk::new(resources("cpus:4"), OPTIONS);
    let mut out = Vec::new();
    desk.agent.handle(Time::ZERO, Input::MasterLost, &mut out);
    desk.agent.handle(Time::ZERO, Input::Start, &mut out);
    assert!(!out.iter().any(|output| matches!(output, Output::Send(_))), "{out:?}");
    out.clear();
    desk.agent.handle(Time::ZERO, Input::MasterDetected, &mut out);
    assert!(matches!(out[..], [Output::Wake { timer: Timer::Register { .. }, .. }]), "{out:?}");
}
