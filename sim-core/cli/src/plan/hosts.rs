//! The machines of a scenario, and which of them a text means.

use crate::scenario::{AgentGroup, AgentSelector, DiskSourceName, Problem, Scenario};
use policy_api::resources::{DiskInfo, DiskSource, DiskSourceKind, Reservation, Value};
use policy_api::{AgentInfo, DenseId, IdVec, Resource, Resources};
use sim_core::protocol::{HostId, MachineId, Registration};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use workloads::{Machine, nearest};

/// All machines with what their agents say of themselves.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    pub(crate) registrations: IdVec<HostId, Registration>,
    by_name: BTreeMap<Arc<str>, HostId>,
    /// Group names, with the numbers of their hosts.
    groups: BTreeMap<String, Range<usize>>,
}

/// Names that are looked through for the nearest one; more would take long.
const MOST_NAMES: usize = 10_000;

impl Hosts {
    /// Those of the groups, then those of the list of machines. A group whose resources cannot be read
    /// has none: that is a problem of its own.
    pub(super) fn new(scenario: &Scenario, machines: Vec<Machine>) -> Self {
        let mut hosts =
            Self { registrations: IdVec::new(), by_name: BTreeMap::new(), groups: BTreeMap::new() };
        for group in &scenario.agents {
            let first = hosts.registrations.len();
            hosts.add_group(group);
            let range = first..hosts.registrations.len();
            hosts.groups.insert(group.name.get_ref().clone(), range);
        }
        for Machine { name, total, attributes } in machines {
            let hostname = Arc::clone(&name);
            let info = AgentInfo { name, hostname, attributes, ..AgentInfo::default() };
            hosts.add(info, Resources::plain(total));
        }
        hosts
    }

    fn add_group(&mut self, group: &AgentGroup) {
        let mut total: Resources = group.resources.get_ref().parse().unwrap_or_default();
        for disk in disks(group) {
            total.add_resource(disk);
        }
        let attribute =
            |(name, value): (&String, &String)| (name.as_str().into(), value.as_str().into());
        let attributes: Vec<(Arc<str>, Arc<str>)> =
            group.attributes.iter().map(attribute).collect();
        let values = group.spread.as_ref().map_or_else(Vec::new, |spread| {
            let first = || spread.attribute.chars().take(1).collect();
            let prefix = spread.prefix.clone().unwrap_or_else(first);
            (0..spread.values.get()).map(|n| Arc::from(format!("{prefix}{n}"))).collect()
        });
        let spread: Option<Arc<str>> =
            group.spread.as_ref().map(|spread| spread.attribute.as_str().into());
        let fault_domain = |part: &Option<String>| part.as_deref().map(Arc::from);
        let (region, zone) = (fault_domain(&group.region), fault_domain(&group.zone));
        for index in 0..group.count.get() {
            let name: Arc<str> = format!("{}-{index:04}", group.name.get_ref()).into();
            let hostname = match &group.domain {
                Some(domain) => format!("{name}.{domain}").into(),
                None => Arc::clone(&name),
            };
            let mut attributes = attributes.clone();
            if let Some(spread) = &spread {
                let value = &values[index as usize % values.len()];
                attributes.push((Arc::clone(spread), Arc::clone(value)));
            }
            let (region, zone) = (region.clone(), zone.clone());
            let info =
                AgentInfo { name, hostname, attributes, region, zone, ..AgentInfo::default() };
            self.add(info, total.clone());
        }
    }

    fn add(&mut self, info: AgentInfo, total: Resources) {
        let host = HostId::from_index(self.registrations.len());
        self.by_name.insert(Arc::clone(&info.name), host);
        let (ip, checkpointed) = ("".into(), Resources::EMPTY);
        self.registrations.push(Registration { info, ip, total, checkpointed });
    }

    pub(crate) fn len(&self) -> usize {
        self.registrations.len()
    }

    pub(super) fn named(&self, name: &str) -> Option<HostId> {
        self.by_name.get(name).copied()
    }

    pub(super) fn machine(&self, host: HostId) -> MachineId {
        let hostname = Arc::clone(&self.registrations[host].info.hostname);
        MachineId { hostname, ip: "".into() }
    }

