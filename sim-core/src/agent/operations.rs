//! Operations on resources, and what is told of them (`spec/agent.md` section 5).

use super::resources::of_source;
use super::task::Retry;
use super::{Agent, Output, ProcessState, Timer};
use crate::protocol::{
    AgentUpdate, DiskOperation, FromAgent, MasterOperationId, OperationKind, OperationOwner,
    OperationRecord, OperationReport, OperationState,
};
use policy_api::resources::{DiskSource, DiskSourceKind, Labels};
use policy_api::{AgentId, Operation, Quantities, Resource, Resources, Scalar, Time};

/// The operations of an agent that are not acknowledged. Their number is small.
#[derive(Clone, Debug, Default)]
pub(super) struct Operations {
    rows: Vec<Row>,
    has_had_any: bool,
}

#[derive(Clone, Debug)]
struct Row {
    name: Name,
    progress: Progress,
}

/// An operation, of which kind, and who asked for it.
#[derive(Clone, Copy, Debug)]
struct Name {
    id: MasterOperationId,
    kind: OperationKind,
    owner: OperationOwner,
}

#[derive(Clone, Debug)]
enum Progress {
    /// The resource provider is at it until then.
    Pending {
        operation: DiskOperation,
        until: Time,
    },
    Done {
        state: OperationState,
        converted: Resources,
        amounts: Quantities,
        retry: Retry,
    },
}

impl Row {
    const fn state(&self) -> OperationState {
        match self.progress {
            Progress::Pending { .. } => OperationState::Pending,
            Progress::Done { state, .. } => state,
        }
    }

    fn report(&self, agent: AgentId) -> Option<Output> {
        let Progress::Done { state, converted, amounts, .. } = &self.progress else { return None };
        Some(Output::Send(FromAgent::OperationUpdate(Box::new(OperationReport {
            agent,
            operation: self.name.id,
            state: *state,
            converted: converted.clone(),
            amounts: *amounts,
            is_repeated: true,
        }))))
    }
}

