//! Legends in rows between title and plot, where they cannot cover data.

use super::drawing::{Anchor, Drawing, LABEL, Mark, Point};
use super::font;
use super::palette::{Colour, INK, Style};
use crate::format;

const ROW: f64 = 18.0;
const KEY_WIDTH: f64 = 24.0;
/// Between key and label, and between two entries.
const GAPS: (f64, f64) = (6.0, 18.0);
const LONGEST_LABEL: usize = 36;

pub(crate) struct Entry {
    label: String,
    key: Key,
}

#[derive(Clone, Copy)]
enum Key {
    Line(Style),
    Area(Colour, f64),
    Tick(Style),
}

impl Entry {
    pub(crate) fn line(label: &str, style: Style) -> Self {
        Self { label: format::label(label, LONGEST_LABEL), key: Key::Line(style) }
    }

    pub(crate) fn area(label: &str, colour: Colour, opacity: f64) -> Self {
        Self { label: format::label(label, LONGEST_LABEL), key: Key::Area(colour, opacity) }
    }

    pub(crate) fn tick(label: &str, style: Style) -> Self {
        Self { label: format::label(label, LONGEST_LABEL), key: Key::Tick(style) }
    }

    /// With the gap to the next.
    fn width(&self) -> f64 {
        KEY_WIDTH + GAPS.0 + font::width(&self.label, LABEL) + GAPS.1
    }

    fn draw(&self, drawing: &mut Drawing, (x, y): Point) {
        match self.key {
            Key::Line(style) => {
                let style = Style { width: style.width.max(2.25), ..style };
                drawing.line(vec![(x, y), (x + KEY_WIDTH, y)], style);
            }
            Key::Tick(style) => {
                let middle = x + KEY_WIDTH / 2.0;
                drawing.line(vec![(middle, y - 4.0), (middle, y + 4.0)], style);
            }
            Key::Area(colour, opacity) => drawing.marks.push(Mark::Box {
                corner: (x, y - 5.0),
                size: (KEY_WIDTH, 10.0),
                colour,
                opacity,
            }),
        }
        let at = (x + KEY_WIDTH + GAPS.0, y);
        drawing.text(at, self.label.as_str(), LABEL, INK, Anchor::Start);
    }
}

/// Draws the entries from left to right, in aligned columns if they need several rows; returns
/// where they end.
pub(super) fn draw(
    drawing: &mut Drawing,
    entries: &[Entry],
    (left, right): (f64, f64),
    top: f64,
) -> f64 {
    let widths: Vec<f64> = entries.iter().map(Entry::width).collect();
    let one_row = widths.iter().sum::<f64>() <= right - left + GAPS.1;
    let column = widths.iter().copied().fold(0.0, f64::max);
    let (mut x, mut y) = (left, top + ROW / 2.0);
    for (entry, width) in entries.iter().zip(widths) {
        let width = if one_row { width } else { column };
        if x > left && x + width - GAPS.1 > right {
            (x, y) = (left, y + ROW);
        }
        entry.draw(drawing, (x, y));
        x += width;
    }
    if entries.is_empty() { top } else { y + ROW / 2.0 }
}
