//! Scripts: what is done, and under it, indented, what comes of it.

/// What comes out of a machine, as the lines of a script.
pub(crate) trait Desk {
    /// Carries out one line and says what came of it.
    fn command(&mut self, words: &[&str]) -> Vec<String>;
}

/// Plays a script and compares what comes of each line with the indented lines below it. Lines
/// that begin with `#` are comments.
///
/// # Panics
/// Prints the script as it should be when it differs.
pub(crate) fn play(desk: &mut impl Desk, script: &str) {
    let lines: Vec<&str> = script.lines().filter(|line| !line.trim().is_empty()).collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let margin = lines.iter().map(|line| indent(line)).min().unwrap_or(0);
    let expected: Vec<String> = lines.iter().map(|line| line[margin..].to_owned()).collect();
    let mut actual = Vec::new();
    for line in expected.iter().filter(|line| !line.starts_with(' ')) {
        actual.push(line.clone());
        if !line.starts_with('#') {
            let words: Vec<&str> = line.split_whitespace().collect();
            actual.extend(desk.command(&words).into_iter().map(|line| format!("    {line}")));
        }
    }
    let (expected, actual) = (expected.join("\n"), actual.join("\n"));
    assert!(
        expected == actual,
        "the script expects\n\n{expected}\n\nbut what happens is\n\n{actual}\n"
    );
}
