//! How many of the instances that services want are running, over time.

use super::Figure;
use super::axis::Axis;
use super::chart::Chart;
use super::drawing::Drawing;
use super::legend::Entry;
use super::palette::{DISTINCT_STYLES, Style};
use crate::format;
use crate::series::Step;
use crate::tables::{Run, ServiceLevel};

const TITLE: &str = "Service availability";

pub(super) fn figure(run: &Run) -> Figure {
    let services = &run.events.services;
    let shown = services.len().min(DISTINCT_STYLES);
    let rest = match services.len() - shown {
        0 => String::new(),
        rest => format!(" {rest} services more are not shown."),
    };
    let caption = format!(
        "Instances of each service that run, in percent of those that it wants at that time; in \
         brackets the share of instance time over the run. Steps are exact.{rest}"
    );
    let span = run.timeline.span();
    let drawing = match span {
        Some(span) if span.1 > span.0 => draw(&services[..shown], span),
        _ => Chart::no_data(TITLE, "the run took no time"),
    };
    Figure { name: "availability", title: TITLE, caption, drawing }
}

fn draw(services: &[(String, Vec<ServiceLevel>)], (start, end): (f64, f64)) -> Drawing {
    let curves: Vec<Vec<Step>> = services.iter().map(|(_, levels)| steps(levels, end)).collect();
    let legend: Vec<Entry> = services
        .iter()
        .enumerate()
        .map(|(index, (name, levels))| {
            let mean = mean(levels, end).map_or("-".to_owned(), |mean| format!("{mean:.2}"));
            let label = format!("{} ({mean}{}%)", name, format::THIN);
            Entry::line(&label, Style::of_series(index))
        })
        .collect();
    let y = Axis::from_zero("running of wanted (%)".to_owned(), 100.0);
    let mut chart = Chart::new(TITLE, &Axis::time(start, end), &y, &legend, &[]);
    for (index, steps) in curves.iter().enumerate().rev() {
        chart.steps(steps, Style::of_series(index));
    }
    chart.finish()
}

/// Running of wanted instances over time, in percent.
fn mean(levels: &[ServiceLevel], end: f64) -> Option<f64> {
    let ends = levels.iter().skip(1).map(|level| level.time_s).chain([end]);
    let (mut up, mut wanted) = (0.0, 0.0);
    for (level, until) in levels.iter().zip(ends) {
        let length = until - level.time_s;
        up += level.running.min(level.wanted) * length;
        wanted += level.wanted * length;
    }
    (wanted > 0.0).then(|| 100.0 * up / wanted)
}

/// A level holds until the next; where no instance is wanted there is a gap.
fn steps(levels: &[ServiceLevel], end: f64) -> Vec<Step> {
    let ends = levels.iter().skip(1).map(|level| level.time_s).chain([end]);
    let steps = levels.iter().zip(ends).filter(|(level, _)| level.wanted > 0.0);
    steps
        .filter(|(level, until)| *until > level.time_s)
        .map(|(level, until)| {
            let value = 100.0 * (level.running / level.wanted).min(1.0);
            Step { start: level.time_s, end: until, value }
        })
        .collect()
}
