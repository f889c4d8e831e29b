//! What encryption costs (`spec/ssl.md` section 4).

use policy_api::Span;

/// Payload of a record at most, in bytes (RFC 5246 6.2.1, RFC 8446 5.1).
const RECORD: u64 = 16_384;

/// The key of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Rsa2048,
    Rsa4096,
    EcdsaP256,
}

/// What handshakes and records cost. Processor times are on one core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsCosts {
    /// Round trips of a full handshake, after that of TCP.
    pub round_trips: u32,
    /// Round trips of an abbreviated one.
    pub resumed_round_trips: u32,
    /// So many of a million connections after the first one of a peer resume a session. Mesos switches
    /// this off (`spec/ssl.md` section 2): 0.
    pub resumption: u32,
    /// Of a full handshake, where the connection is accepted.
    pub server_time: Span,
    /// Of a full handshake, where the connection is asked for.
    pub client_time: Span,
    /// Of an abbreviated handshake, at each end.
    pub resumed_time: Span,
    /// Of the check of a certificate.
    pub verification_time: Span,
    /// Of the look-up of a peer's name that goes with such a check, on the thread that serves all
    /// connections (the scheme `legacy`). Zero for the scheme `openssl`.
    pub name_lookup: Span,
    /// Bytes that a record adds.
    pub record_bytes: u32,
    /// Of each record, at each end.
    pub record_time: Span,
    /// Of each byte, at each end, in picoseconds.
    pub byte_picoseconds: u64,
}

impl TlsCosts {
    /// TLS 1.2 on a core of 2015 with the cipher that two peers with Mesos's defaults choose: transport of
    /// the secret by RSA, AES128-CBC, HMAC-SHA1 (`spec/ssl.md` 4.2 to 4.4).
    ///
    /// RSA-2048: 600 private operations a second (NGINX 2014), 12,895 public ones (`LibreSSL` 2.8.3). A key
    /// of twice the length costs 6.7 times as much. ECDSA: 2,000 handshakes a second (NGINX 2016). 4.0 ns
    /// for a byte at 2.3 GHz, the TCP stack included, and 7 us for a request (NGINX 2017), half of it at
    /// each end.
    pub const fn year_2015(key: Key) -> Self {
        let (server, client) = match key {
            Key::Rsa2048 => (1_700, 100),
            Key::Rsa4096 => (11_390, 350),
            Key::EcdsaP256 => (500, 500),
        };
        Self {
            round_trips: 2,
            resumed_round_trips: 1,
            resumption: 0,
            server_time: Span::from_micros(server),
            client_time: Span::from_micros(client),
            resumed_time: Span::from_micros(35),
            verification_time: Span::from_micros(80),
            name_lookup: Span::from_millis(1),
            record_bytes: 50,
            record_time: Span::from_nanos(3_500),
            byte_picoseconds: 4_000,
        }
    }

    /// TLS 1.3 on a core of today: ECDHE, AES-128-GCM.
    ///
    /// RSA-2048: 1,922 private operations a second, RSA-4096: 288, 65,540 and 18,545 public ones (Habets
    /// 2024); ECDSA: the middle of 0.1 to 0.5 ms (`spec/ssl.md` 4.4), 0.15 ms for the client. 0.45 ns for a
    /// byte.
    pub const fn modern(key: Key) -> Self {
        let (server, client) = match key {
            Key::Rsa2048 => (620, 150),
            Key::Rsa4096 => (3_570, 190),
            Key::EcdsaP256 => (300, 150),
        };
        Self {
            round_trips: 1,
            resumed_round_trips: 1,
            resumption: 0,
            server_time: Span::from_micros(server),
            client_time: Span::from_micros(client),
            resumed_time: Span::from_micros(35),
            verification_time: Span::from_micros(50),
            name_lookup: Span::from_millis(1),
            record_bytes: 22,
            record_time: Span::from_nanos(3_500),
            byte_picoseconds: 450,
        }
    }

    /// The records of a message of so many bytes. An empty one takes one too.
    pub fn records(&self, bytes: u64) -> u64 {
        bytes.div_ceil(RECORD).max(1)
    }

    /// The bytes that its records add to a message.
    pub fn overhead(&self, bytes: u64) -> u64 {
        self.records(bytes) * u64::from(self.record_bytes)
    }

    /// Processor time for a message, at each end.
    pub fn message_time(&self, bytes: u64) -> Span {
        let of_bytes = Span::from_nanos(bytes.saturating_mul(self.byte_picoseconds) / 1_000);
        self.record_time * self.records(bytes) + of_bytes
    }
}
