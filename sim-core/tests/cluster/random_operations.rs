//! Random frameworks that reserve, make volumes, launch tasks on them, destroy them and unreserve: the
//! books are checked after every step (`spec/reservations-volumes.md` section 9).

use crate::support::cluster::{Cluster, Done, constant};
use crate::support::infos::{framework_info, role};
use crate::support::restless::Restless;
use crate::support::words::{millis, resources, secs};
use policy_api::{AgentId, DenseId, Resources, Time};
use proptest::prelude::*;
use sim_core::protocol::OperationKind;
use sim_core::{Observation, Streams};
use std::collections::{BTreeMap, BTreeSet};

const ROLES: [&str; 3] = ["a", "a/x", "b"];
const TOTALS: [&str; 3] = [
    "cpus:4;mem:4096;disk:4096;ports:[31000-31009]",
    "cpus:8;mem:1024;disk(a):2048;disk:1024",
    "cpus(b):2;cpus:2;mem:2048;disk(a):1024;disk(a/x):1024;disk(b):1024",
];

#[derive(Clone, Debug)]
struct Plan {
    seed: u64,
    /// Indices into `TOTALS`.
    agents: Vec<usize>,
    frameworks: Vec<FrameworkPlan>,
    latency_ms: u64,
    offer_timeout_secs: Option<u64>,
}

#[derive(Clone, Debug)]
struct FrameworkPlan {
    role: usize,
    shared: bool,
    signs: bool,
}

fn plan() -> impl Strategy<Value = Plan> {
    let framework = (0..ROLES.len(), any::<bool>(), any::<bool>())
        .prop_map(|(role, shared, signs)| FrameworkPlan { role, shared, signs });
    (
        any::<u64>(),
        prop::collection::vec(0..TOTALS.len(), 1..=3),
        prop::collection::vec(framework, 1..=4),
        prop_oneof![Just(0), 0..=700_u64],
        prop::option::of(1..5_u64),
    )
        .prop_map(|(seed, agents, frameworks, latency_ms, offer_timeout_secs)| Plan {
            seed,
            agents,
            frameworks,
            latency_ms,
            offer_timeout_secs,
        })
}

impl Plan {
    fn run(&self) -> Done<Restless> {
        let mut cluster = Cluster::new();
        cluster.seed = self.seed;
        cluster.random_agent_order = true;
        cluster.agent_latency = constant(millis(self.latency_ms));
        cluster.framework_latency = constant(millis(self.latency_ms / 2));
        cluster.master.offer_timeout = self.offer_timeout_secs.map(secs);
        for total in &self.agents {
            cluster = cluster.agents(1, TOTALS[*total]);
        }
        let streams = Streams::new(self.seed);
        for plan in &self.frameworks {
            cluster = cluster.framework(|id| {
                let mut info = framework_info(id, role(ROLES[plan.role]));
                info.capabilities.shared_resources = plan.shared;
                let random = streams.stream(&format!("restless/{}", id.index()));
                let principal = plan.signs.then(|| "ops".into());
                Restless::new(info, ROLES[plan.role], principal, random)
            });
        }
        cluster.run_until(Time::from_secs(120))
    }
}

/// Without reservations and volumes, what an agent has is what it was configured with.
fn bare(total: &Resources) -> Resources {
    let mut scalars = total.stripped_scalar_quantity();
    scalars.add(&total.filter(false, |resource| resource.scalar().is_none()).to_unreserved());
    scalars
}

fn check_total(total: &Resources, configured: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(bare(total), bare(&resources(configured)));
    let mut ids = BTreeSet::new();
    for entry in total.persistent_volumes().others() {
        let volume = &entry.resource;
        let persistence = volume.disk.as_ref().and_then(|disk| disk.persistence.as_ref());
        let id = persistence.map(|it| it.id.clone());
        prop_assert!(volume.is_reserved() && !volume.revocable && entry.copies == 1);
        prop_assert!(ids.insert((volume.reservation_role(), id)), "{total}");
    }
    Ok(())
}

/// How often each operation was applied and dropped.
fn counts(done: &Done<Restless>) -> BTreeMap<OperationKind, (u32, u32)> {
    let mut counts = BTreeMap::<_, (u32, u32)>::new();
    for (_, observation) in &done.seen {
        if let Observation::OperationApplied { operation, .. } = observation {
            counts.entry(*operation).or_default().0 += 1;
        } else if let Observation::OperationDropped { operation, .. } = observation {
            counts.entry(*operation).or_default().1 += 1;
        }
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn whatever_frameworks_do_nothing_is_lost_and_agents_agree(plan in plan()) {
        let done = plan.run();
        let master = done.simulation.master();
        for (index, configured) in plan.agents.iter().enumerate() {
            check_total(master.account(AgentId::from_index(index)).total, TOTALS[*configured])?;
        }
        prop_assert_eq!(plan.run().digest, done.digest);
    }
}

/// The random frameworks are worth running only if they get all kinds of operations done, and fail.
#[test]
fn random_frameworks_do_everything() {
    let mut sums = BTreeMap::<_, (u32, u32)>::new();
    for seed in 0..20 {
        let frameworks = (0..3).map(|role| FrameworkPlan { role, shared: true, signs: true });
        let plan = Plan {
            seed,
            agents: vec![0, 1, 2],
            frameworks: frameworks.collect(),
            latency_ms: 100,
            offer_timeout_secs: None,
        };
        for (kind, (applied, dropped)) in counts(&plan.run()) {
            let sum = sums.entry(kind).or_default();
            *sum = (sum.0 + applied, sum.1 + dropped);
        }
    }
    assert_eq!(sums.len(), 6);
    let enough = |&(applied, dropped): &(u32, u32)| applied >= 20 && dropped >= 10;
    assert!(sums.values().all(enough), "{sums:?}");
}
