//! What an ACCEPT may ask for, and what the answer is where it may not (`spec/master.md` sections
//! 5.3 and 6.1).

use super::Offer;
use crate::arena::Arena;
use crate::profile::Profile;
use crate::protocol::{DiskOperation, OfferId, OperationId};
use policy_api::resources::{DiskSourceKind, InvalidResource};
use policy_api::{
    AgentCapabilities, Amount, ConversionError, FrameworkCapabilities, FrameworkId, Operation,
    Resource, Resources,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Why an ACCEPT is refused, or an operation dropped. The texts follow Mesos's.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ValidationError {
    #[error("No offers specified")]
    NoOffers,
    #[error("Duplicate offer {0:?} in offer list")]
    DuplicateOffer(OfferId),
    #[error("Offer {0:?} is no longer valid")]
    OfferNotValid(OfferId),
    #[error("Offer {0:?} has invalid framework")]
    AlienOffer(OfferId),
    #[error("Aggregated offers must be allocated to the same role")]
    SeveralRoles,
    #[error("Aggregated offers must belong to one single agent")]
    SeveralAgents,

    #[error("Agent is disconnected")]
    AgentDisconnected,
    #[error("Not authorized")]
    Unauthorized,
    #[error("{operation} is not supported by {profile}")]
    Unsupported { operation: &'static str, profile: &'static str },
    #[error("Operation feedback is not supported by the agent")]
    NoFeedback,

    #[error("Executor differs from the one of the same ID that the agent has")]
    ExecutorDiffers,
    #[error("Executors cannot use shared resources")]
    SharedExecutor,
    #[error("There are resources of '{0}' twice")]
    Overlap(Arc<str>),
    #[error("Cannot use both revocable and non-revocable '{0}' at the same time")]
    MixedRevocable(Arc<str>),
    #[error("Task group cannot be empty")]
    EmptyGroup,
    #[error("The tasks of a task group must have one and the same executor")]
    GroupExecutor,
    #[error("The executor of a task group has too little '{0}'")]
    GroupMinimum(&'static str),

    #[error("Task uses no resources")]
    NoResources,
    #[error("Invalid resources: {0}")]
    Resource(#[from] InvalidResource),
    #[error("Invalid resources: The 'gpus' resource must be an unsigned integer")]
    FractionalGpus,
    #[error("Invalid resources: Persistent volumes cannot be created from revocable resources")]
    RevocableVolume,
    #[error("Invalid resources: Persistent volumes cannot be created from unreserved resources")]
    UnreservedVolume,
    #[error("Invalid resources: Expecting 'volume' to be set for persistent volume")]
    NoVolume,
    #[error("Invalid resources: Expecting 'host_path' to be unset for persistent volume")]
    HostPath,
    #[error("Invalid resources: '{0}' is not a valid persistence ID")]
    PersistenceId(Arc<str>),
    #[error("Invalid resources: Non-persistent volume not supported")]
    NonPersistentVolume,
    #[error("Invalid resources: DiskInfo is set but empty")]
    EmptyDiskInfo,
    #[error("Invalid resources: Dynamically reserved resource {0} cannot be revocable")]
    RevocableReservation(Box<Resource>),
    #[error("The operation requires resources from several resource providers")]
    SeveralProviders,

    #[error("Reservation updates are not yet implemented for the scheduler API")]
    ReservationUpdate,
    #[error("No valid resources specified")]
    NothingNamed,
    #[error("{source_resources} cannot be reserved as {resources}")]
    ReservationSource { resources: Resources, source_resources: Resources },
    #[error("Resource {0} is not dynamically reserved")]
    NotDynamicallyReserved(Box<Resource>),
    #[error("Resource {0} for hierarchical role on an agent without HIERARCHICAL_ROLE capability")]
    HierarchicalRole(Box<Resource>),
    #[error("Resource {0} with reservation refinement without RESERVATION_REFINEMENT capability")]
    Refinement(Box<Resource>),
    #[error("Attempted by principal '{0}', but there is no principal in the resource")]
    NoPrincipal(Arc<str>),
    #[error("A reservation must name the principal that makes it")]
    PrincipalRequired,
    #[error("Attempted by principal '{expected}', but the resource is of principal '{found}'")]
    OtherPrincipal { expected: Arc<str>, found: Arc<str> },
    #[error(
        "Resource {resource} is not reserved for the role that it is allocated to, '{allocated}'"
    )]
    OtherRole { resource: Box<Resource>, allocated: Arc<str> },
    #[error("A persistent volume {0} must already be reserved")]
    ReservedVolume(Box<Resource>),
    #[error("Persistent volume {0} cannot be unreserved directly: destroy the volume first")]
    VolumeOnReservation(Box<Resource>),

    #[error("Resource {0} is not a persistent volume")]
    NotAVolume(Box<Resource>),
    #[error("Read-only persistent volume {0} not supported")]
    ReadOnlyVolume(Box<Resource>),
    #[error("Persistence ID '{0}' is not unique")]
    PersistenceIdNotUnique(Arc<str>),
    #[error("Shared volume {0} without SHARED_RESOURCES capability")]
    SharedVolume(Box<Resource>),
    #[error("Persistent volumes not found")]
    VolumesNotFound,
    #[error("Persistent volumes in use")]
    VolumesInUse,

    #[error("The size of '{0}' must be positive")]
    NotPositive(&'static str),
    #[error("The value of 'subtract' must be smaller than the size of {0}")]
    SubtractTooLarge(Box<Resource>),
    #[error("Resizing volume {0} of a resource provider is not supported")]
    ProviderVolume(Box<Resource>),
    #[error("Resizing shared volume {0} is not supported")]
    ResizedSharedVolume(Box<Resource>),
    #[error("Shrinking volume {0} on a MOUNT disk is not supported")]
    MountDisk(Box<Resource>),
    #[error("{0} is not a disk of a resource provider on which this can be done")]
    NotAProviderDisk(Box<Resource>),
    #[error(transparent)]
    Conversion(#[from] ConversionError),
}

/// Who asks for an operation.
pub(super) struct Requester<'a> {
    /// The role that the offers are allocated to; `None` for an operator, who has none.
    pub(super) role: Option<&'a str>,
    pub(super) principal: Option<&'a str>,
    pub(super) capabilities: FrameworkCapabilities,
}

/// What is known of the agent that it is asked for.
pub(super) struct OnAgent<'a> {
    pub(super) capabilities: AgentCapabilities,
    pub(super) total: &'a Resources,
    /// What tasks of all frameworks hold.
    pub(super) used: &'a Resources,
}

