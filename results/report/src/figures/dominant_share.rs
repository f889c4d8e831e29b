//! How the cluster is divided among the roles over time.

use super::Figure;
use super::axis::Axis;
use super::chart::Chart;
use super::drawing::Drawing;
use super::legend::Entry;
use super::palette::{OTHERS, Style};
use super::role_styles::{RoleStyles, others_caption, others_label};
use super::utilisation::averaging;
use crate::series::{Grid, Step};
use crate::tables::{RoleRow, Run};

const TITLE: &str = "Dominant share by role";

pub(super) fn figure(run: &Run) -> Figure {
    let grid = grid(run);
    let styles = RoleStyles::of(run);
    let (mut lines, mut others) = (Vec::new(), Vec::new());
    for (role, rows) in &run.roles.roles {
        let steps = steps(&grid, rows);
        match styles.style(role) {
            Some(style) => lines.push((role.as_str(), style, steps)),
            None => others.push(steps),
        }
    }
    let caption = format!(
        "The largest of a role's shares of the cluster's resources, in percent: what dominant \
         resource fairness makes equal.{}{}",
        averaging(&grid),
        others_caption(others.len())
    );
    let drawing = match grid.span() {
        None => Chart::no_data(TITLE, "roles.csv has no rows"),
        Some(span) => draw(&lines, &others, span),
    };
    Figure { name: "dominant_share", title: TITLE, caption, drawing }
}

/// Intervals from one instant of the table to the next. The table has their ends only; the first
/// begins where the timeline does.
fn grid(run: &Run) -> Grid {
    let times = run.roles.times();
    let first = run.timeline.span().map_or(0.0, |(start, _)| start);
    let starts = std::iter::once(first).chain(times.iter().copied());
    let spans = starts.zip(&times).map(|(start, end)| (start.min(*end), *end));
    Grid::new(spans.collect(), run.roles.roles.len())
}

fn steps(grid: &Grid, rows: &[RoleRow]) -> Vec<Step> {
    let share = |end: f64| {
        let place = rows.binary_search_by(|row| row.time_s.total_cmp(&end)).ok()?;
        Some(100.0 * rows[place].dominant_share)
    };
    grid.steps_at_ends(share)
}

fn draw(lines: &[(&str, Style, Vec<Step>)], others: &[Vec<Step>], span: (f64, f64)) -> Drawing {
    let all = lines.iter().map(|(_, _, steps)| steps).chain(others).flatten();
    let most = all.fold(0.0_f64, |most, step| most.max(step.value));
    let mut legend: Vec<Entry> =
        lines.iter().map(|(role, style, _)| Entry::line(role, *style)).collect();
    if !others.is_empty() {
        legend.push(Entry::area(&others_label(others.len()), OTHERS, 0.5));
    }
    let y = Axis::from_zero("dominant share (%)".to_owned(), most);
    let mut chart = Chart::new(TITLE, &Axis::time(span.0, span.1), &y, &legend, &[]);
    chart.band(&range(others), OTHERS, 0.5);
    for (_, style, steps) in lines.iter().rev() {
        chart.steps(steps, *style);
    }
    chart.finish()
}

/// Lowest and highest over all series that have a step at the same place.
fn range(series: &[Vec<Step>]) -> Vec<(f64, f64, f64, f64)> {
    let mut steps: Vec<&Step> = series.iter().flatten().collect();
    steps.sort_by(|a, b| a.start.total_cmp(&b.start));
    steps
        .chunk_by(|a, b| a.start.total_cmp(&b.start).is_eq())
        .map(|same| {
            let low = same.iter().map(|step| step.value).fold(f64::INFINITY, f64::min);
            let high = same.iter().map(|step| step.value).fold(0.0, f64::max);
            (same[0].start, same[0].end, low, high)
        })
        .collect()
}
