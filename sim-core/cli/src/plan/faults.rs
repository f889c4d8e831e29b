//! The faults of a scenario: listed, drawn, and from traces.

use super::Known;
use crate::scenario::{
    DirectionName, DomainConfig, FaultConfig, FaultName, LawConfig, Problem, RhythmName, Scenario,
};
use policy_api::{DenseId, Span, Time};
use sim_core::Streams;
use sim_core::faults::{
    DrawnFaults, Fault, FaultError, FaultRule, FaultSource, FaultStream, Law, Peer, Rhythm,
    ScriptedFaults, Targets, machine_faults,
};
use sim_core::network::Latency;
use sim_core::protocol::HostId;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use workloads::{Tally, WorkloadError, nearest};

/// In the order of the scenario, which decides between faults of one instant.
pub(super) fn faults(
    scenario: &Scenario,
    known: &Known<'_>,
    streams: Streams,
    problems: &mut Vec<Problem>,
) -> Result<(FaultStream, Vec<Tally>), WorkloadError> {
    let mut sources = Vec::new();
    let mut tallies = Vec::new();
    let mut names = BTreeSet::new();
    for config in &scenario.faults {
        if let Some(name) = &config.get_ref().name
            && !names.insert(name.get_ref().as_str())
        {
            let message = format!("a second rule for faults is called '{}'", name.get_ref());
            let help = "its faults would strike at the same times".to_owned();
            problems.push(Problem::at(name.span(), message).help(Some(help)));
        }
        let mut rule = Rule { config: config.get_ref(), place: config.span(), known, problems };
        let source = match &config.get_ref().trace {
            Some(trace) => {
                let (events, tally) = trace.read(|name| known.hosts.named(name))?;
                tallies.push(tally);
                let faults = machine_faults(events).map(FaultSource::Scripted);
                rule.trace();
                rule.accept(faults)
            }
            None => rule.source(streams),
        };
        sources.extend(source);
    }
    Ok((FaultStream::new(sources), tallies))
}

/// One entry of the scenario's list.
struct Rule<'a> {
    config: &'a FaultConfig,
    place: Range<usize>,
    known: &'a Known<'a>,
    problems: &'a mut Vec<Problem>,
}

