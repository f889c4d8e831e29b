//! Chances of the random order: B01 to B03.

use super::clients::Clients;
use policy_allocators::{RandomSorter, weighted_shuffle};
use rand_pcg::Pcg64Mcg;

/// How often an item (row) came at a position (column), as the specification has it.
const WEIGHTS_ONE_TO_FIVE: [[f64; 5]; 5] = [
    [0.07, 0.08, 0.12, 0.20, 0.54],
    [0.13, 0.16, 0.20, 0.28, 0.23],
    [0.20, 0.22, 0.24, 0.22, 0.12],
    [0.27, 0.26, 0.23, 0.17, 0.07],
    [0.33, 0.28, 0.21, 0.13, 0.04],
];

/// Draws `rounds` orders of all items and compares how often each came where. The tolerance is the
/// specification's.
fn assert_frequencies<const N: usize>(
    expected: &[[f64; N]; N],
    rounds: u32,
    mut draw: impl FnMut() -> [usize; N],
) {
    let mut counts = [[0_u32; N]; N];
    for _ in 0..rounds {
        for (position, item) in draw().into_iter().enumerate() {
            counts[item][position] += 1;
        }
    }
    for (item, row) in expected.iter().enumerate() {
        for (position, &frequency) in row.iter().enumerate() {
            let found = f64::from(counts[item][position]) / f64::from(rounds);
            assert!(
                (found - frequency).abs() <= 0.05,
                "item {item} came at position {position} in {found} of all cases, not {frequency}"
            );
        }
    }
}

/// Draws an order of a sorter, as indices of the paths.
fn draw<const N: usize>(sorter: &mut Clients<RandomSorter<u32>>, paths: [&str; N]) -> [usize; N] {
    let order = sorter.order();
    assert_eq!(order.len(), N);
    std::array::from_fn(|position| {
        paths.iter().position(|path| *path == order[position]).expect("a client")
    })
}

#[test]
fn b01_weighted_shuffle_probability_distribution() {
    let mut generator = Pcg64Mcg::new(0);
    let mut order = Vec::new();
    assert_frequencies(&WEIGHTS_ONE_TO_FIVE, 1000, || {
        weighted_shuffle([1.0, 2.0, 3.0, 4.0, 5.0], &mut generator, &mut order);
        std::array::from_fn(|position| order[position].1 as usize)
    });
}

#[test]
fn b02_random_hierarchical_probability_distribution() {
    const PATHS: [&str; 4] = ["a", "a/b", "c/d", "c/e"];
    let mut sorter = Clients::new(RandomSorter::new(Pcg64Mcg::new(0)));
    for path in PATHS {
        sorter.add(path);
    }
    for (path, weight) in [("a", 1.0), ("a/b", 2.0), ("c", 2.0), ("c/d", 1.0), ("c/e", 2.0)] {
        sorter.set_weight(path, weight);
    }
    let expected = [
        [0.11, 0.15, 0.23, 0.51],
        [0.22, 0.27, 0.30, 0.21],
        [0.22, 0.27, 0.30, 0.21],
        [0.44, 0.31, 0.18, 0.07],
    ];
    assert_frequencies(&expected, 10_000, || draw(&mut sorter, PATHS));
}

#[test]
fn b03_random_probability_distribution() {
    const PATHS: [&str; 5] = ["0", "1", "2", "3", "4"];
    let mut sorter = Clients::new(RandomSorter::new(Pcg64Mcg::new(0)));
    for (path, weight) in PATHS.into_iter().zip([1.0, 2.0, 3.0, 4.0, 5.0]) {
        sorter.add(path);
        sorter.set_weight(path, weight);
    }
    assert_frequencies(&WEIGHTS_ONE_TO_FIVE, 1000, || draw(&mut sorter, PATHS));
}

/// The keys of small chances must not all round to zero: equal clients are as often in the first
/// half as in the second, wherever they were before.
#[test]
fn two_thousand_equal_clients_have_equal_chances() {
    const CLIENTS: u32 = 2000;
    const ROUNDS: u32 = 200;
    let mut generator = Pcg64Mcg::new(0);
    let mut order = Vec::new();
    let mut early = 0;
    for _ in 0..ROUNDS {
        let weights = (0..CLIENTS).map(|_| 1.0 / f64::from(CLIENTS));
        weighted_shuffle(weights, &mut generator, &mut order);
        let first_half = &order[..order.len() / 2];
        early += first_half.iter().filter(|(_, client)| *client >= CLIENTS - 100).count();
    }
    // 20,000 draws of one half: the deviation is 71.
    assert!(
        (9_700..10_300).contains(&early),
        "{early} of 20,000 draws of the last hundred clients"
    );
}
