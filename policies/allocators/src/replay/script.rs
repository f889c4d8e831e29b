//! The run of a script: names, time, and which event leads to what.

use super::error::ReplayError;
use super::events::{name_of, only, unknown};
use super::output::Output;
use super::resources::{limits, quantities, resources};
use super::settings::options;
use crate::HierarchicalAllocator;
use policy_api::resources::json::{
    Fields, Parsed, Problem, boolean, fields, integer, list, number, text,
};
use policy_api::{
    AgentId, AgentInfo, Allocator, Conversion, Fact, FrameworkId, IdVec, Lookup, Operation, Quota,
    RoleId, Span, Time, validate_role,
};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// Drives a [`HierarchicalAllocator`] with a script, in the order of ids.
///
/// Offers are written as they are made, so a script may lead to any number of them.
///
/// ```
/// use policy_allocators::replay::Replay;
///
/// let mut replay = Replay::default();
/// let mut offers = String::new();
/// replay.line(r#"{"op":"addAgent","id":"s1","resources":"cpus:1;mem:64"}"#, &mut offers).unwrap();
/// replay.line(r#"{"op":"addFramework","id":"f1","roles":["a"]}"#, &mut offers).unwrap();
/// assert!(offers.starts_with(r#"{"event":2,"t":0,"cycle":2,"framework":"f1","role":"a""#));
///
/// let error = replay.line(r#"{"op":"advance","seconds":"1"}"#, &mut offers).unwrap_err();
/// assert_eq!(error.to_string(), "line 3, field seconds: expected a number, found a string");
/// ```
#[derive(Debug)]
pub struct Replay {
    pub(super) allocator: HierarchicalAllocator,
    pub(super) now: Time,
    pub(super) line: u64,
    pub(super) interval: Span,
    /// Whether there has been an event after which settings come too late.
    pub(super) has_begun: bool,
    roles: Lookup<Box<str>, RoleId>,
    pub(super) role_names: IdVec<RoleId, Arc<str>>,
    agents: Lookup<Box<str>, AgentId>,
    pub(super) agent_infos: IdVec<AgentId, AgentInfo>,
    frameworks: Lookup<Box<str>, FrameworkId>,
    pub(super) framework_names: IdVec<FrameworkId, Arc<str>>,
    /// Which have been removed: facts about them are ignored, and their names may be used again.
    gone_agents: IdVec<AgentId, bool>,
    gone_frameworks: IdVec<FrameworkId, bool>,
}

impl Default for Replay {
    fn default() -> Self {
        let options = options();
        Self {
            interval: options.allocation_interval,
            allocator: HierarchicalAllocator::new(options),
            now: Time::ZERO,
            line: 0,
            has_begun: false,
            roles: Lookup::default(),
            role_names: IdVec::new(),
            agents: Lookup::default(),
            agent_infos: IdVec::new(),
            frameworks: Lookup::default(),
            framework_names: IdVec::new(),
            gone_agents: IdVec::new(),
            gone_frameworks: IdVec::new(),
        }
    }
}

impl Replay {
    /// Takes in the next line of a script and writes the lines that it leads to, each in one piece
    /// with its newline.
    ///
    /// # Errors
    /// The line is not an event that can be replayed; nothing has happened then. Or `out` has
    /// failed; the replay is of no more use then.
    pub fn line(&mut self, text: &str, out: &mut dyn fmt::Write) -> Result<(), ReplayError> {
        self.line += 1;
        if text.trim().is_empty() {
            return Ok(());
        }
        let mut output = Output::new(out);
        self.event(text, &mut output).map_err(|problem| ReplayError::script(self.line, problem))?;
        self.run_if_asked(&mut output);
        output.finish().map_err(|fmt::Error| ReplayError::Output { line: self.line })
    }

    /// The time that the script has reached.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The allocator, for inspection.
    pub fn allocator(&self) -> &HierarchicalAllocator {
        &self.allocator
    }

    /// The agent of a name, if the script has named one so far.
    pub fn agent_named(&self, name: &str) -> Option<AgentId> {
        self.agents.get(name).copied()
    }

    /// A framework's name in the script.
    pub fn framework_name(&self, framework: FrameworkId) -> &str {
        self.framework_names.get(framework).map_or("", |name| &**name)
    }

    /// Runs an allocation now: the one an event asked for, or a batch tick.
    fn run(&mut self, out: &mut Output<'_>) {
        let mut decisions = Vec::new();
        self.allocator.allocate(self.now, &mut decisions);
        let cycle = self.allocator.allocation_runs(self.now);
        out.run(self, cycle, decisions);
    }

