//! A script with a mistake in it leads to a line, a field and a reason, never to a panic.

use policy_allocators::replay::Replay;
use proptest::prelude::*;

fn error(lines: &[&str]) -> String {
    let (mut replay, mut out) = (Replay::default(), String::new());
    let mut results = lines.iter().map(|line| replay.line(line, &mut out));
    results.find_map(Result::err).map_or_else(String::new, |error| error.to_string())
}

#[test]
fn mistakes_are_named_with_line_and_field() {
    for (line, expected) in [
        ("{", "line 1: not JSON: EOF while parsing an object at line 1 column 1"),
        ("[]", "line 1: expected an object, found an array"),
        ("{}", "line 1, field op: missing"),
        (r#"{"op":"fly"}"#, "line 1, field op: 'fly' is not an event known here"),
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
        (r#"{"op":"advance","seconds":-1}"#, "line 1, field seconds: -1 is not a time in seconds"),
    ] {
        assert_eq!(error(&[line]), expected);
    }
    let twice = r#"{"op":"addAgent","id":"s","resources":"cpus:1"}"#;
    assert_eq!(error(&[twice, twice]), "line 2, field id: agent 's' is there already");
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
        // A day: a script can make an offer in each second, and all of them are kept till the end.
        (0.0..1e5_f64).prop_map(|seconds| format!(r#"{{"op":"advance","seconds":{seconds}}}"#)),
        Just(r#"{"op":"tick"}"#.to_owned()),
        Just(r#"{"op":"pause"}"#.to_owned()),
        Just(r#"{"op":"resume"}"#.to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(lines in prop::collection::vec(line(), 1..80)) {
        let (mut replay, mut out) = (Replay::default(), String::new());
        for line in &lines {
            let _ = replay.line(line, &mut out);
        }
    }
}
