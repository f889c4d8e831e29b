//! Reservations and volumes when masters, agents and messages fail, in whole clusters
//! (`spec/reservations-volumes.md` section 7). The tests that begin with an id are scenarios of
//! `spec/cluster-conformance.md`.

use crate::support::cluster::{Cluster, constant};
use crate::support::infos::{framework_info, role};
use crate::support::scripted::{Answer, Log, Scripted};
use crate::support::words::{at, millis, secs, task_id};
use policy_api::{DenseId, FrameworkCapabilities, FrameworkInfo, Span};
use sim_core::Profile;
use sim_core::faults::{Fault, Peer};
use sim_core::protocol::{Call, HostId, Subscription};

const MASTER_CRASH: Fault = Fault::MasterCrash { election: Span::from_secs(1) };

/// A job that nobody runs: the run does not end before it comes.
const LATE: &str = "cpus:1";

/// What the framework heard, without the times.
fn texts(log: &Log) -> Vec<String> {
    let lines = log.lines().into_iter();
    lines
        .map(|line| line.split_once(' ').map_or(line.clone(), |(_, text)| text.to_owned()))
        .collect()
}

fn host() -> HostId {
    HostId::from_index(0)
}

/// A framework in role `a`, whose tasks outlive restarts of their agent, and that knows shared volumes.
fn framework(log: &Log, answers: Vec<Answer>) -> impl FnOnce(policy_api::FrameworkId) -> Scripted {
    let log = log.clone();
    move |id| {
        let info = framework_info(id, role("a"));
        let capabilities =
            FrameworkCapabilities { shared_resources: true, ..FrameworkCapabilities::default() };
        let info = FrameworkInfo { capabilities, ..info };
        let (checkpoint, failover_timeout) = (true, secs(1000));
        let subscription =
            Subscription { info, checkpoint, failover_timeout, ..Subscription::default() };
        Scripted::subscribing(subscription, answers, log).noting_reservations()
    }
}

#[test]
fn res_7_master_failover() {
    let log = Log::default();
    let answers = vec![Answer::Operate("reserve cpus(+a):8;mem(+a):2048", Span::ZERO)];
    Cluster::new()
        .agents(1, "cpus:8;mem:2048")
        .framework(framework(&log, answers))
        .fault(secs(10), MASTER_CRASH)
        .job(0, secs(20), LATE)
        .run_until(at(secs(30)));
    assert_eq!(
        texts(&log),
        [
            "subscribed",
            "offer A0 cpus:8;mem:2048",
            "offer A0 cpus(+a):8;mem(+a):2048",
            "is disconnected",
            "subscribed",
            "offer A0 cpus(+a):8;mem(+a):2048",
            "job cpus:1"
        ]
    );
}

#[test]
fn pv_10_master_failover() {
    let log = Log::default();
    let answers = vec![Answer::Operate("create disk(a)[v]:64", Span::ZERO)];
    Cluster::new()
        .agents(1, "cpus:2;mem:2048;disk(a):2048")
        .framework(framework(&log, answers))
        .fault(secs(10), MASTER_CRASH)
        .job(0, secs(20), LATE)
        .run_until(at(secs(30)));
    assert_eq!(
        texts(&log),
        [
            "subscribed",
            "offer A0 cpus:2;mem:2048;disk(a):2048",
            "offer A0 cpus:2;mem:2048;disk(a):1984;disk(a)[v]:64",
            "is disconnected",
            "subscribed",
            "offer A0 cpus:2;mem:2048;disk(a):1984;disk(a)[v]:64",
            "job cpus:1"
        ]
    );
}

#[test]
fn pv_17_shared_persistent_volume_master_failover() {
    let log = Log::default();
    let answers = vec![Answer::Operate(
        "create disk(a)<v>:64 T0=cpus:0.5;mem:512;disk(a)<v>:64@100s T1=cpus:0.5;mem:512;disk(a)<v>:64@100s",
        Span::ZERO,
    )];
    Cluster::new()
        .agents(1, "cpus:2;mem:2048;disk(a):64")
        .framework(framework(&log, answers))
        .fault(secs(10), MASTER_CRASH)
        .job(0, secs(20), LATE)
        .run_until(at(secs(30)));
    assert_eq!(
        texts(&log),
        [
            "subscribed",
            "offer A0 cpus:2;mem:2048;disk(a):64",
            "T0 TASK_RUNNING",
            "T1 TASK_RUNNING",
            "offer A0 cpus:1;mem:1024;disk(a)<v>:64",
            "is disconnected",
            "subscribed",
            "offer A0 cpus:1;mem:1024;disk(a)<v>:64",
            "job cpus:1"
        ]
    );
}

