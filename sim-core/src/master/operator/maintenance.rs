//! Maintenance of machines: UP, DRAINING while it is scheduled, DOWN (`spec/master.md` section 4).

use super::super::acls::Action;
use super::super::registry::{RegistryOperation, Removal};
use super::super::{AgentState, Master, Output, Request};
use super::{Refusal, respond};
use crate::protocol::{MachineId, MaintenanceWindow, Response};
use policy_api::{AgentId, Allocator, Fact, FrameworkId, InverseOfferStatus, Time};

/// What a framework on an agent has said to its maintenance; `None` where it has not answered.
pub type MaintenanceAnswer = (AgentId, FrameworkId, Option<InverseOfferStatus>);

impl<A: Allocator> Master<A> {
    pub(super) fn update_schedule(
        &mut self,
        now: Time,
        schedule: Vec<MaintenanceWindow>,
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Option<Response>, Refusal> {
        self.authorise(Action::UpdateMaintenanceSchedule, request, None)?;
        let bad = |message: &str| Response::refused(400, message);
        let mut listed: Vec<&MachineId> = Vec::new();
        for window in &schedule {
            if window.machines.is_empty() {
                return Err(bad("List of machines in the maintenance window is empty"));
            }
            for machine in &window.machines {
                check_machine(machine)?;
                if listed.contains(&machine) {
                    return Err(bad("Machine appears more than once in the schedule"));
                }
                listed.push(machine);
            }
        }
        if self.registry().down.iter().any(|machine| !listed.contains(&machine)) {
            return Err(bad("Machine is deactivated and cannot be removed from the schedule"));
        }
        let request = request.clone();
        self.change_registry(now, RegistryOperation::UpdateSchedule { schedule, request }, out);
        Ok(None)
    }

    /// The offers of all agents are taken back, whether their part of the schedule has changed or not.
    pub(in crate::master) fn schedule_updated(
        &mut self,
        now: Time,
        request: Request,
        out: &mut Vec<Output>,
    ) {
        let agents: Vec<AgentId> = self.agents().collect();
        for agent in agents {
            self.rescind_all_of_agent(now, agent, out);
            let unavailability = self.unavailability_of(&self.agents[agent].machine);
            let book = &mut self.agents[agent];
            book.unavailability = unavailability;
            book.maintenance_answers.clear();
            self.allocator.apply(now, Fact::UpdateUnavailability { agent, unavailability });
        }
        respond(Some(request), "UPDATE_MAINTENANCE_SCHEDULE", Response::OK, out);
    }

    pub(super) fn start_maintenance(
        &mut self,
        now: Time,
        machines: Vec<MachineId>,
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Option<Response>, Refusal> {
        self.authorise(Action::StartMaintenance, request, None)?;
        self.check_machines(&machines, |master, machine| {
            if !master.is_scheduled(machine) {
                Err("Machine is not part of a maintenance schedule")
            } else if master.registry().down.contains(machine) {
                Err("Machine is not in DRAINING mode and cannot be brought down")
            } else {
                Ok(())
            }
        })?;
        let request = request.clone();
        self.change_registry(now, RegistryOperation::StartMaintenance { machines, request }, out);
        Ok(None)
    }

    pub(in crate::master) fn maintenance_started(
        &mut self,
        now: Time,
        machines: &[MachineId],
        request: Request,
        out: &mut Vec<Output>,
    ) {
        let on_them: Vec<AgentId> = self
            .agents
            .enumerate()
            .filter(|(_, book)| book.state == AgentState::Registered && !book.in_transition)
            .filter(|(_, book)| machines.iter().any(|machine| fits(machine, &book.machine)))
            .map(|(agent, _)| agent)
            .collect();
        for agent in on_them {
            let cause = Removal::MachineDown;
            self.change_agent(now, RegistryOperation::Remove { agent, cause }, agent, out);
        }
        respond(Some(request), "START_MAINTENANCE", Response::OK, out);
    }

    pub(super) fn stop_maintenance(
        &mut self,
        now: Time,
        machines: Vec<MachineId>,
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Option<Response>, Refusal> {
        self.authorise(Action::StopMaintenance, request, None)?;
        self.check_machines(&machines, |master, machine| {
            if !master.is_scheduled(machine) {
                Err("Machine is not part of a maintenance schedule")
            } else if master.registry().down.contains(machine) {
                Ok(())
            } else {
                Err("Machine is not in DOWN mode and cannot be brought up")
            }
        })?;
        let request = request.clone();
        self.change_registry(now, RegistryOperation::StopMaintenance { machines, request }, out);
        Ok(None)
    }

    pub(in crate::master) fn maintenance_stopped(
        &mut self,
        machines: &[MachineId],
        request: Request,
        out: &mut Vec<Output>,
    ) {
        for book in &mut self.agents {
            if machines.iter().any(|machine| fits(machine, &book.machine)) {
                book.unavailability = None;
            }
        }
        respond(Some(request), "STOP_MAINTENANCE", Response::OK, out);
    }

    fn check_machines(
        &self,
        machines: &[MachineId],
        check: impl Fn(&Self, &MachineId) -> Result<(), &'static str>,
    ) -> Result<(), Refusal> {
        if machines.is_empty() {
            return Err(Response::refused(400, "List of machines is empty"));
        }
        for (index, machine) in machines.iter().enumerate() {
            check_machine(machine)?;
            if machines[..index].contains(machine) {
                return Err(Response::refused(400, "Machine appears more than once"));
            }
            check(self, machine).map_err(|message| Response::refused(400, message))?;
        }
        Ok(())
    }

    fn is_scheduled(&self, machine: &MachineId) -> bool {
        self.registry().schedule.iter().any(|window| window.machines.contains(machine))
    }

    /// The schedule as it stands.
    pub fn maintenance_schedule(&self) -> &[MaintenanceWindow] {
        &self.registry().schedule
    }

    /// Machines that are down.
    pub fn machines_down(&self) -> impl Iterator<Item = &MachineId> {
        self.registry().down.iter()
    }

    /// Machines that are scheduled and not down, with what the frameworks on their agents have said
    /// to it: `None` is no answer.
    pub fn machines_draining(&self) -> Vec<(&MachineId, Vec<MaintenanceAnswer>)> {
        let windows = &self.registry().schedule;
        let machines = windows.iter().flat_map(|window| &window.machines);
        let draining = machines.filter(|machine| !self.registry().down.contains(*machine));
        draining.map(|machine| (machine, self.answers_of(machine))).collect()
    }

    fn answers_of(&self, machine: &MachineId) -> Vec<MaintenanceAnswer> {
        let mut answers = Vec::new();
        for (agent, book) in self.agents.enumerate() {
            if book.state != AgentState::Registered || !fits(machine, &book.machine) {
                continue;
            }
            answers.extend(
                book.maintenance_answers
                    .iter()
                    .map(|(framework, status)| (agent, *framework, Some(*status))),
            );
            for id in &book.inverse_offers {
                if let Some(offer) = self.inverse_offers.get(*id)
                    && !book.maintenance_answers.contains_key(&offer.framework)
                {
                    answers.push((agent, offer.framework, None));
                }
            }
        }
        answers
    }
}

fn check_machine(machine: &MachineId) -> Result<(), Refusal> {
    if machine.hostname.is_empty() && machine.ip.is_empty() {
        return Err(Response::refused(400, "Both 'hostname' and 'ip' for a machine are empty"));
    }
    Ok(())
}

/// Whether `found` is the machine that is `wanted`. What is left open does not matter.
pub(in crate::master) fn fits(wanted: &MachineId, found: &MachineId) -> bool {
    let fits = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
    fits(&wanted.hostname, &found.hostname) && fits(&wanted.ip, &found.ip)
}
