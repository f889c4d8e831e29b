//! Facts about resources that are held or free (6.9 to 6.12).

use super::{OfferFilter, Reference};
use policy_api::{AgentId, Conversion, FrameworkId, Resources, RoleId, Span, Time};

type Holder = (FrameworkId, RoleId, AgentId);

impl Reference {
    pub(super) fn hold(&mut self, (framework, role, agent): Holder, resources: &Resources) {
        let row = self.agents.get_mut(&agent).expect("a known agent");
        if !resources.is_empty() {
            row.held.entry((framework, role)).or_default().add(resources);
        }
    }

    fn release(&mut self, (framework, role, agent): Holder, resources: &Resources) {
        let row = self.agents.get_mut(&agent).expect("a known agent");
        let held = row.held.get_mut(&(framework, role)).expect("a known holder");
        held.subtract(resources);
        if held.is_empty() {
            row.held.remove(&(framework, role));
        }
    }

    /// Whether the holder has these. Mesos aborts where not; nothing is to happen then.
    fn holds(&self, (framework, role, agent): Holder, resources: &Resources) -> bool {
        let row = self.agents.get(&agent).filter(|_| self.frameworks.contains_key(&framework));
        row.and_then(|row| row.held.get(&(framework, role)))
            .is_some_and(|held| held.contains(resources))
    }

    pub(super) fn recover_resources(
        &mut self,
        now: Time,
        holder: Holder,
        resources: &Resources,
        refuse: Option<Span>,
        was_allocated: bool,
    ) {
        let (framework, role, agent) = holder;
        if resources.is_empty() {
            return;
        }
        if was_allocated && let Some(row) = self.agents.get_mut(&agent) {
            row.in_use.entry(role).or_default().subtract(resources);
        }
        if !self.holds(holder, resources) {
            return;
        }
        self.release(holder, resources);
        self.untrack_if_idle(framework, role);
        let Some(refuse) = refuse.filter(|refuse| !refuse.is_zero()) else { return };
        let year = Span::from_secs(365 * 24 * 60 * 60);
        let lifetime = refuse.min(year).max(self.options.allocation_interval);
        let end = self.new_timer(now + lifetime);
        let refused = resources.clone();
        self.offer_filters.push(OfferFilter { framework, role, agent, refused, end });
    }

    pub(super) fn use_resources(
        &mut self,
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        resources: &Resources,
    ) {
        if self.frameworks.contains_key(&framework)
            && let Some(row) = self.agents.get_mut(&agent)
        {
            row.in_use.entry(role).or_default().add(resources);
        }
    }

    pub(super) fn update_allocation(
        &mut self,
        holder: Holder,
        offered: &Resources,
        conversions: &[Conversion],
    ) {
        if !self.holds(holder, offered) {
            return;
        }
        let lasting: Vec<Conversion> =
            conversions.iter().filter(|it| !it.consumed.is_empty()).cloned().collect();
        let row = self.agents.get_mut(&holder.2).expect("it holds something");
        let (Ok(updated), Ok(total)) = (offered.convert(conversions), row.total.convert(&lasting))
        else {
            return;
        };
        row.total = total;
        self.release(holder, offered);
        self.hold(holder, &updated);
        self.untrack_if_idle(holder.0, holder.1);
    }

    pub(super) fn update_available(&mut self, agent: AgentId, conversions: &[Conversion]) {
        let Some(row) = self.agents.get_mut(&agent) else { return };
        if row.available().convert(conversions).is_ok()
            && let Ok(total) = row.total.convert(conversions)
        {
            row.total = total;
        }
    }
}
