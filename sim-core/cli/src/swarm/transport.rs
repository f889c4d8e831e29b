//! Draws what messages cost.

use super::disturb::shortened;
use super::generate::Dice;
use super::plan::Plan;
use policy_api::{DenseId, FrameworkId, Span};
use sim_core::faults::{Fault, Peer};
use sim_core::protocol::HostId;
use sim_core::transport::{
    ConnectionOptions, Endpoint, Key, MessageSizes, ServiceTimes, TlsCosts, TransportOptions,
};

/// In one of five runs connections, encryption or the master's work take time, and certificates fail.
pub(crate) fn add_transport(plan: &mut Plan, dice: &mut Dice) {
    if dice.percent(80) {
        return;
    }
    let service = dice.percent(60).then(|| service(dice));
    let connections = dice.percent(70).then(|| connections(dice));
    plan.transport = Some(TransportOptions { connections, service });
    if connections.is_some_and(|connections| connections.master.require_client_cert) {
        for _ in 0..dice.between(0, 3) {
            let at = dice.time(plan.quiet_from);
            let host = Peer::Host(HostId::from_index(dice.index(plan.agents.len())));
            let framework = FrameworkId::from_index(dice.index(plan.frameworks.len()));
            let of = dice.one(&[None, Some(host), Some(Peer::Framework(framework))]);
            let fault = Fault::BadCertificate { of, duration: dice.millis(0, 40_000) };
            plan.faults.push((at, shortened(&fault, plan.quiet_from.since(at))));
        }
        plan.faults.sort_by_key(|(at, _)| *at);
    }
}

fn service(dice: &mut Dice) -> ServiceTimes {
    let mut time = || Span::from_micros(dice.between(0, 2_000));
    ServiceTimes {
        registration: time(),
        status_update: time(),
        call: time(),
        operator_call: time(),
        message: time(),
        entry: time(),
    }
}

pub(super) fn tls_costs(dice: &mut Dice) -> TlsCosts {
    match dice.between(0, 2) {
        0 => TlsCosts::year_2015(Key::Rsa4096),
        1 => TlsCosts::year_2015(Key::Rsa2048),
        _ => TlsCosts { resumption: 500_000, ..TlsCosts::modern(Key::EcdsaP256) },
    }
}

fn connections(dice: &mut Dice) -> ConnectionOptions {
    let tls = tls_costs(dice);
    let verifying =
        Endpoint { verify_server_cert: true, require_client_cert: true, ..Endpoint::TLS };
    let endpoint = dice.one(&[
        Endpoint::PLAIN,
        Endpoint::TLS,
        verifying,
        Endpoint { support_downgrade: true, ..verifying },
    ]);
    let sizes = MessageSizes::default();
    ConnectionOptions { tls, sizes, master: endpoint, agents: endpoint, frameworks: endpoint }
}
