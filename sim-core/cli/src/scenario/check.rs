//! What no type can say about a scenario. All problems are reported at once.

use super::error::{Problem, suggest};
use super::{MappingRule, MasterFlags, Scenario};
use policy_api::{NamedQuantities, Resources, Scalar, is_strict_subrole, validate_role};
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use workloads::WorkloadConfig;
use workloads::nearest;

pub(super) fn check(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Vec::new();
    check_name(&scenario.name, &mut problems);
    check_agents(scenario, &mut problems);
    check_frameworks(scenario, &mut problems);
    check_roles(scenario, &mut problems);
    check_master(&scenario.master, &mut problems);
    check_output(scenario, &mut problems);
    problems
}

/// What is beyond these is a slip of the keyboard, and would take all memory before it ends.
const MOST_AGENTS: u64 = 1_000_000;
const MOST_ROWS: u64 = 1_000_000;
/// Bytes of the name of an agent group or framework.
const LONGEST_NAME: usize = 200;
/// Bytes of a role's path, and of the resources of an agent.
const LONGEST_TEXT: usize = 4_096;
/// Thousandths that a double holds exactly.
const MOST_AMOUNT: i128 = 1 << 53;

/// Whether a text is short enough.
fn check_length(
    what: &str,
    text: &Spanned<String>,
    most: usize,
    problems: &mut Vec<Problem>,
) -> bool {
    let length = text.get_ref().len();
    if length > most {
        let message = format!("{what} is {length} bytes long: expected at most {most}");
        problems.push(Problem::at(text.span(), message));
    }
    length <= most
}

fn check_name(name: &Spanned<String>, problems: &mut Vec<Problem>) {
    let text = name.get_ref();
    let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if text.is_empty() || text.starts_with('.') || !text.chars().all(good) {
        problems.push(Problem::at(
            name.span(),
            format!("the name '{text}' cannot name a folder: use letters, digits, - _ and ."),
        ));
    }
    check_length("the name", name, LONGEST_NAME, problems);
}

fn check_agents(scenario: &Scenario, problems: &mut Vec<Problem>) {
    if scenario.agents.is_empty() && scenario.machines.is_none() {
        problems.push(Problem::anywhere("there are no agents").help(Some(
            "add a group: [[agents]] with name, count and resources, or [machines.<format>]".into(),
        )));
    }
    let count: u64 = scenario.agents.iter().map(|group| u64::from(group.count.get())).sum();
    if count > MOST_AGENTS {
        let message = format!("there are {count} agents: expected at most {MOST_AGENTS}");
        problems.push(Problem::anywhere(message));
    }
    let mut names = BTreeSet::new();
    let mut total = [0; Scalar::COUNT];
    for group in &scenario.agents {
        let name = group.name.get_ref();
        check_length("the name of these agents", &group.name, LONGEST_NAME, problems);
        if !names.insert(name) {
            let message = format!("a second group of agents is called '{name}'");
            problems.push(Problem::at(group.name.span(), message));
        }
        if !check_length("the list of resources", &group.resources, LONGEST_TEXT, problems) {
            continue;
        }
        match group.resources.get_ref().parse::<Resources>() {
            Err(error) => {
                problems.push(Problem::at(group.resources.span(), error.to_string()));
            }
            Ok(resources) if resources.is_empty() => {
                let message = "these agents have no resources".to_owned();
                problems.push(Problem::at(group.resources.span(), message));
            }
            Ok(resources) => {
                for (scalar, amount) in resources.scalar_quantities().iter() {
                    total[scalar as usize] += i128::from(amount) * i128::from(group.count.get());
                }
            }
        }
    }
    for scalar in Scalar::ALL {
        if total[scalar as usize] > MOST_AMOUNT {
            let (name, most) = (scalar.name(), MOST_AMOUNT / 1000);
            let message = format!("all agents together have more than {most} {name}: ");
            problems.push(Problem::anywhere(message + "that cannot be counted exactly"));
        }
    }
}

