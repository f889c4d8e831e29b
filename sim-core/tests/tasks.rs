//! The life of a task: at the agent's one door, and through the whole engine (`spec/agent.md`
//! sections 3 and 4.2, `spec/master.md` section 7).

mod support;

use policy_api::Span;
use sim_core::agent::AgentOptions;
use sim_core::protocol::TaskState;
use sim_core::{End, Observation};
use support::agent_desk::check;
use support::cluster::{Cluster, constant, task_events};
use support::master_desk::{framework_info, role};
use support::scripted::{Answer, Log, Scripted};
use support::words::{millis, secs};

const AT_ONCE: AgentOptions = AgentOptions { launch_delay: Span::ZERO, starting_delay: None };

/// A container takes two seconds, and the executor three more until the task runs.
const SLOW: AgentOptions =
    AgentOptions { launch_delay: Span::from_secs(2), starting_delay: Some(Span::from_secs(3)) };

#[test]
fn an_agent_registers_when_it_comes_up() {
    check(AT_ONCE, "start\n    0s registers\nregistered");
}

#[test]
fn a_task_runs_as_long_as_its_work_takes() {
    check(
        AT_ONCE,
        "
        at 1s
        run T0=cpus:1;mem:512@10s
            1s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        in-use
            'cpus:1; mem:512'
        at 10.9s
        at 30s
            11s T0 TASK_FINISHED latest TASK_FINISHED
        in-use
            '{}'
        acknowledge T0
        ",
    );
}

#[test]
fn the_delays_before_a_task_runs_add_up() {
    check(
        SLOW,
        "
        run T0=cpus:1@10s
        at 2s
            2s T0 TASK_STARTING latest TASK_STARTING
        acknowledge T0
        at 5s
            5s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 30s
            15s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        ",
    );
    let without_starting = AgentOptions { starting_delay: None, ..SLOW };
    check(
        without_starting,
        "
        run T0=cpus:1@10s
        at 2s
            2s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 30s
            12s T0 TASK_FINISHED latest TASK_FINISHED
        ",
    );
}

#[test]
fn one_update_of_a_task_is_on_its_way_at_a_time() {
    check(
        SLOW,
        "
        run T0=cpus:1@10s
        at 30s
            2s T0 TASK_STARTING latest TASK_STARTING
        # It ended long ago and holds nothing, but its updates wait for each other.
        in-use
            '{}'
        acknowledge T0
            30s T0 TASK_RUNNING latest TASK_FINISHED
        at 40s
        acknowledge T0
            40s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        acknowledge T0
        ",
    );
}

#[test]
fn tasks_do_not_wait_for_the_updates_of_others() {
    check(
        AT_ONCE,
        "
        run T0=cpus:1@10s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        run T1=cpus:2@5s
            0s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T1
        at 5s
            5s T1 TASK_FINISHED latest TASK_FINISHED
        in-use
            'cpus:1'
        ",
    );
}

#[test]
fn what_comes_late_for_a_dead_task_is_ignored() {
    check(
        AT_ONCE,
        "
        run T0=cpus:1@1s
            0s T0 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        at 1s
            1s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        acknowledge T0
        end T0
        # The next task gets the place of the dead one, not what is meant for it.
        run T1=cpus:1@100s
            1s T1 TASK_RUNNING latest TASK_RUNNING
        acknowledge T0
        end T0
        in-use
            'cpus:1'
        ",
    );
}

#[test]
fn only_the_first_end_of_a_task_counts() {
    check(
        SLOW,
        "
        run T0=cpus:1@1s
        at 10s
            2s T0 TASK_STARTING latest TASK_STARTING
        end T0
        end T0
        acknowledge T0
            10s T0 TASK_RUNNING latest TASK_FINISHED
        acknowledge T0
            10s T0 TASK_FINISHED latest TASK_FINISHED
        acknowledge T0
        ",
    );
}

/// A cluster of one agent and one framework that launches one task of ten seconds and holds what
/// else it is offered.
fn one_task(log: &Log) -> Cluster<Scripted> {
    one_task_acknowledged_after(Span::ZERO, log)
}

fn one_task_acknowledged_after(wait: Span, log: &Log) -> Cluster<Scripted> {
    let answers = vec![Answer::Accept(vec!["cpus:1@10s"], secs(3600))];
    Cluster::new().agents(1, "cpus:4;mem:4096").framework(|id| {
        let info = framework_info(id, role("a"));
        Scripted::new(info, answers, log.clone()).acknowledging_after(wait)
    })
}

