//! Operations on resources that no script can write, and the errors that they get (`spec/master.md`
//! section 6.1).

use crate::support::master_desk::{MasterDesk, registration};
use crate::support::notation::{read, read_one};
use crate::support::script::Desk;
use crate::support::words::id;
use policy_api::resources::{DiskInfo, Volume};
use policy_api::{AgentCapabilities, Operation, Resource, Resources};
use sim_core::master::{Input, MasterOptions};
use sim_core::protocol::{FromAgent, OfferOperation};
use std::sync::Arc;

/// What comes of operations on an offer of `total` to a framework of this role.
fn outcome(
    role: &str,
    capabilities: AgentCapabilities,
    total: &str,
    operations: impl IntoIterator<Item = Operation>,
) -> Vec<String> {
    let mut desk = MasterDesk::new(MasterOptions::default());
    desk.command(&["framework", "F0", role, "shared"]);
    let agent = id("A0");
    let mut registration = registration(agent, read(total));
    registration.info.capabilities = capabilities;
    let message = FromAgent::Register(Box::new(registration));
    desk.hand_in(Input::Agent { host: id("A0"), message });
    desk.accept_last("F0", operations.into_iter().map(OfferOperation::from).collect())
}

fn on_modern_agent(operations: impl IntoIterator<Item = Operation>) -> Vec<String> {
    outcome("a/x", AgentCapabilities::default(), "cpus:4;disk(a):1024", operations)
}

/// A volume whose disk was changed.
fn volume(change: impl Fn(&mut DiskInfo)) -> Resource {
    let mut volume = read_one("disk(a)[v]:64");
    change(Arc::make_mut(volume.disk.as_mut().expect("a volume has a disk")));
    volume
}

fn create(volume: Resource) -> Operation {
    Operation::Create(Resources::from_iter([volume]))
}

#[test]
fn disks_are_what_operations_can_make() {
    let of_volume =
        |change: fn(&mut Volume)| volume(|disk| change(disk.volume.as_mut().expect("written so")));
    let volumes = [
        volume(|disk| disk.volume = None),
        of_volume(|volume| volume.host_path = Some("/data".into())),
        of_volume(|volume| volume.mode = Some("RO".into())),
        volume(|disk| disk.persistence = None),
        volume(|disk| *disk = DiskInfo::default()),
        Resource { revocable: true, ..volume(|_| {}) },
    ];
    assert_eq!(
        on_modern_agent(volumes.map(create)),
        [
            "0s CREATE is dropped: Invalid resources: Expecting 'volume' to be set for persistent volume",
            "0s CREATE is dropped: Invalid resources: Expecting 'host_path' to be unset for persistent volume",
            "0s CREATE is dropped: Read-only persistent volume disk(reservations: [(STATIC,a)])[v:data]:64 not supported",
            "0s CREATE is dropped: Invalid resources: Non-persistent volume not supported",
            "0s CREATE is dropped: Invalid resources: DiskInfo is set but empty",
            "0s CREATE is dropped: Invalid resources: Persistent volumes cannot be created from revocable resources",
        ]
    );
}

#[test]
fn revocable_resources_are_not_reserved() {
    let revocable = Resource { revocable: true, ..read_one("cpus(+a/x):1") };
    let resources = Resources::from_iter([revocable]);
    assert_eq!(
        on_modern_agent([Operation::Reserve { resources, source: None }]),
        ["0s RESERVE is dropped: Invalid resources: Dynamically reserved resource \
             cpus(reservations: [(DYNAMIC,a/x)]){REV}:1 cannot be revocable"]
    );
}

#[test]
fn frameworks_do_not_change_reservations_in_one_step() {
    let (resources, source) = (read("cpus(+a/x):1"), Some(read("cpus:1")));
    assert_eq!(
        on_modern_agent([Operation::Reserve { resources, source }]),
        ["0s RESERVE is dropped: \
             Reservation updates are not yet implemented for the scheduler API"]
    );
}

#[test]
fn resources_of_several_providers_are_for_several_operations() {
    let of = |provider: Option<&str>, what: &str| Resource {
        provider: provider.map(Arc::from),
        ..read_one(what)
    };
    let resources = [of(None, "cpus(+a/x):1"), of(Some("csi"), "disk(a,+a/x):64")];
    let resources = Resources::from_iter(resources);
    let volume = of(Some("csi"), "disk(a)[v]:64");
    assert_eq!(
        on_modern_agent([
            Operation::Reserve { resources, source: None },
            Operation::GrowVolume { volume: volume.clone(), addition: read_one("disk(a):64") },
            Operation::ShrinkVolume { volume, subtract: 32_000 },
        ]),
        [
            "0s RESERVE is dropped: \
             The operation requires resources from several resource providers",
            "0s GROW_VOLUME is dropped: Resizing volume \
             disk(reservations: [(STATIC,a)])[v:data]:64 of a resource provider is not supported",
            "0s SHRINK_VOLUME is dropped: Resizing volume \
             disk(reservations: [(STATIC,a)])[v:data]:64 of a resource provider is not supported",
        ]
    );
}

#[test]
fn an_agent_that_does_not_know_nested_roles_reserves_nothing_for_them() {
    let capabilities = AgentCapabilities { hierarchical_role: false, ..Default::default() };
    let reserve = Operation::Reserve { resources: read("cpus(+a/x):1"), source: None };
    let lines = outcome("a", capabilities, "cpus:4", [reserve]);
    assert_eq!(
        lines,
        ["0s RESERVE is dropped: Resource cpus(reservations: [(DYNAMIC,a/x)]):1 for hierarchical \
             role on an agent without HIERARCHICAL_ROLE capability"]
    );
}

#[test]
fn a_resource_that_is_none_is_no_volume() {
    let mut negative = volume(|_| {});
    negative.value = policy_api::resources::Value::Scalar(-1);
    let addition = read_one("disk(a):64");
    assert_eq!(
        on_modern_agent([
            Operation::GrowVolume { volume: negative.clone(), addition: addition.clone() },
            Operation::GrowVolume { volume: volume(|_| {}), addition: negative.clone() },
            Operation::ShrinkVolume { volume: negative, subtract: 1 },
        ]),
        [
            "0s GROW_VOLUME is dropped: Invalid resources: the amount of disk must not be negative",
            "0s GROW_VOLUME is dropped: Invalid resources: the amount of disk must not be negative",
            "0s SHRINK_VOLUME is dropped: Invalid resources: the amount of disk must not be negative",
        ]
    );
}
