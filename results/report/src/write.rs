//! From a run's directory to the figures and the page in it.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::figures::{self, Figure};
use crate::tables::Run;
use crate::{ReportError, files, page};

/// What [`write()`] has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub page: PathBuf,
    /// SVG and PNG of each figure, in the order of the page.
    pub figures: Vec<PathBuf>,
}

/// Reads the tables of the run in `directory`, draws its figures into `figures/` there and writes
/// `report.html`.
///
/// Each file appears complete or not at all, and replaces an older one. Nothing is written if the
/// tables cannot be read.
pub fn write(directory: &Path) -> Result<Rendered, ReportError> {
    let run = Run::read(directory)?;
    let folder = directory.join("figures");
    fs::create_dir_all(&folder).map_err(ReportError::writing(&folder))?;
    let figures: Vec<Figure> = figures::of(&run).par_iter().map(|draw| draw(&run)).collect();
    // Pictures take longest, so they are not held up by the few strings of an SVG.
    let (pictures, vectors) = rayon::join(
        || {
            figures
                .par_iter()
                .map(|figure| write_png(&folder, figure))
                .collect::<Result<Vec<_>, _>>()
        },
        || {
            figures
                .par_iter()
                .map(|figure| write_svg(&folder, figure))
                .collect::<Result<Vec<_>, _>>()
        },
    );
    let (pictures, vectors) = (pictures?, vectors?);
    let illustrations: Vec<page::Illustration<'_>> =
        figures.iter().zip(&vectors).map(|(figure, (_, svg))| (figure, svg.as_str())).collect();
    let page = directory.join("report.html");
    files::replace_with(&page, &page::render(&run, &illustrations))?;
    let figures =
        vectors.into_iter().zip(pictures).flat_map(|((svg, _), png)| [svg, png]).collect();
    Ok(Rendered { page, figures })
}

fn write_png(folder: &Path, figure: &Figure) -> Result<PathBuf, ReportError> {
    let path = folder.join(format!("{}.png", figure.name));
    files::replace(&path, |temporary| {
        figures::png(&figure.drawing, temporary).map_err(|reason| drawing_error(figure, reason))
    })?;
    Ok(path)
}

/// The path of the file and what is in it, which the page holds too.
fn write_svg(folder: &Path, figure: &Figure) -> Result<(PathBuf, String), ReportError> {
    let path = folder.join(format!("{}.svg", figure.name));
    let svg = figures::svg(&figure.drawing).map_err(|reason| drawing_error(figure, reason))?;
    files::replace_with(&path, &svg)?;
    Ok((path, svg))
}

fn drawing_error(figure: &Figure, reason: String) -> ReportError {
    ReportError::Drawing { figure: figure.name, reason }
}
