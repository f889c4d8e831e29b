//! How links are divided, and how the connections over them begin.

use crate::scenario::{NetworkConfig, QueueingConfig, SharingName, TcpConfig};
use policy_api::{BandwidthSharing, Connecting};
use policy_isolation::latency::{Connections, Distances, Queueing, Queues, TcpDetail};
use policy_isolation::sharing::{Fairness, MaxMin, Unshared};

pub(crate) fn sharing(config: &NetworkConfig) -> Box<dyn BandwidthSharing> {
    match config.sharing.get_ref() {
        SharingName::MaxMin if config.egress_unique_flow_per_container => {
            Box::new(MaxMin::new(Fairness::PerGroup))
        }
        SharingName::MaxMin => Box::new(MaxMin::within(*config.sharing_tolerance.get_ref())),
        SharingName::Unshared => Box::new(Unshared::new()),
    }
}

pub(crate) fn connecting(config: &TcpConfig) -> Box<dyn Connecting> {
    let queueing = |config: QueueingConfig| match config {
        QueueingConfig::FqCodel => Queueing::FqCodel,
        QueueingConfig::Fifo { buffer } => Queueing::Fifo { buffer: buffer as f64 },
    };
    let distances = Distances {
        same_agent: config.round_trip_same_agent.span(),
        same_rack: config.round_trip_same_rack.span(),
        across: config.round_trip_across.span(),
    };
    let queues = Queues {
        hosts: queueing(config.queueing),
        switches: queueing(config.switch_queueing.unwrap_or(config.queueing)),
    };
    Box::new(Connections { detail: TcpDetail::SlowStart, distances, queues })
}
