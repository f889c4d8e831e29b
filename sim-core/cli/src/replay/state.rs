//! The allocator's state before an event, for people.

use comfy_table::{Table, presets};
use policy_allocators::replay::Replay;
use policy_allocators::{AgentState, ClientState, Headroom, RoleState};
use policy_api::{DisplayAmount, Quantities, Quota, Scalar};
use std::fmt;

/// Shares, quota, headroom, and what there is of some agents.
pub(super) struct State<'a> {
    pub(super) replay: &'a Replay,
    /// Of the event that comes next.
    pub(super) number: u64,
    pub(super) agents: &'a [String],
}

impl fmt::Display for State<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let allocator = self.replay.allocator();
        writeln!(f, "before event {}, at {}:", self.number, self.replay.now())?;
        writeln!(f, "{}", self.roles(&allocator.role_states()))?;
        let Headroom { required, available } = allocator.headroom();
        if !required.is_zero() {
            let surplus = available.saturating_sub(&required);
            writeln!(
                f,
                "headroom: guarantees still need {}; free {}; for others {}",
                or_nothing(&required),
                or_nothing(&available),
                or_nothing(&surplus),
            )?;
        }
        for name in self.agents {
            let agent = self.replay.agent_named(name);
            match agent.and_then(|agent| allocator.agent_state(agent, self.replay.now())) {
                Some(state) => self.agent(name, &state, f)?,
                None => writeln!(f, "agent {name}: not there")?,
            }
        }
        Ok(())
    }
}

impl State<'_> {
    /// Roles in the order of service, each followed by its frameworks in theirs.
    fn roles(&self, states: &[RoleState]) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let mut header =
            vec!["role, framework", "weight", "share", "allocations", "offered or in use"];
        if states.iter().any(|role| !role.quota.is_default()) {
            header.extend(["guarantees", "limits", "charged"]);
        }
        table.set_header(header);
        for role in states {
            let mut row = vec![role.path.to_string(), role.weight.to_string()];
            row.extend(client(role.client.as_ref()));
            if !role.quota.is_default() {
                row.push(or_nothing(&role.quota.guarantees));
                row.push(limits(&role.quota));
                row.push(or_nothing(&role.charged));
            }
            table.add_row(row);
            for framework in &role.frameworks {
                let name = self.replay.framework_name(framework.framework);
                let idle = if framework.wants_offers { "" } else { " (wants no offers)" };
                let mut row = vec![format!("  {name}{idle}"), String::new()];
                row.extend(client(Some(&framework.client)));
                table.add_row(row);
            }
        }
        table
    }

    fn agent(&self, name: &str, state: &AgentState, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let withheld =
            if state.is_eligible { "" } else { " (deactivated, or not on the whitelist)" };
        writeln!(f, "agent {name}{withheld}: total {}; free {}", state.total, state.available)?;
        for (framework, role, held) in &state.holdings {
            let framework = self.replay.framework_name(*framework);
            writeln!(f, "  {framework} in {role} holds {held}")?;
        }
        for filter in &state.filters {
            let framework = self.replay.framework_name(filter.framework);
            let (role, refused, until) = (&filter.role, &filter.refused, filter.until);
            writeln!(f, "  {framework} in {role} refuses {refused} until {until}")?;
        }
        Ok(())
    }
}

fn client(client: Option<&ClientState>) -> [String; 3] {
    let Some(client) = client else { return Default::default() };
    [
        client.share.map_or("random".to_owned(), |share| format!("{share:.6}")),
        client.allocations.to_string(),
        or_nothing(&client.held),
    ]
}

fn or_nothing(quantities: &Quantities) -> String {
    if quantities.is_zero() { "nothing".to_owned() } else { quantities.to_string() }
}

fn limits(quota: &Quota) -> String {
    let limits = Scalar::ALL.into_iter().filter_map(|scalar| {
        let limit = quota.limits.limit(scalar)?;
        Some(format!("{}:{}", scalar.name(), DisplayAmount(limit)))
    });
    let limits: Vec<String> = limits.collect();
    if limits.is_empty() { "none".to_owned() } else { limits.join(";") }
}
