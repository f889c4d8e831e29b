//! What the two figures of cumulative distributions share.

use super::axis::Axis;
use super::chart::Chart;
use super::drawing::Drawing;
use super::legend::Entry;
use super::palette::OTHERS;
use super::role_styles::{RoleStyles, others_label};
use crate::tables::{RoleDistribution, Run};

/// As fine as the band of the others is drawn.
const MOST_SLICES: usize = 240;

pub(super) struct Cumulative {
    pub(super) title: &'static str,
    pub(super) metric: &'static str,
    /// What the axis shows and in which unit.
    pub(super) x_title: (&'static str, &'static str),
    /// Values of the axis to name in words.
    pub(super) notes: &'static [(f64, &'static str)],
}

impl Cumulative {
    /// The drawing and how many roles share the band of the others.
    pub(super) fn draw(&self, run: &Run) -> (Drawing, usize) {
        let styles = RoleStyles::of(run);
        let of_metric = run.distributions.iter().filter(|d| d.metric == self.metric);
        let (shown, others): (Vec<&RoleDistribution>, Vec<_>) =
            of_metric.partition(|distribution| styles.style(&distribution.role).is_some());
        let lines: Vec<_> = shown
            .into_iter()
            .filter_map(|d| Some((d.role.as_str(), styles.style(&d.role)?, d.curve.as_slice())))
            .collect();
        if lines.is_empty() && others.is_empty() {
            let reason = format!("distributions.csv has no rows of {}", self.metric);
            return (Chart::no_data(self.title, &reason), 0);
        }
        let mut legend: Vec<Entry> =
            lines.iter().map(|(role, style, _)| Entry::line(role, *style)).collect();
        if !others.is_empty() {
            legend.push(Entry::area(&others_label(others.len()), OTHERS, 0.5));
        }
        let curves = lines.iter().map(|line| line.2).chain(others.iter().map(|d| &*d.curve));
        let values = || curves.clone().flatten().map(|(value, _)| *value);
        let (quantity, unit) = self.x_title;
        let apart = if values().any(|value| value <= 0.0) { "; shaded: exactly 0" } else { "" };
        let x = Axis::logarithmic(format!("{quantity} ({unit}, log scale{apart})"), values());
        let y = Axis::fraction("fraction of tasks");
        let mut chart = Chart::new(self.title, &x, &y, &legend, self.notes);
        chart.level(0.95, "0.95");
        chart.band(&range(&others), OTHERS, 0.5);
        for (_, style, curve) in lines.iter().rev() {
            chart.cumulative(curve, *style);
        }
        (chart.finish(), others.len())
    }
}

/// Lowest and highest of the curves from each value to the next.
fn range(distributions: &[&RoleDistribution]) -> Vec<(f64, f64, f64, f64)> {
    let mut values: Vec<f64> =
        distributions.iter().flat_map(|d| &d.curve).map(|(value, _)| *value).collect();
    values.sort_by(f64::total_cmp);
    values.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let stride = values.len().div_ceil(MOST_SLICES).max(1);
    let last = values.last().copied();
    let mut corners: Vec<f64> = values.into_iter().step_by(stride).collect();
    corners.extend(last.filter(|last| corners.last().is_some_and(|corner| corner < last)));
    corners
        .windows(2)
        .map(|ends| {
            let fractions = distributions.iter().map(|d| fraction_at(&d.curve, ends[0]));
            let low = fractions.clone().fold(1.0, f64::min);
            (ends[0], ends[1], low, fractions.fold(0.0, f64::max))
        })
        .collect()
}

/// The fraction of tasks that do not exceed `value`.
fn fraction_at(curve: &[(f64, f64)], value: f64) -> f64 {
    match curve.partition_point(|(x, _)| *x <= value) {
        0 => 0.0,
        after => curve[after - 1].1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_spans_all_curves() {
        let distribution = |curve: &[(f64, f64)]| RoleDistribution {
            role: String::new(),
            metric: String::new(),
            curve: curve.to_vec(),
        };
        let (a, b) = (distribution(&[(1.0, 0.5), (4.0, 1.0)]), distribution(&[(2.0, 1.0)]));
        assert_eq!(range(&[&a, &b]), [(1.0, 2.0, 0.0, 0.5), (2.0, 4.0, 0.5, 1.0)]);
        assert_eq!(range(&[]), []);
    }
}
