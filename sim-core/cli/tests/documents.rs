//! The commands in the documents work, and so does the scenario that the README shows.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop at the first surprise, and says what it skips"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const DOCUMENTS: [&str; 5] = [
    "README.md",
    "results/README.md",
    "policies/allocators/README.md",
    "policies/isolation/README.md",
    "sim-core/cli/SCENARIOS.md",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(document: &str) -> String {
    std::fs::read_to_string(root().join(document)).unwrap()
}

/// Runs the program in a folder of its own; arguments that are paths are those of the checkout.
fn offersim(arguments: &[String]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_offersim"))
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap()
}

/// The commands that a document shows, without what runs them.
fn commands(document: &str) -> Vec<Vec<String>> {
    let text = read(document);
    let lines = text.lines().map(str::trim);
    lines
        .filter_map(|line| line.strip_prefix("cargo run --release -- "))
        .map(|command| {
            let absolute = |word: &str| {
                let is_path =
                    ["results/", "sim-core/", "../"].iter().any(|it| word.starts_with(it));
                if is_path { root().join(word).display().to_string() } else { word.to_owned() }
            };
            command.split(' ').map(absolute).collect()
        })
        .collect()
}

#[test]
fn commands_in_the_documents_work() {
    let mut ran = 0;
    for document in DOCUMENTS {
        for mut command in commands(document) {
            if command.iter().any(|word| word.contains("/../shared")) && !has_shared() {
                eprintln!("skipped: {command:?} needs ../shared");
                continue;
            }
            // Experiments that take long are cut in `experiments.rs`; here they are checked.
            let slow =
                ["google-2011", "omega-example", "kth-sp2", "nasa-ipsc", "erlang-c", "shuffle"];
            let is_slow = command.iter().any(|word| slow.iter().any(|name| word.contains(name)));
            if is_slow {
                command[0] = "check".to_owned();
                command.truncate(2);
                if !has_shared() {
                    eprintln!("skipped: {command:?} may need ../shared");
                    continue;
                }
            }
            let output = offersim(&command);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{document}: {command:?}: {errors}");
            ran += 1;
        }
    }
    assert!(ran > 0, "the documents show no command");
}

fn has_shared() -> bool {
    root().join("../shared").is_dir()
}

#[test]
fn the_scenario_of_the_readme_runs() {
    let text = read("README.md");
    let scenario = text.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.toml");
    std::fs::write(&file, scenario).unwrap();
    let output = offersim(&["run".into(), file.display().to_string(), "--check".into()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Each piece of TOML in the page is a part of a scenario: on top of a small one it must be one.
#[test]
fn the_pieces_of_the_page_on_scenarios_are_scenarios() {
    let text = read("sim-core/cli/SCENARIOS.md");
    let base = read("sim-core/cli/scenarios/page.toml");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("machines.csv"), "time_s,machine,event\n").unwrap();
    let mut pieces = 0;
    for piece in text.split("```toml\n").skip(1) {
        let piece = piece.split("```").next().unwrap();
        let (top, tables) = piece.split_at(piece.find('[').unwrap_or(piece.len()));
        let file = folder.path().join("scenario.toml");
        std::fs::write(&file, format!("{top}\n{base}\n{tables}")).unwrap();
        let output = offersim(&["check".into(), file.display().to_string()]);
        assert!(output.status.success(), "{piece}{}", String::from_utf8_lossy(&output.stderr));
        pieces += 1;
    }
    assert!(pieces >= 8, "only {pieces} pieces");
}

#[test]
fn the_readme_names_the_exit_codes_and_files_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let scenario = root().join("results/drf-paper/scenario.toml").display().to_string();
    let output = offersim(&["run".into(), scenario, "--out".into(), out.display().to_string()]);
    assert!(output.status.success());
    let text = read("README.md");
    let weather = root().join("sim-core/cli/scenarios/weather.toml").display().to_string();
    let more = folder.path().join("more");
    let output = offersim(&["run".into(), weather, "--out".into(), more.display().to_string()]);
    assert!(output.status.success());
    let files = [&out, &more].map(|folder| std::fs::read_dir(folder).unwrap());
    for file in files.into_iter().flatten() {
        let name = file.unwrap().file_name().to_string_lossy().into_owned();
        assert!(text.contains(&format!("`{name}")), "the README does not name {name}");
    }
}