#[test]
fn pv_20_slave_recovery() {
    let log = Log::default();
    let answers = vec![Answer::Operate(
        "create disk(a)[v]:64 T0=cpus:1;mem:512;disk(a)[v]:64@1000s",
        Span::ZERO,
    )];
    let kill = Call::Kill { task: task_id("T0"), agent: None, grace: None };
    Cluster::new()
        .agents(1, "cpus:2;mem:2048;disk(a):64")
        .framework(|id| framework(&log, answers)(id).calling(secs(30), kill))
        .fault(secs(10), Fault::AgentCrash { host: host(), restart_after: Some(secs(5)) })
        .run_until(at(secs(60)));
    assert_eq!(
        texts(&log),
        [
            "subscribed",
            "offer A0 cpus:2;mem:2048;disk(a):64",
            "T0 TASK_RUNNING",
            "offer A0 cpus:1;mem:1536",
            "rescind 1",
            "offer A0 cpus:1;mem:1536",
            "T0 TASK_KILLED",
            "offer A0 cpus:1;mem:512;disk(a)[v]:64"
        ]
    );
}

/// A RESERVE that never comes to its agent, which then restarts.
fn lost_reserve(cluster: Cluster<Scripted>) -> Vec<String> {
    let log = Log::default();
    let answers = vec![Answer::Operate("reserve cpus(+a@ops):1", Span::ZERO)];
    let (to_master, from_master) = (false, true);
    let (peer, duration, closes) = (Peer::Host(host()), secs(1), false);
    let partition = Fault::Partition { peer, to_master, from_master, duration, closes };
    let mut cluster = cluster
        .agents(1, "cpus:2")
        .job(0, secs(15), LATE)
        .framework(framework(&log, answers))
        .fault(millis(100), partition)
        .fault(secs(2), Fault::AgentCrash { host: host(), restart_after: Some(secs(1)) });
    // Its ACCEPT comes when the master's messages to the agent are lost already.
    cluster.framework_latency = constant(millis(200));
    cluster.run_until(at(secs(20)));
    texts(&log)
}

#[test]
fn sr_23_checkpointed_resources_resource_provider_capable() {
    assert_eq!(
        lost_reserve(Cluster::new()),
        [
            "subscribed",
            "offer A0 cpus:2",
            "offer A0 cpus:1;cpus(+a@ops):1",
            "rescind 1",
            "offer A0 cpus:2",
            "job cpus:1"
        ]
    );
}

#[test]
fn sr_23_checkpointed_resources() {
    let mut cluster = Cluster::new();
    cluster.resource_provider = false;
    assert_eq!(
        lost_reserve(cluster),
        [
            "subscribed",
            "offer A0 cpus:2",
            "offer A0 cpus:1;cpus(+a@ops):1",
            "rescind 1",
            "offer A0 cpus:1;cpus(+a@ops):1",
            "job cpus:1"
        ]
    );
}

#[test]
fn before_1_5_the_view_of_the_master_wins() {
    for profile in [Profile::MESOS_0_23, Profile::MESOS_1_1] {
        let mut cluster = Cluster::new();
        (cluster.master.profile, cluster.agent.profile) = (profile, profile);
        assert_eq!(
            lost_reserve(cluster),
            [
                "subscribed",
                "offer A0 cpus:2",
                "offer A0 cpus:1;cpus(+a@ops):1",
                "rescind 1",
                "offer A0 cpus:1;cpus(+a@ops):1",
                "job cpus:1"
            ]
        );
    }
}

const RAW: &str = "cpus:2;disk[RAW:,provider=p]:1024";
const CREATE: &str =
    "id=7 create-disk disk[RAW:,provider=p]:1024 disk[MOUNT:/m,provider=p,id=d]:1024";

/// A disk that takes ten seconds to be made, and faults meanwhile.
fn disk_operation(faults: Vec<(Span, Fault)>) -> Vec<String> {
    let log = Log::default();
    let destroy = "id=8 destroy-disk disk[MOUNT:/m,provider=p,id=d]:1024";
    let answers = vec![
        Answer::Operate(CREATE, secs(15)),
        Answer::Decline(secs(15)),
        Answer::Operate(destroy, Span::ZERO),
    ];
    let cluster = Cluster::new().agents(1, RAW).framework(framework(&log, answers));
    let mut cluster = cluster.job(0, secs(300), LATE);
    cluster.agent.disk_operation_time = secs(10);
    cluster.agent_latency = constant(millis(1));
    for (at, fault) in faults {
        cluster = cluster.fault(at, fault);
    }
    cluster.run_until(at(secs(310)));
    texts(&log)
}

