//! Faults that are drawn: a failure, its repair, the time to the next failure, and so on for ever.
//!
//! They are drawn one after the other as time comes to them, never up to a horizon. Each target and each
//! host draws from a stream of its own, so that a rule strikes a host at the same times whatever other
//! rules and hosts there are.

use super::{Fault, FaultError, Law, MILLION, Peer, check_probability};
use crate::protocol::HostId;
use crate::streams::Streams;
use policy_api::{DenseId, Span, Time};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// How faults of one kind are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultRule {
    /// Names the rule's random streams: different in each rule of a scenario.
    pub name: String,
    /// The fault. Its host is that of the target, its span the time to repair.
    pub template: Fault,
    /// From the start of the run, or from a repair, to the next failure.
    pub between: Law,
    pub repair: Law,
    pub targets: Targets,
    pub rhythm: Rhythm,
}

/// What a rule strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Targets {
    /// What the template names.
    Template,
    /// Each of these hosts by itself.
    Hosts(Vec<HostId>),
    /// Groups of hosts that fail together, such as racks.
    Domains {
        groups: Vec<Vec<HostId>>,
        /// How many of a million hosts of a struck group fail, each drawn by itself.
        probability: u32,
        /// Each of them fails at an instant that is evenly drawn from this span after the strike.
        spread: Span,
    },
}

/// Whose time between failures it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// Each target's own. The next failure counts from the repair of all of it.
    PerTarget,
    /// The cluster's: each failure strikes one target, evenly drawn from those that are not down. Where
    /// all are, the next failure counts from the first repair.
    ClusterWide,
}

/// The faults of one rule, in the order of time.
#[derive(Clone, Debug)]
pub struct DrawnFaults {
    template: Fault,
    between: Law,
    repair: Law,
    probability: u32,
    spread: Span,
    targets: Vec<Target>,
    clock: Clock,
    /// What is to come. The first is a failure, or there is none any more.
    agenda: BinaryHeap<Reverse<(Time, Entry)>>,
}

/// What fails together.
#[derive(Clone, Debug)]
struct Target {
    random: Pcg64Mcg,
    members: Vec<Member>,
}

#[derive(Clone, Debug)]
struct Member {
    /// `None`: what the template names.
    host: Option<HostId>,
    random: Pcg64Mcg,
}

#[derive(Clone, Debug)]
enum Clock {
    PerTarget,
    ClusterWide { random: Pcg64Mcg, up: Vec<u32> },
}

/// In the order in which those of one instant are dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    /// This target is struck.
    Strike(u32),
    /// One of the targets is struck.
    StrikeOne,
    /// This target, of a rule with one rhythm for the cluster, is up again. After the strikes of the
    /// instant, so that nothing is repaired and fails at once.
    Repaired(u32),
    /// This host fails.
    Failure { host: Option<HostId>, repair: Span },
}

impl DrawnFaults {
    /// Returns all bad parameters, each under its name.
    pub fn new(rule: &FaultRule, streams: &Streams) -> Result<Self, Vec<FaultError>> {
        rule.check()?;
        let stream = |part: &str| streams.stream(&format!("faults/{}/{part}", rule.name));
        let member = |host: &HostId| {
            let random = stream(&format!("host/{}", host.index()));
            Member { host: Some(*host), random }
        };
        let (targets, probability, spread) = match &rule.targets {
            Targets::Template => {
                let members = vec![Member { host: None, random: stream("repair") }];
                (vec![Target { random: stream("template"), members }], MILLION, Span::ZERO)
            }
            Targets::Hosts(hosts) => {
                let target = |host: &HostId| {
                    let random = stream(&format!("strikes/{}", host.index()));
                    Target { random, members: vec![member(host)] }
                };
                (hosts.iter().map(target).collect(), MILLION, Span::ZERO)
            }
            Targets::Domains { groups, probability, spread } => {
                let target = |(number, hosts): (usize, &Vec<HostId>)| {
                    let random = stream(&format!("domain/{number}"));
                    Target { random, members: hosts.iter().map(member).collect() }
                };
                (groups.iter().enumerate().map(target).collect(), *probability, *spread)
            }
        };
        let clock = match rule.rhythm {
            Rhythm::PerTarget => Clock::PerTarget,
            Rhythm::ClusterWide => {
                Clock::ClusterWide { random: stream("cluster"), up: numbers(&targets).collect() }
            }
        };
        let FaultRule { template, between, repair, .. } = *rule;
        let agenda = BinaryHeap::new();
        let mut faults =
            Self { template, between, repair, probability, spread, targets, clock, agenda };
        faults.start();
        Ok(faults)
    }

    fn start(&mut self) {
        if matches!(self.clock, Clock::ClusterWide { .. }) {
            self.schedule_strike_of_one(Time::ZERO);
        } else {
            for target in numbers(&self.targets) {
                self.schedule_strike(Time::ZERO, target);
            }
        }
        self.advance();
    }

    pub(super) fn peek_time(&self) -> Option<Time> {
        self.agenda.peek().map(|Reverse((at, _))| *at)
    }

