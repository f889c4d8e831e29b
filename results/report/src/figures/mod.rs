//! The figures of a run, one file each, as drawings that a canvas turns into SVG and PNG.

mod axis;
mod bounded_slowdown;
mod canvas;
mod chart;
mod cumulative;
mod dashes;
mod dominant_share;
mod drawing;
mod font;
mod legend;
mod offers;
mod palette;
mod role_styles;
mod utilisation;
mod waiting_time;

pub(crate) use canvas::{png, svg};
pub(crate) use palette::COLOURS;

use crate::tables::Run;
use drawing::Drawing;

/// One figure, drawn but not yet written in any format.
pub(crate) struct Figure {
    /// The file's name without its extension.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What one sees, in what unit.
    pub(crate) caption: String,
    pub(crate) drawing: Drawing,
}

/// All figures in the order of the page.
pub(crate) const ALL: [fn(&Run) -> Figure; 5] = [
    utilisation::figure,
    dominant_share::figure,
    waiting_time::figure,
    bounded_slowdown::figure,
    offers::figure,
];