type Validation = Result<(), ValidationError>;

/// The list of offers of an ACCEPT.
pub(super) fn offers(
    outstanding: &Arena<Offer>,
    framework: FrameworkId,
    ids: &[OfferId],
) -> Validation {
    let (first, others) = ids.split_first().ok_or(ValidationError::NoOffers)?;
    for (index, id) in ids.iter().enumerate() {
        if ids[..index].contains(id) {
            return Err(ValidationError::DuplicateOffer(*id));
        }
    }
    let find = |id: &OfferId| outstanding.get(*id).ok_or(ValidationError::OfferNotValid(*id));
    ids.iter().try_for_each(|id| find(id).map(|_| ()))?;
    for id in ids {
        if find(id)?.framework != framework {
            return Err(ValidationError::AlienOffer(*id));
        }
    }
    let first = find(first)?;
    for id in others {
        if find(id)?.role != first.role {
            return Err(ValidationError::SeveralRoles);
        }
    }
    for id in others {
        if find(id)?.agent != first.agent {
            return Err(ValidationError::SeveralAgents);
        }
    }
    Ok(())
}

/// The resources of a task, by themselves.
pub(super) fn task(resources: &Resources) -> Validation {
    if resources.is_empty() {
        return Err(ValidationError::NoResources);
    }
    for entry in resources.others() {
        disk(&entry.resource)?;
    }
    unique_persistence_ids(&Resources::EMPTY, resources)
}

/// An operation of a framework on offered resources.
pub(super) fn operation(
    operation: &Operation,
    requester: &Requester<'_>,
    agent: &OnAgent<'_>,
    profile: &Profile,
) -> Validation {
    match operation {
        Operation::Reserve { source: Some(_), .. } if requester.role.is_some() => {
            Err(ValidationError::ReservationUpdate)
        }
        Operation::Reserve { resources, source } => {
            reserve(resources, requester, agent, profile)?;
            source.as_ref().map_or(Ok(()), |source| reservation_source(resources, source))
        }
        Operation::Unreserve(resources) => unreserve(resources),
        Operation::Create(volumes) => create(volumes, requester, agent),
        Operation::Destroy(volumes) => destroy(volumes, agent),
        Operation::GrowVolume { volume, addition } => {
            resizable(agent)?;
            grow_volume(volume, addition)
        }
        Operation::ShrinkVolume { volume, subtract } => {
            resizable(agent)?;
            shrink_volume(volume, *subtract)
        }
    }
}

