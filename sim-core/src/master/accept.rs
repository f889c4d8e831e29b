//! ACCEPT: what a framework does with its offers, in order, on a pool that each operation changes
//! (`spec/master.md` section 6).

use super::acls::{Acls, Action};
use super::offers::EndedOffers;
use super::operations::{Effect, PendingOperation};
use super::validation::{self, OnAgent, Requester, ValidationError};
use super::{Master, Offer, Output};
use crate::observe::{Observation, OfferEnd};
use crate::profile::Profile;
use crate::protocol::{
    DiskOperation, ExecutorInfo, MasterOperationId, OfferId, OfferOperation, OfferOperationKind,
    OperationId, OperationKind, OperationOwner, OperationState, Reason, TaskState, ToAgent,
};
use policy_api::resources::Value;
use policy_api::{
    AgentId, Allocator, Conversion, ConversionError, Fact, FrameworkId, Operation, Quantities,
    Resource, Resources, Span, Time,
};
use std::sync::Arc;

/// An ACCEPT while its operations run.
pub(super) struct Acceptance {
    /// All offers as one.
    pub(super) offer: Offer,
    /// What operations may still use.
    remaining: Resources,
    /// The shared volumes, those in use included: any number of tasks may use them.
    shared: Resources,
    /// Volumes that have changed their size, and disk that came of it: only in a later offer.
    resized: Resources,
    launched: Resources,
    /// What the operations did, in order.
    conversions: Vec<Conversion>,
}

impl Acceptance {
    fn new(offer: Offer) -> Self {
        Self {
            remaining: offer.resources.clone(),
            shared: offer.resources.shared(),
            resized: Resources::EMPTY,
            launched: Resources::EMPTY,
            conversions: Vec::new(),
            offer,
        }
    }

    /// Whether a task may use these, with the executor that it brings along.
    pub(super) fn covers(&self, resources: &Resources, executor: Option<&ExecutorInfo>) -> bool {
        if executor.is_none() && !resources.has_shared() {
            return self.remaining.contains(resources);
        }
        let mut needed = resources.non_shared();
        needed.add(executor.map_or(&Resources::EMPTY, |executor| &executor.resources));
        self.remaining.contains(&needed) && self.shared.contains(&resources.shared())
    }

    /// The same without more copies of shared volumes than were offered.
    pub(super) fn covers_exactly(
        &self,
        resources: &Resources,
        executor: Option<&ExecutorInfo>,
    ) -> bool {
        let mut needed = resources.clone();
        needed.add(executor.map_or(&Resources::EMPTY, |executor| &executor.resources));
        self.remaining.contains(&needed)
    }

    /// Takes what a task uses. Copies of shared volumes that were not offered are added.
    pub(super) fn take(&mut self, resources: &Resources) {
        if resources.has_shared() {
            let mut more = resources.shared();
            more.subtract(&self.remaining.shared());
            if !more.is_empty() {
                self.conversions.push(Conversion {
                    consumed: Resources::EMPTY,
                    converted: more,
                    must_vanish: Resources::EMPTY,
                });
            }
        }
        self.remaining.subtract(resources);
        self.launched.add(resources);
    }

    /// Converts a part of what remains, or changes nothing.
    fn convert(
        &mut self,
        operation: &Operation,
        conversions: Vec<Conversion>,
    ) -> Result<(), ConversionError> {
        match operation {
            Operation::GrowVolume { .. } | Operation::ShrinkVolume { .. } => {
                let mut resized = Resources::EMPTY;
                let consume = |conversion: &Conversion| {
                    resized.add(&conversion.converted);
                    Conversion { converted: Resources::EMPTY, ..conversion.clone() }
                };
                let consuming: Vec<Conversion> = conversions.iter().map(consume).collect();
                self.remaining = self.remaining.convert(&consuming)?;
                self.resized.add(&resized);
            }
            Operation::Reserve { .. }
            | Operation::Unreserve(_)
            | Operation::Create(_)
            | Operation::Destroy(_) => {
                self.remaining = self.remaining.convert(&conversions)?;
                for conversion in &conversions {
                    self.shared.subtract(&conversion.consumed.shared());
                    self.shared.add(&conversion.converted.shared());
                }
            }
        }
        self.conversions.extend(conversions);
        Ok(())
    }
}

