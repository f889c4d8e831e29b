//! Examples with known outcomes.

use policy_api::{
    BandwidthSharing, DenseId, FlowDemand, FlowId, FlowPath, GroupId, LinkId, UNLIMITED_RATE,
};
use policy_isolation::sharing::{Fairness, MaxMin, Unshared};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::collections::VecDeque;

fn path(links: &[LinkId]) -> FlowPath {
    FlowPath::new(links).expect("a short path")
}

fn start(sharing: &mut impl BandwidthSharing, links: &[LinkId]) -> FlowId {
    sharing.start(&FlowDemand::over(path(links)), &mut Vec::new())
}

#[track_caller]
fn assert_rate(sharing: &impl BandwidthSharing, flow: FlowId, expected: f64) {
    let rate = sharing.rate(flow);
    assert!((rate - expected).abs() <= 1e-8 * expected, "{rate} instead of {expected}");
}

/// Bertsekas and Gallager, *Data Networks*, second edition, section 6.5.2: links of capacity one. Step
/// one fixes three sessions at a third, step two another one at two thirds, step three the last at one.
#[test]
fn data_networks_three_steps() {
    let mut sharing = MaxMin::new(Fairness::PerFlow);
    let [a, b, c] = [1.0; 3].map(|capacity| sharing.add_link(capacity));
    let second = start(&mut sharing, &[a, b]);
    let third = start(&mut sharing, &[a]);
    let fifth = start(&mut sharing, &[a]);
    let first = start(&mut sharing, &[b]);
    let fourth = start(&mut sharing, &[c]);
    for flow in [second, third, fifth] {
        assert_rate(&sharing, flow, 1.0 / 3.0);
        assert_eq!(sharing.bottleneck(flow), Some(a));
    }
    assert_rate(&sharing, first, 2.0 / 3.0);
    assert_rate(&sharing, fourth, 1.0);
}

/// The same section's line of links: one long session, and a short one at each link.
#[test]
fn a_line_of_links_gives_everybody_half() {
    let mut sharing = MaxMin::new(Fairness::PerFlow);
    let links = [1.0; 6].map(|capacity| sharing.add_link(capacity));
    let long = start(&mut sharing, &links);
    assert_rate(&sharing, long, 1.0);
    let short = links.map(|link| start(&mut sharing, &[link]));
    for flow in short.into_iter().chain([long]) {
        assert_rate(&sharing, flow, 0.5);
    }
    let mut changed = Vec::new();
    sharing.end(short[0], &mut changed);
    assert_eq!(changed, [], "the other five links still hold the long one");
    sharing.end(long, &mut changed);
    assert_eq!(changed, short[1..]);
    assert_rate(&sharing, short[3], 1.0);
}

#[test]
fn weights_and_caps() {
    let mut sharing = MaxMin::new(Fairness::PerFlow);
    let link = sharing.add_link(100.0);
    let mut changed = Vec::new();
    let demand = FlowDemand::over(path(&[link]));
    let light = sharing.start(&demand, &mut changed);
    let heavy = sharing.start(&FlowDemand { weight: 3.0, ..demand }, &mut changed);
    assert_rate(&sharing, light, 25.0);
    assert_rate(&sharing, heavy, 75.0);
    let capped = sharing.start(&FlowDemand { cap: Some(20.0), ..demand }, &mut changed);
    assert_rate(&sharing, capped, 20.0);
    assert_rate(&sharing, light, 20.0);
    assert_rate(&sharing, heavy, 60.0);
    changed.clear();
    sharing.set_capacity(link, 50.0, &mut changed);
    assert_eq!(changed, [light, heavy, capped]);
    assert_rate(&sharing, capped, 10.0);
    assert_rate(&sharing, heavy, 30.0);
    changed.clear();
    sharing.set_capacity(link, 180.0, &mut changed);
    assert_rate(&sharing, light, 40.0);
    assert_rate(&sharing, heavy, 120.0);
    assert!((sharing.load(link) - 180.0).abs() < 1e-9);
}

/// 6.7, number 6: two containers with one and with nine connections.
#[test]
fn containers_or_connections_are_alike() {
    for (fairness, one, nine) in
        [(Fairness::PerFlow, 10.0, 10.0), (Fairness::PerGroup, 50.0, 50.0 / 9.0)]
    {
        let mut sharing = MaxMin::new(fairness);
        let card = sharing.add_link(100.0);
        let demand = FlowDemand::over(path(&[card]));
        let mut of = |group: usize| {
            let group = Some(GroupId::from_index(group));
            sharing.start(&FlowDemand { group, ..demand }, &mut Vec::new())
        };
        let single = of(0);
        let many: Vec<FlowId> = (0..9).map(|_| of(1)).collect();
        assert_rate(&sharing, single, one);
        for flow in many {
            assert_rate(&sharing, flow, nine);
        }
    }
}

