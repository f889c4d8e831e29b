//! `net_rate_statistics` of `statistics.jsonl`: how fast containers received, sent and dropped over the
//! last while (`spec/network.md` 4.1).

use crate::cluster::Cluster;
use policy_api::{Span, Time};
use policy_isolation::rates::{RateCollector, RateStatistics};
use serde_json::{Map, Value, json};
use sim_core::network::ContainerTraffic;
use sim_core::protocol::HostId;
use std::collections::BTreeMap;

/// A host, and the slot and the generation of a container.
pub(super) type ContainerKey = (HostId, u32, u32);

/// Reads the counters of all containers at each interval.
#[derive(Debug)]
pub(super) struct RateLog {
    window: Span,
    interval: Span,
    pub(super) next: Time,
    containers: BTreeMap<ContainerKey, Rates>,
}

/// Of one container.
#[derive(Debug)]
struct Rates {
    read: Time,
    collectors: [RateCollector; COUNTERS.len()],
}

const COUNTERS: [&str; 4] = ["rx_rate", "rx_drop_rate", "tx_rate", "tx_drop_rate"];

impl RateLog {
    pub(super) const fn new(window: Span, interval: Span) -> Self {
        Self { window, interval, next: Time::ZERO, containers: BTreeMap::new() }
    }

    pub(super) fn take(&mut self, cluster: &Cluster) {
        let now = self.next;
        self.next += self.interval;
        let Some(network) = cluster.network() else { return };
        for agent in cluster.agents().filter(|agent| agent.is_up()) {
            for container in agent.container_statistics(now) {
                let (host, handle) = (agent.host(), container.container);
                let traffic = network.container_traffic(now, host, handle, container.cpus);
                let key = (host, handle.slot(), handle.generation());
                if let Some(rates) = self.of(key, now) {
                    rates.read = now;
                    for (collector, counter) in rates.collectors.iter_mut().zip(counters(&traffic))
                    {
                        collector.sample(now, counter);
                    }
                }
            }
        }
        self.containers.retain(|_, rates| rates.read == now);
    }

    fn of(&mut self, key: ContainerKey, now: Time) -> Option<&mut Rates> {
        let new = RateCollector::new(self.window, self.interval)?;
        let row = self.containers.entry(key);
        Some(row.or_insert_with(|| Rates { read: now, collectors: COUNTERS.map(|_| new.clone()) }))
    }

    /// `None` before there is a rate of this container.
    pub(super) fn statistics(&self, container: ContainerKey) -> Option<Value> {
        let rates = self.containers.get(&container)?;
        let mut fields = Map::new();
        for (name, collector) in COUNTERS.into_iter().zip(&rates.collectors) {
            fields.insert(name.to_owned(), block(&collector.statistics()?));
        }
        fields.insert("sampling_window_secs".to_owned(), self.window.as_secs_f64().into());
        fields.insert("sampling_interval_secs".to_owned(), self.interval.as_secs_f64().into());
        Some(fields.into())
    }
}

/// In whole bytes, as the kernel counts.
fn counters(traffic: &ContainerTraffic) -> [u64; COUNTERS.len()] {
    let ContainerTraffic { received, received_dropped, sent, sent_dropped, .. } = *traffic;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counters of bytes, never negative"
    )]
    [received, received_dropped, sent, sent_dropped].map(|bytes| bytes.round() as u64)
}

fn block(rates: &RateStatistics) -> Value {
    let RateStatistics { min, max, p50, p90, p95, p99, p999, p9999, samples } = *rates;
    json!({
        "min": min, "max": max, "p50": p50, "p90": p90, "p95": p95, "p99": p99,
        "p999": p999, "p9999": p9999, "samples": samples,
    })
}
