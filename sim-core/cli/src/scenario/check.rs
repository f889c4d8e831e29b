//! What no type can say about a scenario. All problems are reported at once.

use super::check_frameworks::check_frameworks;
use super::error::{Problem, suggest};
use super::{AgentGroup, FrameworkConfig, MasterFlags, Scenario};
use policy_api::{NamedQuantities, Resources, Scalar, is_strict_subrole, validate_role};
use std::collections::BTreeSet;
use toml::Spanned;
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
pub(super) const LONGEST_NAME: usize = 200;
/// Bytes of a role's path, and of the resources of an agent.
const LONGEST_TEXT: usize = 4_096;
/// Thousandths that a double holds exactly.
const MOST_AMOUNT: i128 = 1 << 53;

/// Whether a text is short enough.
pub(super) fn check_length(
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

fn agents_of(scenario: &Scenario) -> u64 {
    scenario.agents.iter().map(|group| u64::from(group.count.get())).sum()
}

/// Whether the agents can be listed at all.
pub(super) fn is_countable(scenario: &Scenario) -> bool {
    agents_of(scenario) <= MOST_AGENTS
}

fn check_agents(scenario: &Scenario, problems: &mut Vec<Problem>) {
    if scenario.agents.is_empty() && scenario.machines.is_none() {
        problems.push(Problem::anywhere("there are no agents").help(Some(
            "add a group: [[agents]] with name, count and resources, or [machines.<format>]".into(),
        )));
    }
    let count = agents_of(scenario);
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
        check_disks(group, problems);
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

/// A priority, or the first and the last of several: `3`, `0-8`.
pub(crate) fn parse_band(text: &str) -> Option<(u8, u8)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some((first, last))
}

fn check_disks(group: &AgentGroup, problems: &mut Vec<Problem>) {
    for disk in &group.disks {
        if disk.size.get_ref().amount() == 0 {
            problems.push(Problem::at(disk.size.span(), "this disk has no size"));
        }
        if let Some(role) = &disk.role
            && let Err(error) = validate_role(role.get_ref())
        {
            problems.push(Problem::at(role.span(), error.to_string()));
        }
    }
}

fn check_roles(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let roles = scenario.roles.iter().map(|role| &role.name);
    for role in roles.chain(scenario.frameworks.iter().flat_map(FrameworkConfig::all_roles)) {
        if !check_length("the role", role, LONGEST_TEXT, problems) {
            continue;
        }
        if let Err(error) = validate_role(role.get_ref()) {
            problems.push(Problem::at(role.span(), error.to_string()));
        }
    }
    let used = scenario.frameworks.iter().flat_map(FrameworkConfig::all_roles);
    let used: Vec<&str> = used.map(|role| role.get_ref().as_str()).collect();
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
    for (name, flag) in [
        ("agent_ping_timeout", &flags.agent_ping_timeout),
        ("registry_gc_interval", &flags.registry_gc_interval),
    ] {
        if flag.get_ref().0.is_zero() {
            problems.push(Problem::at(flag.span(), format!("{name} is 0: expected more")));
        }
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
    let output = &scenario.output;
    for (name, what, interval) in [
        ("sample_interval", "the timeline would have", &output.sample_interval),
        ("statistics_interval", "of each agent there would be", &output.statistics_interval),
    ] {
        let Some(interval) = interval else { continue };
        let nanos = interval.get_ref().0.as_nanos();
        if nanos == 0 {
            let message = format!("{name} is 0: expected more");
            problems.push(Problem::at(interval.span(), message));
        } else if let Some(until) = scenario.until
            && until.0.as_nanos() / nanos > MOST_ROWS
        {
            let rows = until.0.as_nanos() / nanos;
            let message = format!("{what} {rows} rows: expected at most {MOST_ROWS}");
            problems.push(Problem::at(interval.span(), message));
        }
    }
}
