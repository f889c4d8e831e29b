//! The master's gauges over time, with marks where faults strike and operators call.

use super::Figure;
use super::axis::Axis;
use super::chart::Chart;
use super::drawing::Drawing;
use super::legend::Entry;
use super::palette::{BLUE, GREEN, INK, ORANGE, PURPLE, Style, VERMILION};
use super::utilisation::averaging;
use crate::series::{Grid, Step};
use crate::tables::{Gauges, Run};

type Gauge = (&'static str, Style, fn(&Gauges) -> f64);

const AGENTS: [Gauge; 3] = [
    ("active", Style::solid(GREEN), |it| it.agents_active),
    ("registered, not active", Style::solid(ORANGE), |it| it.agents_inactive),
    ("unreachable", Style::solid(VERMILION), |it| it.agents_unreachable),
];

const TASKS: [Gauge; 5] = [
    ("running", Style::solid(BLUE), |it| it.tasks_running),
    ("staging", Style::solid(GREEN), |it| it.tasks_staging),
    ("starting", Style::solid(ORANGE), |it| it.tasks_starting),
    ("being killed", Style::solid(PURPLE), |it| it.tasks_killing),
    ("unreachable", Style::solid(VERMILION), |it| it.tasks_unreachable),
];

const BEST_EFFORT_CPUS: [Gauge; 3] = [
    ("can be given out", Style::solid(INK), |it| it.best_effort_cpus.estimated),
    ("in use", Style::solid(BLUE), |it| it.best_effort_cpus.used),
    ("offered", Style::solid(ORANGE), |it| it.best_effort_cpus.offered),
];

const BEST_EFFORT_MEM: [Gauge; 3] = [
    ("can be given out", Style::solid(INK), |it| it.best_effort_mem.estimated),
    ("in use", Style::solid(BLUE), |it| it.best_effort_mem.used),
    ("offered", Style::solid(ORANGE), |it| it.best_effort_mem.offered),
];

const FAULT: Style = Style::thin(VERMILION);
const CALL: Style = Style::thin(INK);

/// Agents by what the master knows of them.
pub(super) fn agents(run: &Run) -> Figure {
    figure(run, "agents", "Agents", "agents", "Agents as the master knows them.", &AGENTS)
}

/// Tasks by their states.
pub(super) fn task_states(run: &Run) -> Figure {
    let caption =
        "Tasks by their state in the master's books; states that never occur are left out.";
    let occurs = |(.., value): &&Gauge| run.events.gauges.iter().any(|row| value(row) > 0.0);
    let gauges: Vec<Gauge> = TASKS.iter().filter(occurs).copied().collect();
    figure(run, "task_states", "Task states", "tasks", caption, &gauges)
}

const BEST_EFFORT: &str = "What may be taken away again: what all agents together estimate, what of it best effort holds, and \
     what stands in offers. After an estimate has shrunk more may be held than can be given out.";

/// Oversubscribed cores over time.
pub(super) fn best_effort_cpus(run: &Run) -> Figure {
    let title = "Revocable cpus";
    figure(run, "revocable_cpus", title, "cpus", BEST_EFFORT, &BEST_EFFORT_CPUS)
}

/// Oversubscribed memory over time.
pub(super) fn best_effort_mem(run: &Run) -> Figure {
    let title = "Revocable memory";
    figure(run, "revocable_mem", title, "memory (MB)", BEST_EFFORT, &BEST_EFFORT_MEM)
}

fn figure(
    run: &Run,
    name: &'static str,
    title: &'static str,
    unit: &str,
    caption: &str,
    gauges: &[Gauge],
) -> Figure {
    let rows = &run.events.gauges;
    let grid = Grid::new(spans(run), gauges.len());
    let (faults, calls) = (run.events.faults_s.len(), run.events.calls_s.len());
    let caption = format!(
        "{caption} While there is no master everything is zero. Short marks at the top: {faults} \
         faults that begin (red) and {calls} calls of operators (dark, below them).{}",
        averaging(&grid)
    );
    let drawing = match grid.span() {
        Some(span) if rows.len() > 1 => draw(run, title, unit, gauges, &grid, span),
        _ => Chart::no_data(title, "master.csv has fewer than two rows"),
    };
    Figure { name, title, caption, drawing }
}

/// A sample holds until the next.
fn spans(run: &Run) -> Vec<(f64, f64)> {
    run.events.gauges.windows(2).map(|pair| (pair[0].time_s, pair[1].time_s)).collect()
}

fn draw(
    run: &Run,
    title: &str,
    unit: &str,
    gauges: &[Gauge],
    grid: &Grid,
    (start, end): (f64, f64),
) -> Drawing {
    let rows = &run.events.gauges;
    let curves: Vec<Vec<Step>> =
        gauges.iter().map(|(.., value)| grid.steps(|i| Some(value(&rows[i])))).collect();
    let most = curves.iter().flatten().fold(0.0_f64, |most, step| most.max(step.value));
    let mut legend: Vec<Entry> =
        gauges.iter().map(|(name, style, _)| Entry::line(name, *style)).collect();
    for (name, style, times) in
        [("fault", FAULT, &run.events.faults_s), ("operator's call", CALL, &run.events.calls_s)]
    {
        if !times.is_empty() {
            legend.push(Entry::tick(name, style));
        }
    }
    // The marks have a strip of their own above the curves.
    let y = Axis::from_zero(unit.to_owned(), most * 1.1);
    let mut chart = Chart::new(title, &Axis::time(start, end), &y, &legend, &[]);
    for (steps, (_, style, _)) in curves.iter().zip(gauges).rev() {
        chart.steps(steps, *style);
    }
    chart.ticks(&run.events.faults_s, 0, FAULT);
    chart.ticks(&run.events.calls_s, 1, CALL);
    chart.finish()
}
