//! Blocks of ephemeral ports over time, and when launches failed for want of one.

use super::Figure;
use super::axis::Axis;
use super::chart::Chart;
use super::drawing::Drawing;
use super::legend::Entry;
use super::palette::{BLUE, INK, Style, VERMILION};
use super::utilisation::averaging;
use crate::series::Grid;
use crate::tables::{Ports, Run};

const TITLE: &str = "Blocks of ephemeral ports";
const USED: Style = Style::solid(BLUE);
const LIMIT: Style = Style::thin(INK);
const FAILED: Style = Style::thin(VERMILION);

/// The blocks in use and their number, with marks where launches failed.
pub(super) fn figure(run: &Run) -> Figure {
    let rows = &run.events.ports;
    let spans = rows.windows(2).map(|pair| (pair[0].time_s, pair[1].time_s)).collect();
    let grid = Grid::new(spans, 2);
    let failed = rows.last().map_or(0.0, |row| row.failed);
    let caption = format!(
        "Blocks of ephemeral ports that containers have, and how many there are, on all agents together. An \
         agent may have none left while others have. Short marks at the top: samples before which launches \
         failed for want of a block, {failed} in all.{}",
        averaging(&grid)
    );
    let drawing = match grid.span() {
        Some(span) => draw(rows, &grid, span),
        None => Chart::no_data(TITLE, "ports.csv has fewer than two rows"),
    };
    Figure { name: "ports", title: TITLE, caption, drawing }
}

fn draw(rows: &[Ports], grid: &Grid, (start, end): (f64, f64)) -> Drawing {
    let used = grid.steps(|i| Some(rows[i].used));
    let limit = grid.steps(|i| Some(rows[i].blocks));
    let most = limit.iter().chain(&used).fold(0.0_f64, |most, step| most.max(step.value));
    let failures: Vec<f64> = rows
        .windows(2)
        .filter(|pair| pair[1].failed > pair[0].failed)
        .map(|pair| pair[1].time_s)
        .collect();
    let mut legend = vec![Entry::line("in use", USED), Entry::line("limit", LIMIT)];
    if !failures.is_empty() {
        legend.push(Entry::tick("failed launches", FAILED));
    }
    // The marks have a strip of their own above the curves.
    let y = Axis::from_zero("blocks".to_owned(), most * 1.1);
    let mut chart = Chart::new(TITLE, &Axis::time(start, end), &y, &legend, &[]);
    chart.steps(&limit, LIMIT);
    chart.steps(&used, USED);
    chart.ticks(&failures, 0, FAILED);
    chart.finish()
}
