//! One pair of axes with title, grid and legend, and the kinds of curves drawn into it.

use super::axis::{Axis, Scale};
use super::drawing::{
    AXIS_TITLE, Anchor, Drawing, HEIGHT, LABEL, Mark, NOTE, Point, Slice, TITLE, WIDTH,
};
use super::font;
use super::legend::{self, Entry};
use super::palette::{AXIS, Colour, GRID, INK, MUTED, Style};
use crate::series::Step;

const LEFT: f64 = 70.0;
const RIGHT: f64 = WIDTH - 22.0;
const BOTTOM: f64 = HEIGHT - 54.0;
/// Middle of the title's line.
const TITLE_LINE: f64 = 22.0;
/// Steps that rise less are not seen as such.
const LEAST_RISE: f64 = 4.5;
/// Length of a mark for something that happens.
const TICK: f64 = 7.0;
/// Where the legend begins.
const LEGEND_TOP: f64 = 40.0;

pub(crate) struct Chart {
    drawing: Drawing,
    top: f64,
    x: Scale,
    y: Scale,
}

impl Chart {
    /// `notes` names values of the x axis in words above the plot.
    pub(crate) fn new(
        title: &str,
        x: &Axis,
        y: &Axis,
        legend: &[Entry],
        notes: &[(f64, &str)],
    ) -> Self {
        let mut drawing = Drawing::default();
        drawing.text((LEFT, TITLE_LINE), title, TITLE, INK, Anchor::Start);
        let below_legend = legend::draw(&mut drawing, legend, (LEFT, RIGHT), LEGEND_TOP);
        let top = below_legend + if notes.is_empty() { 8.0 } else { 22.0 };
        let mut chart = Self { drawing, top, x: x.scale, y: y.scale };
        chart.set_zero_apart();
        chart.x_axis(x);
        chart.y_axis(y);
        chart.name_values(notes);
        chart
    }

    /// A picture that says why there is none.
    pub(crate) fn no_data(title: &str, reason: &str) -> Drawing {
        let mut drawing = Drawing::default();
        drawing.text((LEFT, TITLE_LINE), title, TITLE, INK, Anchor::Start);
        let corners = [(LEFT, LEGEND_TOP), (RIGHT, LEGEND_TOP), (RIGHT, BOTTOM), (LEFT, BOTTOM)];
        let frame = corners.into_iter().chain([(LEFT, LEGEND_TOP)]).collect();
        drawing.line(frame, Style::thin(GRID));
        let middle = (f64::midpoint(LEFT, RIGHT), f64::midpoint(LEGEND_TOP, BOTTOM));
        drawing.text((middle.0, middle.1 - 12.0), "no data", TITLE, MUTED, Anchor::Middle);
        drawing.text((middle.0, middle.1 + 12.0), reason, LABEL, MUTED, Anchor::Middle);
        drawing
    }

    pub(crate) fn finish(mut self) -> Drawing {
        // The axis lines come last, so that no curve along zero hides them.
        self.drawing.line(vec![(LEFT, BOTTOM), (RIGHT, BOTTOM)], Style::thin(AXIS));
        self.drawing
    }

    /// A line that stays level over each step and breaks where time is missing between two.
    pub(crate) fn steps(&mut self, steps: &[Step], style: Style) {
        for run in steps.chunk_by(adjoin) {
            let mut points: Vec<Point> = Vec::with_capacity(2 * run.len());
            for step in run {
                let y = self.y_at(step.value);
                // A level that does not change needs no corner.
                if points.last().is_some_and(|last| (last.1 - y).abs() < 1e-9) {
                    points.pop();
                } else {
                    points.push((self.x_at(step.start), y));
                }
                points.push((self.x_at(step.end), y));
            }
            self.curve(points, style);
        }
    }

    /// A cumulative distribution: exact at each of its points. Between two it is level, but a rise
    /// too small to be seen as a step is drawn as a slope: it comes from thinning a long curve.
    pub(crate) fn cumulative(&mut self, curve: &[(f64, f64)], style: Style) {
        let mut points: Vec<Point> = Vec::with_capacity(2 * curve.len() + 1);
        let mut y = self.y_at(0.0);
        let mut after_zero = false;
        for &(value, fraction) in curve {
            let (x, before) = (self.x_at(value), y);
            y = self.y_at(fraction);
            if before - y > LEAST_RISE || after_zero || points.is_empty() {
                points.push((x, before));
            }
            points.push((x, y));
            after_zero = value <= 0.0;
        }
        self.curve(points, style);
    }

    /// The area between two values over each slice (from, to, low, high).
    pub(crate) fn band(&mut self, slices: &[(f64, f64, f64, f64)], colour: Colour, opacity: f64) {
        let slices = slices.iter().map(|&(from, to, low, high)| Slice {
            left: self.x_at(from),
            right: self.x_at(to),
            top: self.y_at(high),
            bottom: self.y_at(low),
        });
        let slices = slices.collect();
        self.drawing.marks.push(Mark::Band { slices, colour, opacity });
    }

