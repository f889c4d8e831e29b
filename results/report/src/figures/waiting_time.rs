//! How long tasks wait, by role.

use super::Figure;
use super::cumulative::Cumulative;
use super::role_styles::others_caption;
use crate::tables::{Run, WAITING_TIME};

const FIGURE: Cumulative = Cumulative {
    title: "Waiting time by role",
    metric: WAITING_TIME,
    x_title: ("waiting time", "s"),
    notes: &[(60.0, "1 min"), (3_600.0, "1 h"), (86_400.0, "1 d"), (604_800.0, "1 week")],
};

pub(super) fn figure(run: &Run) -> Figure {
    let (drawing, others) = FIGURE.draw(run);
    let caption = format!(
        "Fraction of a role's tasks that waited no longer than the time on the axis, in seconds on \
         a logarithmic scale, from submission to launch. Further left is better. A shaded strip at \
         the left edge holds the tasks that did not wait at all.{}",
        others_caption(others)
    );
    Figure { name: "waiting_time", title: FIGURE.title, caption, drawing }
}
