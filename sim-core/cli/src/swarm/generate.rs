//! Draws plans: clusters, workloads and policies. `disturb.rs` draws what happens to them.

use super::disturb;
use super::files::{Files, add_files};
use super::network::add_network;
use super::oversubscription::add_oversubscription;
use super::plan::{AgentPlan, FrameworkPlan, JobPlan, Kind, PRINCIPAL, Plan, ROLES, ZONES};
use super::transport::add_transport;
use policy_api::resources::{DiskInfo, DiskSource, DiskSourceKind, Value};
use policy_api::{Quantities, Resource, Resources, Scalar, Span, Time};
use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use sim_core::agent::AgentOptions;
use sim_core::agent::fetcher::FetcherOptions;
use sim_core::framework::{
    BatchOptions, Hold, JobOrder, Placement, ResourceKind, ServiceOptions, Spread, SpreadBy,
    StatefulOptions, ThinkTime, VolumeDisk,
};
use sim_core::master::MasterOptions;
use sim_core::network::Latency;
use sim_core::protocol::CommandInfo;
use sim_core::{Profile, Streams};
use std::sync::Arc;

/// Everything is drawn from here.
pub(crate) struct Dice(Pcg64Mcg);

impl Dice {
    pub(crate) const fn new(random: Pcg64Mcg) -> Self {
        Self(random)
    }

    pub(crate) fn percent(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }

    /// Both ends included.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0.random_range(least..=most)
    }

    pub(crate) fn index(&mut self, length: usize) -> usize {
        self.0.random_range(0..length)
    }

    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())].clone()
    }

    pub(crate) fn millis(&mut self, least: u64, most: u64) -> Span {
        Span::from_millis(self.between(least, most))
    }

    pub(crate) fn time(&mut self, before: Time) -> Time {
        Time::from_nanos(self.0.random_range(0..before.as_nanos().max(1)))
    }

    pub(super) fn files(&mut self, files: &Files) -> Arc<CommandInfo> {
        files.draw(&mut self.0)
    }

    /// Nothing as often as not.
    fn up_to(&mut self, most: u64) -> Span {
        if self.percent(50) { Span::ZERO } else { self.millis(0, most) }
    }

    fn latency(&mut self) -> Latency {
        Latency { constant: self.up_to(50), jitter: self.up_to(100) }
    }
}

/// A plan of a seed, of about so many events. A seed has as many plans as one likes.
pub(crate) fn plan(seed: u64, events: u64, number: u32) -> Plan {
    let streams = Streams::new(seed);
    let dice = |name: &str| {
        Dice(match number {
            0 => streams.stream(name),
            _ => streams.stream(&format!("{name}/{number}")),
        })
    };
    let mut oversubscription_dice = dice("swarm/oversubscription");
    let mut dice = dice("swarm/plan");
    let quiet_from = Time::ZERO + Span::from_millis(events * dice.between(20, 100));
    let profile = match dice.between(0, 9) {
        0 => Profile::MESOS_0_23,
        1 => Profile::MESOS_1_1,
        _ => Profile::MODERN,
    };
    let hosts = if dice.percent(50) { dice.between(1, 4) } else { dice.between(1, 20) };
    let options = agent_options(&mut dice, profile);
    let agents = (0..hosts).map(|_| agent(&mut dice, options)).collect();
    let kinds = dice.between(1, 6);
    let frameworks: Vec<_> = (0..kinds).map(|_| framework(&mut dice, profile)).collect();
    let batch: Vec<usize> = frameworks
        .iter()
        .enumerate()
        .filter(|(_, plan)| matches!(plan.kind, Kind::Batch(_)))
        .map(|(index, _)| index)
        .collect();
    let jobs = if batch.is_empty() { 0 } else { dice.between(1, 20) };
    let mut jobs: Vec<_> = (0..jobs).map(|_| job(&mut dice, &batch, quiet_from)).collect();
    jobs.sort_by_key(|job| job.arrival);
    let mut plan = Plan {
        seed,
        quiet_from,
        master: master_options(&mut dice, profile),
        random_agent_order: dice.percent(80),
        agent_latency: dice.latency(),
        framework_latency: dice.latency(),
        transport: None,
        oversubscription: None,
        network: None,
        agents,
        frameworks,
        jobs,
        faults: Vec::new(),
        calls: Vec::new(),
    };
    disturb::add_faults(&mut plan, &mut dice);
    disturb::add_calls(&mut plan, &mut dice);
    add_transport(&mut plan, &mut dice);
    // From a stream of its own, so that all else is as it was before.
    add_files(&mut plan, &mut Dice(streams.stream(&format!("swarm/files/{number}"))));
    add_oversubscription(&mut plan, &mut oversubscription_dice);
    // From a stream of its own, so that all else is as it is without.
    let network = match number {
        0 => streams.stream("swarm/network"),
        _ => streams.stream(&format!("swarm/network/{number}")),
    };
    add_network(&mut plan, &mut Dice::new(network));
    plan
}

