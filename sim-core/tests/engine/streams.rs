//! Named streams are portable: these values were computed outside of this program, from the
//! published definitions of FNV-1a, `SplitMix64` and PCG-64-MCG (XSL-RR).

use rand::Rng;
use sim_core::Streams;

fn check(seed: u64, name: &str, expected: [u64; 3]) {
    let mut stream = Streams::new(seed).stream(name);
    assert_eq!([(); 3].map(|()| stream.next_u64()), expected, "seed {seed}, stream '{name}'");
}

#[test]
fn first_values() {
    check(1, "arrivals", [0xf59c_d1d6_5635_a1be, 0xdff4_3c78_6973_04bf, 0x950d_3f4b_141e_0216]);
    check(2, "arrivals", [0xd3c6_3848_c233_98b0, 0x6fff_c892_4584_2ebd, 0x2e1d_1fdf_7e01_56a8]);
    check(1, "links/agents", [0x864d_097d_563a_2c82, 0x200c_55ba_b2c0_426f, 0x6d47_9f15_0d2b_2b9a]);
    check(2, "links/agents", [0x7431_7d26_d045_5581, 0x5467_e5f2_e5d2_a436, 0x0f74_3ba6_0211_dfd1]);
}

#[test]
fn every_name_and_every_seed_has_a_stream_of_its_own() {
    let names = ["", "a", "b", "ab", "ba", "links/agents", "links/frameworks", "allocator"];
    let mut first: Vec<u64> = (0..8)
        .flat_map(|seed| names.map(|name| Streams::new(seed).stream(name).next_u64()))
        .collect();
    let count = first.len();
    first.sort_unstable();
    first.dedup();
    assert_eq!(first.len(), count);
}

#[test]
fn a_stream_does_not_depend_on_who_else_draws() {
    let streams = Streams::new(7);
    let alone = streams.stream("arrivals").next_u64();
    streams.stream("durations").next_u64();
    assert_eq!(streams.stream("arrivals").next_u64(), alone);
}
