//! A plain allocator: Appendix C of the specification written down, everything computed anew at
//! every step, every agent visited at every tick. No disks and no shared resources.

use policy_api::{
    AgentId, AllocationStage, Decision, FrameworkId, Quantities, Quota, Resources, RoleId, Scalar,
    Span, Time, amount_to_f64, is_strict_subrole, parent_role,
};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct Agent {
    pub(crate) total: Resources,
    pub(crate) active: bool,
    pub(crate) held: BTreeMap<(FrameworkId, RoleId), Resources>,
}

pub(crate) struct Framework {
    pub(crate) roles: Vec<RoleId>,
    pub(crate) suppressed: BTreeSet<RoleId>,
    pub(crate) active: bool,
    pub(crate) revocable: bool,
}

struct Filter {
    key: (FrameworkId, RoleId, AgentId),
    refused: Resources,
    deadline: Time,
    /// Made after the tick before the one at its deadline.
    outlives_tick: bool,
}

#[derive(Clone, Default)]
struct Node {
    count: u64,
    weight: Option<f64>,
}

/// Names are `a<n>` and `f<n>` with equal widths, so ids order as names do.
#[derive(Default)]
pub(crate) struct Reference {
    pub(crate) role_paths: Vec<String>,
    pub(crate) agents: BTreeMap<AgentId, Agent>,
    pub(crate) frameworks: BTreeMap<FrameworkId, Framework>,
    filters: Vec<Filter>,
    weights: BTreeMap<String, f64>,
    quotas: BTreeMap<RoleId, Quota>,
    /// The role sorter's nodes by path; `p/.` is the own leaf of a role with others below.
    nodes: BTreeMap<String, Node>,
    /// Tracked frameworks and how often each was given something in a role.
    tracked: BTreeMap<(RoleId, FrameworkId), u64>,
    ticks: u64,
    pub(crate) runs: u64,
    candidates: Option<BTreeSet<AgentId>>,
}

const INTERVAL: Span = Span::from_secs(1);

impl Reference {
    fn path(&self, role: RoleId) -> &str {
        use policy_api::DenseId;
        &self.role_paths[role.index()]
    }

    // Tracking -----------------------------------------------------------------------------------

    fn is_client(&self, path: &str) -> bool {
        self.tracked.keys().any(|&(role, _)| self.path(role) == path)
    }

    fn has_below(&self, path: &str) -> bool {
        self.nodes.keys().any(|node| is_strict_subrole(node, path))
    }

    fn track(&mut self, framework: FrameworkId, role: RoleId) {
        if self.tracked.contains_key(&(role, framework)) {
            return;
        }
        let path = self.path(role).to_owned();
        if !self.is_client(&path) {
            // From the top down: an ancestor is opened before anything appears below it.
            let above: Vec<&str> = path.match_indices('/').map(|(end, _)| &path[..end]).collect();
            for ancestor in above {
                match self.nodes.get(ancestor).cloned() {
                    Some(node) if !self.has_below(ancestor) => {
                        let own = Node { count: node.count, weight: Some(1.0) };
                        self.nodes.insert(format!("{ancestor}/."), own);
                    }
                    Some(_) => {}
                    None => drop(self.nodes.insert(ancestor.to_owned(), Node::default())),
                }
            }
            if self.nodes.contains_key(&path) {
                let own = Node { count: 0, weight: Some(1.0) };
                self.nodes.insert(format!("{path}/."), own);
            } else {
                self.nodes.insert(path, Node::default());
            }
        }
        self.tracked.insert((role, framework), 0);
    }

    fn untrack_if_idle(&mut self, framework: FrameworkId, role: RoleId) {
        let subscribed =
            self.frameworks.get(&framework).is_some_and(|row| row.roles.contains(&role));
        let holds = self.agents.values().any(|agent| agent.held.contains_key(&(framework, role)));
        if subscribed || holds || self.tracked.remove(&(role, framework)).is_none() {
            return;
        }
        let path = self.path(role).to_owned();
        if self.is_client(&path) {
            return;
        }
        if self.nodes.remove(&format!("{path}/.")).is_none() {
            self.nodes.remove(&path);
        }
        let mut above = Some(path.as_str());
        while let Some(ancestor) = above {
            let own = format!("{ancestor}/.");
            let below: Vec<&String> =
                self.nodes.keys().filter(|node| is_strict_subrole(node, ancestor)).collect();
            if below.is_empty() && !self.is_client(ancestor) {
                self.nodes.remove(ancestor);
            } else if below == [&own] {
                self.nodes.remove(&own);
            }
            above = parent_role(ancestor);
        }
    }

