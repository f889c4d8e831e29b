//! Random events at each framework: offers, rescinded offers, updates in any state, broken connections,
//! crashes. Whatever comes, it does not panic, takes only what it was offered, believes in no more tasks
//! than it wants, and once the cluster is well again it gets everything up.

use crate::support::batch::options;
use crate::support::infos::subscription;
use crate::support::weather::{Step, Weather, step};
use crate::support::words::{job, quantities, resources, secs};
/// Only what drives a framework: nothing here needs a master.
use policy_api::{AgentId, DenseId, FrameworkId, Resources, Time};
use proptest::prelude::*;
use sim_core::framework::{
    BatchFramework, BatchOptions, Framework, Hold, ServiceFramework, ServiceOptions, Spread,
    StatefulFramework, StatefulOptions, ThinkTime, VolumeDisk,
};
use sim_core::{JobIndex, Observation, TaskRecord};
use std::collections::BTreeMap;
use std::sync::Arc;

const AGENTS: usize = 5;
const WANTED: u32 = 4;

/// Plays the steps, then good weather, to a framework that wants so many tasks at any time.
fn play<F: Framework>(framework: F, steps: &[Step]) -> Weather<F> {
    let weather = play_and_clear_up(framework, WANTED, steps);
    check_incarnations(&weather.observed);
    weather
}

fn play_and_clear_up<F: Framework>(framework: F, most: u32, steps: &[Step]) -> Weather<F> {
    let each = resources("cpus:2;disk:3000;mem:2000");
    let mut weather = Weather::new(framework, AGENTS, &each);
    for step in steps {
        weather.step(step);
        let believed = weather.believed();
        assert!(believed <= most as usize, "{believed} tasks are believed to be alive");
    }
    weather.clear_up();
    assert_eq!(weather.believed(), WANTED as usize);
    assert_eq!(weather.pool.tasks.len(), WANTED as usize, "strays are killed");
    assert_eq!(weather.framework.pending_tasks(), 0);
    weather
}

/// No incarnation of an instance was launched before the end of the one before it.
fn check_incarnations(observed: &[Observation]) {
    let mut last: BTreeMap<JobIndex, TaskRecord> = BTreeMap::new();
    for seen in observed {
        let Observation::TaskEnded(record) = *seen else { continue };
        if let Some(before) = last.insert(record.job, record) {
            assert_eq!(record.number, before.number + 1);
            assert!(record.launched >= before.ended, "{before:?} and {record:?}");
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..120)
}

fn service(scale: Vec<(Time, u32)>) -> ServiceFramework {
    let options = ServiceOptions {
        files: Vec::new(),
        demand: quantities("cpus:1"),
        scale,
        spread: Spread::default(),
        decline: secs(5),
        unreachable_timeout: secs(0),
        maintenance_margin: secs(100),
    };
    ServiceFramework::new(first(), subscription(), options)
}

/// The level of service that was observed last.
fn level(observed: &[Observation]) -> Option<(u32, u32)> {
    observed.iter().rev().find_map(|seen| {
        let Observation::ServiceLevel { wanted, running, .. } = seen else { return None };
        Some((*wanted, *running))
    })
}

fn first() -> FrameworkId {
    FrameworkId::from_index(0)
}

proptest! {
    #[test]
    fn a_batch_framework_finishes_its_jobs(
        steps in steps(),
        think in 0..3_u64,
        held in 0..3_usize,
        unreachable in 0..100_u64,
    ) {
        let options = BatchOptions {
            think_time: ThinkTime { per_offer: secs(think), per_task: secs(0) },
            hold: Hold { offers: held, time: secs(30) },
            unreachable_timeout: secs(unreachable),
            ..options()
        };
        let mut weather =
            Weather::new(BatchFramework::new(first(), subscription(), options), AGENTS, &resources("cpus:2"));
        let jobs = ["3xcpus:1 2xcpus:2", "9xcpus:1 unique", "cpus:1@1s cpus:2@1s"];
        for (index, step) in steps.iter().enumerate() {
            if index % 8 == 0 {
                weather.submit(Arc::new(job(Time::ZERO, jobs[index / 8 % jobs.len()])));
            }
            weather.step(step);
        }
        weather.clear_up();
        weather.finish_tasks();
        prop_assert_eq!(weather.framework.pending_tasks(), 0);
        prop_assert_eq!(weather.framework.live_tasks(), 0);
        let over = |seen: &&Observation| matches!(seen, Observation::JobEnded { .. });
        let submitted = steps.len().div_ceil(8);
        prop_assert_eq!(weather.observed.iter().filter(over).count(), submitted);
    }

    #[test]
    fn a_service_gets_all_of_its_instances_up(mut steps in steps()) {
        // Without moves no instance has two tasks.
        steps.retain(|step| !matches!(step, Step::Maintenance { .. }));
        let scale = vec![(Time::ZERO, WANTED)];
        let weather = play(service(scale), &steps);
        prop_assert_eq!(level(&weather.observed), Some((WANTED, WANTED)));
    }

    #[test]
    fn a_service_that_moves_and_changes_settles(steps in steps(), scales in prop::collection::vec(0..9_u32, 0..4)) {
        let times = (0..).map(|index| Time::from_secs(100 * index));
        let scale = times.zip(scales.into_iter().chain([WANTED])).collect();
        let weather = play_and_clear_up(service(scale), u32::MAX, &steps);
        prop_assert_eq!(level(&weather.observed), Some((WANTED, WANTED)));
    }

    #[test]
    fn a_stateful_framework_gets_all_of_its_replicas_up(steps in steps(), timeout in 0..60_u64) {
        let options = StatefulOptions {
 files: Vec::new(),
            replicas: WANTED,
            replication_factor: 2,
            role: "a".into(),
            demand: quantities("cpus:1;disk:1000"),
            disk: VolumeDisk::Root,
            write_rate: 1 << 20,
            copy_rate: 100 << 20,
            spread: Spread::default(),
            decline: secs(5),
            replace_timeout: secs(timeout),
            maintenance_margin: secs(100),
        };
        let stateful = StatefulFramework::new(first(), subscription(), options);
        let weather = play(stateful, &steps);
        // Nothing is left of what was given up.
        let mut all = resources("nothing");
        for agent in (0..AGENTS).map(AgentId::from_index) {
            let free = weather.pool.free.get(&agent);
            prop_assert!(free.is_none_or(Resources::is_plain), "{free:?}");
        }
        for (_, used) in weather.pool.tasks.values() {
            all.add(used);
        }
        prop_assert_eq!(all.persistent_volumes().others().len(), WANTED as usize);
    }
}
