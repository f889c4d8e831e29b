//! The batch framework, at its one door.

use crate::support::batch::options;
use crate::support::framework_desk::{check, placed};
use crate::support::words::secs;
/// Only what drives a framework: nothing here needs a master.
use sim_core::framework::{BatchOptions, JobOrder, Placement, ThinkTime};

const FIFO: JobOrder = JobOrder::Fifo;
const FAIR: JobOrder = JobOrder::Fair;
const FIRST: Placement = Placement::FirstFit;
const BEST: Placement = Placement::BestFit;
const WORST: Placement = Placement::WorstFit;

/// Jobs, offers, and which tasks go where.
type Case<'a> = (&'a [&'a str], &'a str, &'a [&'a str]);

fn check_placement(order: JobOrder, placement: Placement, cases: &[Case<'_>]) {
    let options = BatchOptions { order, placement, ..options() };
    for (jobs, offers, expected) in cases {
        let actual = placed(options, jobs, offers);
        assert_eq!(actual, *expected, "{order:?} {placement:?}: {jobs:?} on {offers}");
    }
}

#[test]
fn first_fit_takes_the_first_offer_with_room() {
    check_placement(
        FIFO,
        FIRST,
        &[
            (&["2xcpus:2@1s"], "A0=cpus:2 A1=cpus:4 A2=cpus:3", &["O1 cpus:2@1s", "O2 cpus:2@1s"]),
            (&["3xcpus:2@1s"], "A0=cpus:1 A1=cpus:7", &["O2 cpus:2@1s cpus:2@1s cpus:2@1s"]),
            (&["cpus:1;mem:9@1s"], "A0=cpus:9;mem:8 A1=cpus:1;mem:9", &["O2 cpus:1;mem:9@1s"]),
            (&["cpus:3@1s"], "A0=cpus:2 A1=cpus:2", &[]),
        ],
    );
}

#[test]
fn best_fit_takes_the_offer_that_is_left_with_the_least() {
    check_placement(
        FIFO,
        BEST,
        &[
            (&["2xcpus:2@1s"], "A0=cpus:2 A1=cpus:4 A2=cpus:3", &["O1 cpus:2@1s", "O3 cpus:2@1s"]),
            (&["2xcpus:2@1s"], "A0=cpus:9 A1=cpus:4", &["O2 cpus:2@1s cpus:2@1s"]),
            // Of the largest amounts, 8 and 4000, O1 keeps 7/8 and 1/8, O2 keeps 3/8 and 7/8.
            (
                &["cpus:1;mem:500@1s"],
                "A0=cpus:4;mem:4000 A1=cpus:8;mem:1000",
                &["O2 cpus:1;mem:500@1s"],
            ),
            // Ties go to the earlier offer.
            (&["cpus:1@1s"], "A0=cpus:4 A1=cpus:2 A2=cpus:2", &["O2 cpus:1@1s"]),
        ],
    );
}

#[test]
fn worst_fit_takes_the_offer_that_is_left_with_the_most() {
    check_placement(
        FIFO,
        WORST,
        &[
            (&["2xcpus:2@1s"], "A0=cpus:2 A1=cpus:4 A2=cpus:3", &["O2 cpus:2@1s", "O3 cpus:2@1s"]),
            (&["3xcpus:1@1s"], "A0=cpus:2 A1=cpus:4", &["O1 cpus:1@1s", "O2 cpus:1@1s cpus:1@1s"]),
            (
                &["cpus:1;mem:500@1s"],
                "A0=cpus:4;mem:4000 A1=cpus:8;mem:1000",
                &["O1 cpus:1;mem:500@1s"],
            ),
            (&["cpus:1@1s"], "A0=cpus:2 A1=cpus:4 A2=cpus:4", &["O2 cpus:1@1s"]),
        ],
    );
}

#[test]
fn an_offer_too_small_for_one_task_is_tried_for_the_next() {
    let jobs: &[&str] = &["cpus:4@1s cpus:1@1s"];
    let cases: &[Case<'_>] = &[(jobs, "A0=cpus:1 A1=cpus:4", &["O1 cpus:1@1s", "O2 cpus:4@1s"])];
    for placement in [FIRST, BEST, WORST] {
        check_placement(FIFO, placement, cases);
        check_placement(FAIR, placement, cases);
    }
}

#[test]
fn the_rule_looks_anew_when_the_tasks_of_a_job_differ() {
    // The small task would fit beside the large one, but the rule says O1.
    let jobs: &[&str] = &["cpus:4@1s cpus:1@1s", "cpus:1@2s"];
    let expected: &[&str] = &["O1 cpus:1@1s", "O2 cpus:4@1s cpus:1@2s"];
    for placement in [FIRST, BEST] {
        check_placement(FIFO, placement, &[(jobs, "A0=cpus:1 A1=cpus:6", expected)]);
    }
}

#[test]
fn jobs_are_served_in_the_order_of_arrival() {
    for placement in [FIRST, BEST, WORST] {
        check_placement(
            FIFO,
            placement,
            &[
                (
                    &["3xcpus:1@1s", "3xcpus:1@2s"],
                    "A0=cpus:4",
                    &["O1 cpus:1@1s cpus:1@1s cpus:1@1s cpus:1@2s"],
                ),
                // Who fits nowhere lets others pass, and is asked again for each offer.
                (&["cpus:5@1s", "cpus:1@2s", "cpus:9@3s"], "A0=cpus:4", &["O1 cpus:1@2s"]),
                (
                    &["cpus:1;mem:9@1s", "cpus:9;mem:1@2s", "cpus:1@3s"],
                    "A0=cpus:8;mem:8",
                    &["O1 cpus:1@3s"],
                ),
                // But the tasks of a job keep their order.
                (&["cpus:5@1s cpus:1@1s", "cpus:2@2s"], "A0=cpus:4", &["O1 cpus:2@2s"]),
            ],
        );
    }
}

#[test]
fn fair_order_serves_the_job_with_the_fewest_tasks_on_agents() {
    for placement in [FIRST, BEST, WORST] {
        check_placement(
            FAIR,
            placement,
            &[
                (
                    &["3xcpus:1@1s", "3xcpus:1@2s"],
                    "A0=cpus:5",
                    &["O1 cpus:1@1s cpus:1@2s cpus:1@1s cpus:1@2s cpus:1@1s"],
                ),
                (
                    &["9xcpus:2@1s", "cpus:1@2s", "9xcpus:1@3s"],
                    "A0=cpus:6",
                    &["O1 cpus:2@1s cpus:1@2s cpus:1@3s cpus:2@1s"],
                ),
                (&["cpus:5@1s", "2xcpus:1@2s"], "A0=cpus:4", &["O1 cpus:1@2s cpus:1@2s"]),
            ],
        );
    }
}

#[test]
fn fair_order_counts_the_tasks_that_still_run() {
    check(
        BatchOptions { order: FAIR, ..options() },
        "
        job 9xcpus:1@1s
        subscribed
        offers A0=cpus:2
            0s accept O1 5s T0=cpus:1@1s T1=cpus:1@1s
        job 9xcpus:1@2s
        offers A0=cpus:2
            0s accept O2 5s T2=cpus:1@2s T3=cpus:1@2s
        update T0 TASK_FINISHED
        update T1 TASK_FINISHED
        offers A0=cpus:1
            0s accept O3 5s T1.1=cpus:1@1s
        ",
    );
}

#[test]
fn constraints_choose_the_agents() {
    check_placement(
        FIFO,
        FIRST,
        &[
            (
                &["2xcpus:1@1s zone=odd"],
                "A0=cpus:4 A1=cpus:1 A3=cpus:4",
                &["O2 cpus:1@1s", "O3 cpus:1@1s"],
            ),
            (&["cpus:1@1s zone=odd,even"], "A0=cpus:4 A1=cpus:4", &["O1 cpus:1@1s"]),
            (&["cpus:1@1s rack=1", "cpus:1@2s"], "A0=cpus:4 A1=cpus:4", &["O1 cpus:1@2s"]),
            (&["9xcpus:1@1s unique"], "A0=cpus:4 A1=cpus:4", &["O1 cpus:1@1s", "O2 cpus:1@1s"]),
            // Two offers of one agent are one agent.
            (
                &["9xcpus:1@1s unique"],
                "A0=cpus:4 A1=cpus:4 A0=cpus:2",
                &["O1 cpus:1@1s", "O2 cpus:1@1s"],
            ),
            // One job's choice does not bind another.
            (
                &["2xcpus:1@1s unique", "2xcpus:1@2s unique"],
                "A0=cpus:4",
                &["O1 cpus:1@1s cpus:1@2s"],
            ),
            (&["2xcpus:1@1s unique zone=odd"], "A0=cpus:4 A1=cpus:4", &["O2 cpus:1@1s"]),
        ],
    );
}

#[test]
fn the_tasks_of_an_offer_can_be_limited() {
    for (limit, expected) in [
        (1, ["O1 cpus:1@1s", "O2 cpus:1@1s"].as_slice()),
        (3, &["O1 cpus:1@1s cpus:1@1s cpus:1@1s", "O2 cpus:1@1s cpus:1@2s cpus:1@2s"]),
        (9, &["O1 cpus:1@1s cpus:1@1s cpus:1@1s cpus:1@1s cpus:1@2s cpus:1@2s cpus:1@2s"]),
    ] {
        let options = BatchOptions { max_tasks_per_offer: Some(limit), ..options() };
        let jobs = ["4xcpus:1@1s", "3xcpus:1@2s"];
        assert_eq!(placed(options, &jobs, "A0=cpus:8 A1=cpus:8"), expected, "at most {limit}");
    }
}

#[test]
fn an_agent_is_free_again_for_a_job_that_wants_each_once() {
    check(
        options(),
        "
        job 3xcpus:1 unique
        subscribed
        offers A0=cpus:4 A1=cpus:4
            0s accept O1 5s T0=cpus:1@10s
            0s accept O2 5s T1=cpus:1@10s
        offers A0=cpus:3 A1=cpus:3
            0s decline O3,O4 5s
        update T1 TASK_FINISHED
        offers A0=cpus:3 A1=cpus:4
            0s accept O6 5s T1.1=cpus:1@10s
            0s decline O5 5s
            0s suppress
        ",
    );
}

#[test]
fn tasks_use_what_is_reserved_first_and_nothing_revocable() {
    check(
        options(),
        "
        job 2xcpus:3
        subscribed
        offers A0=cpus(a):2;cpus:4 A1=cpus:2;cpus{REV}:9
            0s accept O1 5s T0=cpus:1;cpus(a):2@10s T1=cpus:3@10s
            0s decline O2 5s
            0s suppress
        ",
    );
}

#[test]
fn what_is_not_used_is_refused_for_the_time_that_was_asked_for() {
    check(
        BatchOptions { decline: secs(7), ..options() },
        "
        job 2xcpus:2
        subscribed
        job cpus:9
        offers A0=cpus:1 A1=cpus:4 A2=cpus:1
            0s accept O2 7s T0=cpus:2@10s T1=cpus:2@10s
            0s decline O1,O3 7s
        ",
    );
}

#[test]
fn it_wants_no_offers_while_it_has_nothing_to_place() {
    check(
        options(),
        "
        start
            0s subscribe
        subscribed
            0s suppress
        job cpus:1
            0s revive
        job cpus:1
        offers A0=cpus:1
            0s accept O1 5s T0=cpus:1@10s
        offers A0=cpus:1
            0s accept O2 5s T1=cpus:1@10s
            0s suppress
        # An offer that was on its way.
        offers A0=cpus:1
            0s decline O3 5s
        job cpus:1
            0s revive
        ",
    );
}

#[test]
fn what_is_submitted_before_it_has_subscribed_is_not_forgotten() {
    check(
        options(),
        "
        job cpus:1
        subscribed
        offers A0=cpus:1
            0s accept O1 5s T0=cpus:1@10s
            0s suppress
        ",
    );
}

/// One second for each offer, two for each task that it places.
fn slow() -> BatchOptions {
    let think_time = ThinkTime { per_offer: secs(1), per_task: secs(2) };
    BatchOptions { think_time, ..options() }
}

#[test]
fn thinking_takes_time_per_offer_and_per_task() {
    check(
        slow(),
        "
        job 3xcpus:1
        subscribed
        job cpus:9
        offers A0=cpus:2 A1=cpus:4 A2=cpus:1
        at 8.9s
        at 20s
            9s accept O1 5s T0=cpus:1@10s T1=cpus:1@10s
            9s accept O2 5s T2=cpus:1@10s
            9s decline O3 5s
        offers A0=cpus:2
        at 30s
            21s decline O4 5s
        ",
    );
}

#[test]
fn offers_that_come_meanwhile_wait() {
    check(
        slow(),
        "
        job 9xcpus:2
        subscribed
        offers A0=cpus:4
        at 1s
        offers A1=cpus:4
        at 2s
        offers A2=cpus:2
        pending
            7 pending, 2 live
        # Five seconds for the first one, then eight for both that wait.
        at 5s
            5s accept O1 5s T0=cpus:2@10s T1=cpus:2@10s
        pending
            4 pending, 5 live
        at 12.9s
        at 13s
            13s accept O2 5s T2=cpus:2@10s T3=cpus:2@10s
            13s accept O3 5s T4=cpus:2@10s
        ",
    );
}

#[test]
fn a_job_that_comes_while_it_thinks_waits_for_the_next_offers() {
    check(
        slow(),
        "
        job cpus:1
        subscribed
        offers A0=cpus:4
        at 1s
        job cpus:1
        at 20s
            3s accept O1 5s T0=cpus:1@10s
        ",
    );
}

#[test]
fn an_offer_that_is_rescinded_while_it_waits_is_forgotten() {
    check(
        slow(),
        "
        job 9xcpus:2
        subscribed
        offers A0=cpus:2
        offers A1=cpus:2 A2=cpus:2
        rescind O2
        at 3s
            3s accept O1 5s T0=cpus:2@10s
        at 20s
            6s accept O3 5s T1=cpus:2@10s
        ",
    );
}

#[test]
fn tasks_on_an_offer_that_is_rescinded_in_thought_are_placed_again() {
    check(
        slow(),
        "
        job 2xcpus:1
        subscribed
        job cpus:3
        offers A0=cpus:2
        at 1s
        rescind O1
        at 5s
            5s accept O1 5s T0=cpus:1@10s T1=cpus:1@10s
        update T0 TASK_DROPPED
        update T1 TASK_LOST
        pending
            3 pending, 0 live
        # Not in need of a REVIVE: the other job still waits.
        offers A0=cpus:4
        at 20s
            10s accept O2 5s T1.1=cpus:1@10s T0.1=cpus:1@10s
        update T1.1 TASK_FINISHED
        update T0.1 TASK_FINISHED
            20s job 0 is over
        ",
    );
}

#[test]
fn lost_tasks_wake_a_framework_that_had_nothing_more_to_place() {
    check(
        options(),
        "
        job 2xcpus:1
        subscribed
        offers A0=cpus:2
            0s accept O1 5s T0=cpus:1@10s T1=cpus:1@10s
            0s suppress
        update T0 TASK_DROPPED
            0s revive
        update T1 TASK_RUNNING
        update T1 TASK_FINISHED
        pending
            1 pending, 0 live
        offers A1=cpus:1
            0s accept O2 5s T1.1=cpus:1@10s
            0s suppress
        ",
    );
}

#[test]
fn lost_tasks_go_before_the_others_of_their_job() {
    check(
        options(),
        "
        job cpus:2@1s 5xcpus:1@2s
        subscribed
        offers A0=cpus:2
            0s accept O1 5s T0=cpus:2@1s
        update T0 TASK_DROPPED
        offers A0=cpus:3
            0s accept O2 5s T0.1=cpus:2@1s T1=cpus:1@2s
        ",
    );
}

#[test]
fn a_job_is_over_with_its_last_task_however_that_ended() {
    check(
        options(),
        "
        job 3xcpus:1
        subscribed
        offers A0=cpus:4
            0s accept O1 5s T0=cpus:1@10s T1=cpus:1@10s T2=cpus:1@10s
            0s suppress
        update T1 TASK_FAILED
        update T0 TASK_ERROR
        # What comes again is not counted again.
        update T0 TASK_FINISHED
        update T2 TASK_STARTING
        update T2 TASK_RUNNING
        update T2 TASK_FINISHED
            0s job 0 is over
        ",
    );
}

#[test]
fn a_long_queue_keeps_its_order() {
    // Enough jobs for several doublings of the tree.
    let jobs: Vec<String> = (1..=40).map(|n| format!("cpus:1@{n}s")).collect();
    let jobs: Vec<&str> = jobs.iter().map(String::as_str).collect();
    let expected: Vec<String> = jobs.iter().map(|job| (*job).to_owned()).collect();
    for order in [FIFO, FAIR] {
        let options = BatchOptions { order, ..options() };
        let placed = placed(options, &jobs, "A0=cpus:40");
        assert_eq!(placed, [format!("O1 {}", expected.join(" "))]);
    }
}

#[test]
fn jobs_that_are_over_leave_the_order_of_the_others_alone() {
    check(
        options(),
        "
        job cpus:9@1s
        subscribed
        job cpus:1@2s
        job cpus:9@3s
        job cpus:1@4s
        offers A0=cpus:2
            0s accept O1 5s T0=cpus:1@2s T1=cpus:1@4s
        update T0 TASK_FINISHED
            0s job 1 is over
        # The line is full and has one hole: it is closed up here.
        job cpus:1@5s
        update T1 TASK_DROPPED
        job cpus:9@6s
        offers A0=cpus:22
            0s accept O2 5s T1.1=cpus:9@1s T0.1=cpus:9@3s T2=cpus:1@4s T3=cpus:1@5s
        update T2 TASK_FINISHED
            0s job 3 is over
        ",
    );
}

#[test]
fn what_a_thought_leaves_is_looked_at_again_for_jobs_that_came_meanwhile() {
    check(
        slow(),
        "
        job cpus:1
        subscribed
        offers A0=cpus:1 A1=cpus:1
        at 1s
        job cpus:1
        rescind O2
        offers A2=cpus:1 A3=cpus:1
        # Four seconds for two offers and a task, then four again.
        at 8s
            4s accept O1 5s T0=cpus:1@10s
            8s accept O3 5s T1=cpus:1@10s
            8s decline O4 5s
            8s suppress
        ",
    );
}