    fn count(&mut self, framework: FrameworkId, role: RoleId) {
        *self.tracked.entry((role, framework)).or_default() += 1;
        let path = self.path(role).to_owned();
        let own = format!("{path}/.");
        let touched = |node: &str| node == own || node == path || is_strict_subrole(&path, node);
        for (_, node) in self.nodes.iter_mut().filter(|(node, _)| touched(node)) {
            node.count += 1;
        }
    }

    // Facts --------------------------------------------------------------------------------------

    fn trigger(&mut self, agents: impl IntoIterator<Item = AgentId>) {
        self.candidates.get_or_insert_default().extend(agents);
    }

    pub(crate) fn trigger_all(&mut self) {
        let all: Vec<AgentId> = self.agents.keys().copied().collect();
        self.trigger(all);
    }

    pub(crate) fn add_agent(&mut self, agent: AgentId, total: Resources) {
        self.agents.insert(agent, Agent { total, active: true, held: BTreeMap::new() });
        self.trigger([agent]);
    }

    pub(crate) fn remove_agent(&mut self, agent: AgentId) {
        self.filters.retain(|filter| filter.key.2 != agent);
        let gone = self.agents.remove(&agent);
        for (framework, role) in gone.into_iter().flat_map(|row| row.held.into_keys()) {
            self.untrack_if_idle(framework, role);
        }
    }

    pub(crate) fn update_agent(&mut self, agent: AgentId, total: Resources) {
        let row = self.agents.get_mut(&agent).expect("chosen from those");
        if row.total != total {
            row.total = total;
            self.trigger([agent]);
        }
    }

    pub(crate) fn add_framework(&mut self, framework: FrameworkId, row: Framework) {
        let roles = row.roles.clone();
        self.frameworks.insert(framework, row);
        for role in roles {
            self.track(framework, role);
        }
        self.trigger_all();
    }

    pub(crate) fn remove_framework(&mut self, framework: FrameworkId) {
        self.filters.retain(|filter| filter.key.0 != framework);
        for agent in self.agents.values_mut() {
            agent.held.retain(|key, _| key.0 != framework);
        }
        self.frameworks.remove(&framework);
        let tracked: Vec<RoleId> =
            self.tracked.keys().filter(|key| key.1 == framework).map(|key| key.0).collect();
        // In the order of the roles' first naming, which the counts of inner nodes do not show.
        for role in tracked {
            self.untrack_if_idle(framework, role);
        }
    }

    pub(crate) fn update_framework(&mut self, framework: FrameworkId, roles: Vec<RoleId>) {
        let row = self.frameworks.get_mut(&framework).expect("chosen from those");
        let before = std::mem::replace(&mut row.roles, roles.clone());
        let unsuppressed = std::mem::take(&mut row.suppressed);
        self.filters.retain(|filter| {
            let (owner, role, _) = filter.key;
            owner != framework
                || (roles.contains(&role) || !before.contains(&role))
                    && !unsuppressed.contains(&role)
        });
        for role in roles {
            self.track(framework, role);
        }
        for role in before {
            self.untrack_if_idle(framework, role);
        }
    }

    pub(crate) fn set_framework_active(&mut self, framework: FrameworkId, active: bool) {
        self.frameworks.get_mut(&framework).expect("chosen from those").active = active;
        if active {
            self.trigger_all();
        } else {
            self.filters.retain(|filter| filter.key.0 != framework);
        }
    }

    pub(crate) fn revive(&mut self, framework: FrameworkId, roles: &[RoleId]) {
        let row = self.frameworks.get_mut(&framework).expect("chosen from those");
        let named = |role: &RoleId| if roles.is_empty() { true } else { roles.contains(role) };
        let subscribed = row.roles.clone();
        row.suppressed.retain(|role| !named(role));
        self.filters.retain(|filter| {
            let (owner, role, _) = filter.key;
            owner != framework || !named(&role) || !subscribed.contains(&role)
        });
        self.trigger_all();
    }

