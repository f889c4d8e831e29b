//! Every value in every event of a script is replaced by values of other types and of any size:
//! that leads to an answer or to a mistake with its place, never to a panic.

use policy_allocators::replay::Replay;
use serde_json::{Value, json};

const PRELUDE: [&str; 3] = [
    r#"{"op":"addAgent","id":"s1","resources":"cpus:4;mem:64;disk:10;cpus(a):1"}"#,
    r#"{"op":"updateQuota","role":"a","guarantees":"cpus:1","limits":"cpus:9"}"#,
    r#"{"op":"addFramework","id":"f1","roles":["a","b"]}"#,
];

/// Resources with all fields that Mesos's JSON has for them here.
fn resources() -> Value {
    json!([
        "cpus:1;ports:[1-9];names:{x}",
        {"name": "mem", "type": "SCALAR", "scalar": {"value": 3.5}, "revocable": {}},
        {
            "name": "disk", "type": "SCALAR", "scalar": {"value": 1}, "shared": {},
            "reservations": [{"type": "DYNAMIC", "role": "a", "principal": "p"}],
            "disk": {
                "persistence": {"id": "v", "principal": "p"},
                "volume": {"container_path": "v", "mode": "RW"},
                "source": {"type": "MOUNT", "mount": {"root": "/m"}}
            }
        },
        {"name": "ports", "type": "RANGES", "ranges": {"range": [{"begin": 2, "end": 5}]}},
        {"name": "names", "type": "SET", "set": {"item": ["y"]}}
    ])
}

fn operations() -> Value {
    json!([{"type": "RESERVE", "resources": [{
        "name": "cpus", "type": "SCALAR", "scalar": {"value": 1},
        "reservations": [{"type": "DYNAMIC", "role": "a"}]
    }]}])
}

/// Each event with all of its fields.
fn events() -> Vec<Value> {
    [membership_events(), other_events()].concat()
}

fn membership_events() -> Vec<Value> {
    let resources = resources();
    let agent = json!({
        "op": "addAgent", "id": "s2", "resources": resources, "hostname": "h",
        "attributes": "rack:r1;size:4", "domain": {"region": "r", "zone": "z"},
        "capabilities": ["MULTI_ROLE", "HIERARCHICAL_ROLE"],
        "used": [{"framework": "f1", "role": "a", "resources": "cpus:1"}],
        "unavailability": {"start": 1, "duration": 2}
    });
    let constraints = json!({"role_constraints": {"a": {"groups": [{"attribute_constraints": [
        {"selector": {"attribute_name": "rack"}, "predicate": {"text_matches": {"regex": "r."}}},
        {"selector": {"pseudoattribute_type": "ZONE"}, "predicate": {"text_equals": {"value": "z"}}}
    ]}]}}});
    let framework = json!({
        "op": "addFramework", "id": "f2", "roles": ["a"], "capabilities": ["MULTI_ROLE"],
        "active": true, "suppressed_roles": ["a"], "min_allocatable": {"a": ["cpus:1"]},
        "offer_constraints": constraints,
        "used": [{"agent": "s1", "role": "a", "resources": "cpus:1"}]
    });
    vec![
        json!({
            "op": "init", "allocation_interval": 2, "min_allocatable": ["cpus:1"],
            "fairness_exclude": ["gpus"], "filter_gpus": true, "sorter": "random",
            "domain": {"region": "r", "zone": "z"}
        }),
        agent,
        json!({
            "op": "updateAgent", "id": "s1", "resources": resources, "hostname": "h",
            "attributes": "rack:r1", "domain": {"region": "r"}, "capabilities": []
        }),
        json!({"op": "removeAgent", "id": "s1"}),
        json!({"op": "activateAgent", "id": "s1"}),
        json!({"op": "deactivateAgent", "id": "s1"}),
        json!({"op": "updateWhitelist", "hostnames": ["s1"]}),
        framework,
        json!({
            "op": "updateFramework", "id": "f1", "roles": ["b"], "capabilities": ["MULTI_ROLE"],
            "suppressed_roles": [], "min_allocatable": {"b": []}, "offer_constraints": constraints
        }),
        json!({"op": "removeFramework", "id": "f1"}),
        json!({"op": "activateFramework", "id": "f1"}),
        json!({"op": "deactivateFramework", "id": "f1"}),
    ]
}

