//! Drawings as SVG text and PNG files, through the backends of plotters.
//!
//! Both backends know whole pixels only. SVG is therefore drawn on a grid four times as fine and
//! its stated size set back; PNG is drawn three times as large and averaged down, because the
//! raster backend smooths neither thick lines nor the spacing of letters.

use std::path::Path;

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform, RGBAColor, TextStyle};

use super::dashes;
use super::drawing::{Anchor, Drawing, Font, HEIGHT, Mark, Point, Slice, WIDTH};
use super::font::{LINE_HEIGHT, describe};
use super::palette::{Colour, GROUND, Style};

/// SVG units per point.
const SVG_GRID: f64 = 4.0;
/// PNG pixels per point.
const PNG_PIXELS: u32 = 2;
/// Drawn pixels per PNG pixel, each way.
const SMOOTHING: u32 = 3;

/// The drawing as one SVG element.
pub(crate) fn svg(drawing: &Drawing) -> Result<String, String> {
    let mut text = String::new();
    let size = (pixels(WIDTH * SVG_GRID), pixels(HEIGHT * SVG_GRID));
    // The backend divides sizes by 1.24 to get an em.
    let backend = SVGBackend::with_string(&mut text, size);
    Canvas { backend, scale: SVG_GRID, size_factor: 1.24, vector: true }.draw(drawing)?;
    let fine = format!(r#"width="{}" height="{}" viewBox"#, size.0, size.1);
    Ok(text.replacen(&fine, &format!(r#"width="{WIDTH}" height="{HEIGHT}" viewBox"#), 1))
}

/// Writes the drawing to `path`, which must end in `.png`.
pub(crate) fn png(drawing: &Drawing, path: &Path) -> Drawn {
    let scale = PNG_PIXELS * SMOOTHING;
    let (width, height) = (pixels(WIDTH) * scale, pixels(HEIGHT) * scale);
    let mut buffer = vec![0; width as usize * height as usize * 3];
    let backend = BitMapBackend::with_buffer(&mut buffer, (width, height));
    Canvas { backend, scale: f64::from(scale), size_factor: LINE_HEIGHT, vector: false }
        .draw(drawing)?;
    let size = (width / SMOOTHING, height / SMOOTHING);
    let smooth = average(&buffer, width as usize, SMOOTHING as usize);
    let mut file = BitMapBackend::new(path, size);
    told(file.blit_bitmap((0, 0), size, &smooth))?;
    told(file.present())
}

struct Canvas<B> {
    backend: B,
    /// Backend units per point.
    scale: f64,
    size_factor: f64,
    /// Whether lines and outlines may be handed over whole. The raster backend would turn a thick
    /// line into one polygon, which fails where the line turns within its own width.
    vector: bool,
}

/// The backends' own errors differ in type; only their words go further.
type Drawn = Result<(), String>;

fn told(result: Result<(), impl std::error::Error>) -> Drawn {
    result.map_err(|error| error.to_string())
}

impl<B: DrawingBackend> Canvas<B> {
    fn draw(mut self, drawing: &Drawing) -> Drawn {
        self.fill((0.0, 0.0), (WIDTH, HEIGHT), GROUND, 1.0)?;
        for mark in &drawing.marks {
            match mark {
                Mark::Box { corner, size, colour, opacity } => {
                    self.fill(*corner, *size, *colour, *opacity)?;
                }
                Mark::Band { slices, colour, opacity } => self.band(slices, *colour, *opacity)?,
                Mark::Line { points, style } => self.line(points, *style)?,
                Mark::Dot { centre, radius, colour } => self.dot(*centre, *radius, *colour)?,
                Mark::Text { at, text, font, colour, anchor, upwards } => {
                    self.text(*at, text, *font, *colour, *anchor, *upwards)?;
                }
            }
        }
        told(self.backend.present())
    }

    fn fill(&mut self, corner: Point, size: (f64, f64), colour: Colour, opacity: f64) -> Drawn {
        let far = self.pixel((corner.0 + size.0, corner.1 + size.1));
        let style = paint(colour, opacity).filled();
        told(self.backend.draw_rect(self.pixel(corner), far, &style, true))
    }

    fn band(&mut self, slices: &[Slice], colour: Colour, opacity: f64) -> Drawn {
        for run in slices.chunk_by(|a, b| (b.left - a.right).abs() < 1e-9) {
            if self.vector {
                let above = run.iter().flat_map(|s| [(s.left, s.top), (s.right, s.top)]);
                let below =
                    run.iter().rev().flat_map(|s| [(s.right, s.bottom), (s.left, s.bottom)]);
                let outline: Vec<_> = above.chain(below).map(|point| self.pixel(point)).collect();
                told(self.backend.fill_polygon(outline, &paint(colour, opacity).filled()))?;
            } else {
                run.iter().try_for_each(|slice| self.even_box(slice, colour, opacity))?;
            }
        }
        Ok(())
    }

    /// The raster backend blends eight pixels at once and the rest of a row singly, rounding
    /// differently: in strips of eight all are blended alike, and slices show no seams.
    fn even_box(&mut self, slice: &Slice, colour: Colour, opacity: f64) -> Drawn {
        const STRIP: i32 = 8;
        let (left, top) = self.pixel((slice.left, slice.top));
        let (right, bottom) = self.pixel((slice.right, slice.bottom));
        let style = paint(colour, opacity).filled();
        let mut x = left;
        while x < right {
            let next = (x + STRIP).min(right);
            told(self.backend.draw_rect((x, top), (next, bottom), &style, true))?;
            x = next;
        }
        Ok(())
    }

    fn line(&mut self, points: &[Point], style: Style) -> Drawn {
        match style.dash {
            None => self.stroke(points, style),
            Some(dash) => {
                dashes::split(points, dash).iter().try_for_each(|piece| self.stroke(piece, style))
            }
        }
    }

    fn stroke(&mut self, points: &[Point], style: Style) -> Drawn {
        if self.vector {
            let width = pixels(style.width * self.scale);
            let path: Vec<_> = points.iter().map(|point| self.pixel(*point)).collect();
            let style = paint(style.colour, 1.0).stroke_width(width);
            return told(self.backend.draw_path(path, &style));
        }
        let last = points.len().saturating_sub(2);
        for (number, ends) in points.windows(2).enumerate() {
            self.segment((ends[0], number > 0), (ends[1], number < last), style)?;
        }
        Ok(())
    }

    /// A straight piece of a line. Where it joins another (the flags) it is made longer by half its
    /// width, to fill the corner. That serves lines along the axes; others bend too little in these
    /// figures for their corners to show.
    fn segment(&mut self, from: (Point, bool), to: (Point, bool), style: Style) -> Drawn {
        let half = style.width / 2.0;
        let ((from, joined), (to, joins)) = (from, to);
        let beyond = |joined: bool| if joined { half } else { 0.0 };
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (along_x, along_y) = (dy.abs() < 1e-9, dx.abs() < 1e-9);
        if along_x || along_y {
            // At the lower and at the higher coordinate.
            let (low, high) = if dx + dy < 0.0 { (joins, joined) } else { (joined, joins) };
            let reach = |along: bool, joined: bool| if along { beyond(joined) } else { half };
            let corner = (
                from.0.min(to.0) - reach(along_x, low),
                from.1.min(to.1) - reach(along_y && !along_x, low),
            );
            let far = (
                from.0.max(to.0) + reach(along_x, high),
                from.1.max(to.1) + reach(along_y && !along_x, high),
            );
            return self.fill(corner, (far.0 - corner.0, far.1 - corner.1), style.colour, 1.0);
        }
        let width = pixels(style.width * self.scale);
        let path = [self.pixel(from), self.pixel(to)];
        told(self.backend.draw_path(path, &paint(style.colour, 1.0).stroke_width(width)))
    }

    fn dot(&mut self, centre: Point, radius: f64, colour: Colour) -> Drawn {
        let style = paint(colour, 1.0).filled();
        let radius = pixels(radius * self.scale);
        told(self.backend.draw_circle(self.pixel(centre), radius, &style, true))
    }

    fn text(
        &mut self,
        at: Point,
        text: &str,
        font: Font,
        colour: Colour,
        anchor: Anchor,
        upwards: bool,
    ) -> Drawn {
        let horizontal = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        // What the raster backend takes for the middle of a line lies above that of its letters.
        let lower = if self.vector { 0.0 } else { 0.16 * font.size };
        let at = if upwards { (at.0 + lower, at.1) } else { (at.0, at.1 + lower) };
        let mut description = describe(font, self.scale, self.size_factor);
        if upwards {
            description = description.transform(FontTransform::Rotate270);
        }
        let colour = paint(colour, 1.0);
        let style =
            TextStyle::from(description).color(&colour).pos(Pos::new(horizontal, VPos::Center));
        told(self.backend.draw_text(text, &style, self.pixel(at)))
    }

    /// Figures keep their marks on the page, so the coordinates are small.
    #[expect(clippy::cast_possible_truncation, reason = "a place on the page, in pixels")]
    fn pixel(&self, (x, y): Point) -> (i32, i32) {
        ((x * self.scale).round() as i32, (y * self.scale).round() as i32)
    }
}

fn paint(colour: Colour, opacity: f64) -> RGBAColor {
    let (red, green, blue) = colour.light_rgb();
    RGBAColor(red, green, blue, opacity)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a length on the page, in pixels"
)]
fn pixels(length: f64) -> u32 {
    length.round().max(1.0) as u32
}

/// The mean of each square of `factor` by `factor` pixels of three bytes; `width` pixels a row.
fn average(fine: &[u8], width: usize, factor: usize) -> Vec<u8> {
    let row = width * 3;
    let square = u32::try_from(factor * factor).unwrap_or(u32::MAX);
    let mut smooth = Vec::with_capacity(fine.len() / (factor * factor));
    let mut sums = vec![0_u32; row / factor];
    for rows in fine.chunks_exact(row * factor) {
        sums.fill(0);
        for line in rows.chunks_exact(row) {
            for (sum, pixels) in sums.chunks_exact_mut(3).zip(line.chunks_exact(3 * factor)) {
                for pixel in pixels.chunks_exact(3) {
                    sum[0] += u32::from(pixel[0]);
                    sum[1] += u32::from(pixel[1]);
                    sum[2] += u32::from(pixel[2]);
                }
            }
        }
        let means = sums.iter().map(|sum| (sum + square / 2) / square);
        smooth.extend(means.map(|mean| u8::try_from(mean).unwrap_or(u8::MAX)));
    }
    smooth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_averaged_by_channel() {
        // Two squares of two by two pixels: one even, one with a single bright red pixel.
        let first_row = [[10, 20, 30], [10, 20, 30], [255, 0, 0], [0, 0, 0]];
        let second_row = [[10, 20, 30], [10, 20, 30], [0, 0, 0], [0, 0, 0]];
        let fine: Vec<u8> = [first_row, second_row].concat().concat();
        assert_eq!(average(&fine, 4, 2), [10, 20, 30, 64, 0, 0]);
    }
}