    pub(crate) fn suppress(&mut self, framework: FrameworkId) {
        let row = self.frameworks.get_mut(&framework).expect("chosen from those");
        row.suppressed = row.roles.iter().copied().collect();
    }

    pub(crate) fn set_weight(&mut self, role: RoleId, weight: f64) {
        let path = self.path(role).to_owned();
        if self.is_client(&path) {
            self.nodes.entry(path.clone()).or_default().weight = Some(weight);
        }
        self.weights.insert(path, weight);
    }

    pub(crate) fn set_quota(&mut self, role: RoleId, quota: Quota) {
        self.quotas.insert(role, quota);
    }

    pub(crate) fn recover(
        &mut self,
        now: Time,
        (framework, role, agent): (FrameworkId, RoleId, AgentId),
        resources: &Resources,
        refuse: Span,
    ) {
        let held = &mut self.agents.get_mut(&agent).expect("chosen from those").held;
        let own = held.get_mut(&(framework, role)).expect("chosen from those");
        own.subtract(resources);
        if own.is_empty() {
            held.remove(&(framework, role));
            self.untrack_if_idle(framework, role);
        }
        if !refuse.is_zero() {
            let lifetime = refuse.max(INTERVAL);
            self.filters.push(Filter {
                key: (framework, role, agent),
                refused: resources.clone(),
                deadline: now + lifetime,
                // The tick of this instant has run by the time that a fact arrives.
                outlives_tick: lifetime == INTERVAL,
            });
        }
    }

    // Orders -------------------------------------------------------------------------------------

    fn total(&self) -> Quantities {
        let rows = self.agents.values();
        rows.fold(Quantities::ZERO, |sum, row| sum + row.total.scalar_quantities())
    }

    fn held_by(&self, of: impl Fn(FrameworkId, RoleId) -> bool) -> Quantities {
        let all = self.agents.values().flat_map(|row| &row.held);
        all.filter(|((framework, role), _)| of(*framework, *role))
            .fold(Quantities::ZERO, |sum, (_, held)| sum + held.scalar_quantities())
    }

    fn share(&self, held: &Quantities) -> f64 {
        let total = self.total();
        let counted = Scalar::ALL.into_iter().filter(|&scalar| total[scalar] > 0);
        counted.fold(0.0, |share: f64, scalar| {
            share.max(amount_to_f64(held[scalar]) / amount_to_f64(total[scalar]))
        })
    }

    fn sorted_roles(&mut self) -> Vec<RoleId> {
        for (path, node) in &mut self.nodes {
            let weight = self.weights.get(path).copied().unwrap_or(1.0);
            node.weight.get_or_insert(weight);
        }
        let mut order = Vec::new();
        self.sort_below("", &mut order);
        order
    }

    fn sort_below(&self, parent: &str, order: &mut Vec<RoleId>) {
        let mut children: Vec<(f64, u64, &str)> = self
            .nodes
            .iter()
            .filter(|(path, _)| parent_role(path).unwrap_or("") == parent)
            .map(|(path, node)| {
                let held = match path.strip_suffix("/.") {
                    Some(own) => self.held_by(|_, role| self.path(role) == own),
                    None => self.held_by(|_, role| {
                        self.path(role) == path || is_strict_subrole(self.path(role), path)
                    }),
                };
                (self.share(&held) / node.weight.unwrap_or(1.0), node.count, path.as_str())
            })
            .collect();
        children.sort_by(|left, right| {
            left.0.total_cmp(&right.0).then((left.1, left.2).cmp(&(right.1, right.2)))
        });
        for (_, _, path) in children {
            if self.has_below(path) {
                self.sort_below(path, order);
            } else {
                let client = path.strip_suffix("/.").unwrap_or(path);
                order.extend(
                    self.tracked.keys().map(|key| key.0).find(|&role| self.path(role) == client),
                );
            }
        }
    }

