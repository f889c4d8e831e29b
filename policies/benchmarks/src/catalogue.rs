//! All benchmarks, by name.

use crate::cycles::{all_refused, cycles};
use crate::offers::Sharedness;
use crate::sorters::{Kind, full_sort, tree_sort};
use crate::trial::{Measurement, Mismatch, Trial};
use crate::{agents, conversions, offers, quota, resources, tasks};
use policy_allocators::SorterKind;
use policy_api::Time;
use rand_pcg::Pcg64Mcg;

/// A benchmark with the sizes that Mesos gives it.
pub struct Benchmark {
    /// Mesos's name, with what it is run with after a slash.
    pub name: &'static str,
    pub about: &'static str,
    pub agents: Axis,
    pub frameworks: Axis,
    /// The sizes of the short selection, agents by frameworks.
    pub short: &'static [(usize, usize)],
    run: fn(&mut Trial<'_>, Size) -> Result<(), Mismatch>,
}

/// The numbers of agents, or of frameworks, that a benchmark can be run with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Mesos's numbers; any other will do.
    Any(&'static [usize]),
    /// Mesos's numbers; others must be multiples.
    MultiplesOf(usize, &'static [usize]),
    /// These and no others.
    Only(&'static [usize]),
    /// As many agents as frameworks.
    AsManyAsFrameworks,
    /// There are none.
    None,
}

/// How large a cluster is; zero where a benchmark knows no agents or frameworks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    pub agents: usize,
    /// Clients, where a sorter is measured alone.
    pub frameworks: usize,
}

/// A benchmark cannot be run with a number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    #[error("{benchmark} has no {what}")]
    Absent { benchmark: &'static str, what: &'static str },
    #[error("{benchmark} has as many agents as frameworks: give it frameworks only")]
    Tied { benchmark: &'static str },
    #[error("{benchmark} cannot have {found} {what}: expected {expected}")]
    Impossible { benchmark: &'static str, what: &'static str, found: usize, expected: String },
    #[error("there would be {found} {what}: expected at most {MOST}")]
    TooMany { what: &'static str, found: usize },
    #[error("there would be {found} pairs of agent and framework: expected at most {MOST_PAIRS}")]
    TooManyPairs { found: usize },
}

/// More of anything is a typing error.
const MOST: usize = 1_000_000;
/// A bit for each pair fits into the memory of most machines.
const MOST_PAIRS: usize = 10_000_000_000;

impl Benchmark {
    /// The cells of the grid: Mesos's own, or those of the given numbers. `None` for Mesos's.
    pub fn sizes(
        &self,
        agents: Option<&[usize]>,
        frameworks: Option<&[usize]>,
    ) -> Result<Vec<Size>, SizeError> {
        let frameworks = self.axis(self.frameworks, "frameworks", frameworks)?;
        let cells: Vec<Size> = if self.agents == Axis::AsManyAsFrameworks {
            if agents.is_some() {
                return Err(SizeError::Tied { benchmark: self.name });
            }
            frameworks.into_iter().map(|count| Size { agents: count, frameworks: count }).collect()
        } else {
            let agents = self.axis(self.agents, "agents", agents)?;
            let cells = agents.iter().flat_map(|&agents| {
                frameworks.iter().map(move |&frameworks| Size { agents, frameworks })
            });
            cells.collect()
        };
        let pairs = cells.iter().map(|size| size.agents.saturating_mul(size.frameworks)).max();
        match pairs {
            Some(found) if found > MOST_PAIRS => Err(SizeError::TooManyPairs { found }),
            Some(_) | None => Ok(cells),
        }
    }

    fn axis(
        &self,
        axis: Axis,
        what: &'static str,
        given: Option<&[usize]>,
    ) -> Result<Vec<usize>, SizeError> {
        let benchmark = self.name;
        let Some(given) = given else { return Ok(axis.usual().to_vec()) };
        if axis == Axis::None {
            return Err(SizeError::Absent { benchmark, what });
        }
        for &found in given {
            if found > MOST {
                return Err(SizeError::TooMany { what, found });
            }
            if let Err(expected) = axis.check(found) {
                return Err(SizeError::Impossible { benchmark, what, found, expected });
            }
        }
        Ok(given.to_vec())
    }

    /// Runs it once. `clock` tells the processor time used so far; `rounds` is how often the part
    /// that Mesos's benchmark repeats is repeated, at least once.
    ///
    /// Fails where something happens that does not happen in Mesos.
    pub fn run(
        &self,
        size: Size,
        rounds: usize,
        clock: &mut dyn FnMut() -> Time,
    ) -> Result<Vec<Measurement>, Mismatch> {
        let mut trial = Trial::new(clock, size, rounds);
        (self.run)(&mut trial, size)?;
        Ok(trial.finish())
    }
}

impl Axis {
    /// Mesos's numbers. Zero where there are none, or where they are those of the other axis.
    pub const fn usual(self) -> &'static [usize] {
        match self {
            Self::Any(usual) | Self::MultiplesOf(_, usual) | Self::Only(usual) => usual,
            Self::AsManyAsFrameworks | Self::None => &[0],
        }
    }

    /// Says what is expected where a number is not possible.
    fn check(self, count: usize) -> Result<(), String> {
        match self {
            _ if count == 0 => Err("at least 1".to_owned()),
            Self::MultiplesOf(factor, _) if !count.is_multiple_of(factor) => {
                Err(format!("a multiple of {factor}"))
            }
            Self::Only(usual) if !usual.contains(&count) => {
                let names: Vec<String> = usual.iter().map(usize::to_string).collect();
                Err(names.join(" or "))
            }
            Self::Any(_)
            | Self::MultiplesOf(..)
            | Self::Only(_)
            | Self::AsManyAsFrameworks
            | Self::None => Ok(()),
        }
    }
}

/// Agents and frameworks of most benchmarks (`spec/allocator-benchmarks.md` 2.1).
const AGENTS: Axis = Axis::Any(&[1_000, 5_000, 10_000, 20_000, 30_000, 50_000]);
const FRAMEWORKS: Axis = Axis::Any(&[1, 50, 100, 200, 500, 1_000, 3_000, 6_000]);
/// Clients of sorters (section 3).
const CLIENTS: Axis = Axis::Any(&[1, 50, 100, 200, 500, 1_000]);
const TREE_CLIENTS: Axis = Axis::Only(&[1_056, 1_092, 1_022]);
/// Roles of the benchmarks of quota (section 1).
const QUOTA_ROLES: Axis = Axis::MultiplesOf(6, &[30, 300, 3_000]);
const PAIRS: Axis = Axis::MultiplesOf(2, &[20, 200, 2_000]);

fn drf() -> SorterKind {
    SorterKind::Drf
}

fn random() -> SorterKind {
    SorterKind::Random(Pcg64Mcg::new(3))
}

const fn of_grid(
    name: &'static str,
    about: &'static str,
    short: &'static [(usize, usize)],
    run: fn(&mut Trial<'_>, Size) -> Result<(), Mismatch>,
) -> Benchmark {
    Benchmark { name, about, agents: AGENTS, frameworks: FRAMEWORKS, short, run }
}

const fn of_quota(
    name: &'static str,
    about: &'static str,
    frameworks: Axis,
    short: &'static [(usize, usize)],
    run: fn(&mut Trial<'_>, Size) -> Result<(), Mismatch>,
) -> Benchmark {
    Benchmark { name, about, agents: Axis::AsManyAsFrameworks, frameworks, short, run }
}

const fn of_sorter(
    name: &'static str,
    about: &'static str,
    frameworks: Axis,
    short: &'static [(usize, usize)],
    run: fn(&mut Trial<'_>, Size) -> Result<(), Mismatch>,
) -> Benchmark {
    Benchmark { name, about, agents: AGENTS, frameworks, short, run }
}

const fn of_resources(
    name: &'static str,
    about: &'static str,
    run: fn(&mut Trial<'_>, Size) -> Result<(), Mismatch>,
) -> Benchmark {
    Benchmark { name, about, agents: Axis::None, frameworks: Axis::None, short: &[], run }
}

/// Ours first, then those of the allocator, of sorters, of resources.
pub const BENCHMARKS: &[Benchmark] = &[
    of_grid(
        "Cycles/plain",
        "whole cycles, nothing in use, one role",
        &[(10_000, 1_000), (50_000, 200), (50_000, 1_000), (50_000, 6_000)],
        |trial, size| cycles(trial, size, false, false),
    ),
    of_grid(
        "Cycles/ports",
        "whole cycles, agents with ports and partly in use, one role",
        &[(10_000, 1_000)],
        |trial, size| cycles(trial, size, false, true),
    ),
    of_grid(
        "Cycles/roles",
        "whole cycles, nothing in use, a role for each framework",
        &[(10_000, 2_000)],
        |trial, size| cycles(trial, size, true, false),
    ),
    of_grid(
        "Cycles/roles-ports",
        "whole cycles, agents with ports and partly in use, a role for each framework",
        &[],
        |trial, size| cycles(trial, size, true, true),
    ),
    Benchmark {
        name: "AllRefused",
        about: "cycles after every framework has refused every agent",
        agents: AGENTS,
        frameworks: Axis::Any(&[1, 20, 50, 100, 200]),
        short: &[(50_000, 20)],
        run: all_refused,
    },
    Benchmark {
        name: "MultiFrameworkAllocations",
        about: "Marathon, Jenkins and Spark launch tasks on 80 agents",
        agents: Axis::Only(&[80]),
        frameworks: Axis::Only(&[554]),
        short: &[(80, 554)],
        run: tasks::multi_framework,
    },
    of_quota(
        "LargeAndSmallQuota/drf",
        "quota of half an agent and of two agents",
        QUOTA_ROLES,
        &[(3_000, 3_000)],
        |trial, size| quota::large_and_small(trial, size, drf),
    ),
    of_quota(
        "LargeAndSmallQuota/random",
        "quota of half an agent and of two agents, random sorter",
        QUOTA_ROLES,
        &[],
        |trial, size| quota::large_and_small(trial, size, random),
    ),
    of_quota(
        "NonQuotaVsQuota/drf",
        "two agents and two frameworks for each role, without quota",
        PAIRS,
        &[(2_000, 2_000)],
        |trial, size| quota::non_quota_vs_quota(trial, size, drf, false),
    ),
    of_quota(
        "NonQuotaVsQuota/drf-quota",
        "two agents and two frameworks for each role, which are guaranteed",
        PAIRS,
        &[(2_000, 2_000)],
        |trial, size| quota::non_quota_vs_quota(trial, size, drf, true),
    ),
    of_quota(
        "NonQuotaVsQuota/random",
        "two agents and two frameworks for each role, random sorter",
        PAIRS,
        &[],
        |trial, size| quota::non_quota_vs_quota(trial, size, random, false),
    ),
    of_quota(
        "NonQuotaVsQuota/random-quota",
        "two agents and two frameworks for each role, guaranteed, random sorter",
        PAIRS,
        &[],
        |trial, size| quota::non_quota_vs_quota(trial, size, random, true),
    ),
    of_grid(
        "AddAndUpdateSlave",
        "agents join, then get revocable resources",
        &[],
        agents::add_and_update_agents,
    ),
    of_grid(
        "DeclineOffers",
        "every offer is declined for a year",
        &[(10_000, 1_000)],
        offers::decline_offers,
    ),
    of_grid(
        "ResourceLabels",
        "every offer is declined; reservations with many labels are in use",
        &[(10_000, 1_000)],
        offers::resource_labels,
    ),
    of_grid(
        "SuppressOffers",
        "a part of the frameworks is suppressed in each round",
        &[],
        offers::suppress_offers,
    ),
    of_grid(
        "ExtremeSuppressOffers",
        "99 % of the frameworks are suppressed",
        &[],
        offers::extreme_suppress_offers,
    ),
    of_grid(
        "Metrics",
        "all metrics are read, a quota for each role",
        &[(10_000, 1_000)],
        agents::metrics,
    ),
    of_grid("AllocatorBacklog", "many triggers at once run one allocation", &[], agents::backlog),
    of_grid(
        "PersistentVolumes/regular",
        "everything reserved, a volume on each agent",
        &[],
        |trial, size| offers::persistent_volumes(trial, size, Sharedness::Regular),
    ),
    of_grid(
        "PersistentVolumes/shared",
        "everything reserved, a shared volume on each agent",
        &[],
        |trial, size| offers::persistent_volumes(trial, size, Sharedness::Shared),
    ),
    of_grid(
        "PersistentVolumes/mixed",
        "everything reserved, a volume on each agent, every other one shared",
        &[(10_000, 1_000)],
        |trial, size| offers::persistent_volumes(trial, size, Sharedness::Mixed),
    ),
    Benchmark {
        name: "UpdateAllocation",
        about: "operations on an agent with four reserved objects for each framework",
        agents: Axis::Only(&[1]),
        frameworks: Axis::Any(&[50, 100, 200]),
        short: &[(1, 200)],
        run: conversions::update_allocation,
    },
    of_sorter(
        "FullSort/drf",
        "clients of one level",
        CLIENTS,
        &[(50_000, 1_000)],
        |trial, size| full_sort(trial, size, Kind::Drf),
    ),
    of_sorter("FullSort/random", "clients of one level", CLIENTS, &[], |trial, size| {
        full_sort(trial, size, Kind::Random)
    }),
    of_sorter("HierarchyFullSort/drf", "clients in a tree", TREE_CLIENTS, &[], |trial, size| {
        tree_sort(trial, size, Kind::Drf)
    }),
    of_sorter("HierarchyFullSort/random", "clients in a tree", TREE_CLIENTS, &[], |trial, size| {
        tree_sort(trial, size, Kind::Random)
    }),
    of_resources("Arithmetic", "resources are added and subtracted", |trial, _| {
        resources::arithmetic(trial)
    }),
    of_resources("Filters", "parts of resources are taken", |trial, _| resources::filters(trial)),
    of_resources("Contains", "resources are compared", |trial, _| resources::contains(trial)),
    of_resources("Parse", "resources are read from text", |trial, _| resources::parse_text(trial)),
    of_resources(
        "ArithmeticOverlapping",
        "ranges that overlap are added and subtracted",
        |trial, _| resources::overlapping(trial),
    ),
];
