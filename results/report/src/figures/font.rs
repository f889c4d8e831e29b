//! The one typeface of all figures, carried along so that no machine's fonts matter.

use std::sync::Once;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use super::drawing::Font;

/// SVG viewers take their own typeface of this name, the raster backend the one registered here.
const FAMILY: &str = "sans-serif";

static REGULAR: &[u8] = include_bytes!("../../fonts/DejaVuSans-subset.ttf");
static BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSans-Bold-subset.ttf");

/// Height of a line of the typeface per size: the raster backend takes the former for "size".
pub(super) const LINE_HEIGHT: f64 = 1.164;

/// A font for a backend, `scale` of whose pixels make one point.
///
/// `size_factor` is what the backend makes of one em: backends of plotters do not agree on it.
pub(super) fn describe(font: Font, scale: f64, size_factor: f64) -> FontDesc<'static> {
    register();
    let style = if font.bold { FontStyle::Bold } else { FontStyle::Normal };
    FontDesc::new(FontFamily::Name(FAMILY), font.size * scale * size_factor, style)
}

/// Width of a text in points.
pub(super) fn width(text: &str, font: Font) -> f64 {
    // Backends report whole pixels: measure large, to lose nothing.
    const FINE: f64 = 16.0;
    describe(font, FINE, LINE_HEIGHT)
        .box_size(text)
        // Without measure a layout is a little off, which is no reason to fail.
        .map_or(0.6 * font.size * text.chars().count() as f64, |(width, _)| f64::from(width) / FINE)
}

fn register() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        for (style, bytes) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, BOLD)] {
            assert!(
                register_font(FAMILY, style, bytes).is_ok(),
                "the fonts of the crate are valid"
            );
        }
    });
}
