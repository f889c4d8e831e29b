//! What a master that fails over finds again, and how it gets there (`spec/master.md` section 9).
//!
//! Operations queue up; one store is in flight; all that wait go into the next one together.

use super::registry::{Registry, RegistryOperation, set_quotas};
use super::{Output, Timer};
use policy_api::{Quota, Span, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The registry with its durable storage.
#[derive(Clone, Debug, Default)]
pub(super) struct Registrar {
    pub(super) registry: Registry,
    store_latency: Span,
    waiting: Vec<RegistryOperation>,
    storing: Vec<RegistryOperation>,
}

impl Registrar {
    pub(super) const fn new(registry: Registry, store_latency: Span) -> Self {
        Self { registry, store_latency, waiting: Vec::new(), storing: Vec::new() }
    }

    /// Hands an operation in. What is stored without delay is returned, to be carried on with at once.
    pub(super) fn submit(
        &mut self,
        now: Time,
        operation: RegistryOperation,
        out: &mut Vec<Output>,
    ) -> Option<RegistryOperation> {
        if self.store_latency.is_zero() {
            self.registry.apply(&operation);
            return Some(operation);
        }
        self.waiting.push(operation);
        self.store(now, out);
        None
    }

    /// The store in flight is done: its operations, in order.
    pub(super) fn stored(&mut self, now: Time, out: &mut Vec<Output>) -> Vec<RegistryOperation> {
        let stored = std::mem::take(&mut self.storing);
        for operation in &stored {
            self.registry.apply(operation);
        }
        self.store(now, out);
        stored
    }

    /// Quotas as they are once all that waits is stored: a request is judged by those that were
    /// granted before it.
    pub(super) fn granted_quotas(&self) -> BTreeMap<Arc<str>, Quota> {
        let mut quotas = self.registry.quotas.clone();
        for operation in self.storing.iter().chain(&self.waiting) {
            if let RegistryOperation::UpdateQuotas { quotas: updated, .. } = operation {
                set_quotas(&mut quotas, updated);
            }
        }
        quotas
    }

    /// How many operations wait or are being stored.
    pub(super) fn queued(&self) -> usize {
        self.waiting.len() + self.storing.len()
    }

    fn store(&mut self, now: Time, out: &mut Vec<Output>) {
        if self.storing.is_empty() && !self.waiting.is_empty() {
            std::mem::swap(&mut self.storing, &mut self.waiting);
            let at = now + self.store_latency;
            out.push(Output::Wake { at, timer: Timer::RegistryStored });
        }
    }
}
