//! Offers: from the allocator's decision to ACCEPT, DECLINE, rescind or timeout
//! (`spec/master.md` section 5).

use super::{FrameworkBook, Master, OfferIndex, Output, Timer};
use crate::observe::{Observation, OfferEnd};
use crate::protocol::{OfferId, OfferMessage};
use policy_api::{
    AgentId, AllocationStage, Allocator, Decision, DenseId, Fact, FrameworkId, IdVec, Quantities,
    Resources, RoleId, Span, Time,
};
use std::collections::VecDeque;

/// Resources of one agent that one framework may use in one role until it answers.
#[derive(Clone, Debug)]
pub struct Offer {
    pub(super) framework: FrameworkId,
    pub(super) role: RoleId,
    pub(super) agent: AgentId,
    pub(super) resources: Resources,
}

/// When offers time out. All stand equally long, so the order of making is the order of ending,
/// and one timer, for the first of them, is enough.
#[derive(Clone, Debug, Default)]
pub(super) struct OfferTimeouts {
    offers: VecDeque<(Time, OfferId)>,
    armed: bool,
}

impl<A: Allocator> Master<A> {
    /// Turns decisions into offers: one message to each framework, as the allocator's call-back.
    pub(super) fn send_offers(
        &mut self,
        now: Time,
        decisions: &mut Vec<Decision>,
        out: &mut Vec<Output>,
    ) {
        let mut messages: IdVec<FrameworkId, Vec<OfferMessage>> =
            self.frameworks.iter().map(|_| Vec::new()).collect();
        let mut guaranteed = OfferIndex::new();
        for decision in decisions.drain(..) {
            let (framework, role, agent, resources, stage) = match decision {
                Decision::Offer { framework, role, agent, resources, stage } => {
                    (framework, role, agent, resources, stage)
                }
                // The master tells of no maintenance yet, so none is ever decided.
                Decision::InverseOffer { .. } => continue,
            };
            let message = &mut messages[framework];
            let key = (framework, role, agent);
            match stage {
                AllocationStage::Guarantees => {
                    guaranteed.insert(key, message.len());
                }
                AllocationStage::FairShare if !guaranteed.is_empty() => {
                    if let Some(index) = guaranteed.get(&key) {
                        message[*index].resources.add(&resources);
                        let offer = self.offers.get_mut(message[*index].id);
                        offer.expect("just made").resources.add(&resources);
                        self.agents[agent].offered.add(&resources);
                        continue;
                    }
                }
                AllocationStage::FairShare => {}
            }
            let id =
                self.offers.insert(Offer { framework, role, agent, resources: resources.clone() });
            let book = &mut self.agents[agent];
            book.offered.add(&resources);
            book.offers.push(id);
            self.touch(agent);
            messages[framework].push(OfferMessage { id, agent, role, resources });
        }
        for (index, offers) in messages.iter_mut().enumerate().filter(|(_, o)| !o.is_empty()) {
            let (framework, offers) = (FrameworkId::from_index(index), std::mem::take(offers));
            out.push(Output::Observe(Observation::OffersSent {
                framework,
                offers: u32::try_from(offers.len()).expect("fewer than 2^32 agents"),
                resources: sum(offers.iter().map(|offer| &offer.resources)),
            }));
            self.arm_timeouts(now, &offers, out);
            out.push(Output::Offers { framework, offers });
        }
    }

    pub(super) fn decline(
        &mut self,
        now: Time,
        framework: FrameworkId,
        offers: &[OfferId],
        refuse: Span,
        out: &mut Vec<Output>,
    ) {
        let mut ended = EndedOffers::default();
        for id in offers {
            if let Some(offer) = self.take_offer(framework, *id) {
                ended.note(&offer.resources);
                self.recover(now, &offer, &offer.resources, Some(refuse));
            }
        }
        ended.observe(framework, OfferEnd::Declined, out);
    }

    /// Takes an outstanding offer of this framework off the books.
    pub(super) fn take_offer(&mut self, framework: FrameworkId, id: OfferId) -> Option<Offer> {
        if self.offers.get(id)?.framework != framework {
            return None;
        }
        let offer = self.offers.remove(id)?;
        let book = &mut self.agents[offer.agent];
        book.offered.subtract(&offer.resources);
        // Rarely more than one offer stands for an agent.
        if let Some(index) = book.offers.iter().position(|known| *known == id) {
            book.offers.swap_remove(index);
        }
        self.touch(offer.agent);
        Some(offer)
    }

