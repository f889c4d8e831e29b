//! What a stateful service is to be.

use crate::framework::Spread;
use crate::protocol::CommandInfo;
use policy_api::{Quantities, Span};
use std::sync::Arc;

/// A stateful service, as Cassandra or HDFS are: replicas with a volume each.
#[derive(Clone, Debug)]
pub struct StatefulOptions {
    pub replicas: u32,
    /// How many replicas hold each range of the data: as many in a row, on a ring.
    pub replication_factor: u32,
    /// The path of the role that resources are reserved for. The framework has it, and no other.
    pub role: Arc<str>,
    /// What one replica asks for. Its disk is the size of the volume.
    pub demand: Quantities,
    pub disk: VolumeDisk,
    /// The files that each replica needs, by its number, and again from the first where there are more of them.
    pub files: Vec<Arc<CommandInfo>>,
    /// Bytes that a replica writes to its volume in a second, until it is full.
    pub write_rate: u64,
    /// Bytes in a second that a replica copies from others to rebuild its data.
    pub copy_rate: u64,
    pub spread: Spread,
    /// How long offers that are not used are refused.
    pub decline: Span,
    /// How long a replica that is down waits for its agent and its volume before it is replaced.
    pub replace_timeout: Span,
    /// How long before its maintenance an agent gets no new replica.
    pub maintenance_margin: Span,
}

/// What volumes are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VolumeDisk {
    /// The agent's root disk.
    #[default]
    Root,
    /// A disk with a PATH source.
    Path,
    /// A disk with a MOUNT source, the whole of it.
    Mount,
}
