//! What connections and encryption cost (`spec/ssl.md` sections 3, 4 and 6).

use policy_api::{Span, Time};
use sim_core::transport::{
    Certificate, Endpoint, Handshake, HandshakeCost, Key, MessageSizes, Protocols, Refusal,
    Station, TlsCosts, TlsTime,
};

const OPEN: Handshake = Handshake::Tls { checks_server: false, checks_client: false };

fn between(client: Endpoint, server: Endpoint) -> Handshake {
    Handshake::between(client, server)
}

fn untrusted() -> Endpoint {
    Endpoint { certificate: Certificate::Untrusted, ..Endpoint::TLS }
}

fn downgrading() -> Endpoint {
    Endpoint { support_downgrade: true, ..Endpoint::TLS }
}

/// `SSLSocket`, `NonSSLSocket`.
#[test]
fn encrypted_ends_find_each_other_and_plain_ones_are_rejected() {
    assert_eq!(between(Endpoint::PLAIN, Endpoint::PLAIN), Handshake::Plain);
    assert_eq!(between(Endpoint::TLS, Endpoint::TLS), OPEN);
    let rejected = Handshake::Refused(Refusal::PlainAndTls);
    assert_eq!(between(Endpoint::PLAIN, Endpoint::TLS), rejected);
    assert_eq!(between(Endpoint::TLS, Endpoint::PLAIN), rejected);
}

/// `NoVerifyBadCA`, `VerifyBadCA`, `VerifyCertificate`, `HostnameMismatch`.
#[test]
fn servers_are_verified_where_that_is_asked_for() {
    let verifying = Endpoint { verify_server_cert: true, ..Endpoint::TLS };
    assert_eq!(between(Endpoint::TLS, untrusted()), OPEN);
    let refused = Handshake::Refused(Refusal::ServerCertificate);
    assert_eq!(between(verifying, untrusted()), refused);
    let misnamed = Endpoint { certificate: Certificate::OfAnotherName, ..Endpoint::TLS };
    assert_eq!(between(verifying, misnamed), refused);
    let verified = Handshake::Tls { checks_server: true, checks_client: false };
    assert_eq!(between(verifying, Endpoint::TLS), verified);
}

/// `RequireBadCA`, and a client that has none.
#[test]
fn clients_are_verified_where_that_is_asked_for() {
    let requiring = Endpoint { require_client_cert: true, ..Endpoint::TLS };
    let refused = Handshake::Refused(Refusal::ClientCertificate);
    assert_eq!(between(untrusted(), requiring), refused);
    let bare = Endpoint { certificate: Certificate::Missing, ..Endpoint::TLS };
    assert_eq!(between(bare, requiring), refused);
    let verified = Handshake::Tls { checks_server: false, checks_client: true };
    assert_eq!(between(Endpoint::TLS, requiring), verified);
}

/// `ValidDowngrade`, `NoValidDowngrade`, also where certificates of clients are required.
#[test]
fn plain_clients_are_served_where_downgrading_is_allowed() {
    assert_eq!(between(Endpoint::PLAIN, downgrading()), Handshake::Plain);
    let requiring = Endpoint { require_client_cert: true, ..downgrading() };
    assert_eq!(between(Endpoint::PLAIN, requiring), Handshake::Plain);
    assert_eq!(between(downgrading(), Endpoint::PLAIN), Handshake::Downgraded);
    // The second attempt is plain, which this server does not take.
    let verifying = Endpoint { verify_server_cert: true, ..downgrading() };
    assert_eq!(between(verifying, untrusted()), Handshake::Refused(Refusal::PlainAndTls));
}

/// All pairs of versions of the protocol.
#[test]
fn both_need_a_protocol_in_common() {
    let versions = [
        Protocols::SSL_3,
        Protocols::TLS_1_0,
        Protocols::TLS_1_1,
        Protocols::TLS_1_2,
        Protocols::TLS_1_3,
    ];
    for client in versions {
        for server in versions {
            let outcome = between(
                Endpoint { protocols: client, ..Endpoint::TLS },
                Endpoint { protocols: server, ..Endpoint::TLS },
            );
            let refused = Handshake::Refused(Refusal::NoCommonProtocol);
            assert_eq!(outcome, if client == server { OPEN } else { refused });
            let outcome = between(
                Endpoint { protocols: client, ..downgrading() },
                Endpoint { protocols: server, ..downgrading() },
            );
            assert_eq!(outcome, if client == server { OPEN } else { Handshake::Downgraded });
        }
    }
    let both = Protocols::TLS_1_2.and(Protocols::TLS_1_3);
    let server = Endpoint { protocols: both, ..Endpoint::TLS };
    assert_eq!(between(Endpoint::TLS, server), OPEN);
}

