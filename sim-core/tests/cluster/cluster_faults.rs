//! Whole clusters with batch, service and stateful frameworks, while hosts, links, schedulers and masters
//! fail.

#![expect(
    clippy::cast_possible_truncation,
    clippy::wildcard_enum_match_arm,
    clippy::items_after_statements,
    reason = "small numbers, and only some observations matter to a test"
)]

use crate::support::cluster::{Cluster, Done};
use crate::support::infos::{framework_info, role};
use crate::support::words::{millis, quantities, secs};
use policy_api::{AgentId, DenseId, FrameworkId, Span, Time};
use sim_core::faults::{Fault, Peer};
use sim_core::framework::{
    BatchFramework, BatchOptions, ServiceFramework, ServiceOptions, Spread, SpreadBy,
    StatefulFramework, StatefulOptions,
};
use sim_core::network::Latency;
use sim_core::protocol::{DrainConfig, HostId, OperatorCall, Subscription, TaskState};
use sim_core::{End, JobIndex, Observation, RangeChange, ReplicaChange, VolumeChange};
use std::collections::BTreeMap;

/// A framework that may be away for an hour, and whose tasks outlive restarts of their agents.
fn robust(id: FrameworkId, letter: &str) -> Subscription {
    Subscription {
        info: framework_info(id, role(letter)),
        checkpoint: true,
        failover_timeout: secs(3600),
        ..Subscription::default()
    }
}

/// Enough to draw faults with.
struct Draws(u64);