#[test]
fn a_disk_is_made_and_taken_back() {
    assert_eq!(
        disk_operation(Vec::new()),
        [
            "subscribed",
            "offer A0 cpus:2;disk[RAW:,provider=p]:1024",
            "operation 7 OPERATION_FINISHED",
            "offer A0 cpus:2;disk[MOUNT:/m,provider=p,id=d]:1024",
            "offer A0 cpus:2;disk[MOUNT:/m,provider=p,id=d]:1024",
            "offer A0 cpus:2",
            "operation 8 OPERATION_FINISHED",
            "job cpus:1"
        ]
    );
}

#[test]
fn a_disk_is_made_though_the_master_fails() {
    assert_eq!(
        disk_operation(vec![(secs(5), MASTER_CRASH)]),
        [
            "subscribed",
            "offer A0 cpus:2;disk[RAW:,provider=p]:1024",
            "is disconnected",
            "subscribed",
            "offer A0 cpus:2",
            "operation 7 OPERATION_FINISHED",
            "offer A0 cpus:2;disk[MOUNT:/m,provider=p,id=d]:1024",
            "operation 8 OPERATION_FINISHED",
            "offer A0 cpus:2;disk[RAW:,provider=p]:1024",
            "job cpus:1"
        ]
    );
}

#[test]
fn a_disk_is_made_while_there_is_no_master() {
    let crash = Fault::MasterCrash { election: secs(10) };
    assert_eq!(
        disk_operation(vec![(secs(5), crash)]),
        [
            "subscribed",
            "offer A0 cpus:2;disk[RAW:,provider=p]:1024",
            "is disconnected",
            "subscribed",
            "offer A0 cpus:2;disk[MOUNT:/m,provider=p,id=d]:1024",
            "operation 7 OPERATION_FINISHED",
            "offer A0 cpus:2;disk[MOUNT:/m,provider=p,id=d]:1024",
            "offer A0 cpus:2",
            "operation 8 OPERATION_FINISHED",
            "job cpus:1"
        ]
    );
}

#[test]
fn a_disk_is_made_though_the_agent_restarts() {
    let crash = Fault::AgentCrash { host: host(), restart_after: Some(secs(1)) };
    assert_eq!(
        disk_operation(vec![(secs(5), crash)]),
        [
            "subscribed",
            "offer A0 cpus:2;disk[RAW:,provider=p]:1024",
            "offer A0 cpus:2",
            "operation 7 OPERATION_FINISHED",
            "offer A0 cpus:2;disk[MOUNT:/m,provider=p,id=d]:1024",
            "operation 8 OPERATION_FINISHED",
            "offer A0 cpus:2;disk[RAW:,provider=p]:1024",
            "job cpus:1"
        ]
    );
}

#[test]
fn a_disk_is_made_while_the_agent_is_cut_off() {
    let peer = Peer::Host(host());
    let (to_master, from_master, closes) = (true, true, false);
    let cut = |duration| Fault::Partition { peer, to_master, from_master, duration, closes };
    // For a moment, and for so long that it is unreachable.
    assert_eq!(
        disk_operation(vec![(secs(5), cut(secs(20)))]),
        [
            "subscribed",
            "offer A0 cpus:2;disk[RAW:,provider=p]:1024",
            "offer A0 cpus:2",
            "offer A0 cpus:2;disk[MOUNT:/m,provider=p,id=d]:1024",
            "operation 7 OPERATION_FINISHED",
            "offer A0 cpus:2",
            "operation 8 OPERATION_FINISHED",
            "job cpus:1"
        ]
    );
    assert_eq!(
        disk_operation(vec![(secs(5), cut(secs(90)))]),
        [
            "subscribed",
            "offer A0 cpus:2;disk[RAW:,provider=p]:1024",
            "offer A0 cpus:2",
            "offer A0 cpus:2",
            "operation 8 OPERATION_ERROR",
            "offer A0 cpus:2",
            "rescind 1",
            "operation 7 OPERATION_UNREACHABLE",
            "loses A0",
            "offer A0 cpus:2;disk[MOUNT:/m,provider=p,id=d]:1024",
            "operation 7 OPERATION_FINISHED",
            "job cpus:1"
        ]
    );
}
