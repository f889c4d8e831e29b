use crate::helpers::{entries, object, plus, res};
use policy_api::resources::Value;
use policy_api::resources::json::read_resources;
use policy_api::{Resource, Resources};

fn json(text: &str) -> Resources {
    Resources::parse(text, "*").unwrap_or_else(|error| panic!("{text}: {error}"))
}

const CPUS: &str = r#"{"name":"cpus","type":"SCALAR","scalar":{"value":45.55}}"#;
const PORTS: &str = r#"{"name":"ports","type":"RANGES","ranges":{"range":[
    {"begin":10000,"end":20000},{"begin":30000,"end":50000}]}}"#;
const SET: &str = r#"{"name":"pandas","type":"SET","set":{"item":["pun_pun","ling_ling"]}}"#;

#[test]
fn c01_parsing() {
    assert_eq!(object("cpus:45.55").value, Value::Scalar(45_550));
    let ports = res("ports:[10000-20000, 30000-50000]");
    assert_eq!(ports.ports().unwrap().intervals(), [(10_000, 20_000), (30_000, 50_000)]);
    assert_eq!(res("disks:{sda1}").items("disks").unwrap().as_slice(), ["sda1".into()]);
    let sum = plus(&plus(&res("cpus:45.55"), &ports), &res("disks:{sda1}"));
    assert_eq!(res("cpus:45.55;ports:[10000-20000, 30000-50000];disks:{sda1}"), sum);
}

#[test]
fn c02_parsing_with_roles() {
    let first = res("cpus(role1):2;mem(role1):3");
    assert_eq!(entries(&first), 2);
    assert_eq!(first.reserved("role1"), first);
    assert_eq!((first.cpus(), first.mem()), (Some(2_000), Some(3)));
    let both = res("cpus(role1):2.5;ports(role2):[0-100]");
    assert_eq!(both.reserved("role1").cpus(), Some(2_500));
    assert_eq!(both.reserved("role2").ports().unwrap().count(), 101);
    assert_eq!(Resources::parse("cpus:2.5;ports(role2):[0-100]", "role1").unwrap(), both);
}

#[test]
fn c03_parse_error() {
    for text in ["cpus(role1)", "cpus(role1:1", "cpus)(role1:1", "foo(role1):1;foo(role2):[0-1]"] {
        assert!(text.parse::<Resources>().is_err(), "{text}");
    }
}

#[test]
fn c04_parsing_from_json() {
    let cpus = json(&format!("[{CPUS}]"));
    assert_eq!(cpus.cpus(), Some(45_550));
    let ports = json(&format!("[\n{PORTS}\n]\n"));
    assert_eq!(ports.ports().unwrap().intervals().len(), 2);
    assert_eq!(json(&format!("[{}]", PORTS.replace('\n', ""))), ports);
    let set = json(&format!("[{SET}]"));
    assert_eq!(set.items("pandas").unwrap().as_slice().len(), 2);
    let combined = json(&format!("[{CPUS},{PORTS},\n{SET}]"));
    assert_eq!(combined, plus(&plus(&cpus, &ports), &set));
}