    fn sorted_frameworks(&self, role: RoleId) -> Vec<FrameworkId> {
        let mut order: Vec<(f64, u64, FrameworkId)> = self
            .tracked
            .iter()
            .filter(|((tracked, framework), _)| {
                let row = &self.frameworks[framework];
                *tracked == role
                    && row.active
                    && row.roles.contains(&role)
                    && !row.suppressed.contains(&role)
            })
            .map(|(&(_, framework), &count)| {
                let held = self.held_by(|other, of| (other, of) == (framework, role));
                (self.share(&held), count, framework)
            })
            .collect();
        order.sort_by(|left, right| {
            left.0.total_cmp(&right.0).then((left.1, left.2).cmp(&(right.1, right.2)))
        });
        order.into_iter().map(|(_, _, framework)| framework).collect()
    }

    // A cycle ------------------------------------------------------------------------------------

    /// A batch tick: `now` is a whole multiple of the interval.
    pub(crate) fn tick(&mut self, now: Time) -> Vec<Decision> {
        self.ticks += 1;
        self.filters.retain(|filter| {
            filter.deadline > now || (filter.deadline == now && filter.outlives_tick)
        });
        self.trigger_all();
        self.run()
    }

    /// The run that a fact has asked for, if one has.
    pub(crate) fn run_if_asked(&mut self, now: Time) -> Option<Vec<Decision>> {
        self.candidates.as_ref()?;
        self.filters.retain(|filter| filter.deadline > now);
        Some(self.run())
    }

    fn run(&mut self) -> Vec<Decision> {
        self.runs += 1;
        let candidates = self.candidates.take().unwrap_or_default();
        let agents: Vec<AgentId> = candidates
            .into_iter()
            .filter(|agent| self.agents.get(agent).is_some_and(|row| row.active))
            .collect();
        let mut cycle = self.prepare();
        let mut decisions = Vec::new();
        for &agent in &agents {
            for role in self.sorted_roles() {
                self.guarantee(agent, role, &mut cycle, &mut decisions);
            }
        }
        for &agent in &agents {
            for role in self.sorted_roles() {
                self.fair_share(agent, role, &mut cycle, &mut decisions);
            }
        }
        decisions
    }

    fn prepare(&self) -> Cycle {
        let mut cycle = Cycle::default();
        for (&role, quota) in &self.quotas {
            if !quota.is_default() {
                let consumed = self.charged(self.path(role));
                cycle.required += quota.guarantees.saturating_sub(&consumed);
                cycle.consumed.insert(role, consumed);
            }
        }
        let (mut held, mut held_reserved) = (Quantities::ZERO, Quantities::ZERO);
        for resources in self.agents.values().flat_map(|row| row.held.values()) {
            held += resources.scalar_quantities();
            held_reserved += reserved(resources);
        }
        let rows = self.agents.values();
        let reservations = rows.fold(Quantities::ZERO, |sum, row| sum + reserved(&row.total));
        cycle.available = self
            .total()
            .saturating_sub(&held)
            .saturating_sub(&reservations.saturating_sub(&held_reserved));
        for row in self.agents.values() {
            let revocable = row.available().filter(false, |resource| resource.revocable);
            cycle.available = cycle.available.saturating_sub(&revocable.scalar_quantities());
        }
        cycle
    }

    fn charged(&self, top: &str) -> Quantities {
        let within = |path: &str| path == top || is_strict_subrole(path, top);
        let mut charged = Quantities::ZERO;
        for row in self.agents.values() {
            let reserved = row.total.filter(false, |it| it.reservation_role().is_some_and(within));
            charged += reserved.scalar_quantities();
            for ((_, role), held) in &row.held {
                if within(self.path(*role)) {
                    charged += *held.plain_amounts();
                }
            }
        }
        charged
    }