fn master_options(dice: &mut Dice, profile: Profile) -> MasterOptions {
    let mut options = MasterOptions {
        profile,
        offer_timeout: dice.percent(50).then(|| dice.millis(2_000, 30_000)),
        agent_ping_timeout: dice.millis(500, 3_000),
        max_agent_ping_timeouts: 3,
        agent_reregister_timeout: dice.millis(5_000, 60_000),
        agent_removal_interval: dice.percent(20).then(|| dice.millis(100, 10_000)),
        registry_store_latency: dice.up_to(1_000),
        ..MasterOptions::default()
    };
    if dice.percent(10) {
        options.registry_gc_interval = Span::from_secs(10);
        options.registry_max_agent_age = dice.millis(10_000, 60_000);
    }
    if dice.percent(10) {
        options.max_completed_tasks_per_framework = dice.index(3);
    }
    options
}

fn agent_options(dice: &mut Dice, profile: Profile) -> AgentOptions {
    AgentOptions {
        launch_delay: dice.up_to(3_000),
        starting_delay: dice.percent(50).then(|| dice.millis(0, 1_000)),
        registration_backoff_factor: dice.millis(10, 2_000),
        executor_registration_timeout: dice.millis(1_000, 20_000),
        executor_shutdown_grace_period: dice.millis(500, 5_000),
        kill_grace: dice.millis(0, 3_000),
        recovery_timeout: dice.millis(5_000, 60_000),
        recover_cleanup: dice.percent(5),
        restart_delay: dice.percent(90).then(|| dice.millis(100, 10_000)),
        disk_operation_time: dice.up_to(2_000),
        fetcher: FetcherOptions {
            cache_size: dice.between(0, 30) << 20,
            download_rate: 10 << 20,
            worker_start: dice.millis(0, 500),
            ..FetcherOptions::DEFAULT
        },
        profile,
        ..AgentOptions::DEFAULT
    }
}

fn agent(dice: &mut Dice, options: AgentOptions) -> AgentPlan {
    let mut text = format!("cpus:{};mem:{}", dice.between(1, 8), dice.between(64, 8192));
    if dice.percent(80) {
        text = format!("{text};disk:{}", dice.between(100, 10_000));
    }
    if dice.percent(50) {
        text += ";ports:[31000-31999]";
    }
    if dice.percent(20) {
        text = format!("{text};gpus:{}", dice.between(1, 4));
    }
    if dice.percent(20) {
        let role = dice.one(&["a", "b"]);
        text = format!("{text};cpus({role}):{};mem({role}):512", dice.between(1, 4));
    }
    let mut total = Resources::parse(&text, "*").expect("resources as an agent may have them");
    for (kind, root) in [(DiskSourceKind::Path, "/path"), (DiskSourceKind::Mount, "/mount")] {
        if options.profile.disk_sources && dice.percent(20) {
            total.add_resource(disk(kind, root, dice.between(500, 5_000)));
        }
    }
    let start = if dice.percent(80) { Time::ZERO } else { Time::ZERO + dice.millis(0, 20_000) };
    AgentPlan { start, total, zone: dice.one(&ZONES), options, fetch_tls: None }
}

fn disk(kind: DiskSourceKind, root: &str, megabytes: u64) -> Resource {
    let source = Some(DiskSource { root: Some(root.into()), ..DiskSource::new(kind) });
    let amount = i64::try_from(megabytes * 1000).expect("a small number");
    let disk = Some(Arc::new(DiskInfo { source, ..DiskInfo::default() }));
    Resource { disk, ..Resource::plain("disk", Value::Scalar(amount)) }
}

