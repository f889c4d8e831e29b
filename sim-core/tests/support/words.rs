//! The words of which scripts are made: `1.5s`, `F0`, `T0.1=cpus:1;mem:512@10s`.

use super::notation;
use policy_api::{DenseId, Quantities, Resources, Span, Time};
use sim_core::protocol::{ExecutorId, ExecutorInfo, Launch, LaunchDetails, TaskId, TaskState};
use sim_core::{Constraint, Job, TaskRun, TaskShape};
use std::sync::Arc;

pub(crate) fn secs(secs: u64) -> Span {
    Span::from_secs(secs)
}

pub(crate) fn millis(millis: u64) -> Span {
    Span::from_millis(millis)
}

/// An instant: this long after the start.
pub(crate) fn at(span: Span) -> Time {
    Time::ZERO + span
}

/// `1.5s`.
pub(crate) fn span(word: &str) -> Span {
    let secs = word.strip_suffix('s').and_then(|number| number.parse().ok());
    secs.and_then(Span::from_secs_f64).unwrap_or_else(|| panic!("'{word}' is not like 1.5s"))
}

/// An instant to a tenth of a second, rounded down.
pub(crate) fn tenths(now: Time) -> Time {
    Time::from_nanos(now.as_nanos() / 100_000_000 * 100_000_000)
}

/// `F0`, `A3`: a letter and a number.
pub(crate) fn id<I: DenseId>(word: &str) -> I {
    I::from_index(number(word))
}

/// The number behind a letter.
pub(crate) fn number(word: &str) -> usize {
    word.get(1..).and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("'{word}'?"))
}

/// `T3`, or `T3.1` for the second task in that slot.
pub(crate) fn task_id(word: &str) -> TaskId {
    let (slot, generation) = word.split_once('.').unwrap_or((word, "0"));
    let slot = u32::try_from(number(slot)).unwrap();
    TaskId { slot, generation: generation.parse().unwrap() }
}

pub(crate) fn task_name(task: TaskId) -> String {
    match task.generation {
        0 => format!("T{}", task.slot),
        generation => format!("T{}.{generation}", task.slot),
    }
}

/// `cpus:1;mem:512`, and what else [`notation`] can read; `nothing`.
pub(crate) fn resources(word: &str) -> Resources {
    if word == "nothing" {
        return Resources::EMPTY;
    }
    notation::read(word)
}

pub(crate) fn quantities(word: &str) -> Quantities {
    resources(word).scalar_quantities()
}

/// `T0=cpus:1@10s`; ten seconds where no duration is given. `T0=cpus:1/E0=cpus:0.1` in an executor.
pub(crate) fn launch(word: &str) -> Launch {
    if let Some((task, executor)) = word.split_once("/E") {
        let (id, what) = executor.split_once('=').unwrap_or((executor, "nothing"));
        let id = ExecutorId(id.parse().unwrap_or_else(|_| panic!("'{word}'?")));
        let executor =
            ExecutorInfo { id, resources: resources(what), shutdown_grace: None, command: None };
        let executor = Some(Arc::new(executor));
        let details = Some(Arc::new(LaunchDetails { executor, ..LaunchDetails::default() }));
        return Launch { details, ..launch(task) };
    }
    let (task, what) = word.split_once('=').unwrap_or_else(|| panic!("'{word}' has no '='"));
    // What principals have reserved has an '@' as well.
    let (demand, duration) = what
        .rsplit_once('@')
        .filter(|(_, end)| end.starts_with(|c: char| c.is_ascii_digit()) && end.ends_with('s'))
        .unwrap_or((what, "10s"));
    Launch::command(task_id(task), resources(demand), span(duration))
}

pub(crate) fn launch_name(launch: &Launch) -> String {
    let Launch { task, resources, duration, details: _ } = launch;
    let resources = notation::write(resources);
    let duration = if *duration == Span::MAX { "ever".to_owned() } else { duration.to_string() };
    format!("{}={resources}@{duration}", task_name(*task))
}

/// `TASK_RUNNING`.
pub(crate) fn state(word: &str) -> TaskState {
    let mut states = TaskState::ALL.into_iter();
    states.find(|state| state.name() == word).unwrap_or_else(|| panic!("'{word}' is not a state"))
}

/// A job in one line: runs of tasks like `3xcpus:1;mem:512@10s`, constraints of all tasks like
/// `unique` or `zone=a,b`.
pub(crate) fn job(arrival: Time, line: &str) -> Job {
    let mut constraints = Vec::new();
    let mut runs = Vec::new();
    for word in line.split_whitespace() {
        if word == "unique" {
            constraints.push(Constraint::UniqueAgent);
        } else if let Some((name, values)) = word.split_once('=') {
            let values = values.split(',').map(Into::into).collect();
            constraints.push(Constraint::AttributeIn { name: name.into(), values });
        } else {
            runs.push(word);
        }
    }
    let mut shapes = Vec::new();
    let mut tasks = Vec::new();
    for run in runs {
        let (count, what) = run.split_once('x').unwrap_or(("1", run));
        let (demand, duration) = what.split_once('@').unwrap_or((what, "10s"));
        let (demand, count) = (quantities(demand), count.parse().unwrap());
        let shape = u32::try_from(shapes.len()).unwrap();
        shapes.push(TaskShape { demand, constraints: constraints.clone(), details: None });
        tasks.push(TaskRun { shape, count, duration: span(duration) });
    }
    Job {
        arrival,
        name: line.into(),
        user: "".into(),
        queue: "".into(),
        priority: 0,
        shapes,
        tasks,
    }
}
