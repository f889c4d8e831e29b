//! Offers: from the allocator's decision to ACCEPT, DECLINE, rescind or timeout
//! (`spec/master.md` section 5).

use super::{Master, MasterOptions, Output, Timer};
use crate::observe::{Observation, OfferEnd};
use crate::protocol::{Event, InverseOfferId, OfferId, OfferMessage};
use policy_api::{
    AgentId, AllocationStage, Allocator, Decision, DenseId, Fact, FrameworkId, IdVec, Lookup,
    Quantities, Resources, RoleId, Span, Time,
};
use std::collections::VecDeque;

/// One (framework, role, agent) of an allocation; both stages may have decided on it.
type OfferKey = (FrameworkId, RoleId, AgentId);
type OfferIndex = Lookup<OfferKey, usize>;

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
    offers: VecDeque<(Time, Outstanding)>,
    armed: bool,
}

#[derive(Clone, Copy, Debug)]
enum Outstanding {
    Offer(OfferId),
    Inverse(InverseOfferId),
}

impl OfferTimeouts {
    pub(super) fn inverse(
        &mut self,
        now: Time,
        options: &MasterOptions,
        id: InverseOfferId,
        out: &mut Vec<Output>,
    ) {
        if let Some(timeout) = options.offer_timeout {
            self.offers.push_back((now + timeout, Outstanding::Inverse(id)));
            self.arm(out);
        }
    }

    fn arm(&mut self, out: &mut Vec<Output>) {
        if let Some((at, _)) = self.offers.front().filter(|_| !self.armed) {
            self.armed = true;
            out.push(Output::Wake { at: *at, timer: Timer::OfferTimeout });
        }
    }
}

/// The refusal of Mesos's default filter.
const DEFAULT_REFUSAL: Span = Span::from_secs(5);

