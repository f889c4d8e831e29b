//! How much of each resource is in use over time.

use super::Figure;
use super::axis::Axis;
use super::chart::Chart;
use super::drawing::Drawing;
use super::legend::Entry;
use super::palette::{BLUE, GREEN, OTHERS, PURPLE, Style, VERMILION};
use crate::format;
use crate::series::{Grid, Step};
use crate::tables::{ResourceUse, Run};

const TITLE: &str = "Cluster utilisation";
/// Of the band that shows what is offered; several of them may lie on each other.
const BAND_OPACITY: f64 = 0.13;

pub(super) fn figure(run: &Run) -> Figure {
    let spans: Vec<_> = run.timeline.intervals.iter().map(|i| (i.start_s(), i.end_s)).collect();
    let grid = Grid::new(spans, run.timeline.resources.len());
    let caption = format!(
        "Share of each resource of the cluster that is allocated to tasks (line) and, on top of \
         it, offered to a framework but not used yet (band), in percent of what the agents have \
         at that time.{}",
        averaging(&grid)
    );
    let drawing = match grid.span() {
        None => Chart::no_data(TITLE, "timeline.csv has no rows"),
        Some(_) if run.timeline.resources.is_empty() => {
            Chart::no_data(TITLE, "timeline.csv has no resource columns")
        }
        Some(span) => draw(&run.timeline.resources, &grid, span),
    };
    Figure { name: "utilisation", title: TITLE, caption, drawing }
}

/// What one step of a line stands for, as a sentence with a space before it.
pub(super) fn averaging(grid: &Grid) -> String {
    match grid.resolution() {
        None => String::new(),
        Some((1, length)) => {
            format!(" Each step is a time average over {}.", format::duration(length))
        }
        Some((group, length)) => format!(
            " Each step is a time average over {group} sampling intervals, {}.",
            format::duration(length)
        ),
    }
}

struct Curves {
    allocated: Vec<Step>,
    /// Allocated and offered together.
    taken: Vec<Step>,
}

fn draw(resources: &[ResourceUse], grid: &Grid, (start, end): (f64, f64)) -> Drawing {
    let curves: Vec<(&ResourceUse, Style, Curves)> =
        resources.iter().map(|use_| (use_, style(use_.name), curves(use_, grid))).collect();
    let most = curves
        .iter()
        .flat_map(|(_, _, curves)| &curves.taken)
        .fold(100.0_f64, |most, step| most.max(step.value));
    let mut legend: Vec<Entry> = curves
        .iter()
        .map(|(use_, style, _)| Entry::line(&format!("{} ({})", use_.name, totals(use_)), *style))
        .collect();
    legend.push(Entry::area("band above: offered, not used", OTHERS, 0.35));
    let y = Axis::from_zero("share of total (%)".to_owned(), most);
    let mut chart = Chart::new(TITLE, &Axis::time(start, end), &y, &legend, &[]);
    for (_, style, curves) in &curves {
        let slices = curves.allocated.iter().zip(&curves.taken).map(|(allocated, taken)| {
            (allocated.start, allocated.end, allocated.value, taken.value)
        });
        chart.band(&slices.collect::<Vec<_>>(), style.colour, BAND_OPACITY);
    }
    for (_, style, curves) in &curves {
        chart.steps(&curves.taken, Style { width: 0.75, ..*style });
    }
    // The first resource is the one most looked at: it is drawn last, on top.
    for (_, style, curves) in curves.iter().rev() {
        chart.steps(&curves.allocated, *style);
    }
    chart.finish()
}

fn curves(resource: &ResourceUse, grid: &Grid) -> Curves {
    // With no agent there is nothing to take a share of: a gap.
    let percent = |amount: f64, total: f64| (total > 0.0).then(|| 100.0 * amount / total);
    let (allocated, offered) = (&resource.allocated, &resource.offered);
    Curves {
        allocated: grid.steps(|i| percent(allocated[i], resource.total[i])),
        taken: grid.steps(|i| percent(allocated[i] + offered[i], resource.total[i])),
    }
}

fn style(resource: &str) -> Style {
    let colour = match resource {
        "cpus" => BLUE,
        "mem" => VERMILION,
        "disk" => GREEN,
        _ => PURPLE,
    };
    Style::solid(colour)
}

/// The size of the cluster; from least to greatest if it changed.
fn totals(resource: &ResourceUse) -> String {
    let least = resource.total.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = resource.total.iter().copied().fold(0.0, f64::max);
    let (least, greatest) =
        (format::amount(resource.name, least), format::amount(resource.name, greatest));
    if least == greatest { greatest } else { format!("{least} to {greatest}") }
}