impl Operations {
    /// Whether there was ever anything to tell of.
    pub(super) const fn has_had_any(&self) -> bool {
        self.has_had_any
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn states(&self) -> Vec<(MasterOperationId, OperationState)> {
        self.rows.iter().map(|row| (row.name.id, row.state())).collect()
    }

    /// All that a master needs to know that does not know them.
    pub(super) fn records(&self) -> Vec<OperationRecord> {
        let record = |row: &Row| OperationRecord {
            number: row.name.id,
            kind: row.name.kind,
            owner: row.name.owner,
            state: row.state(),
            pending: match &row.progress {
                Progress::Pending { operation, .. } => {
                    [conversion(operation).0].into_iter().collect()
                }
                Progress::Done { .. } => Resources::EMPTY,
            },
        };
        self.rows.iter().map(record).collect()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn knows(&self, id: MasterOperationId) -> bool {
        self.rows.iter().any(|row| row.name.id == id)
    }

    /// Tells a new master of everything; says when something is to be sent again.
    pub(super) fn resume(&mut self, now: Time, agent: AgentId, out: &mut Vec<Output>) -> Time {
        let mut next = Time::NEVER;
        for row in &mut self.rows {
            if let Progress::Done { retry, .. } = &mut row.progress {
                *retry = Retry::starting(now);
                next = retry.due;
            }
            out.extend(row.report(agent));
        }
        next
    }

    /// Sends again what was not acknowledged in time; says when something is due next.
    pub(super) fn retry(&mut self, now: Time, agent: AgentId, out: &mut Vec<Output>) -> Time {
        let mut next = Time::NEVER;
        for row in &mut self.rows {
            let Progress::Done { retry, .. } = &mut row.progress else { continue };
            let fires = retry.fires(now);
            next = next.min(retry.due);
            if fires {
                out.extend(row.report(agent));
            }
        }
        next
    }
}

impl Agent {
    /// The master has carried the operation out in its books already. Where it does not fit here it
    /// is dropped, which would end Mesos's agent; so the agent says what it has, as the next one of
    /// Mesos would.
    pub(super) fn apply_operation(
        &mut self,
        now: Time,
        operation: &Operation,
        (id, owner): (MasterOperationId, OperationOwner),
        out: &mut Vec<Output>,
    ) {
        if self.operations.knows(id) || !self.can_checkpoint(now, out) {
            return;
        }
        let total = self.resources.after(operation);
        let state = match total {
            Some(_) => OperationState::Finished,
            None => OperationState::Dropped,
        };
        #[cfg(feature = "sabotage")]
        let total = match self.options.sabotage {
            Some(crate::sabotage::Sabotage::PretendOperation) => Some(self.total().clone()),
            _ => total,
        };
        if let Some(total) = total {
            self.change_total(now, total, out);
        } else if let (ProcessState::Running, Some(agent)) = (self.process, self.id) {
            let mut operations = self.operations.states();
            operations.push((id, state));
            let (total, operations) = (Some(self.total().clone()), Some(operations));
            let update = Box::new(AgentUpdate { total, operations, oversubscribed: None });
            out.push(Output::Send(FromAgent::Update { agent, update }));
        }
        #[cfg(feature = "sabotage")]
        if self.options.sabotage == Some(crate::sabotage::Sabotage::ForgetAnswer) {
            return;
        }
        if self.options.profile.operation_feedback {
            let amounts = amounts_of(operation);
            let name = Name { id, kind: OperationKind::of(operation), owner };
            self.operation_done(now, name, (state, Resources::EMPTY, amounts), out);
        }
    }

    /// The complete list of reservations and volumes, from a master that does not send operations.
    pub(super) fn checkpoint_resources(
        &mut self,
        now: Time,
        list: &Resources,
        out: &mut Vec<Output>,
    ) {
        if !self.can_checkpoint(now, out) {
            return;
        }
        match self.resources.with_checkpointed(list) {
            Some(total) => self.change_total(now, total, out),
            None => self.exit(now, out),
        }
    }

    /// The resource provider begins with an operation on its disks.
    pub(super) fn apply_disk_operation(
        &mut self,
        now: Time,
        operation: DiskOperation,
        (id, owner): (MasterOperationId, OperationOwner),
        out: &mut Vec<Output>,
    ) {
        if self.operations.knows(id) || !self.can_checkpoint(now, out) {
            return;
        }
        self.operations.has_had_any = true;
        let until = now + self.options.disk_operation_time;
        let name = Name { id, kind: OperationKind::of_disk(&operation), owner };
        self.operations.rows.push(Row { name, progress: Progress::Pending { operation, until } });
        self.wait_for_disk(now, id, until, out);
    }

    fn wait_for_disk(
        &mut self,
        now: Time,
        id: MasterOperationId,
        until: Time,
        out: &mut Vec<Output>,
    ) {
        if until == now {
            self.disk_operation_done(now, id, out);
        } else {
            out.push(Output::Wake { at: until, timer: Timer::DiskOperation(id) });
        }
    }

    /// A resource provider does not survive its agent: it begins again.
    pub(super) fn resume_disk_operations(&mut self, now: Time, out: &mut Vec<Output>) {
        let again = now + self.options.disk_operation_time;
        let mut begun = Vec::new();
        for row in &mut self.operations.rows {
            if let Progress::Pending { until, .. } = &mut row.progress {
                *until = again;
                begun.push(row.name.id);
            }
        }
        for id in begun {
            self.wait_for_disk(now, id, again, out);
        }
    }

    pub(super) fn disk_operation_done(
        &mut self,
        now: Time,
        id: MasterOperationId,
        out: &mut Vec<Output>,
    ) {
        if !self.is_up() {
            return;
        }
        let of_it = |row: &Row| row.name.id == id;
        let Some(index) = self.operations.rows.iter().position(of_it) else { return };
        let Progress::Pending { operation, until } = &self.operations.rows[index].progress else {
            return;
        };
        if *until > now {
            return;
        }
        let (source, made) = conversion(operation);
        let (source, made) = (Resources::from_iter([source]), Resources::from_iter([made]));
        let mut total = self.resources.total().clone();
        // What is not valid is nothing in a collection.
        let fits = !source.is_empty() && !made.is_empty() && total.contains(&source);
        if !self.can_checkpoint(now, out) {
            return;
        }
        let name = self.operations.rows.remove(index).name;
        let amounts = source.scalar_quantities();
        if fits {
            total.subtract(&source);
            total.add(&made);
            self.change_total(now, total, out);
            self.operation_done(now, name, (OperationState::Finished, made, amounts), out);
        } else {
            let failed = (OperationState::Failed, Resources::EMPTY, amounts);
            self.operation_done(now, name, failed, out);
        }
    }

    fn operation_done(
        &mut self,
        now: Time,
        name: Name,
        (state, converted, amounts): (OperationState, Resources, Quantities),
        out: &mut Vec<Output>,
    ) {
        let retry = Retry::starting(now);
        let row = Row { name, progress: Progress::Done { state, converted, amounts, retry } };
        self.operations.has_had_any = true;
        if let (ProcessState::Running, Some(agent)) = (self.process, self.id) {
            out.extend(row.report(agent));
            self.wake_for_retry(retry.due, out);
        }
        self.operations.rows.push(row);
    }

    pub(super) fn acknowledge_operation(
        &mut self,
        now: Time,
        id: MasterOperationId,
        out: &mut Vec<Output>,
    ) {
        if self.can_checkpoint(now, out) {
            self.operations.rows.retain(|row| row.name.id != id || !row.state().is_terminal());
            self.end_of_draining();
        }
    }

    /// Those that never came are dropped. That is told once: the master asks again if it is lost.
    pub(super) fn reconcile_operations(&self, ids: &[MasterOperationId], out: &mut Vec<Output>) {
        let Some(agent) = self.id else { return };
        for id in ids.iter().filter(|id| !self.operations.knows(**id)) {
            out.push(Output::Send(FromAgent::OperationUpdate(Box::new(OperationReport {
                agent,
                operation: *id,
                state: OperationState::Dropped,
                converted: Resources::EMPTY,
                amounts: Quantities::ZERO,
                is_repeated: false,
            }))));
        }
    }
}

/// What an operation names; of a resized volume, by how much.
fn amounts_of(operation: &Operation) -> Quantities {
    match operation {
        Operation::Reserve { resources, .. }
        | Operation::Unreserve(resources)
        | Operation::Create(resources)
        | Operation::Destroy(resources) => resources.scalar_quantities(),
        Operation::GrowVolume { addition, .. } => {
            Quantities::of(Scalar::Disk, addition.scalar().unwrap_or_default())
        }
        Operation::ShrinkVolume { subtract, .. } => Quantities::of(Scalar::Disk, *subtract),
    }
}

/// What a disk operation consumes, and what it makes of it.
fn conversion(operation: &DiskOperation) -> (Resource, Resource) {
    match operation {
        DiskOperation::Create { source, target } => (source.clone(), target.clone()),
        DiskOperation::Destroy { source } => {
            let known = source.disk.as_ref().and_then(|disk| disk.source.as_ref());
            // The storage keeps its class; the disk loses its name and its place.
            let raw = DiskSource {
                profile: known.and_then(|known| known.profile.clone()),
                vendor: known.and_then(|known| known.vendor.clone()),
                metadata: Labels::default(),
                ..DiskSource::new(DiskSourceKind::Raw)
            };
            (source.clone(), Resource { disk: Some(of_source(raw)), ..source.clone() })
        }
    }
}
