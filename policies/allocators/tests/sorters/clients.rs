//! A sorter with its clients by path, so that a test reads like the specification.

use policy_allocators::DrfSorter;
use policy_api::{ClientSlot, Pool, Quantities, Resources, Sorter};
use std::collections::BTreeMap;

pub(crate) struct Clients<S> {
    pub(crate) sorter: S,
    pub(crate) pool: Pool,
    paths: Vec<String>,
    slots: BTreeMap<String, ClientSlot>,
}

/// `cpus:3;mem:1`.
pub(crate) fn quantities(text: &str) -> Quantities {
    *text.parse::<Resources>().expect("written by hand").plain_amounts()
}

/// So many cores and as many MB.
pub(crate) fn both(amount: u32) -> Quantities {
    quantities(&format!("cpus:{amount};mem:{amount}"))
}

/// An empty DRF sorter in a cluster of 100 cores and 100 MB.
pub(crate) fn drf() -> Clients<DrfSorter<u32>> {
    let mut clients = Clients::new(DrfSorter::new());
    clients.set_total("cpus:100;mem:100");
    clients
}

impl<S: Sorter<u32>> Clients<S> {
    pub(crate) fn new(sorter: S) -> Self {
        Self { sorter, pool: Pool::new(&[]), paths: Vec::new(), slots: BTreeMap::new() }
    }

    pub(crate) fn set_total(&mut self, total: &str) {
        self.pool.set_total(quantities(total));
    }

    /// Adds a client and activates it.
    pub(crate) fn add(&mut self, path: &str) {
        let client = u32::try_from(self.paths.len()).expect("few clients");
        let slot = self.sorter.add(client, path);
        self.sorter.set_active(slot, true);
        self.paths.push(path.to_owned());
        let before = self.slots.insert(path.to_owned(), slot);
        assert_eq!(before, None, "{path} is a client already");
    }

    /// Adds a client, activates it and allocates to it once.
    pub(crate) fn add_holding(&mut self, path: &str, amounts: Quantities) {
        self.add(path);
        self.allocated(path, amounts);
    }

    pub(crate) fn remove(&mut self, path: &str) {
        let slot = self.slots.remove(path).expect("a client");
        self.sorter.remove(slot);
    }

    pub(crate) fn slot(&self, path: &str) -> ClientSlot {
        self.slots[path]
    }

    pub(crate) fn activate(&mut self, path: &str) {
        self.sorter.set_active(self.slots[path], true);
    }

    pub(crate) fn deactivate(&mut self, path: &str) {
        self.sorter.set_active(self.slots[path], false);
    }

    pub(crate) fn set_weight(&mut self, path: &str, weight: f64) {
        self.sorter.set_weight(path, weight);
    }

    pub(crate) fn allocated(&mut self, path: &str, amounts: Quantities) {
        self.sorter.allocated(self.slots[path], &amounts);
    }

    pub(crate) fn released(&mut self, path: &str, amounts: Quantities) {
        self.sorter.released(self.slots[path], &amounts);
    }

    pub(crate) fn converted(&mut self, path: &str, old: Quantities, new: Quantities) {
        self.sorter.converted(self.slots[path], &old, &new);
    }

    /// Brings the order up to date and lists it.
    pub(crate) fn order(&mut self) -> Vec<&str> {
        self.sorter.refresh(&self.pool);
        let order = self.sorter.order();
        order.into_iter().map(|client| &*self.paths[client as usize]).collect()
    }

    /// The clients of the order by path.
    pub(crate) fn ordered(&mut self) -> Vec<&str> {
        let mut order = self.order();
        order.sort_unstable();
        order
    }
}
