//! What no type can say about files.

use super::{Needs, PickConfig, UriConfig};
use crate::error::Violation;
use crate::units::Memory;
use sim_core::protocol::Origins;

/// Each has a name in memory.
const MOST_FILES: u32 = 1_000_000;
/// What is beyond this is a slip of the keyboard.
const MOST_PER_JOB: u32 = 1_000;

/// The broken rules of what somebody needs; `key` is the table that says it, with a dot behind it.
pub fn check(needs: &Needs<'_>, key: &str, violations: &mut Vec<Violation>) {
    for (index, uri) in needs.uris.iter().enumerate() {
        let key = format!("{key}uris[{index}]");
        let mut violated = |name: &str, problem: &str| {
            violations.push(Violation::new(format!("{key}.{name}"), problem));
        };
        match (uri.size, uri.missing) {
            (None, false) => violated(
                "size",
                "is not there: say how large the file is, as in size = \"100MiB\", or missing = true",
            ),
            (Some(_), true) => {
                violated("missing", "found a file that has a size and is missing: leave one out");
            }
            (Some(size), false) if size == Memory::ZERO => violated(
                "size",
                "found 0, expected at least 0.001MiB: sizes are kept to the thousandth of a MB",
            ),
            (Some(_), false) | (None, true) => {}
        }
        if uri.value.is_empty() {
            violated("value", "found an empty URI, expected one such as http://repository/file");
        }
        let mut origins = Origins::default();
        let made = uri.uri(&mut origins);
        if let Err(error) = made.origin.validate() {
            violated("value", &format!("{error}: every fetch of it would fail"));
        } else if let Err(error) = made.validate() {
            violated("output_file", &format!("{error}: every fetch of it would fail"));
        }
    }
    let Some(set) = needs.uri_set else { return };
    let key = format!("{key}uri_set");
    let mut violated = |name: &str, problem: String| {
        violations.push(Violation::new(format!("{key}.{name}"), problem));
    };
    for (name, number, most) in
        [("count", set.count, MOST_FILES), ("per_job", set.per_job, MOST_PER_JOB)]
    {
        if !(1..=most).contains(&number) {
            violated(name, format!("found {number}, expected a number from 1 to {most}"));
        }
    }
    if let PickConfig::Zipf { exponent } = set.pick
        && !(0.0..=10.0).contains(&exponent)
    {
        let problem = format!("found {exponent}, expected a number from 0 to 10");
        violated("pick.zipf.exponent", problem);
    }
    let mut origins = Origins::default();
    if let Err(error) = origins.add(&set.value(needs.name, 0), Some(1), None).validate() {
        violated("prefix", format!("{error}: every fetch would fail"));
    }
    set.size.0.check(&format!("{key}.size"), violations);
    if !set.size.0.is_always_positive() {
        let problem = "may be 0, expected more than 0";
        violations.push(Violation::new(format!("{key}.size"), problem));
    }
}

/// Broken rules between all that need files, each with its key: one place has one file.
pub fn check_all(all: &[(String, Needs<'_>)], violations: &mut Vec<Violation>) {
    let mut known: Vec<&UriConfig> = Vec::new();
    for (index, (key, needs)) in all.iter().enumerate() {
        for (place, uri) in needs.uris.iter().enumerate() {
            let content = |uri: &UriConfig| (uri.size, uri.missing, uri.claimed_size);
            match known.iter().find(|earlier| earlier.value == uri.value) {
                Some(earlier) if content(earlier) != content(uri) => {
                    let problem = format!(
                        "found `{}` again with another size: one place has one file",
                        uri.value
                    );
                    violations.push(Violation::new(format!("{key}uris[{place}].value"), problem));
                }
                Some(_) => {}
                None => known.push(uri),
            }
        }
        let names = |needs: &Needs<'_>| {
            needs.uri_set.map(|set| (set.value(needs.name, 0), set.suffix.clone()))
        };
        let mine = names(needs);
        if mine.is_some() && all[..index].iter().any(|(_, earlier)| names(earlier) == mine) {
            let problem = "found the names of another set: expected a prefix of its own";
            violations.push(Violation::new(format!("{key}uri_set.prefix"), problem));
        }
    }
}
