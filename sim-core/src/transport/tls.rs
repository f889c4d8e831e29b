//! What encryption costs (`spec/ssl.md` section 4).

use super::usage::{HandshakeCost, TlsTime};
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

impl Key {
    /// What it signs, or a secret that is encrypted with it.
    const fn bytes(self) -> u64 {
        match self {
            Self::Rsa2048 => 256,
            Self::Rsa4096 => 512,
            Self::EcdsaP256 => 72,
        }
    }

    /// Of a certificate with it: 1 to 2 KB (`spec/ssl.md` 4.1), the longer the key.
    const fn certificate_bytes(self) -> u64 {
        match self {
            Self::Rsa2048 => 1_536,
            Self::Rsa4096 => 2_048,
            Self::EcdsaP256 => 1_024,
        }
    }
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
    /// How many certificates an end shows: its own, and those between that and the root.
    pub certificates: u32,
    /// Of the look-up of a peer's name that goes with such a check, on the thread that serves all
    /// connections (the scheme `legacy`). Zero for the scheme `openssl`.
    pub name_lookup: Span,
    /// Bytes that a record adds.
    pub record_bytes: u32,
    /// Of each record, at each end.
    pub record_time: Span,
    /// Of each byte, at each end, in picoseconds.
    pub byte_picoseconds: u64,
    /// Bytes of the first message of the client, and all else that has the same length in any handshake.
    pub hello_bytes: u64,
    /// Bytes of a certificate.
    pub certificate_bytes: u64,
    /// Bytes of what the key of a certificate signs, or of the secret that is encrypted with it.
    pub key_bytes: u64,
}

impl TlsCosts {
    /// TLS 1.2 on a core of 2015 with the cipher that two peers with Mesos's defaults choose: transport of
    /// the secret by RSA, AES128-CBC, HMAC-SHA1 (`spec/ssl.md` 4.2 to 4.4).
    ///
    /// RSA-2048: 600 private operations a second (NGINX 2014), 12,895 public ones (`LibreSSL` 2.8.3). A key
    /// of twice the length costs 6.7 times as much. ECDSA: 2,000 handshakes a second (NGINX 2016). 4.0 ns
    /// for a byte at 2.3 GHz, the TCP stack included, and 7 us for a request (NGINX 2017), half of it at
    /// each end.
    ///
    /// Lengths: a hello of 0.5 KB, a certificate of 1 to 2 KB by its key, 0.3 KB for the rest (`spec/ssl.md`
    /// 4.1). Of that rest 256 bytes are the secret under an RSA key of 2,048 bits (RFC 5246 7.4.7.1); it is
    /// as long as the key, and a signature of ECDSA has at most 72 bytes.
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
            certificates: 1,
            record_bytes: 50,
            record_time: Span::from_nanos(3_500),
            byte_picoseconds: 4_000,
            hello_bytes: 512 + 44,
            certificate_bytes: key.certificate_bytes(),
            key_bytes: key.bytes(),
        }
    }

    /// TLS 1.3 on a core of today: ECDHE, AES-128-GCM.
    ///
    /// RSA-2048: 1,922 private operations a second, RSA-4096: 288, 65,540 and 18,545 public ones (Habets
    /// 2024); ECDSA: the middle of 0.1 to 0.5 ms (`spec/ssl.md` 4.4), 0.15 ms for the client. 0.45 ns for a
    /// byte.
    ///
    /// Lengths: as in 2015, and two shares of a key of 69 bytes each (P-256, RFC 8446 4.2.8). What follows
    /// the hellos is encrypted already: a record of 22 bytes each way.
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
            certificates: 1,
            record_bytes: 22,
            record_time: Span::from_nanos(3_500),
            byte_picoseconds: 450,
            hello_bytes: 512 + 44 + 2 * 69 + 2 * 22,
            certificate_bytes: key.certificate_bytes(),
            key_bytes: key.bytes(),
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
    pub fn message(&self, bytes: u64) -> TlsTime {
        TlsTime {
            records: self.record_time * self.records(bytes),
            bytes: Span::from_nanos(bytes.saturating_mul(self.byte_picoseconds) / 1_000),
            ..TlsTime::ZERO
        }
    }

    /// A handshake in which the client looks at the server's certificates, or the server at the client's.
    pub fn full_handshake(&self, checks_server: bool, checks_client: bool) -> HandshakeCost {
        let check = self.verification_time * u64::from(self.certificates) + self.name_lookup;
        let check_if = |checks: bool| if checks { check } else { Span::ZERO };
        // Who shows a certificate signs with its key.
        let signature = if checks_client { self.server_time } else { Span::ZERO };
        let shown = u64::from(self.certificates) * self.certificate_bytes + self.key_bytes;
        HandshakeCost {
            round_trips: self.round_trips,
            client: TlsTime {
                handshakes: self.client_time + signature,
                verification: check_if(checks_server),
                ..TlsTime::ZERO
            },
            server: TlsTime {
                handshakes: self.server_time,
                verification: check_if(checks_client),
                ..TlsTime::ZERO
            },
            bytes: self.hello_bytes + shown * if checks_client { 2 } else { 1 },
        }
    }

    /// A handshake of two ends that have met before: no certificate is shown.
    pub const fn resumed_handshake(&self) -> HandshakeCost {
        let each = TlsTime { handshakes: self.resumed_time, ..TlsTime::ZERO };
        HandshakeCost {
            round_trips: self.resumed_round_trips,
            client: each,
            server: each,
            bytes: self.hello_bytes,
        }
    }
}
