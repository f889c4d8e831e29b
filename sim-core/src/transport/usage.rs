//! What encryption has cost, by what it went into.

use policy_api::Span;
use std::ops::Add;

/// Processor time for encryption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsTime {
    /// Operations with keys.
    pub handshakes: Span,
    /// Checks of certificates, and the look-ups of names that go with them.
    pub verification: Span,
    /// What each record costs.
    pub records: Span,
    /// What each byte costs.
    pub bytes: Span,
}

impl TlsTime {
    pub const ZERO: Self = Self {
        handshakes: Span::ZERO,
        verification: Span::ZERO,
        records: Span::ZERO,
        bytes: Span::ZERO,
    };

    pub fn sum(&self) -> Span {
        self.of_handshakes() + self.of_messages()
    }

    /// Until connections were there.
    pub fn of_handshakes(&self) -> Span {
        self.handshakes + self.verification
    }

    /// For what went over them.
    pub fn of_messages(&self) -> Span {
        self.records + self.bytes
    }
}

impl Add for TlsTime {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            handshakes: self.handshakes + other.handshakes,
            verification: self.verification + other.verification,
            records: self.records + other.records,
            bytes: self.bytes + other.bytes,
        }
    }
}

/// What one handshake costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandshakeCost {
    /// After that of TCP.
    pub round_trips: u32,
    /// Processor time of the end that asks for the connection.
    pub client: TlsTime,
    /// Of the end that accepts it.
    pub server: TlsTime,
    /// Of all its messages.
    pub bytes: u64,
}

/// What the encrypted connections of one party came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsUse {
    pub handshakes: u64,
    /// Bytes of the messages of handshakes.
    pub handshake_bytes: u64,
    /// Bytes that records have added to what was sent or received.
    pub record_bytes: u64,
    /// The party's own processor time.
    pub time: TlsTime,
}

impl Add for TlsUse {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            handshakes: self.handshakes + other.handshakes,
            handshake_bytes: self.handshake_bytes + other.handshake_bytes,
            record_bytes: self.record_bytes + other.record_bytes,
            time: self.time + other.time,
        }
    }
}
