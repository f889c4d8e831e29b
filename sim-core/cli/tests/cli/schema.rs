//! `offersim schema`, `check` and the help texts: what a user can look up.

use crate::support::{Sandbox, TINY, assert_says};
use serde_json::Value;

/// The scenario that the program carries.
const EMBEDDED: &str = include_str!("../../scenarios/contention.toml");

fn schema() -> Value {
    let ran = Sandbox::new().run(&["schema"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).expect("the schema is JSON")
}

/// Calls `see` with every object schema that lists properties, and where it is.
fn each_object(schema: &Value, place: &str, see: &mut impl FnMut(&str, &Value)) {
    if schema.get("properties").is_some() {
        see(place, schema);
    }
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                each_object(value, &format!("{place}/{key}"), see);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                each_object(value, &format!("{place}/{index}"), see);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The schema that a reference leads to, or the schema itself.
fn followed<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema.get("$ref").and_then(Value::as_str);
    let target = reference.and_then(|reference| root.pointer(reference.strip_prefix('#')?));
    target.unwrap_or(schema)
}

fn described(root: &Value, schema: &Value) -> bool {
    let text = |schema: &Value| schema.get("description").is_some_and(|text| text != "");
    let options = ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| schema.get(key)?.as_array());
    text(schema)
        || text(followed(root, schema))
        || options.flatten().any(|option| text(followed(root, option)))
}

#[test]
fn no_key_is_unknown_to_the_schema() {
    let root = schema();
    let mut seen = 0;
    each_object(&root, "", &mut |place, object| {
        seen += 1;
        assert_eq!(object["additionalProperties"], false, "{place}");
    });
    assert!(seen >= 20, "only {seen} tables");
}

#[test]
fn every_key_is_described() {
    let root = schema();
    let mut silent = Vec::new();
    each_object(&root, "", &mut |place, object| {
        // The parameters of a distribution may be told where the distribution is.
        let around = place.rsplit_once("/properties/").and_then(|(around, _)| root.pointer(around));
        let around = around.and_then(|variant| variant["description"].as_str()).unwrap_or_default();
        for (name, property) in object["properties"].as_object().unwrap() {
            // The one key of a table that chooses a policy or a distribution is told by the table.
            let chosen =
                object["required"] == serde_json::json!([name]) && described(&root, object);
            if !described(&root, property) && !chosen && !around.contains(name) {
                silent.push(format!("{place}: {name}"));
            }
        }
    });
    // "Without memory" says it.
    silent.retain(|place| !place.ends_with("/exponential: mean"));
    assert!(silent.is_empty(), "no description of\n{}", silent.join("\n"));
}

/// Who leaves a key out can read what stands for it. What may be null is then just not there.
#[test]
fn every_default_is_told() {
    let root = schema();
    let mut silent = Vec::new();
    each_object(&root, "", &mut |place, object| {
        let required = object["required"].as_array().cloned().unwrap_or_default();
        for (name, property) in object["properties"].as_object().unwrap() {
            let text = property["description"].as_str().unwrap_or_default().to_lowercase();
            let told = property.get("default").is_some_and(|default| !default.is_null())
                || ["default", "without", "absent"].iter().any(|word| text.contains(word));
            let nullable =
                property["type"].as_array().is_some_and(|of| of.contains(&"null".into()))
                    || property["anyOf"]
                        .as_array()
                        .is_some_and(|of| of.contains(&serde_json::json!({ "type": "null" })));
            if !required.contains(&Value::from(name.as_str())) && !told && !nullable {
                silent.push(format!("{place}: {name}"));
            }
        }
    });
    assert!(silent.is_empty(), "no default of\n{}", silent.join("\n"));
}

/// The schema of a key in a table, through references and alternatives.
fn schema_of<'a>(root: &'a Value, table: &'a Value, key: &str) -> Option<&'a Value> {
    let table = followed(root, table);
    let own = table.get("properties").and_then(|properties| properties.get(key));
    let options = ["anyOf", "oneOf"].iter().filter_map(|of| table.get(of)?.as_array()).flatten();
    own.or_else(|| table.get("additionalProperties").filter(|any| any.is_object()))
        .or_else(|| options.into_iter().find_map(|option| schema_of(root, option, key)))
}

/// Finds every key of the tables in a value.
fn assert_known(root: &Value, schema: &Value, value: &Value, place: &str) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let place = format!("{place}.{key}");
                let Some(known) = schema_of(root, schema, key) else {
                    panic!("{place} is not in the schema")
                };
                assert_known(root, known, inner, &place);
            }
        }
        Value::Array(list) => {
            let items = followed(root, schema).get("items").unwrap_or(schema);
            for (index, inner) in list.iter().enumerate() {
                assert_known(root, items, inner, &format!("{place}.{index}"));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_scenarios_use_known_keys() {
    let root = schema();
    for (name, text) in [("contention", EMBEDDED), ("tiny", TINY)] {
        let table: toml::Table = text.parse().unwrap();
        assert_known(&root, &root, &serde_json::to_value(table).unwrap(), name);
    }
}

#[test]
#[should_panic(expected = "tiny.links.agents.delay is not in the schema")]
fn an_unknown_key_would_be_found() {
    let root = schema();
    let table: toml::Table = TINY.replace("latency = \"5ms\"", "delay = 1").parse().unwrap();
    assert_known(&root, &root, &serde_json::to_value(table).unwrap(), "tiny");
}

#[test]
fn the_embedded_scenario_is_one() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_says(&ran.stdout, &["the embedded scenario", "100 agents, 3 frameworks, 3 roles"]);
    assert_eq!(sandbox.entries(), [""; 0], "`check` writes nothing");
    sandbox.write("contention.toml", EMBEDDED);
    let ran = sandbox.run(&["check", "contention.toml"]);
    assert_says(&ran.stdout, &["contention.toml is a scenario: 100 agents"]);
}

#[test]
fn help() {
    let sandbox = Sandbox::new();
    for (arguments, says) in [
        (&["--help"][..], &["run", "check", "schema", "report", "Exit codes"][..]),
        (&["run", "--help"], &["--seed", "--set", "--out", "--quiet", "--json", "--check"]),
        (&["check", "--help"], &["--set", "[FILE]"]),
        (&["schema", "--help"], &["JSON Schema"]),
        (&["report", "--help"], &["<FOLDER>"]),
        (&["--version"], &["offersim ", env!("CARGO_PKG_VERSION")]),
    ] {
        let ran = sandbox.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}");
        assert_eq!(ran.stderr, "");
        assert_says(&ran.stdout, says);
    }
}
