//! How fast services answer, against what they promise.

use super::Figure;
use super::axis::Axis;
use super::chart::Chart;
use super::drawing::Drawing;
use super::legend::Entry;
use super::palette::{DISTINCT_STYLES, INK, Style};
use crate::format;
use crate::series::Step;
use crate::tables::{Latencies, Latency, Run};

const TITLE: &str = "Response time of services";
const TARGET: Style = Style::thin(INK);

pub(super) fn figure(run: &Run) -> Figure {
    let services = &run.events.latencies;
    let shown = &services[..services.len().min(DISTINCT_STYLES)];
    let rest = match services.len() - shown.len() {
        0 => String::new(),
        rest => format!(" {rest} services more are not shown."),
    };
    let caption = format!(
        "The percentile of the response time that each service has a target for, in milliseconds on a \
         logarithmic scale: of all instances, each as often as it has requests, and thin that of \
         the slowest. Above the target the promise is broken.{rest}"
    );
    let drawing = match run.timeline.span() {
        Some((start, end)) if end > start => draw(shown, (start, end)),
        Some(_) | None => Chart::no_data(TITLE, "the run took no time"),
    };
    Figure { name: "latency", title: TITLE, caption, drawing }
}

fn draw(services: &[Latencies], (start, end): (f64, f64)) -> Drawing {
    let curves: Vec<[Vec<Step>; 2]> = services
        .iter()
        .map(|(_, rows)| [steps(rows, end, |row| row.mean_s), steps(rows, end, |row| row.max_s)])
        .collect();
    let mut legend = Vec::new();
    for (index, (name, _)) in services.iter().enumerate() {
        legend.push(Entry::line(&format!("{name}, all"), Style::of_series(index)));
        legend.push(Entry::line(&format!("{name}, slowest"), thin(index)));
    }
    let mut targets: Vec<f64> = Vec::new();
    for (_, rows) in services {
        let target = rows.iter().map(|row| 1000.0 * row.target_s).fold(0.0, f64::max);
        if target > 0.0 && !targets.contains(&target) {
            legend.push(Entry::line(
                &format!("target, {}{}ms", format::short(target), format::THIN),
                TARGET,
            ));
            targets.push(target);
        }
    }
    let values = curves.iter().flatten().flatten().map(|step| step.value);
    let values = values.chain(targets.iter().copied());
    let y = Axis::logarithmic("response time (ms, log scale)".to_owned(), values);
    let mut chart = Chart::new(TITLE, &Axis::time(start, end), &y, &legend, &[]);
    for target in targets {
        chart.steps(&[Step { start, end, value: target }], TARGET);
    }
    for (index, [all, slowest]) in curves.iter().enumerate().rev() {
        chart.steps(slowest, thin(index));
        chart.steps(all, Style::of_series(index));
    }
    chart.finish()
}

fn thin(index: usize) -> Style {
    let style = Style::of_series(index);
    Style { width: style.width / 2.0, dash: Some((4.0, 2.0)), ..style }
}

/// A sample holds until the next; where no instance runs there is a gap.
fn steps(rows: &[Latency], end: f64, value: fn(&Latency) -> f64) -> Vec<Step> {
    let ends = rows.iter().skip(1).map(|row| row.time_s).chain([end]);
    let steps =
        rows.iter().zip(ends).filter(|(row, until)| row.instances > 0.0 && *until > row.time_s);
    steps
        .map(|(row, until)| Step { start: row.time_s, end: until, value: 1000.0 * value(row) })
        .collect()
}
