//! Random whole clusters, checked after every event: `offersim swarm` (see `SWARM.md`).
//!
//! A seed becomes a [`plan`](plan::Plan), plain data that can be printed and cut down; `cluster.rs`
//! builds it, `run.rs` runs it, and a failing one is made small by `minimise.rs`. The command is here.

mod cluster;
mod disturb;
mod files;
mod generate;
mod minimise;
mod network;
mod operations;
mod oversubscription;
mod plan;
mod restless;
mod run;
mod transport;

use crate::args::SwarmArgs;
use crate::run::Outcome as Verdict;
use crate::{progress, screen};
use minimise::minimise;
use plan::Plan;
use rayon::prelude::*;
use run::{Broken, Outcome};
use std::fmt::Write as _;

/// So many of a seed's plans are tried for one that has enough events.
const MOST_PLANS: u32 = 100;

/// A run that failed.
struct Failed {
    seed: u64,
    plan: Plan,
    outcome: Outcome,
}

/// Runs the plans of a seed until one has had enough events, or has failed; the number of its events.
/// Those that were too quiet have been checked as well.
fn run_seed(seed: u64, least_events: u64) -> (u64, Option<Failed>) {
    let mut number = 0;
    loop {
        let plan = generate::plan(seed, least_events, number);
        let outcome = run::run(&plan, 0);
        let events = outcome.events;
        if outcome.broken.is_some() {
            return (events, Some(Failed { seed, plan, outcome }));
        }
        number += 1;
        if events >= least_events || number == MOST_PLANS {
            return (events, None);
        }
    }
}

/// Runs one seed after the other; the report does not depend on the number of threads.
pub(crate) fn swarm(args: &SwarmArgs) -> anyhow::Result<Verdict> {
    screen::print(&format!("seeds from {}, {} runs", args.seed, args.runs))?;
    let bar = progress::cells(usize::try_from(args.runs).unwrap_or(usize::MAX));
    let seeds = (0..args.runs).into_par_iter().map(|number| args.seed.wrapping_add(number));
    let ran: Vec<(u64, Option<Failed>)> = seeds
        .map(|seed| {
            let ran = run_seed(seed, args.events);
            bar.inc(1);
            ran
        })
        .collect();
    bar.finish_and_clear();
    let mut events: Vec<u64> = ran.iter().map(|(events, _)| *events).collect();
    events.sort_unstable();
    let failed: Vec<Failed> = ran.into_iter().filter_map(|(_, failed)| failed).collect();
    for failed in &failed {
        screen::print(&report(args, failed))?;
    }
    let sum: u64 = events.iter().sum();
    let median = events.get(events.len() / 2).copied().unwrap_or_default();
    let least = events.first().copied().unwrap_or_default();
    screen::print(&format!(
        "{} of {} runs failed; {sum} events, {least} at least and {median} in the middle",
        failed.len(),
        args.runs
    ))?;
    Ok(if failed.is_empty() { Verdict::Done } else { Verdict::Failed })
}

/// What is to be known of a failing run, and how to run it again.
fn report(args: &SwarmArgs, failed: &Failed) -> String {
    let Failed { seed, plan, outcome } = failed;
    let mut text = String::new();
    let mut line = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    line(&format!("seed {seed} fails: {}", verdict(outcome)));
    let (plan, what) = match outcome.broken.as_ref().filter(|_| args.minimise) {
        Some(broken) => (minimise(plan, broken.violation.invariant), "the smallest plan found"),
        None => (plan.clone(), "the plan"),
    };
    let shown = run::run(&plan, args.last);
    line(&format!("{what}, which fails: {}", verdict(&shown)));
    line(&format!("{plan:#?}"));
    if let Some(Broken { last, .. }) = &shown.broken {
        line("the last events:");
        for event in last {
            line(event);
        }
    }
    let _ = write!(
        text,
        "to run it again: offersim swarm --runs 1 --seed {seed} --events {}",
        args.events
    );
    text
}

fn verdict(outcome: &Outcome) -> String {
    let Some(Broken { violation, at, .. }) = &outcome.broken else { return "not at all".into() };
    format!("at event {}, {at}: {violation}", outcome.events)
}
