//! Figures on the page, in the colours of the reader's choice.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};

use super::Illustration;
use crate::figures::COLOURS;

pub(super) fn section((figure, svg): &Illustration<'_>) -> Markup {
    html! {
        figure id=(figure.name) {
            div.plot { (PreEscaped(inline(svg, figure.title))) }
            figcaption {
                p { (figure.caption) }
                p.files {
                    a href={ "figures/" (figure.name) ".svg" } { "SVG" } " "
                    a href={ "figures/" (figure.name) ".png" } { "PNG" }
                }
            }
        }
    }
}

/// The figure with variables for its colours, so that the page can turn dark, and a name for
/// readers who do not see it.
fn inline(svg: &str, title: &str) -> String {
    let mut text = svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{title}\" "), 1);
    for colour in COLOURS {
        // Text between tags has its quotes escaped, so only attributes can match.
        let (value, name) = (colour.light, colour.name);
        for attribute in ["fill", "stroke"] {
            text = text.replace(
                &format!("{attribute}=\"#{value:06X}\""),
                &format!("{attribute}=\"var(--{name})\""),
            );
        }
    }
    text
}

/// The variables, for light and for dark pages.
pub(super) fn palette_rules() -> String {
    let mut light = String::new();
    let mut dark = String::new();
    for colour in COLOURS {
        // Writing to a string cannot fail.
        let _ = write!(light, "--{}:#{:06x};", colour.name, colour.light);
        let _ = write!(dark, "--{}:#{:06x};", colour.name, colour.dark);
    }
    format!(":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n")
}
