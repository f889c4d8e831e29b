//! `CONFORMANCE.md` and the tests that it names agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");
/// Where the tests named after scenarios are.
const FOLDERS: [&str; 3] = ["tests/conformance", "tests/sorters", "../api/tests/resources"];
/// Mesos's tests as scenarios; beside the checkout, not in it.
const SCENARIOS: &str = "../../../shared/spec/allocator-conformance.md";

/// What is known of one test: its file, its name, and whether it is skipped.
type Test = (String, String, bool);

/// The tests by the ids of their scenarios, which their names begin with.
fn tests() -> BTreeMap<String, Test> {
    let mut tests = BTreeMap::new();
    for folder in FOLDERS {
        let entries = std::fs::read_dir(Path::new(PACKAGE).join(folder)).expect("a folder");
        for entry in entries {
            let path = entry.expect("a file of the folder").path();
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name");
            let source = std::fs::read_to_string(&path).expect("source text");
            for (id, function, is_skipped) in functions(&source) {
                let test = (format!("{folder}/{name}"), function, is_skipped);
                let double = tests.insert(id.clone(), test);
                assert_eq!(double, None, "two tests of {id}");
            }
        }
    }
    tests
}

fn functions(source: &str) -> impl Iterator<Item = (String, String, bool)> + '_ {
    source.split("#[test]\n").skip(1).filter_map(|after| {
        let (attributes, rest) = after.split_once("fn ")?;
        let (function, _) = rest.split_once('(')?;
        let id = function.split('_').next()?;
        let is_id = id.len() > 1
            && id.starts_with(['a', 'b', 'c', 'd', 'x'])
            && id[1..].bytes().all(|byte| byte.is_ascii_digit());
        is_id.then(|| (id.to_uppercase(), function.to_owned(), attributes.contains("#[ignore")))
    })
}

/// The rows of the table by id.
fn table() -> BTreeMap<String, Test> {
    let table = std::fs::read_to_string(Path::new(PACKAGE).join("CONFORMANCE.md"));
    let table = table.expect("a table");
    let rows = table.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [id, _, status, test] = cells[..] else { panic!("four cells: {row}") };
        let is_skipped = status.starts_with("skipped: ");
        assert!(is_skipped || status == "passes", "{row}");
        let mut parts = test.split('`').filter(|part| !part.trim().is_empty());
        let mut part = || parts.next().expect("file and function").to_owned();
        (id.to_owned(), (part(), part(), is_skipped))
    })
    .collect()
}

#[test]
fn the_table_names_each_test() {
    assert_eq!(table(), tests());
}

/// Each quirk of Mesos's is pinned by tests that exist.
#[test]
fn quirks_name_tests() {
    let read = |name: &str| std::fs::read_to_string(Path::new(PACKAGE).join(name)).expect("text");
    let (page, quirks, table) = (read("README.md"), read("tests/quirks.rs"), table());
    let rows = page.lines().filter(|line| {
        line.split('|').nth(1).is_some_and(|cell| cell.trim().parse::<u32>().is_ok())
    });
    let mut pinned = 0;
    for row in rows {
        let cell = row.trim_matches('|').rsplit('|').next().expect("a last cell");
        for name in cell.split('`').map(str::trim).filter(|name| !name.is_empty() && *name != ",") {
            let is_known = table.contains_key(&name.to_uppercase())
                || quirks.contains(&format!("fn {name}()"));
            assert!(is_known, "no test is called {name}: {row}");
        }
        pinned += 1;
    }
    assert_eq!(pinned, 28, "quirks in the specification");
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that does not run must say so")]
fn each_scenario_is_in_the_table() {
    let path = Path::new(PACKAGE).join(SCENARIOS);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: no scenarios at {}", path.display());
        return;
    };
    let is_id = |word: &&str| {
        word.len() > 1
            && word.starts_with(['A', 'B', 'C', 'D', 'X'])
            && word[1..].bytes().all(|byte| byte.is_ascii_digit())
    };
    // Ids stand in bold type, alone or in lists; `A1` and the like elsewhere are agents.
    let bold = text.split("**").skip(1).step_by(2);
    let words = bold.flat_map(|part| part.split([' ', ',', ';', '.']));
    let scenarios: BTreeSet<&str> = words.filter(is_id).collect();
    assert!(scenarios.len() > 200, "only {} scenarios found", scenarios.len());
    let table = table();
    let missing: Vec<&&str> = scenarios.iter().filter(|id| !table.contains_key(**id)).collect();
    assert!(missing.is_empty(), "without a test: {missing:?}");
}
