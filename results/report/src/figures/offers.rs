//! What becomes of the master's offers over time.

use super::Figure;
use super::axis::Axis;
use super::chart::Chart;
use super::drawing::Drawing;
use super::legend::Entry;
use super::palette::{BLUE, GREEN, ORANGE, Style, VERMILION};
use super::utilisation::averaging;
use crate::format;
use crate::series::{Grid, Step};
use crate::tables::{Interval, Run};

const TITLE: &str = "Offers";

type Count = fn(&Interval) -> f64;

const KINDS: [(&str, Style, Count); 4] = [
    ("made", Style::solid(BLUE), |interval| interval.offers_made),
    ("accepted", Style::solid(GREEN), |interval| interval.offers_accepted),
    ("declined", Style::solid(ORANGE), |interval| interval.offers_declined),
    ("rescinded", Style::solid(VERMILION), |interval| interval.offers_rescinded),
];

/// Seconds and the name of what the rates are given per.
const PER: [(f64, &str); 3] = [(1.0, "second"), (60.0, "minute"), (3_600.0, "hour")];

pub(super) fn figure(run: &Run) -> Figure {
    let intervals = &run.timeline.intervals;
    let grid = Grid::new(intervals.iter().map(|i| (i.start_s(), i.end_s)).collect(), KINDS.len());
    let rates = KINDS.map(|(_, _, count)| {
        // A rate over no time is unknown.
        grid.steps(|i| {
            let Interval { length_s, .. } = intervals[i];
            (length_s > 0.0).then(|| count(&intervals[i]) / length_s)
        })
    });
    let most = rates.iter().flatten().fold(0.0_f64, |most, step| most.max(step.value));
    // The shortest unit in which the axis reaches one.
    let (seconds, unit) =
        PER.into_iter().find(|(seconds, _)| most * seconds >= 1.0).unwrap_or(PER[0]);
    let caption = format!(
        "Offers that the master made, and that frameworks accepted or declined or the master \
         rescinded, as a rate per {unit}; in brackets the numbers over the whole run.{}",
        averaging(&grid)
    );
    let drawing = match grid.span() {
        None => Chart::no_data(TITLE, "timeline.csv has no rows"),
        Some(_) if rates.iter().all(Vec::is_empty) => {
            Chart::no_data(TITLE, "timeline.csv has only intervals of length zero")
        }
        Some(span) => draw(run, &rates, (seconds, unit), span),
    };
    Figure { name: "offers", title: TITLE, caption, drawing }
}

fn draw(
    run: &Run,
    rates: &[Vec<Step>],
    (seconds, unit): (f64, &str),
    (start, end): (f64, f64),
) -> Drawing {
    let scaled = |step: &Step| Step { value: step.value * seconds, ..*step };
    let rates: Vec<Vec<Step>> =
        rates.iter().map(|steps| steps.iter().map(scaled).collect()).collect();
    let most = rates.iter().flatten().fold(0.0_f64, |most, step| most.max(step.value));
    let legend = KINDS.map(|(name, style, count)| {
        let total: f64 = run.timeline.intervals.iter().map(count).sum();
        Entry::line(&format!("{name} ({})", format::number(total)), style)
    });
    let y = Axis::from_zero(format!("offers per {unit}"), most);
    let mut chart = Chart::new(TITLE, &Axis::time(start, end), &y, &legend, &[]);
    for (steps, (_, style, _)) in rates.iter().zip(KINDS) {
        chart.steps(steps, style);
    }
    chart.finish()
}
