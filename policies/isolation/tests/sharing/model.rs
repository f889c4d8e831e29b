//! Progressive filling as `spec/network.md` 6.2 writes it down: from scratch, in rounds, without any
//! cleverness. And the proof that an allocation is max-min fair.

use policy_api::{FlowDemand, GroupId};

pub(crate) struct Flow {
    pub(crate) links: Vec<usize>,
    pub(crate) weight: f64,
    pub(crate) cap: f64,
    pub(crate) group: Option<GroupId>,
}

impl Flow {
    pub(crate) fn of(demand: &FlowDemand, links: Vec<usize>, grouped: bool) -> Self {
        Self {
            links,
            weight: demand.weight,
            cap: demand.cap.unwrap_or(f64::INFINITY),
            group: demand.group.filter(|_| grouped),
        }
    }
}

/// What every flow gets, and the level at which it was frozen.
pub(crate) fn fill(capacities: &[f64], flows: &[Flow]) -> Vec<(f64, f64)> {
    let mut rates = vec![0.0_f64; flows.len()];
    let mut levels = vec![0.0_f64; flows.len()];
    let mut active = vec![true; flows.len()];
    let mut residual = capacities.to_vec();
    let mut level = 0.0;
    while active.iter().any(|is_active| *is_active) {
        let speed = |index: usize| -> f64 {
            let flow: &Flow = &flows[index];
            let Some(group) = flow.group else { return flow.weight };
            let same = |other: &&usize| active[**other] && flows[**other].group == Some(group);
            let all: Vec<usize> = (0..flows.len()).collect();
            flow.weight / all.iter().filter(same).map(|other| flows[*other].weight).sum::<f64>()
        };
        let speeds: Vec<f64> =
            (0..flows.len()).map(|index| if active[index] { speed(index) } else { 0.0 }).collect();
        let on = |link: usize| -> f64 {
            let here = (0..flows.len()).filter(|index| flows[*index].links.contains(&link));
            here.map(|index| speeds[index]).sum()
        };
        let of_links = (0..residual.len()).filter(|link| on(*link) > 0.0);
        let of_links = of_links.map(|link| residual[link] / on(link));
        let growing = (0..flows.len()).filter(|index| active[*index]);
        let of_caps = growing.map(|index| (flows[index].cap - rates[index]) / speeds[index]);
        let step = of_links.chain(of_caps).fold(f64::INFINITY, f64::min).max(0.0);
        level += step;
        let loads: Vec<f64> = (0..residual.len()).map(on).collect();
        for index in 0..flows.len() {
            rates[index] += step * speeds[index];
        }
        for (link, load) in loads.iter().enumerate() {
            residual[link] -= step * load;
        }
        for index in 0..flows.len() {
            let is_full = |link: &usize| residual[*link] <= 1e-9 * capacities[*link];
            let flow = &flows[index];
            let is_capped = rates[index] >= flow.cap * (1.0 - 1e-9);
            if active[index] && (is_capped || flow.links.iter().any(is_full)) {
                active[index] = false;
                levels[index] = level;
            }
        }
    }
    rates.into_iter().zip(levels).collect()
}

/// Why these rates are not the max-min fair ones (`spec/network.md` 6.7), up to a relative tolerance.
pub(crate) fn objection(
    capacities: &[f64],
    flows: &[Flow],
    rates: &[f64],
    tolerance: f64,
) -> Option<String> {
    let load = |link: usize| -> f64 {
        flows.iter().zip(rates).filter(|(flow, _)| flow.links.contains(&link)).map(|it| it.1).sum()
    };
    for (link, capacity) in capacities.iter().enumerate() {
        if load(link) > capacity * (1.0 + 1e-8) {
            return Some(format!("link {link} carries {} of {capacity}", load(link)));
        }
    }
    for (index, flow) in flows.iter().enumerate() {
        if rates[index] > flow.cap * (1.0 + 1e-8) {
            return Some(format!("flow {index} is above its cap"));
        }
        let at_cap = rates[index] >= flow.cap * (1.0 - 1e-8);
        let normal = |other: usize| rates[other] / flows[other].weight;
        let is_reason = |link: &usize| {
            let mut others = (0..flows.len()).filter(|other| flows[*other].links.contains(link));
            load(*link) >= capacities[*link] * (1.0 - tolerance - 1e-8)
                && others.all(|other| {
                    normal(other) <= normal(index) * (1.0 + tolerance).powi(2) * (1.0 + 1e-7) + 1e-9
                })
        };
        if flow.group.is_none() && !at_cap && !flow.links.iter().any(is_reason) {
            return Some(format!("nothing limits flow {index}, which has {}", rates[index]));
        }
    }
    None
}
