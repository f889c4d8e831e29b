//! The life of frameworks: subscription, failover, disconnection, removal (`spec/master.md` section 2).

use super::acls::Action;
use super::books::{FrameworkState, PastTask};
use super::{Master, Output, Timer};
use crate::observe::{FrameworkChange, Observation, OfferEnd};
use crate::protocol::{Call, Connection, Event, OfferId, Reason, Subscription, TaskState, ToAgent};
use policy_api::{AgentId, Allocator, Fact, FrameworkId, InverseOfferStatus, RoleId, Span, Time};
use std::sync::Arc;

impl<A: Allocator> Master<A> {
    /// A call in its turn.
    pub(super) fn process_call(
        &mut self,
        now: Time,
        framework: FrameworkId,
        connection: Connection,
        call: Call,
        out: &mut Vec<Output>,
    ) {
        if self.is_counted(framework, connection) {
            self.count_processed(framework);
        }
        self.counters.call(&call);
        if let Call::Subscribe(subscription) = call {
            self.subscribe(now, framework, connection, *subscription, out);
            return;
        }
        let book = &self.frameworks[framework];
        if book.connection != connection || !book.is_connected() {
            // Whoever has not subscribed is not heard; one that was cut off learns of it.
            if book.connection == connection && book.state == FrameworkState::Disconnected {
                let event = Event::Error("Framework disconnected".into());
                out.push(Output::ToFramework { framework, connection, event });
            }
            return;
        }
        self.call(now, framework, call, out);
    }

    fn call(&mut self, now: Time, framework: FrameworkId, call: Call, out: &mut Vec<Output>) {
        match call {
            Call::Subscribe(_) => {}
            Call::UpdateFramework(subscription) => {
                self.update_framework(now, framework, *subscription, out);
            }
            Call::Accept { offers, operations, refuse } => {
                let refuse = self.capped(refuse);
                self.accept(now, framework, &offers, operations, refuse, out);
            }
            Call::Decline { offers, refuse } => {
                let refuse = self.capped(refuse);
                self.decline(now, framework, &offers, refuse, out);
            }
            Call::AnswerInverseOffers { offers, status, refuse } => {
                self.answer_inverse_offers(now, framework, &offers, status, self.capped(refuse));
            }
            Call::Suppress { roles } if self.options.profile.suppress => {
                self.allocator.apply(now, Fact::Suppress { framework, roles: &roles });
            }
            // A version without the call drops the message.
            Call::Suppress { .. } => self.counters.dropped_messages += 1,
            Call::Revive { roles } => {
                self.allocator.apply(now, Fact::Revive { framework, roles: &roles });
            }
            Call::Acknowledge { agent, task, status } => {
                self.acknowledge(now, framework, agent, task, status, out);
            }
            Call::AcknowledgeOperation { operation } => {
                self.acknowledge_operation(now, framework, operation, out);
            }
            Call::Kill { task, agent, grace } => self.kill(framework, task, agent, grace, out),
            Call::Shutdown { agent, executor } => {
                let message = ToAgent::ShutdownExecutor { framework, executor };
                self.send(agent, message, out);
            }
            Call::Reconcile { tasks } => self.reconcile(framework, &tasks, out),
            Call::ReconcileOperations { operations } => {
                self.reconcile_operations(framework, &operations, out);
            }
            Call::Deactivate => self.deactivate_framework(now, framework, out),
            Call::Teardown => self.remove_framework(now, framework, out),
        }
    }

    fn capped(&self, refuse: Span) -> Span {
        self.options.profile.longest_refusal.map_or(refuse, |longest| refuse.min(longest))
    }