#[test]
fn without_delays_a_task_takes_its_time_and_no_more() {
    let log = Log::default();
    let done = one_task(&log).run();
    assert_eq!(done.end, End::Drained);
    assert_eq!(
        done.lines(task_events),
        ["0s F0 launches on A0: cpus:1", "10s F0 releases on A0: cpus:1"]
    );
    assert_eq!(
        log.lines(),
        [
            "0s subscribed",
            "0s offer A0 cpus:4;mem:4096",
            "0s T0 TASK_RUNNING",
            "10s T0 TASK_FINISHED",
            // More than was refused is free again.
            "10s offer A0 cpus:4;mem:4096",
        ]
    );
}

#[test]
fn each_message_takes_the_time_of_its_link() {
    // The master is 20 ms away from the framework and 3 ms from the agent. The agent has the task
    // at 63 ms, calls it STARTING at 163 ms, RUNNING at 213 ms and FINISHED at 10.213 s; the
    // master hears each 3 ms later, the framework another 20 ms later.
    let log = Log::default();
    let mut cluster = one_task(&log);
    cluster.agent_latency = constant(millis(3));
    cluster.framework_latency = constant(millis(20));
    cluster.agent = AgentOptions { launch_delay: millis(100), starting_delay: Some(millis(50)) };
    let done = cluster.run();
    assert_eq!(
        done.lines(task_events),
        ["0.06s F0 launches on A0: cpus:1", "10.216s F0 releases on A0: cpus:1"]
    );
    assert_eq!(
        log.lines()[..5],
        [
            "0.04s subscribed",
            "0.04s offer A0 cpus:4;mem:4096",
            "0.186s T0 TASK_STARTING",
            "0.236s T0 TASK_RUNNING",
            "10.236s T0 TASK_FINISHED",
        ]
    );
}

#[test]
fn a_late_acknowledgement_delays_the_next_update() {
    // RUNNING is at the framework at 40 + 20 + 3 + 3 + 20 ms and acknowledged 30 s later; that is
    // at the agent after another 23 ms, and FINISHED takes as long to come.
    let log = Log::default();
    let mut cluster = one_task_acknowledged_after(secs(30), &log);
    cluster.agent_latency = constant(millis(3));
    cluster.framework_latency = constant(millis(20));
    let done = cluster.run();
    assert_eq!(
        done.lines(task_events),
        ["0.06s F0 launches on A0: cpus:1", "30.112s F0 releases on A0: cpus:1"]
    );
    assert_eq!(log.lines()[2..4], ["0.086s T0 TASK_RUNNING", "30.132s T0 TASK_FINISHED"]);
}

#[test]
fn the_latest_state_frees_resources_before_the_framework_hears_of_the_end() {
    // STARTING is acknowledged at 42 s. RUNNING then carries the news that the task has ended, at
    // 15 s, so its resources are free although RUNNING is not acknowledged until 72 s.
    let log = Log::default();
    let mut cluster = one_task_acknowledged_after(secs(40), &log);
    cluster.agent = SLOW;
    let done = cluster.run();
    assert_eq!(
        done.lines(task_events),
        ["0s F0 launches on A0: cpus:1", "42s F0 releases on A0: cpus:1"]
    );
    assert_eq!(
        log.lines()[2..],
        [
            "2s T0 TASK_STARTING",
            "42s T0 TASK_RUNNING",
            "42s offer A0 cpus:4;mem:4096",
            "82s T0 TASK_FINISHED",
        ]
    );
}

#[test]
fn a_batch_framework_records_the_life_of_a_task() {
    let mut cluster = Cluster::new()
        .agents(1, "cpus:2;mem:2048")
        .batch("a", support::batch::options())
        .job(0, secs(1), "2xcpus:2@10s");
    cluster.agent = AgentOptions { launch_delay: secs(2), starting_delay: Some(secs(3)) };
    cluster.agent_latency = constant(millis(3));
    cluster.framework_latency = constant(millis(20));
    let done = cluster.run();
    let lives = done.lines(|observation| {
        let Observation::TaskEnded(task) = observation else { return None };
        let times = [task.arrived, task.launched, task.started, task.ended];
        let [arrived, launched, started, ended] = times.map(|time| time.to_string());
        assert_eq!(task.state, TaskState::Finished);
        assert_eq!(task.duration, secs(10));
        Some(format!("{} {arrived} {launched} {started} {ended}", task.number))
    });
    assert_eq!(
        lives,
        [
            // It revives at 1 s, which is at the master at 1.02 s; 20 ms later it has an offer.
            // The agent has the task after 23 ms, runs it 5 s later, and that takes 23 ms to hear.
            "16.086s 0 1s 1.04s 6.086s 16.086s",
            // The master hears of the end at 16.066 s and offers at its tick of 17 s.
            "32.066s 1 1s 17.02s 22.066s 32.066s",
        ]
    );
}
