//! What a message costs besides its time on the link: connections, encryption, and a master that
//! handles one thing at a time.
//!
//! All of it is off unless [`TransportOptions`] are given: then connections are there at once, nothing is
//! encrypted and the master takes no time. The parts are plain values; `simulation/transport.rs` puts
//! them between the machines.

mod handshake;
mod service;
mod size;
mod station;
mod tls;
mod usage;

pub use handshake::{Certificate, Endpoint, Handshake, Protocols, Refusal};
pub use service::ServiceTimes;
pub(crate) use size::Entries;
pub use size::MessageSizes;
pub use station::Station;
pub use tls::{Key, TlsCosts};
pub use usage::{HandshakeCost, TlsTime, TlsUse};

/// How messages are carried and served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransportOptions {
    /// How connections are made. Without it they are there at once.
    pub connections: Option<ConnectionOptions>,
    /// How long the master takes for what it hears. Without it, no time.
    pub service: Option<ServiceTimes>,
}

/// How connections between the master and the others are made. Each direction has its own, as a TCP
/// connection of libprocess has (`spec/ssl.md` 3.1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConnectionOptions {
    pub tls: TlsCosts,
    pub sizes: MessageSizes,
    pub master: Endpoint,
    pub agents: Endpoint,
    pub frameworks: Endpoint,
}

/// What connections have cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransportCounters {
    /// Connections that were opened, encrypted or not.
    pub connections: u64,
    /// Handshakes that succeeded.
    pub handshakes: u64,
    /// Of these, the abbreviated ones.
    pub resumed: u64,
    /// Connections that are plain because their handshake failed.
    pub downgraded: u64,
    /// Connections that could not be opened.
    pub refused: u64,
    /// Bytes of the messages of handshakes that succeeded.
    pub handshake_bytes: u64,
    /// The master's processor time.
    pub master: TlsTime,
    /// That of all agents together.
    pub agents: TlsTime,
    /// That of all frameworks together.
    pub frameworks: TlsTime,
    /// Bytes of messages that were encrypted.
    pub bytes: u64,
    /// Bytes that encryption has added to them.
    pub overhead_bytes: u64,
}