    fn subscribe(
        &mut self,
        now: Time,
        framework: FrameworkId,
        connection: Connection,
        subscription: Subscription,
        out: &mut Vec<Output>,
    ) {
        if let Err(message) = self.may_subscribe(framework, connection, &subscription) {
            let event = Event::Error(message);
            out.push(Output::ToFramework { framework, connection, event });
            return;
        }
        let book = &self.frameworks[framework];
        let same_connection = book.connection == connection;
        match book.state {
            FrameworkState::Unknown => {
                let info = &subscription.info;
                let fact = Fact::AddFramework { framework, info, active: true, used: &[] };
                self.allocator.apply(now, fact);
                let book = &mut self.frameworks[framework];
                book.subscription = subscription;
                out.push(Output::Observe(Observation::FrameworkSubscribed { framework }));
            }
            // A retry of the first message is answered once more.
            FrameworkState::Connected if same_connection && !subscription.has_id => {}
            FrameworkState::Connected if same_connection && !subscription.force => {
                self.rescind_offers_of(now, framework, None, out);
                self.rescind_inverse_offers_where(now, |offer| offer.framework == framework, out);
                self.remember_subscription(now, framework, subscription, out);
                self.activate_framework(now, framework);
            }
            FrameworkState::Connected
            | FrameworkState::Disconnected
            | FrameworkState::Recovered => {
                let old = book.connection;
                if book.state == FrameworkState::Connected && !same_connection {
                    let event = Event::Error("Framework failed over".into());
                    out.push(Output::ToFramework { framework, connection: old, event });
                }
                self.discard_all_offers(now, framework, out);
                self.remember_subscription(now, framework, subscription, out);
                self.frameworks[framework].active = false;
                self.activate_framework(now, framework);
                let change = FrameworkChange::FailedOver;
                out.push(Output::Observe(Observation::FrameworkChanged { framework, change }));
            }
            FrameworkState::Completed => return,
        }
        let book = &mut self.frameworks[framework];
        book.state = FrameworkState::Connected;
        book.active = true;
        book.connection = connection;
        book.subscribed_at = now;
        self.tell(framework, Event::Subscribed, out);
    }

    fn may_subscribe(
        &self,
        framework: FrameworkId,
        connection: Connection,
        subscription: &Subscription,
    ) -> Result<(), Arc<str>> {
        let book = &self.frameworks[framework];
        self.valid_roles(subscription)?;
        if book.state == FrameworkState::Completed {
            return Err("Framework has been removed".into());
        }
        self.valid_parts_of_roles(subscription)?;
        self.may_use_roles(subscription)?;
        if book.is_connected() && book.connection != connection && !subscription.force {
            return Err("Framework failed over".into());
        }
        let known = matches!(book.state, FrameworkState::Connected | FrameworkState::Disconnected);
        if known && book.subscription.principal != subscription.principal {
            return Err("Changing framework's principal is not allowed".into());
        }
        Ok(())
    }

    fn valid_roles(&self, subscription: &Subscription) -> Result<(), Arc<str>> {
        let info = &subscription.info;
        if info.roles.len() > 1
            && !(info.capabilities.multi_role && self.options.profile.multi_role)
        {
            return Err("Framework with several roles must have the MULTI_ROLE capability".into());
        }
        for (index, role) in info.roles.iter().enumerate() {
            if info.roles[..index].contains(role) {
                return Err(format!("Duplicate role '{}'", self.roles.path(*role)).into());
            }
            if !self.roles.contains(*role) {
                return Err("Framework has a role that is not known".into());
            }
        }
        Ok(())
    }

    /// What is said of single roles is said of roles that the framework has.
    fn valid_parts_of_roles(&self, subscription: &Subscription) -> Result<(), Arc<str>> {
        let info = &subscription.info;
        if let Some(role) = info.suppressed_roles.iter().find(|role| !info.roles.contains(role)) {
            let path = self.roles.get_path(*role).map_or("unknown", |path| path);
            return Err(format!("Suppressed role '{path}' is not a role").into());
        }
        if info.offer_constraints.iter().any(|of_role| !info.roles.contains(&of_role.role)) {
            return Err("Offer constraints specify a role that is not among the roles".into());
        }
        Ok(())
    }

