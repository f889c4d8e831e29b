//! How much longer tasks took than they would have without waiting, by role.

use super::Figure;
use super::cumulative::Cumulative;
use super::role_styles::others_caption;
use crate::tables::{BOUNDED_SLOWDOWN, Run};

const FIGURE: Cumulative = Cumulative {
    title: "Bounded slowdown by role",
    metric: BOUNDED_SLOWDOWN,
    x_title: ("bounded slowdown", "ratio"),
    notes: &[],
};

pub(super) fn figure(run: &Run) -> Figure {
    let (drawing, others) = FIGURE.draw(run);
    let caption = format!(
        "Fraction of a role's tasks whose bounded slowdown is no greater than the value on the \
         axis, a ratio on a logarithmic scale: waiting and running time over running time, with a \
         lower bound on the latter. 1 is a task that never waited; further left is better.{}",
        others_caption(others)
    );
    Figure { name: "bounded_slowdown", title: FIGURE.title, caption, drawing }
}
