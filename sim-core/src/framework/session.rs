//! A scheduler's side of its connection to the master: what may be said when, and what is said the same
//! way by every scheduler.

use super::Output;
use super::reconcile::Reconciliation;
use crate::protocol::{
    Call, Event, InverseOfferId, OperationStatus, StatusUpdate, Subscription, TaskId, TaskState,
};
use policy_api::{AgentId, InverseOfferStatus, Span, Time};
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
pub(super) struct Session {
    subscription: Subscription,
    link: Link,
    /// Whether it was subscribed before: then its tasks may have changed unheard.
    returning: bool,
    /// What the master was told; `None` where it may have forgotten.
    suppressed: Option<bool>,
    reconciliation: Reconciliation,
    /// When tasks will have been unreachable for too long. Some have come back since.
    unreachable: BTreeSet<(Time, TaskId)>,
    /// The next wake-up that was asked for.
    alarm: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// The process is not there.
    Down,
    /// There is no master.
    Disconnected,
    Subscribing,
    Subscribed,
    /// The master has refused the scheduler.
    Stopped,
}

impl Session {
    pub(super) const fn new(subscription: Subscription) -> Self {
        Self {
            subscription,
            link: Link::Down,
            returning: false,
            suppressed: None,
            reconciliation: Reconciliation::new(),
            unreachable: BTreeSet::new(),
            alarm: None,
        }
    }

    pub(super) const fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    /// Whether there is a process that can think.
    pub(super) fn is_alive(&self) -> bool {
        !matches!(self.link, Link::Down | Link::Stopped)
    }

    pub(super) fn is_subscribed(&self) -> bool {
        self.link == Link::Subscribed
    }

    /// The process comes up.
    pub(super) fn start(&mut self, out: &mut Vec<Output>) {
        if self.link != Link::Stopped {
            self.alarm = None;
            self.subscribe(out);
        }
    }

    /// There is a master again.
    pub(super) fn connect(&mut self, out: &mut Vec<Output>) {
        if self.is_alive() {
            self.subscribe(out);
        }
    }

    fn subscribe(&mut self, out: &mut Vec<Output>) {
        self.close();
        self.link = Link::Subscribing;
        let mut subscription = self.subscription.clone();
        // The master may not have noticed yet that the connection of before is gone.
        subscription.has_id = self.returning;
        subscription.force = self.returning;
        out.push(Output::Call(Call::Subscribe(Box::new(subscription))));
    }

    pub(super) fn disconnect(&mut self) {
        if self.is_alive() {
            self.close();
            self.link = Link::Disconnected;
        }
    }

    pub(super) fn crash(&mut self) {
        if self.is_alive() {
            self.close();
            self.link = Link::Down;
        }
    }

    pub(super) fn stop(&mut self) {
        self.close();
        self.link = Link::Stopped;
    }

    fn close(&mut self) {
        self.suppressed = None;
        self.reconciliation.stop();
    }

    /// Whether an event comes over a connection that stands.
    pub(super) fn hears(&self, event: &Event) -> bool {
        match self.link {
            Link::Subscribed => true,
            Link::Subscribing => matches!(event, Event::Subscribed | Event::Error(_)),
            Link::Down | Link::Disconnected | Link::Stopped => false,
        }
    }

    /// Offers come from now on. What has become of `tasks` is asked for, where it can have changed
    /// unheard.
    pub(super) fn subscribed(
        &mut self,
        now: Time,
        tasks: impl Iterator<Item = (TaskId, AgentId)>,
        out: &mut Vec<Output>,
    ) {
        if self.is_subscribed() {
            return;
        }
        self.link = Link::Subscribed;
        if self.returning {
            out.extend(self.reconciliation.begin(now, tasks).map(Output::Call));
        } else {
            self.returning = true;
            self.suppressed = Some(false);
        }
    }

    /// Makes a call, which goes nowhere without a connection.
    pub(super) fn call(&self, call: Call, out: &mut Vec<Output>) {
        if self.is_subscribed() {
            out.push(Output::Call(call));
        }
    }

    /// Tells the master whether offers are wanted, where it does not know.
    pub(super) fn want_offers(&mut self, wanted: bool, out: &mut Vec<Output>) {
        if self.is_subscribed() && self.suppressed != Some(!wanted) {
            self.suppressed = Some(!wanted);
            let roles = Vec::new();
            let call = if wanted { Call::Revive { roles } } else { Call::Suppress { roles } };
            out.push(Output::Call(call));
        }
    }

    pub(super) fn acknowledge(&mut self, update: &StatusUpdate, out: &mut Vec<Output>) {
        if let (Some(status), Some(agent)) = (update.status, update.agent) {
            let task = update.task;
            self.call(Call::Acknowledge { agent, task, status }, out);
        }
        self.reconciliation.answered(update.task);
    }

    pub(super) fn acknowledge_operation(&self, status: &OperationStatus, out: &mut Vec<Output>) {
        if let Some(operation) = status.acknowledge {
            self.call(Call::AcknowledgeOperation { operation }, out);
        }
    }

    /// Kills a task that is not wanted any more, if this update says that it lives on an agent. Of one
    /// that the master only fails to find a KILL would bring the same update again, and so on.
    pub(super) fn kill_if_alive(&self, update: &StatusUpdate, out: &mut Vec<Output>) {
        let StatusUpdate { task, agent, .. } = *update;
        match update.state {
            TaskState::Staging | TaskState::Starting | TaskState::Running => {
                self.call(Call::Kill { task, agent, grace: None }, out);
            }
            TaskState::Killing
            | TaskState::Unreachable
            | TaskState::Unknown
            | TaskState::Finished
            | TaskState::Failed
            | TaskState::Killed
            | TaskState::Lost
            | TaskState::Dropped
            | TaskState::Error
            | TaskState::Gone
            | TaskState::GoneByOperator => {}
        }
    }

    pub(super) fn answer_inverse(
        &self,
        offers: Vec<InverseOfferId>,
        status: InverseOfferStatus,
        refuse: Span,
        out: &mut Vec<Output>,
    ) {
        if !offers.is_empty() {
            self.call(Call::AnswerInverseOffers { offers, status, refuse }, out);
        }
    }

    /// A task that is unreachable may come back until then.
    pub(super) fn note_unreachable(&mut self, until: Time, task: TaskId) {
        self.unreachable.insert((until, task));
    }

    /// The next task whose time to come back may be over.
    pub(super) fn pop_unreachable(&mut self, now: Time) -> Option<TaskId> {
        let (due, _) = self.unreachable.first()?;
        if !self.is_alive() || *due > now {
            return None;
        }
        self.unreachable.pop_first().map(|(_, task)| task)
    }

    /// A wake-up has come: asks again for tasks whose state was not told.
    pub(super) fn wake(&mut self, now: Time, out: &mut Vec<Output>) {
        self.alarm = self.alarm.filter(|alarm| *alarm > now);
        if self.is_subscribed() {
            out.extend(self.reconciliation.ask(now).map(Output::Call));
        }
    }

    /// Asks for a wake-up when the session, or its scheduler, has something to do next.
    pub(super) fn set_alarm(&mut self, now: Time, own: Option<Time>, out: &mut Vec<Output>) {
        let unreachable = self.unreachable.first().map(|(due, _)| *due);
        let next = [own, self.reconciliation.next(), unreachable].into_iter().flatten().min();
        let Some(next) = next.filter(|next| *next < Time::NEVER) else { return };
        let next = next.max(now);
        if self.is_alive() && self.alarm.is_none_or(|alarm| next < alarm) {
            self.alarm = Some(next);
            out.push(Output::Wake { at: next });
        }
    }
}
