//! A figure as a list of marks, before anything is said about files or pixels.

use super::palette::{Colour, Style};

/// Marks in the order in which they cover each other. Lengths are in points of a page that is
/// [`WIDTH`] by [`HEIGHT`], from the upper left corner.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drawing {
    pub(crate) marks: Vec<Mark>,
}

pub(crate) const WIDTH: f64 = 840.0;
pub(crate) const HEIGHT: f64 = 460.0;

pub(crate) type Point = (f64, f64);

#[derive(Clone, Debug)]
pub(crate) enum Mark {
    Box {
        corner: Point,
        size: (f64, f64),
        colour: Colour,
        opacity: f64,
    },
    /// Boxes side by side without seams.
    Band {
        slices: Vec<Slice>,
        colour: Colour,
        opacity: f64,
    },
    Line {
        points: Vec<Point>,
        style: Style,
    },
    Dot {
        centre: Point,
        radius: f64,
        colour: Colour,
    },
    Text {
        at: Point,
        text: String,
        font: Font,
        colour: Colour,
        anchor: Anchor,
        upwards: bool,
    },
}

/// One piece of a band.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Font {
    pub(crate) size: f64,
    pub(crate) bold: bool,
}

pub(crate) const TITLE: Font = Font { size: 16.0, bold: true };
pub(crate) const AXIS_TITLE: Font = Font { size: 13.0, bold: false };
pub(crate) const LABEL: Font = Font { size: 12.0, bold: false };
pub(crate) const NOTE: Font = Font { size: 10.5, bold: false };

/// Which part of a text stands at its point. Vertically it is always the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Drawing {
    pub(crate) fn text(
        &mut self,
        at: Point,
        text: impl Into<String>,
        font: Font,
        colour: Colour,
        anchor: Anchor,
    ) {
        let text = text.into();
        self.marks.push(Mark::Text { at, text, font, colour, anchor, upwards: false });
    }

    pub(crate) fn line(&mut self, points: Vec<Point>, style: Style) {
        self.marks.push(Mark::Line { points, style });
    }
}
