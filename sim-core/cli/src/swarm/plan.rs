//! A run as plain data: it can be printed, run again, and cut down.

use super::network::NetworkPlan;
use policy_api::{AgentId, DenseId, FrameworkId, Quantities, Resources, Span, Time};
use sim_core::Transfers;
use sim_core::agent::fetcher::FetchTls;
use sim_core::agent::{AgentOptions, Interference, Oversubscription, UsageProfile};
use sim_core::faults::{Fault, Peer};
use sim_core::framework::{BatchOptions, ServiceOptions, StatefulOptions};
use sim_core::master::MasterOptions;
use sim_core::network::Latency;
use sim_core::protocol::{HostId, OperatorCall};
use sim_core::transport::TransportOptions;
use std::sync::Arc;

/// The paths of the roles that every cluster knows.
pub(crate) const ROLES: [&str; 4] = ["a", "b", "c", "a/x"];
/// Who frameworks and operators prove to be.
pub(crate) const PRINCIPAL: &str = "ops";
/// What agents are told apart by.
pub(crate) const ZONES: [&str; 3] = ["x", "y", "z"];

/// All that a run depends on.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Of all that is drawn while it runs.
    pub(crate) seed: u64,
    /// From then on nothing happens from outside.
    pub(crate) quiet_from: Time,
    pub(crate) master: MasterOptions,
    pub(crate) random_agent_order: bool,
    pub(crate) agent_latency: Latency,
    pub(crate) framework_latency: Latency,
    pub(crate) transport: Option<TransportOptions>,
    /// Without it tasks use nothing, and agents do not oversubscribe.
    pub(crate) oversubscription: Option<OversubscriptionPlan>,
    /// What carries the bytes of tasks; without it they take no time.
    pub(crate) network: Option<NetworkPlan>,
    pub(crate) agents: Vec<AgentPlan>,
    pub(crate) frameworks: Vec<FrameworkPlan>,
    /// In the order of time.
    pub(crate) jobs: Vec<JobPlan>,
    pub(crate) faults: Vec<(Time, Fault)>,
    /// In the order of time.
    pub(crate) calls: Vec<(Time, OperatorCall)>,
}

/// What all agents have in common.
#[derive(Clone, Debug)]
pub(crate) struct OversubscriptionPlan {
    pub(crate) setup: Oversubscription,
    pub(crate) sample_interval: Span,
    pub(crate) revocable_cpu_low_priority: bool,
    pub(crate) cgroups_enable_cfs: bool,
    pub(crate) host_memory_runs_out: bool,
    pub(crate) interference: Interference,
}