fn framework(dice: &mut Dice, profile: Profile) -> FrameworkPlan {
    let role = dice.index(ROLES.len());
    let mut roles = vec![if profile.reservation_refinement { role } else { role % 3 }];
    let kind = match dice.between(0, 9) {
        0 | 1 => Kind::Batch(batch(dice)),
        2 => Kind::Service(service(dice)),
        3 => {
            roles[0] %= 3;
            Kind::Stateful(stateful(dice, ROLES[roles[0]]))
        }
        _ => {
            if profile.multi_role && dice.percent(20) {
                roles = vec![0, 1];
            }
            Kind::Restless { accepts: u32::try_from(dice.between(5, 80)).unwrap_or(5) }
        }
    };
    FrameworkPlan {
        roles,
        kind,
        partition_aware: dice.percent(60),
        gpus: dice.percent(30),
        shared: dice.percent(60),
        revocable: false,
        killing_state: dice.percent(30),
        checkpoint: dice.percent(70),
        failover_timeout: if dice.percent(20) { Span::ZERO } else { dice.millis(1_000, 100_000) },
        usage: None,
    }
}

fn batch(dice: &mut Dice) -> BatchOptions {
    let hold = if dice.percent(20) {
        Hold { offers: dice.index(4), time: dice.millis(0, 20_000) }
    } else {
        Hold::default()
    };
    let think_time = ThinkTime { per_offer: dice.up_to(50), per_task: dice.up_to(100) };
    BatchOptions {
        order: dice.one(&[JobOrder::Fifo, JobOrder::Fair]),
        placement: dice.one(&[Placement::FirstFit, Placement::BestFit, Placement::WorstFit]),
        decline: dice.millis(1_000, 30_000),
        max_tasks_per_offer: dice.percent(30).then_some(1),
        hold,
        think_time,
        uses: ResourceKind::Regular,
        unreachable_timeout: dice.up_to(30_000),
    }
}

fn spread(dice: &mut Dice) -> Spread {
    let by = if dice.percent(50) { SpreadBy::Agent } else { SpreadBy::Attribute("zone".into()) };
    Spread { by, at_most_per_value: dice.percent(50).then_some(1) }
}

fn service(dice: &mut Dice) -> ServiceOptions {
    let mut scale = vec![(Time::ZERO, u32::try_from(dice.between(1, 6)).unwrap_or(1))];
    if dice.percent(50) {
        scale.push((Time::ZERO + dice.millis(1_000, 60_000), dice.one(&[0, 1, 2, 3, 4])));
    }
    ServiceOptions {
        demand: demand(dice),
        files: Vec::new(),
        scale,
        spread: spread(dice),
        decline: dice.millis(10_000, 60_000),
        unreachable_timeout: dice.up_to(30_000),
        maintenance_margin: dice.millis(0, 60_000),
    }
}

fn stateful(dice: &mut Dice, role: &str) -> StatefulOptions {
    let replicas = u32::try_from(dice.between(1, 3)).unwrap_or(1);
    StatefulOptions {
        replicas,
        replication_factor: replicas,
        role: role.into(),
        demand: demand(dice).with(Scalar::Disk, 100_000),
        files: Vec::new(),
        disk: dice.one(&[VolumeDisk::Root, VolumeDisk::Root, VolumeDisk::Path, VolumeDisk::Mount]),
        write_rate: 1 << 20,
        copy_rate: 10 << 20,
        spread: spread(dice),
        decline: dice.millis(10_000, 60_000),
        replace_timeout: dice.millis(5_000, 60_000),
        maintenance_margin: dice.millis(0, 60_000),
    }
}

fn demand(dice: &mut Dice) -> Quantities {
    let amount = |thousandths: u64| i64::try_from(thousandths).unwrap_or(i64::MAX);
    Quantities::ZERO
        .with(Scalar::Cpus, amount(dice.between(100, 3_000)))
        .with(Scalar::Mem, amount(dice.between(32_000, 1_000_000)))
}

fn job(dice: &mut Dice, batch: &[usize], before: Time) -> JobPlan {
    JobPlan {
        arrival: dice.time(before),
        framework: dice.one(batch),
        tasks: u32::try_from(dice.between(1, 10)).unwrap_or(1),
        demand: demand(dice),
        duration: dice.millis(0, 30_000),
        unique: dice.percent(20),
        zone: dice.percent(20).then(|| dice.one(&ZONES)),
        transfers: None,
    }
}

/// Who asks, as messages have it.
pub(crate) fn principal() -> Arc<str> {
    PRINCIPAL.into()
}