impl<A: Allocator> Master<A> {
    pub(super) fn accept(
        &mut self,
        now: Time,
        framework: FrameworkId,
        offers: &[OfferId],
        operations: Vec<OfferOperation>,
        refuse: Span,
        out: &mut Vec<Output>,
    ) {
        if let Err(error) = validation::offers(&self.offers, framework, offers) {
            self.end_offers(now, framework, offers, OfferEnd::Discarded, out);
            let reason = Reason::InvalidOffers;
            self.refuse_operations(framework, None, operations, (error, reason), out);
            return;
        }
        let agent = offers.first().and_then(|id| self.offers.get(*id)).map(|offer| offer.agent);
        if let Some(agent) = agent.filter(|agent| !self.agents[*agent].connected) {
            self.end_offers(now, framework, offers, OfferEnd::Discarded, out);
            let error = (ValidationError::AgentDisconnected, Reason::AgentDisconnected);
            self.refuse_operations(framework, Some(agent), operations, error, out);
            return;
        }
        let Some(offer) = self.take_offers(framework, offers, out) else { return };
        self.frameworks[framework].counters.offers_accepted += offers.len() as u64;
        let mut acceptance = Acceptance::new(offer);
        for OfferOperation { id, kind } in operations {
            match kind {
                OfferOperationKind::Launch(launch) if id.is_some() => {
                    let error = (TaskState::Error, Reason::TaskInvalid);
                    self.tell_of_task(framework, launch.task, agent, error, None, out);
                }
                OfferOperationKind::LaunchGroup(launches) if id.is_some() => {
                    let error = (TaskState::Error, Reason::TaskGroupInvalid);
                    for launch in launches {
                        self.tell_of_task(framework, launch.task, agent, error, None, out);
                    }
                }
                OfferOperationKind::Launch(launch) => self.launch(&mut acceptance, launch, out),
                OfferOperationKind::LaunchGroup(launches) => {
                    self.launch_group(&mut acceptance, launches, out);
                }
                OfferOperationKind::Convert(operation) => {
                    self.operate(now, &mut acceptance, (id, operation), out);
                }
                OfferOperationKind::Disk(operation) => {
                    self.operate_on_disk(&mut acceptance, (id, operation), out);
                }
            }
        }
        self.conclude(now, &acceptance, refuse);
    }

    fn refuse_operations(
        &mut self,
        framework: FrameworkId,
        agent: Option<AgentId>,
        operations: Vec<OfferOperation>,
        (error, reason): (ValidationError, Reason),
        out: &mut Vec<Output>,
    ) {
        let error = Arc::new(error);
        for OfferOperation { id, kind } in operations {
            let (kind, amounts) = match kind {
                OfferOperationKind::Launch(launch) => {
                    let dropped = (self.dropped(framework), reason);
                    self.tell_of_task(framework, launch.task, agent, dropped, None, out);
                    continue;
                }
                OfferOperationKind::LaunchGroup(launches) => {
                    for launch in launches {
                        let dropped = (self.dropped(framework), reason);
                        self.tell_of_task(framework, launch.task, agent, dropped, None, out);
                    }
                    continue;
                }
                OfferOperationKind::Convert(operation) => {
                    (OperationKind::of(&operation), amounts(&operation))
                }
                OfferOperationKind::Disk(operation) => {
                    (OperationKind::of_disk(&operation), disk_amounts(&operation))
                }
            };
            let error = Arc::clone(&error);
            self.refuse_operation(framework, agent, (kind, id), amounts, error, out);
        }
    }

    /// Takes valid offers off the books, as one.
    fn take_offers(
        &mut self,
        framework: FrameworkId,
        offers: &[OfferId],
        out: &mut Vec<Output>,
    ) -> Option<Offer> {
        let mut ended = EndedOffers::default();
        let mut taken: Option<Offer> = None;
        for offer in offers.iter().filter_map(|id| self.take_offer(framework, *id)) {
            ended.note(&offer.resources);
            match &mut taken {
                Some(sum) => sum.resources.add(&offer.resources),
                None => taken = Some(offer),
            }
        }
        ended.observe(framework, OfferEnd::Accepted, out);
        taken
    }

