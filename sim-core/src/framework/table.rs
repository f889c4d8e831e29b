//! Offers that are answered at once.

use super::Output;
use super::carve::{ResourceKind, carve, usable};
use super::session::Session;
use crate::protocol::{Call, Launch, LaunchDetails, OfferId, OfferMessage, OfferOperation, TaskId};
use policy_api::{AgentId, Quantities, Resources, RoleId, Span};
use std::sync::Arc;

/// The offers of one message, and what is to be done with each.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) offers: Vec<OpenOffer>,
}

#[derive(Debug)]
pub(super) struct OpenOffer {
    id: OfferId,
    pub(super) agent: AgentId,
    pub(super) role: RoleId,
    /// What is not used yet.
    left: Resources,
    /// What plain tasks could use of it.
    free: Quantities,
    operations: Vec<OfferOperation>,
}

impl Table {
    pub(super) fn new(offers: Vec<OfferMessage>) -> Self {
        let open = |offer: OfferMessage| OpenOffer {
            id: offer.id,
            agent: offer.agent,
            role: offer.role,
            free: usable(&offer.resources, ResourceKind::Regular),
            left: offer.resources,
            operations: Vec::new(),
        };
        Self { offers: offers.into_iter().map(open).collect() }
    }

    /// The offer of the lowest score; of equals the first. Offers without a score are out of question.
    pub(super) fn best<S: Ord>(
        &mut self,
        mut score: impl FnMut(&OpenOffer) -> Option<S>,
    ) -> Option<&mut OpenOffer> {
        let scored = self.offers.iter_mut().filter_map(|offer| Some((score(offer)?, offer)));
        let best = scored.reduce(|best, next| if next.0 < best.0 { next } else { best });
        best.map(|(_, offer)| offer)
    }

    /// Accepts the offers that are used and declines the others.
    pub(super) fn answer(self, session: &Session, refuse: Span, out: &mut Vec<Output>) {
        let (used, unused): (Vec<_>, Vec<_>) =
            self.offers.into_iter().partition(|offer| !offer.operations.is_empty());
        for OpenOffer { id, operations, .. } in used {
            session.call(Call::Accept { offers: vec![id], operations, refuse }, out);
        }
        if !unused.is_empty() {
            let offers = unused.into_iter().map(|offer| offer.id).collect();
            session.call(Call::Decline { offers, refuse }, out);
        }
    }
}

impl OpenOffer {
    pub(super) const fn left(&self) -> &Resources {
        &self.left
    }

    pub(super) fn has_room_for(&self, demand: &Quantities) -> bool {
        self.free.contains(demand)
    }

    /// Launches a task that never ends by itself, of any resources that come to this demand.
    pub(super) fn launch(
        &mut self,
        task: TaskId,
        demand: &Quantities,
        details: Option<Arc<LaunchDetails>>,
    ) {
        let resources = carve(&self.left, demand, ResourceKind::Regular);
        self.take(&resources);
        self.operate(Launch { details, ..Launch::command(task, resources, Span::MAX) });
    }

    /// These are used by operations.
    pub(super) fn take(&mut self, resources: &Resources) {
        self.left.subtract(resources);
        self.free = usable(&self.left, ResourceKind::Regular);
    }

    pub(super) fn operate(&mut self, operation: impl Into<OfferOperation>) {
        self.operations.push(operation.into());
    }
}
