//! Steps about agents.

use super::Chance;
use super::books::{AgentBook, Books};
use super::catalogue::{ROLES, agent_info, total};
use super::dice::Dice;
use super::pair::Pair;
use super::parts::part;
use policy_api::{
    AgentId, DenseId, Fact, FrameworkId, HeldResources, InverseOfferStatus, Resources, RoleId,
    Span, Unavailability,
};
use std::sync::Arc;

impl Pair {
    /// What an agent may bring. Where clients come in a random order, the plain allocator can tell
    /// who was passed over only if less never means something else: no two objects may compete.
    fn some_total(&self, number: usize, dice: &mut Dice) -> Resources {
        let total = total(number, dice);
        if self.objects_may_compete() {
            return total;
        }
        total.filter(true, |resource| {
            resource.scalar().is_none() || !resource.reservations.is_empty() || resource.revocable
        })
    }

    fn objects_may_compete(&self) -> bool {
        matches!(self.setting.chance, Chance::Nothing | Chance::OrderOfAgents)
    }

    fn some_agent(&self, dice: &mut Dice) -> Option<AgentId> {
        dice.pick(&self.books.agents.keys().copied().collect::<Vec<_>>())
    }

    pub(super) fn add_agent(&mut self, dice: &mut Dice) {
        // Mesos does not allow an agent in a pause that is no recovery.
        let refused = self.reference.paused && self.reference.expected_agents.is_none();
        if refused || self.books.agents.len() >= self.setting.agents {
            return;
        }
        let agent = AgentId::from_index(self.books.agents_made);
        self.books.agents_made += 1;
        let (info, total) = (agent_info(agent, dice), self.some_total(agent.index(), dice));
        let used = self.some_use(&total, dice);
        self.enter_use(agent, &used);
        self.tell(Fact::AddAgent { agent, info: &info, total: &total, used: &used });
        self.books.agents.insert(agent, AgentBook { info, total, activated: true });
    }

    /// What tasks use of an agent or provider that joins, also those of frameworks that have not
    /// been heard of.
    fn some_use(&mut self, total: &Resources, dice: &mut Dice) -> Vec<HeldResources> {
        let mut used = Vec::new();
        let mut left = total.clone();
        while used.len() < 3 && dice.one_in(4) {
            let framework = self.some_user(dice);
            let role = self.some_role_of(framework, dice);
            let path = ROLES[role.index()];
            let resources = part(&left.filter(true, |it| it.is_allocatable_to(path)), dice);
            left.subtract(&resources);
            used.push(HeldResources { framework, role, resources });
        }
        used
    }

    fn some_user(&mut self, dice: &mut Dice) -> FrameworkId {
        if dice.one_in(3) {
            let stranger = FrameworkId::from_index(self.books.frameworks_made);
            self.books.frameworks_made += 1;
            self.books.strangers.push(stranger);
        }
        let known = self.books.frameworks.keys().copied();
        let all: Vec<FrameworkId> = known.chain(self.books.strangers.iter().copied()).collect();
        dice.pick(&all).unwrap_or_else(|| {
            let stranger = FrameworkId::from_index(self.books.frameworks_made);
            self.books.frameworks_made += 1;
            self.books.strangers.push(stranger);
            stranger
        })
    }

    fn some_role_of(&self, framework: FrameworkId, dice: &mut Dice) -> RoleId {
        let any = RoleId::from_index(dice.below(ROLES.len()));
        let row = self.books.frameworks.get(&framework);
        row.filter(|_| !dice.one_in(4)).and_then(|row| dice.pick(&row.info.roles)).unwrap_or(any)
    }

    fn enter_use(&mut self, agent: AgentId, used: &[HeldResources]) {
        for held in used {
            let holder = (agent, held.framework, held.role);
            Books::give(&mut self.books.used, holder, &held.resources);
        }
    }

    pub(super) fn remove_agent(&mut self, dice: &mut Dice) {
        // Full clusters are the interesting ones.
        if let Some(agent) = self.some_agent(dice)
            && self.books.agents.len() * 2 > self.setting.agents
        {
            self.tell(Fact::RemoveAgent { agent });
            self.books.agents.remove(&agent);
            self.books.forget(|holder| holder.0 == agent);
            self.books.inverse.retain(|it| it.0 != agent);
        }
    }

    pub(super) fn toggle_agent(&mut self, dice: &mut Dice) {
        // Activating takes two tries out of three.
        let all = self.books.agents.iter();
        let inactive: Vec<AgentId> =
            all.filter(|(_, row)| !row.activated).map(|(&agent, _)| agent).collect();
        let agent = if dice.one_in(3) { None } else { dice.pick(&inactive) };
        let Some(agent) = agent.or_else(|| self.some_agent(dice)) else { return };
        let activated = &mut self.books.agents.get_mut(&agent).expect("picked").activated;
        *activated = !*activated;
        let fact = if *activated {
            Fact::ActivateAgent { agent }
        } else {
            Fact::DeactivateAgent { agent }
        };
        self.tell(fact);
    }

