//! The example of the paper on dominant resource fairness (Ghodsi and others, NSDI 2011, section
//! 4.1 and Table 1).
//!
//! The paper gives out one task at a time, to the user with the least dominant share. Mesos gives
//! out offers: all that is free on an agent, to the framework of the least share. The two agree
//! where each offer becomes one task. So the cluster is one agent, and each framework launches one
//! task on an offer and asks for the rest again at once (a refusal of zero seconds): the rest is
//! free until the next allocation, which goes to whoever has the least share by then. Batch
//! frameworks do so with `max_tasks_per_offer` one.
//!
//! With several agents the same frameworks could not fill the cluster as the paper does, because
//! its tasks would have to fit on agents; and a framework that takes all that fits in an offer is
//! ahead of its share by a whole agent: the last test shows what becomes of the example.

use crate::support::batch;
use crate::support::cluster::{Cluster, task_events};
use crate::support::scripted::{Answer, Log, Scripted};
use crate::support::words::secs;
use policy_api::{DenseId, Span, Time};
use sim_core::Observation;
use sim_core::framework::BatchOptions;

/// Two users, each the only framework of its role. At equal shares the role that sorts first is
/// picked, so the user in role `a` opens.
fn users(total: &str, in_role_a: &'static str, in_role_b: &'static str) -> Cluster<Scripted> {
    let (log, never_ends) = (Log::default(), |task| vec![Answer::OneOnEach(task)]);
    Cluster::new().agents(1, total).scripted("a", &log, never_ends(in_role_a)).scripted(
        "b",
        &log,
        never_ends(in_role_b),
    )
}

#[test]
fn table_1() {
    // In the paper B wins the first tie: it is F0.
    let done = users("cpus:9;mem:18432", "cpus:3;mem:1024@9999s", "cpus:1;mem:4096@9999s")
        .run_until(Time::from_secs(60));
    let (a, b) = ("F1 launches on A0: cpus:1;mem:4096", "F0 launches on A0: cpus:3;mem:1024");
    // One allocation a second. In the end A has 3 tasks and B has 2, both with a share of 2/3.
    let expected = [b, a, a, b, a].into_iter().enumerate().map(|(s, user)| format!("{s}s {user}"));
    assert_eq!(done.lines(task_events), expected.collect::<Vec<_>>());
}

#[test]
fn table_1_with_batch_frameworks() {
    // The same with frameworks that have a queue of such tasks.
    let one_at_a_time =
        BatchOptions { max_tasks_per_offer: Some(1), decline: Span::ZERO, ..batch::options() };
    let done = Cluster::new()
        .agents(1, "cpus:9;mem:18432")
        .batch("a", one_at_a_time)
        .batch("b", one_at_a_time)
        .job(0, secs(0), "9xcpus:3;mem:1024@9999s")
        .job(1, secs(0), "9xcpus:1;mem:4096@9999s")
        .run_until(Time::from_secs(60));
    let lines = done.lines(task_events);
    let launches = lines.iter().filter(|line| line.contains("launches"));
    let users: Vec<&str> = launches.map(|line| &line[..line.find(" launches").unwrap()]).collect();
    assert_eq!(users, ["0s F0", "1s F1", "2s F1", "3s F0", "4s F1"]);
}

/// Plays to the end and counts the tasks of each user.
fn check(total: &str, in_role_a: &'static str, in_role_b: &'static str, expected: [usize; 2]) {
    let done = users(total, in_role_a, in_role_b).run_until(Time::from_secs(200));
    let mut tasks = [0; 2];
    for (_, observation) in &done.seen {
        if let Observation::TaskLaunched { framework, .. } = observation {
            tasks[framework.index()] += 1;
        }
    }
    assert_eq!(tasks, expected, "{total}: {in_role_a} and {in_role_b}");
}

#[test]
fn the_share_does_not_depend_on_who_opens() {
    check("cpus:9;mem:18432", "cpus:3;mem:1024@9999s", "cpus:1;mem:4096@9999s", [2, 3]);
    check("cpus:9;mem:18432", "cpus:1;mem:4096@9999s", "cpus:3;mem:1024@9999s", [3, 2]);
}

#[test]
fn examples_of_the_theorems() {
    // Theorem 1: 5 and 15 tasks, both with half of the memory.
    check("cpus:30;mem:30720", "cpus:1;mem:3072@9999s", "cpus:1;mem:1024@9999s", [5, 15]);
    // Theorem 4: 4.17 and 33.3 tasks. Whole tasks: the fifth of 16 cores does not fit in the end.
    check("cpus:100;mem:102400", "cpus:16;mem:1024@9999s", "cpus:1;mem:2048@9999s", [4, 36]);
}

#[test]
fn whole_offers_are_coarser_than_tasks() {
    // Both users take what fits in an offer. Who is offered the agent first has most of it.
    let done = Cluster::new()
        .agents(1, "cpus:9;mem:18432")
        .batch("a", batch::options())
        .batch("b", batch::options())
        .job(0, secs(0), "9xcpus:1;mem:4096@9999s")
        .job(1, secs(0), "9xcpus:3;mem:1024@9999s")
        .run_until(Time::from_secs(60));
    let launched = |line: &String| line.contains("launches");
    let lines: Vec<_> = done.lines(task_events).into_iter().filter(launched).collect();
    assert_eq!(
        lines,
        [
            "0s F0 launches on A0: cpus:1;mem:4096",
            "0s F0 launches on A0: cpus:1;mem:4096",
            "0s F0 launches on A0: cpus:1;mem:4096",
            "0s F0 launches on A0: cpus:1;mem:4096",
            "1s F1 launches on A0: cpus:3;mem:1024",
        ]
    );
}
