//! Quota: guarantees and limits of top-level roles (`spec/master.md` section 11).

use super::super::acls::Action;
use super::super::registry::{QuotaRescind, RegistryOperation};
use super::super::{AgentState, Master, Output, Request};
use super::{Refusal, respond};
use crate::protocol::{OfferId, QuotaRequest, Response};
use policy_api::{
    AgentId, Allocator, Amount, Fact, Limits, NamedLimits, NamedQuantities, Quantities, Quota,
    Resources, Scalar, Time, validate_role,
};
use std::sync::Arc;

/// One exabyte in thousandths of a MB, and as many thousandths of everything else.
const MOST_BYTES: Amount = (1 << 40) * 1000;
const MOST: Amount = 1_000_000_000_000 * 1000;

impl<A: Allocator> Master<A> {
    pub(super) fn update_quota(
        &mut self,
        now: Time,
        force: bool,
        requests: &[QuotaRequest],
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Option<Response>, Refusal> {
        let bad = |message: String| Response::refused(400, message);
        let mut quotas: Vec<(Arc<str>, Quota)> = Vec::new();
        for wanted in requests {
            let role = &wanted.role;
            self.may_have_quota(role)?;
            self.authorise(Action::UpdateQuota, request, Some(role))?;
            let quota = Quota {
                guarantees: guarantees(&wanted.guarantees)?,
                limits: limits(&wanted.limits)?,
            };
            for scalar in Scalar::ALL {
                let (name, guarantee) = (scalar.name(), quota.guarantees[scalar]);
                let limit = quota.limits.limit(scalar);
                if limit.is_some_and(|limit| limit < guarantee) {
                    let message = format!("Quota guarantees of '{role}' exceed its limits: {name}");
                    return Err(bad(message));
                }
            }
            if !force {
                let consumed = self.consumed(role);
                let exceeded = |scalar: &Scalar| {
                    quota.limits.limit(*scalar).is_some_and(|limit| limit < consumed[*scalar])
                };
                if Scalar::ALL.iter().any(exceeded) {
                    let message = format!(
                        "Invalid quota limits: role '{role}' is already consuming {consumed}; use \
                         the force flag to bypass this check"
                    );
                    return Err(bad(message));
                }
            }
            quotas.push((Arc::clone(role), quota));
        }
        if !force {
            self.check_capacity(&quotas).map_err(bad)?;
        }
        let (rescind, request) = (QuotaRescind::ByAmounts, request.clone());
        self.change_registry(
            now,
            RegistryOperation::UpdateQuotas { quotas, rescind, request },
            out,
        );
        Ok(None)
    }

    pub(super) fn set_quota(
        &mut self,
        now: Time,
        force: bool,
        role: &Arc<str>,
        guarantee: &Resources,
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Option<Response>, Refusal> {
        let bad = |message: &str| Response::refused(400, format!("Failed to set quota: {message}"));
        self.may_have_quota(role)?;
        if guarantee.is_empty() {
            return Err(bad("no resources"));
        }
        let mut names = Vec::new();
        for (resource, _) in guarantee.iter() {
            if resource.scalar().is_none() || Scalar::from_name(&resource.name).is_none() {
                return Err(bad("only the scalars cpus, disk, gpus and mem can be guaranteed"));
            }
            if resource.is_reserved() || resource.disk.is_some() || resource.revocable {
                return Err(bad("reserved, disk and revocable resources cannot be guaranteed"));
            }
            if names.contains(&resource.name) {
                return Err(bad("a resource is named twice"));
            }
            names.push(resource.name.clone());
        }
        if self.registrar.granted_quotas().contains_key(role) {
            return Err(bad(&format!("role '{role}' already has quota")));
        }
        self.authorise(Action::UpdateQuota, request, Some(role))?;
        let guarantees = guarantee.scalar_quantities();
        let mut limits = Limits::NONE;
        for scalar in Scalar::ALL.into_iter().filter(|scalar| guarantees[*scalar] > 0) {
            limits.0[scalar as usize] = Some(guarantees[scalar]);
        }
        let quotas = vec![(Arc::clone(role), Quota { guarantees, limits })];
        if !force {
            self.check_capacity(&quotas).map_err(|message| Response::refused(409, message))?;
        }
        let (rescind, request) = (QuotaRescind::ByAgents, request.clone());
        self.change_registry(
            now,
            RegistryOperation::UpdateQuotas { quotas, rescind, request },
            out,
        );
        Ok(None)
    }

    pub(super) fn remove_quota(
        &mut self,
        now: Time,
        role: &Arc<str>,
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Option<Response>, Refusal> {
        self.knows_role(role)?;
        if !self.registrar.granted_quotas().contains_key(role) {
            let message = format!("Failed to remove quota: role '{role}' has no quota set");
            return Err(Response::refused(400, message));
        }
        self.authorise(Action::UpdateQuota, request, Some(role))?;
        let quotas = vec![(Arc::clone(role), Quota::default())];
        let (rescind, request) = (QuotaRescind::None, request.clone());
        self.change_registry(
            now,
            RegistryOperation::UpdateQuotas { quotas, rescind, request },
            out,
        );
        Ok(None)
    }

    /// The registry has it: the allocator is told before offers are taken back, so that what comes
    /// back is handed out by the next allocation.
    pub(in crate::master) fn quotas_updated(
        &mut self,
        now: Time,
        quotas: &[(Arc<str>, Quota)],
        rescind: QuotaRescind,
        request: Request,
        out: &mut Vec<Output>,
    ) {
        for (path, quota) in quotas {
            #[cfg(feature = "sabotage")]
            if self.options.sabotage == Some(crate::sabotage::Sabotage::IgnoreLimits) {
                continue;
            }
            let role = self.role_id(now, path);
            let (guarantees, limits) = (quota.guarantees, quota.limits.0);
            self.allocator.apply(now, Fact::SetQuota { role, guarantees, limits });
        }
        for (path, quota) in quotas {
            match rescind {
                QuotaRescind::ByAmounts => {
                    self.enforce_limits(now, path, &quota.limits, out);
                    self.serve_guarantees(now, path, &quota.guarantees, out);
                }
                QuotaRescind::ByAgents => self.serve_by_agents(now, path, quota, out),
                QuotaRescind::None => {}
            }
        }
        let call = match rescind {
            QuotaRescind::ByAmounts => "UPDATE_QUOTA",
            QuotaRescind::ByAgents => "SET_QUOTA",
            QuotaRescind::None => "REMOVE_QUOTA",
        };
        respond(Some(request), call, Response::OK, out);
    }

    fn may_have_quota(&self, role: &str) -> Result<(), Refusal> {
        validate_role(role).map_err(|error| Response::refused(400, error.to_string()))?;
        if role.contains('/') {
            let message = format!("Setting quota on nested role '{role}' is not supported");
            return Err(Response::refused(400, message));
        }
        self.knows_role(role)
    }

    /// What a role and those below it consume: what is allocated to them, and what is reserved for
    /// them, used or not.
    pub fn consumed(&self, role: &str) -> Quantities {
        let mut sum = Quantities::ZERO;
        for book in self.agents.iter().filter(|book| book.state == AgentState::Registered) {
            sum += book.total.reserved_to_subtree(role).scalar_quantities();
            for (framework, id) in &book.tasks {
                let task = self.frameworks[*framework].tasks.get(*id);
                if let Some(task) = task.filter(|task| task.holds())
                    && self.roles.is_in_subtree(task.role, role)
                {
                    sum += charged(&task.resources);
                }
            }
            for executor in &book.executors {
                if self.roles.is_in_subtree(executor.role, role) {
                    sum += charged(&executor.info.resources);
                }
            }
        }
        sum
    }

    /// All guarantees together must be there, on agents that are registered.
    fn check_capacity(&self, updated: &[(Arc<str>, Quota)]) -> Result<(), String> {
        let mut guarantees = Quantities::ZERO;
        for (role, quota) in self.registrar.granted_quotas() {
            if !updated.iter().any(|(updated, _)| *updated == role) {
                guarantees += quota.guarantees;
            }
        }
        for (_, quota) in updated {
            guarantees += quota.guarantees;
        }
        let mut capacity = Quantities::ZERO;
        for book in self.agents.iter().filter(|book| book.state == AgentState::Registered) {
            capacity += book.total.non_revocable().scalar_quantities();
        }
        if capacity.contains(&guarantees) {
            return Ok(());
        }
        Err(format!(
            "Not enough available cluster capacity to reasonably satisfy quota guarantees: total \
             guarantees '{guarantees}' exceed cluster capacity '{capacity}'; use the force flag to \
             bypass this check"
        ))
    }

    /// Takes back offers of the role until consumed and offered together keep within the limits.
    fn enforce_limits(&mut self, now: Time, role: &str, limits: &Limits, out: &mut Vec<Output>) {
        if limits.is_empty() {
            return;
        }
        let consumed = self.consumed(role);
        let of_role = self.offers_where(|offer| self.roles.is_in_subtree(offer.role, role));
        for id in of_role {
            let charged = consumed + self.offered_to(role, |_| true);
            let within = |scalar: &Scalar| {
                limits.limit(*scalar).is_none_or(|limit| charged[*scalar] <= limit)
            };
            if Scalar::ALL.iter().all(within) {
                break;
            }
            self.rescind(now, &[id], None, out);
        }
    }

    /// Takes back offers of other roles, agent by agent, until the guarantee could be had.
    fn serve_guarantees(
        &mut self,
        now: Time,
        role: &str,
        guarantees: &Quantities,
        out: &mut Vec<Output>,
    ) {
        let mut at_hand = self.consumed(role) + self.offered_to(role, |_| true);
        for agent in self.registered_agents() {
            for id in self.agents[agent].offers.clone() {
                if at_hand.contains(guarantees) {
                    return;
                }
                let Some(offer) = self.offers.get(id) else { continue };
                if self.roles.is_in_subtree(offer.role, role) {
                    continue;
                }
                at_hand += charged(&offer.resources);
                self.rescind(now, &[id], None, out);
            }
        }
    }

    /// The older rule: all offers of one agent after the other, until the guarantee is there and each
    /// framework of the role may get an offer.
    fn serve_by_agents(&mut self, now: Time, role: &str, quota: &Quota, out: &mut Vec<Output>) {
        let in_role = |role_id: &policy_api::RoleId| **self.roles.path(*role_id) == *role;
        let frameworks = self
            .frameworks
            .iter()
            .filter(|book| book.active && book.subscription.info.roles.iter().any(in_role))
            .count();
        let mut rescinded = Quantities::ZERO;
        let mut visited = 0;
        for agent in self.registered_agents() {
            if rescinded.contains(&quota.guarantees) && visited >= frameworks {
                return;
            }
            if !self.agents[agent].is_active() {
                continue;
            }
            let offers: Vec<OfferId> = self.agents[agent].offers.clone();
            if offers.is_empty() {
                continue;
            }
            for offer in offers.iter().filter_map(|id| self.offers.get(*id)) {
                rescinded += charged(&offer.resources);
            }
            self.rescind(now, &offers, None, out);
            visited += 1;
        }
    }

    fn registered_agents(&self) -> Vec<AgentId> {
        self.agents().collect()
    }
}

/// What counts against quota besides reservations: nothing revocable.
fn charged(resources: &Resources) -> Quantities {
    resources.unreserved().non_revocable().scalar_quantities()
}

fn guarantees(named: &NamedQuantities) -> Result<Quantities, Refusal> {
    let mut quantities = Quantities::ZERO;
    for (name, amount) in named.iter() {
        let scalar = known(name, amount)?;
        quantities += Quantities::of(scalar, amount);
    }
    Ok(quantities)
}

fn limits(named: &NamedLimits) -> Result<Limits, Refusal> {
    let mut limits = Limits::NONE;
    for (name, amount) in named.iter() {
        let scalar = known(name, amount)?;
        limits.0[scalar as usize] = Some(amount);
    }
    Ok(limits)
}

fn known(name: &str, amount: Amount) -> Result<Scalar, Refusal> {
    let Some(scalar) = Scalar::from_name(name) else {
        let message = format!("Quota of '{name}' is not supported: cpus, disk, gpus and mem are");
        return Err(Response::refused(400, message));
    };
    let most = match scalar {
        Scalar::Mem | Scalar::Disk => MOST_BYTES,
        Scalar::Cpus | Scalar::Gpus => MOST,
    };
    if !(0..=most).contains(&amount) {
        let message = format!("Quota of '{name}' is out of bounds: {}", amount / 1000);
        return Err(Response::refused(400, message));
    }
    Ok(scalar)
}
