//! Tables of what happens besides work: faults, operators, agents, volumes, services, replicas.

use super::rows::{Row, create, keep_error};
use super::tables::Names;
use csv::Writer;
use policy_api::Time;
use sim_core::faults::Peer;
use sim_core::{FaultPhase, Observation, TransferRecord};
use std::fs::File;
use std::path::Path;

/// Which of the tables a scenario can have rows for.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that a scenario has or has not")]
pub(crate) struct EventKinds {
    pub(crate) faults: bool,
    pub(crate) operators: bool,
    pub(crate) services: bool,
    pub(crate) stateful: bool,
    pub(crate) oversubscription: bool,
    pub(crate) fetches: bool,
    pub(crate) network: bool,
}

/// The tables; those that cannot have rows are not there.
#[derive(Default)]
pub(super) struct EventTables {
    operator: Option<Writer<File>>,
    faults: Option<Writer<File>>,
    agents: Option<Writer<File>>,
    volumes: Option<Writer<File>>,
    service: Option<Writer<File>>,
    replicas: Option<Writer<File>>,
    revocations: Option<Writer<File>>,
    fetches: Option<Writer<File>>,
    transfers: Option<Writer<File>>,
    error: Option<anyhow::Error>,
    row: Vec<String>,
}

/// The header of `fetches.csv`: a row for each container that needs files, at the end of its fetch.
const FETCHES: [&str; 15] = [
    "time_s",
    "host",
    "framework",
    "end",
    "waited_s",
    "worked_s",
    "hits",
    "joins",
    "misses",
    "uncached",
    "fallbacks",
    "downloaded_bytes",
    "saved_bytes",
    "tls_time_s",
    "tls_bytes",
];

