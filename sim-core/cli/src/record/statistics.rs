//! `statistics.jsonl`: what each agent would answer at `/monitor/statistics`, a line for each agent and
//! sample. The fields have Mesos's names; those that the model cannot give are left out.

use super::rates::RateLog;
use super::tables::Names;
use crate::cluster::Cluster;
use anyhow::Context;
use policy_api::{Amount, Span, Time, amount_to_f64};
use serde_json::{Map, Value, json};
use sim_core::agent::{Agent, ContainerName, ContainerStatistics, VolumeUse};
use sim_core::network::ContainerTraffic;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

pub(super) const FILE: &str = "statistics.jsonl";

/// Samples at multiples of the interval. Nothing is kept in memory.
pub(super) struct StatisticsLog {
    writer: BufWriter<File>,
    interval: Span,
    next: Time,
    rates: Option<RateLog>,
    /// When the run ends at the latest.
    until: Time,
    error: Option<io::Error>,
}

impl StatisticsLog {
    pub(super) fn create(
        folder: &Path,
        interval: Span,
        rates: Option<RateLog>,
        until: Time,
    ) -> anyhow::Result<Self> {
        let file =
            File::create(folder.join(FILE)).with_context(|| format!("cannot create {FILE}"))?;
        let (writer, next) = (BufWriter::new(file), Time::ZERO);
        Ok(Self { writer, interval, next, rates, until, error: None })
    }

    /// Takes the samples that are due before the next event.
    pub(super) fn sample(&mut self, cluster: &Cluster, names: &Names) {
        if let Some(event) = cluster.next_time() {
            self.take_before(event.min(self.until), cluster, names);
        }
    }

    fn take_before(&mut self, before: Time, cluster: &Cluster, names: &Names) {
        while self.error.is_none() {
            match &mut self.rates {
                Some(rates) if rates.next <= self.next && rates.next < before => {
                    rates.take(cluster);
                }
                _ if self.next < before => self.take(cluster, names),
                _ => return,
            }
        }
    }

    fn take(&mut self, cluster: &Cluster, names: &Names) {
        for agent in cluster.agents().filter(|agent| agent.is_up()) {
            if let Err(error) = writeln!(self.writer, "{}", self.line(cluster, agent, names)) {
                self.error = Some(error);
                return;
            }
        }
        self.next += self.interval;
    }

    fn line(&self, cluster: &Cluster, agent: &Agent, names: &Names) -> Value {
        let (now, host) = (self.next, agent.host());
        let containers = agent.container_statistics(now).map(|container| {
            let handle = container.container;
            let mut element = element(&container, names);
            let fields = &mut element["statistics"];
            if let Some(network) = cluster.network() {
                let traffic = network.container_traffic(now, host, handle, container.cpus);
                let has_ports = container.net_ephemeral_ports.is_some();
                put_traffic(&traffic, has_ports, fields);
            }
            let key = (host, handle.slot(), handle.generation());
            if let Some(rates) = self.rates.as_ref().and_then(|rates| rates.statistics(key)) {
                fields["net_rate_statistics"] = rates;
            }
            element
        });
        json!({
            "time_s": now.as_secs_f64(),
            "agent": names.host(host),
            "statistics": containers.collect::<Vec<_>>(),
        })
    }

    pub(super) fn take_error(&mut self) -> Option<anyhow::Error> {
        let error = self.error.take()?;
        Some(anyhow::Error::new(error).context(format!("cannot write {FILE}")))
    }

    /// Takes those that are left at the end of the run.
    pub(super) fn finish(&mut self, cluster: &Cluster, names: &Names) -> anyhow::Result<()> {
        self.take_before(cluster.now() + Span::from_nanos(1), cluster, names);
        let error = self.take_error();
        error.map_or(Ok(()), Err)?;
        self.writer.flush().with_context(|| format!("cannot write {FILE}"))
    }
}

/// An element of the array that Mesos answers with.
fn element(container: &ContainerStatistics, names: &Names) -> Value {
    let (id, name, source) = match container.executor {
        ContainerName::Command(task) => {
            let id = format!("task-{}-{}", task.slot, task.generation);
            (id.clone(), format!("Command Executor (Task: {id})"), id)
        }
        ContainerName::Executor(executor) => (executor.0.to_string(), String::new(), String::new()),
    };
    json!({
        "executor_id": id,
        "executor_name": name,
        "framework_id": names.framework(container.framework),
        "source": source,
        "statistics": statistics(container),
    })
}

fn statistics(container: &ContainerStatistics) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("timestamp", container.timestamp.as_secs_f64().into());
    put("cpus_limit", amount(container.cpus_limit));
    if let Some(used) = &container.used {
        put("cpus_user_time_secs", used.cpu_time.as_secs_f64().into());
        if let Some(quota) = &used.quota {
            put("cpus_nr_periods", quota.periods.into());
            put("cpus_nr_throttled", quota.throttled.into());
            put("cpus_throttled_time_secs", quota.throttled_time.as_secs_f64().into());
        }
        put("mem_total_bytes", used.mem_total_bytes.into());
    }
    put("mem_limit_bytes", container.mem_limit_bytes.into());
    put("mem_soft_limit_bytes", container.mem_soft_limit_bytes.into());
    put("disk_limit_bytes", container.disk_limit_bytes.into());
    if !container.volumes.is_empty() {
        put("disk_statistics", container.volumes.iter().map(volume).collect());
    }
    if let Some(ports) = container.net_ephemeral_ports {
        put("net_ephemeral_ports", json!({ "begin": ports.begin, "end": ports.end }));
    }
    fields
}

fn put_traffic(traffic: &ContainerTraffic, has_ports: bool, fields: &mut Value) {
    let mut put = |name: &str, value: Value| fields[name] = value;
    put("net_rx_bytes", traffic.received.round().into());
    put("net_tx_bytes", traffic.sent.round().into());
    put("net_rx_dropped", traffic.received_dropped.round().into());
    put("net_tx_dropped", traffic.sent_dropped.round().into());
    for (way, shape) in [("rx", traffic.ingress), ("tx", traffic.egress)] {
        let Some(shape) = shape else { continue };
        put(&format!("net_{way}_rate_limit"), shape.rate.into());
        put(&format!("net_{way}_burst_rate_limit"), shape.ceil.into());
        if let Some(burst) = shape.burst {
            put(&format!("net_{way}_burst_size"), burst.into());
        }
    }
    if has_ports {
        put("net_tcp_active_connections", traffic.connections.active.into());
        put("net_tcp_time_wait_connections", traffic.connections.time_wait.into());
    }
}

fn volume(used: &VolumeUse) -> Value {
    let persistence = used.volume.disk.as_ref().and_then(|disk| disk.persistence.as_ref());
    json!({
        "persistence": {
            "id": persistence.map(|it| &*it.id),
            "principal": persistence.and_then(|it| it.principal.as_deref()),
        },
        "limit_bytes": used.limit_bytes,
        "used_bytes": used.used_bytes,
    })
}

fn amount(amount: Amount) -> Value {
    amount_to_f64(amount).into()
}
