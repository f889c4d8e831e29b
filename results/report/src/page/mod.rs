//! `report.html`: the whole run on one page, in one file.
//!
//! The page needs nothing but itself: style and figures are inline, there is no script, and its
//! security policy forbids everything else. Text from the run passes through the escaping of
//! `maud`; only the figures are taken as they are, and their backend escapes its text.

mod figure;
mod metrics;
mod policy;
mod ports;
mod roles;
mod tls;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::figures::Figure;
use crate::format;
use crate::tables::{Manifest, Run};

/// A figure and its SVG.
pub(crate) type Illustration<'a> = (&'a Figure, &'a str);

pub(crate) fn render(run: &Run, illustrations: &[Illustration<'_>]) -> String {
    let style = style_sheet();
    let title = title(&run.manifest);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy::allowing_style(&style));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) " – run report" }
                style { (PreEscaped(&style)) }
            }
            body {
                header {
                    h1 { (title) }
                    (particulars(run))
                }
                main {
                    (metrics::tiles(&run.summary))
                    (roles::section(run))
                    section {
                        h2 { "Figures" }
                        @for illustration in illustrations { (figure::section(illustration)) }
                    }
                    (tls::section(&run.summary))
                    (ports::section(run))
                    (metrics::section(&run.summary))
                    (scenario(&run.manifest))
                    (inputs(&run.manifest))
                }
                footer { p { "Times are virtual. Memory and disk are in MB of 2" sup { "20" } " bytes." } }
            }
        }
    };
    page.into_string()
}

fn title(manifest: &Manifest) -> &str {
    if manifest.name.is_empty() { "Unnamed run" } else { &manifest.name }
}

/// What was run, in a list of terms.
fn particulars(run: &Run) -> Markup {
    let manifest = &run.manifest;
    let simulated = run.timeline.span().map(|(start, end)| format::duration(end - start));
    let terms = [
        ("Seed", Some(&manifest.seed)),
        ("Version", Some(&manifest.version)),
        ("Horizon", manifest.horizon.as_ref()),
        ("Sampled time", simulated.as_ref()),
        ("Digest", Some(&manifest.digest)),
    ];
    html! {
        dl.particulars {
            @for (term, value) in terms {
                @if let Some(value) = value.filter(|value| !value.is_empty()) {
                    div { dt { (term) } dd { (value) } }
                }
            }
        }
    }
}

fn scenario(manifest: &Manifest) -> Markup {
    let text = serde_json::to_string_pretty(&manifest.scenario).unwrap_or_default();
    html! {
        section {
            h2 { "Scenario" }
            @if manifest.scenario.is_null() {
                p.absent { "run.json holds no scenario." }
            } @else {
                details {
                    summary { "All settings, with defaults filled in" }
                    pre { (text) }
                }
            }
        }
    }
}

fn inputs(manifest: &Manifest) -> Markup {
    html! {
        section {
            h2 { "Inputs" }
            @if manifest.inputs.is_empty() {
                p.absent { "The run read no files." }
            } @else {
                div.wide {
                    table {
                        thead { tr { th { "File" } th { "SHA-256" } } }
                        tbody {
                            @for input in &manifest.inputs {
                                tr { td { (input.path) } td.hash { (input.sha256) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The fixed rules, after the palette that they and the figures share.
fn style_sheet() -> String {
    format!("{}{}", figure::palette_rules(), include_str!("style.css"))
}
