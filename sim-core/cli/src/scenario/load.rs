//! Reads a scenario file.

use super::error::{Problem, ScenarioError, suggest};
use super::{Scenario, check, overrides};
use crate::plan::{self, Plan};
use anyhow::{Context, anyhow, bail};
use sim_core::Streams;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The scenario that runs when none is given.
const EMBEDDED: &str = include_str!("../../scenarios/contention.toml");
const EMBEDDED_NAME: &str = "the embedded scenario";

/// Far more than anyone writes; an endless file is not read to its end.
const MOST_BYTES: u64 = 16 << 20;

/// A scenario that is free of mistakes, as far as can be seen without reading its workload.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) scenario: Scenario,
    /// What it names, found.
    pub(crate) plan: Plan,
    /// The file, or what stands for it.
    pub(crate) file: String,
}

/// Reads, overrides, checks. Paths in the file are relative to its folder. The seed, where there is
/// one, is used instead of the scenario's.
pub(crate) fn load(
    path: Option<&Path>,
    sets: &[String],
    seed: Option<u64>,
) -> anyhow::Result<Loaded> {
    let (file, text, folder) = match path {
        None => (EMBEDDED_NAME.to_owned(), EMBEDDED.to_owned(), PathBuf::new()),
        Some(path) => {
            let text = read(path)
                .with_context(|| format!("cannot read the scenario '{}'", path.display()))?;
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            (path.display().to_string(), text, folder)
        }
    };
    let mut scenario = parse(&file, &text)?;
    let (mut file, mut text) = (file, text);
    if !sets.is_empty() {
        text = overrides::apply(&text, sets)?;
        file = format!("{file} with --set");
        scenario = parse(&file, &text)?;
    }
    if let Some(seed) = seed {
        scenario.seed = seed;
    }
    let mut problems = check::check(&scenario);
    // Without the machines it is not known which agents there are.
    if !check::is_countable(&scenario) {
        // Reported already.
    } else if scenario.has_no_files() {
        let plan = plan::plan(&scenario, Vec::new(), &mut problems)?;
        if problems.is_empty() {
            find_inputs(&mut scenario, &folder)?;
            return Ok(Loaded { scenario, plan, file });
        }
    } else if problems.is_empty() {
        find_inputs(&mut scenario, &folder)?;
        let streams = Streams::new(scenario.seed);
        let machines = scenario.machines.as_ref().map(|machines| machines.read(&streams));
        let machines = machines.transpose().context("cannot read the machines")?;
        let plan = plan::plan(&scenario, machines.unwrap_or_default(), &mut problems)
            .context("cannot read the faults")?;
        if problems.is_empty() {
            return Ok(Loaded { scenario, plan, file });
        }
    }
    Err(ScenarioError { file, text, problems }.into())
}

/// Makes the paths of the scenario's files those of its folder.
fn find_inputs(scenario: &mut Scenario, folder: &Path) -> anyhow::Result<()> {
    for path in scenario.paths_mut() {
        *path = folder.join(&*path);
        // Anything else may have no end, or no second reading.
        let metadata = fs::metadata(&*path);
        if !metadata.with_context(|| format!("cannot read '{}'", path.display()))?.is_file() {
            bail!("cannot read '{}': it is not a regular file", path.display());
        }
    }
    Ok(())
}

/// The text of a file, without the byte order mark that some editors put first.
fn read(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        bail!("it is longer than {MOST_BYTES} bytes");
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let (good, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let good = String::from_utf8_lossy(good);
        let line = good.matches('\n').count() + 1;
        let column = good.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        anyhow!("{}:{line}:{column}: this is not text in UTF-8", path.display())
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn parse(file: &str, text: &str) -> Result<Scenario, ScenarioError> {
    toml::from_str(text).map_err(|error| ScenarioError {
        file: file.to_owned(),
        text: text.to_owned(),
        problems: vec![explain(&error)],
    })
}

/// Turns the parser's message into ours: the names between back-ticks are what was found and what
/// is known.
fn explain(error: &toml::de::Error) -> Problem {
    let message = error.message();
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = ["unknown field", "unknown variant"].iter().find(|m| message.starts_with(**m));
    let (message, help) = match (unknown, names.next()) {
        (Some(kind), Some(found)) => {
            let known: Vec<&str> = names.collect();
            let what = if *kind == "unknown field" { "key" } else { "value" };
            (format!("unknown {what} '{found}'"), suggest(found, &known))
        }
        _ => match message.strip_prefix("missing field ") {
            Some(field) => (format!("the key {} is missing", field.replace('`', "'")), None),
            None => (message.to_owned(), None),
        },
    };
    match error.span() {
        Some(span) => Problem { span: Some(span), message, help },
        None => Problem::anywhere(message).help(help),
    }
}
