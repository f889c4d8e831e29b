//! Steps about offers, tasks and operations.

use super::books::{Books, Holder};
use super::catalogue::ROLES;
use super::dice::Dice;
use super::pair::Pair;
use super::parts::{extra_copy, operation, part};
use policy_api::{
    AgentId, Allocator, Conversion, DenseId, Fact, FrameworkId, Resources, RoleId, Span,
};

/// Lifetimes below, at and above the interval, ending at ticks and between them; two that outlast
/// the script, one of them beyond Mesos's cap.
const REFUSALS: [u64; 9] = [0, 250, 500, 1_000, 2_000, 3_000, 5_250, 60_000, 40_000_000_000];

pub(super) fn some_refusal(dice: &mut Dice) -> Option<Span> {
    (!dice.one_in(5)).then(|| Span::from_millis(dice.of(&REFUSALS)))
}

impl Pair {
    /// Tells that resources are back, and takes them out of the books.
    pub(super) fn recover(
        &mut self,
        holder: Holder,
        resources: &Resources,
        refuse: Option<Span>,
        was_allocated: bool,
    ) {
        let books = if was_allocated { &mut self.books.used } else { &mut self.books.offered };
        Books::take(books, holder, resources);
        let (agent, framework, role) = holder;
        self.tell(Fact::RecoverResources {
            framework,
            role,
            agent,
            resources,
            refuse,
            was_allocated,
        });
    }

    pub(super) fn decline(&mut self, dice: &mut Dice) {
        if self.setting.busy && !dice.one_in(6) {
            self.launch(dice);
            return;
        }
        let Some(holder) = dice.pick(&self.books.offers()) else { return };
        let mut resources = self.books.offered[&holder].clone();
        if dice.one_in(4) {
            resources = part(&resources, dice);
        }
        self.recover(holder, &resources, some_refusal(dice), false);
    }

    pub(super) fn decline_all(&mut self, dice: &mut Dice) {
        let refuse = some_refusal(dice);
        for holder in self.books.offers() {
            let resources = self.books.offered[&holder].clone();
            self.recover(holder, &resources, refuse, false);
        }
    }

    pub(super) fn launch(&mut self, dice: &mut Dice) {
        let Some(holder) = dice.pick(&self.books.offers()) else { return };
        let (agent, framework, role) = holder;
        let offered = &self.books.offered[&holder];
        let launched = if self.setting.busy { offered.clone() } else { part(offered, dice) };
        Books::take(&mut self.books.offered, holder, &launched);
        let rest = self.books.offered.get(&holder).cloned().unwrap_or_default();
        self.recover(holder, &rest, some_refusal(dice), false);
        Books::give(&mut self.books.used, holder, &launched);
        let resources = &launched;
        self.tell(Fact::TransitionOfferedToAllocated { framework, role, agent, resources });
    }

    pub(super) fn finish(&mut self, dice: &mut Dice) {
        if self.setting.busy && !dice.one_in(4) {
            return;
        }
        let Some(holder) = dice.pick(&self.books.uses()) else { return };
        let mut resources = self.books.used[&holder].clone();
        if dice.one_in(3) {
            resources = part(&resources, dice);
        }
        self.recover(holder, &resources, None, true);
    }

    // Operations ---------------------------------------------------------------------------------

    pub(super) fn operate_on_offer(&mut self, dice: &mut Dice) {
        let Some(holder) = dice.pick(&self.books.offers()) else { return };
        let path = ROLES[holder.2.index()];
        let mut conversions = Vec::new();
        let mut resources = self.books.offered[&holder].clone();
        for _ in 0..=dice.below(2) {
            self.books.volumes_made += 1;
            let number = self.books.volumes_made;
            let Some(more) = operation(&resources, path, number, dice) else { continue };
            if let Ok(converted) = resources.convert(&more)
                && self.may_destroy(holder.0, &more, 1)
            {
                resources = converted;
                conversions.extend(more);
            }
        }
        self.update_allocation(holder, &conversions);
    }

