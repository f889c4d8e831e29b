//! The shape of the workspace, as `ARCHITECTURE.md` states it.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).exec().expect("cargo metadata")
}

/// Who may use whom, directly: policies know the vocabulary only, the engine no concrete policy,
/// the report nothing of ours.
const ALLOWED: [(&str, &[&str]); 9] = [
    ("policy-api", &[]),
    ("policy-allocators", &["policy-api"]),
    ("policy-benchmarks", &["policy-api", "policy-allocators"]),
    ("policy-oversubscription", &["policy-api"]),
    ("policy-isolation", &["policy-api"]),
    ("sim-core", &["policy-api"]),
    ("workloads", &["policy-api", "sim-core"]),
    ("report", &[]),
    (
        "offersim",
        &[
            "policy-api",
            "policy-allocators",
            "policy-benchmarks",
            "policy-oversubscription",
            "policy-isolation",
            "sim-core",
            "workloads",
            "report",
        ],
    ),
];

#[test]
fn dependencies_point_the_right_way() {
    let metadata = metadata();
    let ours: BTreeSet<&str> =
        metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    let known: BTreeSet<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
    assert_eq!(ours, known, "a new package needs a line in this test");
    for package in metadata.workspace_packages() {
        let allowed = ALLOWED.iter().find(|(name, _)| *name == package.name.as_str());
        let allowed = allowed.map(|(_, allowed)| *allowed).unwrap_or_default();
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            if dependency.kind == DependencyKind::Normal && ours.contains(name) {
                assert!(allowed.contains(&name), "{} must not depend on {name}", package.name);
            }
        }
    }
}

#[test]
fn licences_are_allowed_and_versions_single() {
    let metadata = metadata();
    let deny: toml::Table =
        std::fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap();
    let allowed: Vec<String> = deny["licenses"]["allow"].clone().try_into().unwrap();
    let skipped: Vec<String> = deny["bans"]["skip"]
        .as_array()
        .unwrap()
        .iter()
        .map(|skip| skip["crate"].as_str().unwrap().to_owned())
        .collect();
    let linked = linked(&metadata);
    let mut versions: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for package in metadata.packages.iter().filter(|package| linked.contains(&package.id)) {
        let licence = package.license.as_deref().unwrap_or("none");
        // Good enough for the forms in use: `A OR B`, `A/B`, `(A OR B) AND C`.
        let choices = licence.split(" AND ").map(|part| part.trim_matches(['(', ')']));
        for choice in choices {
            let mut alternatives = choice.split(" OR ").flat_map(|part| part.split('/'));
            assert!(
                alternatives.any(|one| allowed.iter().any(|allowed| allowed == one.trim())),
                "{} has the licence {licence}",
                package.name
            );
        }
        let version = &package.version;
        let major = if version.major > 0 {
            version.major.to_string()
        } else {
            format!("0.{}", version.minor)
        };
        if !skipped.contains(&format!("{}:{major}", package.name)) {
            versions.entry(package.name.as_str()).or_default().insert(version.to_string());
        }
    }
    let several: Vec<_> = versions.iter().filter(|(_, versions)| versions.len() > 1).collect();
    assert!(several.is_empty(), "more than one version of {several:?}");
}

/// What ends up in the program: the packages that `offersim` needs, tests and benches aside.
fn linked(metadata: &Metadata) -> BTreeSet<PackageId> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let mut waiting: Vec<PackageId> = metadata
        .workspace_packages()
        .iter()
        .filter(|package| package.name.as_str() == "offersim")
        .map(|package| package.id.clone())
        .collect();
    let mut linked = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !linked.insert(id.clone()) {
            continue;
        }
        let node = resolve.nodes.iter().find(|node| node.id == id).expect("a node for each id");
        for dependency in &node.deps {
            let kinds = &dependency.dep_kinds;
            // Other platforms' packages are in the graph too; they are not in this program.
            if kinds.iter().any(|k| k.kind == DependencyKind::Normal && k.target.is_none()) {
                waiting.push(dependency.pkg.clone());
            }
        }
    }
    linked
}

/// The map must not name ghosts: every path in back-ticks that looks like one of ours exists.
#[test]
fn documents_name_paths_that_exist() {
    let tops = ["policies/", "sim-core/", "workloads/", "results/", ".ci/"];
    for document in ["ARCHITECTURE.md", "README.md"] {
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        let mut named = 0;
        for path in text.split('`').skip(1).step_by(2) {
            let is_path = tops.iter().any(|top| path.starts_with(top));
            if is_path && !path.contains(['<', '*', ' ', '{']) {
                assert!(
                    root().join(path).exists(),
                    "{document} names `{path}`, which is not there"
                );
                named += 1;
            }
        }
        assert!(named > 0, "{document} names no path");
    }
}

/// No file has outgrown one purpose.
#[test]
fn source_files_stay_short() {
    let mut waiting = vec![root()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let lines = std::fs::read_to_string(&path).unwrap().lines().count();
                assert!(lines <= 600, "{} has {lines} lines: what does it hide?", path.display());
            }
        }
    }
}
