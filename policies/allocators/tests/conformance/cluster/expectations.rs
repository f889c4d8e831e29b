//! What was offered, and what should have been.

use super::Cluster;
use super::resources::Amounts;
use policy_api::{Allocator, DenseId, Resources};
use std::fmt;

/// What the master sends to a framework: all that one cycle decided for one role and agent.
#[derive(Clone, PartialEq)]
pub(crate) struct Offer {
    /// Framework and role: `F1/role1`.
    pub(crate) to: String,
    pub(crate) agent: String,
    pub(crate) resources: Resources,
}

/// As in expectations.
impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.to, self.agent, self.resources)
    }
}

impl Cluster {
    /// The offers since the last expectation, and no inverse offers.
    pub(crate) fn take_offers(&mut self) -> Vec<Offer> {
        assert_eq!(self.inverse_offers, []);
        std::mem::take(&mut self.offers)
    }

    pub(crate) fn expect_nothing(&mut self) {
        assert_eq!(self.take_offers(), []);
    }

    /// Exactly one offer, such as `F1/role1: A1 cpus:2;mem:1024`; `all`: all that the agent has.
    pub(crate) fn expect(&mut self, offer: &str) {
        self.expect_each(&[offer]);
    }

    pub(crate) fn expect_each(&mut self, offers: &[&str]) {
        let mut expected: Vec<Offer> = offers
            .iter()
            .map(|text| {
                let (to, rest) = text.split_once(": ").expect("framework/role: agent amounts");
                let (agent, amounts) = rest.split_once(' ').expect("agent amounts");
                let id = self.agent(agent);
                let resources = amounts.resources(&self.agents[id.index()].1);
                Offer { to: to.to_owned(), agent: agent.to_owned(), resources }
            })
            .collect();
        let mut offers = self.take_offers();
        for list in [&mut offers, &mut expected] {
            list.sort_by(|left, right| (&left.to, &left.agent).cmp(&(&right.to, &right.agent)));
        }
        assert_eq!(offers, expected);
    }

    /// Exactly one offer, of resources that have no text: `F1/role1: A1`.
    pub(crate) fn expect_exactly(&mut self, to: &str, resources: &Resources) {
        let (to, agent) = to.split_once(": ").expect("framework/role: agent");
        let (to, agent) = (to.to_owned(), agent.to_owned());
        assert_eq!(self.take_offers(), [Offer { to, agent, resources: resources.clone() }]);
    }

    /// Exactly one inverse offer, and no offers.
    pub(crate) fn expect_inverse_offer(&mut self, framework: &str, agent: &str) {
        let inverse_offers = std::mem::take(&mut self.inverse_offers);
        assert_eq!(inverse_offers, [(framework.to_owned(), agent.to_owned())]);
        assert_eq!(self.offers, []);
    }

    /// A metric by the rest of its name after `allocator/mesos/`.
    pub(crate) fn metric(&self, name: &str) -> Option<f64> {
        self.allocator.metrics(self.now).get(&format!("allocator/mesos/{name}")).copied()
    }
}

/// What one holder was offered altogether.
pub(crate) fn total_of(offers: &[Offer], to: &str) -> Resources {
    let mut sum = Resources::EMPTY;
    for offer in offers.iter().filter(|offer| offer.to == to) {
        sum.add(&offer.resources);
    }
    sum
}
