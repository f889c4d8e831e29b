//! ACCEPT: what a framework does with its offers, in order, on a pool that each operation changes
//! (`spec/master.md` section 6).

use super::offers::EndedOffers;
use super::validation::{self, OnAgent, Requester, ValidationError};
use super::{Master, Offer, Output};
use crate::observe::{Observation, OfferEnd};
use crate::protocol::{Launch, OfferId, OfferOperation, OperationKind, Reason};
use policy_api::resources::Value;
use policy_api::{
    Allocator, Conversion, ConversionError, Fact, FrameworkId, Operation, Quantities, Resource,
    Resources, Span, Time,
};
use std::sync::Arc;

/// An ACCEPT while its operations run.
struct Acceptance {
    /// All offers as one.
    offer: Offer,
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

    /// Whether a task may use these.
    fn covers(&self, resources: &Resources) -> bool {
        if !resources.has_shared() {
            return self.remaining.contains(resources);
        }
        self.remaining.contains(&resources.non_shared())
            && self.shared.contains(&resources.shared())
    }

    /// Takes what a task uses. Copies of shared volumes that were not offered are added.
    fn take(&mut self, resources: &Resources) {
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
        kind: OperationKind,
        conversions: Vec<Conversion>,
    ) -> Result<(), ConversionError> {
        match kind {
            OperationKind::GrowVolume | OperationKind::ShrinkVolume => {
                let mut resized = Resources::EMPTY;
                let consume = |conversion: &Conversion| {
                    resized.add(&conversion.converted);
                    Conversion { converted: Resources::EMPTY, ..conversion.clone() }
                };
                let consuming: Vec<Conversion> = conversions.iter().map(consume).collect();
                self.remaining = self.remaining.convert(&consuming)?;
                self.resized.add(&resized);
            }
            OperationKind::Reserve
            | OperationKind::Unreserve
            | OperationKind::Create
            | OperationKind::Destroy => {
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
            self.discard_offers(now, framework, offers, out);
            self.refuse_operations(framework, operations, error, out);
            return;
        }
        let Some(offer) = self.take_offers(framework, offers, out) else { return };
        let mut acceptance = Acceptance::new(offer);
        for operation in operations {
            match operation {
                OfferOperation::Launch(launch) => self.launch(&mut acceptance, launch, out),
                OfferOperation::Convert(operation) => {
                    self.operate(now, &mut acceptance, operation, out);
                }
            }
        }
        self.conclude(now, &acceptance, refuse);
    }

    /// The still valid offers of a refused ACCEPT are its framework's no longer.
    fn discard_offers(
        &mut self,
        now: Time,
        framework: FrameworkId,
        offers: &[OfferId],
        out: &mut Vec<Output>,
    ) {
        let mut ended = EndedOffers::default();
        for id in offers {
            if let Some(offer) = self.take_offer(framework, *id) {
                ended.note(&offer.resources);
                self.recover(now, &offer, &offer.resources, None);
            }
        }
        ended.observe(framework, OfferEnd::Discarded, out);
    }

    fn refuse_operations(
        &self,
        framework: FrameworkId,
        operations: Vec<OfferOperation>,
        error: ValidationError,
        out: &mut Vec<Output>,
    ) {
        let error = Arc::new(error);
        for operation in operations {
            match operation {
                OfferOperation::Launch(launch) => {
                    self.refuse_launch(framework, launch.task, None, Reason::InvalidOffers, out);
                }
                OfferOperation::Convert(operation) => {
                    out.push(Output::Observe(Observation::OperationDropped {
                        framework,
                        agent: None,
                        operation: OperationKind::of(&operation),
                        resources: amounts(&operation),
                        error: Arc::clone(&error),
                    }));
                }
            }
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

    fn launch(&mut self, acceptance: &mut Acceptance, launch: Launch, out: &mut Vec<Output>) {
        let Offer { framework, role, agent, .. } = acceptance.offer;
        let resources = &launch.resources;
        if self.knows_task(framework, launch.task)
            || validation::task(resources).is_err()
            || !acceptance.covers(resources)
        {
            self.refuse_launch(framework, launch.task, Some(agent), Reason::TaskInvalid, out);
            return;
        }
        acceptance.take(resources);
        self.start_task(framework, role, agent, launch, out);
    }

    /// An operation that is accounted for at once; the agent follows.
    fn operate(
        &mut self,
        now: Time,
        acceptance: &mut Acceptance,
        operation: Box<Operation>,
        out: &mut Vec<Output>,
    ) {
        let Offer { framework, agent, .. } = acceptance.offer;
        let (kind, resources) = (OperationKind::of(&operation), amounts(&operation));
        let observation = match self.try_operation(now, acceptance, &operation, out) {
            Ok(()) => {
                out.push(Output::ApplyOperation { agent, operation });
                Observation::OperationApplied { framework, agent, operation: kind, resources }
            }
            Err(error) => Observation::OperationDropped {
                framework,
                agent: Some(agent),
                operation: kind,
                resources,
                error: Arc::new(error),
            },
        };
        out.push(Output::Observe(observation));
    }

    /// Converts the pool and the agent's total, or neither.
    fn try_operation(
        &mut self,
        now: Time,
        acceptance: &mut Acceptance,
        operation: &Operation,
        out: &mut Vec<Output>,
    ) -> Result<(), ValidationError> {
        let Offer { framework, role, agent, .. } = acceptance.offer;
        let requester = Requester {
            role: &self.roles[role],
            principal: self.frameworks[framework].principal.as_deref(),
            capabilities: self.capabilities(framework),
        };
        let info = self.infos[agent].as_ref();
        let on_agent = OnAgent {
            capabilities: info.map(|info| info.capabilities).unwrap_or_default(),
            total: &self.agents[agent].total,
            used: &self.agents[agent].used,
        };
        validation::operation(operation, &requester, &on_agent)?;
        if let Operation::Destroy(volumes) = operation {
            self.rescind_offers_with(now, agent, volumes, out);
        }
        let conversions = operation.conversions()?;
        let total = self.agents[agent].total.apply(operation)?;
        acceptance.convert(OperationKind::of(operation), conversions)?;
        self.agents[agent].total = total;
        self.touch(agent);
        Ok(())
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

/// How much an operation concerns.
fn amounts(operation: &Operation) -> Quantities {
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
