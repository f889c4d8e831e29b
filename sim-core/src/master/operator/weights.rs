//! Weights of roles (`spec/master.md` section 11).

use super::super::acls::Action;
use super::super::registry::RegistryOperation;
use super::super::{Master, Output, Request};
use super::{Refusal, respond};
use crate::protocol::Response;
use policy_api::{Allocator, Fact, Time, validate_role};
use std::sync::Arc;

impl<A: Allocator> Master<A> {
    pub(super) fn update_weights(
        &mut self,
        now: Time,
        weights: Vec<(Arc<str>, f64)>,
        request: &Request,
        out: &mut Vec<Output>,
    ) -> Result<Option<Response>, Refusal> {
        for (role, weight) in &weights {
            if let Err(error) = validate_role(role) {
                return Err(Response::refused(400, error.to_string()));
            }
            if !(weight.is_finite() && *weight > 0.0) {
                let message = format!("Invalid weight '{weight}': Weights must be positive");
                return Err(Response::refused(400, message));
            }
            self.knows_role(role)?;
            self.authorise(Action::UpdateWeight, request, Some(role))?;
        }
        let request = request.clone();
        self.change_registry(now, RegistryOperation::UpdateWeights { weights, request }, out);
        Ok(None)
    }

    /// With an explicit list of roles others are refused.
    pub(super) fn knows_role(&self, role: &str) -> Result<(), Refusal> {
        if self.options.explicit_roles && self.roles.get(role).is_none() {
            return Err(Response::refused(400, format!("Unknown role '{role}'")));
        }
        Ok(())
    }

    pub(in crate::master) fn weights_updated(
        &mut self,
        now: Time,
        weights: &[(Arc<str>, f64)],
        request: Request,
        out: &mut Vec<Output>,
    ) {
        let mut concerned = false;
        for (path, weight) in weights {
            let role = self.role_id(now, path);
            self.allocator.apply(now, Fact::SetWeight { role, weight: *weight });
            concerned |= self.has_framework(path);
        }
        if concerned {
            let offers = self.offers_where(|_| true);
            self.rescind(now, &offers, None, out);
        }
        respond(Some(request), "UPDATE_WEIGHTS", Response::OK, out);
    }

    fn has_framework(&self, path: &str) -> bool {
        let mut known = self.frameworks.iter().filter(|book| book.is_known());
        known.any(|book| {
            book.subscription.info.roles.iter().any(|role| **self.roles.path(*role) == *path)
        })
    }
}