impl Rule<'_> {
    fn refuse(&mut self, place: Range<usize>, message: impl Into<String>) {
        self.problems.push(Problem::at(place, message));
    }

    /// Takes over what the engine refuses.
    fn accept(&mut self, source: Result<FaultSource, Vec<FaultError>>) -> Option<FaultSource> {
        match source {
            Ok(source) => Some(source),
            Err(errors) => {
                for error in errors {
                    let place = self.place_of(&error.key);
                    self.refuse(place, error.to_string());
                }
                None
            }
        }
    }

    /// Where a parameter stands that the engine names.
    fn place_of(&self, key: &str) -> Range<usize> {
        let config = self.config;
        let field = key.split('.').next().unwrap_or_default();
        let place = match field {
            "between" => config.every.as_ref().map(Spanned::span),
            "repair" => {
                let repair = config.repair.as_ref().map(Spanned::span);
                repair.or_else(|| config.lasts.as_ref().map(Spanned::span))
            }
            "targets" => config.agents.as_ref().map(Spanned::span),
            _ => None,
        };
        place.unwrap_or_else(|| self.place.clone())
    }

    /// With a trace nothing else makes sense.
    fn trace(&mut self) {
        let config = self.config;
        if config.at.is_some() || config.every.is_some() || config.kind.is_some() {
            let place = self.place.clone();
            self.refuse(place, "a trace says what fails and when: `at`, `every` and `kind` do not");
        }
    }

    fn source(&mut self, streams: Streams) -> Option<FaultSource> {
        let config = self.config;
        self.check_parameters();
        let template = self.template();
        let targets = self.targets();
        match (&config.at, &config.every) {
            (Some(at), None) => {
                for (name, place) in self.of_drawn() {
                    self.refuse(
                        place,
                        format!("`{name}` is for faults that are drawn with `every`"),
                    );
                }
                let (template, targets) = (template?, targets?);
                let faults = match targets {
                    Struck::Template => vec![template],
                    Struck::Hosts(hosts) => {
                        hosts.into_iter().map(|host| template.on(host)).collect()
                    }
                };
                let at = Time::ZERO + at.0;
                let faults = faults.into_iter().map(|fault| (at, fault)).collect();
                self.accept(ScriptedFaults::new(faults).map(FaultSource::Scripted))
            }
            (None, Some(every)) => self.drawn(every, template, targets, streams),
            (at, _) => {
                let place = self.place.clone();
                let message = match at {
                    Some(_) => "`at` and `every` are both given: a fault is listed or drawn",
                    None => "it is not said when this strikes: expected `at`, `every` or `trace`",
                };
                self.refuse(place, message);
                None
            }
        }
    }

    fn drawn(
        &mut self,
        every: &Spanned<LawConfig>,
        template: Option<Fault>,
        targets: Option<Struck>,
        streams: Streams,
    ) -> Option<FaultSource> {
        let config = self.config;
        let name = config.name.as_ref().map(|name| name.get_ref().clone());
        if name.is_none() {
            let message = "this rule has no name, after which its random streams are called";
            self.refuse(every.span(), message);
        }
        let repair = match (&config.repair, &config.lasts) {
            (Some(repair), None) => law(*repair.get_ref()),
            (None, Some(lasts)) => Law::Constant(lasts.get_ref().0),
            (None, None) => Law::Constant(Span::MAX),
            (Some(repair), Some(_)) => {
                let message = "`lasts` and `repair` are both given: expected one of them";
                self.refuse(repair.span(), message);
                return None;
            }
        };
        let targets = match (targets?, &config.by) {
            (Struck::Template, None) => Targets::Template,
            (Struck::Hosts(hosts), None) => Targets::Hosts(hosts),
            (Struck::Hosts(hosts), Some(by)) => self.domains(hosts, by)?,
            (Struck::Template, Some(by)) => {
                self.refuse(by.span(), "only agents fail together by an attribute");
                return None;
            }
        };
        let rule = FaultRule {
            name: name?,
            template: template?,
            between: law(*every.get_ref()),
            repair,
            targets,
            rhythm: match config.rhythm.as_ref().map(|rhythm| *rhythm.get_ref()) {
                Some(RhythmName::ClusterWide) => Rhythm::ClusterWide,
                Some(RhythmName::PerTarget) | None => Rhythm::PerTarget,
            },
        };
        self.accept(DrawnFaults::new(&rule, &streams).map(FaultSource::Drawn))
    }

    fn domains(&mut self, hosts: Vec<HostId>, by: &Spanned<DomainConfig>) -> Option<Targets> {
        let config = by.get_ref();
        let attribute = config.attribute.get_ref();
        let mut groups: BTreeMap<&Arc<str>, Vec<HostId>> = BTreeMap::new();
        for host in hosts {
            if let Some(value) = self.known.hosts.attribute(host, attribute) {
                groups.entry(value).or_default().push(host);
            }
        }
        if groups.is_empty() {
            let near = nearest(attribute, self.known.hosts.attribute_names());
            let message = format!("none of these agents has the attribute '{attribute}'");
            let problem = Problem::at(config.attribute.span(), message);
            self.problems.push(problem.help(near.map(|name| format!("did you mean '{name}'?"))));
            return None;
        }
        let probability = self.per_million("probability", &config.probability)?;
        let groups = groups.into_values().collect();
        Some(Targets::Domains { groups, probability, spread: config.spread.0 })
    }

    fn per_million(&mut self, name: &str, probability: &Spanned<f64>) -> Option<u32> {
        let found = *probability.get_ref();
        if (0.0..=1.0).contains(&found) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a million"
            )]
            return Some((found * 1e6).round() as u32);
        }
        self.refuse(probability.span(), format!("{name} is {found}: expected 0 to 1"));
        None
    }

    /// What is struck; `None` where that is not said rightly.
    fn targets(&mut self) -> Option<Struck> {
        let config = self.config;
        let kind = config.kind.as_ref()?;
        let wants = wants(*kind.get_ref());
        if let (Some(_), Some(framework)) = (&config.agents, &config.framework) {
            self.refuse(framework.span(), "`agents` and `framework` are both given");
            return None;
        }
        match (wants, &config.agents, &config.framework) {
            (Wants::Master | Wants::Anyone, None, None)
            | (Wants::Framework | Wants::Link | Wants::Anyone, None, Some(_)) => {
                Some(Struck::Template)
            }
            (Wants::Host | Wants::Link | Wants::Anyone, Some(agents), _) => {
                let hosts = self.known.hosts.select(agents, self.problems);
                (!hosts.is_empty()).then_some(Struck::Hosts(hosts))
            }
            (Wants::Host, None, Some(framework)) => {
                self.refuse(framework.span(), "this strikes agents, and no framework");
                None
            }
            (Wants::Framework, Some(agents), _) => {
                self.refuse(agents.span(), "this strikes a framework, and no agents");
                None
            }
            (Wants::Master, agents, framework) => {
                let agents = agents.as_ref().map(Spanned::span);
                let place = agents.or_else(|| framework.as_ref().map(Spanned::span));
                self.refuse(place.unwrap_or_default(), "this strikes the master alone");
                None
            }
            (Wants::Host | Wants::Framework | Wants::Link, None, None) => {
                let expected = match wants {
                    Wants::Host | Wants::Master | Wants::Anyone => "expected `agents`",
                    Wants::Framework => "expected `framework`",
                    Wants::Link => "expected `agents` or `framework`",
                };
                self.refuse(kind.span(), format!("it is not said what this strikes: {expected}"));
                None
            }
        }
    }

    /// The fault as it strikes the framework, the master, or the first host.
    fn template(&mut self) -> Option<Fault> {
        let config = self.config;
        let Some(kind) = &config.kind else {
            let place = self.place.clone();
            self.refuse(place, "it is not said what fails: `kind` is missing");
            return None;
        };
        let framework = match &config.framework {
            Some(framework) => Some(self.known.framework(framework, self.problems)?),
            None => None,
        };
        let host = HostId::from_index(0);
        let peer = framework.map_or(Peer::Host(host), Peer::Framework);
        let lasts = config.lasts.as_ref().map(|lasts| lasts.get_ref().0);
        let duration = lasts.unwrap_or(Span::MAX);
        Some(match kind.get_ref() {
            FaultName::AgentCrash => Fault::AgentCrash { host, restart_after: lasts },
            FaultName::HostReboot => Fault::HostReboot { host, down_for: duration },
            FaultName::HostReplacement => Fault::HostReplacement { host, down_for: duration },
            FaultName::Partition => {
                let direction = config.direction.as_ref().map(|it| *it.get_ref());
                let (to_master, from_master) = match direction.unwrap_or_default() {
                    DirectionName::Both => (true, true),
                    DirectionName::ToMaster => (true, false),
                    DirectionName::FromMaster => (false, true),
                };
                let closes = config.closes.as_ref().is_some_and(|closes| *closes.get_ref());
                Fault::Partition { peer, to_master, from_master, duration, closes }
            }
            FaultName::SlowLink => {
                let span = |span: &Option<Spanned<workloads::units::Duration>>| {
                    span.as_ref().map_or(Span::ZERO, |span| span.get_ref().0)
                };
                let (constant, jitter) = (span(&config.latency), span(&config.jitter));
                Fault::SlowLink { peer, extra: Latency { constant, jitter }, duration }
            }
            FaultName::LossyLink => {
                let loss = self.probability("loss", config.loss.as_ref())?;
                let duplication = self.probability("duplication", config.duplication.as_ref())?;
                Fault::LossyLink { peer, loss, duplication, duration }
            }
            FaultName::FrameworkCrash => {
                Fault::FrameworkCrash { framework: framework?, restart_after: lasts }
            }
            FaultName::ExecutorFailure => Fault::ExecutorFailure { host },
            FaultName::DiskFull => Fault::DiskFull { host, duration },
            FaultName::MasterCrash => Fault::MasterCrash { election: duration },
            FaultName::BadCertificate => {
                let is_masters = config.agents.is_none() && config.framework.is_none();
                let of = (!is_masters).then_some(peer);
                Fault::BadCertificate { of, duration }
            }
        })
    }

    fn probability(&mut self, name: &str, probability: Option<&Spanned<f64>>) -> Option<u32> {
        probability.map_or(Some(0), |probability| self.per_million(name, probability))
    }

    /// Parameters of another kind of fault are slips.
    fn check_parameters(&mut self) {
        fn place<T>(value: Option<&Spanned<T>>) -> Option<Range<usize>> {
            value.map(Spanned::span)
        }
        let config = self.config;
        let Some(kind) = config.kind.as_ref().map(|kind| *kind.get_ref()) else { return };
        for (name, of, place) in [
            ("direction", FaultName::Partition, place(config.direction.as_ref())),
            ("closes", FaultName::Partition, place(config.closes.as_ref())),
            ("latency", FaultName::SlowLink, place(config.latency.as_ref())),
            ("jitter", FaultName::SlowLink, place(config.jitter.as_ref())),
            ("loss", FaultName::LossyLink, place(config.loss.as_ref())),
            ("duplication", FaultName::LossyLink, place(config.duplication.as_ref())),
        ] {
            if let Some(place) = place.filter(|_| kind != of) {
                self.refuse(place, format!("`{name}` is of another kind of fault"));
            }
        }
        if kind == FaultName::ExecutorFailure {
            let place = place(config.lasts.as_ref()).or_else(|| place(config.repair.as_ref()));
            if let Some(place) = place {
                self.refuse(place, "a failure of an executor has no end");
            }
        }
    }

    fn of_drawn(&self) -> Vec<(&'static str, Range<usize>)> {
        let config = self.config;
        let repair = config.repair.as_ref().map(|it| ("repair", it.span()));
        let by = config.by.as_ref().map(|it| ("by", it.span()));
        let rhythm = config.rhythm.as_ref().map(|it| ("rhythm", it.span()));
        repair.into_iter().chain(by).chain(rhythm).collect()
    }
}

