//! What encryption has cost, in a table.

use maud::{Markup, html};

use crate::format;
use crate::tables::{Summary, TlsTime};

/// Nothing where nothing was encrypted.
pub(super) fn section(summary: &Summary) -> Markup {
    let parties = TlsTime::of(summary);
    html! {
        @if !parties.is_empty() {
            section {
                h2 { "Processor time for encryption" }
                div.wide {
                    table {
                        thead {
                            tr {
                                th { "Who" }
                                @for part in TlsTime::PARTS { th.number { (part) " (s)" } }
                                th.number { "together (s)" }
                            }
                        }
                        tbody { @for party in &parties { (line(party)) } }
                    }
                }
            }
        }
    }
}

fn line(party: &TlsTime) -> Markup {
    html! {
        tr {
            td { (party.party) }
            @for seconds in party.parts.into_iter().chain([party.sum()]) {
                td.number title=(seconds) { (format::number(seconds)) }
            }
        }
    }
}
