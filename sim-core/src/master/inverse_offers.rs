//! Inverse offers: requests to leave an agent before its maintenance (`spec/master.md` section 4).

use super::{Master, Output};
use crate::protocol::{Event, InverseOfferId};
use policy_api::{AgentId, Allocator, Fact, FrameworkId, InverseOfferStatus, Span, Time};

/// A framework is asked to give back all that it holds on an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InverseOffer {
    pub(super) framework: FrameworkId,
    pub(super) agent: AgentId,
}

impl<A: Allocator> Master<A> {
    /// Turns decisions into inverse offers, one message to each framework.
    pub(super) fn send_inverse_offers(
        &mut self,
        now: Time,
        mut decided: Vec<(FrameworkId, AgentId)>,
        out: &mut Vec<Output>,
    ) {
        // Stable: within a framework they stay in the order of the decisions.
        decided.sort_by_key(|(framework, _)| *framework);
        for of_framework in decided.chunk_by(|left, right| left.0 == right.0) {
            let framework = of_framework[0].0;
            let mut message = Vec::new();
            for &(framework, agent) in of_framework {
                let Some(book) = self.agents.get_mut(agent) else { continue };
                let Some(unavailability) = book.unavailability else { continue };
                let id = self.inverse_offers.insert(InverseOffer { framework, agent });
                book.inverse_offers.push(id);
                self.timeouts.inverse(now, &self.options, id, out);
                message.push((id, agent, unavailability));
            }
            if !message.is_empty() {
                self.tell(framework, Event::InverseOffers(message), out);
            }
        }
    }

    /// One that is not outstanding is no matter.
    pub(super) fn answer_inverse_offer(
        &mut self,
        now: Time,
        framework: FrameworkId,
        id: InverseOfferId,
        status: InverseOfferStatus,
        refuse: Span,
    ) {
        let owned = self.inverse_offers.get(id).is_some_and(|offer| offer.framework == framework);
        if owned && let Some(InverseOffer { agent, .. }) = self.take_inverse_offer(id) {
            if let Some(book) = self.agents.get_mut(agent) {
                book.maintenance_answers.insert(framework, status);
            }
            let (status, refuse) = (Some(status), Some(refuse));
            self.allocator
                .apply(now, Fact::UpdateInverseOffer { agent, framework, status, refuse });
        }
    }

    /// Takes an inverse offer back; the framework is told, and may be asked again at once.
    pub(super) fn rescind_inverse_offer(
        &mut self,
        now: Time,
        id: InverseOfferId,
        out: &mut Vec<Output>,
    ) {
        if let Some(InverseOffer { framework, agent }) = self.take_inverse_offer(id) {
            let fact = Fact::UpdateInverseOffer { agent, framework, status: None, refuse: None };
            self.allocator.apply(now, fact);
            self.tell(framework, Event::RescindInverse(vec![id]), out);
        }
    }

    pub(super) fn rescind_inverse_offers_where(
        &mut self,
        now: Time,
        condition: impl Fn(&InverseOffer) -> bool,
        out: &mut Vec<Output>,
    ) {
        for id in self.inverse_offers_where(condition) {
            self.rescind_inverse_offer(now, id, out);
        }
    }

    /// Takes them back without a word.
    pub(super) fn remove_inverse_offers_where(
        &mut self,
        now: Time,
        condition: impl Fn(&InverseOffer) -> bool,
    ) {
        for id in self.inverse_offers_where(condition) {
            if let Some(InverseOffer { framework, agent }) = self.take_inverse_offer(id) {
                let (status, refuse) = (None, None);
                self.allocator
                    .apply(now, Fact::UpdateInverseOffer { agent, framework, status, refuse });
            }
        }
    }

    fn inverse_offers_where(
        &self,
        condition: impl Fn(&InverseOffer) -> bool,
    ) -> Vec<InverseOfferId> {
        let all = self.inverse_offers.entries();
        all.filter(|(_, offer)| condition(offer)).map(|(id, _)| id).collect()
    }

    fn take_inverse_offer(&mut self, id: InverseOfferId) -> Option<InverseOffer> {
        let offer = self.inverse_offers.remove(id)?;
        self.agents[offer.agent].inverse_offers.retain(|known| *known != id);
        Some(offer)
    }
}
