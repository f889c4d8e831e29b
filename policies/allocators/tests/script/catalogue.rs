//! What agents, frameworks and quotas of random scripts are made of.

use super::dice::Dice;
use policy_api::resources::{
    DiskInfo, DiskSource, DiskSourceKind, Labels, Persistence, Reservation, ReservationKind, Value,
};
use policy_api::{
    AgentCapabilities, AgentId, AgentInfo, AttributeConstraint, AttributePredicate,
    AttributeSelector, DenseId, FrameworkCapabilities, FrameworkId, FrameworkInfo, NamedQuantities,
    Quantities, Resource, Resources, RoleConstraints, RoleId,
};
use std::sync::Arc;

pub(crate) const ROLES: [&str; 9] = ["a", "a/x", "a/x/deep", "a/y", "b", "b/x", "c", "*", "ab"];

/// Text attributes and host names are compared with these; the reference knows their meaning.
pub(crate) const PATTERNS: [&str; 4] = ["r1|r12", "r[0-9]+", "h.*", ""];

const PLAIN: [&str; 6] = [
    "cpus:4;mem:4096",
    "cpus:2;mem:1024;disk:1000",
    "cpus:0.5;mem:64",
    "cpus:8;mem:8192;disk:2000;ports:[31000-31009]",
    "cpus:3;mem:1500;gpus:1",
    "cpus:16;mem:16384;disk:4000",
];

const TAGGED: [&str; 8] = [
    "cpus(a):1;mem(a):256",
    "cpus(b/x):2",
    "cpus(a/x):0.125;disk(a/x):300",
    "disk(a):500;mem(b):128",
    "ports(a):[40000-40003]",
    "nics:{eth0,eth1,eth2}",
    "gpus(c):2",
    "cpus(ab):1.5;disk(b):200",
];

pub(crate) fn parse(text: &str) -> Resources {
    text.parse().expect("written by hand")
}

/// One object of a kind that has no text form.
fn object(name: &str, amount: i64) -> Resource {
    Resource::plain(name, Value::Scalar(amount))
}

fn sourced_disk(kind: DiskSourceKind, number: usize, dice: &mut Dice) -> Resource {
    let is_raw = matches!(kind, DiskSourceKind::Raw | DiskSourceKind::Block);
    let has_id = kind == DiskSourceKind::Block || (is_raw && dice.one_in(2));
    let source = DiskSource {
        kind,
        root: (!is_raw).then(|| format!("/mnt/{number}").into()),
        id: has_id.then(|| format!("id{number}").into()),
        profile: None,
        vendor: None,
        metadata: Labels::default(),
    };
    let info = DiskInfo { source: Some(source), ..DiskInfo::default() };
    let amount = 50_000 * i64::try_from(1 + dice.below(6)).expect("small");
    Resource { disk: Some(Arc::new(info)), ..object("disk", amount) }
}

pub(crate) fn reservation(role: &str, kind: ReservationKind) -> Reservation {
    Reservation { kind, role: role.into(), principal: None, labels: Labels::default() }
}

pub(crate) fn volume(of: &Resource, id: &str, shared: bool) -> Resource {
    let source = of.disk.as_ref().and_then(|disk| disk.source.clone());
    let persistence = Some(Persistence { id: id.into(), principal: None });
    Resource {
        disk: Some(Arc::new(DiskInfo { source, persistence, volume: None })),
        shared,
        ..of.clone()
    }
}

/// Resources of one of the kinds that quota, reservations and capabilities treat differently.
fn special(number: usize, dice: &mut Dice) -> Resource {
    match dice.below(8) {
        0 | 1 => Resource { revocable: true, ..object("cpus", 1_000) },
        2 => sourced_disk(DiskSourceKind::Path, number, dice),
        3 => sourced_disk(DiskSourceKind::Mount, number, dice),
        4 => sourced_disk(DiskSourceKind::Raw, number, dice),
        5 => sourced_disk(DiskSourceKind::Block, number, dice),
        6 => {
            let reservations =
                vec![reservation(dice.of(&["a", "b", "c"]), ReservationKind::Static)];
            let disk = Resource { reservations, ..object("disk", 100_000) };
            volume(&disk, &format!("old{number}"), dice.one_in(2))
        }
        _ => Resource { provider: Some("provider".into()), ..object("mem", 512_000) },
    }
}

/// What an agent or a resource provider brings. `number` keeps disks of different ones apart.
pub(crate) fn total(number: usize, dice: &mut Dice) -> Resources {
    let mut total = parse(dice.of(&PLAIN));
    if dice.one_in(3) {
        total.add(&parse(dice.of(&TAGGED)));
    }
    if dice.one_in(2) {
        for index in 0..=dice.below(3) {
            total.add_resource(special(number * 10 + index, dice));
        }
    }
    total
}

/// Names do not ascend with the ids: orders by name and by id differ.
fn scattered(index: usize) -> usize {
    index * 7_919 % 10_007
}