impl Draws {
    fn below(&mut self, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn span(&mut self, most_secs: u64) -> Span {
        millis(1 + self.below(most_secs * 1000))
    }

    fn fault(&mut self, hosts: u64, frameworks: u64) -> Fault {
        let host = HostId::from_index(self.below(hosts) as usize);
        let framework = FrameworkId::from_index(self.below(frameworks) as usize);
        let peer = if self.below(4) == 0 { Peer::Framework(framework) } else { Peer::Host(host) };
        match self.below(10) {
            0 => Fault::AgentCrash { host, restart_after: Some(self.span(200)) },
            1 => Fault::HostReboot { host, down_for: self.span(200) },
            2 => Fault::HostReplacement { host, down_for: self.span(200) },
            3 => Fault::Partition {
                peer,
                to_master: self.below(3) > 0,
                from_master: true,
                duration: self.span(300),
                closes: self.below(2) == 0,
            },
            4 => Fault::SlowLink {
                peer,
                extra: Latency { constant: self.span(2), jitter: self.span(2) },
                duration: self.span(300),
            },
            5 => Fault::LossyLink {
                peer,
                loss: 100_000,
                duplication: 100_000,
                duration: self.span(100),
            },
            6 => Fault::FrameworkCrash { framework, restart_after: Some(self.span(100)) },
            7 => Fault::ExecutorFailure { host },
            8 => Fault::DiskFull { host, duration: self.span(100) },
            _ => Fault::MasterCrash { election: self.span(60) },
        }
    }
}

const HOSTS: u64 = 6;
const TASKS: u64 = 160;

/// Two batch frameworks with work for some minutes, and a fault every twenty seconds on average.
fn stormy(seed: u64) -> Cluster<BatchFramework> {
    let mut draws = Draws(seed);
    let mut cluster = Cluster::new();
    cluster.seed = seed;
    cluster.random_agent_order = true;
    cluster.agent.restart_delay = Some(secs(1));
    cluster.agent_latency = Latency { constant: millis(2), jitter: millis(3) };
    cluster.framework_latency = Latency { constant: millis(2), jitter: millis(3) };
    let mut cluster = cluster.agents(HOSTS as usize, "cpus:4;mem:4096;disk:1000");
    let options =
        BatchOptions { unreachable_timeout: secs(60), ..crate::support::batch::options() };
    for letter in ["a", "b"] {
        cluster = cluster.framework(|id| BatchFramework::new(id, robust(id, letter), options));
    }
    for number in 0..TASKS / 8 {
        let line = format!("8xcpus:1;mem:512@{}s", 5 + draws.below(60));
        cluster = cluster.job((number % 2) as usize, secs(number * 10), &line);
    }
    let mut at = Span::ZERO;
    for _ in 0..30 {
        at = at + draws.span(40);
        let fault = draws.fault(HOSTS, 2);
        cluster = cluster.fault(at, fault);
    }
    cluster
}

/// How often the work of each task came to an end. A task that has failed is not tried again: its
/// executor may have been ended by a fault or by itself.
fn over<F>(done: &Done<F>) -> BTreeMap<(FrameworkId, JobIndex, u32), u32> {
    let mut over = BTreeMap::new();
    for (_, observation) in &done.seen {
        let Observation::TaskEnded(task) = observation else { continue };
        if matches!(task.state, TaskState::Finished | TaskState::Failed) {
            *over.entry((task.framework, task.job, task.number)).or_default() += 1;
        }
    }
    over
}

#[test]
fn all_work_of_batch_frameworks_is_done_whatever_fails() {
    let mut repeated = 0;
    for seed in 1..=24 {
        let done = stormy(seed).run();
        assert_eq!(done.end, End::Drained, "seed {seed}");
        let jobs = done.seen.iter().filter(|it| matches!(it.1, Observation::JobEnded { .. }));
        assert_eq!(jobs.count() as u64, TASKS / 8, "seed {seed}");
        let over = over(&done);
        assert_eq!(over.len() as u64, TASKS, "seed {seed}");
        assert!(over.values().all(|times| *times == 1), "seed {seed}: {over:?}");
        assert_eq!(done.simulation.pending_tasks() + done.simulation.live_tasks(), 0);
        let ends = done.seen.iter().filter(|it| matches!(it.1, Observation::TaskEnded(_)));
        repeated += ends.count() as u64 - TASKS;
    }
    // The weather was bad enough.
    assert!(repeated > 100, "{repeated}");
}

#[test]
fn whatever_fails_fails_again_in_the_same_way() {
    for seed in [3, 11] {
        let (first, second) = (stormy(seed).run(), stormy(seed).run());
        assert_eq!((first.digest, first.seen.len()), (second.digest, second.seen.len()));
    }
    assert_ne!(stormy(3).run().digest, stormy(4).run().digest);
}

/// The numbers of instances that run, with their times.
fn levels<F>(done: &Done<F>) -> Vec<(Time, u32)> {
    let level = |(now, it): &(Time, Observation)| {
        let Observation::ServiceLevel { running, .. } = it else { return None };
        Some((*now, *running))
    };
    done.seen.iter().filter_map(level).collect()
}

/// The level that was reached by then.
fn level_at(levels: &[(Time, u32)], at: Span) -> u32 {
    let until = |it: &&(Time, u32)| it.0 <= Time::ZERO + at;
    levels.iter().take_while(until).last().map_or(0, |(_, running)| *running)
}

const INSTANCES: u32 = 8;

fn service(id: FrameworkId) -> ServiceFramework {
    let options = ServiceOptions {
        files: Vec::new(),
        demand: quantities("cpus:1;mem:512"),
        scale: vec![(Time::ZERO, INSTANCES)],
        spread: Spread { by: SpreadBy::Agent, at_most_per_value: Some(3) },
        decline: secs(5),
        unreachable_timeout: secs(60),
        maintenance_margin: secs(60),
    };
    ServiceFramework::new(id, robust(id, "a"), options)
}

/// One agent after the other is emptied and comes back: the service is whole again each time.
#[test]
fn a_service_keeps_its_instances_through_a_rolling_drain() {
    let mut cluster = Cluster::new().agents(5, "cpus:3;mem:2048").framework(service);
    for index in 0..5 {
        let (agent, begin) = (AgentId::from_index(index), secs(100 + 200 * index as u64));
        let config = DrainConfig { max_grace: Some(secs(1)), mark_gone: false };
        cluster = cluster
            .operator(begin, OperatorCall::DrainAgent { agent, config })
            .operator(begin + secs(100), OperatorCall::ReactivateAgent { agent });
    }
    let done = cluster.run_until(Time::from_secs(1500));
    let answers = done.lines(|it| match it {
        Observation::OperatorCall { response, .. } => Some(response.status.to_string()),
        _ => None,
    });
    assert!(answers.len() == 10 && answers.iter().all(|it| it.ends_with(" 200")), "{answers:?}");
    let levels = levels(&done);
    for index in 0..=5 {
        let before = secs(100 + 200 * index - 1);
        assert_eq!(level_at(&levels, before), INSTANCES, "{levels:?}");
        let drained = before + secs(100);
        assert_eq!(level_at(&levels, drained), INSTANCES, "{levels:?}");
    }
    // No drain took more than what one agent may have.
    let after_start = levels.iter().filter(|(now, _)| *now > Time::from_secs(50));
    assert!(after_start.map(|(_, running)| *running).min() >= Some(INSTANCES - 3));
}

/// A crash of any kind costs instances for a while.
#[test]
fn a_service_recovers_from_anything() {
    for seed in 1..=8 {
        let mut draws = Draws(seed);
        let mut cluster = Cluster::new().agents(5, "cpus:3;mem:2048;disk:100").framework(service);
        cluster.agent.restart_delay = Some(secs(1));
        let mut at = secs(100);
        for _ in 0..20 {
            at = at + draws.span(60);
            let fault = draws.fault(5, 1);
            cluster = cluster.fault(at, fault);
        }
        let done = cluster.run_until(Time::from_secs(5000));
        let levels = levels(&done);
        assert_eq!(level_at(&levels, secs(99)), INSTANCES);
        assert_eq!(level_at(&levels, secs(5000)), INSTANCES, "seed {seed}: {levels:?}");
        // Nothing runs beside it.
        let running = done.simulation.agents().flat_map(sim_core::agent::Agent::tasks);
        let running = running.filter(|(_, _, state)| *state == TaskState::Running);
        assert_eq!(running.count(), INSTANCES as usize, "seed {seed}");
    }
}

fn stateful() -> Cluster<StatefulFramework> {
    let options = StatefulOptions {
        files: Vec::new(),
        spread: Spread { by: SpreadBy::Agent, at_most_per_value: Some(1) },
        ..crate::support::stateful::options()
    };
    Cluster::new()
        .agents(5, "cpus:2;mem:2048;disk:4000")
        .framework(|id| StatefulFramework::new(id, robust(id, "a"), options))
}

/// What became of replicas, in order.
fn changes<F>(done: &Done<F>) -> Vec<(Time, ReplicaChange)> {
    let change = |(now, it): &(Time, Observation)| {
        let Observation::ReplicaChanged { change, .. } = it else { return None };
        Some((*now, *change))
    };
    done.seen.iter().filter_map(change).collect()
}

fn between(changes: &[(Time, ReplicaChange)], from: u64, to: u64) -> Vec<ReplicaChange> {
    let within =
        |it: &&(Time, ReplicaChange)| it.0 >= Time::from_secs(from) && it.0 < Time::from_secs(to);
    changes.iter().filter(within).map(|(_, change)| *change).collect()
}

/// A reboot costs the processes, not the volumes.
#[test]
fn a_stateful_service_relaunches_on_its_volumes_after_reboots() {
    let mut cluster = stateful();
    for index in 0..5 {
        let host = HostId::from_index(index as usize);
        let reboot = Fault::HostReboot { host, down_for: secs(60) };
        cluster = cluster.fault(secs(1000 + 300 * index), reboot);
    }
    let done = cluster.run_until(Time::from_secs(3000));
    let changes = changes(&done);
    let after = between(&changes, 1000, 3000);
    let count = |wanted| after.iter().filter(|change| **change == wanted).count();
    assert_eq!(count(ReplicaChange::Down), 3, "{changes:?}");
    assert_eq!(count(ReplicaChange::Relaunched), 3, "{changes:?}");
    assert_eq!(count(ReplicaChange::InSync), 3, "{changes:?}");
    assert_eq!(after.len(), 9, "{changes:?}");
    let lost = |it: &&(Time, Observation)| {
        matches!(it.1, Observation::Volume { change: VolumeChange::Lost, .. })
    };
    assert_eq!(done.seen.iter().filter(lost).count(), 0);
}

/// A replacement costs the volume: its replica starts anew elsewhere, from the data of the others.
#[test]
fn a_stateful_service_rebuilds_after_a_replacement() {
    for down_for in [30, 300] {
        let host = HostId::from_index(0);
        let replacement = Fault::HostReplacement { host, down_for: secs(down_for) };
        let done = stateful().fault(secs(1000), replacement).run_until(Time::from_secs(4000));
        let lost: Vec<u64> = done
            .seen
            .iter()
            .filter_map(|(_, it)| match it {
                Observation::Volume { change: VolumeChange::Lost, bytes, .. } => Some(*bytes),
                _ => None,
            })
            .collect();
        // A MB each second since the beginning, until it was full.
        assert_eq!(lost, [1000 << 20], "down for {down_for} s");
        let changes = changes(&done);
        use ReplicaChange::{Created, Down, GivenUp, InSync, Rebuilding};
        assert_eq!(
            between(&changes, 1000, 4000),
            [Down, GivenUp, Created, Rebuilding, InSync],
            "{changes:?}"
        );
        let ranges = done.seen.iter().filter(|it| {
            matches!(it.1, Observation::RangeChanged { change: RangeChange::Lost, .. })
        });
        assert_eq!(ranges.count(), 0);
    }
}

/// A scheduler that comes up while there is no master is heard by the next one.
#[test]
fn a_framework_that_restarts_without_a_master_finds_the_next_one() {
    let framework = FrameworkId::from_index(0);
    let crash = Fault::FrameworkCrash { framework, restart_after: Some(secs(5)) };
    let done = Cluster::new()
        .agents(1, "cpus:1;mem:512")
        .framework(|id| BatchFramework::new(id, robust(id, "a"), crate::support::batch::options()))
        .job(0, Span::ZERO, "3xcpus:1;mem:512@20s")
        .fault(secs(10), crash)
        .fault(secs(12), Fault::MasterCrash { election: secs(10) })
        .run();
    assert_eq!(done.end, End::Drained);
    assert_eq!(over(&done).len(), 3);
}
