//! After any changes, the rates are those of a filling from scratch.

use crate::model::{self, Flow};
use policy_api::{BandwidthSharing, DenseId, FlowDemand, FlowId, FlowPath, GroupId, LinkId};
use policy_isolation::sharing::{Fairness, MaxMin};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Change {
    Start { links: Vec<usize>, weight: u8, cap: Option<u16>, group: Option<u8> },
    End(usize),
    Capacity(usize, u16),
}

const LINKS: usize = 8;

/// Any capacities and caps.
fn change() -> impl Strategy<Value = Change> {
    change_of(0_u16..1000, 0_u16..500)
}

/// Few different ones, so that many links are full at the same level.
fn tie() -> impl Strategy<Value = Change> {
    change_of((0_u16..4).prop_map(|it| it * 60), (0_u16..4).prop_map(|it| it * 10))
}

fn change_of(
    capacity: impl Strategy<Value = u16>,
    cap: impl Strategy<Value = u16>,
) -> impl Strategy<Value = Change> {
    let links = prop::collection::vec(0..LINKS, 0..5);
    let group = prop::option::of(0_u8..4);
    prop_oneof![
        5 => (links, 1_u8..4, prop::option::weighted(0.3, cap), group)
            .prop_map(|(links, weight, cap, group)| Change::Start { links, weight, cap, group }),
        3 => (0_usize..100).prop_map(Change::End),
        1 => (0..LINKS, capacity).prop_map(|(link, capacity)| Change::Capacity(link, capacity)),
    ]
}

fn play(fairness: Fairness, capacities: &[u16], changes: &[Change]) {
    play_within(0.0, MaxMin::new(fairness), fairness, capacities, changes);
}

fn play_within(
    tolerance: f64,
    mut sharing: MaxMin,
    fairness: Fairness,
    capacities: &[u16],
    changes: &[Change],
) {
    let mut capacities: Vec<f64> = capacities.iter().map(|it| f64::from(*it)).collect();
    let links: Vec<LinkId> = capacities.iter().map(|it| sharing.add_link(*it)).collect();
    let mut flows: Vec<(FlowId, Flow)> = Vec::new();
    for step in changes {
        let before: Vec<(FlowId, f64)> =
            flows.iter().map(|(id, _)| (*id, sharing.rate(*id))).collect();
        let mut told = Vec::new();
        match step {
            Change::Start { links: on, weight, cap, group } => {
                let mut on = on.clone();
                on.sort_unstable();
                on.dedup();
                let named: Vec<LinkId> = on.iter().map(|link| links[*link]).collect();
                // Nothing is without any limit here.
                let cap = cap.map(f64::from).or(on.is_empty().then_some(50.0));
                let demand = FlowDemand {
                    path: FlowPath::new(&named).expect("few links"),
                    weight: f64::from(*weight),
                    cap,
                    group: group.map(|group| GroupId::from_index(usize::from(group))),
                };
                let id = sharing.start(&demand, &mut told);
                flows.push((id, Flow::of(&demand, on, fairness == Fairness::PerGroup)));
            }
            Change::End(number) if flows.is_empty() => _ = number,
            Change::End(number) => {
                let (id, _) = flows.remove(number % flows.len());
                sharing.end(id, &mut told);
            }
            Change::Capacity(link, capacity) => {
                capacities[*link] = f64::from(*capacity);
                sharing.set_capacity(links[*link], f64::from(*capacity), &mut told);
            }
        }
        assert!(told.is_sorted_by(|one, two| one < two), "{told:?}");
        let rates: Vec<f64> = flows.iter().map(|(id, _)| sharing.rate(*id)).collect();
        for (id, rate) in before {
            let is_there = flows.iter().any(|(other, _)| *other == id);
            let is_told = told.contains(&id);
            let is_same = sharing.rate(id).to_bits() == rate.to_bits();
            assert!(!is_there || is_told != is_same, "{id:?} was {rate}, told: {is_told}");
        }
        let shape: Vec<&Flow> = flows.iter().map(|(_, flow)| flow).collect();
        let shape: Vec<Flow> =
            shape.into_iter().map(|flow| Flow { links: flow.links.clone(), ..*flow }).collect();
        let exact = if tolerance > 0.0 { Vec::new() } else { model::fill(&capacities, &shape) };
        for (index, (expected, level)) in exact.iter().enumerate() {
            let rate = rates[index];
            assert!(
                (rate - expected).abs() <= 1e-6 * expected.max(1e-3),
                "{:?} has {rate} instead of {expected} (level {level})",
                flows[index].0
            );
        }
        assert_eq!(model::objection(&capacities, &shape, &rates, tolerance), None);
        for (link, id) in links.iter().enumerate() {
            let on = shape.iter().zip(&rates).filter(|(flow, _)| flow.links.contains(&link));
            let load: f64 = on.map(|(_, rate)| rate).sum();
            assert!((sharing.load(*id) - load).abs() <= 1e-9 * load.max(1.0));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn per_flow_is_as_from_scratch(
        capacities in prop::collection::vec(0_u16..1000, LINKS),
        changes in prop::collection::vec(change(), 1..60),
    ) {
        play(Fairness::PerFlow, &capacities, &changes);
    }

    #[test]
    fn per_flow_is_as_from_scratch_with_ties(
        capacities in prop::collection::vec((0_u16..4).prop_map(|it| it * 60), LINKS),
        changes in prop::collection::vec(tie(), 1..60),
    ) {
        play(Fairness::PerFlow, &capacities, &changes);
    }

    #[test]
    fn per_group_is_as_from_scratch(
        capacities in prop::collection::vec(0_u16..1000, LINKS),
        changes in prop::collection::vec(change(), 1..60),
    ) {
        play(Fairness::PerGroup, &capacities, &changes);
    }

    /// Nobody has more than there is, and each flow has its reason, up to what is tolerated.
    #[test]
    fn within_a_tolerance_each_flow_has_its_reason(
        capacities in prop::collection::vec(0_u16..1000, LINKS),
        changes in prop::collection::vec(prop_oneof![change(), tie()], 1..60),
        tolerance in prop_oneof![Just(0.001), Just(0.01), Just(0.3)],
    ) {
        let sharing = MaxMin::within(tolerance);
        play_within(tolerance, sharing, Fairness::PerFlow, &capacities, &changes);
    }
}
