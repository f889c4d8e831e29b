//! Frameworks and their subscriptions: one per framework and role.

use super::constraints::Constraints;
use super::minima::Minima;
use policy_api::{ClientSlot, DenseId, FrameworkCapabilities, FrameworkId, FrameworkInfo};
use std::sync::Arc;

#[derive(Clone, Debug)]
pub(super) struct Framework {
    pub(super) name: Arc<str>,
    pub(super) active: bool,
    pub(super) capabilities: FrameworkCapabilities,
    /// By role node, ascending. Once made, a subscription stays until the framework is removed.
    pub(super) subscriptions: Vec<(u32, u32)>,
    /// Whether the framework has been added; before that only what agents say it uses is known.
    pub(super) known: bool,
}

/// A framework in a role, with all that decides whether it may be offered something.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) framework: FrameworkId,
    /// Node of the role tree.
    pub(super) role: u32,
    /// The place in the role's sorter while the framework is tracked there.
    pub(super) slot: Option<ClientSlot>,
    pub(super) subscribed: bool,
    pub(super) suppressed: bool,
    /// On how many agents it holds something that is accounted.
    pub(super) holdings: u32,
    /// How many filters it has, ended ones that nobody has looked at since included.
    pub(super) filters: u32,
    pub(super) capabilities: FrameworkCapabilities,
    /// Instead of the allocator's own minimum.
    pub(super) minima: Option<Minima>,
    pub(super) constraints: Option<Constraints>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Frameworks {
    rows: Vec<Option<Framework>>,
    subscriptions: Vec<Option<Subscription>>,
    free: Vec<u32>,
    /// Subscriptions with a minimum of their own.
    pub(super) own_minima: u32,
}

impl Frameworks {
    pub(super) fn get(&self, framework: FrameworkId) -> Option<&Framework> {
        self.rows.get(framework.index())?.as_ref()
    }

    pub(super) fn get_mut(&mut self, framework: FrameworkId) -> Option<&mut Framework> {
        self.rows.get_mut(framework.index())?.as_mut()
    }

    pub(super) fn is_active(&self, framework: FrameworkId) -> bool {
        self.get(framework).is_some_and(|row| row.known && row.active)
    }

    pub(super) fn is_known(&self, framework: FrameworkId) -> bool {
        self.get(framework).is_some_and(|row| row.known)
    }

    /// The framework's record, made if there is none.
    pub(super) fn ensure(&mut self, framework: FrameworkId) -> &mut Framework {
        let index = framework.index();
        if index >= self.rows.len() {
            self.rows.resize_with(index + 1, || None);
        }
        self.rows[index].get_or_insert_with(|| Framework {
            name: "".into(),
            active: false,
            capabilities: FrameworkCapabilities::default(),
            subscriptions: Vec::new(),
            known: false,
        })
    }

    /// What is announced about a framework, except its roles.
    pub(super) fn announce(&mut self, framework: FrameworkId, info: &FrameworkInfo) {
        let row = self.ensure(framework);
        row.name = Arc::clone(&info.name);
        row.capabilities = info.capabilities;
        for (_, index) in row.subscriptions.clone() {
            self.subscription_mut(index).capabilities = info.capabilities;
        }
    }

    pub(super) fn subscription(&self, index: u32) -> &Subscription {
        self.subscriptions[index as usize].as_ref().expect("known subscriptions exist")
    }

    pub(super) fn subscription_mut(&mut self, index: u32) -> &mut Subscription {
        self.subscriptions[index as usize].as_mut().expect("known subscriptions exist")
    }

    pub(super) fn iter_subscriptions(&self) -> impl Iterator<Item = &Subscription> {
        self.subscriptions.iter().flatten()
    }

    pub(super) fn iter_indexed(&self) -> impl Iterator<Item = (u32, &Subscription)> {
        (0..).zip(&self.subscriptions).filter_map(|(index, row)| Some((index, row.as_ref()?)))
    }

    pub(super) fn find(&self, framework: FrameworkId, role: u32) -> Option<u32> {
        let subscriptions = &self.get(framework)?.subscriptions;
        let found = subscriptions.binary_search_by_key(&role, |&(role, _)| role);
        found.ok().map(|position| subscriptions[position].1)
    }

    /// The subscription of a framework in a role, made if there is none.
    pub(super) fn subscribe(&mut self, framework: FrameworkId, role: u32) -> u32 {
        if let Some(index) = self.find(framework, role) {
            return index;
        }
        let capabilities = self.ensure(framework).capabilities;
        let row = Some(Subscription {
            framework,
            role,
            slot: None,
            subscribed: false,
            suppressed: false,
            holdings: 0,
            filters: 0,
            capabilities,
            minima: None,
            constraints: None,
        });
        let index = if let Some(index) = self.free.pop() {
            self.subscriptions[index as usize] = row;
            index
        } else {
            self.subscriptions.push(row);
            u32::try_from(self.subscriptions.len() - 1).expect("fewer than 2^32 subscriptions")
        };
        let subscriptions = &mut self.ensure(framework).subscriptions;
        let position = subscriptions.partition_point(|&(other, _)| other < role);
        subscriptions.insert(position, (role, index));
        index
    }

    pub(super) fn set_minima(&mut self, index: u32, minima: Option<Minima>) {
        let row = self.subscription_mut(index);
        let (before, after) = (row.minima.is_some(), minima.is_some());
        row.minima = minima;
        self.own_minima = self.own_minima - u32::from(before) + u32::from(after);
    }

    /// Forgets a framework and its subscriptions, which nothing refers to any more.
    pub(super) fn remove(&mut self, framework: FrameworkId) {
        let Some(row) = self.rows.get_mut(framework.index()).and_then(Option::take) else { return };
        for (_, index) in row.subscriptions {
            self.set_minima(index, None);
            self.subscriptions[index as usize] = None;
            self.free.push(index);
        }
    }
}