/// What the version of the profile has of operations on reservations and volumes.
pub(super) fn supported(operation: &Operation, profile: &Profile) -> Validation {
    let unsupported =
        |operation| Err(ValidationError::Unsupported { operation, profile: profile.name });
    match operation {
        Operation::Reserve { resources, .. } | Operation::Unreserve(resources) => {
            for (resource, _) in resources.iter() {
                if resource.has_refined_reservation() && !profile.reservation_refinement {
                    return unsupported("A refined reservation");
                }
                let labelled = resource.reservations.iter().any(|it| !it.labels.is_empty());
                if labelled && !profile.reservation_labels {
                    return unsupported("A reservation with labels");
                }
            }
        }
        Operation::Create(volumes) | Operation::Destroy(volumes) => {
            for entry in volumes.others() {
                let source = entry.resource.disk.as_ref().and_then(|disk| disk.source.as_ref());
                if source.is_some() && !profile.disk_sources {
                    return unsupported("A disk with a source");
                }
                if entry.resource.shared && !profile.shared_volumes {
                    return unsupported("A shared volume");
                }
            }
        }
        Operation::GrowVolume { .. } | Operation::ShrinkVolume { .. } => {
            if !profile.resize_volumes {
                return unsupported("Resizing a volume");
            }
        }
    }
    Ok(())
}

/// An operation with an id, whose end is to be told.
pub(super) fn feedback(
    id: Option<OperationId>,
    profile: &Profile,
    agent: AgentCapabilities,
) -> Validation {
    let able =
        profile.operation_feedback && agent.resource_provider && agent.agent_operation_feedback;
    if id.is_none() || able { Ok(()) } else { Err(ValidationError::NoFeedback) }
}

/// `CREATE_DISK` and `DESTROY_DISK`.
pub(super) fn disk_operation(operation: &DiskOperation, profile: &Profile) -> Validation {
    if !profile.disk_operations {
        let (operation, profile) = ("A disk operation", profile.name);
        return Err(ValidationError::Unsupported { operation, profile });
    }
    let kind = |resource: &Resource| {
        let source = resource.disk.as_ref().and_then(|disk| disk.source.as_ref());
        source.map(|source| (source.kind, source.id.is_some()))
    };
    match operation {
        DiskOperation::Create { source, target } => {
            let is_raw = matches!(kind(source), Some((DiskSourceKind::Raw, _)));
            if source.provider.is_none() || !is_raw {
                return Err(ValidationError::NotAProviderDisk(Box::new(source.clone())));
            }
            match kind(target) {
                Some((DiskSourceKind::Mount | DiskSourceKind::Block, _)) => Ok(()),
                Some((DiskSourceKind::Path | DiskSourceKind::Raw, _)) | None => {
                    Err(ValidationError::NotAProviderDisk(Box::new(target.clone())))
                }
            }
        }
        DiskOperation::Destroy { source } => {
            let able = match kind(source) {
                Some((DiskSourceKind::Mount | DiskSourceKind::Block | DiskSourceKind::Raw, id)) => {
                    id
                }
                Some((DiskSourceKind::Path, _)) | None => false,
            };
            if source.provider.is_some() && able && !source.is_persistent_volume() {
                Ok(())
            } else {
                Err(ValidationError::NotAProviderDisk(Box::new(source.clone())))
            }
        }
    }
}

fn resizable(agent: &OnAgent<'_>) -> Validation {
    if agent.capabilities.resize_volume {
        return Ok(());
    }
    let (operation, profile) = ("Resizing a volume", "the agent");
    Err(ValidationError::Unsupported { operation, profile })
}

fn reserve(
    resources: &Resources,
    requester: &Requester<'_>,
    agent: &OnAgent<'_>,
    profile: &Profile,
) -> Validation {
    all(resources)?;
    for (resource, _) in resources.iter() {
        let object = || Box::new(resource.clone().into_owned());
        let Some(top) = resource.reservations.last().filter(|_| resource.is_dynamically_reserved())
        else {
            return Err(ValidationError::NotDynamicallyReserved(object()));
        };
        capable(&resource, requester, agent)?;
        same_principal(requester, top.principal.as_ref())?;
        if profile.principal_is_mandatory && top.principal.is_none() {
            return Err(ValidationError::PrincipalRequired);
        }
        // The allocation role is one of the framework's: it would not have the offers otherwise.
        if let Some(role) = requester.role.filter(|role| *top.role != **role) {
            let allocated = role.into();
            return Err(ValidationError::OtherRole { resource: object(), allocated });
        }
        if resource.is_persistent_volume() {
            return Err(ValidationError::ReservedVolume(object()));
        }
    }
    Ok(())
}

