//! Events about frameworks.

use super::events::{names, only};
use super::resources::{named_quantities, resources};
use super::script::Replay;
use crate::hierarchical::full_match;
use policy_api::resources::json::{Fields, Parsed, Problem, boolean, fields, list, text};
use policy_api::{
    AgentId, AttributeConstraint, AttributePredicate, AttributeSelector, Fact,
    FrameworkCapabilities, FrameworkInfo, Resources, RoleConstraints, RoleId,
};
use serde_json::Value;
use std::sync::Arc;

/// What frameworks announce. Those that are not asked for below make no difference to an allocator.
const CAPABILITIES: [&str; 8] = [
    "REVOCABLE_RESOURCES",
    "TASK_KILLING_STATE",
    "GPU_RESOURCES",
    "SHARED_RESOURCES",
    "PARTITION_AWARE",
    "MULTI_ROLE",
    "RESERVATION_REFINEMENT",
    "REGION_AWARE",
];

impl Replay {
    pub(super) fn add_framework(&mut self, event: Fields<'_>) -> Parsed<()> {
        let name = event.need("id", text)?;
        let info = self.framework_info(name, event)?;
        let active = event.read("active", boolean)?.unwrap_or(true);
        let used: Vec<(AgentId, RoleId, Resources)> = event
            .read("used", |value| {
                list(value, |item| {
                    let item = fields(item)?;
                    only(item, &["agent", "role", "resources"])?;
                    let agent = self.agent(item, "agent")?;
                    let role = item.need("role", |value| self.role(value))?;
                    Ok((agent, role, item.need("resources", resources)?))
                })
            })?
            .unwrap_or_default();
        let framework = self.new_framework(name)?;
        self.tell(Fact::AddFramework { framework, info: &info, active, used: &used })
    }

    pub(super) fn update_framework(&mut self, event: Fields<'_>) -> Parsed<()> {
        let framework = self.framework(event, "id")?;
        let info = self.framework_info(event.need("id", text)?, event)?;
        self.tell(Fact::UpdateFramework { framework, info: &info })
    }

    fn framework_info(&mut self, name: &str, event: Fields<'_>) -> Parsed<FrameworkInfo> {
        if name.is_empty() || name.contains('/') {
            return Err(
                Problem::new("a framework's id must not be empty nor contain a slash").under("id")
            );
        }
        let names = event.read("capabilities", |value| names(value, &CAPABILITIES))?;
        let names = names.unwrap_or_else(|| vec!["MULTI_ROLE"]);
        let has = |name| names.contains(&name);
        let mut roles = self.roles(event, "roles")?.unwrap_or_default();
        if !has("MULTI_ROLE") {
            // Mesos looks at the single role then, which these scripts do not set.
            roles = vec![self.role_id("*")];
        }
        Ok(FrameworkInfo {
            name: name.into(),
            roles,
            suppressed_roles: self.roles(event, "suppressed_roles")?.unwrap_or_default(),
            capabilities: FrameworkCapabilities {
                multi_role: has("MULTI_ROLE"),
                gpu_resources: has("GPU_RESOURCES"),
                revocable_resources: has("REVOCABLE_RESOURCES"),
                shared_resources: has("SHARED_RESOURCES"),
                reservation_refinement: has("RESERVATION_REFINEMENT"),
                region_aware: has("REGION_AWARE"),
                ..FrameworkCapabilities::default()
            },
            min_allocatable: self
                .by_role(event, "min_allocatable", |value| list(value, named_quantities))?,
            offer_constraints: self.offer_constraints(event)?,
        })
    }

    /// An object with a role's path in each key.
    fn by_role<T>(
        &mut self,
        event: Fields<'_>,
        name: &str,
        parse: impl Fn(&Value) -> Parsed<T>,
    ) -> Parsed<Vec<(RoleId, T)>> {
        let map = event.read(name, |value| {
            let mut map = Vec::new();
            for (path, value) in fields(value)?.iter() {
                let role = self.role(&Value::from(path)).map_err(|error| error.under(path))?;
                map.push((role, parse(value).map_err(|problem| problem.under(path))?));
            }
            Ok(map)
        })?;
        Ok(map.unwrap_or_default())
    }

    fn offer_constraints(&mut self, event: Fields<'_>) -> Parsed<Vec<RoleConstraints>> {
        let Some(constraints) = event.read("offer_constraints", |value| {
            let object = fields(value)?;
            only(object, &["role_constraints"])?;
            Ok(object)
        })?
        else {
            return Ok(Vec::new());
        };
        let by_role = self
            .by_role(constraints, "role_constraints", |value| {
                fields(value)?.need("groups", |value| list(value, group))
            })
            .map_err(|problem| problem.under("offer_constraints"))?;
        let rows = by_role.into_iter();
        Ok(rows.map(|(role, groups)| RoleConstraints { role, groups }).collect())
    }
}

fn group(value: &Value) -> Parsed<Vec<AttributeConstraint>> {
    fields(value)?.need("attribute_constraints", |value| {
        list(value, |value| {
            let object = fields(value)?;
            only(object, &["selector", "predicate"])?;
            Ok(AttributeConstraint {
                selector: object.need("selector", selector)?,
                predicate: object.need("predicate", predicate)?,
            })
        })
    })
}

fn selector(value: &Value) -> Parsed<AttributeSelector> {
    let object = fields(value)?;
    only(object, &["attribute_name", "pseudoattribute_type"])?;
    if let Some(name) = object.read("attribute_name", text)? {
        return Ok(AttributeSelector::Attribute(name.into()));
    }
    match object.need("pseudoattribute_type", text)? {
        "HOSTNAME" => Ok(AttributeSelector::Hostname),
        "REGION" => Ok(AttributeSelector::Region),
        "ZONE" => Ok(AttributeSelector::Zone),
        other => {
            let known = "HOSTNAME, REGION, ZONE";
            Err(Problem::new(format_args!("'{other}' is none of {known}")))
        }
    }
}

fn predicate(value: &Value) -> Parsed<AttributePredicate> {
    let object = fields(value)?;
    let mut kinds = object.iter();
    let (Some((kind, inner)), None) = (kinds.next(), kinds.next()) else {
        return Err(Problem::new("expected one predicate"));
    };
    let part = |name| -> Parsed<Arc<str>> {
        let part = fields(inner).and_then(|inner| inner.need(name, text));
        part.map(Arc::from).map_err(|problem| problem.under(kind))
    };
    let regex = || {
        let pattern = part("regex")?;
        full_match(&pattern).map_err(|error| Problem::new(error).under(kind))?;
        Ok(pattern)
    };
    Ok(match kind {
        "exists" => AttributePredicate::Exists,
        "not_exists" => AttributePredicate::NotExists,
        "text_equals" => AttributePredicate::TextEquals(part("value")?),
        "text_not_equals" => AttributePredicate::TextNotEquals(part("value")?),
        "text_matches" => AttributePredicate::TextMatches(regex()?),
        "text_not_matches" => AttributePredicate::TextNotMatches(regex()?),
        other => return Err(Problem::new(format_args!("'{other}' is not a predicate"))),
    })
}
