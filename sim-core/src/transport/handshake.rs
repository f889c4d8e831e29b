//! Whether two ends get a connection, and what kind (`spec/ssl.md` section 3).

/// How one end is set up, under Mesos's names (`LIBPROCESS_SSL_...`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of Mesos of its own")]
pub struct Endpoint {
    pub enabled: bool,
    /// Accepting: plain peers are served too. Connecting: after a handshake that failed, once more without.
    pub support_downgrade: bool,
    /// Connecting: the certificate of the other end must be valid, and of its name.
    pub verify_server_cert: bool,
    /// Accepting: the other end must show a valid certificate.
    pub require_client_cert: bool,
    pub protocols: Protocols,
    pub certificate: Certificate,
}

impl Endpoint {
    /// Mesos's default: no encryption.
    pub const PLAIN: Self = Self {
        enabled: false,
        support_downgrade: false,
        verify_server_cert: false,
        require_client_cert: false,
        protocols: Protocols::TLS_1_2,
        certificate: Certificate::Valid,
    };

    /// Encryption, all else by Mesos's defaults.
    pub const TLS: Self = Self { enabled: true, ..Self::PLAIN };

    const fn is_valid(self) -> bool {
        matches!(self.certificate, Certificate::Valid)
    }
}

/// What an end shows when it is asked who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    Valid,
    /// Expired, or signed by nobody that the other end trusts.
    Untrusted,
    /// Of another name.
    OfAnotherName,
    /// None, which only who connects can afford.
    Missing,
}

/// A set of versions of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocols(u8);

impl Protocols {
    pub const SSL_3: Self = Self(1);
    pub const TLS_1_0: Self = Self(1 << 1);
    pub const TLS_1_1: Self = Self(1 << 2);
    pub const TLS_1_2: Self = Self(1 << 3);
    pub const TLS_1_3: Self = Self(1 << 4);

    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has_common(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// How an attempt to connect ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handshake {
    Plain,
    /// Encrypted. `checks_server`, `checks_client`: whose certificates were looked at.
    Tls {
        checks_server: bool,
        checks_client: bool,
    },
    /// Plain, after a handshake that failed.
    Downgraded,
    Refused(Refusal),
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// One end is plain and the other is not.
    PlainAndTls,
    NoCommonProtocol,
    ServerCertificate,
    ClientCertificate,
}

impl Handshake {
    /// What becomes of a connection that `client` asks `server` for.
    pub const fn between(client: Endpoint, server: Endpoint) -> Self {
        let Some(refusal) = Self::refusal(client, server) else {
            return if client.enabled {
                let checks_server = client.verify_server_cert;
                Self::Tls { checks_server, checks_client: server.require_client_cert }
            } else {
                Self::Plain
            };
        };
        if !client.enabled || !client.support_downgrade {
            return Self::Refused(refusal);
        }
        match Self::refusal(Endpoint { enabled: false, ..client }, server) {
            None => Self::Downgraded,
            Some(refusal) => Self::Refused(refusal),
        }
    }

    const fn refusal(client: Endpoint, server: Endpoint) -> Option<Refusal> {
        if !client.enabled {
            let is_served = !server.enabled || server.support_downgrade;
            return if is_served { None } else { Some(Refusal::PlainAndTls) };
        }
        if !server.enabled {
            Some(Refusal::PlainAndTls)
        } else if !client.protocols.has_common(server.protocols) {
            Some(Refusal::NoCommonProtocol)
        } else if client.verify_server_cert && !server.is_valid() {
            Some(Refusal::ServerCertificate)
        } else if server.require_client_cert && !client.is_valid() {
            Some(Refusal::ClientCertificate)
        } else {
            None
        }
    }
}
