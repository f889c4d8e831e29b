//! Tasks that a framework may have given up: what it has heard of them last need not be true.

use crate::support::cluster::Cluster;
use crate::support::infos::{framework_info, role};
use crate::support::scripted::{Answer, Log, Scripted};
use crate::support::words::secs;
use policy_api::{DenseId, FrameworkId, Time};
use sim_core::faults::{Fault, Peer};
use sim_core::invariants::{Watch, Witness};
use sim_core::protocol::HostId;

/// It was out of reach, came back, and ended with its host while its framework was away. Nobody repeats
/// that, and nobody asks.
#[test]
fn a_task_that_came_back_may_be_lost_without_its_framework() {
    let host = HostId::from_index(0);
    let log = Log::default();
    let partition = Fault::Partition {
        peer: Peer::Host(host),
        to_master: true,
        from_master: true,
        duration: secs(100),
        closes: false,
    };
    let mut simulation = Cluster::new()
        .agents(1, "cpus:1")
        .framework(|id| {
            let answers = vec![
                Answer::Accept(vec!["cpus:1@9999s"], secs(99_999)),
                Answer::Decline(secs(99_999)),
            ];
            let scripted = Scripted::new(framework_info(id, role("a")), answers, log.clone());
            Witness::new(scripted.failing_over(secs(9_999)).staying(secs(2_000)))
        })
        .fault(secs(10), partition)
        .fault(
            secs(200),
            Fault::FrameworkCrash {
                framework: FrameworkId::from_index(0),
                restart_after: Some(secs(300)),
            },
        )
        .fault(secs(210), Fault::HostReplacement { host, down_for: secs(10) })
        .build();
    simulation.check_invariants();
    simulation.run(Time::from_secs(1_500), &mut ()).expect("no violation");
    assert_eq!(
        log.lines(),
        [
            "0s subscribed",
            "0s offer A0 cpus:1",
            "0s T0 TASK_RUNNING",
            "90s T0 TASK_UNREACHABLE AgentRemoved since 90s",
            "90s loses A0",
            "119.748951326s T0 TASK_RUNNING AgentReregistered",
            "500s subscribed",
            "500s offer A1 cpus:1",
        ]
    );
    Watch::at_rest(&simulation).expect("all has settled");
}
