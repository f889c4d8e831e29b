//! Whether a framework may be offered something, and what (2.8).

use super::{Agent, Reference};
use policy_api::{
    AgentId, AgentInfo, AttributeConstraint, AttributePredicate, AttributeSelector, FrameworkId,
    MinAllocatable, Resources, RoleId,
};

impl Agent {
    /// The total less what is held; shared resources are always available, in one copy (2.1).
    pub(crate) fn available(&self) -> Resources {
        let mut held = Resources::EMPTY;
        self.held.values().for_each(|resources| held.add(resources));
        let mut available = self.total.filter(true, |resource| !resource.shared);
        available.subtract(&held.filter(true, |resource| !resource.shared));
        available.add(&self.total.filter(false, |resource| resource.shared));
        available
    }
}

impl Reference {
    pub(crate) fn is_whitelisted(&self, agent: &Agent) -> bool {
        self.whitelist.as_ref().is_none_or(|hostnames| hostnames.contains(&agent.info.hostname))
    }

    pub(crate) fn is_allocatable(
        &self,
        resources: &Resources,
        role: RoleId,
        framework: FrameworkId,
    ) -> bool {
        let own = self.frameworks[&framework].info.min_allocatable.iter();
        let minimum: &MinAllocatable = own
            .clone()
            .find(|(of, _)| *of == role)
            .map_or(&self.options.min_allocatable_resources, |(_, minimum)| minimum);
        !resources.is_empty()
            && (minimum.is_empty()
                || minimum.iter().any(|least| resources.contains_quantities(least)))
    }

    /// The rules for agents with GPUs and for remote agents.
    pub(crate) fn is_capable(&self, framework: FrameworkId, agent: AgentId) -> bool {
        let capabilities = &self.frameworks[&framework].info.capabilities;
        let agent = &self.agents[&agent];
        let has_gpus = agent.total.amount(policy_api::Scalar::Gpus) > 0;
        let is_remote = agent.info.region.is_some() && agent.info.region != self.options.region;
        (!self.options.filter_gpu_resources || !has_gpus || capabilities.gpu_resources)
            && (!is_remote || capabilities.region_aware)
    }

    pub(crate) fn strip(&self, resources: &Resources, framework: FrameworkId) -> Resources {
        let capabilities = &self.frameworks[&framework].info.capabilities;
        resources.filter(true, |resource| {
            (!resource.shared || capabilities.shared_resources)
                && (!resource.revocable || capabilities.revocable_resources)
                && (resource.reservations.len() <= 1 || capabilities.reservation_refinement)
        })
    }

    pub(crate) fn is_filtered(
        &self,
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
        offer: &Resources,
    ) -> bool {
        let of_agent = &self.agents[&agent].info.capabilities;
        let multi_role = self.frameworks[&framework].info.capabilities.multi_role;
        (multi_role && !of_agent.multi_role)
            || (self.path(role).contains('/') && !of_agent.hierarchical_role)
            || self.offer_filters.iter().any(|filter| {
                (filter.framework, filter.role, filter.agent) == (framework, role, agent)
                    && filter.refused.contains(offer)
            })
    }

    pub(crate) fn constraints_exclude(
        &self,
        framework: FrameworkId,
        role: RoleId,
        agent: AgentId,
    ) -> bool {
        let agent = &self.agents[&agent].info;
        let mut constraints = self.frameworks[&framework].info.offer_constraints.iter();
        let Some(own) = constraints.find(|it| it.role == role) else { return false };
        !own.groups.iter().any(|group| group.iter().all(|it| holds(it, agent)))
    }
}

/// Rows and columns of the table in 2.8.
fn holds(constraint: &AttributeConstraint, agent: &AgentInfo) -> bool {
    use AttributePredicate::{
        Exists, NotExists, TextEquals, TextMatches, TextNotEquals, TextNotMatches,
    };
    let (is_missing, text) = select(&constraint.selector, agent);
    match &constraint.predicate {
        Exists => !is_missing,
        NotExists => is_missing,
        TextEquals(wanted) => !is_missing && text.is_none_or(|text| text == &**wanted),
        TextNotEquals(unwanted) => is_missing || text.is_none_or(|text| text != &**unwanted),
        TextMatches(pattern) => !is_missing && text.is_none_or(|text| matches(pattern, text)),
        TextNotMatches(pattern) => is_missing || text.is_none_or(|text| !matches(pattern, text)),
    }
}

/// Whether there is nothing, and the text if it is a text.
fn select<'a>(selector: &AttributeSelector, agent: &'a AgentInfo) -> (bool, Option<&'a str>) {
    let pseudo = |text: Option<&'a str>| (text.is_none(), text);
    match selector {
        AttributeSelector::Hostname => pseudo(Some(&agent.hostname)),
        AttributeSelector::Region => pseudo(agent.region.as_deref()),
        AttributeSelector::Zone => pseudo(agent.zone.as_deref()),
        AttributeSelector::Attribute(name) => {
            let text = agent.attributes.iter().find(|(own, _)| own == name);
            let other = agent.other_attributes.iter().any(|(own, _)| own == name);
            (text.is_none() && !other, text.map(|(_, value)| &**value))
        }
    }
}

/// The meaning of [`crate::script::catalogue::PATTERNS`], by hand.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        "r1|r12" => text == "r1" || text == "r12",
        "r[0-9]+" => text
            .strip_prefix('r')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())),
        "h.*" => text.starts_with('h'),
        "" => text.is_empty(),
        other => panic!("a pattern without a meaning: {other}"),
    }
}
