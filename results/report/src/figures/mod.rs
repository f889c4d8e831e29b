//! The figures of a run, one file each, as drawings that a canvas turns into SVG and PNG.

mod availability;
mod axis;
mod bounded_slowdown;
mod canvas;
mod chart;
mod cumulative;
mod dashes;
mod dominant_share;
mod drawing;
mod fetches;
mod font;
mod gauges;
mod latency;
mod legend;
mod links;
mod offers;
mod palette;
mod ports;
mod role_styles;
mod tls;
mod utilisation;
mod waiting_time;

pub(crate) use canvas::{png, svg};
pub(crate) use palette::COLOURS;

use crate::tables::{BestEffort, Gauges, Run, TlsTime};
use drawing::Drawing;

/// One figure, drawn but not yet written in any format.
pub(crate) struct Figure {
    /// The file's name without its extension.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What one sees, in what unit.
    pub(crate) caption: String,
    pub(crate) drawing: Drawing,
}

type Draw = fn(&Run) -> Figure;

/// The figures of every run.
const ALWAYS: [Draw; 5] = [
    utilisation::figure,
    dominant_share::figure,
    waiting_time::figure,
    bounded_slowdown::figure,
    offers::figure,
];

/// The figures of this run in the order of the page: those of every run, and those of what it has
/// tables for.
pub(crate) fn of(run: &Run) -> Vec<Draw> {
    let mut figures = ALWAYS.to_vec();
    if !run.events.gauges.is_empty() {
        figures.extend([gauges::agents as Draw, gauges::task_states]);
    }
    let shows = |of: fn(&Gauges) -> BestEffort| {
        run.events.gauges.iter().any(|row| of(row) != BestEffort::default())
    };
    if shows(|row| row.best_effort_cpus) {
        figures.push(gauges::best_effort_cpus);
    }
    if shows(|row| row.best_effort_mem) {
        figures.push(gauges::best_effort_mem);
    }
    if !run.events.services.is_empty() {
        figures.push(availability::figure);
    }
    if !run.events.latencies.is_empty() {
        figures.push(latency::figure);
    }
    if !run.events.fetches.is_empty() {
        figures.extend([fetches::hit_rate as Draw, fetches::launch_delay]);
    }
    if !run.events.links.is_empty() {
        figures.push(links::figure);
    }
    if !TlsTime::of(&run.summary).is_empty() {
        figures.push(tls::figure);
    }
    if !run.events.ports.is_empty() {
        figures.push(ports::figure);
    }
    figures
}