impl EventTables {
    pub(super) fn create(folder: &Path, kinds: EventKinds) -> anyhow::Result<Self> {
        let open = |is_wanted: bool, name: &str, header: &[&str]| {
            is_wanted.then(|| create(folder, name, header)).transpose()
        };
        let EventKinds {
            faults,
            operators,
            services,
            stateful,
            oversubscription,
            fetches,
            network,
        } = kinds;
        Ok(Self {
            operator: open(operators, "operator.csv", &["time_s", "call", "status", "message"])?,
            faults: open(faults, "faults.csv", &["time_s", "fault", "phase", "target"])?,
            agents: open(
                faults || operators,
                "agent_events.csv",
                &["time_s", "agent", "host", "change"],
            )?,
            volumes: open(
                stateful || operators,
                "volumes.csv",
                &["time_s", "host", "change", "bytes"],
            )?,
            service: open(services, "service.csv", &["time_s", "framework", "wanted", "running"])?,
            replicas: open(
                stateful,
                "replicas.csv",
                &["time_s", "framework", "kind", "number", "change", "bytes"],
            )?,
            revocations: open(
                oversubscription,
                "revocations.csv",
                &["time_s", "host", "framework", "executor", "reason"],
            )?,
            fetches: open(fetches, "fetches.csv", &FETCHES)?,
            transfers: open(
                network,
                "transfers.csv",
                &[
                    "time_s",
                    "agent",
                    "framework",
                    "phase",
                    "started_s",
                    "net_tx_bytes",
                    "net_rx_bytes",
                    "throttled_s",
                    "complete",
                    "failed_connects",
                    "net_tx_dropped",
                    "net_rx_dropped",
                ],
            )?,
            error: None,
            row: Vec::new(),
        })
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each observation")]
    pub(super) fn observe(&mut self, now: Time, observation: &Observation, names: &Names) {
        match observation {
            Observation::OperatorCall { call, response } => {
                let message = response.message.as_deref().unwrap_or_default();
                self.write(
                    now,
                    |it| &mut it.operator,
                    |row| {
                        row.text(call);
                        row.push(response.status);
                        row.text(message);
                    },
                );
            }
            Observation::Fault { fault, phase, target } => {
                self.write(
                    now,
                    |it| &mut it.faults,
                    |row| {
                        row.text(fault.name());
                        row.text(match phase {
                            FaultPhase::Begins => "begins",
                            FaultPhase::Ends => "ends",
                        });
                        row.text(match target {
                            None => "master",
                            Some(Peer::Host(host)) => names.host(*host),
                            Some(Peer::Framework(framework)) => names.framework(*framework),
                        });
                    },
                );
            }
            Observation::AgentRegistered { agent, .. } => {
                self.agent(now, *agent, "registered", names);
            }
            Observation::AgentChanged { agent, change } => {
                self.agent(now, *agent, change.name(), names);
            }
            Observation::Volume { host, change, bytes } => {
                self.write(
                    now,
                    |it| &mut it.volumes,
                    |row| {
                        row.text(names.host(*host));
                        row.text(change.name());
                        row.push(bytes);
                    },
                );
            }
            Observation::ServiceLevel { framework, wanted, running } => {
                self.write(
                    now,
                    |it| &mut it.service,
                    |row| {
                        row.text(names.framework(*framework));
                        row.push(wanted);
                        row.push(running);
                    },
                );
            }
            Observation::ReplicaChanged { framework, replica, change, bytes } => {
                self.write(
                    now,
                    |it| &mut it.replicas,
                    |row| {
                        row.text(names.framework(*framework));
                        row.text("replica");
                        row.push(replica);
                        row.text(change.name());
                        row.push(bytes);
                    },
                );
            }
            Observation::RangeChanged { framework, range, change, bytes } => {
                self.write(
                    now,
                    |it| &mut it.replicas,
                    |row| {
                        row.text(names.framework(*framework));
                        row.text("range");
                        row.push(range);
                        row.text(change.name());
                        row.push(bytes);
                    },
                );
            }
            Observation::ContainerKilled { host, framework, executor, reason } => {
                self.write(
                    now,
                    |it| &mut it.revocations,
                    |row| {
                        row.text(names.host(*host));
                        row.text(names.framework(*framework));
                        match executor {
                            Some(executor) => row.push(executor.0),
                            None => row.text("command"),
                        }
                        row.text(reason.metric_name());
                    },
                );
            }
            Observation::Fetched { host, framework, record } => {
                self.write(
                    now,
                    |it| &mut it.fetches,
                    |row| {
                        row.text(names.host(*host));
                        row.text(names.framework(*framework));
                        row.text(if record.succeeded { "succeeded" } else { "failed" });
                        row.seconds(record.started.since(record.asked));
                        row.seconds(record.ended.since(record.started));
                        row.push(record.hits);
                        row.push(record.joins);
                        row.push(record.misses);
                        row.push(record.uncached);
                        row.push(record.fallbacks);
                        row.push(record.downloaded);
                        row.push(record.saved);
                        row.seconds(record.tls.time.sum());
                        row.push(record.tls.handshake_bytes + record.tls.record_bytes);
                    },
                );
            }
            Observation::TransferEnded(record) => {
                self.write(now, |it| &mut it.transfers, |row| transfer(row, record, names));
            }
            Observation::FrameworkSubscribed { .. }
            | Observation::Oversubscribed { .. }
            | Observation::EstimateNotRevocable { .. }
            | Observation::FrameworkChanged { .. }
            | Observation::OffersSent { .. }
            | Observation::OffersEnded { .. }
            | Observation::TaskLaunched { .. }
            | Observation::TaskReleased { .. }
            | Observation::TaskRecovered { .. }
            | Observation::JobArrived { .. }
            | Observation::TasksUnplaceable { .. }
            | Observation::TaskStarted { .. }
            | Observation::TaskEnded(_)
            | Observation::JobEnded { .. }
            | Observation::OperationApplied { .. }
            | Observation::OperationDropped { .. }
            | Observation::MasterFailed
            | Observation::MasterRecovered { .. } => {}
        }
    }

    fn agent(&mut self, now: Time, agent: policy_api::AgentId, change: &str, names: &Names) {
        self.write(
            now,
            |it| &mut it.agents,
            |row| {
                row.push(policy_api::DenseId::index(agent));
                row.text(names.agent(agent));
                row.text(change);
            },
        );
    }

    fn write(
        &mut self,
        now: Time,
        table: fn(&mut Self) -> &mut Option<Writer<File>>,
        fill: impl FnOnce(&mut Row<'_>),
    ) {
        let Some(mut writer) = table(self).take() else { return };
        let mut row = Row::new(&mut self.row);
        row.time(now);
        fill(&mut row);
        keep_error(&mut self.error, row.write(&mut writer), "a table of events");
        *table(self) = Some(writer);
    }

    pub(super) fn take_error(&mut self) -> Option<anyhow::Error> {
        self.error.take()
    }

    pub(super) fn finish(&mut self) -> anyhow::Result<()> {
        for table in [
            &mut self.operator,
            &mut self.faults,
            &mut self.agents,
            &mut self.volumes,
            &mut self.service,
            &mut self.replicas,
            &mut self.revocations,
            &mut self.fetches,
            &mut self.transfers,
        ] {
            table.as_mut().map_or(Ok(()), Writer::flush)?;
        }
        self.error.take().map_or(Ok(()), Err)
    }
}

fn transfer(row: &mut Row<'_>, record: &TransferRecord, names: &Names) {
    row.text(names.host(record.host));
    row.text(names.framework(record.framework));
    row.text(record.phase.name());
    row.time(record.started);
    row.push(record.sent.round());
    row.push(record.received.round());
    row.seconds(record.throttled);
    row.push(record.is_complete);
    row.push(record.failed_connects);
    row.push(record.sent_dropped.round());
    row.push(record.received_dropped.round());
}
