//! What no type can say about frameworks.

use super::check::{LONGEST_NAME, check_length, parse_band};
use super::error::{Problem, suggest};
use super::{FrameworkConfig, MappingRule, Order, PlacementRule, Scenario, SpreadRule, TaskDemand};
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use workloads::{WorkloadConfig, files};

pub(super) fn check_frameworks(scenario: &Scenario, problems: &mut Vec<Problem>) {
    if scenario.frameworks.is_empty() {
        problems.push(
            Problem::anywhere("there are no frameworks")
                .help(Some("add one: [[frameworks]] with name and role".into())),
        );
    }
    let mut names = BTreeSet::new();
    for framework in &scenario.frameworks {
        let name = framework.name.get_ref();
        check_length("the name of this framework", &framework.name, LONGEST_NAME, problems);
        if name.is_empty() || name.contains('/') {
            let message = format!("'{name}' cannot name a framework: it is empty or has a slash");
            problems.push(Problem::at(framework.name.span(), message));
        }
        if !names.insert(name) {
            let message = format!("a second framework is called '{name}'");
            problems.push(Problem::at(framework.name.span(), message));
        }
    }
    for framework in &scenario.frameworks {
        check_roles(framework, problems);
        check_kind(framework, problems);
    }
    check_end(scenario, problems);
    check_takes(scenario, problems);
    check_classes(scenario, problems);
    check_files(scenario, problems);
    if scenario.frameworks.iter().any(FrameworkConfig::is_batch)
        && batch(scenario).all(|framework| !framework.takes.is_empty())
        && scenario.mapping.by == MappingRule::Hash
    {
        problems.push(
            Problem::anywhere("every framework has `takes`, but jobs are mapped by hash").help(
                Some(
                    "say what is taken: [mapping] by = \"user\", \"queue\" or \"priority\"".into(),
                ),
            ),
        );
    }
}

/// A job goes to one framework: where two take it, the second would never get it.
fn check_takes(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let mut labels = BTreeMap::new();
    let mut priorities: [Option<&str>; 256] = [None; 256];
    for framework in &scenario.frameworks {
        let name = framework.name.get_ref().as_str();
        for label in &framework.takes {
            let found = label.get_ref().as_str();
            let other = match (scenario.mapping.by, parse_band(found)) {
                (MappingRule::Priority, Some((first, last))) => {
                    let band = &mut priorities[usize::from(first)..=usize::from(last)];
                    let other = band.iter().copied().flatten().next();
                    band.fill(Some(name));
                    other
                }
                (MappingRule::Priority, None) => {
                    let message = format!("'{found}' is no band of priorities: expected 3 or 0-8");
                    problems.push(Problem::at(label.span(), message));
                    None
                }
                (MappingRule::Hash | MappingRule::User | MappingRule::Queue, _) => {
                    labels.insert(found, name)
                }
            };
            if let Some(other) = other {
                let message = format!("'{found}' is taken by the framework '{other}' already");
                problems.push(Problem::at(label.span(), message));
            }
        }
    }
}

/// Jobs of a class that no framework takes would be drawn in vain, for ever if the class has no
/// end. What a trace holds is seen only when it is read.
fn check_classes(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let Some(WorkloadConfig::Synthetic(workload)) = &scenario.workload else { return };
    if batch(scenario).any(|framework| framework.takes.is_empty()) {
        return;
    }
    let taken = scenario.frameworks.iter().flat_map(|framework| &framework.takes);
    let taken: Vec<&str> = taken.map(|label| label.get_ref().as_str()).collect();
    for class in &workload.classes {
        let user = class.user.as_ref().unwrap_or(&class.name);
        let (label, is_taken): (String, fn(&str, &str) -> bool) = match scenario.mapping.by {
            MappingRule::Hash => continue,
            MappingRule::Queue => (class.name.clone(), |taken, label| taken == label),
            MappingRule::User if class.users.is_some() => {
                (format!("{user}-0"), |taken, label| taken == label)
            }
            MappingRule::User => (user.clone(), |taken, label| taken == label),
            MappingRule::Priority => (class.priority.to_string(), |taken, label| {
                let (Some((first, last)), Ok(label)) = (parse_band(taken), label.parse()) else {
                    return true; // no band: reported above
                };
                (first..=last).contains(&label)
            }),
        };
        if !taken.iter().any(|taken| is_taken(taken, &label)) {
            let message = format!(
                "no framework takes the jobs of the class '{}': none has '{label}' in `takes`",
                class.name
            );
            problems.push(Problem::anywhere(message).help(suggest(&label, &taken)));
        }
    }
}

/// The files of services. What the workload needs is looked at when it is opened.
fn check_files(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let workload = scenario.workload.iter().flat_map(WorkloadConfig::needs);
    let mut all: Vec<_> = workload.map(|(key, needs)| (format!("workload.{key}"), needs)).collect();
    for (index, framework) in scenario.frameworks.iter().enumerate() {
        let Some((needs, place)) = framework.needs() else { continue };
        let kind = if framework.service.is_some() { "service" } else { "stateful" };
        let key = format!("frameworks[{index}].{kind}.");
        let mut violations = Vec::new();
        files::check(&needs, &key, &mut violations);
        all.push((key.clone(), needs));
        files::check_all(&all, &mut violations);
        // Those of others were told before.
        for violation in violations.iter().filter(|it| it.key.starts_with(&key)) {
            let message = format!("{}: {}", violation.key, violation.problem);
            problems.push(Problem::at(place.clone(), message));
        }
    }
}

