//! What a restless framework does with resources: tasks, groups, executors, reservations, volumes.

use super::files::Files;
use super::generate::principal;
use super::network::Movements;
use super::plan::PRINCIPAL;
use policy_api::resources::{DiskInfo, Persistence, Reservation, Value, Volume};
use policy_api::{Amount, Operation, Quantities, Resource, Resources, Scalar, Span};
use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use sim_core::Transfers;
use sim_core::protocol::{
    ExecutorId, ExecutorInfo, Launch, LaunchDetails, OfferOperationKind, RecordedUse, TaskId,
    TaskOutcome,
};
use std::sync::Arc;

pub(super) struct Hand {
    random: Pcg64Mcg,
    /// The paths of the framework's roles.
    roles: Vec<&'static str>,
    launched: u32,
    files: Files,
    /// What tasks move, where there is a network.
    movements: Option<Movements>,
}

impl Hand {
    pub(super) fn new(
        random: Pcg64Mcg,
        roles: Vec<&'static str>,
        movements: Option<Movements>,
    ) -> Self {
        Self { random, roles, launched: 0, files: Files::new(), movements }
    }

    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    pub(super) fn up_to(&mut self, most: usize) -> usize {
        self.random.random_range(0..=most)
    }

    pub(super) fn refusal(&mut self) -> Span {
        Span::from_millis(self.random.random_range(0..5_000))
    }

    /// A task on some of everything, often on a volume; taken from what is left.
    pub(super) fn launch(&mut self, left: &mut Resources) -> Launch {
        let mut launch = self.bare_launch(left);
        let mut details = self.details();
        if self.chance(30) {
            details.executor = Some(self.executor(left));
        }
        if self.chance(60) || details.executor.is_some() {
            launch.details = Some(Arc::new(details));
        }
        let transfers = self.transfers();
        if transfers.is_some() {
            let details = launch.details.as_deref().cloned().unwrap_or_default();
            launch.details = Some(Arc::new(LaunchDetails { transfers, ..details }));
        }
        launch
    }

    /// Tasks that start and end together.
    pub(super) fn group(&mut self, left: &mut Resources) -> Vec<Launch> {
        let executor = self.executor(left);
        let executor = ExecutorInfo { id: ExecutorId(executor.id.0 + 100), ..(*executor).clone() };
        let details = LaunchDetails { executor: Some(Arc::new(executor)), ..self.details() };
        let details = Arc::new(LaunchDetails { transfers: self.transfers(), ..details });
        let mut group = Vec::new();
        for _ in 0..=self.up_to(2) {
            let launch = self.bare_launch(left);
            group.push(Launch { details: Some(Arc::clone(&details)), ..launch });
        }
        group
    }

    fn bare_launch(&mut self, left: &mut Resources) -> Launch {
        let mut resources = Resources::plain(self.part(left.plain_amounts()));
        for (resource, _) in left.iter().filter(|(resource, _)| resource.is_reserved()) {
            if self.chance(40) {
                resources.add_resource(resource.into_owned());
            }
        }
        if left.has_revocable() {
            self.take_revocable(left, &mut resources);
        }
        left.subtract(&resources);
        if self.chance(3) {
            // More than there may be: the master is to refuse it.
            resources.add(&Resources::plain(Quantities::of(Scalar::Cpus, 1_000_000)));
        }
        let task = TaskId { slot: self.launched, generation: 0 };
        self.launched += 1;
        let duration = match self.up_to(9) {
            0 => Span::MAX,
            _ => Span::from_millis(self.random.random_range(0..20_000)),
        };
        Launch::command(task, resources, duration)
    }

    /// Some of what may be taken away again, mostly in place of what is not: the master refuses both of
    /// one name.
    fn take_revocable(&mut self, left: &Resources, resources: &mut Resources) {
        for entry in left.others().iter().filter(|entry| entry.resource.revocable) {
            let Some(all) = entry.resource.scalar().filter(|_| self.chance(60)) else { continue };
            if self.chance(95) {
                let others = resources.iter().filter(|(it, _)| it.name != entry.resource.name);
                *resources = others.map(|(it, _)| it.into_owned()).collect();
            }
            let value = Value::Scalar(self.amount(all));
            resources.add_resource(Resource { value, ..entry.resource.clone() });
        }
    }

    fn details(&mut self) -> LaunchDetails {
        let outcome = if self.chance(20) { TaskOutcome::Failed } else { TaskOutcome::Finished };
        LaunchDetails {
            executor: None,
            outcome,
            kill_grace: self.chance(30).then(|| self.refusal()),
            time_to_stop: if self.chance(50) { self.refusal() } else { Span::ZERO },
            max_completion_time: self.chance(10).then(|| self.refusal()),
            write_rate: if self.chance(20) { 1 << 20 } else { 0 },
            command: self.chance(40).then(|| self.files.draw(&mut self.random)),
            transfers: None,
            recorded_use: RecordedUse::default(),
        }
    }

