//! A replay against a recording: the first difference, and the state that led to it.

use super::Lines;
use super::state::State;
use crate::run::Outcome;
use crate::screen;
use anyhow::Context;
use policy_allocators::replay::Replay;
use serde_json::Value;

/// Replays until an offer is not the recorded one.
pub(super) fn check(mut events: Lines, mut recorded: Lines) -> anyhow::Result<Outcome> {
    let mut replay = Replay::default();
    let mut script: Vec<String> = Vec::new();
    let mut offers = String::new();
    while let Some(event) = events.next()? {
        offers.clear();
        replay.line(&event, &mut offers).with_context(|| events.name.clone())?;
        for offer in offers.lines() {
            let expected = recorded.next()?;
            if expected.as_deref() != Some(offer) {
                let number = event_of(expected.as_deref()).map_or(events.read, |recorded| {
                    // The recording may have an offer that an earlier event should have led to.
                    recorded.min(events.read)
                });
                script.push(event);
                return report(&script, number, expected.as_deref(), Some(offer), &recorded);
            }
        }
        script.push(event);
    }
    match recorded.next()? {
        None => {
            let (events, offers) = (events.read, recorded.read);
            screen::print(&format!("no difference: {events} events, {offers} offers"))?;
            Ok(Outcome::Done)
        }
        Some(expected) => {
            let last = script.len() as u64;
            let number = event_of(Some(&expected)).map_or(last, |number| number.min(last));
            report(&script, number, Some(&expected), None, &recorded)
        }
    }
}

fn field<'a>(offer: &'a Value, name: &str) -> &'a str {
    offer[name].as_str().unwrap_or_default()
}

/// The number of the event that led to a recorded offer.
fn event_of(offer: Option<&str>) -> Option<u64> {
    let offer: Value = serde_json::from_str(offer?).ok()?;
    offer["event"].as_u64().filter(|&number| number > 0)
}

fn report(
    script: &[String],
    number: u64,
    expected: Option<&str>,
    replayed: Option<&str>,
    recorded: &Lines,
) -> anyhow::Result<Outcome> {
    let index = usize::try_from(number).unwrap_or(usize::MAX).min(script.len()) - 1;
    // The state before the event: the decisions of interest were made from it.
    let mut before = Replay::default();
    for line in &script[..index] {
        before.line(line, &mut String::new())?;
    }
    let line = recorded.read + u64::from(expected.is_none());
    screen::print(&format!("event {number} differs from line {line} of {}", recorded.name))?;
    screen::print(&format!("  event     {}", script[index]))?;
    screen::print(&format!("  recorded  {}", expected.unwrap_or("(no more offers)")))?;
    screen::print(&format!("  replayed  {}\n", replayed.unwrap_or("(no more offers)")))?;

    let mut agents: Vec<String> = Vec::new();
    for offer in [expected, replayed].into_iter().flatten() {
        let Ok(offer) = serde_json::from_str::<Value>(offer) else { continue };
        let agent = field(&offer, "agent").to_owned();
        if !agent.is_empty() && !agents.contains(&agent) {
            agents.push(agent);
        }
    }
    screen::print(&State { replay: &before, number, agents: &agents }.to_string())?;
    Ok(Outcome::Failed)
}