    /// An operation that is accounted for at once; the agent follows.
    fn operate(
        &mut self,
        now: Time,
        acceptance: &mut Acceptance,
        (id, operation): (Option<OperationId>, Box<Operation>),
        out: &mut Vec<Output>,
    ) {
        let Offer { framework, agent, .. } = acceptance.offer;
        let (kind, resources) = (OperationKind::of(&operation), amounts(&operation));
        match self.try_operation(now, acceptance, (id, &operation), out) {
            Ok(()) => {
                self.send_operation(agent, (Some(framework), id), operation, out);
                out.push(Output::Observe(Observation::OperationApplied {
                    framework: Some(framework),
                    agent,
                    operation: kind,
                    resources,
                }));
            }
            Err(error) => {
                let error = Arc::new(error);
                self.refuse_operation(framework, Some(agent), (kind, id), resources, error, out);
            }
        }
    }

    /// Converts the pool and the agent's total, or neither.
    fn try_operation(
        &mut self,
        now: Time,
        acceptance: &mut Acceptance,
        (id, operation): (Option<OperationId>, &Operation),
        out: &mut Vec<Output>,
    ) -> Result<(), ValidationError> {
        let Offer { framework, role, agent, .. } = acceptance.offer;
        let capabilities = self.infos[agent].as_ref().map(|it| it.capabilities).unwrap_or_default();
        let profile = &self.options.profile;
        validation::feedback(id, profile, capabilities)?;
        validation::supported(operation, profile)?;
        let requester = Requester {
            role: Some(self.roles.path(role)),
            principal: self.frameworks[framework].subscription.principal.as_deref(),
            capabilities: self.capabilities(framework),
        };
        let on_agent = OnAgent {
            capabilities,
            total: &self.agents[agent].total,
            used: &self.agents[agent].used,
        };
        validation::operation(operation, &requester, &on_agent, profile)?;
        authorised(&self.options.acls, requester.principal, operation)?;
        if let Operation::Destroy(volumes) = operation {
            self.rescind_offers_with(now, agent, volumes, None, out);
        }
        let conversions = operation.conversions()?;
        let total = self.agents[agent].total.apply(operation)?;
        acceptance.convert(operation, conversions)?;
        self.agents[agent].total = total;
        self.touch(agent);
        Ok(())
    }

    /// An operation of a resource provider: what it consumes is held until its end.
    fn operate_on_disk(
        &mut self,
        acceptance: &mut Acceptance,
        (id, operation): (Option<OperationId>, Box<DiskOperation>),
        out: &mut Vec<Output>,
    ) {
        let Offer { framework, role, agent, .. } = acceptance.offer;
        let (kind, resources) = (OperationKind::of_disk(&operation), disk_amounts(&operation));
        let source = match &*operation {
            DiskOperation::Create { source, .. } | DiskOperation::Destroy { source } => source,
        };
        let consumed = Resources::from_iter([source.clone()]);
        let capabilities = self.infos[agent].as_ref().map(|it| it.capabilities).unwrap_or_default();
        let profile: &Profile = &self.options.profile;
        let checked = validation::feedback(id, profile, capabilities)
            .and_then(|()| validation::disk_operation(&operation, profile))
            .and_then(|()| {
                let available = acceptance.remaining.clone();
                let missing = ConversionError::Missing { available, consumed: consumed.clone() };
                let is_there = acceptance.remaining.contains(&consumed);
                if is_there { Ok(()) } else { Err(missing.into()) }
            });
        if let Err(error) = checked {
            let error = Arc::new(error);
            self.refuse_operation(framework, Some(agent), (kind, id), resources, error, out);
            return;
        }
        acceptance.take(&consumed);
        self.agents[agent].used.add(&consumed);
        self.touch(agent);
        let number = MasterOperationId(self.next_number());
        self.agents[agent].operations.push(PendingOperation {
            number,
            framework: Some(framework),
            id,
            kind,
            state: OperationState::Pending,
            effect: Effect::AtEnd { role, framework, consumed },
        });
        let owner = OperationOwner { framework: Some(framework), id };
        self.send(agent, ToAgent::ApplyDisk { operation, id: number, owner }, out);
    }

