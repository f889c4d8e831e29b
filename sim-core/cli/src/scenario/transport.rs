//! Connections, encryption and the master's time in the scenario file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::transport::{MessageSizes, ServiceTimes};
use toml::Spanned;
use workloads::units::Duration;

/// What messages cost besides their time on the link. Default: nothing.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TransportConfig {
    /// How long the master takes for what it hears; it does one thing after the other. Default: no time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<MasterServiceConfig>,
    /// How connections are made and encrypted. Default: they are there at once, and plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connections: Option<ConnectionsConfig>,
}

impl TransportConfig {
    pub(crate) const fn is_free(&self) -> bool {
        self.service.is_none() && self.connections.is_none()
    }
}

/// Processor time of the master's thread. The defaults are orders of magnitude: no source gives them.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MasterServiceConfig {
    /// Of a registration or re-registration of an agent. Default 100us.
    pub(crate) registration: Duration,
    /// Of a status update. Default 50us.
    pub(crate) status_update: Duration,
    /// Of a call of a framework. Default 50us.
    pub(crate) call: Duration,
    /// Of a call of an operator. Default 500us.
    pub(crate) operator_call: Duration,
    /// Of any other message. Default 20us.
    pub(crate) message: Duration,
    /// Of each task, executor, operation or offer that it lists, on top of that. Default 25us.
    pub(crate) entry: Duration,
}

impl Default for MasterServiceConfig {
    fn default() -> Self {
        let times = ServiceTimes::default();
        Self {
            registration: Duration(times.registration),
            status_update: Duration(times.status_update),
            call: Duration(times.call),
            operator_call: Duration(times.operator_call),
            message: Duration(times.message),
            entry: Duration(times.entry),
        }
    }
}

/// Connections between the master and the others, one for each direction. A new one takes a round trip
/// of TCP, and those of the handshake where it is encrypted.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ConnectionsConfig {
    /// The processors and the cipher that costs are of. Default `2015`.
    pub(crate) costs: CostsName,
    /// The key of the certificates. Default `rsa-2048`.
    pub(crate) key: KeyName,
    /// How many certificates a side shows: its own, and those between that and the root. Default 1.
    #[schemars(with = "u32")]
    pub(crate) certificates: Spanned<u32>,
    /// Round trips of a full handshake, after that of TCP. Default 2 in 2015 (TLS 1.2), 1 today (1.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) round_trips: Option<u32>,
    /// The probability that a peer that was connected before resumes its session. Default 0, as in
    /// Mesos, which switches that off.
    #[schemars(with = "f64")]
    pub(crate) resumption: Spanned<f64>,
    /// Processor time of a full handshake where the connection is accepted. Default: of costs and key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server_time: Option<Duration>,
    /// Processor time of a full handshake where the connection is asked for. Default: of costs and key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_time: Option<Duration>,
    /// The look-up of a peer's name where its certificate is looked at, on the thread of all connections
    /// (`HOSTNAME_VALIDATION_SCHEME=legacy`). Default 1ms; 0s for the scheme `openssl`.
    pub(crate) name_lookup: Duration,
    /// Bytes of a message. Default 500.
    pub(crate) message_bytes: u64,
    /// Bytes of each task, executor, operation or offer that a message lists. Default 500.
    pub(crate) entry_bytes: u64,
    /// The master's side of a connection. Default: plain.
    #[schemars(with = "EndpointConfig")]
    pub(crate) master: Spanned<EndpointConfig>,
    /// That of agents. Default: plain.
    #[schemars(with = "EndpointConfig")]
    pub(crate) agents: Spanned<EndpointConfig>,
    /// That of frameworks. Default: plain.
    #[schemars(with = "EndpointConfig")]
    pub(crate) frameworks: Spanned<EndpointConfig>,
}

impl Default for ConnectionsConfig {
    fn default() -> Self {
        let sizes = MessageSizes::default();
        let plain = || Spanned::new(0..0, EndpointConfig::default());
        Self {
            costs: CostsName::default(),
            key: KeyName::default(),
            certificates: Spanned::new(0..0, 1),
            round_trips: None,
            resumption: Spanned::new(0..0, 0.0),
            server_time: None,
            client_time: None,
            name_lookup: Duration(policy_api::Span::from_millis(1)),
            message_bytes: sizes.message,
            entry_bytes: sizes.entry,
            master: plain(),
            agents: plain(),
            frameworks: plain(),
        }
    }
}

/// One side of a connection, under Mesos's names and with its defaults (`LIBPROCESS_SSL_...`).
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of Mesos of its own")]
pub(crate) struct EndpointConfig {
    /// Whether connections are encrypted. Default false.
    pub(crate) enabled: bool,
    /// Accepting: plain peers are served too. Connecting: after a handshake that failed, once more
    /// without. Default false.
    pub(crate) support_downgrade: bool,
    /// Connecting: the other side's certificate must be valid. Default false.
    pub(crate) verify_server_cert: bool,
    /// Accepting: the other side must show a valid certificate. Default false.
    pub(crate) require_client_cert: bool,
    /// The versions that it speaks. Default `["tls-1.2"]`.
    pub(crate) protocols: Vec<ProtocolName>,
    /// What it shows. Default `valid`.
    pub(crate) certificate: CertificateName,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            support_downgrade: false,
            verify_server_cert: false,
            require_client_cert: false,
            protocols: vec![ProtocolName::Tls1_2],
            certificate: CertificateName::default(),
        }
    }
}

/// Processors and ciphers.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
pub(crate) enum CostsName {
    /// Mesos's default cipher, AES128-SHA by TLS 1.2, on a core of 2015.
    #[default]
    #[serde(rename = "2015")]
    Year2015,
    /// TLS 1.3 with AES-128-GCM on a core of today.
    #[serde(rename = "modern")]
    Modern,
}

/// The key of a certificate.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
pub(crate) enum KeyName {
    #[default]
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    #[serde(rename = "rsa-4096")]
    Rsa4096,
    #[serde(rename = "ecdsa-p256")]
    EcdsaP256,
}

/// A version of the protocol.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
pub(crate) enum ProtocolName {
    #[serde(rename = "ssl-3")]
    Ssl3,
    #[serde(rename = "tls-1.0")]
    Tls1_0,
    #[serde(rename = "tls-1.1")]
    Tls1_1,
    #[serde(rename = "tls-1.2")]
    Tls1_2,
    #[serde(rename = "tls-1.3")]
    Tls1_3,
}

/// A certificate.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CertificateName {
    #[default]
    Valid,
    /// Expired, or signed by nobody that the other side trusts.
    Untrusted,
    OfAnotherName,
    Missing,
}
