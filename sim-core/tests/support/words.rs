//! The words of which scripts are made: `1.5s`, `F0`, `T0.1=cpus:1;mem:512@10s`.

use super::notation;
use policy_api::{DenseId, Quantities, Resources, Span, Time};
use sim_core::protocol::{Launch, TaskId, TaskState};
use sim_core::{Constraint, Job, TaskRun, TaskShape};

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

/// `T0=cpus:1@10s`; ten seconds where no duration is given.
pub(crate) fn launch(word: &str) -> Launch {
    let (task, what) = word.split_once('=').unwrap_or_else(|| panic!("'{word}' has no '='"));
    let (demand, duration) = what.split_once('@').unwrap_or((what, "10s"));
    Launch { task: task_id(task), resources: resources(demand), duration: span(duration) }
}

pub(crate) fn launch_name(launch: &Launch) -> String {
    let Launch { task, resources, duration } = launch;
    let resources = notation::write(resources);
    format!("{}={resources}@{duration}", task_name(*task))
}

/// `TASK_RUNNING`.
pub(crate) fn state(word: &str) -> TaskState {
    [
        TaskState::Staging,
        TaskState::Starting,
        TaskState::Running,
        TaskState::Finished,
        TaskState::Failed,
        TaskState::Lost,
        TaskState::Dropped,
        TaskState::Error,
    ]
    .into_iter()
    .find(|state| state.name() == word)
    .unwrap_or_else(|| panic!("'{word}' is not a state"))
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
        shapes.push(TaskShape { demand, constraints: constraints.clone() });
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
