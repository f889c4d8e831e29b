//! What a scenario means, with everything that it names found: hosts, calls of operators, faults.
//!
//! Conversion and check are one: what cannot be converted is a problem with its place.

mod calls;
mod faults;
mod hosts;
mod master;
mod network;
mod oversubscription;
mod transport;
mod volumes;

pub(crate) use hosts::Hosts;
pub(crate) use network::NetworkPlan;

use crate::scenario::{FrameworkConfig, Problem, Scenario, suggest};
use policy_api::{DenseId, FrameworkId, Time};
use sim_core::Streams;
use sim_core::agent::fetcher::FetchTls;
use sim_core::agent::{ConsumptionModel, Oversubscription};
use sim_core::faults::FaultStream;
use sim_core::master::MasterOptions;
use sim_core::protocol::OperatorCall;
use sim_core::transport::TransportOptions;
use std::sync::Arc;
use toml::Spanned;
use workloads::{Machine, Tally, WorkloadError};

/// A scenario that is ready to be built.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) hosts: Hosts,
    pub(crate) master: MasterOptions,
    pub(crate) transport: Option<TransportOptions>,
    pub(crate) fetch_tls: Option<FetchTls>,
    pub(crate) network: Option<NetworkPlan>,
    /// In the order of time.
    pub(crate) calls: Vec<(Time, OperatorCall, Option<Arc<str>>)>,
    pub(crate) faults: FaultStream,
    /// Of the traces of machines that fail, all together.
    pub(crate) fault_rows: Vec<Tally>,
    pub(crate) oversubscription: Option<Oversubscription>,
    pub(crate) consumption: Option<ConsumptionModel>,
}

/// Finds what the scenario names. Problems are appended; with any, the plan is not to be used.
pub(crate) fn plan(
    scenario: &Scenario,
    machines: Vec<Machine>,
    problems: &mut Vec<Problem>,
) -> Result<Plan, WorkloadError> {
    let streams = Streams::new(scenario.seed);
    let hosts = Hosts::new(scenario, machines);
    let known = Known { hosts: &hosts, roles: roles(scenario), frameworks: frameworks(scenario) };
    let calls = calls::calls(scenario, &known, problems);
    let (faults, fault_rows) = faults::faults(scenario, &known, streams, problems)?;
    let master = master::options(scenario, problems);
    let transport = transport::options(scenario, problems);
    let fetch_tls = transport::fetch_tls(scenario, problems);
    let network = network::network(scenario, &hosts, problems);
    let oversubscription = oversubscription::oversubscription(scenario, problems);
    let consumption = oversubscription::consumption(scenario, streams, problems);
    Ok(Plan {
        hosts,
        master,
        transport,
        fetch_tls,
        network,
        calls,
        faults,
        fault_rows,
        oversubscription,
        consumption,
    })
}

/// What can be named.
struct Known<'a> {
    hosts: &'a Hosts,
    roles: Vec<&'a str>,
    frameworks: Vec<&'a str>,
}

impl Known<'_> {
    /// A role that a framework is in, one that is listed, or one above them.
    fn role(&self, role: &Spanned<String>, problems: &mut Vec<Problem>) -> Arc<str> {
        let name = role.get_ref().as_str();
        let is_known = |known: &&str| *known == name || policy_api::is_strict_subrole(known, name);
        if !self.roles.iter().any(is_known) {
            let problem = Problem::at(role.span(), format!("there is no role '{name}'"));
            problems.push(problem.help(suggest(name, &self.roles)));
        }
        name.into()
    }

    fn framework(
        &self,
        framework: &Spanned<String>,
        problems: &mut Vec<Problem>,
    ) -> Option<FrameworkId> {
        let name = framework.get_ref().as_str();
        let found = self.frameworks.iter().position(|known| *known == name);
        if found.is_none() {
            let message = format!("there is no framework '{name}'");
            let problem = Problem::at(framework.span(), message);
            problems.push(problem.help(suggest(name, &self.frameworks)));
        }
        found.map(FrameworkId::from_index)
    }
}

fn roles(scenario: &Scenario) -> Vec<&str> {
    let of_frameworks = scenario.frameworks.iter().flat_map(FrameworkConfig::all_roles);
    let listed = scenario.roles.iter().map(|role| &role.name);
    let mut roles: Vec<&str> =
        of_frameworks.chain(listed).map(|role| role.get_ref().as_str()).collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

fn frameworks(scenario: &Scenario) -> Vec<&str> {
    scenario.frameworks.iter().map(|framework| framework.name.get_ref().as_str()).collect()
}
