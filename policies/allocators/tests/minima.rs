//! What an offer must at least contain may be of any name (`spec/allocator.md` 1.9, 2.8).

use policy_allocators::replay::Replay;

/// The agents that are offered, one for each offer.
fn offered(lines: &[&str]) -> Vec<String> {
    let (mut replay, mut out) = (Replay::default(), String::new());
    for line in lines {
        replay.line(line, &mut out).expect("written by hand");
    }
    let agents =
        out.lines().filter_map(|line| line.split("\"agent\":\"").nth(1)?.split('"').next());
    agents.map(str::to_owned).collect()
}

const FRAMEWORK: &str = r#"{"op":"addFramework","id":"f1","roles":["a"]}"#;

#[test]
fn ranges_and_sets_count_by_their_size() {
    let agents = offered(&[
        r#"{"op":"init","min_allocatable":["ports:2","names:2;cpus:1","cpus:4"]}"#,
        FRAMEWORK,
        r#"{"op":"addAgent","id":"one port","resources":"cpus:1;ports:[1-1]"}"#,
        r#"{"op":"addAgent","id":"two ports","resources":"ports:[1-1,5-5]"}"#,
        r#"{"op":"addAgent","id":"two reserved ports","resources":"ports(a):[1-1];ports:[2-2]"}"#,
        r#"{"op":"addAgent","id":"others' ports","resources":"cpus:1;ports(b):[1-10]"}"#,
        r#"{"op":"addAgent","id":"names","resources":"cpus:1;names:{x,y}"}"#,
        r#"{"op":"addAgent","id":"names only","resources":"cpus:0.9;names:{x,y}"}"#,
        r#"{"op":"addAgent","id":"enough cpus","resources":"cpus:4"}"#,
        r#"{"op":"addAgent","id":"few cpus","resources":"cpus:3.999"}"#,
    ]);
    assert_eq!(agents, ["two ports", "two reserved ports", "names", "enough cpus"]);
}

#[test]
fn a_frameworks_own_minimum_replaces_the_general_one() {
    let framework =
        r#"{"op":"addFramework","id":"f1","roles":["a"],"min_allocatable":{"a":["ports:2"]}}"#;
    let update =
        r#"{"op":"updateFramework","id":"f1","roles":["a"],"min_allocatable":{"a":["names:1"]}}"#;
    let agents = offered(&[
        framework,
        r#"{"op":"addAgent","id":"s1","resources":"cpus:8;names:{x}"}"#,
        r#"{"op":"addAgent","id":"s2","resources":"ports:[1-2]"}"#,
        update,
        r#"{"op":"tick"}"#,
    ]);
    assert_eq!(agents, ["s2", "s1"]);
}

/// At exactly the minimum it is Mesos's doubles that decide: 0.8 - 0.1 - 0.7 is above zero.
#[test]
fn exactly_the_minimum_counts_as_in_mesos() {
    let agents = offered(&[
        r#"{"op":"init","min_allocatable":["cpus:0.8"]}"#,
        FRAMEWORK,
        r#"{"op":"addAgent","id":"in one piece","resources":"cpus:0.8"}"#,
        r#"{"op":"addAgent","id":"in two pieces","resources":"cpus:0.1;cpus(a):0.7"}"#,
        r#"{"op":"addAgent","id":"a bit more","resources":"cpus:0.101;cpus(a):0.7"}"#,
    ]);
    assert_eq!(agents, ["in one piece", "a bit more"]);
}