    /// Tells the allocator what has become of the offers.
    fn conclude(&mut self, now: Time, acceptance: &Acceptance, refuse: Span) {
        let Acceptance { offer, remaining, resized, conversions, .. } = acceptance;
        if conversions.is_empty() {
            self.recover(now, offer, remaining, Some(refuse));
            self.note_launched(now, acceptance);
            return;
        }
        self.allocator.apply(
            now,
            Fact::UpdateAllocation {
                framework: offer.framework,
                role: offer.role,
                agent: offer.agent,
                offered: &offer.resources,
                conversions,
            },
        );
        let mut declined = remaining.clone();
        declined.add(resized);
        // What was made here and not used is no refusal: it is offered again at once.
        let mut converted = declined.clone();
        converted.subtract(&offer.resources);
        declined.subtract(&converted);
        self.allocator.apply(now, Fact::Pause);
        self.recover(now, offer, &converted, None);
        self.recover(now, offer, &declined, Some(refuse));
        self.note_launched(now, acceptance);
        self.allocator.apply(now, Fact::Resume);
    }

    fn note_launched(&mut self, now: Time, acceptance: &Acceptance) {
        let Offer { framework, role, agent, .. } = acceptance.offer;
        let resources = &acceptance.launched;
        if !resources.is_empty() {
            let fact = Fact::TransitionOfferedToAllocated { framework, role, agent, resources };
            self.allocator.apply(now, fact);
        }
    }
}

/// Whether the principal may do this to all that the operation names.
pub(super) fn authorised(
    acls: &Acls,
    principal: Option<&str>,
    operation: &Operation,
) -> Result<(), ValidationError> {
    let of_volume = |resource: &Resource| {
        let persistence = resource.disk.as_ref().and_then(|disk| disk.persistence.as_ref());
        persistence.and_then(|it| it.principal.clone())
    };
    let role = |resource: &Resource| resource.reservation_role().map(Arc::from);
    let (action, objects): (Action, Vec<Option<Arc<str>>>) = match operation {
        Operation::Reserve { resources, .. } => {
            (Action::ReserveResources, of_each(resources, role))
        }
        Operation::Unreserve(resources) => {
            let reserver = |resource: &Resource| {
                resource.reservations.last().and_then(|top| top.principal.clone())
            };
            (Action::UnreserveResources, of_each(resources, reserver))
        }
        Operation::Create(volumes) => (Action::CreateVolume, of_each(volumes, role)),
        Operation::Destroy(volumes) => (Action::DestroyVolume, of_each(volumes, of_volume)),
        Operation::GrowVolume { volume, .. } | Operation::ShrinkVolume { volume, .. } => {
            (Action::ResizeVolume, vec![role(volume)])
        }
    };
    let allowed = |object: &Option<Arc<str>>| acls.allow(action, principal, object.as_deref());
    if objects.iter().all(allowed) { Ok(()) } else { Err(ValidationError::Unauthorized) }
}

fn of_each(
    resources: &Resources,
    object: impl Fn(&Resource) -> Option<Arc<str>>,
) -> Vec<Option<Arc<str>>> {
    resources.iter().map(|(resource, _)| object(&resource)).collect()
}

fn disk_amounts(operation: &DiskOperation) -> Quantities {
    match operation {
        DiskOperation::Create { source, .. } | DiskOperation::Destroy { source } => {
            Resources::from_iter([source.clone()]).scalar_quantities()
        }
    }
}

/// How much an operation concerns.
pub(super) fn amounts(operation: &Operation) -> Quantities {
    let of_one = |resource: Resource| Resources::from_iter([resource]).scalar_quantities();
    match operation {
        Operation::Reserve { resources, .. }
        | Operation::Unreserve(resources)
        | Operation::Create(resources)
        | Operation::Destroy(resources) => resources.scalar_quantities(),
        Operation::GrowVolume { addition, .. } => of_one(addition.clone()),
        Operation::ShrinkVolume { volume, subtract } => {
            of_one(Resource::plain(Arc::clone(&volume.name), Value::Scalar(*subtract)))
        }
    }
}