    fn run_if_asked(&mut self, out: &mut Output<'_>) {
        if self.allocator.is_run_pending() {
            self.run(out);
        }
    }

    fn event(&mut self, text: &str, out: &mut Output<'_>) -> Parsed<()> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            // A line of a script has no lines of its own to count.
            let error = error.to_string().replace(" at line 1 column ", " at column ");
            Problem::new(format_args!("not JSON: {error}"))
        })?;
        let event = fields(&value)?;
        let op = name_of(event)?;
        match op {
            "note" => return Ok(()),
            "init" => return self.init(event),
            _ => self.has_begun = true,
        }
        match op {
            "recoverResources" => self.recover_resources(event),
            "transitionOfferedToAllocated" => {
                let (framework, role, agent) = self.holder(event)?;
                let resources = &event.need("resources", resources)?;
                let fact = Fact::TransitionOfferedToAllocated { framework, role, agent, resources };
                self.tell(fact)
            }
            "updateAllocation" => {
                let (framework, role, agent) = self.holder(event)?;
                let offered = &event.need("offered", resources)?;
                let conversions = &event.need("operations", operations)?;
                self.tell(Fact::UpdateAllocation { framework, role, agent, offered, conversions })
            }
            "updateAvailable" => self.update_available(event, out),
            "updateQuota" => {
                let role = event.need("role", |value| self.role(value))?;
                let quota = quota(event)?;
                let (guarantees, limits) = (quota.guarantees, quota.limits.0);
                self.tell(Fact::SetQuota { role, guarantees, limits })
            }
            "updateWeights" => self.update_weights(event),
            "recover" => self.recover(event),
            "pause" => self.tell(Fact::Pause),
            "resume" => self.tell(Fact::Resume),
            "advance" => {
                let span = event.need("seconds", seconds)?;
                self.advance_to(self.now + span, out);
                Ok(())
            }
            "tick" => {
                let (now, interval) = (self.now.as_nanos(), self.interval.as_nanos());
                let next = (now / interval).saturating_add(1).saturating_mul(interval);
                self.advance_to(Time::from_nanos(next), out);
                Ok(())
            }
            other => self.membership_event(other, event),
        }
    }

    /// Events about agents and frameworks as such.
    fn membership_event(&mut self, op: &str, event: Fields<'_>) -> Parsed<()> {
        match op {
            "addAgent" => self.add_agent(event),
            "updateAgent" => self.update_agent(event),
            "removeAgent" => {
                let agent = self.agent(event, "id")?;
                self.gone_agents[agent] = true;
                self.tell(Fact::RemoveAgent { agent })
            }
            "activateAgent" => {
                let agent = self.agent(event, "id")?;
                self.tell(Fact::ActivateAgent { agent })
            }
            "deactivateAgent" => {
                let agent = self.agent(event, "id")?;
                self.tell(Fact::DeactivateAgent { agent })
            }
            "updateWhitelist" => {
                let names = event.read("hostnames", |value| list(value, text))?;
                let names: Option<Vec<Arc<str>>> =
                    names.map(|names| names.into_iter().map(Arc::from).collect());
                self.tell(Fact::UpdateWhitelist { hostnames: names.as_deref() })
            }
            "updateUnavailability" => self.update_unavailability(event),
            "updateInverseOffer" => self.update_inverse_offer(event),
            "addFramework" => self.add_framework(event),
            "updateFramework" => self.update_framework(event),
            "removeFramework" => {
                let framework = self.framework(event, "id")?;
                self.gone_frameworks[framework] = true;
                self.tell(Fact::RemoveFramework { framework })
            }
            "activateFramework" => {
                let framework = self.framework(event, "id")?;
                self.tell(Fact::ActivateFramework { framework })
            }
            "deactivateFramework" => {
                let framework = self.framework(event, "id")?;
                self.tell(Fact::DeactivateFramework { framework })
            }
            "suppress" => {
                let (framework, roles) = self.framework_and_roles(event)?;
                self.tell(Fact::Suppress { framework, roles: &roles })
            }
            "revive" => {
                let (framework, roles) = self.framework_and_roles(event)?;
                self.tell(Fact::Revive { framework, roles: &roles })
            }
            other => Err(unknown(other)),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the end of most arms above")]
    pub(super) fn tell(&mut self, fact: Fact<'_>) -> Parsed<()> {
        self.allocator.apply(self.now, fact);
        Ok(())
    }

    /// Time passes; each batch tick on the way happens at its own time. Ticks that could decide
    /// nothing are left to the allocator to count.
    fn advance_to(&mut self, target: Time, out: &mut Output<'_>) {
        self.run_if_asked(out);
        while out.is_open()
            && let Some(next) = self.allocator.next_allocation().filter(|&next| next < target)
        {
            self.now = next.max(self.now);
            self.run(out);
        }
        self.now = target;
        if self.now.as_nanos().is_multiple_of(self.interval.as_nanos()) {
            self.run(out);
        }
    }

    fn recover_resources(&mut self, event: Fields<'_>) -> Parsed<()> {
        let (framework, role, agent) = self.holder(event)?;
        let resources = &event.need("resources", resources)?;
        let refuse = event.read("refuse_seconds", number)?.map(refusal);
        let was_allocated = event.read("allocated", boolean)?.unwrap_or(false);
        let fact =
            Fact::RecoverResources { framework, role, agent, resources, refuse, was_allocated };
        self.tell(fact)
    }

    fn update_available(&mut self, event: Fields<'_>, out: &mut Output<'_>) -> Parsed<()> {
        let agent = self.agent(event, "agent")?;
        let conversions = &event.need("operations", operations)?;
        let allowed = self.allocator.available_allows(agent, conversions);
        self.tell(Fact::UpdateAvailable { agent, conversions })?;
        out.update(self, allowed);
        Ok(())
    }

    fn update_weights(&mut self, event: Fields<'_>) -> Parsed<()> {
        let weights = event.need("weights", |value| {
            let mut weights = Vec::new();
            for (name, value) in fields(value)?.iter() {
                let weight = number(value).map_err(|problem| problem.under(name))?;
                if weight <= 0.0 {
                    return Err(Problem::new("a weight must be above zero").under(name));
                }
                check_role(name).map_err(|problem| problem.under(name))?;
                weights.push((name, weight));
            }
            Ok(weights)
        })?;
        for (name, weight) in weights {
            let role = self.role_id(name);
            self.tell(Fact::SetWeight { role, weight })?;
        }
        Ok(())
    }

    fn recover(&mut self, event: Fields<'_>) -> Parsed<()> {
        let expected = event.need("expected_agents", integer)?;
        let expected_agents = u32::try_from(expected)
            .map_err(|error| Problem::new(error).under("expected_agents"))?;
        let named = event.read("quotas", |value| {
            let mut quotas = Vec::new();
            for (name, value) in fields(value)?.iter() {
                let quota = fields(value).and_then(|object| {
                    only(object, &["guarantees", "limits"])?;
                    quota(object)
                });
                quotas.push((name, quota.map_err(|problem| problem.under(name))?));
                check_role(name).map_err(|problem| problem.under(name))?;
            }
            Ok(quotas)
        })?;
        let quotas: Vec<(RoleId, Quota)> = named
            .unwrap_or_default()
            .into_iter()
            .map(|(name, quota)| (self.role_id(name), quota))
            .collect();
        self.tell(Fact::Recover { expected_agents, quotas: &quotas })
    }

    pub(super) fn role_id(&mut self, path: &str) -> RoleId {
        if let Some(&role) = self.roles.get(path) {
            return role;
        }
        let role = self.role_names.push(path.into());
        self.roles.insert(path.into(), role);
        self.allocator.apply(self.now, Fact::NameRole { role, path });
        role
    }

    pub(super) fn role(&mut self, value: &Value) -> Parsed<RoleId> {
        let path = text(value)?;
        check_role(path)?;
        Ok(self.role_id(path))
    }

    pub(super) fn roles(&mut self, event: Fields<'_>, name: &str) -> Parsed<Option<Vec<RoleId>>> {
        event.read(name, |value| list(value, |role| self.role(role)))
    }

    /// An agent that was added at some time.
    pub(super) fn agent(&self, event: Fields<'_>, name: &str) -> Parsed<AgentId> {
        event.need(name, |value| self.known_agent(text(value)?))
    }

    pub(super) fn known_agent(&self, name: &str) -> Parsed<AgentId> {
        let unknown = || Problem::new(format_args!("agent '{name}' was never added"));
        self.agents.get(name).copied().ok_or_else(unknown)
    }

    pub(super) fn framework(&self, event: Fields<'_>, name: &str) -> Parsed<FrameworkId> {
        event.need(name, |value| {
            let name = text(value)?;
            let unknown = || Problem::new(format_args!("framework '{name}' was never added"));
            self.frameworks.get(name).copied().ok_or_else(unknown)
        })
    }

    /// The id of a new agent; an error if there is one of that name.
    pub(super) fn new_agent(&mut self, info: AgentInfo) -> Parsed<AgentId> {
        let name = Arc::clone(&info.name);
        if self.agents.get(&*name).is_some_and(|&agent| !self.gone_agents[agent]) {
            return Err(Problem::new(format_args!("agent '{name}' is there already")).under("id"));
        }
        let agent = self.agent_infos.push(info);
        self.gone_agents.push(false);
        self.agents.insert((*name).into(), agent);
        Ok(agent)
    }

    /// The id of a new framework. One that agents have named as a user keeps the id from then.
    pub(super) fn new_framework(&mut self, name: &str) -> Parsed<FrameworkId> {
        let framework = self.named_framework(name);
        if self.allocator.knows_framework(framework) {
            let problem = Problem::new(format_args!("framework '{name}' is there already"));
            return Err(problem.under("id"));
        }
        Ok(framework)
    }

    /// A framework that may be added later.
    pub(super) fn named_framework(&mut self, name: &str) -> FrameworkId {
        let known = self.frameworks.get(name).copied();
        if let Some(framework) = known.filter(|&known| !self.gone_frameworks[known]) {
            return framework;
        }
        let framework = self.framework_names.push(name.into());
        self.gone_frameworks.push(false);
        self.frameworks.insert(name.into(), framework);
        framework
    }

    fn framework_and_roles(&mut self, event: Fields<'_>) -> Parsed<(FrameworkId, Vec<RoleId>)> {
        let framework = self.framework(event, "framework")?;
        Ok((framework, self.roles(event, "roles")?.unwrap_or_default()))
    }

    fn holder(&mut self, event: Fields<'_>) -> Parsed<(FrameworkId, RoleId, AgentId)> {
        let framework = self.framework(event, "framework")?;
        let role = event.need("role", |value| self.role(value))?;
        Ok((framework, role, self.agent(event, "agent")?))
    }
}

/// Valid by Mesos's rules, and of a length that a tree of its parts can bear.
fn check_role(path: &str) -> Parsed<()> {
    if path.len() > 4096 {
        return Err(Problem::new("the role's name is longer than 4096 bytes"));
    }
    validate_role(path).map_err(Problem::new)
}

fn quota(event: Fields<'_>) -> Parsed<Quota> {
    Ok(Quota {
        guarantees: event.read("guarantees", quantities)?.unwrap_or_default(),
        limits: event.read("limits", limits)?.unwrap_or_default(),
    })
}

/// Operations as the conversions that they are.
fn operations(value: &Value) -> Parsed<Vec<Conversion>> {
    let operations = list(value, |value| {
        let object = fields(value)?;
        only(object, &["type", "resources"])?;
        let what = object.need("resources", resources)?;
        let operation = match object.need("type", text)? {
            "RESERVE" => Operation::Reserve { resources: what, source: None },
            "UNRESERVE" => Operation::Unreserve(what),
            "CREATE" => Operation::Create(what),
            "DESTROY" => Operation::Destroy(what),
            other => {
                let known = "RESERVE, UNRESERVE, CREATE, DESTROY";
                let problem = Problem::new(format_args!("'{other}' is none of {known}"));
                return Err(problem.under("type"));
            }
        };
        operation.conversions().map_err(|error| Problem::new(error).under("resources"))
    })?;
    Ok(operations.into_iter().flatten().collect())
}

/// A length of time; parts of a nanosecond are cut off, as Mesos does.
pub(super) fn seconds(value: &Value) -> Parsed<Span> {
    let seconds = number(value)?;
    if !(0.0..=1e9).contains(&seconds) {
        return Err(Problem::new(format_args!("{seconds} is not between 0 and 1000000000")));
    }
    Ok(truncated(seconds))
}

fn truncated(seconds: f64) -> Span {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    Span::from_nanos((seconds * 1e9) as u64)
}

/// How long a refusal lasts: Mesos's clamping of `refuse_seconds`.
pub(super) fn refusal(seconds: f64) -> Span {
    if seconds < 0.0 { Span::from_secs(5) } else { truncated(seconds.min(31_536_000.0)) }
}