    fn transfers(&mut self) -> Option<Arc<Transfers>> {
        self.movements.as_mut().and_then(Movements::draw)
    }

    /// One of few, so that tasks meet in it; always described in the same way, but for a rare mistake.
    fn executor(&mut self, left: &mut Resources) -> Arc<ExecutorInfo> {
        let id = ExecutorId(u32::try_from(self.up_to(2)).unwrap_or(0));
        let amount = if self.chance(3) { 200 } else { 100 };
        let resources = Quantities::of(Scalar::Cpus, amount).with(Scalar::Mem, 32_000);
        let resources = Resources::plain(resources);
        if left.contains(&resources) {
            left.subtract(&resources);
        }
        let shutdown_grace = (id.0 == 1).then_some(Span::from_secs(1));
        // Always the same files, as an executor is always described in the same way.
        let command = (id.0 == 2).then(|| self.files.first());
        Arc::new(ExecutorInfo { id, resources, shutdown_grace, command })
    }

    /// What can be done with what is left, and mostly leaves it so.
    pub(super) fn operation(&mut self, left: &mut Resources) -> Option<OfferOperationKind> {
        let operation = self.conversion(left)?;
        if let Ok(converted) = left.apply(&operation) {
            *left = converted;
        }
        Some(OfferOperationKind::Convert(Box::new(operation)))
    }

    fn conversion(&mut self, left: &Resources) -> Option<Operation> {
        let dynamic = |it: &Resource| it.is_dynamically_reserved() && !it.is_persistent_volume();
        let disk = |it: &Resource| {
            &*it.name == "disk"
                && it.is_reserved()
                && it.disk.as_ref().is_none_or(|disk| disk.persistence.is_none())
        };
        Some(match self.up_to(7) {
            0 | 1 => {
                let role = self.roles[self.random.random_range(0..self.roles.len())];
                let resources = Resources::plain(self.part(left.plain_amounts()));
                let top = Reservation::dynamic(role, Some(PRINCIPAL));
                Operation::Reserve {
                    resources: resources.push_reservation(&top).ok()?,
                    source: None,
                }
            }
            2 => Operation::Unreserve(Resources::from_iter([self.pick(left, dynamic)?])),
            3 | 4 => Operation::Create(Resources::from_iter([self.volume(left, disk)?])),
            5 => Operation::Destroy(Resources::from_iter([self.pick_volume(left)?])),
            6 => Operation::GrowVolume {
                volume: self.pick_volume(left)?,
                addition: self.pick(left, disk)?,
            },
            _ => {
                let volume = self.pick_volume(left)?;
                Operation::ShrinkVolume { subtract: self.amount(volume.scalar()?), volume }
            }
        })
    }

    fn volume(&mut self, left: &Resources, disk: impl Fn(&Resource) -> bool) -> Option<Resource> {
        let disk = self.pick(left, disk)?;
        let id = format!("v{}", self.up_to(5)).into();
        let persistence = Some(Persistence { id, principal: Some(principal()) });
        let (container_path, mode) = ("data".into(), Some("RW".into()));
        let volume = Some(Volume { container_path, host_path: None, mode });
        let source = disk.disk.as_ref().and_then(|disk| disk.source.clone());
        let info = DiskInfo { source, persistence, volume };
        Some(Resource { disk: Some(Arc::new(info)), shared: self.chance(30), ..disk })
    }

    fn pick_volume(&mut self, left: &Resources) -> Option<Resource> {
        let all = left.others().iter().map(|entry| entry.resource.clone());
        self.one_of(all.filter(Resource::is_persistent_volume).collect())
    }

    /// A part of one of the scalars of this kind; now and then more than there is.
    fn pick(&mut self, left: &Resources, kind: impl Fn(&Resource) -> bool) -> Option<Resource> {
        let all = left.others().iter().map(|entry| entry.resource.clone());
        let resource = self.one_of(all.filter(|it| kind(it)).collect())?;
        let all = resource.scalar()?;
        let amount = if self.chance(5) { all + 1_000 } else { self.amount(all) };
        Some(Resource { value: Value::Scalar(amount), ..resource })
    }

    fn one_of(&mut self, mut candidates: Vec<Resource>) -> Option<Resource> {
        if candidates.is_empty() {
            return None;
        }
        Some(candidates.swap_remove(self.random.random_range(0..candidates.len())))
    }

    fn part(&mut self, all: &Quantities) -> Quantities {
        Quantities::from_amounts(all.amounts().map(|amount| self.amount(amount)))
    }

    /// All of it, or a part.
    fn amount(&mut self, all: Amount) -> Amount {
        if self.chance(20) { all } else { self.random.random_range(0..=all) }
    }
}
