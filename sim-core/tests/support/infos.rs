//! What agents and frameworks of scripts say of themselves.

use policy_api::{AgentId, AgentInfo, DenseId, FrameworkId, FrameworkInfo, RoleId};
use sim_core::protocol::Subscription;

pub(crate) fn agent_info(agent: AgentId) -> AgentInfo {
    let name = format!("agent-{:03}", agent.index());
    AgentInfo { hostname: name.as_str().into(), name: name.into(), ..AgentInfo::default() }
}

pub(crate) fn framework_info(framework: FrameworkId, role: RoleId) -> FrameworkInfo {
    let name = format!("framework-{:03}", framework.index());
    FrameworkInfo { name: name.into(), roles: vec![role], ..FrameworkInfo::default() }
}

/// Of the first framework, in role `a`, as the principal `ops`.
pub(crate) fn subscription() -> Subscription {
    let info = framework_info(FrameworkId::from_index(0), role("a"));
    Subscription { info, principal: Some("ops".into()), ..Subscription::default() }
}

/// Roles that scripts name by their paths.
pub(crate) fn roles() -> Vec<(String, f64)> {
    ["a", "b", "c", "a/x"].map(|path| (path.to_owned(), 1.0)).to_vec()
}

/// The number of a role; of one that is not among [`roles`], a number that nobody knows.
pub(crate) fn role(letter: &str) -> RoleId {
    let roles = roles();
    let known = roles.iter().position(|(path, _)| path == letter);
    RoleId::from_index(known.unwrap_or(roles.len()))
}
