//! A replay against a recording: the first difference, and the state that led to it.

use super::lines::Lines;
use super::mistake;
use super::state::State;
use crate::run::Outcome;
use crate::scenario::printable;
use crate::screen;
use policy_allocators::replay::Replay;
use serde_json::Value;
use std::fmt;

/// Replays until an offer is not the recorded one.
pub(super) fn check(mut events: Lines, recorded: Lines) -> anyhow::Result<Outcome> {
    let mut replay = Replay::default();
    let mut script: Vec<String> = Vec::new();
    let mut comparison = Comparison { recorded, end: None };
    while let Some(event) = events.next()? {
        let replayed = replay.line(&event, &mut comparison);
        script.push(event);
        if let Some(end) = comparison.end {
            let (expected, offer) = end?;
            return report(&script, expected.as_deref(), Some(&offer), &comparison.recorded);
        }
        replayed.map_err(|error| mistake(&events, &error))?;
    }
    let mut recorded = comparison.recorded;
    match recorded.next()? {
        None => {
            let (events, offers) = (events.read, recorded.read);
            screen::print(&format!("no difference: {events} events, {offers} offers"))?;
            Ok(Outcome::Done)
        }
        Some(expected) => report(&script, Some(&expected), None, &recorded),
    }
}

/// Takes offers as they are made and compares each with the recorded one.
struct Comparison {
    recorded: Lines,
    /// The first difference, as what was recorded and what was offered, or why there is no telling.
    end: Option<anyhow::Result<(Option<String>, String)>>,
}

impl fmt::Write for Comparison {
    /// Gets a whole line each time.
    fn write_str(&mut self, line: &str) -> fmt::Result {
        let offer = line.trim_end_matches('\n');
        self.end = match self.recorded.next() {
            Ok(Some(expected)) if expected == offer => return Ok(()),
            Ok(expected) => Some(Ok((expected, offer.to_owned()))),
            Err(error) => Some(Err(error)),
        };
        Err(fmt::Error)
    }
}

/// Takes offers that nobody wants to see.
struct Nowhere;

impl fmt::Write for Nowhere {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        Ok(())
    }
}

/// The number of the event that led to a recorded offer.
fn event_of(offer: Option<&str>) -> Option<u64> {
    let offer: Value = serde_json::from_str(offer?).ok()?;
    offer["event"].as_u64().filter(|&number| number > 0)
}

/// A line in full; a garbled one must not move the cursor.
fn shown(line: &str) -> String {
    line.chars().map(printable).collect()
}

/// Shows the state before the event that should have led, or should not have led, to an offer. It
/// is the last one, unless the recording has an offer that an earlier one should have led to.
fn report(
    script: &[String],
    expected: Option<&str>,
    replayed: Option<&str>,
    recorded: &Lines,
) -> anyhow::Result<Outcome> {
    let last = script.len() as u64;
    let number = event_of(expected).map_or(last, |number| number.min(last)).max(1);
    let index = usize::try_from(number - 1)?;
    let mut before = Replay::default();
    for line in &script[..index] {
        before.line(line, &mut Nowhere)?;
    }
    let line = recorded.read + u64::from(expected.is_none());
    screen::print(&format!("event {number} differs from line {line} of {}", recorded.name))?;
    let event = script.get(index).map_or("(no events)", String::as_str);
    screen::print(&format!("  event     {}", shown(event)))?;
    screen::print(&format!("  recorded  {}", shown(expected.unwrap_or("(no more offers)"))))?;
    screen::print(&format!("  replayed  {}\n", replayed.unwrap_or("(no more offers)")))?;

    let mut agents: Vec<String> = Vec::new();
    for offer in [expected, replayed].into_iter().flatten() {
        let Ok(offer) = serde_json::from_str::<Value>(offer) else { continue };
        let agent = offer["agent"].as_str().map(str::to_owned);
        agents.extend(agent.filter(|agent| !agents.contains(agent)));
    }
    screen::print(&State { replay: &before, number, agents: &agents }.to_string())?;
    Ok(Outcome::Failed)
}