    /// Gives resources of an offer back to the allocator.
    pub(super) fn recover(
        &mut self,
        now: Time,
        offer: &Offer,
        resources: &Resources,
        refuse: Option<Span>,
    ) {
        if resources.is_empty() {
            return;
        }
        self.allocator.apply(
            now,
            Fact::RecoverResources {
                framework: offer.framework,
                role: offer.role,
                agent: offer.agent,
                resources,
                refuse,
                was_allocated: false,
            },
        );
    }

    /// Takes back the offers of an agent that contain any of these; their resources come back
    /// without a filter.
    pub(super) fn rescind_offers_with(
        &mut self,
        now: Time,
        agent: AgentId,
        resources: &Resources,
        out: &mut Vec<Output>,
    ) {
        for id in self.agents[agent].offers.clone() {
            let Some(offer) = self.offers.get(id) else { continue };
            if !resources.singles().any(|single| offer.resources.contains(&single)) {
                continue;
            }
            let framework = offer.framework;
            let offer = self.take_offer(framework, id).expect("just seen");
            self.recover(now, &offer, &offer.resources, None);
            let mut ended = EndedOffers::default();
            ended.note(&offer.resources);
            ended.observe(framework, OfferEnd::Rescinded, out);
            out.push(Output::Rescind { framework, offers: vec![id] });
        }
    }

    fn arm_timeouts(&mut self, now: Time, offers: &[OfferMessage], out: &mut Vec<Output>) {
        let Some(timeout) = self.options.offer_timeout else { return };
        let at = now + timeout;
        self.timeouts.offers.extend(offers.iter().map(|offer| (at, offer.id)));
        if !self.timeouts.armed {
            self.timeouts.armed = true;
            out.push(Output::Wake { at, timer: Timer::OfferTimeout });
        }
    }

    /// Rescinds the offers whose time is over; their resources come back without a filter.
    pub(super) fn time_out_offers(&mut self, now: Time, out: &mut Vec<Output>) {
        self.timeouts.armed = false;
        let mut rescinded: IdVec<FrameworkId, (Vec<OfferId>, EndedOffers)> =
            self.frameworks.iter().map(|_: &FrameworkBook| Default::default()).collect();
        while let Some((at, id)) = self.timeouts.offers.front().copied() {
            let Some(framework) = self.offers.get(id).map(|offer| offer.framework) else {
                self.timeouts.offers.pop_front();
                continue;
            };
            if at > now {
                self.timeouts.armed = true;
                out.push(Output::Wake { at, timer: Timer::OfferTimeout });
                break;
            }
            self.timeouts.offers.pop_front();
            let offer = self.take_offer(framework, id).expect("just seen");
            self.recover(now, &offer, &offer.resources, None);
            let (offers, ended) = &mut rescinded[framework];
            offers.push(id);
            ended.note(&offer.resources);
        }
        for (index, (offers, ended)) in rescinded.iter_mut().enumerate() {
            if !offers.is_empty() {
                let framework = FrameworkId::from_index(index);
                ended.observe(framework, OfferEnd::TimedOut, out);
                out.push(Output::Rescind { framework, offers: std::mem::take(offers) });
            }
        }
    }
}

/// Offers that one message ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EndedOffers {
    offers: u32,
    resources: Quantities,
}

impl EndedOffers {
    pub(super) fn note(&mut self, resources: &Resources) {
        self.offers += 1;
        self.resources += resources.scalar_quantities();
    }

    pub(super) fn observe(self, framework: FrameworkId, end: OfferEnd, out: &mut Vec<Output>) {
        let Self { offers, resources } = self;
        if offers > 0 {
            let ended = Observation::OffersEnded { framework, end, offers, resources };
            out.push(Output::Observe(ended));
        }
    }
}

fn sum<'a>(resources: impl Iterator<Item = &'a Resources>) -> Quantities {
    resources.fold(Quantities::ZERO, |sum, resources| sum + resources.scalar_quantities())
}