/// What one connection of a container cannot use goes to its others, then to other containers.
#[test]
fn a_container_uses_its_share_where_it_can() {
    let mut sharing = MaxMin::new(Fairness::PerGroup);
    let card = sharing.add_link(100.0);
    let mut start = |group: usize, cap: Option<f64>| {
        let group = Some(GroupId::from_index(group));
        let demand = FlowDemand { cap, group, ..FlowDemand::over(path(&[card])) };
        sharing.start(&demand, &mut Vec::new())
    };
    let (slow, fast) = (start(0, Some(5.0)), start(0, None));
    let (other, also) = (start(1, Some(10.0)), start(1, Some(20.0)));
    assert_rate(&sharing, slow, 5.0);
    assert_rate(&sharing, fast, 65.0);
    assert_rate(&sharing, other, 10.0);
    assert_rate(&sharing, also, 20.0);
    sharing.end(fast, &mut Vec::new());
    sharing.end(slow, &mut Vec::new());
    assert_rate(&sharing, also, 20.0);
}

#[test]
fn unshared_is_the_narrowest_link() {
    let mut sharing = Unshared::new();
    let (wide, narrow) = (sharing.add_link(100.0), sharing.add_link(10.0));
    let flows = [0; 3].map(|_| start(&mut sharing, &[wide, narrow]));
    for flow in flows {
        assert_rate(&sharing, flow, 10.0);
    }
    assert!(sharing.load(narrow) > 29.0, "nobody minds");
    let mut changed = Vec::new();
    sharing.set_capacity(narrow, 200.0, &mut changed);
    assert_eq!(changed, flows);
    assert_rate(&sharing, flows[0], 100.0);
}

/// A shuffle of 2,000 flows on 100 agents: the rates that are off by a hundredth at each link are off by
/// as much on the whole, and by a few hundredths where it is most.
#[test]
fn a_tolerance_does_not_add_up() {
    const TOLERANCE: f64 = 0.01;
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let (mut exact, mut close) = (MaxMin::new(Fairness::PerFlow), MaxMin::within(TOLERANCE));
    let [up, down]: [Vec<LinkId>; 2] = [0, 1].map(|_| {
        let both = |_| (exact.add_link(1e9), close.add_link(1e9));
        (0..100).map(both).map(|(link, same)| (link == same).then_some(link).unwrap()).collect()
    });
    let mut flows = VecDeque::new();
    let mut told = Vec::new();
    for step in 0..12_000 {
        let ends = [&up, &down].map(|links| links[random.random_range(0..links.len())]);
        let demand = FlowDemand::over(path(&ends));
        flows.push_back((exact.start(&demand, &mut told), close.start(&demand, &mut told)));
        if step >= 2_000 {
            let (one, same) = flows.pop_front().expect("2,000 flows");
            exact.end(one, &mut told);
            close.end(same, &mut told);
        }
        told.clear();
    }
    let errors = flows.iter().map(|(one, same)| (close.rate(*same) / exact.rate(*one) - 1.0).abs());
    let mean = errors.clone().sum::<f64>() / flows.len() as f64;
    let most = errors.fold(0.0, f64::max);
    assert!(mean < TOLERANCE, "{mean}");
    assert!(most < 5.0 * TOLERANCE, "{most}");
}

/// What is not there, is there no more, or makes no sense.
#[test]
fn nonsense_changes_nothing() {
    let mut sharing = MaxMin::new(Fairness::PerGroup);
    let link = sharing.add_link(f64::NAN);
    let unknown = LinkId::from_index(9);
    let mut changed = Vec::new();
    let flow = sharing.start(&FlowDemand::over(path(&[link, unknown])), &mut changed);
    assert_eq!(sharing.rate(flow).to_bits(), 0.0_f64.to_bits());
    sharing.set_capacity(unknown, 1.0, &mut changed);
    sharing.end(FlowId::from_index(7), &mut changed);
    sharing.set_capacity(link, f64::INFINITY, &mut changed);
    assert_rate(&sharing, flow, UNLIMITED_RATE);
    sharing.end(flow, &mut changed);
    sharing.end(flow, &mut changed);
    assert_eq!(sharing.flows_on(link), 0);
    let nowhere = sharing.start(&FlowDemand::over(FlowPath::EMPTY), &mut changed);
    assert_rate(&sharing, nowhere, UNLIMITED_RATE);
    let odd = FlowDemand { weight: f64::NAN, cap: Some(-1.0), ..FlowDemand::over(path(&[link])) };
    let odd = sharing.start(&odd, &mut changed);
    assert_eq!(sharing.rate(odd).to_bits(), 0.0_f64.to_bits());
    assert_eq!(FlowPath::new(&[link, link]), None);
    assert_eq!(FlowPath::new(&[0, 1, 2, 3, 4, 5, 6, 7, 8].map(LinkId::from_index)), None);
}
