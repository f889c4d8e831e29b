//! What dominant resource fairness promises, of the sorter that is to keep the promises
//! (Ghodsi et al., NSDI 2011, sections 3 and 6).
//!
//! The paper proves them for divisible tasks. Here a task is a step: some thousandths of each resource
//! out of a hundred thousand or more. Whoever the sorter names first takes one. Whose step does not
//! fit is blocked for good, since nothing is ever given back, and the others go on until nobody is
//! left: the discrete form of section 4, with recursion over whoever is not blocked as in section 6.
//!
//! Tolerances follow from two facts. Let a user have `tasks` steps, each of which adds `step_share`
//! to its dominant share.
//!
//! - *Level.* When a user is blocked, nobody's share is above its own by more than the other's
//!   `step_share`: at the other's last step this user was not below it.
//! - *Rest.* A user is blocked by a resource of which less than its own demand is free. That is all
//!   that others can still take of it.

use policy_allocators::DrfSorter;
use policy_api::{Cursor, Pool, Quantities, Scalar, Sorter};
use proptest::prelude::*;

/// Shares are sums of up to 10^5 exact steps, computed in one product and one division here: far
/// less than this is lost.
const ROUNDING: f64 = 1e-9;

#[derive(Clone, Debug)]
struct User {
    /// Of one task, in thousandths.
    demand: Quantities,
    weight: u32,
    /// Wants no more tasks than this.
    most: i64,
}

#[derive(Debug)]
struct Filled {
    tasks: Vec<i64>,
    /// The tasks of all when the first user was blocked.
    tasks_at_first_block: Vec<i64>,
    free: Quantities,
}

/// Gives tasks to whom the sorter names until it names nobody.
fn fill(total: &Quantities, users: &[User]) -> Filled {
    let mut pool = Pool::new(&[]);
    pool.set_total(*total);
    let mut sorter = DrfSorter::new();
    let mut slots = Vec::new();
    for (index, user) in users.iter().enumerate() {
        let path = format!("user{index}");
        sorter.set_weight(&path, f64::from(user.weight));
        let slot = sorter.add(index, &path);
        sorter.set_active(slot, true);
        slots.push(slot);
    }
    let mut filled =
        Filled { tasks: vec![0; users.len()], tasks_at_first_block: Vec::new(), free: *total };
    let mut cursor = Cursor::default();
    loop {
        sorter.refresh(&pool);
        cursor.restart();
        let Some(index) = sorter.next(&mut cursor, |_| false) else { return filled };
        let User { demand, most, .. } = &users[index];
        if filled.tasks[index] < *most && filled.free.contains(demand) {
            filled.free = filled.free.difference(demand);
            filled.tasks[index] += 1;
            sorter.allocated(slots[index], demand);
        } else {
            if filled.tasks_at_first_block.is_empty() {
                filled.tasks_at_first_block.clone_from(&filled.tasks);
            }
            sorter.set_active(slots[index], false);
        }
    }
}

/// What one task adds to the dominant share.
fn step_share(total: &Quantities, demand: &Quantities) -> f64 {
    let shares = demand.iter().map(|(scalar, amount)| amount as f64 / total[scalar] as f64);
    shares.fold(0.0, f64::max)
}

fn step_shares(total: &Quantities, users: &[User]) -> Vec<f64> {
    users.iter().map(|user| step_share(total, &user.demand)).collect()
}

/// How many tasks of one demand fit into a bundle, in fractions.
fn tasks_in(bundle: &Quantities, demand: &Quantities) -> f64 {
    let fits = demand.iter().map(|(scalar, amount)| bundle[scalar] as f64 / amount as f64);
    fits.fold(f64::INFINITY, f64::min)
}

fn times(demand: &Quantities, tasks: i64) -> Quantities {
    Quantities::from_amounts(demand.amounts().map(|amount| amount * tasks))
}

/// How many tasks of a user one demand of another is worth at most, of any resource.
fn rest(user: &User, others: &[User]) -> f64 {
    let ratios = others.iter().flat_map(|other| {
        let demand = other.demand.iter();
        demand.map(|(scalar, amount)| amount as f64 / user.demand[scalar] as f64)
    });
    ratios.fold(0.0, f64::max)
}