fn batch(scenario: &Scenario) -> impl Iterator<Item = &FrameworkConfig> {
    scenario.frameworks.iter().filter(|framework| framework.is_batch())
}

/// A run ends with its work, or at its end.
fn check_end(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let has_batch = batch(scenario).next().is_some();
    if scenario.workload.is_none() && (has_batch || scenario.frameworks.is_empty()) {
        let message = "the key 'workload' is missing";
        let help = "add one, such as [[workload.synthetic.classes]], or only frameworks with \
                    `service` or `stateful`";
        problems.push(Problem::anywhere(message).help(Some(help.to_owned())));
    }
    if scenario.workload.is_some() && !has_batch && !scenario.frameworks.is_empty() {
        problems.push(Problem::anywhere("there is a workload, but no batch framework to run it"));
    }
    let endless = scenario.frameworks.iter().find(|framework| !framework.is_batch());
    if let (Some(framework), None) = (endless, scenario.until) {
        let name = framework.name.get_ref();
        let message = format!("'{name}' runs for ever, and it is not said when the run ends");
        let problem = Problem::at(framework.name.span(), message);
        problems.push(problem.help(Some("give the scenario an end, as in until = \"1d\"".into())));
    }
}

fn check_roles(framework: &FrameworkConfig, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for role in framework.all_roles() {
        if !seen.insert(role.get_ref()) {
            let message = format!("the role '{}' is listed twice", role.get_ref());
            problems.push(Problem::at(role.span(), message));
        }
    }
    if framework.stateful.is_some()
        && let Some(role) = framework.roles.first()
    {
        let message = "a stateful framework has one role, for which it reserves";
        problems.push(Problem::at(role.span(), message));
    }
}

/// What is of one kind of framework and is given to another would be forgotten silently.
fn check_kind(framework: &FrameworkConfig, problems: &mut Vec<Problem>) {
    if let Some(service) = &framework.service {
        check_demand(&service.get_ref().demand, problems);
        check_spread(&service.get_ref().spread, service.span(), problems);
    }
    if let Some(stateful) = &framework.stateful {
        let config = stateful.get_ref();
        check_demand(&config.demand, problems);
        check_spread(&config.spread, stateful.span(), problems);
        if config.demand.get_ref().disk.amount() == 0 {
            let message = "a replica has no disk: its volume would be empty";
            problems.push(Problem::at(config.demand.span(), message));
        }
        let factor = &config.replication_factor;
        if !(1..=config.replicas.get()).contains(factor.get_ref()) {
            let message = format!(
                "replication_factor is {}: expected 1 to {}, the replicas",
                factor.get_ref(),
                config.replicas,
            );
            // A default is wrong where there are few replicas.
            let place = if factor.span().is_empty() { stateful.span() } else { factor.span() };
            problems.push(Problem::at(place, message));
        }
        if framework.service.is_some() {
            let message = "a framework is of one kind: `service` and `stateful` are both given";
            problems.push(Problem::at(stateful.span(), message));
        }
    }
    if framework.is_batch() {
        return;
    }
    let name = &framework.name;
    for (key, is_given) in [
        ("takes", !framework.takes.is_empty()),
        ("order", !matches!(framework.order, Order::Fifo)),
        ("placement", !matches!(framework.placement, PlacementRule::FirstFit)),
        ("max_tasks_per_offer", framework.max_tasks_per_offer.is_some()),
        ("hold", framework.hold.offers > 0),
        ("think", !framework.think.is_zero()),
    ] {
        if is_given {
            let message =
                format!("`{key}` is of batch frameworks, and '{}' is none", name.get_ref());
            problems.push(Problem::at(name.span(), message));
        }
    }
}

fn check_demand(demand: &Spanned<TaskDemand>, problems: &mut Vec<Problem>) {
    if demand.get_ref().quantities().is_zero() {
        problems.push(Problem::at(demand.span(), "this asks for nothing"));
    }
}

fn check_spread(
    spread: &super::SpreadConfig,
    place: std::ops::Range<usize>,
    problems: &mut Vec<Problem>,
) {
    match (spread.by, &spread.attribute) {
        (SpreadRule::Attribute, None) => {
            problems.push(Problem::at(place, "it is not said by which `attribute` this is spread"));
        }
        (SpreadRule::Agent | SpreadRule::Zone | SpreadRule::Region, Some(attribute)) => {
            let message = "an attribute needs spread.by = \"attribute\"";
            problems.push(Problem::at(attribute.span(), message));
        }
        (SpreadRule::Attribute, Some(_))
        | (SpreadRule::Agent | SpreadRule::Zone | SpreadRule::Region, None) => {}
    }
}
