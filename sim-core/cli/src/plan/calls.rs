//! The calls of operators, one after the other.

use super::Known;
use super::volumes::Caller;
use crate::scenario::{
    AgentSelector, OperatorEntry, Problem, Scenario, ScheduleCall, UpdateQuotaCall,
};
use policy_api::{
    AgentId, DenseId, NamedLimits, NamedQuantities, Operation, Resources, Span, Time,
    Unavailability,
};
use sim_core::protocol::{DrainConfig, HostId, MaintenanceWindow, OperatorCall, QuotaRequest};
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;
use toml::Spanned;

type Calls = Vec<(Time, OperatorCall, Option<Arc<str>>)>;

/// In the order of time; those of one instant as they are listed.
pub(super) fn calls(scenario: &Scenario, known: &Known<'_>, problems: &mut Vec<Problem>) -> Calls {
    let mut calls = Vec::new();
    for entry in &scenario.at {
        check_one(entry, problems);
        let mut entry = Listed { entry, known, problems, calls: &mut calls };
        entry.resources();
        entry.roles();
        entry.maintenance();
        entry.agents();
    }
    calls.sort_by_key(|(at, ..)| *at);
    calls
}

/// The names of the calls that an entry has, with their places.
fn given(entry: &OperatorEntry) -> Vec<(&'static str, Range<usize>)> {
    fn place<T>(
        name: &'static str,
        call: Option<&Spanned<T>>,
    ) -> Option<(&'static str, Range<usize>)> {
        call.map(|call| (name, call.span()))
    }
    [
        place("reserve_resources", entry.reserve_resources.as_ref()),
        place("unreserve_resources", entry.unreserve_resources.as_ref()),
        place("create_volumes", entry.create_volumes.as_ref()),
        place("destroy_volumes", entry.destroy_volumes.as_ref()),
        place("grow_volume", entry.grow_volume.as_ref()),
        place("shrink_volume", entry.shrink_volume.as_ref()),
        place("update_quota", entry.update_quota.as_ref()),
        place("set_quota", entry.set_quota.as_ref()),
        place("remove_quota", entry.remove_quota.as_ref()),
        place("update_weights", entry.update_weights.as_ref()),
        place("update_maintenance_schedule", entry.update_maintenance_schedule.as_ref()),
        place("start_maintenance", entry.start_maintenance.as_ref()),
        place("stop_maintenance", entry.stop_maintenance.as_ref()),
        place("drain_agent", entry.drain_agent.as_ref()),
        place("deactivate_agent", entry.deactivate_agent.as_ref()),
        place("reactivate_agent", entry.reactivate_agent.as_ref()),
        place("mark_agent_gone", entry.mark_agent_gone.as_ref()),
        place("teardown", entry.teardown.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn check_one(entry: &OperatorEntry, problems: &mut Vec<Problem>) {
    let given = given(entry);
    let one_each = "a call of an operator is one table, such as [at.drain_agent]: list another [[at]] \
                    for another call";
    match &given[..] {
        [] => {
            let message = "nothing is called at this time";
            problems.push(Problem::at(entry.time.span(), message).help(Some(one_each.to_owned())));
        }
        [_] => {}
        [(first, _), others @ ..] => {
            for (name, place) in others {
                let message = format!("'{name}' is a second call in one entry, beside '{first}'");
                problems.push(Problem::at(place.clone(), message).help(Some(one_each.to_owned())));
            }
        }
    }
    let repeats = !["update_quota", "set_quota", "remove_quota", "update_weights", "teardown"]
        .iter()
        .any(|name| given.iter().any(|(found, _)| found == name))
        && !given.iter().any(|(found, _)| *found == "update_maintenance_schedule");
    if let Some(every) = &entry.every
        && !repeats
    {
        let message = "`every` is for calls that name agents";
        problems.push(Problem::at(every.span(), message));
    }
}

/// One entry of the scenario's list, on its way to calls.
struct Listed<'a> {
    entry: &'a OperatorEntry,
    known: &'a Known<'a>,
    problems: &'a mut Vec<Problem>,
    calls: &'a mut Calls,
}

impl Listed<'_> {
    fn push(&mut self, after: Span, call: OperatorCall) {
        let at = Time::ZERO + self.entry.time.get_ref().0 + after;
        let principal = self.entry.principal.as_deref().map(Arc::from);
        self.calls.push((at, call, principal));
    }

    /// A call for each of the agents.
    fn for_each(
        &mut self,
        agents: &Spanned<AgentSelector>,
        call: impl Fn(AgentId, HostId) -> OperatorCall,
    ) {
        let every = self.entry.every.as_ref().map_or(Span::ZERO, |every| every.get_ref().0);
        let hosts = self.known.hosts.select(agents, self.problems);
        for (number, host) in (0_u64..).zip(hosts) {
            // The first agent of a host has the host's number.
            let agent = AgentId::from_index(host.index());
            self.push(every * number, call(agent, host));
        }
    }

    fn operate(&mut self, agents: &Spanned<AgentSelector>, operation: &Operation) {
        let operation = Box::new(operation.clone());
        self.for_each(agents, |agent, _| OperatorCall::Operate {
            agent,
            operation: operation.clone(),
        });
    }

    fn resources(&mut self) {
        let (entry, known) = (self.entry, self.known);
        let caller = Caller(entry.principal.as_deref());
        if let Some(call) = entry.reserve_resources.as_ref().map(Spanned::get_ref) {
            let operation = caller.reserve(call, known, self.problems);
            self.operate(&call.agents, &operation);
        }
        if let Some(call) = entry.unreserve_resources.as_ref().map(Spanned::get_ref) {
            let operation = caller.unreserve(call, known, self.problems);
            self.operate(&call.agents, &operation);
        }
        if let Some(call) = entry.create_volumes.as_ref().map(Spanned::get_ref) {
            let volumes = caller.volumes(&call.volumes, known, self.problems);
            self.operate(&call.agents, &Operation::Create(volumes));
        }
        if let Some(call) = entry.destroy_volumes.as_ref().map(Spanned::get_ref) {
            let volumes = caller.volumes(&call.volumes, known, self.problems);
            self.operate(&call.agents, &Operation::Destroy(volumes));
        }
        if let Some(call) = entry.grow_volume.as_ref().map(Spanned::get_ref) {
            let operation = caller.grow(call, known, self.problems);
            self.operate(&call.agents, &operation);
        }
        if let Some(call) = entry.shrink_volume.as_ref().map(Spanned::get_ref) {
            let operation = caller.shrink(call, known, self.problems);
            self.operate(&call.agents, &operation);
        }
    }

    fn roles(&mut self) {
        let (entry, known) = (self.entry, self.known);
        if let Some(call) = entry.update_quota.as_ref().map(Spanned::get_ref) {
            let quotas = self.quotas(call);
            self.push(Span::ZERO, OperatorCall::UpdateQuota { force: call.force, quotas });
        }
        if let Some(call) = entry.set_quota.as_ref().map(Spanned::get_ref) {
            let role = known.role(&call.role, self.problems);
            let guarantee: Resources = self.parse(&call.guarantee).unwrap_or_default();
            self.push(Span::ZERO, OperatorCall::SetQuota { force: call.force, role, guarantee });
        }
        if let Some(call) = entry.remove_quota.as_ref().map(Spanned::get_ref) {
            let role = known.role(&call.role, self.problems);
            self.push(Span::ZERO, OperatorCall::RemoveQuota { role });
        }
        if let Some(call) = entry.update_weights.as_ref().map(Spanned::get_ref) {
            let weights = call.weights.iter();
            let problems = &mut *self.problems;
            let weights = weights.map(|it| (known.role(&it.role, problems), it.weight)).collect();
            self.push(Span::ZERO, OperatorCall::UpdateWeights(weights));
        }
        if let Some(call) = entry.teardown.as_ref().map(Spanned::get_ref)
            && let Some(framework) = known.framework(&call.framework, self.problems)
        {
            self.push(Span::ZERO, OperatorCall::Teardown { framework });
        }
    }

    fn quotas(&mut self, call: &UpdateQuotaCall) -> Vec<QuotaRequest> {
        let mut quotas = Vec::with_capacity(call.quotas.len());
        for quota in &call.quotas {
            let role = self.known.role(&quota.role, self.problems);
            let guarantees = quota.guarantees.as_ref().and_then(|text| self.parse(text));
            let limits = quota.limits.as_ref().and_then(|text| self.parse(text));
            quotas.push(QuotaRequest {
                role,
                guarantees: guarantees.unwrap_or(NamedQuantities::EMPTY),
                limits: limits.unwrap_or(NamedLimits::NONE),
            });
        }
        quotas
    }

    fn parse<T: FromStr<Err: ToString>>(&mut self, text: &Spanned<String>) -> Option<T> {
        match text.get_ref().parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(Problem::at(text.span(), error.to_string()));
                None
            }
        }
    }

    fn maintenance(&mut self) {
        let (entry, known) = (self.entry, self.known);
        if let Some(call) = entry.update_maintenance_schedule.as_ref().map(Spanned::get_ref) {
            let windows = self.windows(call);
            self.push(Span::ZERO, OperatorCall::UpdateMaintenanceSchedule(windows));
        }
        for (call, make) in [
            (&entry.start_maintenance, OperatorCall::StartMaintenance as fn(_) -> _),
            (&entry.stop_maintenance, OperatorCall::StopMaintenance),
        ] {
            let Some(call) = call.as_ref().map(Spanned::get_ref) else { continue };
            if entry.every.is_some() {
                self.for_each(&call.agents, |_, host| make(vec![known.hosts.machine(host)]));
            } else {
                let hosts = known.hosts.select(&call.agents, self.problems);
                let machines = hosts.into_iter().map(|host| known.hosts.machine(host)).collect();
                self.push(Span::ZERO, make(machines));
            }
        }
    }

    fn windows(&mut self, call: &ScheduleCall) -> Vec<MaintenanceWindow> {
        let mut windows = Vec::new();
        for window in &call.windows {
            let hosts = self.known.hosts.select(&window.agents, self.problems);
            let machines = hosts.into_iter().map(|host| self.known.hosts.machine(host));
            let from = Time::ZERO + window.start.0;
            let duration = window.duration.map(|duration| duration.0);
            match window.every {
                None => windows.push(MaintenanceWindow {
                    machines: machines.collect(),
                    unavailability: Unavailability { start: from, duration },
                }),
                Some(every) => {
                    windows.extend((0_u64..).zip(machines).map(|(number, machine)| {
                        let start = from + every.0 * number;
                        MaintenanceWindow {
                            machines: vec![machine],
                            unavailability: Unavailability { start, duration },
                        }
                    }));
                }
            }
        }
        windows
    }

    fn agents(&mut self) {
        let entry = self.entry;
        if let Some(call) = entry.drain_agent.as_ref().map(Spanned::get_ref) {
            let max_grace = call.max_grace_period.map(|period| period.0);
            let config = DrainConfig { max_grace, mark_gone: call.mark_gone };
            self.for_each(&call.agents, |agent, _| OperatorCall::DrainAgent { agent, config });
        }
        if let Some(call) = entry.deactivate_agent.as_ref().map(Spanned::get_ref) {
            self.for_each(&call.agents, |agent, _| OperatorCall::DeactivateAgent { agent });
        }
        if let Some(call) = entry.reactivate_agent.as_ref().map(Spanned::get_ref) {
            self.for_each(&call.agents, |agent, _| OperatorCall::ReactivateAgent { agent });
        }
        if let Some(call) = entry.mark_agent_gone.as_ref().map(Spanned::get_ref) {
            self.for_each(&call.agents, |agent, _| OperatorCall::MarkAgentGone { agent });
        }
    }
}
