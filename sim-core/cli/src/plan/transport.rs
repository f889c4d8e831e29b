//! Connections, encryption and the master's time.

use crate::scenario::{
    CertificateName, ConnectionsConfig, CostsName, EndpointConfig, FaultName, KeyName,
    MasterServiceConfig, Problem, ProtocolName, Scenario,
};
use policy_api::Span;
use sim_core::agent::fetcher::FetchTls;
use sim_core::transport::{
    Certificate, ConnectionOptions, Endpoint, Handshake, Key, MessageSizes, Protocols, Refusal,
    ServiceTimes, TlsCosts, TransportOptions,
};
use toml::Spanned;

/// `None` where messages cost nothing.
pub(super) fn options(
    scenario: &Scenario,
    problems: &mut Vec<Problem>,
) -> Option<TransportOptions> {
    let config = &scenario.transport;
    let connections = config.connections.as_ref().map(|config| connections(config, problems));
    let service = config.service.as_ref().map(service);
    if !connections.is_some_and(|it| it.agents.enabled || it.frameworks.enabled) {
        for fault in &scenario.faults {
            let kind = fault.get_ref().kind.as_ref();
            if let Some(kind) = kind.filter(|kind| *kind.get_ref() == FaultName::BadCertificate) {
                let problem = Problem::at(kind.span(), "no connection is encrypted".to_owned());
                let help = "see [transport.connections]: master, agents, frameworks".to_owned();
                problems.push(problem.help(Some(help)));
            }
        }
    }
    (connections.is_some() || service.is_some())
        .then_some(TransportOptions { connections, service })
}

const fn service(config: &MasterServiceConfig) -> ServiceTimes {
    ServiceTimes {
        registration: config.registration.0,
        status_update: config.status_update.0,
        call: config.call.0,
        operator_call: config.operator_call.0,
        message: config.message.0,
        entry: config.entry.0,
    }
}

fn connections(config: &ConnectionsConfig, problems: &mut Vec<Problem>) -> ConnectionOptions {
    let options = ConnectionOptions {
        tls: costs(config, problems),
        sizes: MessageSizes { message: config.message_bytes, entry: config.entry_bytes },
        master: endpoint(&config.master, problems),
        agents: endpoint(&config.agents, problems),
        frameworks: endpoint(&config.frameworks, problems),
    };
    for (peers, side, place) in [
        ("agents", options.agents, &config.agents),
        ("frameworks", options.frameworks, &config.frameworks),
    ] {
        let to_master = Handshake::between(side, options.master);
        let from_master = Handshake::between(options.master, side);
        let ways = [("connect to the master", to_master), ("hear from the master", from_master)];
        for (what, outcome) in ways {
            if let Handshake::Refused(refusal) = outcome {
                let message = format!("{peers} could never {what}: {}", reason(refusal));
                let place = if place.span().is_empty() { &config.master } else { place };
                problems.push(Problem::at(place.span(), message));
            }
        }
    }
    options
}

const fn reason(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::PlainAndTls => "one side is encrypted, the other is not, and neither downgrades",
        Refusal::NoCommonProtocol => "there is no version of the protocol that both speak",
        Refusal::ServerCertificate => "the certificate of the side that accepts is not valid",
        Refusal::ClientCertificate => "the certificate of the side that connects is not valid",
    }
}

/// Encryption of downloads; `None` where it costs nothing.
pub(super) fn fetch_tls(scenario: &Scenario, problems: &mut Vec<Problem>) -> Option<FetchTls> {
    let config = scenario.fetcher.tls.as_ref()?;
    check_certificates(&config.certificates, problems);
    let costs = usual_costs(config.costs, config.key);
    let costs = TlsCosts {
        certificates: *config.certificates.get_ref(),
        round_trips: config.round_trips.unwrap_or(costs.round_trips),
        server_time: config.server_time.map_or(costs.server_time, |time| time.0),
        client_time: config.client_time.map_or(costs.client_time, |time| time.0),
        // libcurl compares names, and looks none up.
        name_lookup: Span::ZERO,
        ..costs
    };
    Some(FetchTls { costs, round_trip: config.round_trip.0 })
}

fn costs(config: &ConnectionsConfig, problems: &mut Vec<Problem>) -> TlsCosts {
    check_certificates(&config.certificates, problems);
    let costs = usual_costs(config.costs, config.key);
    let resumption = *config.resumption.get_ref();
    if !(0.0..=1.0).contains(&resumption) {
        let message = format!("the probability is {resumption}: expected 0 to 1");
        problems.push(Problem::at(config.resumption.span(), message));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "up to a million")]
    let resumption = (resumption.clamp(0.0, 1.0) * 1e6).round() as u32;
    TlsCosts {
        certificates: *config.certificates.get_ref(),
        round_trips: config.round_trips.unwrap_or(costs.round_trips),
        resumption,
        server_time: config.server_time.map_or(costs.server_time, |time| time.0),
        client_time: config.client_time.map_or(costs.client_time, |time| time.0),
        name_lookup: config.name_lookup.0,
        ..costs
    }
}

const fn usual_costs(costs: CostsName, key: KeyName) -> TlsCosts {
    let key = match key {
        KeyName::Rsa2048 => Key::Rsa2048,
        KeyName::Rsa4096 => Key::Rsa4096,
        KeyName::EcdsaP256 => Key::EcdsaP256,
    };
    match costs {
        CostsName::Year2015 => TlsCosts::year_2015(key),
        CostsName::Modern => TlsCosts::modern(key),
    }
}

/// Longer chains are a slip of the keyboard: `LIBPROCESS_SSL_VERIFY_DEPTH` is 4.
const MOST_CERTIFICATES: u32 = 10;

fn check_certificates(certificates: &Spanned<u32>, problems: &mut Vec<Problem>) {
    let found = *certificates.get_ref();
    if !(1..=MOST_CERTIFICATES).contains(&found) {
        let message = format!("{found} certificates: expected 1 to {MOST_CERTIFICATES}");
        problems.push(Problem::at(certificates.span(), message));
    }
}

fn endpoint(config: &Spanned<EndpointConfig>, problems: &mut Vec<Problem>) -> Endpoint {
    let place = config.span();
    let config = config.get_ref();
    let protocol = |name: &ProtocolName| match name {
        ProtocolName::Ssl3 => Protocols::SSL_3,
        ProtocolName::Tls1_0 => Protocols::TLS_1_0,
        ProtocolName::Tls1_1 => Protocols::TLS_1_1,
        ProtocolName::Tls1_2 => Protocols::TLS_1_2,
        ProtocolName::Tls1_3 => Protocols::TLS_1_3,
    };
    let protocols = config.protocols.iter().map(protocol).reduce(Protocols::and);
    if protocols.is_none() {
        problems.push(Problem::at(place, "`protocols` is empty: expected at least one".to_owned()));
    }
    Endpoint {
        enabled: config.enabled,
        support_downgrade: config.support_downgrade,
        verify_server_cert: config.verify_server_cert,
        require_client_cert: config.require_client_cert,
        protocols: protocols.unwrap_or(Protocols::TLS_1_2),
        certificate: match config.certificate {
            CertificateName::Valid => Certificate::Valid,
            CertificateName::Untrusted => Certificate::Untrusted,
            CertificateName::OfAnotherName => Certificate::OfAnotherName,
            CertificateName::Missing => Certificate::Missing,
        },
    }
}