#[test]
fn c05_parsing_from_json_with_roles() {
    let with_role = |object: &str, role: &str| {
        let stack = format!(r#"{{"reservations":[{{"type":"STATIC","role":"{role}"}}],"#);
        object.replacen('{', &stack, 1)
    };
    let role1 = with_role(CPUS, "role1");
    let role2 = with_role(&CPUS.replace("45.55", "54.44"), "role2");
    let cpus = json(&format!("[{role1},{role1},{role2}]"));
    assert_eq!(cpus.cpus(), Some(145_540));
    assert_eq!(cpus.count(&object("cpus(role1):91.1")), 1);
    assert_eq!(cpus.count(&object("cpus(role2):54.44")), 1);
    assert!(cpus.contains(&json(&format!("[{role1}]"))));
    let ports = json(&format!("[{}]", with_role(PORTS, "role1")));
    assert_eq!(ports.reserved("role1").ports().unwrap().intervals().len(), 2);
    let set = json(&format!("[{}]", with_role(SET, "panda_liason")));
    assert_eq!(set.reserved("panda_liason").items("pandas").unwrap().as_slice().len(), 2);
}

#[test]
fn c06_parsing_from_json_error() {
    let scalar = |fields: &str| format!(r#"[{{"name":"cpus","type":"SCALAR",{fields}}}]"#);
    let disk = |fields: &str| {
        format!(r#"[{{"name":"disk","type":"SCALAR","scalar":{{"value":1}},{fields}}}]"#)
    };
    for (case, text) in [
        ("a single object", CPUS.to_owned()),
        ("no comma between objects", format!("[{CPUS} {SET}]")),
        ("no comma in a list", format!("[{}]", SET.replace("\",\"ling", "\" \"ling"))),
        ("an array of arrays", format!("[[{CPUS}]]")),
        ("no brackets", format!("{CPUS},{SET}")),
        ("trailing text", format!("[{CPUS}] and more")),
        ("a wrong bracket", format!("[{CPUS}}}")),
        ("no type", format!("[{}]", CPUS.replace(r#","type":"SCALAR""#, ""))),
        ("an empty name", format!("[{}]", CPUS.replace("cpus", ""))),
        ("an unknown type", format!("[{}]", CPUS.replace("SCALAR", "FLOATINGPOINT"))),
        ("a negative amount", scalar(r#""scalar":{"value":-1}"#)),
        ("two types", format!("[{CPUS},{}]", SET.replace("pandas", "cpus"))),
        (
            "a volume",
            disk(
                r#""reservations":[{"type":"STATIC","role":"r"}],"disk":{"persistence":{"id":"v"}}"#,
            ),
        ),
        (
            "a dynamic reservation without a role",
            scalar(r#""scalar":{"value":1},"reservation":{"principal":"p"}"#),
        ),
        (
            "a dynamic reservation",
            scalar(r#""scalar":{"value":1},"reservations":[{"type":"DYNAMIC","role":"r"}]"#),
        ),
        ("a revocable resource", scalar(r#""scalar":{"value":1},"revocable":{}"#)),
    ] {
        assert!(Resources::parse(&text, "*").is_err(), "{case}: {text}");
    }
    // Messages may have what configurations must not, and sums of sums.
    let message = scalar(r#""scalar":{"value":1},"revocable":{}"#);
    let message = read_resources(&serde_json::from_str(&format!("[{message}]")).unwrap()).unwrap();
    assert_eq!(message.revocable().cpus(), Some(1_000));
}

#[test]
fn c07_resources() {
    let all = res("cpus:45.55;mem:1024;ports:[10000-20000, 30000-50000];disk:512");
    assert_eq!((all.cpus(), all.mem(), all.disk()), (Some(45_550), Some(1024), Some(512)));
    assert_eq!(all.ports().unwrap().to_string(), "[10000-20000, 30000-50000]");
    let cpus = res("cpus:45.55");
    assert_eq!((cpus.mem(), cpus.ports()), (None, None));
}

/// There is nothing to move in Rust that needs a test: copies and values taken out are equal.
#[test]
fn c08_copies_and_moves_keep_equality() {
    let original = res("cpus:45.55;ports:[10000-20000];disks(role):{sda1}");
    let mut copy = original.clone();
    assert_eq!(copy, original);
    let moved = std::mem::take(&mut copy);
    assert_eq!(moved, original);
    assert!(copy.is_empty());
    copy.add(&res("cpus:1"));
    assert_eq!(moved, original);
}

#[test]
fn c12_initialized_is_empty() {
    assert!(Resources::default().is_empty());
    assert_eq!(Resources::default(), Resources::EMPTY);
}

#[test]
fn c13_bad_resources_not_allocatable() {
    let mut sum = Resources::EMPTY;
    sum.add_resource(Resource::plain("", Value::Scalar(1_000)));
    assert!(sum.is_empty());
    sum.add_resource(Resource::plain("cpus", Value::Scalar(0)));
    assert!(sum.is_empty());
}
