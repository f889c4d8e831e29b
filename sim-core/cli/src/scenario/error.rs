//! Problems of a scenario, each with its place, what was found and what would be right.

use std::fmt;
use std::ops::Range;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    /// Where in the text; empty where the fault is in something that is missing.
    pub(crate) span: Option<Range<usize>>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Problem {
    pub(crate) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        // A default has no place in the file.
        let span = (!span.is_empty()).then_some(span);
        Self { span, message: message.into(), help: None }
    }

    pub(crate) fn anywhere(message: impl Into<String>) -> Self {
        Self { span: None, message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

/// All that is wrong with a scenario.
#[derive(Clone, Debug)]
pub(crate) struct ScenarioError {
    /// What the text is called.
    pub(crate) file: String,
    pub(crate) text: String,
    pub(crate) problems: Vec<Problem>,
}

impl std::error::Error for ScenarioError {}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            self.show(f, problem)?;
        }
        Ok(())
    }
}

impl ScenarioError {
    fn show(&self, f: &mut fmt::Formatter<'_>, problem: &Problem) -> fmt::Result {
        write!(f, "{}", problem.message)?;
        match &problem.span {
            None => write!(f, "\n  --> {}", self.file)?,
            Some(span) => self.show_place(f, span)?,
        }
        if let Some(help) = &problem.help {
            write!(f, "\n  = help: {help}")?;
        }
        Ok(())
    }

    /// The line of the text with carets under the place.
    fn show_place(&self, f: &mut fmt::Formatter<'_>, span: &Range<usize>) -> fmt::Result {
        let start = span.start.min(self.text.len());
        let begin = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text[begin..].lines().next().unwrap_or_default();
        let number = self.text[..begin].matches('\n').count() + 1;
        let before = self.text[begin..start].chars().count();
        let end = span.end.clamp(start, begin + line.len());
        let marked = self.text.get(start..end).unwrap_or_default().chars().count().max(1);
        let gutter = " ".repeat(number.to_string().len());
        write!(f, "\n{gutter} --> {}:{number}:{}", self.file, before + 1)?;
        write!(f, "\n{gutter} |\n{number} | {line}")?;
        write!(f, "\n{gutter} | {}{}", " ".repeat(before), "^".repeat(marked))
    }
}

/// The known name that a misspelt one is most likely to be.
pub(crate) fn nearest<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(found, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len().max(found.len()) / 3)
        .min()
        .map(|(_, name)| name)
}

/// `did you mean 'x'?`, or the list of what there is.
pub(crate) fn suggest(found: &str, known: &[&str]) -> Option<String> {
    match nearest(found, known.iter().copied()) {
        Some(name) => Some(format!("did you mean '{name}'?")),
        None if known.is_empty() => None,
        None => Some(format!("expected one of {}", known.join(", "))),
    }
}