    pub(super) fn update_agent_info(&mut self, dice: &mut Dice) {
        let Some(agent) = self.some_agent(dice) else { return };
        let row = self.books.agents.get_mut(&agent).expect("picked");
        match dice.below(4) {
            0 => row.info.attributes.reverse(),
            1 => row.info.attributes = agent_info(agent, dice).attributes,
            2 => row.info.hostname = agent_info(agent, dice).hostname,
            _ => row.info = agent_info(agent, dice),
        }
        let info = row.info.clone();
        self.tell(Fact::UpdateAgent { agent, info: &info, total: None });
    }

    pub(super) fn update_agent_total(&mut self, dice: &mut Dice) {
        let Some(agent) = self.some_agent(dice) else { return };
        let (held, new) = (self.books.held(agent), self.some_total(agent.index(), dice));
        let row = self.books.agents.get_mut(&agent).expect("picked");
        // Ports stay as they are: unlike amounts, the same one cannot be held twice.
        let mut new = new.filter(true, |resource| resource.scalar().is_some());
        new.add(&row.total.filter(false, |resource| resource.scalar().is_none()));
        match dice.below(6) {
            // Oversubscription comes and goes.
            0..=2 => {
                row.total = row.total.filter(true, |resource| !resource.revocable);
                if dice.one_in(2) {
                    row.total.add(&new.filter(false, |resource| resource.revocable));
                }
            }
            // Whatever does not fit is over-allocated.
            3 => row.total = new,
            // Everything fits again, in one copy.
            4 => {
                row.total = new.filter(true, |resource| !resource.shared);
                for (object, _) in held.iter() {
                    if !row.total.contains(&super::parts::only(object.clone().into_owned())) {
                        row.total.add_resource(object.into_owned());
                    }
                }
            }
            _ => {}
        }
        let (info, total) = (row.info.clone(), row.total.clone());
        self.tell(Fact::UpdateAgent { agent, info: &info, total: Some(&total) });
    }

    pub(super) fn add_resource_provider(&mut self, dice: &mut Dice) {
        let Some(agent) = self.some_agent(dice) else { return };
        let number = 1_000_000 + self.books.volumes_made;
        self.books.volumes_made += 1;
        let mut joined = Resources::EMPTY;
        for (object, _) in self.some_total(number, dice).iter() {
            let mut object = object.into_owned();
            if object.scalar().is_none() {
                // The agent may have the same ports.
                continue;
            }
            if self.objects_may_compete() {
                object.provider = Some("storage".into());
            }
            joined.add_resource(object);
        }
        let used = self.some_use(&joined, dice);
        let known: Vec<HeldResources> = used
            .iter()
            .filter(|held| self.books.frameworks.contains_key(&held.framework))
            .cloned()
            .collect();
        self.enter_use(agent, &known);
        self.books.agents.get_mut(&agent).expect("picked").total.add(&joined);
        self.tell(Fact::AddResourceProvider { agent, total: &joined, used: &used });
    }

    pub(super) fn update_whitelist(&mut self, dice: &mut Dice) {
        let hostnames: Vec<Arc<str>> = ["x", "h1", "h2", "h3"].map(Arc::from).to_vec();
        let some = dice.some(&hostnames, 2);
        let hostnames = (!dice.one_in(2)).then_some(some.as_slice());
        self.tell(Fact::UpdateWhitelist { hostnames });
    }

    pub(super) fn update_unavailability(&mut self, dice: &mut Dice) {
        let Some(agent) = self.some_agent(dice) else { return };
        let duration = dice.one_in(2).then_some(Span::from_secs(60));
        let unavailability =
            (!dice.one_in(3)).then_some(Unavailability { start: self.now, duration });
        self.books.inverse.retain(|it| it.0 != agent);
        self.tell(Fact::UpdateUnavailability { agent, unavailability });
    }

    pub(super) fn answer_inverse_offer(&mut self, dice: &mut Dice) {
        let outstanding: Vec<_> = self.books.inverse.iter().copied().collect();
        let Some((agent, framework)) = dice.pick(&outstanding) else { return };
        self.books.inverse.remove(&(agent, framework));
        let answers = [Some(InverseOfferStatus::Accept), Some(InverseOfferStatus::Decline), None];
        let (status, refuse) = (dice.of(&answers), super::steps_resources::some_refusal(dice));
        self.tell(Fact::UpdateInverseOffer { agent, framework, status, refuse });
    }
}
