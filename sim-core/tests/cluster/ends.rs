//! How runs end, and what stops them.

use crate::support::batch::options;
use crate::support::cluster::Cluster;
use crate::support::words::{at, id, job, secs};
use policy_api::{FrameworkId, Time};
use sim_core::framework::BatchFramework;
use sim_core::{End, Failure, Observation, Submission};

fn cluster() -> Cluster<BatchFramework> {
    Cluster::new().agents(2, "cpus:4;mem:4096").batch("a", options())
}

#[test]
fn a_run_without_work_is_over_when_its_filters_are() {
    let done = cluster().run();
    assert_eq!(done.end, End::Drained);
    assert!(done.simulation.now() <= at(secs(5)), "{}", done.simulation.now());
}

#[test]
fn a_run_ends_with_its_last_task() {
    let done = cluster().job(0, secs(5), "9xcpus:4@100s").run();
    assert_eq!(done.end, End::Drained);
    assert_eq!((done.simulation.pending_tasks(), done.simulation.live_tasks()), (0, 0));
    assert!(done.simulation.now() >= at(secs(505)), "{}", done.simulation.now());
}

#[test]
fn long_tasks_and_late_arrivals_are_waited_for() {
    let week = 7 * 86_400;
    let cluster = cluster().job(0, secs(0), &format!("cpus:1@{week}s")).job(
        0,
        secs(3 * week),
        &format!("cpus:1@{week}s"),
    );
    let done = cluster.run();
    assert_eq!((done.end, done.simulation.now()), (End::Drained, at(secs(4 * week))));
}

#[test]
fn the_horizon_ends_a_run_on_time() {
    let done = cluster().job(0, secs(0), "cpus:4@100s").run_until(at(secs(50)));
    assert_eq!((done.end, done.simulation.now()), (End::Horizon, at(secs(50))));
    assert_eq!(done.simulation.live_tasks(), 1);
    // What is due at the horizon itself happens.
    let done = cluster().job(0, secs(0), "cpus:4@50s").run_until(at(secs(50)));
    assert_eq!(done.simulation.live_tasks(), 0);
}

#[test]
fn tasks_that_no_agent_could_hold_are_reported_and_left_out() {
    let done = Cluster::new()
        .agent_in_zone("cpus:4;mem:4096", "x")
        .agent_in_zone("cpus:8;mem:8192", "y")
        .batch("a", options())
        .job(0, secs(0), "2xcpus:8 cpus:9 3xgpus:1 cpus:1")
        .job(0, secs(0), "5xcpus:5 zone=x")
        .job(0, secs(0), "cpus:5 zone=x,y")
        .job(0, secs(0), "cpus:1 zone=z")
        .run();
    let reported = done.lines(|observation| {
        let Observation::TasksUnplaceable { tasks, demand, .. } = observation else { return None };
        Some(format!("{tasks} x {demand}"))
    });
    assert_eq!(reported, ["0s 1 x cpus:9", "0s 3 x gpus:1", "0s 5 x cpus:5", "0s 1 x cpus:1"]);
    let finished = done.seen.iter().filter(|(_, o)| matches!(o, Observation::TaskEnded(_)));
    assert_eq!((done.end, finished.count()), (End::Drained, 4));
}

#[test]
fn work_that_waits_for_ever_is_stalled_not_done() {
    // The only agent with room has GPUs, and those are kept from frameworks that do not know them.
    let cluster = || {
        Cluster::new()
            .agents(1, "cpus:1;mem:1024")
            .agents(1, "cpus:8;mem:8192;gpus:2")
            .batch("a", options())
    };
    let done = cluster().job(0, secs(0), "cpus:4").run();
    assert_eq!((done.end, done.simulation.pending_tasks()), (End::Stalled, 1));
    // The same where no offer comes at all.
    let done = Cluster::new()
        .agents(1, "cpus:8;mem:8192;gpus:2")
        .batch("a", options())
        .job(0, secs(0), "cpus:4")
        .run();
    assert_eq!((done.end, done.simulation.pending_tasks()), (End::Stalled, 1));
}

#[test]
fn a_run_of_no_tasks_in_a_job_is_nothing() {
    let done = cluster().job(0, secs(0), "0xcpus:1 2xcpus:2").job(0, secs(1), "0xcpus:1").run();
    let finished = done.seen.iter().filter(|(_, o)| matches!(o, Observation::TaskEnded(_)));
    assert_eq!((done.end, finished.count()), (End::Drained, 2));
}

#[test]
fn a_workload_that_goes_back_in_time_is_refused() {
    let mut simulation = cluster().job(0, secs(9), "cpus:1").job(0, secs(8), "cpus:2").build();
    let failure = simulation.run(Time::NEVER, &mut ());
    let expected =
        Failure::TimeWentBack { job: "cpus:2".into(), arrival: at(secs(8)), now: at(secs(9)) };
    assert_eq!(failure, Err(expected));
}

#[test]
fn an_error_of_the_workload_ends_the_run_when_it_is_read() {
    let framework: FrameworkId = id("F0");
    let jobs = vec![Ok(Submission { framework, job: job(at(secs(9)), "cpus:1") }), Err("line 2")];
    let mut simulation = cluster().build_with(jobs.into_iter());
    assert_eq!(simulation.run(Time::NEVER, &mut ()), Err(Failure::Workload("line 2")));
    assert_eq!(simulation.now(), at(secs(9)));
}
