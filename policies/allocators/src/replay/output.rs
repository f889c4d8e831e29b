//! Decisions as lines: those of one run that belong together make one offer.

use super::script::Replay;
use policy_api::resources::json::{quoted, write_resources};
use policy_api::{AgentId, AllocationStage, Decision, FrameworkId, Resources, RoleId, Time};
use std::fmt::{self, Write};

/// Takes the lines that one event leads to, and passes them on as soon as their order allows.
pub(super) struct Output<'a> {
    sink: &'a mut dyn Write,
    /// Built here, so that the sink gets each line in one piece.
    line: String,
    /// These lines follow all offers of the event. They are few: a framework is asked once for an
    /// agent until it answers, and an answer is another event.
    inverse: Vec<String>,
    /// An error once the sink has failed; nothing is written from then on.
    result: fmt::Result,
}

struct Offer {
    framework: FrameworkId,
    role: RoleId,
    agent: AgentId,
    resources: Resources,
    decisions: Vec<(usize, u8)>,
}

impl<'a> Output<'a> {
    pub(super) fn new(sink: &'a mut dyn Write) -> Self {
        Self { sink, line: String::new(), inverse: Vec::new(), result: Ok(()) }
    }

    /// Whether more lines are wanted.
    pub(super) fn is_open(&self) -> bool {
        self.result.is_ok()
    }

    /// What came of an update of free resources.
    pub(super) fn update(&mut self, replay: &Replay, allowed: bool) {
        let result = if allowed { "ok" } else { "failed" };
        let (event, time) = (replay.line, Seconds(replay.now));
        let _ = writeln!(self.line, "{{\"event\":{event},\"t\":{time},\"result\":\"{result}\"}}");
        self.pass_on();
    }

    /// What the allocation run of a number decided just now.
    pub(super) fn run(&mut self, replay: &Replay, cycle: u64, decisions: Vec<Decision>) {
        let framework_name = |framework| &*replay.framework_names[framework];
        let agent_name = |agent| &*replay.agent_infos[agent].name;
        let (event, time) = (replay.line, Seconds(replay.now));

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
                    let decisions = vec![(index, number)];
                    offers.push(Offer { framework, role, agent, resources, decisions });
                }
            }
        }
        // Stable: the decisions of one offer stay in their order.
        offers.sort_by_key(|offer| {
            let role_name = &*replay.role_names[offer.role];
            (framework_name(offer.framework), role_name, agent_name(offer.agent))
        });
        offers.dedup_by(|next, first| {
            let same = (next.framework, next.role, next.agent)
                == (first.framework, first.role, first.agent);
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
                self.line,
                "{{\"event\":{event},\"t\":{time},\"cycle\":{cycle},\"framework\":{framework},\
                 \"role\":{role},\"agent\":{agent},\"resources\":",
            );
            write_resources(&offer.resources, &mut self.line);
            let decisions: Vec<String> =
                offer.decisions.iter().map(|(index, stage)| format!("[{index},{stage}]")).collect();
            let _ = writeln!(self.line, ",\"decisions\":[{}]}}", decisions.join(","));
            self.pass_on();
        }
        asked.sort_by_key(|&(framework, agent)| (framework_name(framework), agent_name(agent)));
        for (framework, agent) in asked {
            let (framework, agent) = (quoted(framework_name(framework)), quoted(agent_name(agent)));
            self.inverse.push(format!(
                "{{\"event\":{event},\"t\":{time},\"cycle\":{cycle},\"inverse\":true,\
                 \"framework\":{framework},\"agent\":{agent}}}\n",
            ));
        }
    }

    /// The inverse offers, and whether the sink has taken everything.
    pub(super) fn finish(mut self) -> fmt::Result {
        for line in std::mem::take(&mut self.inverse) {
            self.line = line;
            self.pass_on();
        }
        self.result
    }

    fn pass_on(&mut self) {
        if self.is_open() {
            self.result = self.sink.write_str(&self.line);
        }
        self.line.clear();
    }
}

/// A time in seconds with as many decimals as are needed.
struct Seconds(Time);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_string().trim_end_matches('s'))
    }
}