/// What is reserved in another way in one step: the same amounts, from one stack to one stack.
fn reservation_source(resources: &Resources, source: &Resources) -> Validation {
    all(source)?;
    let has_one_stack = |resources: &Resources| {
        let mut all = resources.iter().map(|(resource, _)| resource);
        let first = all.next();
        all.all(|it| first.as_ref().is_some_and(|first| first.reservations == it.reservations))
    };
    let same = resources.to_unreserved() == source.to_unreserved();
    if same && has_one_stack(resources) && has_one_stack(source) {
        return Ok(());
    }
    let (resources, source_resources) = (resources.clone(), source.clone());
    Err(ValidationError::ReservationSource { resources, source_resources })
}

fn unreserve(resources: &Resources) -> Validation {
    all(resources)?;
    for (resource, _) in resources.iter() {
        let object = || Box::new(resource.clone().into_owned());
        if !resource.is_dynamically_reserved() {
            return Err(ValidationError::NotDynamicallyReserved(object()));
        }
        if resource.is_persistent_volume() {
            return Err(ValidationError::VolumeOnReservation(object()));
        }
    }
    Ok(())
}

fn create(volumes: &Resources, requester: &Requester<'_>, agent: &OnAgent<'_>) -> Validation {
    all(volumes)?;
    are_volumes(volumes)?;
    unique_persistence_ids(agent.total, volumes)?;
    for entry in volumes.others() {
        let resource = &entry.resource;
        let able = requester.role.is_none() || requester.capabilities.shared_resources;
        if resource.shared && !able {
            return Err(ValidationError::SharedVolume(Box::new(resource.clone())));
        }
        capable(resource, requester, agent)?;
        let persistence = resource.disk.as_ref().and_then(|disk| disk.persistence.as_ref());
        same_principal(requester, persistence.and_then(|volume| volume.principal.as_ref()))?;
    }
    Ok(())
}

fn destroy(volumes: &Resources, agent: &OnAgent<'_>) -> Validation {
    all(volumes)?;
    are_volumes(volumes)?;
    if !agent.total.contains(volumes) {
        return Err(ValidationError::VolumesNotFound);
    }
    if volumes.singles().any(|volume| agent.used.contains(&volume)) {
        return Err(ValidationError::VolumesInUse);
    }
    Ok(())
}

fn grow_volume(volume: &Resource, addition: &Resource) -> Validation {
    one_volume(volume)?;
    addition.validate()?;
    disk(addition)?;
    if addition.scalar().is_none_or(|more| more <= 0) {
        return Err(ValidationError::NotPositive("addition"));
    }
    of_the_agent(volume)?;
    unshared(volume)
}

fn shrink_volume(volume: &Resource, subtract: Amount) -> Validation {
    one_volume(volume)?;
    if subtract <= 0 {
        return Err(ValidationError::NotPositive("subtract"));
    }
    if volume.scalar().is_none_or(|size| subtract >= size) {
        return Err(ValidationError::SubtractTooLarge(Box::new(volume.clone())));
    }
    of_the_agent(volume)?;
    let source = volume.disk.as_ref().and_then(|disk| disk.source.as_ref());
    if source.is_some_and(|source| source.kind == DiskSourceKind::Mount) {
        return Err(ValidationError::MountDisk(Box::new(volume.clone())));
    }
    unshared(volume)
}

fn one_volume(volume: &Resource) -> Validation {
    volume.validate()?;
    disk(volume)?;
    if volume.is_persistent_volume() {
        Ok(())
    } else {
        Err(ValidationError::NotAVolume(Box::new(volume.clone())))
    }
}

fn of_the_agent(volume: &Resource) -> Validation {
    match volume.provider {
        None => Ok(()),
        Some(_) => Err(ValidationError::ProviderVolume(Box::new(volume.clone()))),
    }
}

fn unshared(volume: &Resource) -> Validation {
    if volume.shared {
        return Err(ValidationError::ResizedSharedVolume(Box::new(volume.clone())));
    }
    Ok(())
}

