//! A stateful service for scripts.

use super::framework_desk::check_framework;
use super::infos::subscription;
use super::words::{quantities, secs};
use policy_api::{DenseId, FrameworkId};
use sim_core::framework::{Spread, SpreadBy, StatefulFramework, StatefulOptions, VolumeDisk};

/// Three replicas of everything, in different zones; a volume of 1000 MB, which takes 100 s to copy.
pub(crate) fn options() -> StatefulOptions {
    StatefulOptions {
        files: Vec::new(),
        replicas: 3,
        replication_factor: 3,
        role: "a".into(),
        demand: quantities("cpus:1;disk:1000"),
        disk: VolumeDisk::Root,
        write_rate: 1 << 20,
        copy_rate: 10 << 20,
        spread: Spread { by: SpreadBy::Zone, at_most_per_value: Some(1) },
        decline: secs(5),
        replace_timeout: secs(600),
        maintenance_margin: secs(100),
    }
}

pub(crate) fn check(options: StatefulOptions, script: &str) {
    let id = FrameworkId::from_index(0);
    let mut subscription = subscription();
    subscription.info.name = "db".into();
    check_framework(StatefulFramework::new(id, subscription, options), script);
}

pub(crate) fn one() -> StatefulOptions {
    StatefulOptions { replicas: 1, replication_factor: 1, ..options() }
}
