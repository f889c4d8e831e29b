//! The top level of Heracles: best effort lives on what the latency of services leaves.
//!
//! Source: Lo et al., "Heracles: Improving Resource Efficiency at Scale", ISCA 2015, section 4.3.
//! Where there are several services, the one that does worst decides.

use super::load::all_revocable;
use crate::InvalidParameter;
use crate::parameter::{check, share};
use policy_api::{
    Amount, Correction, ExecutorUsage, LatencyReport, QosController, Scalar, Span, Time, Usage,
};
use std::cmp::Reverse;

/// The parameters of [`LatencySlack`]; the defaults are those of the paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencySlackParameters {
    /// How often it looks, at most.
    pub interval: Span,
    /// How long best effort stays away after a target was missed.
    pub cooldown: Span,
    /// A service's load above which best effort ends, in (0, 1].
    pub disable_load: f64,
    /// A service's load below which it may begin again, in (0, 1] and not above the other.
    pub enable_load: f64,
    /// The slack below which best effort does not grow, in (0, 1].
    pub growth_slack: f64,
    /// The slack below which best effort keeps `kept_cpus` only, in (0, 1] and not above the other.
    pub shrink_slack: f64,
    /// In thousandths of a core, not negative.
    pub kept_cpus: Amount,
}

impl Default for LatencySlackParameters {
    fn default() -> Self {
        Self {
            interval: Span::from_secs(15),
            cooldown: Span::from_secs(300),
            disable_load: 0.85,
            enable_load: 0.80,
            growth_slack: 0.10,
            shrink_slack: 0.05,
            kept_cpus: 2000,
        }
    }
}

/// What the services of a host leave to best effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BestEffort {
    Grows,
    /// It keeps what it has.
    Stays,
    /// It keeps a few cores.
    Shrinks,
    Ends,
}

/// Judges by the latencies of a host's services.
#[derive(Clone, Copy, Debug)]
pub struct LatencySlack {
    parameters: LatencySlackParameters,
    judged: Option<Time>,
    verdict: BestEffort,
    /// A target was missed: best effort stays away until then.
    away_until: Time,
    /// The load was too high, and has not become low.
    busy: bool,
}

impl LatencySlack {
    /// # Errors
    /// A parameter outside its range.
    pub fn new(parameters: LatencySlackParameters) -> Result<Self, InvalidParameter> {
        let LatencySlackParameters {
            disable_load, enable_load, growth_slack, shrink_slack, ..
        } = parameters;
        share("disable_load", disable_load)?;
        share("enable_load", enable_load)?;
        share("growth_slack", growth_slack)?;
        share("shrink_slack", shrink_slack)?;
        check("enable_load", &enable_load, "at most disable_load", enable_load <= disable_load)?;
        let ordered = shrink_slack <= growth_slack;
        check("shrink_slack", &shrink_slack, "at most growth_slack", ordered)?;
        let kept = parameters.kept_cpus;
        check("kept_cpus", &kept, "not negative", kept >= 0)?;
        let (verdict, away_until) = (BestEffort::Grows, Time::ZERO);
        Ok(Self { parameters, judged: None, verdict, away_until, busy: false })
    }

    /// What holds now; looks again only once the interval is over.
    pub fn judge(&mut self, now: Time, usage: &Usage) -> BestEffort {
        let is_due = self.judged.is_none_or(|last| now.since(last) >= self.parameters.interval);
        if is_due {
            self.judged = Some(now);
            self.verdict = self.verdict(now, usage);
        }
        self.verdict
    }

    fn verdict(&mut self, now: Time, usage: &Usage) -> BestEffort {
        let parameters = self.parameters;
        let reports = || usage.executors.iter().filter_map(|executor| executor.latency);
        let Some(slack) = reports().map(|report| report.slack()).reduce(f64::min) else {
            return BestEffort::Grows;
        };
        let load = reports().map(|LatencyReport { load, .. }| load).fold(0.0, f64::max);
        if slack < 0.0 {
            self.away_until = now + parameters.cooldown;
        }
        self.busy = load > parameters.disable_load || self.busy && load >= parameters.enable_load;
        if now < self.away_until || self.busy {
            BestEffort::Ends
        } else if slack < parameters.shrink_slack {
            BestEffort::Shrinks
        } else if slack < parameters.growth_slack {
            BestEffort::Stays
        } else {
            BestEffort::Grows
        }
    }
}

/// Kills best effort as [`LatencySlack`] judges: all of it, or the youngest until the rest fits into a
/// few cores.
#[derive(Clone, Copy, Debug)]
pub struct LatencySlackController {
    slack: LatencySlack,
}

impl LatencySlackController {
    /// # Errors
    /// A parameter outside its range.
    pub fn new(parameters: LatencySlackParameters) -> Result<Self, InvalidParameter> {
        Ok(Self { slack: LatencySlack::new(parameters)? })
    }
}

impl QosController for LatencySlackController {
    fn correct(&mut self, now: Time, usage: &Usage) -> Option<Vec<Correction>> {
        Some(match self.slack.judge(now, usage) {
            BestEffort::Grows | BestEffort::Stays => Vec::new(),
            BestEffort::Shrinks => shrink(usage, self.slack.parameters.kept_cpus),
            BestEffort::Ends => all_revocable(usage),
        })
    }
}

fn shrink(usage: &Usage, kept_cpus: Amount) -> Vec<Correction> {
    let cpus = |executor: &ExecutorUsage| executor.allocated.revocable().amount(Scalar::Cpus);
    let mut holders: Vec<&ExecutorUsage> =
        usage.executors.iter().filter(|executor| cpus(executor) > 0).collect();
    holders.sort_by_key(|executor| Reverse(executor.started));
    let mut held: Amount = holders.iter().map(|executor| cpus(executor)).sum();
    let mut corrections = Vec::new();
    for executor in holders {
        if held <= kept_cpus {
            break;
        }
        held -= cpus(executor);
        corrections.push(Correction::kill(executor));
    }
    corrections
}