fn check_frameworks(scenario: &Scenario, problems: &mut Vec<Problem>) {
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
    check_takes(scenario, problems);
    check_classes(scenario, problems);
    if !scenario.frameworks.is_empty()
        && scenario.frameworks.iter().all(|framework| !framework.takes.is_empty())
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
    let WorkloadConfig::Synthetic(workload) = &scenario.workload else { return };
    if scenario.frameworks.iter().any(|framework| framework.takes.is_empty()) {
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

/// A priority, or the first and the last of several: `3`, `0-8`.
pub(crate) fn parse_band(text: &str) -> Option<(u8, u8)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some((first, last))
}

fn check_roles(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let roles = scenario.roles.iter().map(|role| &role.name);
    for role in roles.chain(scenario.frameworks.iter().map(|framework| &framework.role)) {
        if !check_length("the role", role, LONGEST_TEXT, problems) {
            continue;
        }
        if let Err(error) = validate_role(role.get_ref()) {
            problems.push(Problem::at(role.span(), error.to_string()));
        }
    }
    let used: Vec<&str> =
        scenario.frameworks.iter().map(|framework| framework.role.get_ref().as_str()).collect();
    let mut names = BTreeSet::new();
    for role in &scenario.roles {
        let name = role.name.get_ref();
        if !names.insert(name) {
            let message = format!("the role '{name}' is listed twice");
            problems.push(Problem::at(role.name.span(), message));
        }
        if !used.iter().any(|used| used == name || is_strict_subrole(used, name)) {
            let help = nearest(name, used.iter().copied());
            problems.push(
                Problem::at(role.name.span(), format!("no framework is in the role '{name}'"))
                    .help(help.map(|near| format!("did you mean '{near}'?"))),
            );
        }
        let weight = *role.weight.get_ref();
        if !(weight.is_finite() && weight > 0.0) {
            let message = format!("the weight of '{name}' is {weight}: expected more than 0");
            problems.push(Problem::at(role.weight.span(), message));
        }
    }
}

fn check_master(flags: &MasterFlags, problems: &mut Vec<Problem>) {
    if flags.allocation_interval.get_ref().0.is_zero() {
        let message = "allocation_interval is 0: expected more";
        problems.push(Problem::at(flags.allocation_interval.span(), message));
    }
    if let Some(timeout) = &flags.offer_timeout
        && timeout.get_ref().0.is_zero()
    {
        problems.push(Problem::at(timeout.span(), "offer_timeout is 0: expected more"));
    }
    let sets = &flags.min_allocatable_resources;
    if !check_length("min_allocatable_resources", sets, LONGEST_TEXT, problems) {
        return;
    }
    for set in sets.get_ref().split('|') {
        if let Err(error) = set.parse::<NamedQuantities>() {
            problems.push(Problem::at(sets.span(), error.to_string()));
        }
    }
    let known = Scalar::ALL.map(Scalar::name);
    for name in &flags.fair_sharing_excluded_resource_names {
        if Scalar::from_name(name.get_ref()).is_none() {
            let message = format!("unknown resource '{}'", name.get_ref());
            let problem = Problem::at(name.span(), message);
            problems.push(problem.help(suggest(name.get_ref(), &known)));
        }
    }
}

fn check_output(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let Some(interval) = &scenario.output.sample_interval else { return };
    let nanos = interval.get_ref().0.as_nanos();
    if nanos == 0 {
        problems.push(Problem::at(interval.span(), "sample_interval is 0: expected more"));
    } else if let Some(until) = scenario.until
        && until.0.as_nanos() / nanos > MOST_ROWS
    {
        let rows = until.0.as_nanos() / nanos;
        let message = format!("the timeline would have {rows} rows: expected at most {MOST_ROWS}");
        problems.push(Problem::at(interval.span(), message));
    }
}
