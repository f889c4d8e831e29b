//! Problems of a scenario, each with its place, what was found and what would be right.

use std::fmt;
use std::ops::Range;
use workloads::nearest;

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
        write!(f, "{}", shortened(&problem.message))?;
        match &problem.span {
            None => write!(f, "\n  --> {}", self.file)?,
            Some(span) => self.show_place(f, span)?,
        }
        if let Some(help) = &problem.help {
            write!(f, "\n  = help: {}", shortened(help))?;
        }
        Ok(())
    }

    /// The line of the text, or as much of it as a terminal can show, with carets under the place.
    fn show_place(&self, f: &mut fmt::Formatter<'_>, span: &Range<usize>) -> fmt::Result {
        let start = self.text.floor_char_boundary(span.start);
        let begin = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text[begin..].lines().next().unwrap_or_default();
        let number = self.text[..begin].matches('\n').count() + 1;
        // Not behind the line, where its end is two characters.
        let before = self.text[begin..start].chars().count().min(line.chars().count());
        let end = span.end.min(begin + line.len());
        // The place may be the end of the line, with nothing there to mark.
        let marked = self.text.get(start..end).map_or(0, |text| text.chars().count()).max(1);
        let hidden = if before + marked > WIDTH { before.saturating_sub(WIDTH / 2) } else { 0 };
        let shown: String = line.chars().skip(hidden).take(WIDTH).map(printable).collect();
        let (before_shown, marked) = (before - hidden, marked.min(WIDTH / 2));
        let gutter = " ".repeat(number.to_string().len());
        write!(f, "\n{gutter} --> {}:{number}:{}", self.file, before + 1)?;
        write!(f, "\n{gutter} |\n{number} | {shown}")?;
        write!(f, "\n{gutter} | {}{}", " ".repeat(before_shown), "^".repeat(marked))
    }
}

/// Characters of a line that are shown.
const WIDTH: usize = 120;
/// Characters of a message: it may quote anything.
const LONGEST: usize = 600;

/// What a terminal can show of a message.
pub(crate) fn shortened(message: &str) -> String {
    let printable = |c| if c == '\n' { c } else { printable(c) };
    let mut text: String = message.chars().take(LONGEST).map(printable).collect();
    if message.chars().nth(LONGEST).is_some() {
        text.push_str(" ...");
    }
    text
}

/// What could move the cursor or ring the bell is replaced.
pub(crate) fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// `did you mean 'x'?`, or the list of what there is.
pub(crate) fn suggest(found: &str, known: &[&str]) -> Option<String> {
    match nearest(found, known.iter().copied()) {
        Some(name) => Some(format!("did you mean '{name}'?")),
        None if known.is_empty() => None,
        None => Some(format!("expected one of {}", known.join(", "))),
    }
}