    pub(super) fn copy_shared_volume(&mut self, dice: &mut Dice) {
        let with_shared: Vec<Holder> = self
            .books
            .offered
            .iter()
            .filter(|(_, resources)| resources.has_shared())
            .map(|(&holder, _)| holder)
            .collect();
        let Some(holder) = dice.pick(&with_shared) else { return };
        let Some(copy) = extra_copy(&self.books.offered[&holder], dice) else { return };
        self.update_allocation(holder, &[copy]);
    }

    /// A master lets a shared volume be destroyed only where nobody else has it.
    fn may_destroy(&self, agent: AgentId, conversions: &[Conversion], own: u32) -> bool {
        let held = self.books.held(agent);
        let shared = conversions.iter().flat_map(|it| it.consumed.others());
        shared.filter(|entry| entry.resource.shared).all(|entry| {
            let others = held.others().iter();
            others.filter(|other| other.resource == entry.resource).all(|it| it.copies <= own)
        })
    }

    fn update_allocation(&mut self, holder: Holder, conversions: &[Conversion]) {
        if conversions.is_empty() {
            return;
        }
        let (agent, framework, role) = holder;
        let offered = self.books.offered[&holder].clone();
        let lasting: Vec<Conversion> =
            conversions.iter().filter(|it| !it.consumed.is_empty()).cloned().collect();
        let total = &mut self.books.agents.get_mut(&agent).expect("it holds something").total;
        // An over-allocated agent does not have all that was offered.
        if let (Ok(updated), Ok(converted)) =
            (offered.convert(conversions), total.convert(&lasting))
        {
            *total = converted;
            Books::take(&mut self.books.offered, holder, &offered);
            Books::give(&mut self.books.offered, holder, &updated);
        }
        let offered = &offered;
        self.tell(Fact::UpdateAllocation { framework, role, agent, offered, conversions });
    }

    pub(super) fn operate_on_free(&mut self, dice: &mut Dice) {
        let agents: Vec<AgentId> = self.books.agents.keys().copied().collect();
        let Some(agent) = dice.pick(&agents) else { return };
        self.books.volumes_made += 1;
        let number = self.books.volumes_made;
        let total = self.books.agents[&agent].total.clone();
        // Not all of it is free: some of these operations are impossible.
        let Some(conversions) = operation(&total, dice.of(&ROLES), number, dice) else { return };
        if !self.may_destroy(agent, &conversions, 0) {
            return;
        }
        let available = self.reference.agents[&agent].available();
        let allowed = available.convert(&conversions).is_ok();
        assert_eq!(self.subject.available_allows(agent, &conversions), allowed);
        if allowed {
            let row = self.books.agents.get_mut(&agent).expect("picked");
            row.total = total.convert(&conversions).expect("what is free is a part of it");
        }
        self.tell(Fact::UpdateAvailable { agent, conversions: &conversions });
    }

    /// Facts about agents and frameworks that are gone change nothing.
    pub(super) fn tell_late_facts(&mut self, dice: &mut Dice) {
        let agent = AgentId::from_index(dice.below(self.books.agents_made + 1));
        let framework = FrameworkId::from_index(dice.below(self.books.frameworks_made + 1));
        let role = RoleId::from_index(dice.below(ROLES.len()));
        let resources = &super::catalogue::parse("cpus:1;mem:64");
        if !self.books.agents.contains_key(&agent) {
            let (refuse, was_allocated) = (some_refusal(dice), dice.one_in(2));
            self.tell(Fact::RecoverResources {
                framework,
                role,
                agent,
                resources,
                refuse,
                was_allocated,
            });
            self.tell(Fact::ActivateAgent { agent });
            self.tell(Fact::RemoveAgent { agent });
        }
        if !self.books.frameworks.contains_key(&framework) {
            self.tell(Fact::TransitionOfferedToAllocated { framework, role, agent, resources });
            self.tell(Fact::Suppress { framework, roles: &[role] });
            self.tell(Fact::Revive { framework, roles: &[] });
            self.tell(Fact::ActivateFramework { framework });
            self.tell(Fact::RemoveFramework { framework });
        }
        let (status, refuse) = (None, some_refusal(dice));
        self.tell(Fact::UpdateInverseOffer { agent, framework, status, refuse });
        self.books.inverse.remove(&(agent, framework));
    }
}