/// What holds for the resources of any operation. A collection leaves out what is not valid, so that
/// an operation on nothing but that names nothing.
fn all(resources: &Resources) -> Validation {
    if resources.is_empty() {
        return Err(ValidationError::NothingNamed);
    }
    let mut provider = None;
    for (resource, _) in resources.iter() {
        resource.validate()?;
        if &*resource.name == "gpus" && resource.scalar().is_some_and(|gpus| gpus % 1000 != 0) {
            return Err(ValidationError::FractionalGpus);
        }
        disk(&resource)?;
        if resource.revocable && resource.is_dynamically_reserved() {
            let resource = Box::new(resource.into_owned());
            return Err(ValidationError::RevocableReservation(resource));
        }
        if *provider.get_or_insert_with(|| resource.provider.clone()) != resource.provider {
            return Err(ValidationError::SeveralProviders);
        }
    }
    Ok(())
}

fn disk(resource: &Resource) -> Validation {
    let Some(disk) = &resource.disk else { return Ok(()) };
    let Some(persistence) = &disk.persistence else {
        return if disk.volume.is_some() {
            Err(ValidationError::NonPersistentVolume)
        } else if disk.source.is_none() {
            Err(ValidationError::EmptyDiskInfo)
        } else {
            Ok(())
        };
    };
    if resource.revocable {
        return Err(ValidationError::RevocableVolume);
    }
    if !resource.is_reserved() {
        return Err(ValidationError::UnreservedVolume);
    }
    let volume = disk.volume.as_ref().ok_or(ValidationError::NoVolume)?;
    if volume.host_path.is_some() {
        return Err(ValidationError::HostPath);
    }
    if !is_directory_name(&persistence.id) {
        return Err(ValidationError::PersistenceId(Arc::clone(&persistence.id)));
    }
    Ok(())
}

/// Ids become names of directories.
fn is_directory_name(id: &str) -> bool {
    let forbidden = |c: char| c == '/' || c == '\\' || c.is_ascii_control();
    !(id.is_empty() || id.len() > 255 || id == "." || id == ".." || id.contains(forbidden))
}

fn are_volumes(resources: &Resources) -> Validation {
    for (resource, _) in resources.iter() {
        let object = || Box::new(resource.clone().into_owned());
        if !resource.is_persistent_volume() {
            return Err(ValidationError::NotAVolume(object()));
        }
        let volume = resource.disk.as_ref().and_then(|disk| disk.volume.as_ref());
        if volume.is_some_and(|volume| volume.mode.as_deref() == Some("RO")) {
            return Err(ValidationError::ReadOnlyVolume(object()));
        }
    }
    Ok(())
}

/// No role may have two volumes of one id among `known` and `new`.
fn unique_persistence_ids(known: &Resources, new: &Resources) -> Validation {
    let mut seen = BTreeSet::new();
    for entry in known.others().iter().chain(new.others()) {
        let persistence = entry.resource.disk.as_ref().and_then(|disk| disk.persistence.as_ref());
        let Some(persistence) = persistence else { continue };
        let first = seen.insert((entry.resource.reservation_role(), &*persistence.id));
        if !first || entry.copies > 1 {
            return Err(ValidationError::PersistenceIdNotUnique(Arc::clone(&persistence.id)));
        }
    }
    Ok(())
}

fn capable(resource: &Resource, requester: &Requester<'_>, agent: &OnAgent<'_>) -> Validation {
    let is_hierarchical = resource.reservation_role().is_some_and(|role| role.contains('/'));
    if is_hierarchical && !agent.capabilities.hierarchical_role {
        return Err(ValidationError::HierarchicalRole(Box::new(resource.clone())));
    }
    // Frameworks must be able to see what they make; operators need not.
    let able = requester.role.is_none() || requester.capabilities.reservation_refinement;
    if resource.has_refined_reservation() && !(able && agent.capabilities.reservation_refinement) {
        return Err(ValidationError::Refinement(Box::new(resource.clone())));
    }
    Ok(())
}

/// A requester that has a principal signs with it what it makes.
fn same_principal(requester: &Requester<'_>, found: Option<&Arc<str>>) -> Validation {
    match (requester.principal, found) {
        (Some(expected), None) => Err(ValidationError::NoPrincipal(expected.into())),
        (Some(expected), Some(found)) if **found != *expected => {
            let (expected, found) = (expected.into(), Arc::clone(found));
            Err(ValidationError::OtherPrincipal { expected, found })
        }
        (Some(_), Some(_)) | (None, _) => Ok(()),
    }
}
