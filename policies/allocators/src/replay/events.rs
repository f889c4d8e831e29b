//! The events of scripts and their fields, as `golden/README.md` lists them. A name that is not
//! among them is a mistake: to ignore a misspelt field would be to replay another script.

use policy_api::resources::json::{Fields, Parsed, Problem, list, text};
use serde_json::Value;

/// Each event with its fields other than `op`.
const EVENTS: [(&str, &[&str]); 28] = [
    ("activateAgent", &["id"]),
    ("activateFramework", &["id"]),
    (
        "addAgent",
        &[
            "id",
            "resources",
            "hostname",
            "attributes",
            "domain",
            "capabilities",
            "used",
            "unavailability",
        ],
    ),
    (
        "addFramework",
        &[
            "id",
            "roles",
            "capabilities",
            "active",
            "suppressed_roles",
            "min_allocatable",
            "offer_constraints",
            "used",
        ],
    ),
    ("advance", &["seconds"]),
    ("deactivateAgent", &["id"]),
    ("deactivateFramework", &["id"]),
    (
        "init",
        &[
            "allocation_interval",
            "min_allocatable",
            "fairness_exclude",
            "filter_gpus",
            "domain",
            "sorter",
        ],
    ),
    ("note", &["text"]),
    ("pause", &[]),
    ("recover", &["expected_agents", "quotas"]),
    (
        "recoverResources",
        &["framework", "agent", "role", "resources", "refuse_seconds", "allocated"],
    ),
    ("removeAgent", &["id"]),
    ("removeFramework", &["id"]),
    ("resume", &[]),
    ("revive", &["framework", "roles"]),
    ("suppress", &["framework", "roles"]),
    ("tick", &[]),
    ("transitionOfferedToAllocated", &["framework", "agent", "role", "resources"]),
    ("updateAgent", &["id", "resources", "attributes", "hostname", "domain", "capabilities"]),
    ("updateAllocation", &["framework", "agent", "role", "offered", "operations"]),
    ("updateAvailable", &["agent", "operations"]),
    (
        "updateFramework",
        &[
            "id",
            "roles",
            "capabilities",
            "suppressed_roles",
            "min_allocatable",
            "offer_constraints",
        ],
    ),
    ("updateInverseOffer", &["agent", "framework", "status", "refuse_seconds"]),
    ("updateQuota", &["role", "guarantees", "limits"]),
    ("updateUnavailability", &["agent", "unavailability"]),
    ("updateWeights", &["weights"]),
    ("updateWhitelist", &["hostnames"]),
];

/// The name of an event, which has no fields but its own.
pub(super) fn name_of(event: Fields<'_>) -> Parsed<&str> {
    let name = event.need("op", text)?;
    let Some((_, known)) = EVENTS.iter().find(|(known, _)| *known == name) else {
        return Err(unknown(name));
    };
    only(event, &[&["op"], *known].concat())?;
    Ok(name)
}

pub(super) fn unknown(name: &str) -> Problem {
    let known = EVENTS.map(|(known, _)| known).join(", ");
    Problem::new(format_args!("'{name}' is none of {known}")).under("op")
}

/// A mistake if there are other fields than these.
pub(super) fn only(object: Fields<'_>, known: &[&str]) -> Parsed<()> {
    match object.iter().find(|(name, _)| !known.contains(name)) {
        Some((name, _)) => {
            let known = known.join(", ");
            Err(Problem::new(format_args!("not known; known are {known}")).under(name))
        }
        None => Ok(()),
    }
}

/// A list of names out of these.
pub(super) fn names<'a>(value: &'a Value, known: &[&str]) -> Parsed<Vec<&'a str>> {
    list(value, |value| {
        let name = text(value)?;
        if known.contains(&name) {
            return Ok(name);
        }
        Err(Problem::new(format_args!("'{name}' is none of {}", known.join(", "))))
    })
}

#[cfg(test)]
mod tests {
    use super::EVENTS;
    use crate::replay::Replay;

    #[test]
    fn every_event_of_the_list_is_handled() {
        for (name, _) in EVENTS {
            let line = format!("{{\"op\":\"{name}\"}}");
            let result = Replay::default().line(&line, &mut String::new());
            let said = result.map_or_else(|error| error.to_string(), |()| String::new());
            assert!(!said.contains("is none of"), "{name}: {said}");
        }
    }
}
