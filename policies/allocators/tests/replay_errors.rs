//! A script with a mistake in it leads to a line, a field and a reason, never to a panic.

use policy_allocators::replay::Replay;
use proptest::prelude::*;
use std::fmt;

fn error(lines: &[&str]) -> String {
    let (mut replay, mut out) = (Replay::default(), String::new());
    let mut results = lines.iter().map(|line| replay.line(line, &mut out));
    results.find_map(Result::err).map_or_else(String::new, |error| error.to_string())
}

#[test]
fn mistakes_are_named_with_line_and_field() {
    for (line, expected) in [
        ("{", "line 1: not JSON: EOF while parsing an object at column 1"),
        ("[]", "line 1: expected an object, found an array"),
        ("{}", "line 1, field op: missing"),
        (r#"{"op":"addAgent","id":"s"}"#, "line 1, field resources: missing"),
        (
            r#"{"op":"addAgent","id":"s","resources":"cpus:x"}"#,
            "line 1, field resources: the amount of cpus is 'x': expected a number",
        ),
        (
            r#"{"op":"addAgent","id":"s","resources":[{"name":"cpus","type":"SCALAR","scalar":{}}]}"#,
            "line 1, field resources[0].scalar.value: missing",
        ),
        (
            r#"{"op":"addFramework","id":"f","roles":["a","b/"]}"#,
            "line 1, field roles[1]: role 'b/' must not start or end with a slash, nor contain two in a row",
        ),
        (r#"{"op":"removeAgent","id":"s"}"#, "line 1, field id: agent 's' was never added"),
        (
            r#"{"op":"updateQuota","role":"a","guarantees":"ports:1"}"#,
            "line 1, field guarantees: 'ports' is none of cpus, disk, gpus, mem",
        ),
        (
            r#"{"op":"updateWeights","weights":{"a":0}}"#,
            "line 1, field weights.a: a weight must be above zero",
        ),
        (
            r#"{"op":"advance","seconds":-1}"#,
            "line 1, field seconds: -1 is not between 0 and 1000000000",
        ),
    ] {
        assert_eq!(error(&[line]), expected);
    }
    let unknown = error(&[r#"{"op":"addAgents"}"#]);
    assert!(unknown.starts_with("line 1, field op: 'addAgents' is none of "), "{unknown}");
    assert!(unknown.contains(", addAgent, "), "{unknown}");
    let twice = r#"{"op":"addAgent","id":"s","resources":"cpus:1"}"#;
    assert_eq!(error(&[twice, twice]), "line 2, field id: agent 's' is there already");
}

/// What nobody reads would otherwise change what the script means.
#[test]
fn names_that_mean_nothing_are_mistakes() {
    for (line, expected) in [
        (r#"{"op":"tick","seconds":1}"#, "field seconds: not known; known are op"),
        (
            r#"{"op":"suppress","framework":"f","role":"a"}"#,
            "field role: not known; known are op, framework, roles",
        ),
        (
            r#"{"op":"addAgent","id":"s","resources":"","domain":{"region":"r","zones":"z"}}"#,
            "field domain.zones: not known; known are region, zone",
        ),
        (
            r#"{"op":"addAgent","id":"s","resources":"","domain":{"region":"r","zone":1}}"#,
            "field domain.zone: expected a string, found a number",
        ),
        (
            r#"{"op":"addAgent","id":"s","resources":"","unavailability":{"begin":1}}"#,
            "field unavailability.begin: not known; known are start, duration",
        ),
        (
            r#"{"op":"addAgent","id":"s","resources":"","used":[{"agent":"s"}]}"#,
            "field used[0].agent: not known; known are framework, role, resources",
        ),
        (
            r#"{"op":"addFramework","id":"f","roles":[],"used":[{"framework":"f"}]}"#,
            "field used[0].framework: not known; known are agent, role, resources",
        ),
        (
            r#"{"op":"recover","expected_agents":1,"quotas":{"a":{"limit":""}}}"#,
            "field quotas.a.limit: not known; known are guarantees, limits",
        ),
        (
            r#"{"op":"addFramework","id":"f","roles":[],"offer_constraints":{"a":1}}"#,
            "field offer_constraints.a: not known; known are role_constraints",
        ),
    ] {
        assert_eq!(error(&[line]), format!("line 1, {expected}"));
    }
    for capabilities in [
        r#"{"op":"addAgent","id":"s","resources":"","capabilities":["MULTI_ROLE","MULTIROLE"]}"#,
        r#"{"op":"addFramework","id":"f","roles":["a"],"capabilities":["GPU_RESOURCES","GPUS"]}"#,
    ] {
        let error = error(&[capabilities]);
        assert!(error.starts_with("line 1, field capabilities[1]: '"), "{error}");
        assert!(error.contains("is none of ") && error.contains("MULTI_ROLE"), "{error}");
    }
}

#[test]
fn offer_constraints_have_one_predicate_each() {
    let constraint = |predicate: &str| {
        format!(
            r#"{{"op":"addFramework","id":"f","roles":["a"],"offer_constraints":{{"role_constraints":{{"a":{{"groups":[{{"attribute_constraints":[{{"selector":{{"attribute_name":"rack"}},"predicate":{predicate}}}]}}]}}}}}}}}"#
        )
    };
    let place = "line 1, field offer_constraints.role_constraints.a.groups[0].attribute_constraints[0].predicate";
    for (predicate, expected) in [
        ("{}", ": expected one predicate"),
        (r#"{"exists":{},"not_exists":{}}"#, ": expected one predicate"),
        (r#"{"text_equals":"r1"}"#, ".text_equals: expected an object, found a string"),
        (r#"{"text_equals":{}}"#, ".text_equals.value: missing"),
    ] {
        assert_eq!(error(&[&constraint(predicate)]), format!("{place}{expected}"));
    }
    assert_eq!(error(&[&constraint(r#"{"text_equals":{"value":"r1"}}"#)]), "");
}

#[test]
fn settings_come_first() {
    let init = r#"{"op":"init","allocation_interval":2}"#;
    assert_eq!(error(&["", r#"{"op":"note","text":"slow"}"#, init]), "");
    for before in [r#"{"op":"pause"}"#, r#"{"op":"updateWhitelist","hostnames":[]}"#] {
        assert_eq!(error(&[before, init]), "line 2, field op: settings must come first");
    }
}

/// Takes a number of lines. A script can make an offer at each tick of thirty years.
struct Patience(u32);

impl fmt::Write for Patience {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        self.0 = self.0.checked_sub(1).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// Lines that are right or nearly so: names that may not be known, amounts of any size.
fn line() -> impl Strategy<Value = String> {
    let agent = || prop::sample::select(vec!["s1", "s2", "s3"]);
    let framework = || prop::sample::select(vec!["f1", "f2"]);
    let role = || prop::sample::select(vec!["*", "a", "a/b", "a/b/c", "z"]);
    let what = || {
        prop::sample::select(vec![
            "cpus:1;mem:64",
            "cpus:1000000000000;mem:1",
            "cpus:0.0015;disk:5;ports:[0-18446744073709551615]",
            "cpus(a):2;mem(a/b):70;nics:{x,y}",
            "gpus:1;unknown:3",
            "",
        ])
    };
    prop_oneof![
        (agent(), what()).prop_map(|(id, what)| format!(
            r#"{{"op":"addAgent","id":"{id}","resources":"{what}"}}"#
        )),
        (agent(), what()).prop_map(|(id, what)| format!(
            r#"{{"op":"updateAgent","id":"{id}","resources":"{what}"}}"#
        )),
        agent().prop_map(|id| format!(r#"{{"op":"removeAgent","id":"{id}"}}"#)),
        (framework(), role(), role()).prop_map(|(id, one, two)| format!(
            r#"{{"op":"addFramework","id":"{id}","roles":["{one}","{two}"]}}"#
        )),
        (framework(), role()).prop_map(|(id, role)| format!(
            r#"{{"op":"updateFramework","id":"{id}","roles":["{role}"],"suppressed_roles":["a"]}}"#
        )),
        framework().prop_map(|id| format!(r#"{{"op":"removeFramework","id":"{id}"}}"#)),
        (framework(), role(), agent(), what(), any::<f64>()).prop_map(|(f, r, a, w, s)| {
            let seconds = if s.is_finite() { s } else { 1.0 };
            format!(
                r#"{{"op":"recoverResources","framework":"{f}","role":"{r}","agent":"{a}","resources":"{w}","refuse_seconds":{seconds:e}}}"#
            )
        }),
        (framework(), role(), agent(), what(), 0..4_usize).prop_map(|(f, r, a, w, kind)| {
            let kind = ["RESERVE", "UNRESERVE", "CREATE", "DESTROY"][kind];
            format!(
                r#"{{"op":"updateAllocation","framework":"{f}","role":"{r}","agent":"{a}","offered":"{w}","operations":[{{"type":"{kind}","resources":"{w}"}}]}}"#
            )
        }),
        (agent(), what(), 0..4_usize).prop_map(|(a, w, kind)| {
            let kind = ["RESERVE", "UNRESERVE", "CREATE", "DESTROY"][kind];
            format!(
                r#"{{"op":"updateAvailable","agent":"{a}","operations":[{{"type":"{kind}","resources":"{w}"}}]}}"#
            )
        }),
        (role(), any::<u32>()).prop_map(|(role, amount)| format!(
            r#"{{"op":"updateQuota","role":"{role}","guarantees":"cpus:{amount}","limits":"mem:{amount}"}}"#
        )),
        (0.0..1e9_f64).prop_map(|seconds| format!(r#"{{"op":"advance","seconds":{seconds}}}"#)),
        Just(r#"{"op":"tick"}"#.to_owned()),
        Just(r#"{"op":"pause"}"#.to_owned()),
        Just(r#"{"op":"resume"}"#.to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(lines in prop::collection::vec(line(), 1..80)) {
        let mut replay = Replay::default();
        for line in &lines {
            let _ = replay.line(line, &mut Patience(10_000));
        }
    }
}