/// `spec/ssl.md` 4.3: a status update of 500 bytes grows by a tenth, 16 KB records by 0.3 %.
#[test]
fn records_have_their_price() {
    let tls = TlsCosts::year_2015(Key::Rsa2048);
    assert_eq!((tls.records(0), tls.records(16_384), tls.records(16_385)), (1, 1, 2));
    assert_eq!(tls.overhead(500), 50);
    assert_eq!(tls.overhead(163_840), 500);
    // 3.5 us for the record and 4 ns for each byte.
    assert_eq!(tls.message(500).sum(), Span::from_nanos(5_500));
    assert_eq!(tls.message(32_768).sum(), Span::from_nanos(2 * 3_500 + 131_072));
    let modern = TlsCosts::modern(Key::EcdsaP256);
    assert_eq!(modern.message(1_000).sum(), Span::from_nanos(3_950));
    assert_eq!(MessageSizes::default().bytes(3), 2_000);
}

/// `spec/ssl.md` 4.1: a hello of 0.5 KB, 1 to 2 KB for a certificate, 0.3 KB for the rest, and a chain more where the
/// client shows one too.
#[test]
fn a_handshake_has_its_length() {
    let rsa = TlsCosts::year_2015(Key::Rsa2048);
    assert_eq!(rsa.full_handshake(true, false).bytes, 512 + 300 + 1_536);
    // Whether anybody looks at it does not matter.
    assert_eq!(
        rsa.full_handshake(false, false),
        HandshakeCost {
            client: TlsTime { verification: Span::ZERO, ..rsa.full_handshake(true, false).client },
            ..rsa.full_handshake(true, false)
        }
    );
    let chain = TlsCosts { certificates: 3, ..rsa };
    assert_eq!(chain.full_handshake(true, false).bytes, 512 + 300 + 3 * 1_536);
    assert_eq!(chain.full_handshake(true, true).bytes, 512 + 300 + 6 * 1_536 + 256);
    let look_up = rsa.name_lookup;
    let checked = chain.full_handshake(true, false).client.verification;
    assert_eq!(checked, rsa.verification_time * 3 + look_up);
    let bytes = |costs: TlsCosts| costs.full_handshake(true, false).bytes;
    assert!(bytes(TlsCosts::year_2015(Key::Rsa4096)) > bytes(rsa));
    assert!(bytes(TlsCosts::year_2015(Key::EcdsaP256)) < bytes(rsa));
    // TLS 1.3 sends shares of a key and encrypts what follows; no certificate where a session is resumed.
    let modern = TlsCosts::modern(Key::Rsa2048);
    assert_eq!(bytes(modern), bytes(rsa) + 2 * 69 + 2 * 22);
    assert_eq!(modern.resumed_handshake().bytes, bytes(modern) - 1_536 - 256);
}

#[test]
fn a_station_serves_in_order_and_forgets_what_waits_when_it_ends() {
    let ms = |ms| Time::ZERO + Span::from_millis(ms);
    let mut station = Station::default();
    assert_eq!(station.serve(ms(0), Span::from_millis(10)), ms(10));
    assert_eq!(station.serve(ms(4), Span::from_millis(10)), ms(20));
    assert_eq!(station.serve(ms(40), Span::from_millis(1)), ms(41));
    assert_eq!(
        (station.waited(), station.longest_wait()),
        (Span::from_millis(6), Span::from_millis(6))
    );
    assert_eq!(station.serve(ms(41), Span::from_millis(9)), ms(50));
    assert_eq!(station.backlog(ms(45)), Span::from_millis(5));
    station.reset(ms(45));
    assert_eq!(station.backlog(ms(45)), Span::ZERO);
    assert_eq!((station.served(), station.busy()), (4, Span::from_millis(25)));
}