pub(crate) fn agent_info(agent: AgentId, dice: &mut Dice) -> AgentInfo {
    let text = |name: &str, value: &str| (Arc::from(name), Arc::from(value));
    let mut attributes = Vec::new();
    if dice.one_in(2) {
        attributes.push(text("rack", dice.of(&["r1", "r2", "r12"])));
    }
    if dice.one_in(4) {
        attributes.push(text("rack", dice.of(&["r1", "x"])));
    }
    if dice.one_in(4) {
        attributes.insert(0, text("os", "linux"));
    }
    let mut other_attributes = Vec::new();
    if dice.one_in(4) {
        other_attributes.push(text(dice.of(&["rack", "size"]), "4"));
    }
    let region = dice.of(&[None, Some("here"), Some("here"), Some("there")]);
    AgentInfo {
        name: format!("s{:05}", scattered(agent.index())).into(),
        hostname: dice.of(&["h1", "h2", "h3", "x"]).into(),
        attributes,
        other_attributes,
        capabilities: AgentCapabilities {
            multi_role: !dice.one_in(16),
            hierarchical_role: !dice.one_in(12),
            ..AgentCapabilities::default()
        },
        region: region.map(Arc::from),
        zone: region.map(|region| format!("{region}/{}", dice.below(2)).into()),
    }
}

fn constraint(dice: &mut Dice) -> AttributeConstraint {
    use AttributePredicate::{
        Exists, NotExists, TextEquals, TextMatches, TextNotEquals, TextNotMatches,
    };
    let selector = match dice.below(6) {
        0 => AttributeSelector::Hostname,
        1 => AttributeSelector::Region,
        2 => AttributeSelector::Zone,
        _ => AttributeSelector::Attribute(dice.of(&["rack", "rack", "os", "size"]).into()),
    };
    let text: Arc<str> = dice.of(&["r1", "r2", "h1", "here", "here/1", "linux"]).into();
    let pattern: Arc<str> = dice.of(&PATTERNS).into();
    let predicates = [
        Exists,
        NotExists,
        TextEquals(Arc::clone(&text)),
        TextNotEquals(text),
        TextMatches(Arc::clone(&pattern)),
        TextNotMatches(pattern),
    ];
    AttributeConstraint { selector, predicate: dice.of(&predicates) }
}

pub(crate) fn framework_info(framework: FrameworkId, dice: &mut Dice) -> FrameworkInfo {
    let multi_role = !dice.one_in(6);
    let count = if multi_role { 1 + dice.below(3) } else { 1 };
    let mut roles: Vec<RoleId> =
        (0..count).map(|_| RoleId::from_index(dice.below(ROLES.len()))).collect();
    roles.sort_unstable();
    roles.dedup();
    let min_allocatable = dice.some(&roles, 10).into_iter().map(|role| {
        let minima = ["", "cpus:2;mem:512", "disk:100|cpus:0.5", "ports:3|gpus:1", "nics:2"];
        let minimum = dice.of(&minima).split('|').filter(|text| !text.is_empty());
        let minimum: Vec<NamedQuantities> =
            minimum.map(|text| text.parse().expect("written by hand")).collect();
        (role, minimum)
    });
    let min_allocatable = min_allocatable.collect();
    let constrained = dice.some(&roles, 6).into_iter().map(|role| {
        let group = |dice: &mut Dice| (0..=dice.below(2)).map(|_| constraint(dice)).collect();
        let groups = (0..=dice.below(2)).map(|_| group(dice)).collect();
        RoleConstraints { role, groups }
    });
    let offer_constraints = constrained.collect();
    FrameworkInfo {
        name: format!("f{:05}", scattered(framework.index())).into(),
        suppressed_roles: dice.some(&roles, 8),
        roles,
        capabilities: FrameworkCapabilities {
            multi_role,
            gpu_resources: dice.one_in(2),
            revocable_resources: dice.one_in(2),
            shared_resources: !dice.one_in(3),
            reservation_refinement: !dice.one_in(3),
            region_aware: dice.one_in(2),
            ..FrameworkCapabilities::default()
        },
        min_allocatable,
        offer_constraints,
    }
}

/// Guarantees near what a few agents have, limits a little above, and often none at all.
pub(crate) fn quota(dice: &mut Dice) -> policy_api::Quota {
    if dice.one_in(3) {
        return policy_api::Quota::default();
    }
    let units = [500, 100_000, 1_000, 256_000];
    let mut quota = policy_api::Quota::default();
    let mut guarantees = [0; 4];
    for (scalar, unit) in units.into_iter().enumerate() {
        // Mostly CPUs and memory.
        let named = dice.one_in(if scalar % 3 == 0 { 2 } else { 6 });
        if named {
            guarantees[scalar] = unit * i64::try_from(dice.below(16)).expect("small");
        }
        if dice.one_in(if scalar % 3 == 0 { 2 } else { 6 }) {
            let more = unit * i64::try_from(dice.below(8)).expect("small") / 2;
            quota.limits.0[scalar] = Some(guarantees[scalar] + more);
        }
    }
    quota.guarantees = Quantities::from_amounts(guarantees);
    quota
}