    fn may_use_roles(&self, subscription: &Subscription) -> Result<(), Arc<str>> {
        let principal = subscription.principal.as_deref();
        let acls = &self.options.acls;
        let may_use = |role: &RoleId| {
            let role = Some(&**self.roles.path(*role));
            acls.allow(Action::RegisterFramework, principal, role)
        };
        if subscription.info.roles.iter().all(may_use) {
            Ok(())
        } else {
            Err("Not authorized to use role(s)".into())
        }
    }

    /// What the framework now says of itself. It keeps the user and the checkpointing that it began
    /// with.
    fn remember_subscription(
        &mut self,
        now: Time,
        framework: FrameworkId,
        mut subscription: Subscription,
        out: &mut Vec<Output>,
    ) {
        let book = &mut self.frameworks[framework];
        if book.state != FrameworkState::Recovered {
            subscription.user = Arc::clone(&book.subscription.user);
            subscription.checkpoint = book.subscription.checkpoint;
        }
        let removed: Vec<RoleId> = book.subscription.info.roles.clone();
        book.subscription = subscription;
        let info = &book.subscription.info;
        let removed: Vec<RoleId> =
            removed.into_iter().filter(|role| !info.roles.contains(role)).collect();
        self.allocator.apply(now, Fact::UpdateFramework { framework, info });
        if !removed.is_empty() {
            self.rescind_offers_of(now, framework, Some(&removed), out);
        }
    }

    fn activate_framework(&mut self, now: Time, framework: FrameworkId) {
        let book = &mut self.frameworks[framework];
        if !book.active {
            book.active = true;
            self.allocator.apply(now, Fact::ActivateFramework { framework });
        }
    }

    fn update_framework(
        &mut self,
        now: Time,
        framework: FrameworkId,
        subscription: Subscription,
        out: &mut Vec<Output>,
    ) {
        let old = &self.frameworks[framework].subscription;
        let changed = if old.principal != subscription.principal {
            Some("principal")
        } else if old.user != subscription.user {
            Some("user")
        } else if old.checkpoint != subscription.checkpoint {
            Some("checkpoint")
        } else {
            None
        };
        let unchanged = changed.map_or(Ok(()), |field| {
            Err(format!("Updating 'FrameworkInfo.{field}' is unsupported").into())
        });
        let valid = unchanged
            .and_then(|()| self.valid_roles(&subscription))
            .and_then(|()| self.valid_parts_of_roles(&subscription))
            .and_then(|()| self.may_use_roles(&subscription));
        if let Err(message) = valid {
            self.tell(framework, Event::Error(message), out);
            return;
        }
        self.remember_subscription(now, framework, subscription, out);
    }

    /// The connection of a scheduler broke.
    pub(super) fn disconnect_framework(
        &mut self,
        now: Time,
        framework: FrameworkId,
        connection: Connection,
        out: &mut Vec<Output>,
    ) {
        let Some(book) = self.frameworks.get_mut(framework) else { return };
        if book.connection != connection || !book.is_connected() {
            return;
        }
        book.state = FrameworkState::Disconnected;
        let at = now + book.subscription.failover_timeout;
        let since = book.subscribed_at;
        let change = FrameworkChange::Disconnected;
        out.push(Output::Observe(Observation::FrameworkChanged { framework, change }));
        self.deactivate_framework(now, framework, out);
        if at == now {
            self.remove_framework(now, framework, out);
        } else {
            out.push(Output::Wake { at, timer: Timer::FailoverTimeout { framework, since } });
        }
    }

