//! The life of a task: at the agent's one door, and through the whole engine (`spec/agent.md`
//! sections 3 and 4.2, `spec/master.md` section 7).

use crate::support::cluster::{Cluster, constant, task_events};
use crate::support::infos::{framework_info, role};
use crate::support::scripted::{Answer, Log, Scripted};
use crate::support::words::{millis, secs};
use policy_api::Span;
use sim_core::agent::AgentOptions;
use sim_core::protocol::TaskState;
use sim_core::{End, Observation};

/// A container takes two seconds, and the executor three more until the task runs.
fn slow() -> AgentOptions {
    delayed(secs(2), Some(secs(3)))
}

fn delayed(launch_delay: Span, starting_delay: Option<Span>) -> AgentOptions {
    AgentOptions { launch_delay, starting_delay, ..AgentOptions::DEFAULT }
}

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

/// Which states of the task were heard, without repetitions.
fn first_heard(log: &Log) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let state = |line: &str| line.split(' ').next_back().map(str::to_owned);
    for line in log.lines().into_iter().filter(|line| line.contains("TASK_")) {
        if !lines.iter().any(|known| state(known) == state(&line)) {
            lines.push(line);
        }
    }
    lines
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
    cluster.agent = delayed(millis(100), Some(millis(50)));
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
    // at the agent after another 23 ms, and FINISHED takes as long to come. RUNNING is sent again
    // after 10 s and 20 s more, the second time with the news of the end.
    let log = Log::default();
    let mut cluster = one_task_acknowledged_after(secs(30), &log);
    cluster.agent_latency = constant(millis(3));
    cluster.framework_latency = constant(millis(20));
    let done = cluster.run();
    assert_eq!(
        done.lines(task_events),
        ["0.06s F0 launches on A0: cpus:1", "30.066s F0 releases on A0: cpus:1"]
    );
    assert_eq!(first_heard(&log), ["0.086s T0 TASK_RUNNING", "30.132s T0 TASK_FINISHED"],);
}

#[test]
fn the_latest_state_frees_resources_before_the_framework_hears_of_the_end() {
    // STARTING is acknowledged at 42 s, and until then sent again at 12 s and 32 s. The second time
    // it carries the news that the task has ended, at 15 s, so its resources are free.
    let log = Log::default();
    let mut cluster = one_task_acknowledged_after(secs(40), &log);
    cluster.agent = slow();
    let done = cluster.run();
    assert_eq!(
        done.lines(task_events),
        ["0s F0 launches on A0: cpus:1", "32s F0 releases on A0: cpus:1"]
    );
    assert_eq!(
        first_heard(&log),
        ["2s T0 TASK_STARTING", "42s T0 TASK_RUNNING", "82s T0 TASK_FINISHED"]
    );
}

#[test]
fn a_batch_framework_records_the_life_of_a_task() {
    let mut cluster = Cluster::new()
        .agents(1, "cpus:2;mem:2048")
        .batch("a", crate::support::batch::options())
        .job(0, secs(1), "2xcpus:2@10s");
    cluster.agent = delayed(secs(2), Some(secs(3)));
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