    /// Deals with what is due until the first entry is a failure.
    fn advance(&mut self) {
        while let Some(&Reverse((now, entry))) = self.agenda.peek() {
            if matches!(entry, Entry::Failure { .. }) {
                return;
            }
            self.agenda.pop();
            match entry {
                Entry::Strike(target) => {
                    let repaired = self.strike(now, target);
                    self.schedule_strike(repaired, target);
                }
                Entry::StrikeOne => self.strike_one(now),
                Entry::Repaired(target) => self.repaired(now, target),
                Entry::Failure { .. } => {}
            }
        }
    }

    /// Draws which hosts of the target fail and when they are repaired. Returns when all are.
    fn strike(&mut self, now: Time, target: u32) -> Time {
        let mut repaired = now;
        let Some(target) = self.targets.get_mut(target as usize) else { return Time::NEVER };
        for member in &mut target.members {
            let random = &mut member.random;
            if self.probability < MILLION && random.random_range(0..MILLION) >= self.probability {
                continue;
            }
            let mut at = now;
            if !self.spread.is_zero() {
                at += Span::from_nanos(random.random_range(0..=self.spread.as_nanos()));
            }
            let repair = self.repair.draw(random);
            let failure = Entry::Failure { host: member.host, repair };
            schedule(&mut self.agenda, at, failure);
            repaired = repaired.max(at + repair);
        }
        repaired
    }

    fn strike_one(&mut self, now: Time) {
        let Clock::ClusterWide { random, up } = &mut self.clock else { return };
        if up.is_empty() {
            return; // The first repair schedules the next strike.
        }
        // As u64: what is drawn must not depend on the width of usize.
        let drawn = usize::try_from(random.random_range(0..up.len() as u64)).unwrap_or_default();
        let target = up.swap_remove(drawn);
        let all_down = up.is_empty();
        let repaired = self.strike(now, target);
        schedule(&mut self.agenda, repaired, Entry::Repaired(target));
        if !all_down {
            self.schedule_strike_of_one(now);
        }
    }

    fn repaired(&mut self, now: Time, target: u32) {
        let Clock::ClusterWide { up, .. } = &mut self.clock else { return };
        up.push(target);
        if up.len() == 1 {
            self.schedule_strike_of_one(now);
        }
    }

    fn schedule_strike(&mut self, from: Time, number: u32) {
        if let Some(target) = self.targets.get_mut(number as usize) {
            let at = from + self.between.draw(&mut target.random);
            schedule(&mut self.agenda, at, Entry::Strike(number));
        }
    }

    fn schedule_strike_of_one(&mut self, from: Time) {
        if let Clock::ClusterWide { random, .. } = &mut self.clock {
            let at = from + self.between.draw(random);
            schedule(&mut self.agenda, at, Entry::StrikeOne);
        }
    }
}

impl Iterator for DrawnFaults {
    type Item = (Time, Fault);

    fn next(&mut self) -> Option<(Time, Fault)> {
        let Reverse((at, entry)) = self.agenda.pop()?;
        self.advance();
        match entry {
            Entry::Failure { host, repair } => {
                let fault = host.map_or(self.template, |host| self.template.on(host));
                Some((at, fault.lasting(repair)))
            }
            Entry::Repaired(_) | Entry::Strike(_) | Entry::StrikeOne => None,
        }
    }
}

fn schedule(agenda: &mut BinaryHeap<Reverse<(Time, Entry)>>, at: Time, entry: Entry) {
    if at < Time::NEVER {
        agenda.push(Reverse((at, entry)));
    }
}

fn numbers(targets: &[Target]) -> impl Iterator<Item = u32> + use<> {
    0..u32::try_from(targets.len()).unwrap_or(u32::MAX)
}

impl FaultRule {
    fn check(&self) -> Result<(), Vec<FaultError>> {
        let mut errors = Vec::new();
        self.template.check("template", &mut errors);
        self.between.check("between", &mut errors);
        self.repair.check("repair", &mut errors);
        let strikes_hosts = match &self.targets {
            Targets::Template => false,
            Targets::Hosts(hosts) => {
                check_hosts(hosts, &mut errors);
                true
            }
            Targets::Domains { groups, probability, .. } => {
                check_hosts(groups.iter().flatten(), &mut errors);
                for (number, _) in groups.iter().enumerate().filter(|(_, hosts)| hosts.is_empty()) {
                    let problem = "found no host, expected at least one in each group";
                    errors.push(FaultError::new(format!("targets.groups[{number}]"), problem));
                }
                check_probability("targets.probability", *probability, &mut errors);
                if *probability == 0 {
                    let problem = "found 0, expected more: nothing would ever fail";
                    errors.push(FaultError::new("targets.probability", problem));
                }
                true
            }
        };
        if strikes_hosts
            && !matches!(self.template.on(HostId::from_index(0)).target(), Some(Peer::Host(_)))
        {
            let kind = self.template.kind().name();
            let problem = format!("found hosts, expected the template's own: no host has a {kind}");
            errors.push(FaultError::new("targets", problem));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// A host in two groups could fail while it is down.
fn check_hosts<'a>(hosts: impl IntoIterator<Item = &'a HostId>, errors: &mut Vec<FaultError>) {
    let mut seen = BTreeSet::new();
    for host in hosts {
        if !seen.insert(*host) {
            let problem = format!("found host {} twice, expected it once", host.index());
            errors.push(FaultError::new("targets", problem));
        }
    }
    if seen.is_empty() {
        errors.push(FaultError::new("targets", "found no host, expected at least one"));
    }
}