/// What one entry strikes.
enum Struck {
    /// The framework or the master that the fault names.
    Template,
    Hosts(Vec<HostId>),
}

/// What a kind of fault strikes.
#[derive(Clone, Copy)]
enum Wants {
    Host,
    /// A host's or a framework's.
    Link,
    Framework,
    Master,
    /// A host, a framework, or else the master.
    Anyone,
}

const fn wants(kind: FaultName) -> Wants {
    match kind {
        FaultName::AgentCrash
        | FaultName::HostReboot
        | FaultName::HostReplacement
        | FaultName::ExecutorFailure
        | FaultName::DiskFull => Wants::Host,
        FaultName::Partition | FaultName::SlowLink | FaultName::LossyLink => Wants::Link,
        FaultName::FrameworkCrash => Wants::Framework,
        FaultName::MasterCrash => Wants::Master,
        FaultName::BadCertificate => Wants::Anyone,
    }
}

const fn law(config: LawConfig) -> Law {
    match config {
        LawConfig::Constant(span) => Law::Constant(span.0),
        LawConfig::Exponential { mean } => Law::Exponential { mean: mean.0 },
        LawConfig::Weibull { shape, scale } => Law::Weibull { shape, scale: scale.0 },
        LawConfig::LogNormal { median, sigma } => Law::LogNormal { median: median.0, sigma },
    }
}
