//! The master's flags.

use crate::scenario::{
    AclAction, AclConfig, EntityConfig, MasterFlags, Problem, RateLimitConfig, Scenario,
};
use policy_api::Span;
use sim_core::master::{Acl, Acls, Action, Entity, MasterOptions, RateLimit, RateLimits};
use std::sync::Arc;
use toml::Spanned;
use workloads::units::Duration;

pub(super) fn options(scenario: &Scenario, problems: &mut Vec<Problem>) -> MasterOptions {
    let flags = &scenario.master;
    MasterOptions {
        profile: scenario.profile.profile(),
        offer_timeout: flags.offer_timeout.as_ref().map(|timeout| timeout.get_ref().0),
        agent_ping_timeout: flags.agent_ping_timeout.get_ref().0,
        max_agent_ping_timeouts: flags.max_agent_ping_timeouts,
        agent_reregister_timeout: flags.agent_reregister_timeout.0,
        agent_removal_interval: removal_interval(flags, problems),
        recovery_agent_removal_limit: removal_limit(flags, problems),
        registry_store_latency: flags.registry_store_latency.0,
        registry_gc_interval: flags.registry_gc_interval.get_ref().0,
        registry_max_agent_age: flags.registry_max_agent_age.0,
        registry_max_agent_count: flags.registry_max_agent_count,
        max_executors_per_agent: flags.max_executors_per_agent,
        max_completed_frameworks: flags.max_completed_frameworks,
        max_completed_tasks_per_framework: flags.max_completed_tasks_per_framework,
        max_unreachable_tasks_per_framework: flags.max_unreachable_tasks_per_framework,
        explicit_roles: flags.explicit_roles,
        acls: acls(flags, problems),
        rate_limits: rate_limits(flags, problems),
    }
}

/// `1/10m`: so many in so long.
fn removal_interval(flags: &MasterFlags, problems: &mut Vec<Problem>) -> Option<Span> {
    let text = flags.agent_removal_rate_limit.as_ref()?;
    let parse = |text: &str| {
        let (count, span) = text.split_once('/')?;
        let count: u64 = count.trim().parse().ok().filter(|count| *count > 0)?;
        let span: Duration = span.trim().parse().ok()?;
        Some(Span::from_nanos(span.0.as_nanos() / count)).filter(|interval| !interval.is_zero())
    };
    let interval = parse(text.get_ref());
    if interval.is_none() {
        let message =
            format!("'{}' is no rate: expected agents and a time, as 1/10m", text.get_ref());
        problems.push(Problem::at(text.span(), message));
    }
    interval
}

/// `25%`, in thousandths.
fn removal_limit(flags: &MasterFlags, problems: &mut Vec<Problem>) -> u32 {
    let text = &flags.recovery_agent_removal_limit;
    let percent = text.get_ref().strip_suffix('%').and_then(|it| it.trim().parse::<f64>().ok());
    if let Some(percent) = percent.filter(|percent| (0.0..=100.0).contains(percent)) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "up to 1000")]
        return (percent * 10.0).round() as u32;
    }
    let message = format!("'{}' is no percentage: expected 0% to 100%", text.get_ref());
    problems.push(Problem::at(text.span(), message));
    1000
}

fn rate_limits(flags: &MasterFlags, problems: &mut Vec<Problem>) -> RateLimits {
    let Some(config) = &flags.rate_limits else { return RateLimits::default() };
    let mut limits: Vec<(Arc<str>, Option<RateLimit>)> = Vec::new();
    for (principal, limit) in &config.principals {
        limits.push((principal.as_str().into(), rate_limit(limit, problems)));
    }
    let aggregate = config.aggregate.as_ref().and_then(|limit| rate_limit(limit, problems));
    RateLimits { limits, aggregate }
}

fn rate_limit(config: &RateLimitConfig, problems: &mut Vec<Problem>) -> Option<RateLimit> {
    let qps = config.qps.as_ref()?;
    let spacing = Some(*qps.get_ref()).filter(|qps| *qps > 0.0);
    let spacing = spacing.and_then(|qps| Span::from_secs_f64(1.0 / qps));
    if spacing.is_none() {
        let message = format!("qps is {}: expected more than 0", qps.get_ref());
        problems.push(Problem::at(qps.span(), message));
    }
    Some(RateLimit { spacing: spacing?, capacity: config.capacity })
}

fn acls(flags: &MasterFlags, problems: &mut Vec<Problem>) -> Acls {
    let rule = |acl: &AclConfig| Acl {
        action: action(acl.action),
        principals: entity(&acl.principals, problems),
        objects: entity(&acl.objects, problems),
    };
    Acls { rules: flags.acls.iter().map(rule).collect(), strict: !flags.permissive }
}

fn entity(config: &Spanned<EntityConfig>, problems: &mut Vec<Problem>) -> Entity {
    match config.get_ref() {
        EntityConfig::Names(names) => {
            Entity::Some(names.iter().map(|name| name.as_str().into()).collect())
        }
        EntityConfig::Word(word) if word == "any" => Entity::Any,
        EntityConfig::Word(word) if word == "none" => Entity::None,
        EntityConfig::Word(word) => {
            let message =
                format!("'{word}' stands for nobody: expected \"any\", \"none\" or a list");
            let help = format!("a list of one name is [\"{word}\"]");
            problems.push(Problem::at(config.span(), message).help(Some(help)));
            Entity::None
        }
    }
}

const fn action(action: AclAction) -> Action {
    match action {
        AclAction::RegisterFramework => Action::RegisterFramework,
        AclAction::RunTask => Action::RunTask,
        AclAction::ReserveResources => Action::ReserveResources,
        AclAction::UnreserveResources => Action::UnreserveResources,
        AclAction::CreateVolume => Action::CreateVolume,
        AclAction::DestroyVolume => Action::DestroyVolume,
        AclAction::ResizeVolume => Action::ResizeVolume,
        AclAction::UpdateQuota => Action::UpdateQuota,
        AclAction::UpdateWeight => Action::UpdateWeight,
        AclAction::TeardownFramework => Action::TeardownFramework,
        AclAction::UpdateMaintenanceSchedule => Action::UpdateMaintenanceSchedule,
        AclAction::StartMaintenance => Action::StartMaintenance,
        AclAction::StopMaintenance => Action::StopMaintenance,
        AclAction::DrainAgent => Action::DrainAgent,
        AclAction::DeactivateAgent => Action::DeactivateAgent,
        AclAction::ReactivateAgent => Action::ReactivateAgent,
        AclAction::MarkAgentGone => Action::MarkAgentGone,
    }
}