    /// Short marks at the top of the plot, in this row from zero: where something happens.
    pub(crate) fn ticks(&mut self, times: &[f64], row: u8, style: Style) {
        let top = self.top + f64::from(row) * (TICK + 1.0);
        let mut last = f64::NEG_INFINITY;
        for &time in times {
            let x = self.x_at(time);
            // Marks that would cover each other are one.
            if x - last >= 1.0 {
                self.drawing.line(vec![(x, top), (x, top + TICK)], style);
                last = x;
            }
        }
    }

    /// A level across the plot with its name on the axis.
    pub(crate) fn level(&mut self, value: f64, name: &str) {
        let y = self.y_at(value);
        let style = Style { dash: Some((2.0, 3.0)), ..Style::thin(AXIS) };
        self.drawing.line(vec![(LEFT, y), (RIGHT, y)], style);
        self.drawing.text((LEFT - 8.0, y), name, NOTE, MUTED, Anchor::End);
    }

    fn curve(&mut self, points: Vec<Point>, style: Style) {
        let Some(&first) = points.first() else { return };
        let extent = points.iter().fold(0.0, |most: f64, point| {
            most.max((point.0 - first.0).abs()).max((point.1 - first.1).abs())
        });
        // What is shorter than a line is wide would be lost.
        if extent < 2.0 {
            let dot = Mark::Dot { centre: first, radius: 3.0, colour: style.colour };
            self.drawing.marks.push(dot);
        } else {
            self.drawing.line(points, style);
        }
    }

    fn set_zero_apart(&mut self) {
        let Scale::Logarithmic { zero, .. } = self.x else { return };
        if zero > 0.0 {
            let corner = (LEFT, self.top);
            let size = (zero * (RIGHT - LEFT), BOTTOM - self.top);
            self.drawing.marks.push(Mark::Box { corner, size, colour: GRID, opacity: 0.45 });
        }
    }

    fn x_axis(&mut self, axis: &Axis) {
        for tick in &axis.ticks {
            let x = self.x_at(tick.at).round();
            self.drawing.line(vec![(x, self.top), (x, BOTTOM)], grid(tick.label.is_some()));
            if let Some(label) = &tick.label {
                self.drawing.line(vec![(x, BOTTOM), (x, BOTTOM + 4.0)], Style::thin(AXIS));
                let at = (x, BOTTOM + 14.0);
                self.drawing.text(at, label.as_str(), LABEL, MUTED, Anchor::Middle);
            }
        }
        let at = (f64::midpoint(LEFT, RIGHT), HEIGHT - 17.0);
        self.drawing.text(at, axis.title.as_str(), AXIS_TITLE, INK, Anchor::Middle);
    }

    fn y_axis(&mut self, axis: &Axis) {
        for tick in &axis.ticks {
            let y = self.y_at(tick.at).round();
            self.drawing.line(vec![(LEFT, y), (RIGHT, y)], grid(tick.label.is_some()));
            if let Some(label) = &tick.label {
                let at = (LEFT - 8.0, y);
                self.drawing.text(at, label.as_str(), LABEL, MUTED, Anchor::End);
            }
        }
        self.drawing.marks.push(Mark::Text {
            at: (19.0, f64::midpoint(self.top, BOTTOM)),
            text: axis.title.clone(),
            font: AXIS_TITLE,
            colour: INK,
            anchor: Anchor::Middle,
            upwards: true,
        });
    }

    fn name_values(&mut self, notes: &[(f64, &str)]) {
        let mut free_from = LEFT;
        for &(value, name) in notes {
            let x = self.x_at(value).round();
            let half = font::width(name, NOTE) / 2.0;
            let (left, right) = (x - half, x + half);
            let has_room = left > free_from && right < RIGHT + 10.0;
            if self.x.holds(value) && has_room {
                let style = Style { dash: Some((2.0, 3.0)), ..Style::thin(AXIS) };
                self.drawing.line(vec![(x, self.top - 5.0), (x, BOTTOM)], style);
                self.drawing.text((x, self.top - 12.0), name, NOTE, MUTED, Anchor::Middle);
                free_from = right + 6.0;
            }
        }
    }

    fn x_at(&self, value: f64) -> f64 {
        LEFT + self.x.place(value) * (RIGHT - LEFT)
    }

    fn y_at(&self, value: f64) -> f64 {
        BOTTOM - self.y.place(value) * (BOTTOM - self.top)
    }
}

fn adjoin(before: &Step, after: &Step) -> bool {
    (after.start - before.end).abs() <= 1e-9 * before.end.abs().max(1.0)
}

fn grid(labelled: bool) -> Style {
    Style { width: if labelled { 1.0 } else { 0.5 }, ..Style::thin(GRID) }
}
