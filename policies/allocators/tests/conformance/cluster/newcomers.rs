//! Agents and frameworks that are more than a name and a total, or a name and a role.

use super::resources::Amounts;
use policy_api::{AgentCapabilities, FrameworkCapabilities, MinAllocatable, Resources, Span, Time};

pub(crate) const DAY: Span = Span::from_secs(86_400);

pub(crate) const fn secs(secs: u64) -> Span {
    Span::from_secs(secs)
}

/// An agent about to join.
#[derive(Clone)]
pub(crate) struct NewAgent {
    pub(crate) name: &'static str,
    pub(crate) total: Resources,
    pub(crate) used: Vec<(&'static str, Resources)>,
    pub(crate) unavailable_from: Option<Time>,
    pub(crate) capabilities: AgentCapabilities,
}

pub(crate) fn agent(name: &'static str, total: impl Amounts) -> NewAgent {
    NewAgent {
        name,
        total: total.resources(&Resources::EMPTY),
        used: Vec::new(),
        unavailable_from: None,
        capabilities: AgentCapabilities::default(),
    }
}

impl NewAgent {
    /// `holder`: framework and role, such as `F1/role1`.
    pub(crate) fn used(mut self, holder: &'static str, amounts: impl Amounts) -> Self {
        self.used.push((holder, amounts.resources(&self.total)));
        self
    }

    pub(crate) fn unavailable_from(mut self, start: Time) -> Self {
        self.unavailable_from = Some(start);
        self
    }

    pub(crate) fn without_capabilities(mut self) -> Self {
        self.capabilities = AgentCapabilities {
            multi_role: false,
            hierarchical_role: false,
            ..AgentCapabilities::default()
        };
        self
    }
}

/// A framework about to subscribe, with `MULTI_ROLE` and no other capability.
#[derive(Clone)]
pub(crate) struct NewFramework {
    pub(crate) name: &'static str,
    pub(crate) roles: Vec<&'static str>,
    pub(crate) active: bool,
    /// Agent, role and resources.
    pub(crate) used: Vec<(&'static str, &'static str, Resources)>,
    pub(crate) capabilities: FrameworkCapabilities,
    pub(crate) min_allocatable: Option<MinAllocatable>,
}

pub(crate) fn framework(name: &'static str, role: &'static str) -> NewFramework {
    framework_in(name, &[role])
}

pub(crate) fn framework_in(name: &'static str, roles: &[&'static str]) -> NewFramework {
    NewFramework {
        name,
        roles: roles.to_vec(),
        active: true,
        used: Vec::new(),
        capabilities: FrameworkCapabilities {
            reservation_refinement: false,
            partition_aware: false,
            ..FrameworkCapabilities::default()
        },
        min_allocatable: None,
    }
}

impl NewFramework {
    pub(crate) fn inactive(mut self) -> Self {
        self.active = false;
        self
    }

    pub(crate) fn used(
        mut self,
        agent: &'static str,
        role: &'static str,
        amounts: impl Amounts,
    ) -> Self {
        self.used.push((agent, role, amounts.resources(&Resources::EMPTY)));
        self
    }

    pub(crate) fn gpu_resources(mut self) -> Self {
        self.capabilities.gpu_resources = true;
        self
    }

    pub(crate) fn revocable_resources(mut self) -> Self {
        self.capabilities.revocable_resources = true;
        self
    }

    pub(crate) fn shared_resources(mut self) -> Self {
        self.capabilities.shared_resources = true;
        self
    }

    pub(crate) fn reservation_refinement(mut self) -> Self {
        self.capabilities.reservation_refinement = true;
        self
    }

    /// A minimum of its own, for offers in each of its roles.
    pub(crate) fn min_allocatable(mut self, minimum: &[&str]) -> Self {
        self.min_allocatable =
            Some(minimum.iter().map(|text| text.parse().expect("written by hand")).collect());
        self
    }
}