    fn deactivate_framework(&mut self, now: Time, framework: FrameworkId, out: &mut Vec<Output>) {
        let book = &mut self.frameworks[framework];
        if !std::mem::replace(&mut book.active, false) {
            return;
        }
        if book.is_connected() {
            let change = FrameworkChange::Deactivated;
            out.push(Output::Observe(Observation::FrameworkChanged { framework, change }));
        }
        self.allocator.apply(now, Fact::DeactivateFramework { framework });
        self.rescind_offers_of(now, framework, None, out);
        self.rescind_inverse_offers_where(now, |offer| offer.framework == framework, out);
    }

    pub(super) fn failover_timeout(
        &mut self,
        now: Time,
        framework: FrameworkId,
        since: Time,
        out: &mut Vec<Output>,
    ) {
        let book = &self.frameworks[framework];
        if book.state == FrameworkState::Disconnected && book.subscribed_at == since {
            self.remove_framework(now, framework, out);
        }
    }

    /// The framework is gone for good: its tasks count as killed at once, and agents are told to end
    /// them. Only agents that hold something of it are told; Mesos tells all.
    pub(super) fn remove_framework(
        &mut self,
        now: Time,
        framework: FrameworkId,
        out: &mut Vec<Output>,
    ) {
        self.discard_all_offers(now, framework, out);
        let book = &mut self.frameworks[framework];
        let tasks: Vec<_> = book.tasks.iter().map(|task| (task.id, task.agent)).collect();
        let unreachable = std::mem::take(&mut book.unreachable);
        book.kills.clear();
        let most = self.options.max_completed_tasks_per_framework;
        for task in unreachable {
            let (state, reason) = (TaskState::Killed, Some(Reason::FrameworkRemoved));
            book.note_completed(PastTask { state, reason, since: now, ..task }, most);
        }
        let mut agents: Vec<AgentId> = tasks.iter().map(|(_, agent)| *agent).collect();
        for (task, _) in tasks {
            let ended = (TaskState::Killed, Some(Reason::FrameworkRemoved));
            self.end_task(now, framework, task, ended, out);
            self.forget_task(now, framework, task);
        }
        agents.extend(self.remove_executors_of(now, framework));
        self.orphan_operations_of(now, framework, out);
        agents.sort_unstable();
        agents.dedup();
        for agent in agents {
            self.send(agent, ToAgent::ShutdownFramework(framework), out);
        }
        self.allocator.apply(now, Fact::RemoveFramework { framework });
        let book = &mut self.frameworks[framework];
        book.state = FrameworkState::Completed;
        book.active = false;
        self.forget_principal_of(framework);
        let change = FrameworkChange::Removed;
        out.push(Output::Observe(Observation::FrameworkChanged { framework, change }));
        self.completed.push(framework);
        if self.completed.len() > self.options.max_completed_frameworks {
            let oldest = self.completed.remove(0);
            // It stays refused; what it did is forgotten.
            self.frameworks[oldest].completed.clear();
        }
    }

    /// All its offers end without a message.
    fn discard_all_offers(&mut self, now: Time, framework: FrameworkId, out: &mut Vec<Output>) {
        let offers = self.offers_where(|offer| offer.framework == framework);
        self.end_offers(now, framework, &offers, OfferEnd::Discarded, out);
        self.remove_inverse_offers_where(now, |offer| offer.framework == framework);
    }

    /// Takes back the offers of a framework, of these roles only where they are named.
    fn rescind_offers_of(
        &mut self,
        now: Time,
        framework: FrameworkId,
        roles: Option<&[RoleId]>,
        out: &mut Vec<Output>,
    ) {
        let offers: Vec<OfferId> = self.offers_where(|offer| {
            offer.framework == framework && roles.is_none_or(|roles| roles.contains(&offer.role))
        });
        self.rescind(now, &offers, None, out);
    }

    fn answer_inverse_offers(
        &mut self,
        now: Time,
        framework: FrameworkId,
        offers: &[crate::protocol::InverseOfferId],
        status: InverseOfferStatus,
        refuse: Span,
    ) {
        for id in offers {
            self.answer_inverse_offer(now, framework, *id, status, refuse);
        }
    }
}
