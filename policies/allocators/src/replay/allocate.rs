//! Decisions as lines: those of one run that belong together make one offer.

use super::script::Replay;
use super::seconds::Seconds;
use policy_api::resources::json::{quoted, write_resources};
use policy_api::{AgentId, AllocationStage, Decision, FrameworkId, Resources, RoleId, Time};
use std::fmt::Write;

/// What the runs of one event decided.
#[derive(Debug, Default)]
pub(super) struct Output {
    runs: Vec<(Time, u64, Vec<Decision>)>,
}

struct Offer {
    framework: FrameworkId,
    role: RoleId,
    agent: AgentId,
    resources: Resources,
    decisions: Vec<(usize, u8)>,
}

impl Output {
    pub(super) fn note(&mut self, time: Time, cycle: u64, decisions: Vec<Decision>) {
        if !decisions.is_empty() {
            self.runs.push((time, cycle, decisions));
        }
    }

    /// Writes the offers of all runs, then the inverse ones.
    pub(super) fn finish(&mut self, replay: &Replay, out: &mut String) {
        let mut inverse = String::new();
        for (time, cycle, decisions) in self.runs.drain(..) {
            write_run(replay, time, cycle, decisions, out, &mut inverse);
        }
        out.push_str(&inverse);
    }
}

fn write_run(
    replay: &Replay,
    time: Time,
    cycle: u64,
    decisions: Vec<Decision>,
    out: &mut String,
    inverse: &mut String,
) {
    let framework_name = |framework| &*replay.framework_names[framework];
    let agent_name = |agent| &*replay.agent_infos[agent].name;
    let (event, time) = (replay.line, Seconds(time));

    let mut asked: Vec<(FrameworkId, AgentId)> = Vec::new();
    let mut offers: Vec<Offer> = Vec::new();
    for (index, decision) in decisions.into_iter().enumerate() {
        match decision {
            Decision::InverseOffer { framework, agent } => asked.push((framework, agent)),
            Decision::Offer { framework, role, agent, resources, stage } => {
                let number = match stage {
                    AllocationStage::Guarantees => 1,
                    AllocationStage::FairShare => 2,
                };
                offers.push(Offer {
                    framework,
                    role,
                    agent,
                    resources,
                    decisions: vec![(index, number)],
                });
            }
        }
    }
    // Stable: the decisions of one offer stay in their order.
    offers.sort_by_key(|offer| {
        (framework_name(offer.framework), &*replay.role_names[offer.role], agent_name(offer.agent))
    });
    offers.dedup_by(|next, first| {
        let same =
            (next.framework, next.role, next.agent) == (first.framework, first.role, first.agent);
        if same {
            first.resources.add(&next.resources);
            first.decisions.append(&mut next.decisions);
        }
        same
    });
    for offer in offers {
        let (framework, role, agent) = (
            quoted(framework_name(offer.framework)),
            quoted(&replay.role_names[offer.role]),
            quoted(agent_name(offer.agent)),
        );
        let _ = write!(
            out,
            "{{\"event\":{event},\"t\":{time},\"cycle\":{cycle},\"framework\":{framework},\
             \"role\":{role},\"agent\":{agent},\"resources\":",
        );
        write_resources(&offer.resources, out);
        let decisions: Vec<String> =
            offer.decisions.iter().map(|(index, stage)| format!("[{index},{stage}]")).collect();
        let _ = writeln!(out, ",\"decisions\":[{}]}}", decisions.join(","));
    }
    asked.sort_by_key(|&(framework, agent)| (framework_name(framework), agent_name(agent)));
    for (framework, agent) in asked {
        let (framework, agent) = (quoted(framework_name(framework)), quoted(agent_name(agent)));
        let _ = writeln!(
            inverse,
            "{{\"event\":{event},\"t\":{time},\"cycle\":{cycle},\"inverse\":true,\
             \"framework\":{framework},\"agent\":{agent}}}",
        );
    }
}
