//! `CONFORMANCE.md` and the tests that it names agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");
/// Mesos's tests as scenarios; beside the checkout, not in it.
const SCENARIOS: &str = "../../shared/spec/cluster-conformance.md";

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(PACKAGE).join(name)).expect("text")
}

/// `PA-7`.
fn is_id(cell: &str) -> bool {
    cell.split_once('-').is_some_and(|(family, number)| {
        !family.is_empty()
            && family.bytes().all(|byte| byte.is_ascii_uppercase())
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The cells of each row that begins with an id.
fn rows(page: &str) -> BTreeMap<String, Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let rows = page.lines().filter(|line| line.starts_with("| ")).map(cells);
    rows.filter(|cells| is_id(&cells[0])).map(|cells| (cells[0].clone(), cells)).collect()
}

/// The tests of the package, as `file::function`.
fn tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    let mut folders = vec![Path::new(PACKAGE).join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(&path).expect("source text");
                let name = path.strip_prefix(Path::new(PACKAGE).join("tests")).expect("a test");
                let name = name.with_extension("").to_str().expect("a plain name").to_owned();
                let name = name.replace(std::path::MAIN_SEPARATOR, "::");
                let functions = source.split("#[test]\n").skip(1).filter_map(|after| {
                    let (_, rest) = after.split_once("fn ")?;
                    Some(rest.split_once('(')?.0)
                });
                tests.extend(functions.map(|function| format!("{name}::{function}")));
            }
        }
    }
    tests
}

/// Whether a test is named after a scenario: `pa_7_...`, or `sr_5_and_7_...` for two.
fn is_named_after(test: &str, id: &str) -> bool {
    let (family, number) = id.split_once('-').expect("an id");
    let function = test.rsplit("::").next().expect("a name");
    let Some(rest) = function.strip_prefix(&format!("{}_", family.to_lowercase())) else {
        return false;
    };
    let numbers = rest.split('_').take_while(|part| {
        *part == "and" || (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    });
    numbers.into_iter().any(|part| part == number)
}

#[test]
fn the_table_names_each_test() {
    let (table, tests) = (rows(&read("CONFORMANCE.md")), tests());
    for (id, cells) in &table {
        let [_, _, status, named] = &cells[..] else { panic!("four cells: {cells:?}") };
        let named: BTreeSet<String> =
            named.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        if status.starts_with("passes") {
            let expected: BTreeSet<String> =
                tests.iter().filter(|test| is_named_after(test, id)).cloned().collect();
            assert!(!expected.is_empty(), "{id} passes, but has no test");
            assert_eq!(named, expected, "{id}");
        } else {
            assert!(["does not apply", "not yet"].contains(&status.as_str()), "{id}: {status}");
            assert!(!cells[3].is_empty(), "{id} needs a reason");
        }
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "says what it skips")]
fn each_scenario_has_a_row() {
    let scenarios = Path::new(PACKAGE).join(SCENARIOS);
    let Ok(scenarios) = std::fs::read_to_string(&scenarios) else {
        eprintln!("skipped: {} is not there", scenarios.display());
        return;
    };
    let ids = |page: &str| rows(page).into_keys().collect::<BTreeSet<String>>();
    assert_eq!(ids(&read("CONFORMANCE.md")), ids(&scenarios));
}
