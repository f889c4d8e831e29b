//! What the agents of the benchmarks have, and what is in use there before anything begins.

use policy_api::resources::{Labels, Reservation, ReservationKind};
use policy_api::{DenseId, FrameworkId, HeldResources, Resources, RoleId};
use std::sync::Arc;

/// An agent about to join.
#[derive(Clone, Debug)]
pub struct AgentSpec {
    pub total: Resources,
    pub used: Vec<HeldResources>,
}

impl AgentSpec {
    /// `count` agents that have `total`. Agent i is in use by framework i modulo `frameworks`, in
    /// the role of that framework, as far as `used` says.
    ///
    /// Every text is read anew for each agent, as a master reads each registration, so that no two
    /// agents share memory.
    pub fn many(
        count: usize,
        frameworks: usize,
        role_of: impl Fn(usize) -> RoleId,
        total: impl Fn(usize) -> Resources,
        used: impl Fn(usize) -> Resources,
    ) -> Vec<Self> {
        let agents = (0..count).map(|index| {
            let framework = index % frameworks.max(1);
            let held = HeldResources {
                framework: FrameworkId::from_index(framework),
                role: role_of(framework),
                resources: used(index),
            };
            let used = if held.resources.is_empty() { Vec::new() } else { vec![held] };
            Self { total: total(index), used }
        });
        agents.collect()
    }

    /// `count` agents that have `total`, with nothing in use.
    pub fn idle(count: usize, total: &str) -> Vec<Self> {
        (0..count).map(|_| Self { total: parse(total), used: Vec::new() }).collect()
    }
}

/// The agent of most of Mesos's benchmarks.
pub(crate) const WITH_PORTS: &str = "cpus:24;mem:4096;disk:4096;ports:[31000-32000]";

/// Reads what is written in this package.
pub(crate) fn parse(text: &str) -> Resources {
    text.parse().expect("written by hand")
}

/// Ports [31000-32000] in `count` pieces: single ports with gaps, and the rest as the last one.
pub(crate) fn pieces(count: u32) -> String {
    let singles = (0..count - 1).map(|piece| 31_000 + 2 * piece);
    let mut pieces: Vec<String> = singles.map(|port| format!("{port}-{port}")).collect();
    pieces.push(format!("{}-32000", 31_000 + 2 * (count - 1)));
    format!("ports:[{}]", pieces.join(","))
}

/// The objects of `text`, each with a dynamic reservation.
pub(crate) fn reserved(text: &str, role: &str, principal: &str, labels: &[Label]) -> Resources {
    let reservation = Reservation {
        kind: ReservationKind::Dynamic,
        role: role.into(),
        principal: Some(principal.into()),
        labels: Labels::new(labels.to_vec()),
    };
    let objects = parse(text);
    let objects = objects.iter().map(|(resource, _)| {
        let mut resource = resource.into_owned();
        resource.reservations.push(reservation.clone());
        resource
    });
    objects.collect()
}

/// A key with its value.
pub(crate) type Label = (Arc<str>, Option<Arc<str>>);

pub(crate) fn label(key: &str, value: &str) -> Label {
    (key.into(), Some(value.into()))
}