/// What a framework sees of an offer: ephemeral ports are the isolator's.
pub(crate) fn shown(resources: &Resources) -> Resources {
    if resources.is_plain() {
        return resources.clone();
    }
    resources.filter(true, |resource| *resource.name != *"ephemeral_ports")
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
        let mut inverse = Vec::new();
        for decision in decisions.drain(..) {
            let (framework, role, agent, resources, stage) = match decision {
                Decision::Offer { framework, role, agent, resources, stage } => {
                    (framework, role, agent, resources, stage)
                }
                Decision::InverseOffer { framework, agent } => {
                    inverse.push((framework, agent));
                    continue;
                }
            };
            if self.is_full(agent) {
                let offer = Offer { framework, role, agent, resources };
                self.recover(now, &offer, &offer.resources, Some(DEFAULT_REFUSAL));
                continue;
            }
            let message = &mut messages[framework];
            let key = (framework, role, agent);
            match stage {
                AllocationStage::Guarantees => {
                    guaranteed.insert(key, message.len());
                }
                AllocationStage::FairShare if !guaranteed.is_empty() => {
                    if let Some(index) = guaranteed.get(&key) {
                        message[*index].resources.add(&shown(&resources));
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
            let unavailability = book.unavailability;
            self.touch(agent);
            #[cfg_attr(not(feature = "sabotage"), expect(unused_mut, reason = "a hook"))]
            let mut message =
                OfferMessage { id, agent, role, resources: shown(&resources), unavailability };
            #[cfg(feature = "sabotage")]
            messages[framework].extend(self.spoil_offer(&mut message));
            messages[framework].push(message);
        }
        for (index, offers) in messages.iter_mut().enumerate().filter(|(_, o)| !o.is_empty()) {
            let (framework, offers) = (FrameworkId::from_index(index), std::mem::take(offers));
            out.push(Output::Observe(Observation::OffersSent {
                framework,
                offers: u32::try_from(offers.len()).expect("fewer than 2^32 agents"),
                resources: sum(offers.iter().map(|offer| &offer.resources)),
            }));
            self.frameworks[framework].counters.offers_sent += offers.len() as u64;
            self.arm_timeouts(now, &offers, out);
            self.tell(framework, Event::Offers(offers), out);
        }
        self.send_inverse_offers(now, inverse, out);
    }

    /// What is told wrongly, and what besides.
    #[cfg(feature = "sabotage")]
    fn spoil_offer(&mut self, message: &mut OfferMessage) -> Option<OfferMessage> {
        use crate::sabotage::Sabotage;
        let agent = message.agent;
        if self.options.sabotage == Some(Sabotage::Overstate) {
            message.resources = self.agents[agent].total.clone();
        }
        let twice = self.options.sabotage == Some(Sabotage::OfferTwice);
        let offer = self.offers.get(message.id).filter(|_| twice)?;
        let offer = Offer { resources: offer.resources.clone(), ..*offer };
        let id = self.offers.insert(offer);
        self.agents[agent].offers.push(id);
        Some(OfferMessage { id, ..message.clone() })
    }

    /// Whether an agent runs as many executors as it may.
    fn is_full(&self, agent: AgentId) -> bool {
        let most = self.options.max_executors_per_agent;
        most.is_some_and(|most| self.agents[agent].executors.len() >= most)
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
        self.frameworks[framework].counters.offers_declined += u64::from(ended.offers);
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

    /// The outstanding offers for which something holds.
    pub(super) fn offers_where(&self, condition: impl Fn(&Offer) -> bool) -> Vec<OfferId> {
        let all = self.offers.entries();
        all.filter(|(_, offer)| condition(offer)).map(|(id, _)| id).collect()
    }

    /// Ends offers of one framework without a message or a filter.
    pub(super) fn end_offers(
        &mut self,
        now: Time,
        framework: FrameworkId,
        offers: &[OfferId],
        end: OfferEnd,
        out: &mut Vec<Output>,
    ) {
        let mut ended = EndedOffers::default();
        for id in offers {
            if let Some(offer) = self.take_offer(framework, *id) {
                ended.note(&offer.resources);
                self.recover(now, &offer, &offer.resources, None);
            }
        }
        ended.observe(framework, end, out);
    }

    /// Takes offers back, with this filter, and tells their frameworks.
    pub(super) fn rescind(
        &mut self,
        now: Time,
        offers: &[OfferId],
        refuse: Option<Span>,
        out: &mut Vec<Output>,
    ) {
        for id in offers {
            let Some(framework) = self.offers.get(*id).map(|offer| offer.framework) else {
                continue;
            };
            let offer = self.take_offer(framework, *id).expect("just seen");
            self.recover(now, &offer, &offer.resources, refuse);
            let mut ended = EndedOffers::default();
            ended.note(&offer.resources);
            ended.observe(framework, OfferEnd::Rescinded, out);
            self.frameworks[framework].counters.offers_rescinded += 1;
            #[cfg(feature = "sabotage")]
            if self.options.sabotage == Some(crate::sabotage::Sabotage::ForgetRescind) {
                continue;
            }
            self.tell(framework, Event::Rescind(vec![*id]), out);
        }
    }

    /// Takes back all offers and inverse offers of an agent, without a filter.
    pub(super) fn rescind_all_of_agent(
        &mut self,
        now: Time,
        agent: AgentId,
        out: &mut Vec<Output>,
    ) {
        let offers = self.agents[agent].offers.clone();
        self.rescind(now, &offers, None, out);
        for id in self.agents[agent].inverse_offers.clone() {
            self.rescind_inverse_offer(now, id, out);
        }
    }

    /// Takes back the offers of an agent that contain any of these; their resources come back
    /// without a filter.
    pub(super) fn rescind_offers_with(
        &mut self,
        now: Time,
        agent: AgentId,
        resources: &Resources,
        refuse: Option<Span>,
        out: &mut Vec<Output>,
    ) {
        let contains = |id: &&OfferId| {
            let offer = self.offers.get(**id);
            offer.is_some_and(|it| resources.singles().any(|one| it.resources.contains(&one)))
        };
        let offers: Vec<_> = self.agents[agent].offers.iter().filter(contains).copied().collect();
        self.rescind(now, &offers, refuse, out);
    }

    fn arm_timeouts(&mut self, now: Time, offers: &[OfferMessage], out: &mut Vec<Output>) {
        let Some(timeout) = self.options.offer_timeout else { return };
        let at = now + timeout;
        let entries = offers.iter().map(|offer| (at, Outstanding::Offer(offer.id)));
        self.timeouts.offers.extend(entries);
        self.timeouts.arm(out);
    }

    /// Rescinds the offers whose time is over; their resources come back without a filter.
    pub(super) fn time_out_offers(&mut self, now: Time, out: &mut Vec<Output>) {
        self.timeouts.armed = false;
        let mut rescinded: IdVec<FrameworkId, (Vec<OfferId>, EndedOffers)> =
            self.frameworks.iter().map(|_| Default::default()).collect();
        while let Some((at, outstanding)) = self.timeouts.offers.front().copied() {
            let stands = match outstanding {
                Outstanding::Offer(id) => self.offers.get(id).is_some(),
                Outstanding::Inverse(id) => self.inverse_offers.get(id).is_some(),
            };
            if stands && at > now {
                break;
            }
            self.timeouts.offers.pop_front();
            match outstanding {
                Outstanding::Offer(id) => {
                    let Some(framework) = self.offers.get(id).map(|it| it.framework) else {
                        continue;
                    };
                    let offer = self.take_offer(framework, id).expect("just seen");
                    self.recover(now, &offer, &offer.resources, None);
                    let (offers, ended) = &mut rescinded[framework];
                    offers.push(id);
                    ended.note(&offer.resources);
                }
                Outstanding::Inverse(id) => self.rescind_inverse_offer(now, id, out),
            }
        }
        self.timeouts.arm(out);
        for (index, (offers, ended)) in rescinded.iter_mut().enumerate() {
            if !offers.is_empty() {
                let framework = FrameworkId::from_index(index);
                ended.observe(framework, OfferEnd::TimedOut, out);
                self.tell(framework, Event::Rescind(std::mem::take(offers)), out);
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