    fn guarantee(
        &mut self,
        agent: AgentId,
        role: RoleId,
        cycle: &mut Cycle,
        decisions: &mut Vec<Decision>,
    ) {
        let quota = self.quotas.get(&role).copied().unwrap_or_default();
        if quota.guarantees.is_zero() {
            return;
        }
        for framework in self.sorted_frameworks(role) {
            let consumed = cycle.consumed[&role];
            let missing = quota.guarantees.saturating_sub(&consumed);
            if missing.is_zero() {
                return;
            }
            let Some(usable) = self.usable(framework, role, agent) else { continue };
            let granted = usable.plain_amounts().min(&missing);
            if granted.is_zero() {
                continue;
            }
            let mut extra = usable.plain_amounts().difference(&granted);
            let used = consumed + granted;
            extra = quota.limits.saturating_sub(&used).cap(&extra);
            extra = cycle.keep_headroom(extra);
            let path = self.path(role).to_owned();
            let mut offer = usable.filter(false, |it| {
                it.is_reserved_to(&path) || it.revocable || it.scalar().is_none()
            });
            offer.add(&Resources::plain(granted + extra));
            let stage = AllocationStage::Guarantees;
            if self.hand_out((framework, role, agent), offer, stage, decisions) {
                *cycle.consumed.entry(role).or_default() += granted + extra;
                cycle.required = cycle.required.saturating_sub(&granted);
                cycle.available = cycle.available.saturating_sub(&(granted + extra));
            }
        }
    }

    fn fair_share(
        &mut self,
        agent: AgentId,
        role: RoleId,
        cycle: &mut Cycle,
        decisions: &mut Vec<Decision>,
    ) {
        let quota = self.quotas.get(&role).copied().unwrap_or_default();
        for framework in self.sorted_frameworks(role) {
            let Some(usable) = self.usable(framework, role, agent) else { continue };
            let mut extra = *usable.plain_amounts();
            if let Some(consumed) = cycle.consumed.get(&role) {
                extra = quota.limits.saturating_sub(consumed).cap(&extra);
            }
            extra = cycle.keep_headroom(extra);
            let mut offer = usable.filter(false, |_| true);
            offer.add(&Resources::plain(extra));
            let stage = AllocationStage::FairShare;
            if self.hand_out((framework, role, agent), offer, stage, decisions) {
                if let Some(consumed) = cycle.consumed.get_mut(&role) {
                    *consumed += extra;
                }
                cycle.available = cycle.available.saturating_sub(&extra);
            }
        }
    }

    fn usable(&self, framework: FrameworkId, role: RoleId, agent: AgentId) -> Option<Resources> {
        let path = self.path(role);
        let available =
            self.agents[&agent].available().filter(true, |it| it.is_allocatable_to(path));
        let revocable = self.frameworks[&framework].revocable;
        is_allocatable(&available).then(|| available.filter(true, |it| revocable || !it.revocable))
    }

    fn hand_out(
        &mut self,
        key: (FrameworkId, RoleId, AgentId),
        offer: Resources,
        stage: AllocationStage,
        decisions: &mut Vec<Decision>,
    ) -> bool {
        let refused = |filter: &Filter| filter.key == key && filter.refused.contains(&offer);
        if !is_allocatable(&offer) || self.filters.iter().any(refused) {
            return false;
        }
        let (framework, role, agent) = key;
        let held = &mut self.agents.get_mut(&agent).expect("a visited agent").held;
        held.entry((framework, role)).or_default().add(&offer);
        self.count(framework, role);
        decisions.push(Decision::Offer { framework, role, agent, resources: offer, stage });
        true
    }
}

#[derive(Default)]
struct Cycle {
    consumed: BTreeMap<RoleId, Quantities>,
    required: Quantities,
    available: Quantities,
}

impl Cycle {
    fn keep_headroom(&self, extra: Quantities) -> Quantities {
        if self.required.is_zero() {
            return extra;
        }
        extra.min(&self.available.saturating_sub(&self.required))
    }
}

impl Agent {
    pub(crate) fn available(&self) -> Resources {
        let mut available = self.total.clone();
        for held in self.held.values() {
            available.subtract(held);
        }
        available
    }
}

fn reserved(resources: &Resources) -> Quantities {
    resources.filter(false, |it| !it.reservations.is_empty()).scalar_quantities()
}

/// The default minimum: a hundredth of a CPU or 32 MB.
fn is_allocatable(resources: &Resources) -> bool {
    resources.amount(Scalar::Cpus) >= 10 || resources.amount(Scalar::Mem) >= 32_000
}
