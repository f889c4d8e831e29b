//! What the links of a network carry over time.

use super::Figure;
use super::axis::Axis;
use super::chart::Chart;
use super::drawing::Drawing;
use super::legend::Entry;
use super::palette::{DISTINCT_STYLES, Style};
use super::utilisation::averaging;
use crate::series::{Grid, Step};
use crate::tables::{LinkLoad, Links, Run};

const TITLE: &str = "Use of links";
const MEGABYTE: f64 = 1e6;
/// Of the line of the busiest link, beside that of the mean.
const THIN: f64 = 0.75;

/// A kind of links has a colour: a thick line for the mean of all, a thin one for the busiest.
pub(super) fn figure(run: &Run) -> Figure {
    let links = &run.events.links[..run.events.links.len().min(DISTINCT_STYLES)];
    let times: Vec<f64> =
        links.first().map_or(&[][..], |of| &of.loads).iter().map(|load| load.time_s).collect();
    let spans = times.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let grid = Grid::new(spans, 2 * links.len());
    let caption = format!(
        "What links carry, in MB a second, by their kind: the mean of all (thick) and the link \
         that is busiest at the time (thin). Up is towards the core. Rates are those at the instants of \
         samples.{}",
        averaging(&grid)
    );
    let drawing = match grid.span() {
        Some(span) => draw(links, &grid, span),
        None => Chart::no_data(TITLE, "network.csv has fewer than two rows"),
    };
    Figure { name: "links", title: TITLE, caption, drawing }
}

fn draw(links: &[Links], grid: &Grid, (start, end): (f64, f64)) -> Drawing {
    let mut curves: Vec<(Vec<Step>, Style)> = Vec::new();
    let mut legend = Vec::new();
    for (index, of) in links.iter().enumerate() {
        let style = Style::of_series(index);
        let steps =
            |value: fn(&LinkLoad) -> f64| grid.steps(|i| Some(value(&of.loads[i]) / MEGABYTE));
        curves.push((steps(|load| load.mean), style));
        if of.count > 1 {
            curves.push((steps(|load| load.busiest), Style { width: THIN, ..style }));
        }
        legend.push(Entry::line(&format!("{} ({})", of.name, of.count), style));
    }
    let steps = curves.iter().flat_map(|(steps, _)| steps);
    let most = steps.fold(0.0_f64, |most, step| most.max(step.value));
    let y = Axis::from_zero("MB a second".to_owned(), most);
    let mut chart = Chart::new(TITLE, &Axis::time(start, end), &y, &legend, &[]);
    for (steps, style) in curves.iter().rev() {
        chart.steps(steps, *style);
    }
    chart.finish()
}