fn other_events() -> Vec<Value> {
    let (resources, operations) = (resources(), operations());
    vec![
        json!({
            "op": "recoverResources", "framework": "f1", "agent": "s1", "role": "a",
            "resources": resources, "refuse_seconds": 5, "allocated": false
        }),
        json!({
            "op": "transitionOfferedToAllocated", "framework": "f1", "agent": "s1", "role": "a",
            "resources": resources
        }),
        json!({
            "op": "updateAllocation", "framework": "f1", "agent": "s1", "role": "a",
            "offered": "cpus:1", "operations": operations
        }),
        json!({"op": "updateAvailable", "agent": "s1", "operations": operations}),
        json!({"op": "updateQuota", "role": "a", "guarantees": "cpus:1", "limits": "cpus:2"}),
        json!({"op": "updateWeights", "weights": {"a": 2.5}}),
        json!({"op": "suppress", "framework": "f1", "roles": ["a"]}),
        json!({"op": "revive", "framework": "f1", "roles": []}),
        json!({"op": "updateUnavailability", "agent": "s1", "unavailability": {"start": 5}}),
        json!({
            "op": "updateInverseOffer", "agent": "s1", "framework": "f1", "status": "ACCEPT",
            "refuse_seconds": 1
        }),
        json!({"op": "recover", "expected_agents": 3, "quotas": {"a": {"guarantees": "cpus:1"}}}),
        json!({"op": "advance", "seconds": 3}),
        json!({"op": "tick"}),
        json!({"op": "pause"}),
        json!({"op": "resume"}),
    ]
}

/// The paths to all values in a value, as JSON pointers.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                paths(value, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                paths(value, &format!("{path}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Replays an event after the prelude, or as the first one where only that is allowed, and goes on
/// for some time.
fn replay(event: &Value) -> Result<(), String> {
    let (mut replay, mut out) = (Replay::default(), String::new());
    if event["op"] != "init" {
        for line in PRELUDE {
            replay.line(line, &mut out).expect("written by hand");
        }
    }
    let result = replay.line(&event.to_string(), &mut out).map_err(|error| error.to_string());
    for line in [r#"{"op":"tick"}"#, r#"{"op":"advance","seconds":100}"#] {
        replay.line(line, &mut out).expect("written by hand");
    }
    result
}

/// Calls with each event, the path to each value in it, and the event with that value replaced.
fn replace_each(replacement: &Value, mut check: impl FnMut(&Value, &str, &Value)) {
    for event in events() {
        let mut found = Vec::new();
        paths(&event, "", &mut found);
        for path in found {
            let mut changed = event.clone();
            *changed.pointer_mut(&path).expect("found there") = replacement.clone();
            check(&event, &path, &changed);
        }
    }
}

#[test]
fn the_events_are_right_as_they_stand() {
    for event in events() {
        assert_eq!(replay(&event), Ok(()), "{event}");
    }
}

#[test]
fn a_boolean_in_place_of_anything_else_is_a_mistake_with_its_place() {
    replace_each(&json!(true), |event, path, changed| {
        let marker = path.ends_with("/revocable") || path.ends_with("/shared");
        if event.pointer(path).is_some_and(Value::is_boolean) || marker {
            return;
        }
        let error = replay(changed).expect_err(&changed.to_string());
        // `/resources/2/disk` is `resources[2].disk` in messages.
        let mut field = String::new();
        for part in path.split('/').skip(1) {
            match part.parse::<usize>() {
                Ok(index) => field = format!("{field}[{index}]"),
                Err(_) if field.is_empty() => part.clone_into(&mut field),
                Err(_) => field = format!("{field}.{part}"),
            }
        }
        assert!(error.contains(&field), "{field} of {changed}: {error}");
    });
}

#[test]
fn nothing_panics_whatever_a_value_is() {
    for replacement in [
        json!(null),
        json!(-1),
        json!(0),
        json!(0.5),
        json!(1e300),
        json!(-1e300),
        json!(5e-324),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!("cpus:1"),
        json!("cpus:1e300"),
        json!("cpus:-1"),
        json!("ports:[5-1]"),
        json!("a/b"),
        json!("\u{0}"),
        json!("s1"),
        json!("f1"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"a": {}}),
    ] {
        replace_each(&replacement, |_, _, changed| drop(replay(changed)));
    }
}