    pub(super) fn attribute(&self, host: HostId, name: &str) -> Option<&Arc<str>> {
        let mut attributes = self.registrations[host].info.attributes.iter();
        attributes.find(|(known, _)| **known == *name).map(|(_, value)| value)
    }

    pub(super) fn attribute_names(&self) -> BTreeSet<&str> {
        let attributes = self.registrations.iter().flat_map(|it| &it.info.attributes);
        attributes.map(|(name, _)| &**name).collect()
    }

    /// The hosts that are meant, each once, in the order in which they are named.
    pub(super) fn select(
        &self,
        selector: &Spanned<AgentSelector>,
        problems: &mut Vec<Problem>,
    ) -> Vec<HostId> {
        let mut seen = BTreeSet::new();
        let mut hosts = Vec::new();
        for text in selector.get_ref().texts() {
            let found = self.find(text);
            if found.is_empty() {
                let problem = Problem::at(selector.span(), format!("there is no agent '{text}'"));
                problems.push(problem.help(Some(self.near(text))));
            }
            hosts.extend(found.into_iter().filter(|host| seen.insert(*host)));
        }
        if selector.get_ref().texts().is_empty() {
            problems.push(Problem::at(selector.span(), "no agent is named"));
        }
        hosts
    }

    fn find(&self, text: &str) -> Vec<HostId> {
        if let Some(host) = self.named(text) {
            return vec![host];
        }
        if let Some(range) = self.groups.get(text) {
            return range.clone().map(HostId::from_index).collect();
        }
        if let Some((name, value)) = text.split_once('=') {
            let (name, value) = (name.trim(), value.trim());
            let has = |host: &HostId| self.attribute(*host, name).is_some_and(|it| **it == *value);
            return self.registrations.ids().filter(has).collect();
        }
        let fits = |host: &HostId| matches(text, &self.registrations[*host].info.name);
        if text.contains('*') {
            self.registrations.ids().filter(fits).collect()
        } else {
            Vec::new()
        }
    }

    fn near(&self, text: &str) -> String {
        let names = self.by_name.keys().take(MOST_NAMES).map(|name| &**name);
        let attributes: Vec<String> = if text.contains('=') {
            let all = self.registrations.iter().flat_map(|it| &it.info.attributes);
            let pairs: BTreeSet<_> = all.take(MOST_NAMES).collect();
            pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
        } else {
            Vec::new()
        };
        let known = names.chain(self.groups.keys().map(String::as_str));
        let known = known.chain(attributes.iter().map(String::as_str));
        match nearest(text, known) {
            Some(name) => format!("did you mean '{name}'?"),
            None => format!("the agents are {}", self.examples()),
        }
    }

    fn examples(&self) -> String {
        let mut names = self.registrations.iter().map(|it| &*it.info.name);
        match (names.next(), names.next_back()) {
            (Some(first), Some(last)) => format!("'{first}' to '{last}'"),
            (Some(only), None) => format!("'{only}' alone"),
            (None, _) => "none".to_owned(),
        }
    }
}

/// Whether a text fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

fn disks(group: &AgentGroup) -> impl Iterator<Item = Resource> {
    group.disks.iter().map(|disk| {
        let mut source = disk_source(disk.source);
        source.root = Some(disk.root.as_str().into());
        let amount = disk.size.get_ref().amount();
        let mut resource = Resource::plain("disk", Value::Scalar(amount));
        resource.disk = Some(Arc::new(DiskInfo { source: Some(source), ..DiskInfo::default() }));
        if let Some(role) = &disk.role {
            resource.reservations.push(Reservation::fixed(role.get_ref().as_str()));
        }
        resource
    })
}

pub(super) fn disk_source(name: DiskSourceName) -> DiskSource {
    DiskSource::new(match name {
        DiskSourceName::Path => DiskSourceKind::Path,
        DiskSourceName::Mount => DiskSourceKind::Mount,
    })
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("*", "node-0001", true),
            ("node-*", "node-0001", true),
            ("node-*", "web-0001", false),
            ("*-0001", "node-0001", true),
            ("n*-*1", "node-0001", true),
            ("a*a", "a", false),
            ("node-0001", "node-0001", true),
            ("node", "node-0001", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
