//! What the fetcher's cache is good for: its hit rate over time, and how long launches wait for files.

use super::Figure;
use super::axis::Axis;
use super::chart::Chart;
use super::drawing::Drawing;
use super::legend::Entry;
use super::palette::{DISTINCT_STYLES, Style};
use crate::format;
use crate::series::Step;
use crate::tables::{Fetch, Fetches, Run};

const HIT_RATE: &str = "Hit rate of the fetcher's cache";
const LAUNCH_DELAY: &str = "Launch delay by files";

/// Parts of the run over each of which the rate is taken.
const PARTS: usize = 100;
/// Points of a curve.
const POINTS: usize = 400;

pub(super) fn hit_rate(run: &Run) -> Figure {
    let fetches = shown(run);
    let caption = format!(
        "Of the files that containers wanted through the cache, how many were in it or on their way \
         into it, in percent, over each hundredth of the run; in brackets over the whole run.{}",
        rest(run)
    );
    let drawing = match run.timeline.span() {
        Some((start, end)) if end > start => draw_hit_rate(fetches, (start, end)),
        Some(_) | None => Chart::no_data(HIT_RATE, "the run took no time"),
    };
    Figure { name: "fetch_hit_rate", title: HIT_RATE, caption, drawing }
}

pub(super) fn launch_delay(run: &Run) -> Figure {
    let fetches = shown(run);
    let caption = format!(
        "Fraction of the containers that had all their files after the time on the axis, in seconds \
         on a logarithmic scale, from the launch on; in brackets the mean. Further left is better.{}",
        rest(run)
    );
    let drawing = draw_launch_delay(fetches);
    Figure { name: "fetch_launch_delay", title: LAUNCH_DELAY, caption, drawing }
}

fn shown(run: &Run) -> &[Fetches] {
    let fetches = &run.events.fetches;
    &fetches[..fetches.len().min(DISTINCT_STYLES)]
}

fn rest(run: &Run) -> String {
    match run.events.fetches.len() - shown(run).len() {
        0 => String::new(),
        rest => format!(" {rest} frameworks more are not shown."),
    }
}

fn draw_hit_rate(fetches: &[Fetches], (start, end): (f64, f64)) -> Drawing {
    let entry = |(index, (name, rows)): (usize, &Fetches)| {
        let whole = percent(rows).map_or("-".to_owned(), |rate| format!("{rate:.1}"));
        let label = format!("{name} ({whole}{}%)", format::THIN);
        Entry::line(&label, Style::of_series(index))
    };
    let legend: Vec<Entry> = fetches.iter().enumerate().map(entry).collect();
    let y = Axis::from_zero("hit rate (%)".to_owned(), 100.0);
    let mut chart = Chart::new(HIT_RATE, &Axis::time(start, end), &y, &legend, &[]);
    let length = (end - start) / PARTS as f64;
    for (index, (_, rows)) in fetches.iter().enumerate().rev() {
        let mut steps = Vec::new();
        let mut left = rows.as_slice();
        for part in 1..=PARTS {
            let until = start + length * part as f64;
            let (now, later) = left.split_at(left.partition_point(|row| row.time_s <= until));
            left = later;
            if let Some(value) = percent(now) {
                steps.push(Step { start: until - length, end: until, value });
            }
        }
        chart.steps(&steps, Style::of_series(index));
    }
    chart.finish()
}

fn draw_launch_delay(fetches: &[Fetches]) -> Drawing {
    let curves: Vec<Vec<(f64, f64)>> = fetches.iter().map(|(_, rows)| curve(rows)).collect();
    let entry = |(index, (name, rows)): (usize, &Fetches)| {
        let mean = rows.iter().map(|row| row.delay_s).sum::<f64>() / rows.len() as f64;
        let label = format!("{name} ({mean:.2}{}s)", format::THIN);
        Entry::line(&label, Style::of_series(index))
    };
    let legend: Vec<Entry> = fetches.iter().enumerate().map(entry).collect();
    let values = curves.iter().flatten().map(|(value, _)| *value);
    let x = Axis::logarithmic("launch delay (s, log scale)".to_owned(), values);
    let y = Axis::fraction("fraction of containers");
    let mut chart = Chart::new(LAUNCH_DELAY, &x, &y, &legend, &[(60.0, "1 min")]);
    chart.level(0.95, "0.95");
    for (index, curve) in curves.iter().enumerate().rev() {
        chart.cumulative(curve, Style::of_series(index));
    }
    chart.finish()
}

fn percent(rows: &[Fetch]) -> Option<f64> {
    let asked: f64 = rows.iter().map(|row| row.asked).sum();
    let served: f64 = rows.iter().map(|row| row.served).sum();
    (asked > 0.0).then(|| 100.0 * served / asked)
}

/// The cumulative distribution of the delays at equal steps of the fraction.
fn curve(rows: &[Fetch]) -> Vec<(f64, f64)> {
    let mut delays: Vec<f64> = rows.iter().map(|row| row.delay_s).collect();
    delays.sort_by(f64::total_cmp);
    let count = delays.len();
    let points = count.min(POINTS);
    let place = |point: usize| (point * count).div_ceil(points);
    (1..=points)
        .map(|point| (delays[place(point) - 1], place(point) as f64 / count as f64))
        .collect()
}
