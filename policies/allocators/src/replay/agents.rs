//! Events about agents.

use super::events::{names, only};
use super::resources::resources;
use super::script::{Replay, refusal, seconds};
use policy_api::resources::json::{Fields, Parsed, Problem, fields, list, number, text};
use policy_api::{
    AgentCapabilities, AgentInfo, Fact, HeldResources, InverseOfferStatus, Resources, Time,
    Unavailability,
};
use serde_json::Value;
use std::sync::Arc;

impl Replay {
    pub(super) fn add_agent(&mut self, event: Fields<'_>) -> Parsed<()> {
        let name: Arc<str> = event.need("id", text)?.into();
        let mut info =
            AgentInfo { name: Arc::clone(&name), hostname: name, ..AgentInfo::default() };
        read_info(event, &mut info)?;
        let total = event.need("resources", resources)?;
        let unavailability = event.read("unavailability", unavailability)?;
        let used = event.read("used", |value| {
            list(value, |item| {
                let item = fields(item)?;
                only(item, &["framework", "role", "resources"])?;
                let framework = item.need("framework", text)?;
                let role = item.need("role", |value| self.role(value))?;
                Ok((framework, role, item.need("resources", resources)?))
            })
        })?;
        let used: Vec<HeldResources> = used
            .unwrap_or_default()
            .into_iter()
            .map(|(framework, role, resources)| HeldResources {
                framework: self.named_framework(framework),
                role,
                resources,
            })
            .collect();
        let agent = self.new_agent(info.clone())?;
        self.tell(Fact::AddAgent { agent, info: &info, total: &total, used: &used })?;
        if unavailability.is_some() {
            self.tell(Fact::UpdateUnavailability { agent, unavailability })?;
        }
        Ok(())
    }

    pub(super) fn update_agent(&mut self, event: Fields<'_>) -> Parsed<()> {
        let agent = self.agent(event, "id")?;
        let mut info = self.agent_infos[agent].clone();
        read_info(event, &mut info)?;
        let total: Option<Resources> = event.read("resources", resources)?;
        self.agent_infos[agent] = info.clone();
        self.tell(Fact::UpdateAgent { agent, info: &info, total: total.as_ref() })
    }

    pub(super) fn update_unavailability(&mut self, event: Fields<'_>) -> Parsed<()> {
        let agent = self.agent(event, "agent")?;
        let unavailability = event.read("unavailability", unavailability)?;
        self.tell(Fact::UpdateUnavailability { agent, unavailability })
    }

    pub(super) fn update_inverse_offer(&mut self, event: Fields<'_>) -> Parsed<()> {
        let agent = self.agent(event, "agent")?;
        let framework = self.framework(event, "framework")?;
        let status = event.read("status", |value| match text(value)? {
            "ACCEPT" => Ok(InverseOfferStatus::Accept),
            "DECLINE" => Ok(InverseOfferStatus::Decline),
            other => Err(Problem::new(format_args!("'{other}' is none of ACCEPT, DECLINE"))),
        })?;
        let refuse = event.read("refuse_seconds", number)?.map(refusal);
        self.tell(Fact::UpdateInverseOffer { agent, framework, status, refuse })
    }
}

/// What agents announce. Those that are not asked for below make no difference to an allocator.
const CAPABILITIES: [&str; 8] = [
    "MULTI_ROLE",
    "HIERARCHICAL_ROLE",
    "RESERVATION_REFINEMENT",
    "RESOURCE_PROVIDER",
    "RESIZE_VOLUME",
    "AGENT_OPERATION_FEEDBACK",
    "AGENT_DRAINING",
    "TASK_RESOURCE_LIMITS",
];

/// Replaces what the event gives.
fn read_info(event: Fields<'_>, info: &mut AgentInfo) -> Parsed<()> {
    if let Some(hostname) = event.read("hostname", text)? {
        info.hostname = hostname.into();
    }
    if let Some(attributes) = event.read("attributes", text)? {
        read_attributes(attributes, info).map_err(|problem| problem.under("attributes"))?;
    }
    if let Some(names) = event.read("capabilities", |value| names(value, &CAPABILITIES))? {
        info.capabilities = AgentCapabilities {
            multi_role: names.contains(&"MULTI_ROLE"),
            hierarchical_role: names.contains(&"HIERARCHICAL_ROLE"),
            ..AgentCapabilities::default()
        };
    }
    if let Some((region, zone)) = event.read("domain", domain)? {
        info.region = Some(region);
        info.zone = zone;
    }
    Ok(())
}

/// A region and, where it is given, a zone.
pub(super) fn domain(value: &Value) -> Parsed<(Arc<str>, Option<Arc<str>>)> {
    let object = fields(value)?;
    only(object, &["region", "zone"])?;
    Ok((object.need("region", text)?.into(), object.read("zone", text)?.map(Arc::from)))
}

/// `rack:r1;size:4`: numbers, ranges and sets are not texts.
fn read_attributes(attributes: &str, info: &mut AgentInfo) -> Parsed<()> {
    info.attributes.clear();
    info.other_attributes.clear();
    for part in attributes.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once(':') else {
            return Err(Problem::new(format_args!("'{part}' has no value: expected name:value")));
        };
        let (name, value) = (name.trim(), value.trim());
        let is_other =
            value.starts_with(['[', '{']) || value.parse::<f64>().is_ok_and(f64::is_finite);
        let list = if is_other { &mut info.other_attributes } else { &mut info.attributes };
        list.push((name.into(), value.into()));
    }
    Ok(())
}

fn unavailability(value: &Value) -> Parsed<Unavailability> {
    let object = fields(value)?;
    only(object, &["start", "duration"])?;
    let start = Time::ZERO + object.need("start", seconds)?;
    Ok(Unavailability { start, duration: object.read("duration", seconds)? })
}