#[derive(Clone, Debug)]
pub(crate) struct AgentPlan {
    pub(crate) start: Time,
    pub(crate) total: Resources,
    pub(crate) zone: &'static str,
    pub(crate) options: AgentOptions,
    /// What encrypted downloads cost it.
    pub(crate) fetch_tls: Option<FetchTls>,
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a capability of its own")]
pub(crate) struct FrameworkPlan {
    /// Indices into [`ROLES`]; one, but for those that may have several.
    pub(crate) roles: Vec<usize>,
    pub(crate) kind: Kind,
    pub(crate) partition_aware: bool,
    pub(crate) gpus: bool,
    pub(crate) shared: bool,
    pub(crate) revocable: bool,
    pub(crate) killing_state: bool,
    pub(crate) checkpoint: bool,
    pub(crate) failover_timeout: Span,
    /// What its tasks use of what they ask for; all of it without.
    pub(crate) usage: Option<UsageProfile>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Batch(BatchOptions),
    Service(ServiceOptions),
    Stateful(StatefulOptions),
    /// Makes so many ACCEPTs, and other calls at random.
    Restless {
        accepts: u32,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct JobPlan {
    pub(crate) arrival: Time,
    pub(crate) framework: usize,
    pub(crate) tasks: u32,
    pub(crate) demand: Quantities,
    pub(crate) duration: Span,
    pub(crate) unique: bool,
    pub(crate) zone: Option<&'static str>,
    pub(crate) transfers: Option<Arc<Transfers>>,
}

impl Plan {
    /// Without an agent's host, and what strikes it. What comes after moves up.
    pub(crate) fn without_agent(&self, index: usize) -> Self {
        let mut plan = self.clone();
        plan.agents.remove(index);
        let host = |host: HostId| moved_up(host, index);
        plan.faults.retain_mut(|(_, fault)| match fault {
            Fault::AgentCrash { host: it, .. }
            | Fault::HostReboot { host: it, .. }
            | Fault::HostReplacement { host: it, .. }
            | Fault::ExecutorFailure { host: it }
            | Fault::DiskFull { host: it, .. }
            | Fault::Partition { peer: Peer::Host(it), .. }
            | Fault::SlowLink { peer: Peer::Host(it), .. }
            | Fault::LossyLink { peer: Peer::Host(it), .. }
            | Fault::BadCertificate { of: Some(Peer::Host(it)), .. } => put(it, host(*it)),
            Fault::Partition { peer: Peer::Framework(_), .. }
            | Fault::SlowLink { peer: Peer::Framework(_), .. }
            | Fault::LossyLink { peer: Peer::Framework(_), .. }
            | Fault::FrameworkCrash { .. }
            | Fault::BadCertificate { .. }
            | Fault::MasterCrash { .. } => true,
        });
        let agent = |agent: AgentId| moved_up(agent, index);
        plan.calls.retain_mut(|(_, call)| match call {
            OperatorCall::Operate { agent: it, .. }
            | OperatorCall::DrainAgent { agent: it, .. }
            | OperatorCall::DeactivateAgent { agent: it }
            | OperatorCall::ReactivateAgent { agent: it }
            | OperatorCall::MarkAgentGone { agent: it } => put(it, agent(*it)),
            OperatorCall::UpdateQuota { .. }
            | OperatorCall::SetQuota { .. }
            | OperatorCall::RemoveQuota { .. }
            | OperatorCall::UpdateWeights(_)
            | OperatorCall::UpdateMaintenanceSchedule(_)
            | OperatorCall::StartMaintenance(_)
            | OperatorCall::StopMaintenance(_)
            | OperatorCall::Teardown { .. } => true,
        });
        plan
    }

    /// Without a framework, its jobs, and what strikes it. What comes after moves up.
    pub(crate) fn without_framework(&self, index: usize) -> Self {
        let mut plan = self.clone();
        plan.frameworks.remove(index);
        plan.jobs.retain_mut(|job| {
            let stays = job.framework != index;
            job.framework -= usize::from(job.framework > index);
            stays
        });
        let framework = |framework: FrameworkId| moved_up(framework, index);
        plan.faults.retain_mut(|(_, fault)| match fault {
            Fault::FrameworkCrash { framework: it, .. }
            | Fault::Partition { peer: Peer::Framework(it), .. }
            | Fault::SlowLink { peer: Peer::Framework(it), .. }
            | Fault::LossyLink { peer: Peer::Framework(it), .. }
            | Fault::BadCertificate { of: Some(Peer::Framework(it)), .. } => {
                put(it, framework(*it))
            }
            Fault::AgentCrash { .. }
            | Fault::HostReboot { .. }
            | Fault::HostReplacement { .. }
            | Fault::ExecutorFailure { .. }
            | Fault::DiskFull { .. }
            | Fault::Partition { peer: Peer::Host(_), .. }
            | Fault::SlowLink { peer: Peer::Host(_), .. }
            | Fault::LossyLink { peer: Peer::Host(_), .. }
            | Fault::BadCertificate { of: None | Some(Peer::Host(_)), .. }
            | Fault::MasterCrash { .. } => true,
        });
        plan.calls.retain_mut(|(_, call)| match call {
            OperatorCall::Teardown { framework: it } => put(it, framework(*it)),
            OperatorCall::Operate { .. }
            | OperatorCall::UpdateQuota { .. }
            | OperatorCall::SetQuota { .. }
            | OperatorCall::RemoveQuota { .. }
            | OperatorCall::UpdateWeights(_)
            | OperatorCall::UpdateMaintenanceSchedule(_)
            | OperatorCall::StartMaintenance(_)
            | OperatorCall::StopMaintenance(_)
            | OperatorCall::DrainAgent { .. }
            | OperatorCall::DeactivateAgent { .. }
            | OperatorCall::ReactivateAgent { .. }
            | OperatorCall::MarkAgentGone { .. } => true,
        });
        plan
    }
}

/// The number after one was taken out; `None` for that one.
fn moved_up<I: DenseId>(id: I, removed: usize) -> Option<I> {
    let index = id.index();
    (index != removed).then(|| I::from_index(index - usize::from(index > removed)))
}

/// Whether there is something to put.
fn put<I>(place: &mut I, value: Option<I>) -> bool {
    value.map(|value| *place = value).is_some()
}
