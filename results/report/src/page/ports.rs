//! How far the blocks of ephemeral ports were used up.

use maud::{Markup, html};

use crate::format;
use crate::tables::{Ports, Run};

/// Nothing where containers have no ports of their own.
pub(super) fn section(run: &Run) -> Markup {
    let rows = &run.events.ports;
    let most = |value: fn(&Ports) -> f64| rows.iter().map(value).fold(0.0, f64::max);
    let first = rows.iter().find(|row| row.failed > 0.0).map(|row| row.time_s);
    let lines = [
        ("Blocks", format::number(most(|row| row.blocks))),
        ("in use at most", format::number(most(|row| row.used))),
        (
            "agents without a free block, at most",
            format::number(most(|row| row.agents_without_free_block)),
        ),
        ("launches that failed for want of a block", format::number(most(|row| row.failed))),
        ("the first of them, at the latest at", first.map_or("–".to_owned(), format::duration)),
    ];
    html! {
        @if !rows.is_empty() {
            section {
                h2 { "Ephemeral ports" }
                div.wide {
                    table {
                        thead { tr { th { "All agents together" } th.number { "Value" } } }
                        tbody {
                            @for (name, value) in lines {
                                tr { td { (name) } td.number { (value) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