/// The first so many scalars.
fn over(resources: usize, amount: impl Strategy<Value = i64>) -> impl Strategy<Value = Quantities> {
    proptest::collection::vec(amount, resources).prop_map(|amounts| {
        let mut quantities = Quantities::ZERO;
        for (scalar, amount) in Scalar::ALL.into_iter().zip(amounts) {
            quantities[scalar] = amount;
        }
        quantities
    })
}

fn demand(resources: usize, least: i64) -> impl Strategy<Value = Quantities> {
    over(resources, least..=10).prop_filter("a task needs something", |demand| !demand.is_zero())
}

/// Two to five users of two to four resources who want all they can get. `least` is the least that
/// a task needs of each resource.
fn cluster(least: i64, heaviest: u32) -> impl Strategy<Value = (Quantities, Vec<User>)> {
    (2..=4_usize).prop_flat_map(move |resources| {
        let user = (demand(resources, least), 1..=heaviest).prop_map(|(demand, weight)| User {
            demand,
            weight,
            most: i64::MAX,
        });
        (over(resources, 100_000..=200_000_i64), proptest::collection::vec(user, 2..=5))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Everybody gets at least its part of the cluster by weight, as if it were alone with that.
    ///
    /// Of the resource that blocks a user all but one demand is in use, so the shares of all sum up
    /// to 1 - `step_share` at least; by *level* each is at most this user's, by weight, and a step.
    #[test]
    fn sharing_incentive((total, users) in cluster(0, 5)) {
        let filled = fill(&total, &users);
        let steps = step_shares(&total, &users);
        let weights: u32 = users.iter().map(|user| user.weight).sum();
        let all_but_steps = 1.0 - steps.iter().sum::<f64>();
        for (index, user) in users.iter().enumerate() {
            let share = filled.tasks[index] as f64 * steps[index];
            let part = f64::from(user.weight) / f64::from(weights);
            prop_assert!(
                share >= part * all_but_steps - ROUNDING,
                "user {index} has {share} of its dominant resource, not {part}: {filled:?}"
            );
        }
    }

    /// Nobody could run more tasks with what another has.
    ///
    /// By *level* and *rest*, each for the resource in question: one own task and one step of the
    /// other, in units of own tasks, may be lost to the order of steps. If the other uses less of
    /// the blocking resource for its share, its bundle has at most tasks + other step / own step of
    /// it at the time of the block, and one demand more later. If it uses more, that later demand
    /// is less than one own step of its share, and a bundle is never worth more than its share.
    #[test]
    fn envy_freeness((total, users) in cluster(0, 1)) {
        let filled = fill(&total, &users);
        let steps = step_shares(&total, &users);
        for (index, user) in users.iter().enumerate() {
            for (other, envied) in users.iter().enumerate() {
                let bundle = times(&envied.demand, filled.tasks[other]);
                let tolerance = 1.0 + steps[other] / steps[index];
                let own = filled.tasks[index] as f64;
                prop_assert!(
                    tasks_in(&bundle, &user.demand) <= own + tolerance + ROUNDING,
                    "user {index} envies user {other}: {filled:?}"
                );
            }
        }
    }

    /// Nobody can get more unless another gets less: each wants something of which there is not
    /// enough left for one task, and nothing was given out that nobody holds. Exact.
    #[test]
    fn pareto_efficiency((total, users) in cluster(0, 5)) {
        let filled = fill(&total, &users);
        for (index, user) in users.iter().enumerate() {
            let blocked = user.demand.iter().any(|(scalar, amount)| filled.free[scalar] < amount);
            prop_assert!(blocked, "user {index} could have more: {filled:?}");
        }
        let mut held = Quantities::ZERO;
        for (user, &tasks) in users.iter().zip(&filled.tasks) {
            held += times(&user.demand, tasks);
        }
        prop_assert_eq!(held + filled.free, total);
    }

    /// Who claims to need something else can run no more of its real tasks. All need something of
    /// every resource, as in the paper's proof.
    ///
    /// Suppose the liar has A more real tasks when the first of the others is blocked. With
    /// A = max(1, (largest step of another + false step) / real step) all others have by *level* at
    /// least what they had when the honest user was blocked, and the liar has one demand more of
    /// what blocked it: more than there is. After that time it gets by *rest* less than one demand
    /// of another of some resource.
    #[test]
    fn strategy_proofness(
        ((total, users), claim) in cluster(1, 1)
            .prop_flat_map(|(total, users)| {
                let resources = total.iter().count();
                (Just((total, users)), demand(resources, 1))
            }),
    ) {
        let honest = fill(&total, &users);
        let mut claimed = users.clone();
        claimed[0].demand = claim;
        let lied = fill(&total, &claimed);

        let (real, others) = users.split_first().expect("two users or more");
        let useful = tasks_in(&times(&claim, lied.tasks[0]), &real.demand);
        let largest_step = step_shares(&total, others).into_iter().fold(0.0, f64::max);
        let steps = (largest_step + step_share(&total, &claim)) / step_share(&total, &real.demand);
        let tolerance = steps.max(1.0) + rest(real, others);
        prop_assert!(
            useful <= honest.tasks[0] as f64 + tolerance + ROUNDING,
            "{useful} tasks instead of {} for claiming {claim}: {honest:?} {lied:?}",
            honest.tasks[0],
        );
    }

    /// Nobody gets less because another leaves. All need something of every resource.
    ///
    /// Until the first block with everybody there, users are by *level* within a step of each other,
    /// and after it get less than one demand of another. If a user had by one task and the largest
    /// step more there than it ends with alone, nobody would have less there, and more would be in
    /// use of what blocks it than there is.
    #[test]
    fn population_monotonicity((total, users) in cluster(1, 1)) {
        let (_, staying) = users.split_last().expect("two users or more");
        let (before, after) = (fill(&total, &users), fill(&total, staying));
        let steps = step_shares(&total, &users);
        let largest_step = steps.iter().copied().fold(0.0, f64::max);
        for (index, user) in staying.iter().enumerate() {
            let tolerance = 1.0 + rest(user, &users) + largest_step / steps[index];
            let (had, has) = (before.tasks[index] as f64, after.tasks[index] as f64);
            prop_assert!(
                has >= had - tolerance - ROUNDING,
                "user {index} has {has} instead of {had}: {before:?} {after:?}"
            );
        }
    }

    /// Until the first user is blocked, shares are in the ratio of weights, to a step.
    #[test]
    fn shares_grow_in_the_ratio_of_weights((total, users) in cluster(0, 5)) {
        let filled = fill(&total, &users);
        let steps = step_shares(&total, &users);
        let levels: Vec<(f64, f64)> = users
            .iter()
            .zip(&filled.tasks_at_first_block)
            .zip(&steps)
            .map(|((user, &tasks), step)| {
                let weight = f64::from(user.weight);
                (tasks as f64 * step / weight, step / weight)
            })
            .collect();
        for &(level, step) in &levels {
            for &(other, _) in &levels {
                prop_assert!(level <= other + step + ROUNDING, "{levels:?}: {filled:?}");
            }
        }
    }

    /// Of a single resource each gets all that it wants, up to one level that is the same for all:
    /// max-min fairness.
    ///
    /// Let d be the largest demand. Whoever is blocked has at most 2 d less than anybody else, by
    /// *level* and *rest*, and at most d is left at the end; so the true level is at most 3 d above
    /// the least that a blocked user has, which is not above the true level.
    #[test]
    fn single_resource_fairness(
        total in 100_000..=200_000_i64,
        users in proptest::collection::vec((1..=10_i64, 0..=40_000_i64), 2..=8),
    ) {
        let users: Vec<User> = users
            .into_iter()
            .map(|(amount, most)| User {
                demand: Quantities::of(Scalar::Cpus, amount),
                weight: 1,
                most,
            })
            .collect();
        let wanted: Vec<i64> =
            users.iter().map(|user| user.demand[Scalar::Cpus] * user.most).collect();
        let filled = fill(&Quantities::of(Scalar::Cpus, total), &users);
        let largest = users.iter().map(|user| user.demand[Scalar::Cpus]).max().expect("users");
        for (index, fair) in max_min(total, &wanted).into_iter().enumerate() {
            let got = filled.tasks[index] * users[index].demand[Scalar::Cpus];
            prop_assert!(
                (got as f64 - fair).abs() <= 3.0 * largest as f64,
                "user {index} has {got}, not {fair}: {filled:?}"
            );
        }
    }

    /// Where all need most of the same resource, it is divided evenly.
    ///
    /// The resources are as large as each other, so that one blocks everybody. By *level* and *rest*
    /// two users differ by one step of each.
    #[test]
    fn bottleneck_fairness(
        (total, users) in (2..=4_usize, 100_000..=200_000_i64).prop_flat_map(|(resources, size)| {
            let user = (demand(resources, 0), 5..=10_i64).prop_map(|(demand, most_needed)| User {
                demand: demand.min(&Quantities::from_amounts([4; 4])).with(Scalar::Cpus, most_needed),
                weight: 1,
                most: i64::MAX,
            });
            (over(resources, Just(size)), proptest::collection::vec(user, 2..=5))
        }),
    ) {
        let filled = fill(&total, &users);
        let steps = step_shares(&total, &users);
        let shares: Vec<f64> =
            filled.tasks.iter().zip(&steps).map(|(&tasks, step)| tasks as f64 * step).collect();
        for (share, step) in shares.iter().zip(&steps) {
            for (other, other_step) in shares.iter().zip(&steps) {
                prop_assert!(share <= &(other + step + other_step + ROUNDING), "{shares:?}");
            }
        }
        prop_assert!(filled.free[Scalar::Cpus] < 10, "{filled:?}");
    }
}

/// What each gets when the same level is filled for all: by the definition, in order of wants.
fn max_min(total: i64, wanted: &[i64]) -> Vec<f64> {
    let mut by_want: Vec<usize> = (0..wanted.len()).collect();
    by_want.sort_by_key(|&user| wanted[user]);
    let (mut left, mut fair) = (total as f64, vec![0.0; wanted.len()]);
    for (served, user) in by_want.into_iter().enumerate() {
        fair[user] = (wanted[user] as f64).min(left / (wanted.len() - served) as f64);
        left -= fair[user];
    }
    fair
}

/// The divisions that the paper prints, or that follow from its examples: Theorems 1 to 6 and the
/// example of section 4.1. A step is a thousandth of a task, and twenty may be lost to rounding.
#[test]
fn published_divisions() {
    let check = |total: [i64; 2], demands: &[[i64; 2]], published: &[f64]| {
        let quantities =
            |[cpus, mem]: [i64; 2]| Quantities::of(Scalar::Cpus, cpus).with(Scalar::Mem, mem);
        let users: Vec<User> = demands
            .iter()
            .map(|&demand| User { demand: quantities(demand), weight: 1, most: i64::MAX })
            .collect();
        let filled = fill(&times(&quantities(total), 1000), &users);
        for (&tasks, published) in filled.tasks.iter().zip(published) {
            let tasks = tasks as f64 / 1000.0;
            assert!((tasks - published).abs() < 0.02, "{total:?} {demands:?}: {filled:?}");
        }
    };
    check([9, 18], &[[1, 4], [3, 1]], &[3.0, 2.0]);
    check([30, 30], &[[1, 3], [1, 1]], &[5.0, 15.0]);
    check([21, 21], &[[3, 2], [4, 1]], &[3.5, 2.625]);
    check([77, 77], &[[4, 2], [1, 1]], &[9.625, 38.5]);
    check([77, 154], &[[4, 2], [1, 1]], &[9.625, 38.5]);
    check([100, 100], &[[16, 1], [1, 2]], &[4.17, 33.33]);
    check([100, 100], &[[16, 8], [1, 2]], &[4.17, 33.33]);
    check([100, 100], &[[4, 1], [1, 16], [16, 1]], &[12.12, 3.03, 3.03]);
    check([100, 100], &[[4, 1], [1, 16]], &[20.0, 5.0]);
}
